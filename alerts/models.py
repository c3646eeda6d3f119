"""The alert about a language model that does not answer: nobody is held up by it, and those who rely on it miss it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.gauge_cases import gauge_cases
from app.telemetry.catalogue import MODEL_BREAKER_OPEN
from slo import promql
from slo.objective import Severity
from slo.prometheus import NLP, PACE
from slo.promql import duration, select
from slo.rule import AlertingRule
from slo.series import SERVICE, SEVERITY

if TYPE_CHECKING:
    from slo.case import Case

MODEL_FAILS: Final = "ModelFailing"
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


def model_cases(rule: AlertingRule) -> tuple[Case, ...]:
    """Fires after its time, is silent while closed, ends, and is silent without data."""
    service = {"job": NLP, "instance": "nlp-1"}
    series = select(MODEL_BREAKER_OPEN.name, **service).text
    return gauge_cases(rule, {series: (1, 0, 0)}, labels=service, value=1, interval_s=_INTERVAL_S)
