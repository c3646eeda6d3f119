"""Alerts about what services depend on, and about notifications that do not leave.

What people notice of the first pages by the objectives; here is where to look.
"""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.models import MODEL_FAILS, MODEL_FULL, model_cases, model_failing, model_near_limit
from app.telemetry.catalogue import DEPENDENCY_REQUESTS
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising
from slo.objective import Severity
from slo.prometheus import ALERTMANAGER, NOTIFICATIONS, NOTIFICATIONS_FAILED, PACE
from slo.promises import DEPENDENCY_FAILING
from slo.promql import differs, duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

DEPENDENCY_FAILS: Final = "DependencyFailing"
NOTIFICATIONS_FAIL: Final = "NotificationsFailing"
_WINDOW_S: Final = 300.0
_FOR_S: Final = 120.0
FEWEST: Final = 20  # calls within the window: of fewer, one that fails is a large share
_INTERVAL_S: Final = PACE.counting_interval_s / 2
_BY: Final = ("job", "dependency")


def dependencies() -> LinkedGroup:
    """The alerts."""
    return LinkedGroup(
        RuleGroup("dependencies", _INTERVAL_S, (_failing(), _notifications(), model_failing(), model_near_limit())),
        {
            DEPENDENCY_FAILS: panels.DEPENDENCY_FAILURES,
            NOTIFICATIONS_FAIL: panels.ALERT_NOTIFICATIONS,
            MODEL_FAILS: panels.NLP_MODEL_FAILURES,
            MODEL_FULL: panels.NLP_MODEL_ANSWERS,
        },
    )


def _failing() -> AlertingRule:
    all_ = promql.total(promql.rate(select(DEPENDENCY_REQUESTS.name), _WINDOW_S), _BY)
    failed = promql.total(
        promql.rate(select(DEPENDENCY_REQUESTS.name, outcome=differs("ok", "failed")), _WINDOW_S), _BY
    )
    return AlertingRule(
        DEPENDENCY_FAILS,
        promql.above(promql.divided(failed, promql.above(all_, FEWEST / _WINDOW_S)), DEPENDENCY_FAILING.number),
        for_s=_FOR_S,
        labels={SERVICE: "{{ $labels.job }}", SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "What a service depends on fails it",
            "description": (
                "{{ $value | humanizePercentage }} of the calls of {{ $labels.job }} to {{ $labels.dependency }} got "
                f"no good answer, for {duration(_FOR_S)} or longer."
            ),
        },
    )


def _notifications() -> AlertingRule:
    failed = promql.total(promql.increase(select(NOTIFICATIONS_FAILED, job=ALERTMANAGER), _WINDOW_S), ("integration",))
    return AlertingRule(
        NOTIFICATIONS_FAIL,
        promql.above(failed, 0),
        for_s=_FOR_S,
        labels={SERVICE: "monitoring", SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "Alertmanager cannot deliver notifications",
            "description": (
                "Notifications by {{ $labels.integration }} fail, for "
                f"{duration(_FOR_S)} or longer. They are tried again; who relies on them alone is told late or never."
            ),
        },
    )


def dependency_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires, stays silent just below, ends, and is silent without data."""
    failing, notifications, *model = group.alerts
    return (*_failing_cases(failing), *_notification_cases(notifications), *model_cases(*model))


def _failing_cases(rule: AlertingRule) -> tuple[Case, ...]:
    of = {"job": "gateway", "instance": "gateway-1", "dependency": "nlp", "operation": "plan"}
    ok, bad = (select(DEPENDENCY_REQUESTS.name, **of, outcome=outcome).text for outcome in ("ok", "timeout"))
    labels = {"job": "gateway", "dependency": "nlp"}
    steps = round(2 * (_WINDOW_S + _FOR_S) / _INTERVAL_S)
    late_s = steps * _INTERVAL_S

    def calls(number_: float, share: float, length: int = steps) -> Phase:
        return Phase(length, {ok: number_ * (1 - share), bad: number_ * share})

    few = 0.5 * FEWEST * _INTERVAL_S / _WINDOW_S
    return (
        Case(
            f"{rule.alert} fires when half of the calls fail, and ends when none does",
            _INTERVAL_S,
            rising((calls(100, 0.5), calls(100, 0))),
            (
                AlertCheck(_FOR_S - _INTERVAL_S, rule.alert),
                AlertCheck(late_s, rule.alert, (firing(rule, labels, 0.5),)),
                AlertCheck(2 * late_s, rule.alert),
            ),
        ),
        Case(
            f"{rule.alert} is silent just below, and while there are few",
            _INTERVAL_S,
            rising((calls(100, DEPENDENCY_FAILING.number * 0.9), calls(few, 1, 2 * steps))),
            (AlertCheck(late_s, rule.alert), AlertCheck(3 * late_s, rule.alert)),
        ),
        Case(f"{rule.alert} is silent without data", _INTERVAL_S, {}, (AlertCheck(late_s, rule.alert),)),
    )


def _notification_cases(rule: AlertingRule) -> tuple[Case, ...]:
    of = {"job": ALERTMANAGER, "instance": "alertmanager", "integration": "email"}
    sent, failed = (select(name, **of).text for name in (NOTIFICATIONS, NOTIFICATIONS_FAILED))
    steps = round(2 * (_WINDOW_S + _FOR_S) / _INTERVAL_S)
    late_s = steps * _INTERVAL_S
    return (
        Case(
            f"{rule.alert} fires while they fail, and ends when they do not",
            _INTERVAL_S,
            rising((Phase(steps, {sent: 2, failed: 1}), Phase(steps, {sent: 2}))),
            (
                AlertCheck(_FOR_S - _INTERVAL_S, rule.alert),
                AlertCheck(late_s, rule.alert, (firing(rule, {"integration": "email"}),)),
                AlertCheck(2 * late_s, rule.alert),
            ),
        ),
        Case(
            f"{rule.alert} is silent while they leave",
            _INTERVAL_S,
            rising((Phase(steps, {sent: 2, failed: 0}),)),
            (AlertCheck(late_s, rule.alert),),
        ),
        Case(f"{rule.alert} is silent without data", _INTERVAL_S, {}, (AlertCheck(late_s, rule.alert),)),
    )
