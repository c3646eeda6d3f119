"""The alert about tables that are kept current: nearly as many as a gateway may hold at once."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from app.telemetry.catalogue import LIVE_TABLES, LIVE_TABLES_LIMIT
from slo import panels, promql
from slo.case import Case
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promises import QUEUE_FULL
from slo.promql import duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

LIVE_TABLES_NEAR_LIMIT: Final = "LiveTablesNearLimit"
_FOR_S: Final = 300.0  # a window that is hidden lets its table go within a moment
_INTERVAL_S: Final = PACE.cause_interval_s


def live_tables() -> LinkedGroup:
    """The alert."""
    open_now, limit = (select(each.name, job=GATEWAY).query for each in (LIVE_TABLES, LIVE_TABLES_LIMIT))
    rule = AlertingRule(
        LIVE_TABLES_NEAR_LIMIT,
        promql.reaching(promql.divided(open_now, limit), QUEUE_FULL.number),
        for_s=_FOR_S,
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "Nearly as many tables are kept current as a gateway may hold",
            "description": (
                "{{ $labels.instance }} keeps {{ $value | humanizePercentage }} of the tables current that it may, for "
                f"{duration(_FOR_S)} or longer. At the limit, new tables stay as they were shown; all else goes on."
            ),
        },
    )
    return LinkedGroup(RuleGroup("live-tables", _INTERVAL_S, (rule,)), {LIVE_TABLES_NEAR_LIMIT: panels.LIVE_TABLES})


def live_table_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires after its time, is silent just below, ends, and is silent without data."""
    (rule,) = group.alerts
    service = {"job": GATEWAY, "instance": "gateway-1"}
    limit = 100.0
    bound = QUEUE_FULL.number * limit
    return gauge_cases(
        rule,
        {select(LIVE_TABLES.name, **service).text: (bound, bound - 1, 0)},
        still={select(LIVE_TABLES_LIMIT.name, **service).text: limit},
        labels=service,
        value=QUEUE_FULL.number,
        interval_s=_INTERVAL_S,
    )
