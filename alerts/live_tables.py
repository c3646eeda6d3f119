"""The alert about tables that are kept current: nearly as many as a gateway may hold at once."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.near_limit import INTERVAL_S, NearLimit
from app.telemetry.catalogue import LIVE_TABLES, LIVE_TABLES_LIMIT
from slo import panels
from slo.case import Case
from slo.promql import duration
from slo.rule import RuleGroup

LIVE_TABLES_NEAR_LIMIT: Final = "LiveTablesNearLimit"
_FOR_S: Final = 300.0  # a window that is hidden lets its table go within a moment
_NEAR: Final = NearLimit(
    LIVE_TABLES_NEAR_LIMIT,
    LIVE_TABLES,
    LIVE_TABLES_LIMIT,
    _FOR_S,
    "Nearly as many tables are kept current as a gateway may hold",
    "{{ $labels.instance }} keeps {{ $value | humanizePercentage }} of the tables current that it may, for "
    f"{duration(_FOR_S)} or longer. At the limit, new tables stay as they were shown; all else goes on.",
)


def live_tables() -> LinkedGroup:
    """The alert."""
    return LinkedGroup(
        RuleGroup("live-tables", INTERVAL_S, (_NEAR.rule(),)), {LIVE_TABLES_NEAR_LIMIT: panels.LIVE_TABLES}
    )


def live_table_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires after its time, is silent just below, ends, and is silent without data."""
    return _NEAR.cases(group)
