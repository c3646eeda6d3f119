"""All dashboards, the files that are generated from them, and every question that they ask of Prometheus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from alerts.alert import Links
from alerts.catalogue import rule_sources
from dashboards.alerting import alerting
from dashboards.audit import audit
from dashboards.caches import caches
from dashboards.gateway import gateway
from dashboards.grafana import rendered
from dashboards.kubernetes import clusters
from dashboards.nlp import nlp
from dashboards.performance_analysis import performance_analysis
from dashboards.pgbouncer import pgbouncer
from dashboards.postgresql import postgresql
from dashboards.redis import redis
from dashboards.resource_utilization import resource_utilization
from dashboards.slos import slos
from dashboards.system_overview import system_overview
from slo.promql import filled
from slo.writer import GeneratedFile, json_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.dashboard import Dashboard
    from slo.panels import PanelName

FOLDER: Final = "dashboards/generated"
EVERYTHING: Final = {
    **dict.fromkeys(("job", "instance", "cluster", "server", "node", "slo"), ".+"),
    "__rate_interval": "1m",
}
"""What Grafana fills in while nothing is chosen, with a rate interval that suits scrapes every 5 to 15 s."""


@dataclass(frozen=True, slots=True)
class Question:
    """One query of one panel, ready to be asked.

    Attributes:
        panel: the panel's name.
        title: the panel's title.
        unit: Grafana's name of the unit that the answer is shown in.
        expression: PromQL with all variables filled in.
        waits_for: what has to happen before there is data; empty when there always is some.
    """

    panel: PanelName
    title: str
    unit: str
    expression: str
    waits_for: str = ""


def all_dashboards() -> tuple[Dashboard, ...]:
    """Every dashboard."""
    return (
        system_overview(),
        resource_utilization(),
        performance_analysis(),
        slos(),
        gateway(),
        nlp(),
        audit(),
        postgresql(),
        pgbouncer(),
        redis(),
        caches(),
        clusters(),
        alerting(),
    )


def questions(variables: Mapping[str, str] | None = None) -> tuple[Question, ...]:
    """Every query of every panel.

    Args:
        variables: values of variables, by name; whatever is left out is as if nothing were chosen.

    Raises:
        PromQLError: for a variable that has no value.
    """
    values = {**EVERYTHING, **(variables or {})}
    return tuple(
        Question(
            panel.name,
            panel.title,
            (series.unit or panel.unit).value,
            filled(series.query.text, values),
            series.waits_for,
        )
        for dashboard in all_dashboards()
        for panel in dashboard.panels
        for series in panel.series
    )


def runbooks(links: Links | None = None) -> dict[PanelName, dict[str, str]]:
    """For each panel that alerts point at, the addresses of their runbooks by the alert's name."""
    found: dict[PanelName, dict[str, str]] = {}
    for source in rule_sources():
        for group in source.groups:
            for alert, panel in group.panels.items():
                found.setdefault(panel, {})[alert] = (links or Links()).runbook(alert)
    return found


def models(links: Links | None = None) -> dict[str, dict[str, Any]]:
    """Every dashboard as Grafana's JSON model, by its uid, with links that lead to these addresses."""
    led_to = runbooks(links)
    return {dashboard.uid: rendered(dashboard, led_to) for dashboard in all_dashboards()}


def generated_files() -> tuple[GeneratedFile, ...]:
    """Every dashboard as a file that Grafana loads."""
    return tuple(json_file(f"{FOLDER}/{uid}.json", model) for uid, model in models().items())
