"""The row about PostgreSQL's servers: do they answer, and how full, how busy and how old is what they hold?"""

from __future__ import annotations

from typing import Final

from alerts.connections import IDLE_SLACK_S, SPREAD_S
from app.telemetry.catalogue import POOL_WAIT, POSTGRES_QUERY_ERRORS
from app.telemetry.server_catalogue import (
    POSTGRESQL_BLOCKS,
    POSTGRESQL_CONNECTIONS,
    POSTGRESQL_DATABASE_SIZE,
    POSTGRESQL_DEADLOCKS,
    POSTGRESQL_LONGEST_IDLE,
    POSTGRESQL_LONGEST_QUERY,
    POSTGRESQL_MAX_CONNECTIONS,
    POSTGRESQL_OLDEST_CONNECTION,
    POSTGRESQL_TRANSACTIONS,
    POSTGRESQL_UP,
)
from dashboards.dashboard import UP_OR_DOWN, Panel, PanelKind, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from dashboards.variables import INSTANCE, JOB, SERVER
from slo import panels, promql
from slo.promises import SERVER_FULL
from slo.promql import RATE_INTERVAL, one_of, select
from slo.roles import SERVICE_ROLES
from slo.targets.connections import IDLE_TIMEOUT, MAX_LIFETIME, QUERY_TIMEOUT

_ROLES: Final = one_of(SERVICE_ROLES)


def servers_row() -> Row:
    """The row."""
    return Row(
        "Servers",
        (
            _up(),
            _connections(),
            _transactions(),
            _longest_query(),
            _ages(),
            _pool_wait(),
            _blocks(),
            _sizes(),
            _deadlocks(),
            _query_errors(),
        ),
    )


def _up() -> Panel:
    return Panel(
        panels.POSTGRES_SERVERS_UP,
        "Servers that answer",
        "Whether each server answers the exporter. Good: up. Bad: the primary is down: nothing can be changed. Then "
        "follow the runbook of ServiceDown, and see the server's log.",
        Unit.FACTOR,
        (Series(select(POSTGRESQL_UP.name, server=SERVER).query, "{{server}}"),),
        kind=PanelKind.STATE_TIMELINE,
        states=UP_OR_DOWN,
    )


def _connections() -> Panel:
    connections = select(POSTGRESQL_CONNECTIONS.name, server=SERVER).query
    most = promql.maximum(select(POSTGRESQL_MAX_CONNECTIONS.name, server=SERVER).query, ("server",))
    used = promql.divided(promql.total(connections, ("server",)), most)
    return Panel(
        panels.POSTGRES_SERVER_CONNECTIONS,
        "Connections of each server",
        "Connections as a share of what each server takes, left, and how many of them do what, right. Good: below the "
        "line. Bad: near the whole: then nobody can connect, not even to look. Then see which database has too many.",
        Unit.SHARE,
        (
            Series(used, "{{server}}"),
            Series(promql.total(connections, ("server", "state")), "{{server}}, {{state}}", unit=Unit.COUNT),
        ),
        thresholds=(Threshold(SERVER_FULL.number, Colour.WARNING), Threshold(1, Colour.BAD)),
    )


def _transactions() -> Panel:
    done = promql.rate(select(POSTGRESQL_TRANSACTIONS.name, server=SERVER), RATE_INTERVAL)
    return Panel(
        panels.POSTGRES_TRANSACTIONS,
        "Transactions by outcome",
        "Transactions per second of each database. Good: hardly any are rolled back. Bad: many are: queries fail, or "
        "are in each other's way. Then look at the errors of queries.",
        Unit.PER_SECOND,
        (Series(promql.total(done, ("database", "outcome")), "{{database}}, {{outcome}}"),),
    )


def _longest_query() -> Panel:
    longest = select(POSTGRESQL_LONGEST_QUERY.name, server=SERVER).query
    return Panel(
        panels.POSTGRES_LONGEST_QUERY,
        "Longest query that runs now",
        "How long the longest query of each role has run. Good: below the line for services' roles. Bad: a service's "
        "above it, which the server should have cancelled; maintenance and people have no such limit. Then follow the "
        "runbook of QueryNotCancelled.",
        Unit.SECONDS,
        (Series(promql.maximum(longest, ("server", "user")), "{{server}} {{user}}"),),
        thresholds=(Threshold(QUERY_TIMEOUT.figure.number, Colour.BAD),),
    )


def _ages() -> Panel:
    def of_services(name: str) -> promql.Query:
        return promql.maximum(select(name, server=SERVER, user=_ROLES).query, ("server",))

    return Panel(
        panels.POSTGRES_CONNECTION_AGES,
        "Age of the services' connections",
        "The oldest connection of the services' roles, and the one that nobody used for the longest time. Good: unused "
        "ones below the lower line, old ones below the upper one: after the middle line a pool's connections are "
        "replaced one by one. Bad: above. Then follow the runbook of ConnectionsNotReplaced.",
        Unit.SECONDS,
        (
            Series(of_services(POSTGRESQL_OLDEST_CONNECTION.name), "{{server}}, oldest"),
            Series(of_services(POSTGRESQL_LONGEST_IDLE.name), "{{server}}, unused"),
        ),
        thresholds=(
            Threshold(IDLE_TIMEOUT.figure.number + IDLE_SLACK_S, Colour.NEUTRAL),
            Threshold(MAX_LIFETIME.figure.number, Colour.NEUTRAL),
            Threshold(MAX_LIFETIME.figure.number + SPREAD_S, Colour.WARNING),
        ),
    )


def _pool_wait() -> Panel:
    buckets = select(POOL_WAIT.bucket, job=JOB, instance=INSTANCE)
    return Panel(
        panels.POSTGRES_POOL_WAIT,
        "Wait for a connection of a service's pool",
        "How long requests wait for a connection inside of a replica, 95th percentile. Good: nothing that can be seen. "
        "Bad: tenths of a second. Then see which query holds the connections.",
        Unit.SECONDS,
        (Series(promql.quantile(0.95, buckets, RATE_INTERVAL, ("pool",)), "{{pool}}"),),
    )


def _blocks() -> Panel:
    def per_second(**where: str) -> promql.Query:
        found = select(POSTGRESQL_BLOCKS.name, server=SERVER, **where)
        return promql.total(promql.rate(found, RATE_INTERVAL), ("database",))

    return Panel(
        panels.POSTGRES_BLOCKS,
        "Blocks found in the server's memory",
        "Blocks that a database found in shared buffers, as a share of all that it looked at. Good: nearly all. Bad: "
        "it falls for hours: what is used no longer fits. Then give the server more memory, or look for a query that "
        "reads whole tables.",
        Unit.SHARE,
        (Series(promql.divided(per_second(result="hit"), promql.above(per_second(), 0)), "{{database}}"),),
    )


def _sizes() -> Panel:
    return Panel(
        panels.POSTGRES_SIZES,
        "Size of databases",
        "Space that each database takes. Good: it grows slowly. Bad: a step, or a slope that meets the end of the "
        "disk. Then see which table grew.",
        Unit.BYTES,
        (
            Series(
                promql.maximum(select(POSTGRESQL_DATABASE_SIZE.name, server=SERVER).query, ("database",)),
                "{{database}}",
            ),
        ),
    )


def _deadlocks() -> Panel:
    ended = promql.increase(select(POSTGRESQL_DEADLOCKS.name, server=SERVER), RATE_INTERVAL)
    return Panel(
        panels.POSTGRES_DEADLOCKS,
        "Deadlocks",
        "Deadlocks that the server ended. Good: none. Bad: any: two queries take the same rows in different orders. "
        "Then find both in the server's log.",
        Unit.COUNT,
        (Series(promql.total(ended, ("database",)), "{{database}}"),),
        thresholds=(Threshold(1, Colour.WARNING),),
        decimals=0,
    )


def _query_errors() -> Panel:
    failed = promql.rate(select(POSTGRES_QUERY_ERRORS.name, job=JOB, instance=INSTANCE), RATE_INTERVAL)
    return Panel(
        panels.POSTGRES_QUERY_ERRORS,
        "Queries that failed",
        "Queries per second that failed, by name and fault. Good: none. Bad: one name: its statement does not fit the "
        "schema; all of them: the server does not answer. Then see the service's log.",
        Unit.PER_SECOND,
        (Series(promql.total(failed, ("query", "fault")), "{{query}}, {{fault}}", waits_for="a query that fails"),),
    )
