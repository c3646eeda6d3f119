"""The alert about a Redis that drops keys faster than a cache that has room would."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.server_catalogue import REDIS_EVICTED_KEYS, REDIS_JOB
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising
from slo.objective import Severity
from slo.prometheus import PACE
from slo.promql import duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.targets.requirements import CONCURRENT_USERS

REDIS_EVICTION_STORM: Final = "RedisEvictionStorm"
EVICTION_WINDOW_S: Final = 300.0
# As many keys as people may be signed in: then it is not only what nobody uses that goes.
STORM_KEYS: Final = CONCURRENT_USERS.figure.number
_STORM_FOR_S: Final = 600.0  # twice the window: one large key that pushed others out is over by then
_JOB: Final = REDIS_JOB[0]
_INTERVAL_S: Final = PACE.cause_interval_s


def redis() -> LinkedGroup:
    """The alert."""
    evicted = promql.increase(select(REDIS_EVICTED_KEYS.name, job=_JOB), EVICTION_WINDOW_S)
    rule = AlertingRule(
        REDIS_EVICTION_STORM,
        promql.above(evicted, STORM_KEYS),
        for_s=_STORM_FOR_S,
        labels={SERVICE: _JOB, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "A Redis node drops keys that are in use",
            "description": (
                f"{{{{ $labels.node }}}} drops more keys in {duration(EVICTION_WINDOW_S)} than people may sign in, "
                f"for {duration(_STORM_FOR_S)} or longer. Nothing is lost: what was dropped is read from PostgreSQL."
            ),
        },
    )
    return LinkedGroup(RuleGroup("redis", _INTERVAL_S, (rule,)), {REDIS_EVICTION_STORM: panels.REDIS_EVICTIONS})


def redis_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires above the bound, is silent just below it and for a burst, ends, and is silent without data."""
    (rule,) = group.alerts
    labels = {"job": _JOB, "node": "127.0.0.1:18140", "instance": "exporters"}
    series = select(REDIS_EVICTED_KEYS.name, **labels).text
    steps = round((EVICTION_WINDOW_S + _STORM_FOR_S) / _INTERVAL_S) + 2
    late_s = steps * _INTERVAL_S

    def dropping(times: float, length: int = steps) -> Phase:
        return Phase(length, {series: STORM_KEYS * times * _INTERVAL_S / EVICTION_WINDOW_S})

    def case(name: str, given: dict[str, str], *checks: AlertCheck) -> Case:
        return Case(f"{REDIS_EVICTION_STORM} {name}", _INTERVAL_S, given, checks)

    return (
        case(
            "fires when more keys go than people may be signed in, and ends when it is over",
            rising((dropping(1.1), dropping(0.1))),
            AlertCheck(_STORM_FOR_S - _INTERVAL_S, REDIS_EVICTION_STORM),
            AlertCheck(late_s, REDIS_EVICTION_STORM, (firing(rule, labels),)),
            AlertCheck(2 * late_s, REDIS_EVICTION_STORM),
        ),
        case("is silent just below", rising((dropping(0.99),)), AlertCheck(late_s, REDIS_EVICTION_STORM)),
        case(
            "is silent for one burst",
            rising((dropping(5, 4), dropping(0))),
            AlertCheck(_STORM_FOR_S - _INTERVAL_S, REDIS_EVICTION_STORM),
            AlertCheck(late_s, REDIS_EVICTION_STORM),
        ),
        case("is silent without data", {}, AlertCheck(late_s, REDIS_EVICTION_STORM)),
    )
