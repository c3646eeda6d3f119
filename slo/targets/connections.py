"""How connections to PostgreSQL are pooled, aged and used.

Section `connection_optimization` of the architecture document. Data only: nothing here measures or enforces.
"""

from __future__ import annotations

from slo.target import Kind, Target, choice, count, hours, minutes, seconds

POOL_TYPE = Target(
    "connection_optimization.connection_pooling.pool_type",
    "PgBouncer pools connections by transaction.",
    Kind.SETTING,
    (choice("transaction"),),
)
POOL_SIZE = Target(
    "connection_optimization.connection_pooling.pool_size",
    "A service has at most 25 connections to a database server.",
    Kind.LIMIT,
    (count(25),),
    "Server-side pool of a service's user in one PgBouncer: with 25 per replica, 38 replicas would not fit into 200.",
)
MAX_CONNECTIONS = Target(
    "connection_optimization.connection_pooling.max_connections",
    "A database server takes at most 200 connections.",
    Kind.LIMIT,
    (count(200),),
)
IDLE_TIMEOUT = Target(
    "connection_optimization.connection_lifecycle.idle_timeout",
    "A database connection that nobody used for 10 minutes is closed.",
    Kind.LIMIT,
    (minutes(10),),
)
MAX_LIFETIME = Target(
    "connection_optimization.connection_lifecycle.max_lifetime",
    "A database connection is replaced after 1 hour.",
    Kind.LIMIT,
    (hours(1),),
)
HEALTH_CHECKS = Target(
    "connection_optimization.connection_lifecycle.health_checks",
    "A connection that idled for more than 30 seconds is tried before it is handed out.",
    Kind.CAPABILITY,
    (seconds(30, "idle_before_check"),),
    "A check at every hand-out would cost one round trip per query; 0 turns that on.",
)
PREPARED_STATEMENTS = Target(
    "connection_optimization.query_optimization.prepared_statements",
    "Queries that run often are planned once.",
    Kind.CAPABILITY,
)
QUERY_TIMEOUT = Target(
    "connection_optimization.query_optimization.query_timeout",
    "A query of a service is cancelled after 30 seconds.",
    Kind.LIMIT,
    (seconds(30),),
    "On the services' own roles; maintenance has a role without it.",
)
STATEMENT_CACHE = Target(
    "connection_optimization.query_optimization.statement_cache",
    "Prepared statements are kept for the life of a connection.",
    Kind.CAPABILITY,
)
