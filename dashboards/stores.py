"""Panels about PostgreSQL, PgBouncer and Redis that several dashboards may show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.telemetry.server_catalogue import POSTGRESQL_IN_RECOVERY, SETTING_DRIFT, SETTINGS_COMPARED
from dashboards.dashboard import Panel, Series, Threshold
from dashboards.theme import Colour, Unit
from slo import panels, promql, series
from slo.promql import select
from slo.targets.scaling import READ_REPLICAS

if TYPE_CHECKING:
    from app.telemetry.metric import Metric
    from slo.panels import PanelName


def settings_drift() -> Panel:
    """Settings that differ, and how many were compared at all."""
    return Panel(
        panels.SETTINGS_DRIFT,
        "Settings that have drifted",
        "Settings of servers that run with another value than the catalogue wants, left, and how many were compared, "
        "right. Good: none have drifted, and some were compared of each kind of server. Bad: one or more. Then the "
        "alert SettingsDrift names the server and the setting. Nothing compared says nothing: the exporter does not "
        "reach those servers.",
        Unit.COUNT,
        (
            Series(promql.total(select(SETTING_DRIFT.name).query, ("job",)), "{{job}} drifted"),
            Series(promql.total(select(SETTINGS_COMPARED.name).query, ("job",)), "{{job}} compared", unit=Unit.FACTOR),
        ),
        thresholds=(Threshold(1, Colour.BAD),),
        decimals=0,
    )


def read_replicas() -> Panel:
    """Replicas that run, and those that the load asks for."""
    return Panel(
        panels.READ_REPLICAS,
        "Read replicas",
        "Read replicas that answer, those that the read load asks for within the bounds of the two lines, and what it "
        "would ask for without them. Good: as many run as are wanted. Bad: fewer for minutes, or more for a day, which "
        "is when the ticket comes. Then start or stop replicas.",
        Unit.COUNT,
        (
            Series(promql.total(select(POSTGRESQL_IN_RECOVERY.name).query), "running"),
            Series(select(series.READ_REPLICAS_WANTED).query, "wanted"),
            Series(select(series.READ_REPLICAS_NEEDED).query, "asked for by the load"),
        ),
        thresholds=(
            Threshold(READ_REPLICAS.named("minimum").number, Colour.NEUTRAL),
            Threshold(READ_REPLICAS.named("maximum").number, Colour.WARNING),
        ),
        decimals=0,
    )


def exporter(name: PanelName, took: Metric, answered: Metric) -> Panel:
    """How old and how dear an exporter's look at its servers is.

    Args:
        name: the panel's.
        took: the time to ask a server; its only label names the server.
        answered: when a server answered last, by the same label.
    """
    (label,) = took.labels
    since = promql.times(promql.until_now(promql.maximum(select(answered.name).query, (label,))), -1)
    return Panel(
        name,
        "Age and cost of what the exporter tells",
        "How long ago each server answered the exporter, left, and how long that took, right. Good: an age of seconds. "
        "Bad: an age that grows: what other panels show of that server is old, or missing. Then see whether the server "
        "answers, and the exporter's log.",
        Unit.SECONDS,
        (
            Series(since, f"{{{{{label}}}}}"),
            Series(promql.maximum(select(took.name).query, (label,)), f"{{{{{label}}}}} took", unit=Unit.SECONDS),
        ),
    )
