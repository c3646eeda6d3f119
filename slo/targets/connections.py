"""How connections to PostgreSQL are pooled, aged and used.

Section `connection_optimization` of the architecture document. Data only: nothing here measures or enforces.
"""

from __future__ import annotations

from slo import promql
from slo.panels import (
    PGBOUNCER_POOLS,
    POSTGRES_CONNECTION_AGES,
    POSTGRES_LONGEST_QUERY,
    POSTGRES_SERVER_CONNECTIONS,
    SETTINGS_DRIFT,
)
from slo.promql import Query, one_of, select
from slo.reference import Comparison, Limit, ServerSetting, Sli
from slo.roles import SERVICE_ROLES
from slo.target import Kind, Target, choice, count, hours, minutes, seconds

_TESTS = "tests/targets/test_connections.py"
_POOL = "tests/integration/infra/test_pool.py"
_POOLED = "kubechat_pgbouncer_server_connections"
_MOST = "kubechat_postgresql_max_connections"
_OLDEST = "kubechat_postgresql_oldest_connection_seconds"
_IDLE = "kubechat_postgresql_longest_idle_seconds"
_LONGEST = "kubechat_postgresql_longest_query_seconds"
_A_CONNECTION = "a connection of a service"


def _of_services(name: str) -> Query:
    return promql.maximum(select(name, user=one_of(SERVICE_ROLES)).query)


def _since_due(target: Target) -> Query:
    """How long the oldest connection has lived beside the lifetime in which a pool's connections take turns to end."""
    return promql.at_least(promql.minus(_of_services(_OLDEST), promql.constant(target.figure.number)), 0)


POOL_TYPE = Target(
    "connection_optimization.connection_pooling.pool_type",
    "PgBouncer pools connections by transaction.",
    Kind.SETTING,
    (choice("transaction"),),
    enforced_by=(ServerSetting("pgbouncer", "pool_mode"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_connections_are_pooled_by_transaction",
)
POOL_SIZE = Target(
    "connection_optimization.connection_pooling.pool_size",
    "A service has at most 25 connections to a database server.",
    Kind.LIMIT,
    (count(25),),
    "Server-side pool of a service's user in one PgBouncer: with 25 per replica, 38 replicas would not fit into 200.",
    sli=Sli(
        _POOLED,
        promql.maximum(promql.total(select(_POOLED).query, ("server", "database", "user"))),
        Comparison.AT_MOST,
    ),
    enforced_by=(ServerSetting("pgbouncer", "default_pool_size"),),
    test=f"{_TESTS}::test_a_service_has_25_connections_to_a_server",
    alert="PoolerPoolFull",
    panel=PGBOUNCER_POOLS,
)
MAX_CONNECTIONS = Target(
    "connection_optimization.connection_pooling.max_connections",
    "A database server takes at most 200 connections.",
    Kind.LIMIT,
    (count(200),),
    sli=Sli(_MOST, promql.maximum(select(_MOST).query), Comparison.AT_MOST),
    enforced_by=(ServerSetting("postgresql", "max_connections"),),
    test=f"{_TESTS}::test_a_server_takes_200_connections",
    alert="DatabaseServerFull",
    panel=POSTGRES_SERVER_CONNECTIONS,
)
IDLE_TIMEOUT = Target(
    "connection_optimization.connection_lifecycle.idle_timeout",
    "A database connection that nobody used for 10 minutes is closed.",
    Kind.LIMIT,
    (minutes(10),),
    enforced_by=(ServerSetting("pgbouncer", "server_idle_timeout"), Limit("app.infra.postgres.pool:Pool.open")),
    test=f"{_TESTS}::test_a_connection_that_nobody_used_for_ten_minutes_is_closed",
    sli=Sli(_IDLE, _of_services(_IDLE), Comparison.AT_MOST, waits_for=_A_CONNECTION),
    alert="ConnectionsNotReplaced",
    panel=POSTGRES_CONNECTION_AGES,
)
MAX_LIFETIME = Target(
    "connection_optimization.connection_lifecycle.max_lifetime",
    "A database connection is replaced after 1 hour.",
    Kind.LIMIT,
    (hours(1),),
    "PgBouncer replaces what is due one by one, over another hour: a pool is never without connections at once.",
    enforced_by=(ServerSetting("pgbouncer", "server_lifetime"),),
    test=f"{_TESTS}::test_a_connection_is_replaced_after_an_hour",
    sli=Sli(_OLDEST, _since_due, Comparison.AT_MOST, waits_for=_A_CONNECTION),
    alert="ConnectionsNotReplaced",
    panel=POSTGRES_CONNECTION_AGES,
)
HEALTH_CHECKS = Target(
    "connection_optimization.connection_lifecycle.health_checks",
    "A connection that idled for more than 30 seconds is tried before it is handed out.",
    Kind.CAPABILITY,
    (seconds(30, "idle_before_check"),),
    "A check at every hand-out would cost one round trip per query; 0 turns that on.",
    enforced_by=(ServerSetting("pgbouncer", "server_check_delay"), Limit("app.infra.postgres.pool:Pool.take")),
    test=f"{_TESTS}::test_a_connection_that_idled_for_more_than_30_seconds_is_tried_first",
)
PREPARED_STATEMENTS = Target(
    "connection_optimization.query_optimization.prepared_statements",
    "Queries that run often are planned once for each connection to the server.",
    Kind.CAPABILITY,
    (),
    "By prepared statements where the pooler carries them along, which PgBouncer does since 1.21; else by functions.",
    test=f"{_POOL}::test_behind_this_pooler_what_runs_often_is_a_function_that_answers_the_same",
)
QUERY_TIMEOUT = Target(
    "connection_optimization.query_optimization.query_timeout",
    "A query of a service is cancelled after 30 seconds.",
    Kind.LIMIT,
    (seconds(30),),
    "On the services' own roles; maintenance has a role without it.",
    enforced_by=(
        Limit("app.stack.servers.postgresql:statement_timeout_ms"),
        Limit("app.infra.postgres.connection:Connection.fetch"),
        ServerSetting("pgbouncer", "query_wait_timeout"),
    ),
    test=f"{_TESTS}::test_a_query_is_cancelled_after_30_seconds",
    sli=Sli(_LONGEST, _of_services(_LONGEST), Comparison.AT_MOST, waits_for=_A_CONNECTION),
    alert="QueryNotCancelled",
    panel=POSTGRES_LONGEST_QUERY,
)
STATEMENT_CACHE = Target(
    "connection_optimization.query_optimization.statement_cache",
    "Prepared statements are kept for the life of a connection.",
    Kind.CAPABILITY,
    (),
    "Where the pooler carries them along; what it does with one is seen at start, and shown as a metric.",
    test=f"{_POOL}::test_without_a_pooler_statements_are_prepared_and_kept",
)
