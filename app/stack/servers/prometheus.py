"""Prometheus' configuration: what is scraped, how often, which rules are evaluated, where alerts go.

Pure functions; nothing here starts or asks a server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from slo.prometheus import PACE
from slo.promql import duration


@dataclass(frozen=True, slots=True)
class Scrape:
    """One thing to scrape.

    Attributes:
        job: the scrape job: the service's name.
        instance: the replica's name, which stays when its port changes.
        port: port on loopback.
        path: where the metrics are.
    """

    job: str
    instance: str
    port: int
    path: str = "/metrics"


def text(scrapes: Sequence[Scrape], *, rule_files: str, alertmanager_port: int | None) -> str:
    """The configuration file.

    Args:
        scrapes: everything that is scraped.
        rule_files: a glob of rule files.
        alertmanager_port: Alertmanager's port on loopback, None when there is none.
    """
    jobs: dict[tuple[str, str], list[Scrape]] = {}
    for scrape in scrapes:
        jobs.setdefault((scrape.job, scrape.path), []).append(scrape)
    config: dict[str, Any] = {
        "global": {
            "scrape_interval": duration(PACE.scrape_interval_s),
            "evaluation_interval": duration(PACE.evaluation_interval_s),
        },
        "rule_files": [rule_files],
        "scrape_configs": [
            {
                "job_name": job,
                "metrics_path": path,
                "scrape_timeout": duration(PACE.scrape_interval_s - 1),
                "static_configs": [
                    {"targets": [f"127.0.0.1:{member.port}"], "labels": {"instance": member.instance}}
                    for member in members
                ],
            }
            for (job, path), members in jobs.items()
        ],
    }
    if alertmanager_port is not None:
        config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager_port}"]}]}]}
    return "# Generated at every start; changes made here are lost.\n" + yaml.safe_dump(config, sort_keys=False)


def arguments(*, config: str, data: str, port: int) -> tuple[str, ...]:
    """Prometheus' command line after its own name.

    Args:
        config: absolute path of the configuration file.
        data: absolute path of the database's folder.
        port: port on loopback.
    """
    return (
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        f"--storage.tsdb.retention.time={duration(PACE.retention_s)}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
        "--log.format=json",
    )
