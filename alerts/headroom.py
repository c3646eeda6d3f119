"""How much of what the replicas can carry is in use, and the ticket when little is left.

A promise of so many requests a second is kept by having room for them. The capacity of a replica is measured and stands
in `slo.capacity`; replicas that do not answer carry nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import COMMANDS, HTTP_REQUESTS
from slo import capacity, panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising, steady
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE, UP
from slo.promql import duration, number, select
from slo.rule import AlertingRule, RecordingRule, RuleGroup
from slo.series import CAPACITY, HEADROOM_USED, RESOURCE, SERVICE, SEVERITY

if TYPE_CHECKING:
    from slo.promql import Selector

HEADROOM_LOW: Final = "HeadroomLow"
HEADROOM_LOW_FOR_S: Final = 600.0  # longer than a burst, shorter than it takes to be out of room
_WINDOW_S: Final = 300.0
_INTERVAL_S: Final = PACE.cause_interval_s

_LOADS: Final[dict[str, Selector]] = {
    capacity.API_REQUESTS: select(HTTP_REQUESTS.name, job=GATEWAY, operation_class="api"),
    capacity.COMMANDS: select(COMMANDS.name, job=GATEWAY),
}


def headroom() -> LinkedGroup:
    """Capacity and use of each resource, and the alert."""
    rules: tuple[RecordingRule | AlertingRule, ...] = (
        *(rule for name, load in _LOADS.items() for rule in _of_resource(name, load)),
        _alert(),
    )
    return LinkedGroup(RuleGroup("headroom", _INTERVAL_S, rules), {HEADROOM_LOW: panels.HEADROOM})


def _of_resource(name: str, load: Selector) -> tuple[RecordingRule, RecordingRule]:
    labels = {RESOURCE: name, SERVICE: GATEWAY}
    carried = promql.times(
        promql.number_of(promql.equal_to(select(UP, job=GATEWAY).query, 1)), capacity.capacities()[name].per_replica
    )
    used = promql.divided(promql.total(promql.rate(load, _WINDOW_S)), carried)
    return RecordingRule(CAPACITY, carried, labels), RecordingRule(HEADROOM_USED, used, labels)


def _alert() -> AlertingRule:
    return AlertingRule(
        HEADROOM_LOW,
        promql.above(select(HEADROOM_USED).query, capacity.ALERT_ABOVE),
        for_s=HEADROOM_LOW_FOR_S,
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "A service has little room left for more load",
            "description": (
                "{{ $labels.resource }} of {{ $labels.service }} use {{ $value | humanizePercentage }} of what its "
                f"replicas carry, for {duration(HEADROOM_LOW_FOR_S)} or longer; with one replica less it may be all."
            ),
        },
    )


def headroom_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires above the share, is silent just under it, ends, counts replicas, and is silent without data."""
    (rule,) = group.alerts
    name, load = next(iter(_LOADS.items()))
    labels = {RESOURCE: name, SERVICE: GATEWAY}
    full = capacity.capacities()[name].per_replica * _INTERVAL_S
    steps = round((HEADROOM_LOW_FOR_S + 2 * _WINDOW_S) / _INTERVAL_S)
    late_s = steps * _INTERVAL_S

    def loaded(share: float) -> Phase:
        return Phase(steps, {select(load.name, **load.example).text: full * share})

    def replicas(number_: int, length: int = 2 * steps) -> dict[str, str]:
        return {
            select(UP, job=GATEWAY, instance=f"gateway-{each}").text: steady(1, length)
            for each in range(1, number_ + 1)
        }

    fired = firing(rule, labels, 0.9)
    return (
        _case(
            f"{HEADROOM_LOW} fires when 0.9 of the capacity is in use, and ends when the load is gone",
            rising((loaded(0.9), loaded(0.1))) | replicas(1),
            AlertCheck(_WINDOW_S, HEADROOM_LOW),
            AlertCheck(late_s, HEADROOM_LOW, (fired,)),
            AlertCheck(2 * late_s, HEADROOM_LOW),
        ),
        _case(
            f"{HEADROOM_LOW} is silent just under {number(capacity.ALERT_ABOVE)}",
            rising((loaded(capacity.ALERT_ABOVE * 0.99),)) | replicas(1),
            AlertCheck(late_s, HEADROOM_LOW),
        ),
        _case(
            f"{HEADROOM_LOW} is silent when a second replica shares the load",
            rising((loaded(0.9),)) | replicas(2),
            AlertCheck(late_s, HEADROOM_LOW),
        ),
        _case(f"{HEADROOM_LOW} is silent without data", {}, AlertCheck(late_s, HEADROOM_LOW)),
    )


def _case(name: str, series: dict[str, str], *checks: AlertCheck) -> Case:
    return Case(name, _INTERVAL_S, series, checks)
