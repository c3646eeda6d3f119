"""All dashboards, the files that are generated from them, and every question that they ask of Prometheus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dashboards.data import data
from dashboards.grafana import rendered
from dashboards.kubernetes import clusters
from dashboards.performance_analysis import performance_analysis
from dashboards.resource_utilization import resource_utilization
from dashboards.system_overview import system_overview
from slo.promql import filled
from slo.writer import GeneratedFile, json_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.dashboard import Dashboard
    from slo.panels import PanelName

FOLDER: Final = "dashboards/generated"
EVERYTHING: Final = {"job": ".+", "instance": ".+", "cluster": ".+", "__rate_interval": "1m"}
"""What Grafana fills in while nothing is chosen, with a rate interval that suits scrapes every 5 to 15 s."""


@dataclass(frozen=True, slots=True)
class Question:
    """One query of one panel, ready to be asked.

    Attributes:
        panel: the panel's name.
        title: the panel's title.
        unit: Grafana's name of the unit that the answer is shown in.
        expression: PromQL with all variables filled in.
    """

    panel: PanelName
    title: str
    unit: str
    expression: str


def all_dashboards() -> tuple[Dashboard, ...]:
    """Every dashboard."""
    return (system_overview(), resource_utilization(), performance_analysis(), data(), clusters())


def questions(variables: Mapping[str, str] | None = None) -> tuple[Question, ...]:
    """Every query of every panel.

    Args:
        variables: values of variables, by name; whatever is left out is as if nothing were chosen.

    Raises:
        PromQLError: for a variable that has no value.
    """
    values = {**EVERYTHING, **(variables or {})}
    return tuple(
        Question(panel.name, panel.title, (series.unit or panel.unit).value, filled(series.query.text, values))
        for dashboard in all_dashboards()
        for panel in dashboard.panels
        for series in panel.series
    )


def generated_files() -> tuple[GeneratedFile, ...]:
    """Every dashboard as a file that Grafana loads."""
    return tuple(json_file(f"{FOLDER}/{dashboard.uid}.json", rendered(dashboard)) for dashboard in all_dashboards())
