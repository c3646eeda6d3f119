"""The alert about caches of Kubernetes objects that hold more of them than they may, or for longer."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import CACHE_OBJECTS, CACHE_OLDEST
from slo import panels, promql
from slo.case import AlertCheck, Case, firing
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promql import duration, number, one_of, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.targets.caching import CACHES_OF_OBJECTS, KUBERNETES_CACHE_MAX_SIZE, KUBERNETES_CACHE_TTL

KUBERNETES_CACHE_OUT_OF_BOUNDS: Final = "KubernetesCacheOutOfBounds"
_MOST: Final = KUBERNETES_CACHE_MAX_SIZE.figure.number
_LONGEST_S: Final = KUBERNETES_CACHE_TTL.figure.number
_FOR_S: Final = 300.0  # it is kept to within a second: minutes are no moment, but a fault
_INTERVAL_S: Final = PACE.cause_interval_s


def kubernetes_cache() -> LinkedGroup:
    """The alert."""
    replica = ("job", "instance")
    too_many = promql.above(promql.total(select(CACHE_OBJECTS.name, job=GATEWAY).query, replica), _MOST)
    oldest = select(CACHE_OLDEST.name, job=GATEWAY, cache=one_of(CACHES_OF_OBJECTS)).query
    too_old = promql.above(promql.maximum(oldest, replica), _LONGEST_S)
    rule = AlertingRule(
        KUBERNETES_CACHE_OUT_OF_BOUNDS,
        promql.either(too_many, too_old),
        for_s=_FOR_S,
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "A replica keeps more objects of clusters, or for longer, than it may",
            "description": (
                f"{{{{ $labels.instance }}}} keeps more than {number(_MOST)} objects of all clusters together, or what "
                f"a cluster answered for longer than {duration(_LONGEST_S)}, for {duration(_FOR_S)} or longer. People "
                "may be shown what is no longer so."
            ),
        },
    )
    group = RuleGroup("kubernetes-cache", _INTERVAL_S, (rule,))
    return LinkedGroup(group, {KUBERNETES_CACHE_OUT_OF_BOUNDS: panels.CACHE_OBJECTS})


def kubernetes_cache_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires above each bound, is silent just below both and for a moment, ends, and is silent without data."""
    (rule,) = group.alerts
    labels = {"job": GATEWAY, "instance": "gateway-1"}
    steps = round(_FOR_S / _INTERVAL_S) + 2
    late_s = steps * _INTERVAL_S

    def held(of_each: float, age_s: float, length: int = steps) -> dict[str, str]:
        after = f"0x{2 * steps}"
        counts = {
            select(CACHE_OBJECTS.name, cache=name, **labels).text: f"{number(of_each)}x{length} {after}"
            for name in CACHES_OF_OBJECTS
        }
        aged = select(CACHE_OLDEST.name, cache=CACHES_OF_OBJECTS[0], **labels).text
        # Another cache may keep what it holds for longer.
        other = select(CACHE_OLDEST.name, cache="resource_types", **labels).text
        return {**counts, aged: f"{number(age_s)}x{length} {after}", other: f"{number(2 * _LONGEST_S)}x{3 * steps}"}

    def case(name: str, series: dict[str, str], *checks: AlertCheck) -> Case:
        return Case(f"{KUBERNETES_CACHE_OUT_OF_BOUNDS} {name}", _INTERVAL_S, series, checks)

    def fires(value: float) -> tuple[AlertCheck, ...]:
        return (
            AlertCheck(_FOR_S - _INTERVAL_S, KUBERNETES_CACHE_OUT_OF_BOUNDS),
            AlertCheck(
                late_s, KUBERNETES_CACHE_OUT_OF_BOUNDS, (firing(rule, {"instance": "gateway-1"} | labels, value),)
            ),
            AlertCheck(2 * late_s, KUBERNETES_CACHE_OUT_OF_BOUNDS),
        )

    silent = AlertCheck(late_s, KUBERNETES_CACHE_OUT_OF_BOUNDS)
    return (
        case(
            "fires when all caches together hold too many objects, and ends", held(_MOST / 2 + 1, 0), *fires(_MOST + 2)
        ),
        case("fires when an answer is too old, and ends", held(0, _LONGEST_S + 1), *fires(_LONGEST_S + 1)),
        case("is silent at the bounds", held(_MOST / 2, _LONGEST_S), silent),
        case("is silent about a moment", held(_MOST, 2 * _LONGEST_S, steps // 2), silent),
        case("is silent without data", {}, silent),
    )
