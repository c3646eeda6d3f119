"""The alert about requests that take longer than a week ago: worth a look before it breaks a promise.

An hour is compared with the same hour of the week before, because load has the rhythm of a week.
"""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import HTTP_REQUEST_DURATION
from slo import panels, promql
from slo.case import AlertCheck, Case, firing, steady
from slo.objective import Severity
from slo.promql import duration, number, select
from slo.rule import AlertingRule, RecordingRule, RuleGroup
from slo.series import MEAN_REQUEST, SERVICE, SEVERITY
from slo.targets.load_testing import REGRESSION_ALERT

SLOWER: Final = "RequestsSlowerThanLastWeek"
CASE_STEP_S: Final = 1_800.0
_HOUR_S: Final = 3_600.0
_WEEK_S: Final = 7 * 86_400.0
_FEWEST_PER_S: Final = 0.2  # requests: some 700 an hour, below which their mean is a matter of chance
_SLOWER_FOR_S: Final = 3_600.0
_INTERVAL_S: Final = 300.0
_CLASS: Final = ("job", "operation_class")


def regressions() -> LinkedGroup:
    """The alert, and the mean that it compares."""
    return LinkedGroup(RuleGroup("regressions", _INTERVAL_S, (_mean(), _slower())), {SLOWER: panels.REQUEST_MEANS})


def _mean() -> RecordingRule:
    time, requests = (
        promql.total(promql.rate(select(name), _HOUR_S), _CLASS)
        for name in (HTTP_REQUEST_DURATION.sum, HTTP_REQUEST_DURATION.count)
    )
    return RecordingRule(MEAN_REQUEST, promql.divided(time, promql.above(requests, _FEWEST_PER_S)))


def _slower() -> AlertingRule:
    now = select(MEAN_REQUEST).query
    more = 1 + REGRESSION_ALERT.figure.number
    return AlertingRule(
        SLOWER,
        promql.above(promql.divided(now, promql.ago(now, _WEEK_S)), more),
        for_s=_SLOWER_FOR_S,
        labels={SERVICE: "{{ $labels.job }}", SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "Requests take longer than a week ago",
            "description": (
                "Requests of class {{ $labels.operation_class }} of {{ $labels.job }} take longer than "
                f"{number(more)} times what they took in the same hour a week ago, for {duration(_SLOWER_FOR_S)} or "
                "longer."
            ),
        },
    )


def regression_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires, is silent just below, ends, and is silent without data; evaluated every `CASE_STEP_S`."""
    (rule,) = group.alerts
    labels = {"job": "gateway", "operation_class": "api"}
    recorded = select(MEAN_REQUEST, **labels).text
    week = round(_WEEK_S / CASE_STEP_S)
    more = 1 + REGRESSION_ALERT.figure.number

    def then(value: float) -> dict[str, str]:
        return {recorded: f"{steady(0.1, week)} {steady(value, 8)} {steady(0.1, week)}"}

    late_s = _WEEK_S + 4 * CASE_STEP_S
    return (
        Case(
            f"{rule.alert} fires when they take half as long again, and ends when they do not",
            CASE_STEP_S,
            then(0.15),
            (
                AlertCheck(_WEEK_S + 2 * CASE_STEP_S, rule.alert),
                AlertCheck(late_s, rule.alert, (firing(rule, labels, 1.5),)),
                AlertCheck(_WEEK_S + 14 * CASE_STEP_S, rule.alert),
            ),
        ),
        Case(
            f"{rule.alert} is silent just below",
            CASE_STEP_S,
            then(0.1 * (more - 0.01)),
            (AlertCheck(late_s, rule.alert),),
        ),
        Case(f"{rule.alert} is silent without data", CASE_STEP_S, {}, (AlertCheck(late_s, rule.alert),)),
    )
