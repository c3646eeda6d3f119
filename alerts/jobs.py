"""The alert about a job that does not come to its end."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from app.telemetry.catalogue import JOB_OLDEST_AGE
from slo import panels, promql
from slo.case import Case
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promql import duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

JOB_RUNNING_LONG: Final = "JobRunningLong"
LONGEST_S: Final = 3600.0
"""A node of a hundred pods is drained within minutes; what takes an hour waits for something that does not happen."""
_FOR_S: Final = 60.0
_INTERVAL_S: Final = PACE.cause_interval_s


def jobs() -> LinkedGroup:
    """The alert."""
    oldest = promql.maximum(select(JOB_OLDEST_AGE.name, job=GATEWAY).query)
    rule = AlertingRule(
        JOB_RUNNING_LONG,
        promql.above(oldest, LONGEST_S),
        for_s=_FOR_S,
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "A job does not come to its end",
            "description": (
                f"The oldest job has been under way for more than {duration(LONGEST_S)}: a drain that a disruption "
                "budget holds up, or one that no replica carries out."
            ),
        },
    )
    return LinkedGroup(RuleGroup("jobs", _INTERVAL_S, (rule,)), {JOB_RUNNING_LONG: panels.JOBS})


def job_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires above the bound, is silent just below, ends, and is silent without data."""
    (rule,) = group.alerts
    series = select(JOB_OLDEST_AGE.name, job=GATEWAY, instance="gateway-1").text
    return gauge_cases(
        rule, {series: (LONGEST_S + 1, LONGEST_S, 0)}, labels={}, value=LONGEST_S + 1, interval_s=_INTERVAL_S
    )
