"""How PostgreSQL is connected to, tuned and indexed.

Sections `connection_optimization`, `postgresql_tuning` and `indexing_strategy` of the architecture document. Data
only: nothing here measures or enforces. "Available memory" is the memory limit of that server.
"""

from __future__ import annotations

from slo.target import Kind, Target, choice, count, hours, mebibytes, minutes, percent, ratio, seconds

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

SHARED_BUFFERS = Target(
    "postgresql_tuning.memory_settings.shared_buffers",
    "PostgreSQL's own cache takes 25 % of the server's memory.",
    Kind.SETTING,
    (percent(25),),
)
EFFECTIVE_CACHE_SIZE = Target(
    "postgresql_tuning.memory_settings.effective_cache_size",
    "The planner reckons with 75 % of the server's memory as cache.",
    Kind.SETTING,
    (percent(75),),
)
WORK_MEM = Target(
    "postgresql_tuning.memory_settings.work_mem",
    "A sort or hash takes 16 MB before it goes to disk.",
    Kind.SETTING,
    (mebibytes(16),),
    "The document says per connection; PostgreSQL counts per sort, so the connections in use are bounded as well.",
)
MAINTENANCE_WORK_MEM = Target(
    "postgresql_tuning.memory_settings.maintenance_work_mem",
    "Vacuum and index builds take 256 MB.",
    Kind.SETTING,
    (mebibytes(256),),
)
CHECKPOINT_COMPLETION_TARGET = Target(
    "postgresql_tuning.checkpoint_settings.checkpoint_completion_target",
    "A checkpoint's writes are spread over nine tenths of the time to the next.",
    Kind.SETTING,
    (ratio(0.9),),
)
WAL_BUFFERS = Target(
    "postgresql_tuning.checkpoint_settings.wal_buffers",
    "16 MB buffer the write-ahead log.",
    Kind.SETTING,
    (mebibytes(16),),
)
CHECKPOINT_TIMEOUT = Target(
    "postgresql_tuning.checkpoint_settings.checkpoint_timeout",
    "There is a checkpoint every 5 minutes.",
    Kind.SETTING,
    (minutes(5),),
)
EFFECTIVE_IO_CONCURRENCY = Target(
    "postgresql_tuning.query_performance.effective_io_concurrency",
    "200 reads may be under way at once, as an SSD allows.",
    Kind.SETTING,
    (count(200),),
)
RANDOM_PAGE_COST = Target(
    "postgresql_tuning.query_performance.random_page_cost",
    "A random read costs 1.1 of a planner's unit, as on an SSD.",
    Kind.SETTING,
    (count(1.1),),
)
SEQ_PAGE_COST = Target(
    "postgresql_tuning.query_performance.seq_page_cost",
    "A sequential read is the planner's unit of cost.",
    Kind.SETTING,
    (count(1.0),),
)

CHAT_SESSIONS_INDEXES = Target(
    "indexing_strategy.primary_indexes.chat_sessions",
    "Chat sessions are found by their id, and by person and time.",
    Kind.CAPABILITY,
    (choice("session_id", "primary"), choice("user_id, created_at", "composite")),
)
AUDIT_EVENTS_INDEXES = Target(
    "indexing_strategy.primary_indexes.audit_events",
    "Audit events are found by their id, and by person and time.",
    Kind.CAPABILITY,
    (choice("event_id", "primary"), choice("user_id, timestamp", "composite")),
)
USERS_INDEXES = Target(
    "indexing_strategy.primary_indexes.users",
    "People are found by their id and by their e-mail address, which is unique.",
    Kind.CAPABILITY,
    (choice("user_id", "primary"), choice("email", "unique")),
)
AUDIT_EVENTS_TIMESTAMP = Target(
    "indexing_strategy.performance_indexes.audit_events_timestamp",
    "A span of time is found among the audit events by a B-tree.",
    Kind.CAPABILITY,
    (choice("timestamp", "btree"),),
)
CHAT_SESSIONS_STATUS = Target(
    "indexing_strategy.performance_indexes.chat_sessions_status",
    "Active chat sessions have an index that holds them alone.",
    Kind.CAPABILITY,
    (choice("active", "partial"),),
)
AUTO_VACUUM = Target(
    "indexing_strategy.maintenance.auto_vacuum",
    "Autovacuum starts at 2 % of dead rows, and at 5 % of new rows where rows are only added.",
    Kind.SETTING,
    (percent(2, "scale_factor"), percent(5, "insert_scale_factor"), count(2000, "cost_limit")),
    'The document says "aggressive": a tenth of the default for changes, a quarter for inserts, ten times the work.',
)
ANALYZE = Target(
    "indexing_strategy.maintenance.analyze",
    "The planner's statistics are collected without anybody asking.",
    Kind.SETTING,
    (choice("on"),),
)
REINDEX = Target(
    "indexing_strategy.maintenance.reindex",
    "The indexes of the largest tables are rebuilt every month.",
    Kind.CAPABILITY,
    (hours(30 * 24, "period"), hours(35 * 24, "overdue")),
    "Overdue after 35 days: a month and a long weekend.",
)
