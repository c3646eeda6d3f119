"""Alerts about people whom the policy refuses again and again, and about plans that no second person looks at."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import APPROVALS, POLICY_REFUSALS
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promql import duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

POLICY_REFUSING: Final = "PolicyRefusing"
APPROVALS_UNANSWERED: Final = "ApprovalsUnanswered"
REFUSALS_WINDOW_S: Final = 900.0
MOST_REFUSALS: Final = 20
"""Refusals within the window, for one reason: who is refused asks two or three times, and then their administrator."""
UNANSWERED_WINDOW_S: Final = 3600.0
MOST_UNANSWERED: Final = 2
"""Plans within the window: one or two are given up by the person who asked; more wait for somebody who is not there."""
_INTERVAL_S: Final = PACE.cause_interval_s
_TICKET: Final = {SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value}


def rights() -> LinkedGroup:
    """The alerts."""
    return LinkedGroup(
        RuleGroup("rights", _INTERVAL_S, (_refusing(), _unanswered())),
        {POLICY_REFUSING: panels.POLICY_REFUSALS, APPROVALS_UNANSWERED: panels.APPROVALS},
    )


def _refusing() -> AlertingRule:
    counted = select(POLICY_REFUSALS.name, job=GATEWAY)
    return AlertingRule(
        POLICY_REFUSING,
        promql.above(promql.total(promql.increase(counted, REFUSALS_WINDOW_S), ("reason",)), MOST_REFUSALS),
        labels=_TICKET,
        annotations={
            "summary": "The policy refuses people again and again",
            "description": (
                f"More than {MOST_REFUSALS} requests within the last {duration(REFUSALS_WINDOW_S)} were refused by "
                'KubeChat\'s own policy with the reason "{{ $labels.reason }}". Nothing of them was sent to a cluster.'
            ),
        },
    )


def _unanswered() -> AlertingRule:
    counted = select(APPROVALS.name, job=GATEWAY, result="expired")
    return AlertingRule(
        APPROVALS_UNANSWERED,
        promql.above(promql.total(promql.increase(counted, UNANSWERED_WINDOW_S)), MOST_UNANSWERED),
        labels=_TICKET,
        annotations={
            "summary": "Nobody answers plans that need a second person",
            "description": (
                f"More than {MOST_UNANSWERED} plans within the last {duration(UNANSWERED_WINDOW_S)} waited for a "
                "second person's approval until their time was over. None of them was carried out."
            ),
        },
    )


def rights_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each fires above its bound, is silent just below, ends when the window is over, and is silent without data."""
    refusing, unanswered = group.alerts
    gateway = {"job": GATEWAY, "instance": "gateway-1"}
    refused = select(POLICY_REFUSALS.name, **gateway, reason="not_mapped").text
    expired = select(APPROVALS.name, **gateway, result="expired").text
    return (
        *_cases(refusing, refused, {"reason": "not_mapped"}, MOST_REFUSALS, REFUSALS_WINDOW_S),
        *_cases(unanswered, expired, {}, MOST_UNANSWERED, UNANSWERED_WINDOW_S),
    )


def _cases(rule: AlertingRule, series: str, labels: dict[str, str], most: float, window_s: float) -> tuple[Case, ...]:
    steps = round(window_s / _INTERVAL_S)
    return (
        Case(
            f"{rule.alert} fires while there are many, and ends when there are none any more",
            _INTERVAL_S,
            rising((Phase(2 * steps, {series: 2 * (most + 1) / steps}), Phase(3 * steps, {}))),
            (
                AlertCheck(_INTERVAL_S, rule.alert),
                AlertCheck(1.5 * window_s, rule.alert, (firing(rule, labels),)),
                AlertCheck(4 * window_s, rule.alert),
            ),
        ),
        Case(
            f"{rule.alert} is silent just below",
            _INTERVAL_S,
            rising((Phase(3 * steps, {series: 0.9 * most / steps}),)),
            (AlertCheck(2 * window_s, rule.alert),),
        ),
        Case(f"{rule.alert} is silent without data", _INTERVAL_S, {}, (AlertCheck(window_s, rule.alert),)),
    )
