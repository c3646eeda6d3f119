"""The alert of what a gateway holds a bounded number of: nearly as many as it may hold at once."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.gauge_cases import gauge_cases
from app.telemetry.metric import Metric
from slo import promql
from slo.case import Case
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promises import QUEUE_FULL
from slo.promql import select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

INTERVAL_S = PACE.cause_interval_s
_LIMIT = 100.0  # of the cases


@dataclass(frozen=True, slots=True)
class NearLimit:
    """What is bounded, and the words of its alert.

    Attributes:
        name: of the alert.
        open_now: how many are held.
        limit: how many may be.
        for_s: how long it has to last, in seconds.
        summary: of the alert.
        description: its template.
    """

    name: str
    open_now: Metric
    limit: Metric
    for_s: float
    summary: str
    description: str

    def rule(self) -> AlertingRule:
        """The alert."""
        open_now, limit = (select(each.name, job=GATEWAY).query for each in (self.open_now, self.limit))
        return AlertingRule(
            self.name,
            promql.reaching(promql.divided(open_now, limit), QUEUE_FULL.number),
            for_s=self.for_s,
            labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
            annotations={"summary": self.summary, "description": self.description},
        )

    def cases(self, group: RuleGroup) -> tuple[Case, ...]:
        """Fires after its time, is silent just below, ends, and is silent without data."""
        (rule,) = group.alerts
        service = {"job": GATEWAY, "instance": "gateway-1"}
        bound = QUEUE_FULL.number * _LIMIT
        return gauge_cases(
            rule,
            {select(self.open_now.name, **service).text: (bound, bound - 1, 0)},
            still={select(self.limit.name, **service).text: _LIMIT},
            labels=service,
            value=QUEUE_FULL.number,
            interval_s=INTERVAL_S,
        )
