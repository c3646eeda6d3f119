"""How many read replicas the read load asks for, and the ticket when another number runs.

The load is what the replicas themselves count, transactions per second; what one of them carries is measured and stands
in `slo.capacity`. An autoscaler may follow the recorded number; where there is none, a person does.
"""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.server_catalogue import POSTGRESQL_IN_RECOVERY, POSTGRESQL_TRANSACTIONS
from slo import capacity, panels, promql
from slo.case import AlertCheck, Case, Phase, ValueCheck, firing, rising, steady
from slo.objective import Severity
from slo.promql import duration, number, select
from slo.rule import AlertingRule, RecordingRule, RuleGroup
from slo.series import READ_REPLICAS_NEEDED, READ_REPLICAS_WANTED, SERVICE, SEVERITY, WANTS
from slo.targets.scaling import READ_REPLICAS

READ_REPLICAS_WANTED_ALERT: Final = "ReadReplicasWanted"
TOO_FEW_FOR_S: Final = 900.0  # longer than a burst, and than a replica that is copied anew stays away
TOO_MANY_FOR_S: Final = 86_400.0  # a whole day, its busiest hour included
_WINDOW_S: Final = 300.0
_INTERVAL_S: Final = 60.0
_SERVICE: Final = "postgresql"
_IN_RECOVERY: Final = select(POSTGRESQL_IN_RECOVERY.name)
_TRANSACTIONS: Final = select(POSTGRESQL_TRANSACTIONS.name)


def read_replicas() -> LinkedGroup:
    """The number that the load asks for, that number within its bounds, and the alert."""
    running = promql.total(_IN_RECOVERY.query)
    wanted, needed = select(READ_REPLICAS_WANTED).query, select(READ_REPLICAS_NEEDED).query
    too_few = promql.more(wanted, running)
    rules: tuple[RecordingRule | AlertingRule, ...] = (
        RecordingRule(READ_REPLICAS_NEEDED, _needed()),
        RecordingRule(READ_REPLICAS_WANTED, promql.between(needed, _fewest(), _most())),
        _alert(
            "more",
            too_few,
            TOO_FEW_FOR_S,
            "The read load asks for {{ $value | humanize }} read replicas, and fewer have been running",
        ),
        _alert(
            "fewer",
            promql.fewer(wanted, running),
            TOO_MANY_FOR_S,
            "{{ $value | humanize }} read replicas are enough for the read load, and more have been running",
        ),
        _alert(
            "relief",
            promql.unless(promql.above(needed, _most()), too_few),
            TOO_FEW_FOR_S,
            f"The read load asks for {{{{ $value | humanize }}}} read replicas, and the most are {_most():g},",
        ),
    )
    group = RuleGroup("read-replicas", _INTERVAL_S, rules)
    return LinkedGroup(group, {READ_REPLICAS_WANTED_ALERT: panels.READ_REPLICAS})


def _needed() -> promql.Query:
    """Load over what one replica carries before somebody has to be told; 0 while replicas say nothing of their load."""
    on_replicas = promql.both(
        promql.rate(_TRANSACTIONS, _WINDOW_S), promql.equal_to(_IN_RECOVERY.query, 1), on=("server",)
    )
    load = promql.either(promql.total(on_replicas), promql.times(promql.total(_IN_RECOVERY.query), 0))
    return promql.rounded_up(promql.divided(load, promql.constant(_per_replica())))


def _alert(wants: str, query: promql.Query, for_s: float, said: str) -> AlertingRule:
    # The label tells the three apart: two rules of one alert with the same labels would write one series twice.
    return AlertingRule(
        READ_REPLICAS_WANTED_ALERT,
        query,
        for_s=for_s,
        labels={SERVICE: _SERVICE, WANTS: wants, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "The read load asks for another number of read replicas than run",
            "description": f"{said} for {duration(for_s)} or longer.",
        },
    )


def _per_replica() -> float:
    """Transactions per second that one replica is given before another is wanted."""
    return capacity.capacities()[capacity.READ_TRANSACTIONS].per_replica * capacity.ALERT_ABOVE


def _fewest() -> float:
    return READ_REPLICAS.named("minimum").number


def _most() -> float:
    return READ_REPLICAS.named("maximum").number


def read_replica_cases(group: RuleGroup) -> tuple[Case, ...]:
    """The number follows the load within its bounds; too few, too many and more than there may be are told, in time."""
    too_few, too_many, too_much = group.alerts
    fewest, most = round(_fewest()), round(_most())
    late_s = TOO_FEW_FOR_S + 2 * _WINDOW_S
    alert = READ_REPLICAS_WANTED_ALERT
    return (
        *(
            Case(
                f"a load of {number(load)} replicas wants {wanted}",
                _INTERVAL_S,
                _servers(fewest, load),
                values=(ValueCheck(late_s, READ_REPLICAS_WANTED, {READ_REPLICAS_WANTED: wanted}),),
            )
            for load, wanted in ((0, fewest), (fewest - 0.01, fewest), (fewest + 0.01, fewest + 1), (2 * most, most))
        ),
        Case(
            f"{alert} fires when the load is more than the replicas carry, and ends when it is gone",
            _INTERVAL_S,
            _servers(fewest, fewest + 0.5, 0.5),
            (
                AlertCheck(TOO_FEW_FOR_S - _INTERVAL_S, alert),
                AlertCheck(late_s, alert, (firing(too_few, value=fewest + 1),)),
                AlertCheck(2 * late_s, alert),
            ),
        ),
        Case(
            f"{alert} is silent just below what the replicas carry",
            _INTERVAL_S,
            _servers(fewest, fewest - 0.01),
            (AlertCheck(late_s, alert),),
        ),
        Case(
            "before replicas have told of their load the fewest are wanted",
            _INTERVAL_S,
            _servers(most, most),
            values=(ValueCheck(0, READ_REPLICAS_WANTED, {READ_REPLICAS_WANTED: fewest}),),
        ),
        *(
            Case(
                f"{alert} fires when {left} of {fewest} replicas are left for as long",
                _INTERVAL_S,
                _servers(left, 0),
                (
                    AlertCheck(TOO_FEW_FOR_S - _INTERVAL_S, alert),
                    AlertCheck(TOO_FEW_FOR_S, alert, (firing(too_few, value=fewest),)),
                ),
            )
            for left in range(fewest)
        ),
        Case(
            f"{alert} is silent through a day in which as many run as are wanted",
            _INTERVAL_S,
            _servers(fewest, 0),
            (AlertCheck(TOO_MANY_FOR_S, alert),),
        ),
        Case(
            f"{alert} fires when a whole day needed fewer, and not before",
            _INTERVAL_S,
            _servers(fewest + 1, 0),
            (
                AlertCheck(TOO_MANY_FOR_S - _INTERVAL_S, alert),
                AlertCheck(TOO_MANY_FOR_S, alert, (firing(too_many, value=fewest),)),
            ),
        ),
        Case(
            f"{alert} fires when all replicas that there may be are not enough",
            _INTERVAL_S,
            _servers(most, most + 0.5),
            (AlertCheck(late_s, alert, (firing(too_much, value=most + 1),)),),
        ),
        Case(f"{alert} is silent without data", _INTERVAL_S, {}, (AlertCheck(late_s, alert),)),
    )


def _servers(replicas: int, *loads: float) -> dict[str, str]:
    """A primary with load of its own and some replicas, which share loads given in replicas' worth, one after another.

    Each load lasts until the alert about too few has had its time; without any, the replicas run for a day.
    """
    steps = round(((TOO_FEW_FOR_S + 2 * _WINDOW_S) if any(loads) else TOO_MANY_FOR_S) / _INTERVAL_S)
    found: dict[str, str] = {}
    for each in range(replicas + 1):
        own = {"job": _SERVICE, "instance": _SERVICE, "server": f"127.0.0.1:{5432 + each}"}
        done = select(POSTGRESQL_TRANSACTIONS.name, **own, database="kubechat", outcome="commit").text
        found[select(POSTGRESQL_IN_RECOVERY.name, **own).text] = steady(float(each > 0), steps * len(loads))
        # The primary's own load is as much as all that replicas could carry: it must not count.
        shares = [load / replicas if each else _most() for load in loads]
        found |= rising([Phase(steps, {done: share * _per_replica() * _INTERVAL_S}) for share in shares])
    return found
