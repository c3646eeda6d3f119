"""The alert about what is done in the background and has not succeeded for too long."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import TASK_DUE
from slo import panels, promql
from slo.case import AlertCheck, Case, firing
from slo.objective import Severity
from slo.prometheus import AUDIT, GATEWAY, PACE
from slo.promql import one_of, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

TASK_OVERDUE: Final = "TaskOverdue"
_INTERVAL_S: Final = PACE.cause_interval_s


def tasks() -> LinkedGroup:
    """The alert."""
    overdue = promql.below(promql.until_now(select(TASK_DUE.name, job=one_of((GATEWAY, AUDIT))).query), 0)
    rule = AlertingRule(
        TASK_OVERDUE,
        overdue,
        labels={SERVICE: "{{ $labels.job }}", SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "A background task has not succeeded for too long",
            "description": (
                'The task "{{ $labels.task }}" of {{ $labels.instance }} has missed three of its runs. '
                "It is tried again by itself; the log says why it fails."
            ),
        },
    )
    return LinkedGroup(RuleGroup("tasks", _INTERVAL_S, (rule,)), {TASK_OVERDUE: panels.BACKGROUND_TASKS})


def task_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires when the time is over, is silent until then, ends with the next success, and is silent without data."""
    (rule,) = group.alerts
    labels = {"job": GATEWAY, "instance": "gateway-1", "task": "prune sessions"}
    series = select(TASK_DUE.name, **labels).text
    due_s, again_s = 300.0, 600.0
    steps = round(again_s / _INTERVAL_S)
    return (
        Case(
            f"{TASK_OVERDUE} fires when a task is past its time, and ends when it has succeeded again",
            _INTERVAL_S,
            {series: f"{due_s:.0f}x{steps - 1} {again_s + due_s:.0f}x{steps}"},
            (
                AlertCheck(due_s, TASK_OVERDUE),
                AlertCheck(due_s + _INTERVAL_S, TASK_OVERDUE, (firing(rule, labels),)),
                AlertCheck(again_s, TASK_OVERDUE),
                AlertCheck(again_s + due_s, TASK_OVERDUE),
            ),
        ),
        Case(f"{TASK_OVERDUE} is silent without data", _INTERVAL_S, {}, (AlertCheck(again_s, TASK_OVERDUE),)),
    )
