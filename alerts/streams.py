"""The alert about outputs that are followed: nearly as many as a gateway may hold at once."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from app.telemetry.catalogue import STREAMS, STREAMS_LIMIT
from slo import panels, promql
from slo.case import Case
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promises import QUEUE_FULL
from slo.promql import duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

STREAMS_NEAR_LIMIT: Final = "StreamsNearLimit"
_FOR_S: Final = 300.0  # everybody looks at an incident at once; it lasts where nobody stops again
_INTERVAL_S: Final = PACE.cause_interval_s


def streams() -> LinkedGroup:
    """The alert."""
    open_now, limit = (select(each.name, job=GATEWAY).query for each in (STREAMS, STREAMS_LIMIT))
    rule = AlertingRule(
        STREAMS_NEAR_LIMIT,
        promql.reaching(promql.divided(open_now, limit), QUEUE_FULL.number),
        for_s=_FOR_S,
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "Nearly as many outputs are followed as a gateway may hold",
            "description": (
                "{{ $labels.instance }} follows {{ $value | humanizePercentage }} of the outputs that it may, for "
                f"{duration(_FOR_S)} or longer. At the limit, watches and followed logs are refused; all else goes on."
            ),
        },
    )
    return LinkedGroup(RuleGroup("streams", _INTERVAL_S, (rule,)), {STREAMS_NEAR_LIMIT: panels.STREAMS})


def stream_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires after its time, is silent just below, ends, and is silent without data."""
    (rule,) = group.alerts
    service = {"job": GATEWAY, "instance": "gateway-1"}
    limit = 100.0
    bound = QUEUE_FULL.number * limit
    return gauge_cases(
        rule,
        {select(STREAMS.name, **service).text: (bound, bound - 1, 0)},
        still={select(STREAMS_LIMIT.name, **service).text: limit},
        labels=service,
        value=QUEUE_FULL.number,
        interval_s=_INTERVAL_S,
    )
