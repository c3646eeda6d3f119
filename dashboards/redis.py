"""Redis: does it answer, does it have room, and is what is asked for there?"""

from __future__ import annotations

from app.telemetry.catalogue import DEPENDENCY_DURATION
from app.telemetry.server_catalogue import (
    REDIS_CLIENTS,
    REDIS_CLUSTER_OK,
    REDIS_CLUSTER_SLOTS_OK,
    REDIS_KEYSPACE_LOOKUPS,
    REDIS_LAST_SUCCESS,
    REDIS_MASTER,
    REDIS_MEMORY_MAX,
    REDIS_MEMORY_USED,
    REDIS_REPLICAS,
    REDIS_SCRAPE_DURATION,
    REDIS_UP,
)
from dashboards.dashboard import UP_OR_DOWN, Dashboard, Panel, PanelKind, Row, Series, State, Threshold
from dashboards.redis_row import redis_row
from dashboards.stores import exporter
from dashboards.theme import Colour, Unit
from dashboards.variables import NODE, REDIS_NODES, buckets_of, replicas
from slo import panels, promql
from slo.prometheus import GATEWAY
from slo.promql import RATE_INTERVAL, select
from slo.targets.caching import CACHE_HIT_RATIO
from slo.targets.scaling import SHARDING_SESSION_DATA


def redis() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.REDIS,
        title="KubeChat / Redis",
        description="Does Redis answer, and does it have room?",
        variables=(REDIS_NODES, *replicas(GATEWAY)),
        rows=(
            Row("Cluster", (_up(), _slots())),
            redis_row(),
            Row("Memory and look-ups", (_memory(), _hits(), _times(), _clients())),
            Row(
                "Roles, and the exporter",
                (_roles(), exporter(panels.REDIS_EXPORTER, REDIS_SCRAPE_DURATION, REDIS_LAST_SUCCESS)),
                collapsed=True,
            ),
        ),
    )


def _up() -> Panel:
    return Panel(
        panels.REDIS_NODES_UP,
        "Nodes that answer",
        "Whether each node answers the exporter. Good: up. Bad: down for longer than a restart; its replica has taken "
        "its place by then. Then bring it back before another one goes.",
        Unit.FACTOR,
        (Series(select(REDIS_UP.name, node=NODE).query, "{{node}}"),),
        kind=PanelKind.STATE_TIMELINE,
        states=UP_OR_DOWN,
    )


def _slots() -> Panel:
    return Panel(
        panels.REDIS_SLOTS,
        "Slots that are served",
        "Slots that the nodes see served, by the one that sees fewest, and nodes that see a whole cluster, right. "
        "Good: at the line, all of them. Bad: fewer: some keys have no master, and are asked of PostgreSQL. Then bring "
        "back the master that is away.",
        Unit.COUNT,
        (
            Series(promql.minimum(select(REDIS_CLUSTER_SLOTS_OK.name, node=NODE).query), "slots"),
            Series(
                promql.total(select(REDIS_CLUSTER_OK.name, node=NODE).query), "nodes that see all", unit=Unit.FACTOR
            ),
        ),
        base=Colour.BAD,
        thresholds=(Threshold(SHARDING_SESSION_DATA.named("slots").number, Colour.GOOD),),
        decimals=0,
    )


def _memory() -> Panel:
    used, most = (select(each.name, node=NODE).query for each in (REDIS_MEMORY_USED, REDIS_MEMORY_MAX))
    return Panel(
        panels.REDIS_MEMORY,
        "Memory of data against its limit",
        "What each node's data takes, as a share of what it may. Good: below the whole. Bad: all of it, where keys are "
        "dropped to make room. Then give the nodes more memory, or see which kind of key grew.",
        Unit.SHARE,
        (Series(promql.divided(used, promql.above(most, 0)), "{{node}}"),),
        thresholds=(Threshold(1, Colour.WARNING),),
    )


def _hits() -> Panel:
    def per_second(**where: str) -> promql.Query:
        found = select(REDIS_KEYSPACE_LOOKUPS.name, node=NODE, **where)
        return promql.total(promql.rate(found, RATE_INTERVAL))

    return Panel(
        panels.REDIS_HITS,
        "Look-ups that found their key",
        "Keys that were found, as a share of all that were looked for. Good: above the line. Bad: below it for long: "
        "keys end, or are dropped, before they are used. Then look at the keys dropped.",
        Unit.SHARE,
        (Series(promql.divided(per_second(result="hit"), promql.above(per_second(), 0)), "found"),),
        thresholds=(Threshold(CACHE_HIT_RATIO.figure.number, Colour.WARNING),),
    )


def _times() -> Panel:
    buckets = buckets_of(DEPENDENCY_DURATION, GATEWAY).narrowed(dependency="redis")
    return Panel(
        panels.REDIS_TIMES,
        "Time until Redis answers",
        "As gateways see it, median and 99th percentile. Good: a millisecond or two. Bad: tens of them: a node is "
        "busy with one dear command, or its machine with something else. Then look at that node.",
        Unit.SECONDS,
        tuple(
            Series(promql.quantile(share, buckets, RATE_INTERVAL), name)
            for share, name in ((0.5, "p50"), (0.99, "p99"))
        ),
    )


def _clients() -> Panel:
    return Panel(
        panels.REDIS_CLIENTS,
        "Clients and replicas by node",
        "Clients connected to each node, left, and replicas of each master, right. Good: level; each master has one or "
        "more. Bad: a master without a replica. Then bring the replica back.",
        Unit.COUNT,
        (
            Series(select(REDIS_CLIENTS.name, node=NODE).query, "{{node}}"),
            Series(select(REDIS_REPLICAS.name, node=NODE).query, "{{node}} replicas", unit=Unit.FACTOR),
        ),
        decimals=0,
    )


def _roles() -> Panel:
    return Panel(
        panels.REDIS_ROLES,
        "Roles of the nodes",
        "Which nodes are masters. Good: it never changes. Bad: it changes often: nodes lose each other. Then look at "
        "their logs, and at the machine.",
        Unit.FACTOR,
        (Series(select(REDIS_MASTER.name, node=NODE).query, "{{node}}"),),
        kind=PanelKind.STATE_TIMELINE,
        states=(State(0, "replica", Colour.NEUTRAL), State(1, "master", Colour.GOOD)),
    )
