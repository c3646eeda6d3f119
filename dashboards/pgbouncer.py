"""PgBouncer: does anybody wait for a connection, and are there enough of them?"""

from __future__ import annotations

from typing import Final

from alerts.connections import POOLER_NEAR
from app.telemetry.server_catalogue import (
    PGBOUNCER_CLIENTS,
    PGBOUNCER_INFO,
    PGBOUNCER_LAST_SUCCESS,
    PGBOUNCER_OLDEST_WAIT,
    PGBOUNCER_SCRAPE_DURATION,
    PGBOUNCER_SERVERS,
    PGBOUNCER_UP,
)
from dashboards.dashboard import UP_OR_DOWN, Dashboard, Panel, PanelKind, Row, Series, Threshold
from dashboards.stores import exporter
from dashboards.theme import Colour, Unit
from dashboards.variables import PGBOUNCER_SERVERS as SERVERS
from dashboards.variables import SERVER
from slo import panels, promql
from slo.promises import POOLER_WAIT_S
from slo.promql import select
from slo.targets.connections import POOL_SIZE, QUERY_TIMEOUT

_POOL: Final = ("database", "user")


def pgbouncer() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.PGBOUNCER,
        title="KubeChat / PgBouncer",
        description="Does anybody wait for a connection to PostgreSQL?",
        variables=(SERVERS,),
        rows=(
            Row("Pools", (_pools(), _clients(), _wait(), _idle())),
            Row("Poolers", (_up(), _versions())),
            Row(
                "The exporter",
                (exporter(panels.PGBOUNCER_EXPORTER, PGBOUNCER_SCRAPE_DURATION, PGBOUNCER_LAST_SUCCESS),),
                collapsed=True,
            ),
        ),
    )


def _pools() -> Panel:
    active = select(PGBOUNCER_SERVERS.name, server=SERVER, state="active").query
    most = POOL_SIZE.figure.number
    return Panel(
        panels.PGBOUNCER_POOLS,
        "Connections to PostgreSQL in use, by pool",
        "Connections of each service's pool that work. Good: below the lower line. Bad: at the upper line, the most "
        "that a pool opens: whoever comes now waits. Then see which query is slow, on PostgreSQL's dashboard.",
        Unit.COUNT,
        (Series(promql.total(active, _POOL), "{{database}} {{user}}"),),
        thresholds=(
            Threshold(POOLER_NEAR.number * most, Colour.WARNING),
            Threshold(most, Colour.BAD),
        ),
        decimals=0,
    )


def _clients() -> Panel:
    return Panel(
        panels.PGBOUNCER_CLIENTS,
        "Clients that are served and that wait",
        "Clients with a connection of the pool, and those in its queue. Good: none wait. Bad: some wait for longer "
        "than moments. Then see beside it for how long.",
        Unit.COUNT,
        (
            Series(
                promql.total(select(PGBOUNCER_CLIENTS.name, server=SERVER).query, (*_POOL, "state")),
                "{{database}} {{user}}, {{state}}",
            ),
        ),
        decimals=0,
    )


def _wait() -> Panel:
    return Panel(
        panels.PGBOUNCER_WAIT,
        "Longest wait for a connection",
        "How long the first client in each queue has waited. Good: zero. Bad: above the lower line for minutes, which "
        "is when the ticket comes; at the upper one the pooler cuts whoever still waits. Then follow the runbook of "
        "PoolerClientsWait.",
        Unit.SECONDS,
        (
            Series(
                promql.maximum(select(PGBOUNCER_OLDEST_WAIT.name, server=SERVER).query, _POOL), "{{database}} {{user}}"
            ),
        ),
        thresholds=(
            Threshold(POOLER_WAIT_S.number, Colour.WARNING),
            Threshold(QUERY_TIMEOUT.figure.number, Colour.BAD),
        ),
    )


def _idle() -> Panel:
    idle = select(PGBOUNCER_SERVERS.name, server=SERVER, state="idle").query
    return Panel(
        panels.PGBOUNCER_IDLE,
        "Free connections to PostgreSQL",
        "Connections of each pool that wait for work. Good: a few. Bad: none while clients wait. Then more load comes "
        "than the pool carries, or PostgreSQL gives no connections.",
        Unit.COUNT,
        (Series(promql.total(idle, _POOL), "{{database}} {{user}}"),),
        decimals=0,
    )


def _up() -> Panel:
    return Panel(
        panels.PGBOUNCER_UP,
        "Poolers that answer",
        "Whether each pooler answers the exporter. Good: up. Bad: down: services reach no database through it. Then "
        "see whether its process runs.",
        Unit.FACTOR,
        (Series(select(PGBOUNCER_UP.name, server=SERVER).query, "{{server}}"),),
        kind=PanelKind.STATE_TIMELINE,
        states=UP_OR_DOWN,
    )


def _versions() -> Panel:
    return Panel(
        panels.PGBOUNCER_VERSIONS,
        "Versions",
        "The version that each pooler runs. Good: 1.21 or later everywhere, which carries prepared statements along. "
        "Bad: different ones: services behave differently by which they reach. Then bring them to the same.",
        Unit.FACTOR,
        (Series(select(PGBOUNCER_INFO.name, server=SERVER).query, "runs"),),
        kind=PanelKind.TABLE,
        columns=("server", "version"),
    )
