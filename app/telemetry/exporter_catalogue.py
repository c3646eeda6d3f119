"""What the exporters' pages carry beside the servers' first figures: machine, links between services, clusters.

A part of the metric catalogue, which lists these with its own. Each page is a scrape job; `server`, `node`, `peer` and
`cluster` are names from the settings. Whatever else is a label is bounded by the exporter that puts it there.
"""

from __future__ import annotations

from typing import Final

from app.telemetry.metric import counter, gauge

POSTGRESQL: Final = ("postgresql",)
PGBOUNCER: Final = ("pgbouncer",)
REDIS: Final = ("redis",)
HOST: Final = ("host",)
NETWORK: Final = ("network",)
KUBERNETES: Final = ("kubernetes",)


# --- the machine and the control group of the exporters ---------------------------------------------------------------
HOST_CORE_BUSY = counter(
    "kubechat_host_core_busy_seconds_total",
    "Time that a core was not idle and not waiting for a disk.",
    ("host", "core"),
    HOST,
)
HOST_PRESSURE = counter(
    "kubechat_host_pressure_seconds_total",
    "Time in which some, or all, of what wanted to run waited for processor, memory or disk.",
    ("host", "resource", "share"),
    HOST,
)
HOST_DISK_OPERATIONS = counter(
    "kubechat_host_disk_operations_total",
    "Operations of the device below a directory, by what the directory is for.",
    ("host", "role", "device", "direction"),
    HOST,
)
HOST_DISK_BYTES = counter(
    "kubechat_host_disk_bytes_total",
    "Bytes that the device below a directory read and wrote.",
    ("host", "role", "device", "direction"),
    HOST,
)
HOST_DISK_TIME = counter(
    "kubechat_host_disk_seconds_total",
    "Time that operations of the device below a directory took, all added up.",
    ("host", "role", "device", "direction"),
    HOST,
)
HOST_DISK_BUSY = counter(
    "kubechat_host_disk_busy_seconds_total",
    "Time in which the device below a directory had something to do.",
    ("host", "role", "device"),
    HOST,
)
HOST_NETWORK_BYTES = counter(
    "kubechat_host_network_bytes_total", "Bytes by network interface.", ("host", "interface", "direction"), HOST
)
HOST_SIZE_DISK_OPERATIONS = gauge(
    "kubechat_host_size_disk_operations_per_second",
    "Operations that the database's volume has to do in the chosen size of the installation.",
    ("host", "size"),
    HOST,
)
HOST_SIZE_NETWORK_BYTES = gauge(
    "kubechat_host_size_network_bytes_per_second",
    "Bytes that a machine's link has to carry in the chosen size of the installation.",
    ("host", "size"),
    HOST,
)
HOST_CGROUP_WORKING_SET = gauge(
    "kubechat_host_cgroup_working_set_bytes",
    "Memory of the control group that cannot be had back without swapping.",
    ("host",),
    HOST,
)
HOST_CGROUP_OOM_KILLS = counter(
    "kubechat_host_cgroup_oom_kills_total",
    "Processes of the control group that the kernel ended for want of memory.",
    ("host",),
    HOST,
)
HOST_CGROUP_PERIODS = counter(
    "kubechat_host_cgroup_cpu_periods_total",
    "Periods in which the control group's processor time was counted against a quota.",
    ("host",),
    HOST,
)
HOST_CGROUP_THROTTLED = counter(
    "kubechat_host_cgroup_cpu_throttled_periods_total",
    "Those of the periods in which the control group had used up its quota.",
    ("host",),
    HOST,
)

# --- the ways between services ----------------------------------------------------------------------------------------
NETWORK_UP = gauge(
    "kubechat_network_up", "1 while the peer could be reached, by its kind of probe.", ("peer",), NETWORK
)
NETWORK_SCRAPE_DURATION = gauge(
    "kubechat_network_scrape_duration_seconds", "Time of the whole probe.", ("peer",), NETWORK
)
NETWORK_LAST_SUCCESS = gauge(
    "kubechat_network_last_success_timestamp_seconds", "When the peer was reached last.", ("peer",), NETWORK
)
NETWORK_PHASE = gauge(
    "kubechat_network_phase_seconds",
    "How long each phase of the last probe took: resolve, connect, tls, first_byte.",
    ("peer", "phase"),
    NETWORK,
)
NETWORK_CERTIFICATE_END = gauge(
    "kubechat_network_certificate_end_timestamp_seconds", "When the peer's certificate ends.", ("peer",), NETWORK
)

# --- clusters ---------------------------------------------------------------------------------------------------------
CLUSTER_UP = gauge("kubechat_cluster_up", "1 while the cluster's API server answers.", ("cluster",), KUBERNETES)
CLUSTER_SCRAPE_DURATION = gauge(
    "kubechat_cluster_scrape_duration_seconds", "Time to ask the cluster.", ("cluster",), KUBERNETES
)
CLUSTER_LAST_SUCCESS = gauge(
    "kubechat_cluster_last_success_timestamp_seconds", "When the cluster answered last.", ("cluster",), KUBERNETES
)
CLUSTER_PROBE = gauge(
    "kubechat_cluster_probe_seconds",
    "How long the API server took for one look at readyz, at its version, at one object of a list.",
    ("cluster", "probe"),
    KUBERNETES,
)
CLUSTER_PROBES = counter(
    "kubechat_cluster_probes_total", "Looks at the API server by outcome.", ("cluster", "probe", "outcome"), KUBERNETES
)
CLUSTER_INFO = gauge("kubechat_cluster_info", "1, with the API server's version.", ("cluster", "version"), KUBERNETES)
CLUSTER_VERSION_SKEW = gauge(
    "kubechat_cluster_version_skew",
    "Minor versions that the oldest node is behind the API server; below 0 where it is ahead.",
    ("cluster",),
    KUBERNETES,
)
CLUSTER_INVENTORY_TIME = gauge(
    "kubechat_cluster_inventory_timestamp_seconds",
    "When the cluster's objects were counted last.",
    ("cluster",),
    KUBERNETES,
)
CLUSTER_OBJECTS = gauge("kubechat_cluster_objects", "Objects by resource.", ("cluster", "resource"), KUBERNETES)
CLUSTER_NODES = gauge(
    "kubechat_cluster_nodes",
    "Nodes that are ready, not ready, or closed to new pods.",
    ("cluster", "state"),
    KUBERNETES,
)
CLUSTER_PODS = gauge("kubechat_cluster_pods", "Pods by state.", ("cluster", "state"), KUBERNETES)
CLUSTER_RESTARTS = counter(
    "kubechat_cluster_container_restarts_total",
    "Restarts of containers since the first look.",
    ("cluster",),
    KUBERNETES,
)
CLUSTER_OOM_KILLS = counter(
    "kubechat_cluster_oom_kills_total",
    "Those of the restarts where the container had been ended for want of memory.",
    ("cluster",),
    KUBERNETES,
)
CLUSTER_BUDGETS_AT_LIMIT = gauge(
    "kubechat_cluster_disruption_budgets_at_limit",
    "Disruption budgets that allow no further disruption.",
    ("cluster",),
    KUBERNETES,
)
CLUSTER_OWN_REPLICAS = gauge(
    "kubechat_cluster_own_replicas",
    "Running replicas of our own services by node, where a cluster runs them.",
    ("cluster", "service", "node"),
    KUBERNETES,
)

# --- PostgreSQL -------------------------------------------------------------------------------------------------------
_STATEMENT: Final = ("server", "database", "statement")
_TABLE: Final = ("server", "database", "table")
POSTGRESQL_STATEMENT_TIME = counter(
    "kubechat_postgresql_statement_seconds_total",
    "Time spent in the statements that take most of it.",
    _STATEMENT,
    POSTGRESQL,
)
POSTGRESQL_STATEMENT_CALLS = counter(
    "kubechat_postgresql_statement_calls_total", "Runs of these statements.", _STATEMENT, POSTGRESQL
)
POSTGRESQL_STATEMENT_INFO = gauge(
    "kubechat_postgresql_statement_info",
    "1, with the beginning of a statement's text, its values left out.",
    (*_STATEMENT, "text"),
    POSTGRESQL,
)
POSTGRESQL_LOCK_WAITERS = gauge(
    "kubechat_postgresql_lock_waiters", "Connections that wait for a lock.", ("server", "database"), POSTGRESQL
)
POSTGRESQL_OLDEST_TRANSACTION = gauge(
    "kubechat_postgresql_oldest_transaction_seconds",
    "Age of the transaction that is open longest; 0 where none is.",
    ("server", "database"),
    POSTGRESQL,
)
POSTGRESQL_CHECKPOINTS = counter(
    "kubechat_postgresql_checkpoints_total",
    "Checkpoints, because of the time or because of the log that was written.",
    ("server", "cause"),
    POSTGRESQL,
)
POSTGRESQL_WAL_BYTES = counter(
    "kubechat_postgresql_wal_bytes_total", "Write-ahead log that this primary wrote.", ("server",), POSTGRESQL
)
POSTGRESQL_WRAPAROUND = gauge(
    "kubechat_postgresql_wraparound_used_ratio",
    "Share of all transaction numbers that a database has used since they were last frozen.",
    ("server", "database"),
    POSTGRESQL,
)
POSTGRESQL_TABLE_BYTES = gauge(
    "kubechat_postgresql_table_bytes",
    "Space of a table with its indexes, by which of them.",
    (*_TABLE, "part"),
    POSTGRESQL,
)
POSTGRESQL_TABLE_SCANS = counter(
    "kubechat_postgresql_table_scans_total",
    "Looks into a table by an index, and from end to end.",
    (*_TABLE, "by"),
    POSTGRESQL,
)

# --- PgBouncer --------------------------------------------------------------------------------------------------------
PGBOUNCER_CLIENT_LIMIT = gauge(
    "kubechat_pgbouncer_client_limit", "Most clients that the pooler takes.", ("server",), PGBOUNCER
)
PGBOUNCER_STATEMENTS = gauge(
    "kubechat_pgbouncer_prepared_statements",
    "Prepared statements that the pooler carries for a connection; 0 where it carries none.",
    ("server",),
    PGBOUNCER,
)

# --- Redis ------------------------------------------------------------------------------------------------------------
REDIS_RESIDENT = gauge(
    "kubechat_redis_memory_resident_bytes",
    "Memory of the node's process: above what its data takes it is fragmentation.",
    ("node",),
    REDIS,
)
REDIS_EXPIRED_KEYS = counter("kubechat_redis_expired_keys_total", "Keys whose time was over.", ("node",), REDIS)
REDIS_COMMAND_TIME = counter(
    "kubechat_redis_command_seconds_total",
    "Time spent in the commands that take most of it.",
    ("node", "operation"),
    REDIS,
)
REDIS_COMMAND_CALLS = counter(
    "kubechat_redis_command_calls_total", "Runs of these commands.", ("node", "operation"), REDIS
)
REDIS_PERSISTENCE_OK = gauge(
    "kubechat_redis_persistence_ok",
    "1 while the last snapshot, or the last write of the log, succeeded.",
    ("node", "kind"),
    REDIS,
)
REDIS_LINK_UP = gauge(
    "kubechat_redis_replica_link_up", "1 while a replica is connected to its master.", ("node",), REDIS
)
