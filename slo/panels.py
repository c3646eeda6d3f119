"""The names of dashboards and panels that alerts and documents point at.

A name is a dashboard's uid and a panel's number, which is what a link to Grafana is made of. The dashboards give their
panels these numbers, alerts link to them, and a test follows every link. A number is never given to another panel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SYSTEM_OVERVIEW: Final = "kubechat-system-overview"
SLOS: Final = "kubechat-slos"
GATEWAY: Final = "kubechat-gateway"
NLP: Final = "kubechat-nlp"
AUDIT: Final = "kubechat-audit"
POSTGRESQL: Final = "kubechat-postgresql"
PGBOUNCER: Final = "kubechat-pgbouncer"
REDIS: Final = "kubechat-redis"
CACHES: Final = "kubechat-caches"
ALERTS: Final = "kubechat-alerts"
RESOURCE_UTILIZATION: Final = "kubechat-resource-utilization"
PERFORMANCE_ANALYSIS: Final = "kubechat-performance-analysis"
CLUSTERS: Final = "kubechat-clusters"


@dataclass(frozen=True, slots=True)
class PanelName:
    """One panel of one dashboard.

    Attributes:
        dashboard: the dashboard's uid.
        panel: the panel's number in it.
    """

    dashboard: str
    panel: int

    @property
    def path(self) -> str:
        """Where Grafana shows this panel alone, below Grafana's own address."""
        return f"/d/{self.dashboard}?viewPanel={self.panel}"


SERVICE_RESPONSE_TIMES: Final = PanelName(SYSTEM_OVERVIEW, 1)
REQUEST_THROUGHPUT: Final = PanelName(SYSTEM_OVERVIEW, 2)
ERROR_RATES: Final = PanelName(SYSTEM_OVERVIEW, 3)
ACTIVE_USER_SESSIONS: Final = PanelName(SYSTEM_OVERVIEW, 4)
REPLICAS_UP: Final = PanelName(SYSTEM_OVERVIEW, 5)
BURN_RATE: Final = PanelName(SYSTEM_OVERVIEW, 6)
BUDGET_LEFT: Final = PanelName(SYSTEM_OVERVIEW, 7)
TIME_AGAINST_TARGET: Final = PanelName(SYSTEM_OVERVIEW, 8)
DOWN_THIS_YEAR: Final = PanelName(SYSTEM_OVERVIEW, 9)
MONTH_BUDGET_LEFT: Final = PanelName(SYSTEM_OVERVIEW, 10)
HEADROOM: Final = PanelName(SYSTEM_OVERVIEW, 11)
BACKGROUND_TASKS: Final = PanelName(SYSTEM_OVERVIEW, 12)

POSTGRES_POOLS: Final = PanelName(POSTGRESQL, 1)
POSTGRES_TURNOVER: Final = PanelName(POSTGRESQL, 2)
POSTGRES_PLANNED_ONCE: Final = PanelName(POSTGRESQL, 3)
POSTGRES_QUERY_TIMES: Final = PanelName(POSTGRESQL, 4)
POSTGRES_SLOW_QUERIES: Final = PanelName(POSTGRESQL, 5)
READS_BY_SERVER: Final = PanelName(POSTGRESQL, 6)
REPLICATION_LAG: Final = PanelName(POSTGRESQL, 7)
SETTINGS_DRIFT: Final = PanelName(POSTGRESQL, 8)
READ_REPLICAS: Final = PanelName(POSTGRESQL, 9)
REDIS_EVICTIONS: Final = PanelName(REDIS, 10)
REDIS_COMMANDS: Final = PanelName(REDIS, 11)
REDIS_PIPELINES: Final = PanelName(REDIS, 12)
REDIS_KEY_BYTES: Final = PanelName(REDIS, 13)
DEAD_ROWS: Final = PanelName(POSTGRESQL, 14)
VACUUM_AGE: Final = PanelName(POSTGRESQL, 15)
INDEX_REBUILDS: Final = PanelName(POSTGRESQL, 16)
CACHE_HITS: Final = PanelName(CACHES, 17)
CACHE_BYTES: Final = PanelName(CACHES, 18)
CACHE_AGE: Final = PanelName(CACHES, 19)
CACHE_EVICTIONS: Final = PanelName(CACHES, 20)
CACHE_LOADS: Final = PanelName(CACHES, 21)
CACHE_WARMING: Final = PanelName(CACHES, 22)
CACHE_OBJECTS: Final = PanelName(CACHES, 23)
WATCHES: Final = PanelName(CACHES, 24)
WATCH_EVENTS: Final = PanelName(CACHES, 25)
KUBERNETES_BATCHES: Final = PanelName(CACHES, 26)

POSTGRES_SERVER_CONNECTIONS: Final = PanelName(POSTGRESQL, 23)
POSTGRES_TRANSACTIONS: Final = PanelName(POSTGRESQL, 24)
POSTGRES_BLOCKS: Final = PanelName(POSTGRESQL, 25)
POSTGRES_SIZES: Final = PanelName(POSTGRESQL, 26)
POSTGRES_SERVERS_UP: Final = PanelName(POSTGRESQL, 27)
POSTGRES_DEADLOCKS: Final = PanelName(POSTGRESQL, 28)
POSTGRES_CONNECTION_AGES: Final = PanelName(POSTGRESQL, 29)
POSTGRES_LONGEST_QUERY: Final = PanelName(POSTGRESQL, 30)
POSTGRES_POOL_WAIT: Final = PanelName(POSTGRESQL, 31)
POSTGRES_QUERY_ERRORS: Final = PanelName(POSTGRESQL, 32)
POSTGRES_REPLICAS: Final = PanelName(POSTGRESQL, 33)
INDEX_REBUILD_RUNS: Final = PanelName(POSTGRESQL, 34)
POSTGRES_EXPORTER: Final = PanelName(POSTGRESQL, 35)

PGBOUNCER_UP: Final = PanelName(PGBOUNCER, 1)
PGBOUNCER_POOLS: Final = PanelName(PGBOUNCER, 2)
PGBOUNCER_CLIENTS: Final = PanelName(PGBOUNCER, 3)
PGBOUNCER_WAIT: Final = PanelName(PGBOUNCER, 4)
PGBOUNCER_VERSIONS: Final = PanelName(PGBOUNCER, 5)
PGBOUNCER_IDLE: Final = PanelName(PGBOUNCER, 6)
PGBOUNCER_EXPORTER: Final = PanelName(PGBOUNCER, 7)

REDIS_NODES_UP: Final = PanelName(REDIS, 1)
REDIS_MEMORY: Final = PanelName(REDIS, 2)
REDIS_HITS: Final = PanelName(REDIS, 3)
REDIS_CLIENTS: Final = PanelName(REDIS, 4)
REDIS_SLOTS: Final = PanelName(REDIS, 5)
REDIS_ROLES: Final = PanelName(REDIS, 6)
REDIS_TIMES: Final = PanelName(REDIS, 7)
REDIS_EXPORTER: Final = PanelName(REDIS, 14)

SLO_BUDGETS: Final = PanelName(SLOS, 1)
SLO_BURN_DOWN: Final = PanelName(SLOS, 2)
SLO_BURN_PAGE_FAST: Final = PanelName(SLOS, 3)
SLO_BURN_PAGE_SLOW: Final = PanelName(SLOS, 4)
SLO_BURN_TICKET_FAST: Final = PanelName(SLOS, 5)
SLO_BURN_TICKET_SLOW: Final = PanelName(SLOS, 6)
BURN_RATES: Final = {
    "page-fast": SLO_BURN_PAGE_FAST,
    "page-slow": SLO_BURN_PAGE_SLOW,
    "ticket-fast": SLO_BURN_TICKET_FAST,
    "ticket-slow": SLO_BURN_TICKET_SLOW,
}
"""By the tier of burn rates that a panel draws."""
SLO_MONTH: Final = PanelName(SLOS, 7)
SLO_ERRORS: Final = PanelName(SLOS, 8)
SLO_EVENTS: Final = PanelName(SLOS, 9)
SLO_COUNTING: Final = PanelName(SLOS, 10)
SLO_TARGETS: Final = PanelName(SLOS, 11)

TURN_OUTCOMES: Final = PanelName(GATEWAY, 1)
TURN_TIMES: Final = PanelName(GATEWAY, 2)
COMMANDS_PER_MINUTE: Final = PanelName(GATEWAY, 3)
COMMAND_OUTCOMES: Final = PanelName(GATEWAY, 4)
GATEWAY_REQUESTS: Final = PanelName(GATEWAY, 5)
GATEWAY_REQUEST_TIMES: Final = PanelName(GATEWAY, 6)
GATEWAY_CONNECTIONS: Final = PanelName(GATEWAY, 7)
CLUSTER_REQUESTS: Final = PanelName(GATEWAY, 8)
CLUSTER_TIMES: Final = PanelName(GATEWAY, 9)
GATEWAY_DEPENDENCIES: Final = PanelName(GATEWAY, 10)
PREVIEWS: Final = PanelName(GATEWAY, 11)
SIGN_INS: Final = PanelName(GATEWAY, 12)
GATEWAY_ERRORS: Final = PanelName(GATEWAY, 13)
GATEWAY_MESSAGES: Final = PanelName(GATEWAY, 14)
COMMAND_TIMES: Final = PanelName(GATEWAY, 15)
TASK_RUNS: Final = PanelName(GATEWAY, 16)
POLICY_REFUSALS: Final = PanelName(GATEWAY, 17)
APPROVALS: Final = PanelName(GATEWAY, 18)
JOBS: Final = PanelName(GATEWAY, 19)
JOB_STEPS: Final = PanelName(GATEWAY, 20)
STREAMS: Final = PanelName(GATEWAY, 21)
LIVE_TABLES: Final = PanelName(GATEWAY, 60)
DIAGNOSES: Final = PanelName(GATEWAY, 40)

NLP_TIMES: Final = PanelName(NLP, 1)
NLP_PLANS: Final = PanelName(NLP, 2)
NLP_QUEUE: Final = PanelName(NLP, 3)
NLP_WAIT: Final = PanelName(NLP, 4)
NLP_REFUSED: Final = PanelName(NLP, 5)
NLP_SPREAD: Final = PanelName(NLP, 6)
NLP_VOCABULARIES: Final = PanelName(NLP, 7)
NLP_AVAILABLE: Final = PanelName(NLP, 8)
NLP_MODEL_ANSWERS: Final = PanelName(NLP, 9)
NLP_MODEL_FAILURES: Final = PanelName(NLP, 10)
NLP_MODEL_TOKENS: Final = PanelName(NLP, 11)
NLP_MODEL_CALLS: Final = PanelName(NLP, 12)
NLP_MODEL_TURNS: Final = PanelName(NLP, 13)
NLP_MODEL_STEPS: Final = PanelName(NLP, 14)

AUDIT_EVENTS_PER_HOUR: Final = PanelName(AUDIT, 1)
AUDIT_LAG: Final = PanelName(AUDIT, 2)
AUDIT_QUEUE: Final = PanelName(AUDIT, 3)
AUDIT_INTENTS: Final = PanelName(AUDIT, 4)
AUDIT_SPOOL: Final = PanelName(AUDIT, 5)
AUDIT_BATCHES: Final = PanelName(AUDIT, 6)
AUDIT_COMMITS: Final = PanelName(AUDIT, 7)
AUDIT_REFUSED: Final = PanelName(AUDIT, 8)
AUDIT_KINDS: Final = PanelName(AUDIT, 9)

ALERTS_NOW: Final = PanelName(ALERTS, 1)
ALERTS_OVER_TIME: Final = PanelName(ALERTS, 2)
ALERT_NOTIFICATIONS: Final = PanelName(ALERTS, 3)
ALERT_DELIVERIES: Final = PanelName(ALERTS, 4)
ALERT_DELAY: Final = PanelName(ALERTS, 5)
ALERTS_HELD: Final = PanelName(ALERTS, 6)

CPU_AND_MEMORY: Final = PanelName(RESOURCE_UTILIZATION, 1)
CONNECTION_POOL_STATUS: Final = PanelName(RESOURCE_UTILIZATION, 2)
CACHE_HIT_RATIOS: Final = PanelName(RESOURCE_UTILIZATION, 3)
STORAGE_IO: Final = PanelName(RESOURCE_UTILIZATION, 4)
MEMORY_AGAINST_LIMIT: Final = PanelName(RESOURCE_UTILIZATION, 5)
HEAP: Final = PanelName(RESOURCE_UTILIZATION, 6)
EVENT_LOOP_LAG: Final = PanelName(RESOURCE_UTILIZATION, 7)
FILE_DESCRIPTORS: Final = PanelName(RESOURCE_UTILIZATION, 8)
OUT_OF_MEMORY: Final = PanelName(RESOURCE_UTILIZATION, 9)
BYTES_BY_PEER: Final = PanelName(RESOURCE_UTILIZATION, 10)
LOG_WRITES: Final = PanelName(RESOURCE_UTILIZATION, 11)
CORES: Final = PanelName(RESOURCE_UTILIZATION, 12)
PROCESSOR_MODES: Final = PanelName(RESOURCE_UTILIZATION, 13)
PRESSURE: Final = PanelName(RESOURCE_UTILIZATION, 14)
THROTTLING: Final = PanelName(RESOURCE_UTILIZATION, 15)
MACHINE_MEMORY: Final = PanelName(RESOURCE_UTILIZATION, 16)
DISK_FREE: Final = PanelName(RESOURCE_UTILIZATION, 17)
DISK_LATENCY: Final = PanelName(RESOURCE_UTILIZATION, 18)
INTERFACES: Final = PanelName(RESOURCE_UTILIZATION, 19)
SIZE_USED: Final = PanelName(RESOURCE_UTILIZATION, 30)
POOLER_CLIENTS: Final = PanelName(RESOURCE_UTILIZATION, 20)
POOLER_STATEMENTS: Final = PanelName(RESOURCE_UTILIZATION, 21)
REDIS_FRAGMENTATION: Final = PanelName(RESOURCE_UTILIZATION, 22)
REDIS_HEALTH: Final = PanelName(RESOURCE_UTILIZATION, 23)
REDIS_KEYS_GONE: Final = PanelName(RESOURCE_UTILIZATION, 24)
EXPORTER_TARGETS: Final = PanelName(RESOURCE_UTILIZATION, 25)
EXPORTER_TIMES: Final = PanelName(RESOURCE_UTILIZATION, 26)
COLLECTIONS: Final = PanelName(RESOURCE_UTILIZATION, 27)
WORKERS: Final = PanelName(RESOURCE_UTILIZATION, 28)
TRACE_SPANS: Final = PanelName(RESOURCE_UTILIZATION, 29)

SLOWEST_QUERIES: Final = PanelName(PERFORMANCE_ANALYSIS, 1)
DEPENDENCY_LATENCY: Final = PanelName(PERFORMANCE_ANALYSIS, 2)
KUBERNETES_API_PERFORMANCE: Final = PanelName(PERFORMANCE_ANALYSIS, 3)
NETWORK_LATENCY: Final = PanelName(PERFORMANCE_ANALYSIS, 4)
POSTGRES_LOCKS: Final = PanelName(PERFORMANCE_ANALYSIS, 5)
POSTGRES_LOG: Final = PanelName(PERFORMANCE_ANALYSIS, 6)
WRAPAROUND: Final = PanelName(PERFORMANCE_ANALYSIS, 7)
TABLE_BYTES: Final = PanelName(PERFORMANCE_ANALYSIS, 8)
TABLE_SCANS: Final = PanelName(PERFORMANCE_ANALYSIS, 9)
REDIS_COMMAND_TIMES: Final = PanelName(PERFORMANCE_ANALYSIS, 10)
CERTIFICATES: Final = PanelName(PERFORMANCE_ANALYSIS, 11)
PROBES_UP: Final = PanelName(PERFORMANCE_ANALYSIS, 12)
REPLICAS_BEHIND: Final = PanelName(PERFORMANCE_ANALYSIS, 13)
DEPENDENCY_FAILURES: Final = PanelName(PERFORMANCE_ANALYSIS, 14)
REQUEST_MEANS: Final = PanelName(PERFORMANCE_ANALYSIS, 15)

CLUSTERS_UP: Final = PanelName(CLUSTERS, 1)
CLUSTER_PROBES: Final = PanelName(CLUSTERS, 2)
CLUSTER_PROBE_FAILURES: Final = PanelName(CLUSTERS, 3)
CLUSTER_VERSIONS: Final = PanelName(CLUSTERS, 4)
CLUSTER_NODES: Final = PanelName(CLUSTERS, 5)
CLUSTER_PODS: Final = PanelName(CLUSTERS, 6)
CLUSTER_RESTARTS: Final = PanelName(CLUSTERS, 7)
CLUSTER_OBJECTS: Final = PanelName(CLUSTERS, 8)
CLUSTER_BUDGETS: Final = PanelName(CLUSTERS, 9)
CLUSTER_COUNTED: Final = PanelName(CLUSTERS, 10)
OWN_REPLICAS: Final = PanelName(CLUSTERS, 11)
CLUSTER_BREAKERS: Final = PanelName(CLUSTERS, 31)
FAN_OUTS: Final = PanelName(CLUSTERS, 32)
CLUSTERS_KNOWN: Final = PanelName(CLUSTERS, 33)
