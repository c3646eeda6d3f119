"""The files that are generated for observability outside of the local stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml

from dashboards.catalogue import models
from deploy.observability import compose, grafana
from slo.writer import json_file, yaml_file

if TYPE_CHECKING:
    from slo.writer import GeneratedFile

FOLDER: Final = "deploy/generated"
COMPOSE: Final = "deploy/compose.yaml"


def generated_files() -> tuple[GeneratedFile, ...]:
    """All of them."""
    prometheus, alertmanager, traces = (
        f"http://127.0.0.1:{port}" for port in (compose.PROMETHEUS_PORT, compose.ALERTMANAGER_PORT, compose.TEMPO_PORT)
    )
    return (
        yaml_file(COMPOSE, compose.compose()),
        yaml_file(f"{FOLDER}/grafana/datasources.yaml", grafana.datasources(prometheus, alertmanager, traces)),
        yaml_file(f"{FOLDER}/grafana/dashboards.yaml", grafana.providers()),
        yaml_file(f"{FOLDER}/prometheus.yaml", yaml.safe_load(compose.prometheus_text())),
        yaml_file(f"{FOLDER}/alertmanager.yaml", compose.alertmanager()),
        yaml_file(f"{FOLDER}/collector.yaml", compose.collector()),
        yaml_file(f"{FOLDER}/traces.yaml", compose.traces()),
        json_file(f"{FOLDER}/kubernetes/grafana-dashboards.json", grafana.config_maps(models())),
    )
