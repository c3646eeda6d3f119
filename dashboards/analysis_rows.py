"""Rows beside the analysis: what PostgreSQL's statements wait for, Redis' commands, and the ways between services."""

from __future__ import annotations

from app.telemetry.exporter_catalogue import (
    NETWORK_CERTIFICATE_END,
    NETWORK_UP,
    POSTGRESQL_CHECKPOINTS,
    POSTGRESQL_LOCK_WAITERS,
    POSTGRESQL_OLDEST_TRANSACTION,
    POSTGRESQL_TABLE_BYTES,
    POSTGRESQL_TABLE_SCANS,
    POSTGRESQL_WAL_BYTES,
    POSTGRESQL_WRAPAROUND,
    REDIS_COMMAND_CALLS,
    REDIS_COMMAND_TIME,
)
from app.telemetry.server_catalogue import POSTGRESQL_REPLICA_CONNECTED, POSTGRESQL_REPLICATION_LAG_BYTES
from dashboards.asking import exported, mean, per_second
from dashboards.dashboard import Panel, PanelKind, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from slo import panels, promql
from slo.promises import CERTIFICATE_LEFT_S, WRAPAROUND

_TABLE = ("database", "table")


def postgresql_row() -> Row:
    """What statements wait for."""
    return Row("PostgreSQL", (_locks(), _log(), _replicas(), _wraparound(), _table_bytes(), _table_scans()))


def redis_times_row() -> Row:
    """What Redis' commands take."""
    return Row("Redis", (_commands(),), collapsed=True)


def network_row() -> Row:
    """The ways between services."""
    return Row("Network", (_probes_up(), _certificates()), collapsed=True)


def _locks() -> Panel:
    return Panel(
        panels.POSTGRES_LOCKS,
        "Waiting for locks, and open transactions",
        "Connections that wait for a lock, left, and the age of the oldest open transaction, right. Good: none waits, "
        "and seconds. Bad: waiting connections beside a transaction of minutes: it holds what they want, and no "
        "vacuum clears behind it. Then end it: `SELECT pg_terminate_backend(pid)`.",
        Unit.COUNT,
        (
            Series(exported(POSTGRESQL_LOCK_WAITERS).query, "{{server}} {{database}} waiting"),
            Series(exported(POSTGRESQL_OLDEST_TRANSACTION).query, "{{server}} {{database}} oldest", unit=Unit.SECONDS),
        ),
        decimals=0,
    )


def _log() -> Panel:
    return Panel(
        panels.POSTGRES_LOG,
        "Write-ahead log and checkpoints",
        "Bytes of write-ahead log per second, left, and checkpoints per second, because of the time or because of "
        "what was written, right. Good: timed ones only. Bad: requested ones all the time: `max_wal_size` is too "
        "small for what is written. Then see who writes, on 'Slowest database queries'.",
        Unit.BYTES_PER_SECOND,
        (
            Series(per_second(exported(POSTGRESQL_WAL_BYTES), "server"), "{{server}} log"),
            Series(
                per_second(exported(POSTGRESQL_CHECKPOINTS), "server", "cause"),
                "{{server}} {{cause}}",
                unit=Unit.PER_SECOND,
            ),
        ),
    )


def _replicas() -> Panel:
    by = ("replica",)
    return Panel(
        panels.REPLICAS_BEHIND,
        "Log that replicas have not replayed",
        "Write-ahead log of the primary that each replica, connected or not, has not replayed, left; 1 while it "
        "streams, right. Good: kilobytes, and 1. Bad: it only grows: the replica is away, and the primary keeps its "
        "log for it, up to 4 GB. Then start the replica, or drop its slot.",
        Unit.BYTES,
        (
            Series(promql.maximum(exported(POSTGRESQL_REPLICATION_LAG_BYTES).query, by), "{{replica}}"),
            Series(
                promql.minimum(exported(POSTGRESQL_REPLICA_CONNECTED).query, by), "{{replica}} streams", unit=Unit.COUNT
            ),
        ),
    )


def _wraparound() -> Panel:
    return Panel(
        panels.WRAPAROUND,
        "Transaction numbers in use",
        "The share of all transaction numbers that each database has used since they were last frozen. Good: below a "
        "tenth, where autovacuum freezes them. Bad: above the line, which is when the ticket comes: at the end the "
        "server takes no writes. Then follow the runbook of WraparoundNear.",
        Unit.SHARE,
        (Series(promql.maximum(exported(POSTGRESQL_WRAPAROUND).query, ("database",)), "{{database}}"),),
        thresholds=(Threshold(WRAPAROUND.number, Colour.WARNING),),
        decimals=2,
    )


def _table_bytes() -> Panel:
    return Panel(
        panels.TABLE_BYTES,
        "Space of tables",
        "Space of each table's rows and of its indexes. Good: it follows what people do. Bad: indexes larger than "
        "their rows and growing: they are bloated. Then see 'Time since indexes were rebuilt' on the dashboard of the "
        "data.",
        Unit.BYTES,
        (
            Series(
                promql.maximum(exported(POSTGRESQL_TABLE_BYTES).query, (*_TABLE, "part")),
                "{{database}} {{table}} {{part}}",
            ),
        ),
    )


def _table_scans() -> Panel:
    return Panel(
        panels.TABLE_SCANS,
        "Looks into tables",
        "Looks into each table per second, by an index and from end to end. Good: large tables by an index alone. "
        "Bad: a large table from end to end again and again. Then find the statement on 'Slowest database queries' "
        "and EXPLAIN it.",
        Unit.PER_SECOND,
        (Series(per_second(exported(POSTGRESQL_TABLE_SCANS), *_TABLE, "by"), "{{database}} {{table}} by {{by}}"),),
    )


def _commands() -> Panel:
    by = ("operation",)
    return Panel(
        panels.REDIS_COMMAND_TIMES,
        "Time of Redis' commands",
        "What one run of each command takes within Redis in the mean, left, and runs per second, right. Good: "
        "microseconds. Bad: one command of milliseconds: everything on that node waits for it. Then look for a key "
        "that has grown, with `redis-cli --bigkeys`.",
        Unit.SECONDS,
        (
            Series(mean(exported(REDIS_COMMAND_TIME), exported(REDIS_COMMAND_CALLS), *by), "{{operation}}"),
            Series(per_second(exported(REDIS_COMMAND_CALLS), *by), "{{operation}} runs", unit=Unit.PER_SECOND),
        ),
    )


def _probes_up() -> Panel:
    return Panel(
        panels.PROBES_UP,
        "Peers that can be reached",
        "1 while a new connection to the peer succeeds and it answers as it should. Good: 1. Bad: 0, in red. Then "
        "follow the runbook of NetworkProbeFailing.",
        Unit.COUNT,
        (Series(exported(NETWORK_UP).query, "{{peer}}"),),
        kind=PanelKind.STAT,
        base=Colour.BAD,
        thresholds=(Threshold(1, Colour.GOOD),),
        decimals=0,
        width=12,
        height=9,
    )


def _certificates() -> Panel:
    left = promql.until_now(exported(NETWORK_CERTIFICATE_END).query)
    none = promql.times(exported(NETWORK_UP).query, 0)
    return Panel(
        panels.CERTIFICATES,
        "Until certificates end",
        "How long each peer's certificate is valid; 0 for peers that show none. Good: above the line. Bad: below it, "
        "which is when the ticket comes. Then follow the runbook of CertificateEnding.",
        Unit.SECONDS,
        (Series(promql.either(left, none), "{{peer}}"),),
        thresholds=(Threshold(CERTIFICATE_LEFT_S.number, Colour.NEUTRAL),),
    )
