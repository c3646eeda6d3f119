"""Alerts about a language model that does not answer, or not all: nobody is held up by it, and some miss it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.gauge_cases import gauge_cases
from app.telemetry.catalogue import MODEL_BREAKER_OPEN, MODEL_LIMIT, MODEL_UNDER_WAY
from slo import promql
from slo.objective import Severity
from slo.prometheus import NLP, PACE
from slo.promises import QUEUE_FULL
from slo.promql import duration, select
from slo.rule import AlertingRule
from slo.series import SERVICE, SEVERITY

if TYPE_CHECKING:
    from slo.case import Case

MODEL_FAILS: Final = "ModelFailing"
MODEL_FULL: Final = "ModelNearLimit"
_FULL_FOR_S: Final = 300.0  # everybody asks at once when something is wrong, and is answered within a minute or two
_FOR_S: Final = 120.0  # an endpoint that loads another model is back by then
_INTERVAL_S: Final = PACE.counting_interval_s / 2


def model_failing() -> AlertingRule:
    """The alert."""
    return AlertingRule(
        MODEL_FAILS,
        promql.equal_to(select(MODEL_BREAKER_OPEN.name, job=NLP).query, 1),
        for_s=_FOR_S,
        labels={SERVICE: NLP, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "The language model gives no answers",
            "description": (
                f"{{{{ $labels.instance }}}} has left the language model alone for {duration(_FOR_S)} or longer, as it "
                "failed again and again. Plain requests are understood without it; open questions are not answered."
            ),
        },
    )


def model_near_limit() -> AlertingRule:
    """The alert."""
    under_way, limit = (select(each.name, job=NLP).query for each in (MODEL_UNDER_WAY, MODEL_LIMIT))
    return AlertingRule(
        MODEL_FULL,
        promql.reaching(promql.divided(under_way, limit), QUEUE_FULL.number),
        for_s=_FULL_FOR_S,
        labels={SERVICE: NLP, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "Nearly as many answers of the language model are under way as may be",
            "description": (
                "{{ $labels.instance }} waits for {{ $value | humanizePercentage }} of the answers that it may, for "
                f"{duration(_FULL_FOR_S)} or longer. At the limit people are told that the model is busy."
            ),
        },
    )


def model_cases(failing: AlertingRule, near_limit: AlertingRule) -> tuple[Case, ...]:
    """Each fires after its time, is silent just below, ends, and is silent without data."""
    service = {"job": NLP, "instance": "nlp-1"}
    is_open, under_way, limit = (
        select(each.name, **service).text for each in (MODEL_BREAKER_OPEN, MODEL_UNDER_WAY, MODEL_LIMIT)
    )
    most = 100.0
    bound = QUEUE_FULL.number * most
    return (
        *gauge_cases(failing, {is_open: (1, 0, 0)}, labels=service, value=1, interval_s=_INTERVAL_S),
        *gauge_cases(
            near_limit,
            {under_way: (bound, bound - 1, 0)},
            still={limit: most},
            labels=service,
            value=QUEUE_FULL.number,
            interval_s=_INTERVAL_S,
        ),
    )
