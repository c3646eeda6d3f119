"""What is marked on the time axis of every dashboard: alerts that fire, and versions that were rolled out."""

from __future__ import annotations

from typing import Any, Final

from app.telemetry.catalogue import BUILD_INFO
from dashboards import theme
from slo import promql
from slo.prometheus import ALERTS
from slo.promql import one_of, select
from slo.series import SEVERITY

_BEFORE_S: Final = 300.0  # a version that ran at some time of these five minutes is no new one: restarts are not marked
_AGO_S: Final = 60.0  # so long is a mark, and so far apart are the moments at which Grafana asks for them


def marks() -> list[dict[str, Any]]:
    """Grafana's own, and ours."""
    return [_built_in(), _alerts(), _deployments()]


def _built_in() -> dict[str, Any]:
    return {
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    }


def _alerts() -> dict[str, Any]:
    return {
        "datasource": theme.DATASOURCE,
        "enable": True,
        "expr": select(ALERTS, alertstate="firing", **{SEVERITY: one_of(("page", "ticket"))}).text,
        "iconColor": theme.Colour.BAD.value,
        "name": "Firing alerts",
        "tagKeys": "severity,service",
        "titleFormat": "{{alertname}}",
    }


def _deployments() -> dict[str, Any]:
    by, info = ("job", "version"), select(BUILD_INFO.name)
    before = promql.maximum(promql.present_over_time(info, _BEFORE_S, ago_s=_AGO_S), by)
    return {
        "datasource": theme.DATASOURCE,
        "enable": True,
        "expr": promql.unless(promql.maximum(info.query, by), before).text,
        "iconColor": theme.Colour.NEUTRAL.value,
        "name": "Deployments",
        "tagKeys": "job",
        "textFormat": "{{job}} runs version {{version}}",
        "titleFormat": "{{job}} {{version}}",
    }
