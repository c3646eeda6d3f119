"""The cases that show when somebody is told that a service cannot be reached, and when nobody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.reachability import (
    REPLICA_DOWN,
    REPLICA_DOWN_FOR_S,
    SERVICE_DOWN,
    SERVICE_DOWN_FOR_S,
    WATCHDOG,
)
from slo.case import AlertCheck, Case, ExpectedAlert, firing
from slo.prometheus import JOBS, PACE, UP
from slo.promql import select
from slo.series import SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slo.rule import AlertingRule, RuleGroup

_STEP_S: Final = PACE.scrape_interval_s
_DOWN_FROM: Final = 4  # the sample with which a fault begins
_DOWN_FROM_S: Final = _DOWN_FROM * _STEP_S
_SERVICE_SAMPLES: Final = round(SERVICE_DOWN_FOR_S / _STEP_S)
_REPLICA_SAMPLES: Final = round(REPLICA_DOWN_FOR_S / _STEP_S)


def reachability_cases(group: RuleGroup) -> tuple[Case, ...]:
    """For each service: fires, just under, resolves, no data; for replicas the same; and the watchdog."""
    down = {rule.labels[SERVICE]: rule for rule in group.alerts if rule.alert == SERVICE_DOWN}
    (replica_down,) = (rule for rule in group.alerts if rule.alert == REPLICA_DOWN)
    (watchdog,) = (rule for rule in group.alerts if rule.alert == WATCHDOG)
    return (
        *(case for job in JOBS for case in _of_service(job, down[job])),
        _no_data(down),
        *_of_replica(replica_down),
        Case(
            "the watchdog always fires, even without any data",
            _STEP_S,
            {},
            (AlertCheck(0, WATCHDOG, (firing(watchdog),)), AlertCheck(3600, WATCHDOG, (firing(watchdog),))),
        ),
    )


def _of_service(job: str, rule: AlertingRule) -> tuple[Case, ...]:
    fires_s = _DOWN_FROM_S + SERVICE_DOWN_FOR_S
    fires = AlertCheck(fires_s, SERVICE_DOWN, (firing(rule),))
    dead = _SERVICE_SAMPLES + 4
    return (
        _case(
            f"{SERVICE_DOWN} fires when all replicas of {job} are down, and ends with the first that is back",
            {**_others(job), **_up(job, 1, f"1x3 0x{dead - 1} 1x9"), **_up(job, 2, f"1x3 0x{dead + 9}")},
            AlertCheck(fires_s - _STEP_S, SERVICE_DOWN),
            fires,
            AlertCheck(_DOWN_FROM_S + dead * _STEP_S, SERVICE_DOWN),
        ),
        _case(
            f"{SERVICE_DOWN} is silent when the only replica of {job} is back in time",
            {**_others(job), **_up(job, 1, f"1x3 0x{_SERVICE_SAMPLES - 1} 1x20")},
            *(AlertCheck(_DOWN_FROM_S + step * _STEP_S, SERVICE_DOWN) for step in range(_SERVICE_SAMPLES + 6)),
        ),
        _case(
            f"{SERVICE_DOWN} is silent when one of two replicas of {job} is down",
            {**_others(job), **_up(job, 1, "1x3 0x40"), **_up(job, 2, "1x44")},
            AlertCheck(fires_s, SERVICE_DOWN),
            AlertCheck(fires_s + 60, SERVICE_DOWN),
        ),
        _case(
            f"{SERVICE_DOWN} fires when no replica of {job} is known any more",
            {**_others(job), **_up(job, 1, "1x3 stale")},
            fires,
        ),
    )


def _no_data(down: Mapping[str, AlertingRule]) -> Case:
    expected: tuple[ExpectedAlert, ...] = tuple(firing(down[job]) for job in JOBS)
    return Case(
        f"{SERVICE_DOWN} fires for every service when there is no data at all",
        _STEP_S,
        {},
        (AlertCheck(SERVICE_DOWN_FOR_S, SERVICE_DOWN, expected), AlertCheck(600, REPLICA_DOWN)),
    )


def _of_replica(rule: AlertingRule) -> tuple[Case, ...]:
    job = JOBS[0]
    other = {**_others(job), **_up(job, 2, "1x80")}
    fires_s = _DOWN_FROM_S + REPLICA_DOWN_FOR_S
    labels = {"job": job, "instance": _instance(1)}
    return (
        _case(
            f"{REPLICA_DOWN} fires when one of two replicas stays away, and ends when it is back",
            {**other, **_up(job, 1, f"1x3 0x{_REPLICA_SAMPLES + 3} 1x9")},
            AlertCheck(fires_s, REPLICA_DOWN, (firing(rule, labels),)),
            AlertCheck(fires_s + 4 * _STEP_S, REPLICA_DOWN),
        ),
        _case(
            f"{REPLICA_DOWN} is silent when the replica is back in time",
            {**other, **_up(job, 1, f"1x3 0x{_REPLICA_SAMPLES - 1} 1x30")},
            AlertCheck(fires_s - _STEP_S, REPLICA_DOWN),
            AlertCheck(fires_s, REPLICA_DOWN),
            AlertCheck(fires_s + 60, REPLICA_DOWN),
        ),
        _case(
            f"{REPLICA_DOWN} is silent when all replicas are down: that is {SERVICE_DOWN}",
            {**_others(job), **_up(job, 1, "1x3 0x80"), **_up(job, 2, "1x3 0x80")},
            AlertCheck(fires_s, REPLICA_DOWN),
        ),
    )


def _case(name: str, series: Mapping[str, str], *checks: AlertCheck) -> Case:
    return Case(name, _STEP_S, series, checks)


def _others(job: str) -> dict[str, str]:
    """The other services, healthy for longer than any case."""
    return {series: values for other in JOBS if other != job for series, values in _up(other, 1, "1x100").items()}


def _up(job: str, replica: int, values: str) -> dict[str, str]:
    return {select(UP, job=job, instance=_instance(replica)).text: values}


def _instance(replica: int) -> str:
    return f"127.0.0.1:{9_000 + replica}"
