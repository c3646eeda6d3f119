"""Panels about what databases need from time to time: a row of the system overview."""

from __future__ import annotations

from typing import Final

from app.telemetry.catalogue import (
    INDEX_REBUILD_DURATION,
    INDEX_REBUILD_LAST_SUCCESS,
    INDEX_REBUILD_RUNNING,
    INDEX_REBUILDS,
)
from app.telemetry.server_catalogue import (
    POSTGRESQL_TABLE_DEAD_ROWS,
    POSTGRESQL_TABLE_LIVE_ROWS,
    POSTGRESQL_TABLE_VACUUMED,
)
from dashboards.dashboard import Panel, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from slo import panels, promql
from slo.bloat import BLOATED_SHARE
from slo.prometheus import AUDIT, GATEWAY
from slo.promql import one_of, select
from slo.targets.postgresql import REINDEX

_TABLE: Final = ("database", "table")


def databases_row() -> Row:
    """The row."""
    return Row("Databases", (_dead_rows(), _vacuum_age(), _index_rebuilds(), _rebuild_runs()))


def _dead_rows() -> Panel:
    dead = promql.total(select(POSTGRESQL_TABLE_DEAD_ROWS.name).query, _TABLE)
    live = promql.total(select(POSTGRESQL_TABLE_LIVE_ROWS.name).query, _TABLE)
    return Panel(
        panels.DEAD_ROWS,
        "Dead rows by table",
        "The share of each table's rows that are dead and not cleared away yet. Good: below the line. Bad: above it "
        "for an hour in a table of many rows, which is when the ticket comes. Then look for a transaction that does "
        "not end.",
        Unit.SHARE,
        (Series(promql.divided(dead, promql.at_least(promql.plus(dead, live), 1)), "{{database}} {{table}}"),),
        thresholds=(Threshold(BLOATED_SHARE, Colour.WARNING),),
    )


def _vacuum_age() -> Panel:
    vacuumed = promql.maximum(select(POSTGRESQL_TABLE_VACUUMED.name).query, _TABLE)
    return Panel(
        panels.VACUUM_AGE,
        "Time since the last vacuum by table",
        "How long ago each table was last vacuumed, by autovacuum or by hand. Good: it falls to zero again and again "
        "for tables that change. Bad: it only rises while the dead rows beside it rise. Then look at what autovacuum "
        "waits for.",
        Unit.SECONDS,
        (Series(promql.times(promql.until_now(vacuumed), -1), "{{database}} {{table}}"),),
    )


def _index_rebuilds() -> Panel:
    last = promql.maximum(select(INDEX_REBUILD_LAST_SUCCESS.name, job=one_of((GATEWAY, AUDIT))).query, ("database",))
    return Panel(
        panels.INDEX_REBUILDS,
        "Time since indexes were rebuilt",
        "How long ago the largest tables' indexes of each database were rebuilt. Good: below the lower line, after "
        "which the next rebuild begins. Bad: above the upper line, which is when the ticket comes. Then "
        "`kubechat reindex --status` says how the last runs ended.",
        Unit.SECONDS,
        (Series(promql.times(promql.until_now(last), -1), "{{database}}"),),
        thresholds=(
            Threshold(REINDEX.named("period").number, Colour.WARNING),
            Threshold(REINDEX.named("overdue").number, Colour.BAD),
        ),
    )


def _rebuild_runs() -> Panel:
    jobs = one_of((GATEWAY, AUDIT))
    runs = promql.increase(select(INDEX_REBUILDS.name, job=jobs), REINDEX.named("period").number)
    return Panel(
        panels.INDEX_REBUILD_RUNS,
        "Rebuilds of indexes",
        "How long the last rebuild of each database took, left; those of the last month by how they ended, and those "
        "that run now, right. Good: one that ended as ok. Bad: failed or interrupted ones. Then "
        "`kubechat reindex --status` says why.",
        Unit.SECONDS,
        (
            Series(
                promql.maximum(select(INDEX_REBUILD_DURATION.name, job=jobs).query, ("database",)),
                "{{database}}",
                waits_for="a rebuild",
            ),
            Series(
                promql.total(runs, ("database", "outcome")),
                "{{database}} {{outcome}}",
                unit=Unit.COUNT,
                waits_for="a rebuild",
            ),
            Series(
                promql.total(select(INDEX_REBUILD_RUNNING.name, job=jobs).query, ("database",)),
                "{{database}}, running",
                unit=Unit.COUNT,
                waits_for="a rebuild",
            ),
        ),
    )
