"""The alert about people whom the policy refuses again and again: somebody's rights are missing, or tried out."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import POLICY_REFUSALS
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promql import duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

POLICY_REFUSING: Final = "PolicyRefusing"
WINDOW_S: Final = 900.0
MOST: Final = 20
"""Refusals within the window, for one reason: who is refused asks two or three times, and then their administrator."""
_INTERVAL_S: Final = PACE.cause_interval_s


def rights() -> LinkedGroup:
    """The alert."""
    refused = promql.total(promql.increase(select(POLICY_REFUSALS.name, job=GATEWAY), WINDOW_S), ("reason",))
    rule = AlertingRule(
        POLICY_REFUSING,
        promql.above(refused, MOST),
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "The policy refuses people again and again",
            "description": (
                f"More than {MOST} requests within the last {duration(WINDOW_S)} were refused by KubeChat's own "
                'policy with the reason "{{ $labels.reason }}". Nothing of them was sent to a cluster.'
            ),
        },
    )
    return LinkedGroup(RuleGroup("rights", _INTERVAL_S, (rule,)), {POLICY_REFUSING: panels.POLICY_REFUSALS})


def rights_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires above the bound, is silent just below, ends when the window is over, and is silent without data."""
    (rule,) = group.alerts
    labels = {"reason": "not_mapped"}
    series = select(POLICY_REFUSALS.name, job=GATEWAY, instance="gateway-1", **labels).text
    steps = round(WINDOW_S / _INTERVAL_S)
    twice = 2 * (MOST + 1) / steps
    return (
        Case(
            f"{POLICY_REFUSING} fires while many are refused, and ends when nobody is any more",
            _INTERVAL_S,
            rising((Phase(2 * steps, {series: twice}), Phase(3 * steps, {}))),
            (
                AlertCheck(_INTERVAL_S, POLICY_REFUSING),
                AlertCheck(1.5 * WINDOW_S, POLICY_REFUSING, (firing(rule, labels),)),
                AlertCheck(4 * WINDOW_S, POLICY_REFUSING),
            ),
        ),
        Case(
            f"{POLICY_REFUSING} is silent just below",
            _INTERVAL_S,
            rising((Phase(3 * steps, {series: 0.9 * MOST / steps}),)),
            (AlertCheck(2 * WINDOW_S, POLICY_REFUSING),),
        ),
        Case(f"{POLICY_REFUSING} is silent without data", _INTERVAL_S, {}, (AlertCheck(WINDOW_S, POLICY_REFUSING),)),
    )
