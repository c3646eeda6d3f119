"""Rows about what stores say of themselves beside their own dashboards, and about the exporters that ask them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.telemetry.exporter_catalogue import (
    CLUSTER_LAST_SUCCESS,
    CLUSTER_SCRAPE_DURATION,
    CLUSTER_UP,
    NETWORK_LAST_SUCCESS,
    NETWORK_SCRAPE_DURATION,
    NETWORK_UP,
    PGBOUNCER_CLIENT_LIMIT,
    PGBOUNCER_STATEMENTS,
    REDIS_EXPIRED_KEYS,
    REDIS_LINK_UP,
    REDIS_PERSISTENCE_OK,
    REDIS_RESIDENT,
)
from app.telemetry.server_catalogue import (
    HOST_LAST_SUCCESS,
    HOST_SCRAPE_DURATION,
    HOST_UP,
    PGBOUNCER_CLIENTS,
    PGBOUNCER_LAST_SUCCESS,
    PGBOUNCER_SCRAPE_DURATION,
    PGBOUNCER_UP,
    POSTGRESQL_LAST_SUCCESS,
    POSTGRESQL_SCRAPE_DURATION,
    POSTGRESQL_UP,
    REDIS_CLUSTER_OK,
    REDIS_EVICTED_KEYS,
    REDIS_LAST_SUCCESS,
    REDIS_MEMORY_USED,
    REDIS_SCRAPE_DURATION,
    REDIS_UP,
)
from dashboards.asking import exported, per_second
from dashboards.dashboard import Panel, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from slo import panels, promql
from slo.promises import POOL_FULL

if TYPE_CHECKING:
    from app.telemetry.metric import Metric

_UP = (POSTGRESQL_UP, PGBOUNCER_UP, REDIS_UP, HOST_UP, NETWORK_UP, CLUSTER_UP)
_TIMES = (
    POSTGRESQL_SCRAPE_DURATION,
    PGBOUNCER_SCRAPE_DURATION,
    REDIS_SCRAPE_DURATION,
    HOST_SCRAPE_DURATION,
    NETWORK_SCRAPE_DURATION,
    CLUSTER_SCRAPE_DURATION,
)
_SUCCESSES = (
    POSTGRESQL_LAST_SUCCESS,
    PGBOUNCER_LAST_SUCCESS,
    REDIS_LAST_SUCCESS,
    HOST_LAST_SUCCESS,
    NETWORK_LAST_SUCCESS,
    CLUSTER_LAST_SUCCESS,
)


def stores_row() -> Row:
    """What PgBouncer and Redis use up."""
    return Row(
        "Pooler and Redis",
        (_pooler_clients(), _pooler_statements(), _fragmentation(), _redis_health(), _keys_gone()),
        collapsed=True,
    )


def exporters_row() -> Row:
    """Whether everything that is measured answers."""
    return Row("Exporters", (_targets(), _times()), collapsed=True)


def _pooler_clients() -> Panel:
    clients = promql.total(exported(PGBOUNCER_CLIENTS).query, ("server",))
    return Panel(
        panels.POOLER_CLIENTS,
        "Clients of the pooler",
        "Clients that have a connection or wait for one, as a share of what the pooler takes. Good: below the line. "
        "Bad: above it: at the end it turns new clients away. Then see whose clients they are, by database and user.",
        Unit.SHARE,
        (Series(promql.divided(clients, exported(PGBOUNCER_CLIENT_LIMIT).query, ("server",)), "{{server}}"),),
        thresholds=(Threshold(POOL_FULL.number, Colour.WARNING),),
    )


def _pooler_statements() -> Panel:
    return Panel(
        panels.POOLER_STATEMENTS,
        "Prepared statements that the pooler carries",
        "How many prepared statements each connection to the server may hold for clients; 0 for a pooler below version "
        "1.21. Good: a hundred or more. Bad: 0: queries that run often are functions then, and all others are planned "
        "anew each time. Then upgrade the pooler.",
        Unit.COUNT,
        (Series(exported(PGBOUNCER_STATEMENTS).query, "{{server}}"),),
        decimals=0,
    )


def _fragmentation() -> Panel:
    ratio = promql.divided(exported(REDIS_RESIDENT).query, exported(REDIS_MEMORY_USED).query)
    return Panel(
        panels.REDIS_FRAGMENTATION,
        "Memory of Redis against its data",
        "What each node's process occupies over what its data takes, left, and in bytes, right. Good: below 1.5 once "
        "there is data; a node with hardly any is above it. Bad: it grows while the data does not. Then restart the "
        "node's replica, and then the node.",
        Unit.FACTOR,
        (
            Series(ratio, "{{node}}"),
            Series(exported(REDIS_RESIDENT).query, "{{node}} occupies", unit=Unit.BYTES),
        ),
    )


def _redis_health() -> Panel:
    return Panel(
        panels.REDIS_HEALTH,
        "Redis: cluster, replication, persistence",
        "1 while all is well: the node sees the whole cluster served, its last snapshot and its log were written, and "
        "a replica is connected to its master. Good: 1. Bad: 0. Then see the node's log: a full disk, or a master "
        "that is away.",
        Unit.COUNT,
        (
            Series(exported(REDIS_CLUSTER_OK).query, "{{node}} cluster"),
            Series(exported(REDIS_LINK_UP).query, "{{node}} link to its master"),
            Series(exported(REDIS_PERSISTENCE_OK).query, "{{node}} {{kind}}"),
        ),
        decimals=0,
    )


def _keys_gone() -> Panel:
    return Panel(
        panels.REDIS_KEYS_GONE,
        "Keys of Redis that ended",
        "Keys per second whose time was over, and keys that were dropped for room. Good: only the former. Bad: the "
        "latter at a steady rate. Then follow the runbook of RedisEvictionStorm.",
        Unit.PER_SECOND,
        (
            Series(per_second(exported(REDIS_EXPIRED_KEYS), "node"), "{{node}} time was over"),
            Series(per_second(exported(REDIS_EVICTED_KEYS), "node"), "{{node}} dropped"),
        ),
    )


def _targets() -> Panel:
    def all_and_up(metric: Metric) -> promql.Query:
        return promql.divided(
            promql.total(exported(metric).query, ("job",)), promql.count_by(exported(metric).query, ("job",))
        )

    return Panel(
        panels.EXPORTER_TARGETS,
        "Targets that answer the exporters",
        "The share of servers, nodes, peers and clusters that answer, by page. Good: all. Bad: fewer: what does not "
        "answer is measured no more. Then follow the runbook of StoreUnreachable, NetworkProbeFailing or ClusterAway.",
        Unit.SHARE,
        tuple(Series(all_and_up(metric), "{{job}}") for metric in _UP),
        base=Colour.BAD,
        thresholds=(Threshold(1, Colour.GOOD),),
    )


def _times() -> Panel:
    def since(metric: Metric) -> promql.Query:
        return promql.times(promql.until_now(promql.minimum(exported(metric).query, ("job",))), -1)

    return Panel(
        panels.EXPORTER_TIMES,
        "Time to ask, and since the last answer",
        "How long the slowest target of each page took, left, and how long ago the one answered that has been silent "
        "longest, right. Good: fractions of a second, and seconds. Bad: close to the deadline of three seconds: at it "
        "a target counts as away. Then look at that target.",
        Unit.SECONDS,
        (
            *(Series(promql.maximum(exported(metric).query, ("job",)), "{{job}}") for metric in _TIMES),
            *(Series(since(metric), "{{job}}, since the last answer", unit=Unit.SECONDS) for metric in _SUCCESSES),
        ),
    )
