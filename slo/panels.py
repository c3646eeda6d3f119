"""The names of dashboards and panels that alerts and documents point at.

A name is a dashboard's uid and a panel's number, which is what a link to Grafana is made of. The dashboards give their
panels these numbers, alerts link to them, and a test follows every link. A number is never given to another panel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SYSTEM_OVERVIEW: Final = "kubechat-system-overview"
DATA: Final = "kubechat-data"
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

POSTGRES_POOLS: Final = PanelName(DATA, 1)
POSTGRES_TURNOVER: Final = PanelName(DATA, 2)
POSTGRES_PLANNED_ONCE: Final = PanelName(DATA, 3)
POSTGRES_QUERY_TIMES: Final = PanelName(DATA, 4)
POSTGRES_SLOW_QUERIES: Final = PanelName(DATA, 5)
READS_BY_SERVER: Final = PanelName(DATA, 6)
REPLICATION_LAG: Final = PanelName(DATA, 7)
SETTINGS_DRIFT: Final = PanelName(DATA, 8)
READ_REPLICAS: Final = PanelName(DATA, 9)
REDIS_EVICTIONS: Final = PanelName(DATA, 10)
REDIS_COMMANDS: Final = PanelName(DATA, 11)
REDIS_PIPELINES: Final = PanelName(DATA, 12)
REDIS_KEY_BYTES: Final = PanelName(DATA, 13)
DEAD_ROWS: Final = PanelName(DATA, 14)
VACUUM_AGE: Final = PanelName(DATA, 15)
INDEX_REBUILDS: Final = PanelName(DATA, 16)
CACHE_HITS: Final = PanelName(DATA, 17)
CACHE_BYTES: Final = PanelName(DATA, 18)
CACHE_AGE: Final = PanelName(DATA, 19)
CACHE_EVICTIONS: Final = PanelName(DATA, 20)
CACHE_LOADS: Final = PanelName(DATA, 21)
CACHE_WARMING: Final = PanelName(DATA, 22)

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
POOLER_CLIENTS: Final = PanelName(RESOURCE_UTILIZATION, 20)
POOLER_STATEMENTS: Final = PanelName(RESOURCE_UTILIZATION, 21)
REDIS_FRAGMENTATION: Final = PanelName(RESOURCE_UTILIZATION, 22)
REDIS_HEALTH: Final = PanelName(RESOURCE_UTILIZATION, 23)
REDIS_KEYS_GONE: Final = PanelName(RESOURCE_UTILIZATION, 24)
EXPORTER_TARGETS: Final = PanelName(RESOURCE_UTILIZATION, 25)
EXPORTER_TIMES: Final = PanelName(RESOURCE_UTILIZATION, 26)
COLLECTIONS: Final = PanelName(RESOURCE_UTILIZATION, 27)
WORKERS: Final = PanelName(RESOURCE_UTILIZATION, 28)

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
