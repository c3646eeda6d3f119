"""The names of dashboards and panels that alerts and documents point at.

A name is a dashboard's uid and a panel's number, which is what a link to Grafana is made of. The dashboards give their
panels these numbers, alerts link to them, and a test follows every link. A number is never given to another panel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SYSTEM_OVERVIEW: Final = "kubechat-system-overview"


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
DEAD_ROWS: Final = PanelName(SYSTEM_OVERVIEW, 41)
VACUUM_AGE: Final = PanelName(SYSTEM_OVERVIEW, 42)
INDEX_REBUILDS: Final = PanelName(SYSTEM_OVERVIEW, 43)
