"""What the exporters' pages say first of each server and of the machine: that it is there, and how much of it is used.

A part of the metric catalogue, which lists these with its own. `server` and `node` are addresses from the settings.
"""

from __future__ import annotations

from app.telemetry.metric import counter, gauge

# Each exporter's page is a scrape job of its own.
POSTGRESQL_JOB = ("postgresql",)
PGBOUNCER_JOB = ("pgbouncer",)
REDIS_JOB = ("redis",)
HOST_JOB = ("host",)
STORE_JOBS = (*POSTGRESQL_JOB, *PGBOUNCER_JOB, *REDIS_JOB)

POSTGRESQL_UP = gauge("kubechat_postgresql_up", "1 while the server answers.", ("server",), POSTGRESQL_JOB)
POSTGRESQL_SCRAPE_DURATION = gauge(
    "kubechat_postgresql_scrape_duration_seconds", "Time to ask the server.", ("server",), POSTGRESQL_JOB
)
POSTGRESQL_LAST_SUCCESS = gauge(
    "kubechat_postgresql_last_success_timestamp_seconds", "When the server answered last.", ("server",), POSTGRESQL_JOB
)
POSTGRESQL_CONNECTIONS = gauge(
    "kubechat_postgresql_connections",
    "Connections of clients by database and state.",
    ("server", "database", "state"),
    POSTGRESQL_JOB,
)
POSTGRESQL_OLDEST_CONNECTION = gauge(
    "kubechat_postgresql_oldest_connection_seconds",
    "Age of the oldest connection of a role to a database.",
    ("server", "database", "user"),
    POSTGRESQL_JOB,
)
POSTGRESQL_LONGEST_IDLE = gauge(
    "kubechat_postgresql_longest_idle_seconds",
    "How long the connection of a role to a database that waits longest has not been used; 0 while none waits.",
    ("server", "database", "user"),
    POSTGRESQL_JOB,
)
POSTGRESQL_LONGEST_QUERY = gauge(
    "kubechat_postgresql_longest_query_seconds",
    "How long the longest query of a role that runs now has run; 0 while none runs.",
    ("server", "database", "user"),
    POSTGRESQL_JOB,
)
POSTGRESQL_MAX_CONNECTIONS = gauge(
    "kubechat_postgresql_max_connections", "Most connections that the server takes.", ("server",), POSTGRESQL_JOB
)
POSTGRESQL_IN_RECOVERY = gauge(
    "kubechat_postgresql_in_recovery", "1 on a replica, 0 on a primary.", ("server",), POSTGRESQL_JOB
)
POSTGRESQL_REPLICA_CONNECTED = gauge(
    "kubechat_postgresql_replica_connected",
    "1 while a replica streams from this primary.",
    ("server", "replica"),
    POSTGRESQL_JOB,
)
POSTGRESQL_REPLICATION_LAG = gauge(
    "kubechat_postgresql_replication_lag_seconds",
    "Time from a commit on this primary until a connected replica shows it; 0 while nothing is under way.",
    ("server", "replica"),
    POSTGRESQL_JOB,
)
POSTGRESQL_REPLICATION_LAG_BYTES = gauge(
    "kubechat_postgresql_replication_lag_bytes",
    "Write-ahead log of this primary that a replica, connected or not, has not replayed.",
    ("server", "replica"),
    POSTGRESQL_JOB,
)
POSTGRESQL_TRANSACTIONS = counter(
    "kubechat_postgresql_transactions_total",
    "Transactions by outcome.",
    ("server", "database", "outcome"),
    POSTGRESQL_JOB,
)
POSTGRESQL_BLOCKS = counter(
    "kubechat_postgresql_blocks_total",
    "Blocks found in the server's cache (hit) or asked of the system (read).",
    ("server", "database", "result"),
    POSTGRESQL_JOB,
)
POSTGRESQL_DEADLOCKS = counter(
    "kubechat_postgresql_deadlocks_total", "Deadlocks that the server ended.", ("server", "database"), POSTGRESQL_JOB
)
POSTGRESQL_DATABASE_SIZE = gauge(
    "kubechat_postgresql_database_size_bytes", "Space that a database takes.", ("server", "database"), POSTGRESQL_JOB
)
POSTGRESQL_TABLE_LIVE_ROWS = gauge(
    "kubechat_postgresql_table_live_rows",
    "Rows of a table, about.",
    ("server", "database", "table"),
    POSTGRESQL_JOB,
)
POSTGRESQL_TABLE_DEAD_ROWS = gauge(
    "kubechat_postgresql_table_dead_rows",
    "Rows of a table that no vacuum has cleared away yet, about.",
    ("server", "database", "table"),
    POSTGRESQL_JOB,
)
POSTGRESQL_TABLE_VACUUMED = gauge(
    "kubechat_postgresql_table_last_vacuum_timestamp_seconds",
    "When a table was last vacuumed, by autovacuum or by hand; missing while it never was.",
    ("server", "database", "table"),
    POSTGRESQL_JOB,
)

PGBOUNCER_UP = gauge("kubechat_pgbouncer_up", "1 while the pooler answers.", ("server",), PGBOUNCER_JOB)
PGBOUNCER_SCRAPE_DURATION = gauge(
    "kubechat_pgbouncer_scrape_duration_seconds", "Time to ask the pooler.", ("server",), PGBOUNCER_JOB
)
PGBOUNCER_LAST_SUCCESS = gauge(
    "kubechat_pgbouncer_last_success_timestamp_seconds", "When the pooler answered last.", ("server",), PGBOUNCER_JOB
)
PGBOUNCER_INFO = gauge("kubechat_pgbouncer_info", "1, with the pooler's version.", ("server", "version"), PGBOUNCER_JOB)
PGBOUNCER_CLIENTS = gauge(
    "kubechat_pgbouncer_client_connections",
    "Clients that have a server connection (active) or wait for one (waiting).",
    ("server", "database", "user", "state"),
    PGBOUNCER_JOB,
)
PGBOUNCER_SERVERS = gauge(
    "kubechat_pgbouncer_server_connections",
    "Connections to PostgreSQL in use (active) or free (idle).",
    ("server", "database", "user", "state"),
    PGBOUNCER_JOB,
)
PGBOUNCER_OLDEST_WAIT = gauge(
    "kubechat_pgbouncer_oldest_wait_seconds",
    "How long the first client in the queue has waited for a connection.",
    ("server", "database", "user"),
    PGBOUNCER_JOB,
)

REDIS_UP = gauge("kubechat_redis_up", "1 while the node answers.", ("node",), REDIS_JOB)
REDIS_SCRAPE_DURATION = gauge("kubechat_redis_scrape_duration_seconds", "Time to ask the node.", ("node",), REDIS_JOB)
REDIS_LAST_SUCCESS = gauge(
    "kubechat_redis_last_success_timestamp_seconds", "When the node answered last.", ("node",), REDIS_JOB
)
REDIS_MASTER = gauge("kubechat_redis_master", "1 on a master, 0 on a replica.", ("node",), REDIS_JOB)
REDIS_MEMORY_USED = gauge(
    "kubechat_redis_memory_used_bytes", "Memory that the node's data takes.", ("node",), REDIS_JOB
)
REDIS_MEMORY_MAX = gauge(
    "kubechat_redis_memory_max_bytes", "Memory that the node's data may take; 0 without a limit.", ("node",), REDIS_JOB
)
REDIS_KEYSPACE_LOOKUPS = counter(
    "kubechat_redis_keyspace_lookups_total", "Look-ups of keys by result: hit or miss.", ("node", "result"), REDIS_JOB
)
REDIS_EVICTED_KEYS = counter("kubechat_redis_evicted_keys_total", "Keys dropped to make room.", ("node",), REDIS_JOB)
REDIS_KEY_BYTES = gauge(
    "kubechat_redis_key_bytes",
    "Mean memory of one key, by what it holds, of some keys chosen by chance at each scrape.",
    ("node", "kind"),
    REDIS_JOB,
)
REDIS_CLIENTS = gauge("kubechat_redis_connected_clients", "Clients connected to the node.", ("node",), REDIS_JOB)
REDIS_REPLICAS = gauge("kubechat_redis_connected_replicas", "Replicas connected to the node.", ("node",), REDIS_JOB)
REDIS_CLUSTER_OK = gauge(
    "kubechat_redis_cluster_ok", "1 while the node sees the whole cluster able to serve.", ("node",), REDIS_JOB
)
REDIS_CLUSTER_SLOTS_OK = gauge(
    "kubechat_redis_cluster_slots_ok", "Slots that the node sees served.", ("node",), REDIS_JOB
)

# One name for all three, so that one rule tells of any: `job` says which kind of server it is.
SETTING_DRIFT = gauge(
    "kubechat_server_setting_drift",
    "1 while a server runs with another value than it is to, else 0; one series for each compared setting.",
    ("server", "setting"),
    STORE_JOBS,
)
SETTINGS_COMPARED = gauge(
    "kubechat_server_settings_compared",
    "Settings that were compared with what the server runs with.",
    ("server",),
    STORE_JOBS,
)
SETTING_VALUE = gauge(
    "kubechat_server_setting_value",
    "A number that has drifted, in base units, by side: as wanted and as running; nothing while it has not.",
    ("server", "setting", "unit", "side"),
    STORE_JOBS,
)

HOST_UP = gauge("kubechat_host_up", "1 while the machine's figures can be read.", ("host",), HOST_JOB)
HOST_SCRAPE_DURATION = gauge(
    "kubechat_host_scrape_duration_seconds", "Time to read the machine's figures.", ("host",), HOST_JOB
)
HOST_LAST_SUCCESS = gauge(
    "kubechat_host_last_success_timestamp_seconds", "When the machine's figures were read last.", ("host",), HOST_JOB
)
HOST_CPU = counter(
    "kubechat_host_cpu_seconds_total", "Processor time of all cores by mode.", ("host", "mode"), HOST_JOB
)
HOST_CPUS = gauge("kubechat_host_cpus", "Cores.", ("host",), HOST_JOB)
HOST_MEMORY_TOTAL = gauge("kubechat_host_memory_total_bytes", "Memory of the machine.", ("host",), HOST_JOB)
HOST_MEMORY_AVAILABLE = gauge(
    "kubechat_host_memory_available_bytes", "Memory that can be had without swapping.", ("host",), HOST_JOB
)
HOST_DISK_TOTAL = gauge(
    "kubechat_host_disk_total_bytes",
    "Size of the file system below a directory, by what the directory is for.",
    ("host", "role"),
    HOST_JOB,
)
HOST_DISK_FREE = gauge(
    "kubechat_host_disk_free_bytes", "Free space on the file system below a directory.", ("host", "role"), HOST_JOB
)
HOST_CGROUP_MEMORY = gauge(
    "kubechat_host_cgroup_memory_bytes", "Memory of the control group that the stack runs in.", ("host",), HOST_JOB
)
HOST_CGROUP_MEMORY_LIMIT = gauge(
    "kubechat_host_cgroup_memory_limit_bytes", "Limit of that control group, where it has one.", ("host",), HOST_JOB
)
HOST_CGROUP_CPU = counter(
    "kubechat_host_cgroup_cpu_seconds_total", "Processor time of that control group.", ("host",), HOST_JOB
)
