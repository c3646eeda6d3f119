"""PostgreSQL: what the services see of it, which server answers what, and what the servers say of themselves.

Every threshold is a target's or an alert's.
"""

from __future__ import annotations

from alerts.databases import SLOW_SHARE
from app.telemetry.catalogue import (
    POOL_CHECKS,
    POOL_CLOSED,
    POOL_IN_USE,
    POOL_OPENED,
    POOL_SIZE,
    POSTGRES_PLANNED_ONCE,
    POSTGRES_QUERY_DURATION,
    POSTGRES_READS,
    POSTGRES_SLOW_QUERIES,
    REPLICA_IN_ROTATION,
    REPLICA_LAG,
)
from app.telemetry.server_catalogue import (
    POSTGRESQL_LAST_SUCCESS,
    POSTGRESQL_REPLICA_CONNECTED,
    POSTGRESQL_REPLICATION_LAG,
    POSTGRESQL_REPLICATION_LAG_BYTES,
    POSTGRESQL_SCRAPE_DURATION,
)
from dashboards.dashboard import Dashboard, Panel, Row, Series, Threshold
from dashboards.database_panels import databases_row
from dashboards.servers_row import servers_row
from dashboards.stores import exporter, read_replicas, settings_drift
from dashboards.theme import Colour, Unit
from dashboards.variables import INSTANCE, JOB, POSTGRESQL_SERVERS, services
from slo import panels, promql
from slo.prometheus import AUDIT, GATEWAY
from slo.promises import POOL_FULL, REPLICA_LAG_S
from slo.promql import RATE_INTERVAL, select
from slo.targets.requirements import SIMPLE_QUERIES


def postgresql() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.POSTGRESQL,
        title="KubeChat / PostgreSQL",
        description="Does PostgreSQL answer, from where, and how soon?",
        variables=(*services((GATEWAY, AUDIT)), POSTGRESQL_SERVERS),
        rows=(
            Row("Connections of the services", (_pools(), _turnover(), _planned_once())),
            Row("Queries", (_durations(), _slow())),
            Row("Replicas", (_reads(), _lag(), read_replicas(), _replicas())),
            servers_row(),
            databases_row(),
            Row(
                "Settings, and the exporter",
                (
                    settings_drift(),
                    exporter(panels.POSTGRES_EXPORTER, POSTGRESQL_SCRAPE_DURATION, POSTGRESQL_LAST_SUCCESS),
                ),
                collapsed=True,
            ),
        ),
    )


def _pools() -> Panel:
    used, size = (select(each.name, job=JOB, instance=INSTANCE).query for each in (POOL_IN_USE, POOL_SIZE))
    return Panel(
        panels.POSTGRES_POOLS,
        "Database connections in use",
        "Connections in use as a share of what a replica may open, per pool. Good: below the line. Bad: above it for "
        "minutes: requests wait for a connection, and after five seconds they are refused. Then look which query is "
        "slow, below.",
        Unit.SHARE,
        (Series(promql.divided(used, size), "{{instance}} {{pool}}"),),
        thresholds=(Threshold(POOL_FULL.number, Colour.WARNING),),
    )


def _turnover() -> Panel:
    def by(name: str, *labels: str) -> promql.Query:
        return promql.total(promql.rate(select(name, job=JOB, instance=INSTANCE), RATE_INTERVAL), ("pool", *labels))

    return Panel(
        panels.POSTGRES_TURNOVER,
        "Database connections opened, checked, closed",
        "Connections that pools open, try after an idle spell, and close at the end of their life. Good: a few. Bad: "
        "failed checks, or as many opened as there are requests: something cuts connections. Then look at PgBouncer.",
        Unit.PER_SECOND,
        (
            Series(by(POOL_OPENED.name), "{{pool}} opened"),
            Series(by(POOL_CLOSED.name, "reason"), "{{pool}} closed, {{reason}}"),
            Series(by(POOL_CHECKS.name, "result"), "{{pool}} checked, {{result}}"),
        ),
    )


def _planned_once() -> Panel:
    found = select(POSTGRES_PLANNED_ONCE.name, job=JOB, instance=INSTANCE).query
    return Panel(
        panels.POSTGRES_PLANNED_ONCE,
        "What keeps query plans",
        "How queries that run often are planned once: by prepared statements where the pooler carries them, by "
        "functions where it does not. Good: the same on all replicas. Bad: nothing, for the primary's pool: every "
        "query is planned anew. Then see whether the direct connection of the service works.",
        Unit.COUNT,
        (Series(promql.total(promql.equal_to(found, 1), ("pool", "by")), "{{pool}} {{by}}"),),
        decimals=0,
    )


def _durations() -> Panel:
    buckets = select(POSTGRES_QUERY_DURATION.bucket, job=JOB, instance=INSTANCE)
    return Panel(
        panels.POSTGRES_QUERY_TIMES,
        "Query time, 95th percentile",
        "How long named queries take, their way to the server and back included. Good: milliseconds. Bad: above the "
        "line, where a query is slow. Then see whether one rose alone: it has lost its index. All that rise together "
        "wait for the server.",
        Unit.SECONDS,
        (Series(promql.quantile(0.95, buckets, RATE_INTERVAL, ("query",)), "{{query}}"),),
        thresholds=(Threshold(SIMPLE_QUERIES.named("duration").number / 2, Colour.WARNING),),
    )


def _slow() -> Panel:
    def per_second(name: str) -> promql.Query:
        return promql.total(promql.rate(select(name, job=JOB, instance=INSTANCE), RATE_INTERVAL), ("query",))

    slow, all_ = per_second(POSTGRES_SLOW_QUERIES.name), per_second(POSTGRES_QUERY_DURATION.count)
    return Panel(
        panels.POSTGRES_SLOW_QUERIES,
        "Slow queries",
        "Of each query's runs, the share that took half of what the simplest question may take, or longer, left, and "
        "how many those are, right. Good: none. Bad: one name stays above the line. Then follow the runbook of "
        "SlowQueries.",
        Unit.SHARE,
        (
            Series(promql.divided(slow, promql.above(all_, 0)), "{{query}}"),
            Series(slow, "{{query}}", unit=Unit.PER_SECOND),
        ),
        thresholds=(Threshold(SLOW_SHARE, Colour.WARNING),),
    )


def _reads() -> Panel:
    reads = promql.rate(select(POSTGRES_READS.name, job=JOB, instance=INSTANCE), RATE_INTERVAL)
    in_rotation = promql.maximum(select(REPLICA_IN_ROTATION.name, job=JOB, instance=INSTANCE).query, ("database",))
    return Panel(
        panels.READS_BY_SERVER,
        "Reads by who answered them",
        "Reads that replicas may answer. Good: the replicas take turns, and the primary answers only those who read "
        "what they just wrote. Bad: the primary answers because none fits, or those that were tried failed. Then "
        "follow the runbook of ReadReplicaOut.",
        Unit.PER_SECOND,
        (
            Series(promql.total(reads, ("database", "reason")), "{{database}}, {{reason}}"),
            Series(in_rotation, "{{database}} in rotation", unit=Unit.COUNT),
        ),
    )


def _lag() -> Panel:
    return Panel(
        panels.REPLICATION_LAG,
        "Replication lag",
        "How late a replica shows what was committed, as the primary says and as the gateway sees it. Good: "
        "milliseconds. Bad: above the line, where a replica answers no reads. Then look at the replica's disk, and at "
        "who holds a long query on it.",
        Unit.SECONDS,
        (
            Series(
                promql.maximum(select(POSTGRESQL_REPLICATION_LAG.name).query, ("replica",)),
                "{{replica}}, by the primary",
            ),
            Series(
                promql.maximum(select(REPLICA_LAG.name, job=JOB, instance=INSTANCE).query, ("database",)),
                "{{database}}, by the gateway",
            ),
        ),
        thresholds=(Threshold(REPLICA_LAG_S.number, Colour.WARNING),),
    )


def _replicas() -> Panel:
    by = ("replica",)
    return Panel(
        panels.POSTGRES_REPLICAS,
        "Write-ahead log that replicas have not replayed",
        "How much each replica has still to replay, connected or not, left, and replicas that stream, right. Good: it "
        "falls to nothing again and again. Bad: it grows: the replica is away, and its log fills the primary's disk. "
        "Then bring it back, or drop its slot.",
        Unit.BYTES,
        (
            Series(promql.maximum(select(POSTGRESQL_REPLICATION_LAG_BYTES.name).query, by), "{{replica}}"),
            Series(
                promql.total(select(POSTGRESQL_REPLICA_CONNECTED.name).query), "replicas that stream", unit=Unit.COUNT
            ),
        ),
    )
