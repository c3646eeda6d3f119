"""The alert about analyzers that cannot read what clusters give them: diagnoses then miss what is wrong."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import DIAGNOSIS_FAULTS
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promql import duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

DIAGNOSIS_FAULTY: Final = "DiagnosisFaulty"
FAULTS_WINDOW_S: Final = 3600.0
MOST_FAULTS: Final = 10
"""Objects within the window that one analyzer could not read: one odd object is met by each diagnosis of its place."""
_INTERVAL_S: Final = PACE.cause_interval_s


def diagnosis() -> LinkedGroup:
    """The alert."""
    counted = select(DIAGNOSIS_FAULTS.name, job=GATEWAY)
    rule = AlertingRule(
        DIAGNOSIS_FAULTY,
        promql.above(promql.total(promql.increase(counted, FAULTS_WINDOW_S), ("analyzer",)), MOST_FAULTS),
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "Diagnoses cannot read what clusters give them",
            "description": (
                f'The analyzer "{{{{ $labels.analyzer }}}}" could not read more than {MOST_FAULTS} objects within the '
                f"last {duration(FAULTS_WINDOW_S)}. People are told which; what is wrong with those is not found."
            ),
        },
    )
    return LinkedGroup(RuleGroup("diagnosis", _INTERVAL_S, (rule,)), {DIAGNOSIS_FAULTY: panels.DIAGNOSES})


def diagnosis_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires above its bound, is silent just below, ends when the window is over, and is silent without data."""
    (rule,) = group.alerts
    labels = {"analyzer": "images"}
    series = select(DIAGNOSIS_FAULTS.name, job=GATEWAY, instance="gateway-1", **labels).text
    steps = round(FAULTS_WINDOW_S / _INTERVAL_S)
    return (
        Case(
            f"{DIAGNOSIS_FAULTY} fires while there are many, and ends when there are none any more",
            _INTERVAL_S,
            rising((Phase(2 * steps, {series: 2 * (MOST_FAULTS + 1) / steps}), Phase(3 * steps, {}))),
            (
                AlertCheck(_INTERVAL_S, DIAGNOSIS_FAULTY),
                AlertCheck(1.5 * FAULTS_WINDOW_S, DIAGNOSIS_FAULTY, (firing(rule, labels),)),
                AlertCheck(4 * FAULTS_WINDOW_S, DIAGNOSIS_FAULTY),
            ),
        ),
        Case(
            f"{DIAGNOSIS_FAULTY} is silent just below",
            _INTERVAL_S,
            rising((Phase(3 * steps, {series: 0.9 * MOST_FAULTS / steps}),)),
            (AlertCheck(2 * FAULTS_WINDOW_S, DIAGNOSIS_FAULTY),),
        ),
        Case(
            f"{DIAGNOSIS_FAULTY} is silent without data",
            _INTERVAL_S,
            {},
            (AlertCheck(FAULTS_WINDOW_S, DIAGNOSIS_FAULTY),),
        ),
    )
