"""The alert about caches in memory that hold more than they may, or for longer."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import CACHE_BYTES, CACHE_OLDEST
from slo import panels, promql
from slo.case import AlertCheck, Case, firing
from slo.objective import Severity
from slo.prometheus import NLP, PACE, SERVICES
from slo.promql import duration, number, one_of, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.targets.caching import NLP_CACHE_TTL
from slo.targets.memory import CACHE_TTL, IN_MEMORY_CACHE

CACHE_OUT_OF_BOUNDS: Final = "CacheOutOfBounds"
LONGEST_S: Final = max(CACHE_TTL.named("maximum").number, NLP_CACHE_TTL.figure.number)
_BUDGET: Final = IN_MEMORY_CACHE.figure.number
_FOR_S: Final = 300.0  # it is kept to within a second: minutes are no moment, but a fault
_INTERVAL_S: Final = PACE.cause_interval_s


def caches() -> LinkedGroup:
    """The alert."""
    of, replica = {"job": one_of(SERVICES)}, ("job", "instance")
    too_much = promql.above(promql.total(select(CACHE_BYTES.name, **of).query, replica), _BUDGET)
    too_old = promql.above(promql.maximum(select(CACHE_OLDEST.name, **of).query, replica), LONGEST_S)
    rule = AlertingRule(
        CACHE_OUT_OF_BOUNDS,
        promql.either(too_much, too_old),
        for_s=_FOR_S,
        labels={SERVICE: "{{ $labels.job }}", SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "The caches of a process hold more, or for longer, than they may",
            "description": (
                f"The caches in memory of {{{{ $labels.instance }}}} together hold more than their budget, or an entry "
                f"for longer than {duration(LONGEST_S)}, for {duration(_FOR_S)} or longer. Old answers may be given "
                "until they are cleared."
            ),
        },
    )
    return LinkedGroup(RuleGroup("caches", _INTERVAL_S, (rule,)), {CACHE_OUT_OF_BOUNDS: panels.CACHE_BYTES})


def cache_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires above each bound, is silent just below both and for a moment, ends, and is silent without data."""
    (rule,) = group.alerts
    labels = {"job": NLP, "instance": "nlp-1"}
    steps = round(_FOR_S / _INTERVAL_S) + 2
    late_s = steps * _INTERVAL_S

    def held(bytes_of_each: float, age_s: float, length: int = steps) -> dict[str, str]:
        after = f"0x{2 * steps}"
        sizes = {
            select(CACHE_BYTES.name, cache=name, **labels).text: f"{number(bytes_of_each)}x{length} {after}"
            for name in ("one", "two")
        }
        return {**sizes, select(CACHE_OLDEST.name, cache="one", **labels).text: f"{number(age_s)}x{length} {after}"}

    def case(name: str, series: dict[str, str], *checks: AlertCheck) -> Case:
        return Case(f"{CACHE_OUT_OF_BOUNDS} {name}", _INTERVAL_S, series, checks)

    def fires(value: float) -> tuple[AlertCheck, ...]:
        return (
            AlertCheck(_FOR_S - _INTERVAL_S, CACHE_OUT_OF_BOUNDS),
            AlertCheck(late_s, CACHE_OUT_OF_BOUNDS, (firing(rule, labels, value),)),
            AlertCheck(2 * late_s, CACHE_OUT_OF_BOUNDS),
        )

    silent = AlertCheck(late_s, CACHE_OUT_OF_BOUNDS)
    return (
        case("fires when all caches together hold too much, and ends", held(_BUDGET / 2 + 1, 0), *fires(_BUDGET + 2)),
        case("fires when an entry is too old, and ends", held(0, LONGEST_S + 1), *fires(LONGEST_S + 1)),
        case("is silent at the bounds", held(_BUDGET / 2, LONGEST_S), silent),
        case("is silent about a moment", held(_BUDGET, 2 * LONGEST_S, steps // 2), silent),
        case("is silent without data", {}, silent),
    )
