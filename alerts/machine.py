"""Alerts about the machine: a disk that fills, a core that is alone at its end, a quota that is used up."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from app.telemetry.exporter_catalogue import (
    HOST,
    HOST_CGROUP_PERIODS,
    HOST_CGROUP_THROTTLED,
    HOST_CORE_BUSY,
)
from app.telemetry.server_catalogue import HOST_DISK_FREE, HOST_DISK_TOTAL
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising
from slo.objective import Severity
from slo.prometheus import PACE
from slo.promises import CORE_BUSY, CORES_BUSY, DISK_FREE, THROTTLED
from slo.promql import duration, number, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

DISK_FILLING: Final = "DiskFilling"
CORE_SATURATED: Final = "CoreSaturated"
CPU_THROTTLED: Final = "CpuThrottled"

_FOR_S: Final = 300.0
_WINDOW_S: Final = 300.0
_INTERVAL_S: Final = PACE.cause_interval_s
_JOB: Final = HOST[0]
_LABELS: Final = {SERVICE: "machine", SEVERITY: Severity.TICKET.value}


def machine() -> LinkedGroup:
    """The alerts."""
    return LinkedGroup(
        RuleGroup("machine", _INTERVAL_S, (_disk(), _core(), _throttled())),
        {DISK_FILLING: panels.DISK_FREE, CORE_SATURATED: panels.CORES, CPU_THROTTLED: panels.THROTTLING},
    )


def _disk() -> AlertingRule:
    free = promql.divided(select(HOST_DISK_FREE.name, job=_JOB).query, select(HOST_DISK_TOTAL.name, job=_JOB).query)
    return AlertingRule(
        DISK_FILLING,
        promql.below(free, DISK_FREE.number),
        for_s=_FOR_S,
        labels=_LABELS,
        annotations={
            "summary": "A file system is nearly full",
            "description": (
                "The file system below the {{ $labels.role }} directory of {{ $labels.host }} has "
                f"{{{{ $value | humanizePercentage }}}} left, for {duration(_FOR_S)} or longer. When it is full "
                "nothing can be written any more, and PostgreSQL stops."
            ),
        },
    )


def _core() -> AlertingRule:
    busy = promql.total(promql.rate(select(HOST_CORE_BUSY.name, job=_JOB), _WINDOW_S), ("host", "core"))
    alone = promql.below(promql.average(busy, ("host",)), CORES_BUSY.number)
    return AlertingRule(
        CORE_SATURATED,
        promql.both(promql.reaching(promql.maximum(busy, ("host",)), CORE_BUSY.number), alone),
        for_s=_FOR_S,
        labels=_LABELS,
        annotations={
            "summary": "One core is at its end while others are free",
            "description": (
                "A core of {{ $labels.host }} is busy for {{ $value | humanizePercentage }} of the time, while all of "
                f"them together are below {number(CORES_BUSY.number * 100)} %, for {duration(_FOR_S)} or longer: what "
                "runs there has one thread, and no other core can help it."
            ),
        },
    )


def _throttled() -> AlertingRule:
    share = promql.divided(
        promql.total(promql.rate(select(HOST_CGROUP_THROTTLED.name, job=_JOB), _WINDOW_S), ("host",)),
        promql.total(promql.rate(select(HOST_CGROUP_PERIODS.name, job=_JOB), _WINDOW_S), ("host",)),
    )
    return AlertingRule(
        CPU_THROTTLED,
        promql.above(share, THROTTLED.number),
        for_s=_FOR_S,
        labels=_LABELS,
        annotations={
            "summary": "A container uses up its processor quota",
            "description": (
                "{{ $value | humanizePercentage }} of the periods of the control group on {{ $labels.host }} ended "
                f"with its quota used up, for {duration(_FOR_S)} or longer: what runs there pauses for up to a tenth "
                "of a second each time."
            ),
        },
    )


def machine_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires, stays silent just below, ends, and is silent without data."""
    disk, core, throttled = group.alerts
    own = {"job": _JOB, "instance": "host", "host": "node-1"}
    place = own | {"role": "data"}
    size, least = 1000.0, DISK_FREE.number
    return (
        *gauge_cases(
            disk,
            {select(HOST_DISK_FREE.name, **place).text: (least * size - 10, least * size, size)},
            still={select(HOST_DISK_TOTAL.name, **place).text: size},
            labels=place,
            value=least - 10 / size,
            interval_s=_INTERVAL_S,
        ),
        *_core_cases(core, own),
        *_throttled_cases(throttled, own),
    )


_STEPS: Final = round((2 * _FOR_S + 2 * _WINDOW_S) / _INTERVAL_S)
_LATE_S: Final = _STEPS * _INTERVAL_S


def _core_cases(rule: AlertingRule, own: dict[str, str]) -> tuple[Case, ...]:
    cores = [select(HOST_CORE_BUSY.name, **own, core=str(each)).text for each in range(4)]

    def busy(first: float, others: float) -> Phase:
        return Phase(_STEPS, {core: _INTERVAL_S * (others if number_ else first) for number_, core in enumerate(cores)})

    def case(name: str, phases: tuple[Phase, ...], *checks: AlertCheck) -> Case:
        return Case(f"{rule.alert} {name}", _INTERVAL_S, rising(phases) if phases else {}, checks)

    silent = AlertCheck(_LATE_S, rule.alert)
    return (
        case(
            "fires when one core is at its end alone, and ends when it is not",
            (busy(0.98, 0.1), busy(0.5, 0.1)),
            AlertCheck(_FOR_S - _INTERVAL_S, rule.alert),
            AlertCheck(_LATE_S, rule.alert, (firing(rule, {"host": own["host"]}, 0.98),)),
            AlertCheck(2 * _LATE_S, rule.alert),
        ),
        case("is silent just below", (busy(CORE_BUSY.number * 0.99, 0.1),), silent),
        case("is silent when all cores are busy", (busy(0.98, 0.6),), silent),
        case("is silent without data", (), silent),
    )


def _throttled_cases(rule: AlertingRule, own: dict[str, str]) -> tuple[Case, ...]:
    periods = select(HOST_CGROUP_PERIODS.name, **own).text
    used_up = select(HOST_CGROUP_THROTTLED.name, **own).text

    def phase(share: float) -> Phase:
        return Phase(_STEPS, {periods: 300, used_up: 300 * share})

    return (
        Case(
            f"{rule.alert} fires when a tenth of the periods is, and ends when none is",
            _INTERVAL_S,
            rising((phase(0.1), phase(0))),
            (
                AlertCheck(_FOR_S - _INTERVAL_S, rule.alert),
                AlertCheck(_LATE_S, rule.alert, (firing(rule, {"host": own["host"]}, 0.1),)),
                AlertCheck(2 * _LATE_S, rule.alert),
            ),
        ),
        Case(
            f"{rule.alert} is silent just below",
            _INTERVAL_S,
            rising((phase(THROTTLED.number * 0.9),)),
            (AlertCheck(_LATE_S, rule.alert),),
        ),
        Case(f"{rule.alert} is silent without data", _INTERVAL_S, {}, (AlertCheck(_LATE_S, rule.alert),)),
    )
