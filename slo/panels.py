"""The names of dashboards and panels that alerts and documents point at.

A name is a dashboard's uid and a panel's number, which is what a link to Grafana is made of. The dashboards give their
panels these numbers, alerts link to them, and a test follows every link. A number is never given to another panel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SYSTEM_OVERVIEW: Final = "kubechat-system-overview"
DATA: Final = "kubechat-data"


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
