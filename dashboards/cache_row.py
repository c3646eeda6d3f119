"""The row about caches in memory: are they of use, and do they stay within what they may hold?"""

from __future__ import annotations

from typing import Final

from app.telemetry.catalogue import (
    CACHE_BYTES,
    CACHE_ENTRIES,
    CACHE_EVICTIONS,
    CACHE_INVALIDATIONS,
    CACHE_LOAD_DURATION,
    CACHE_LOOKUPS,
    CACHE_OBJECTS,
    CACHE_OLDEST,
    CACHE_REFRESHES,
    CACHE_REMOVALS,
    CACHE_WARMED,
    CACHE_WARMING,
)
from dashboards.dashboard import Panel, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from slo import panels, promql
from slo.prometheus import GATEWAY
from slo.promql import RATE_INTERVAL, Matcher, Query, Selector, matches, select
from slo.targets.caching import CACHE_HIT_RATIO, KUBERNETES_CACHE_MAX_SIZE, NLP_CACHE_TTL, PREDICTIVE_WARMING
from slo.targets.memory import CACHE_TTL, IN_MEMORY_CACHE

_JOB: Final = matches("$job")
_INSTANCE: Final = matches("$instance")
_HOUR: Final = PREDICTIVE_WARMING.named("history").number


def cache_row() -> Row:
    """The row."""
    return Row("Caches", (_hits(), _bytes(), _age(), _evictions(), _loads(), _warming()))


def _of(name: str, **where: str | Matcher) -> Selector:
    return select(name, job=_JOB, instance=_INSTANCE, **where)


def _per_second(series: Selector, *by: str) -> Query:
    return promql.total(promql.rate(series, RATE_INTERVAL), by)


def _hits() -> Panel:
    hits = _per_second(_of(CACHE_LOOKUPS.name, result="hit"), "cache")
    return Panel(
        panels.CACHE_HITS,
        "Look-ups answered from a cache",
        "Hits as a share of all look-ups, per cache. Good: above the line. Bad: below it for an hour where many ask: "
        "what is asked for is not there any more, or never the same twice. Then see below whether entries are evicted "
        "for room, or made wrong by changes.",
        Unit.SHARE,
        (Series(promql.divided(hits, _per_second(_of(CACHE_LOOKUPS.name), "cache")), "{{cache}}"),),
        thresholds=(Threshold(CACHE_HIT_RATIO.figure.number, Colour.WARNING),),
    )


def _bytes() -> Panel:
    return Panel(
        panels.CACHE_BYTES,
        "Caches in memory against their budget",
        "What all caches of a replica occupy, which is held against the line, each cache's share of it, and its "
        "entries, right. Good: below the line. Bad: at the line, where entries give way to each other. Then see "
        "which cache grew, and follow the runbook of CacheOutOfBounds if it is above.",
        Unit.BYTES,
        (
            Series(promql.total(_of(CACHE_BYTES.name).query, ("instance",)), "{{instance}}, all"),
            Series(promql.maximum(_of(CACHE_BYTES.name).query, ("cache",)), "{{cache}}, largest"),
            Series(promql.maximum(_of(CACHE_ENTRIES.name).query, ("cache",)), "{{cache}}, entries", unit=Unit.COUNT),
        ),
        thresholds=(Threshold(IN_MEMORY_CACHE.figure.number, Colour.WARNING),),
    )


def _age() -> Panel:
    return Panel(
        panels.CACHE_AGE,
        "Oldest entry of each cache",
        "The age of the entry that ends next: since it was made, or since its last use where that prolongs it. Good: "
        "below the line. Bad: above it: what has expired is not dropped any more, in that replica. Then follow the "
        "runbook of CacheOutOfBounds.",
        Unit.SECONDS,
        (Series(promql.maximum(_of(CACHE_OLDEST.name).query, ("cache",)), "{{cache}}"),),
        thresholds=(Threshold(max(CACHE_TTL.named("maximum").number, NLP_CACHE_TTL.figure.number), Colour.WARNING),),
    )


def _evictions() -> Panel:
    events = select(CACHE_INVALIDATIONS.name, job=GATEWAY, instance=_INSTANCE)
    not_removed = select(CACHE_REMOVALS.name, job=GATEWAY, instance=_INSTANCE, outcome="failed")
    return Panel(
        panels.CACHE_EVICTIONS,
        "Cache entries let go",
        "Entries per second that were let go, and why, left; events that made entries wrong, by where they came from, "
        "right, with entries that Redis should have removed and has not. Good: expired ones, and invalidated ones "
        "along with changes. Bad: a steady rate for room, or too_large: the caches are too small for what is asked; "
        "missed, or not removed: Redis does not answer a replica. Then see above which cache is full, or look at "
        "Redis.",
        Unit.PER_SECOND,
        (
            Series(_per_second(_of(CACHE_EVICTIONS.name), "cache", "reason"), "{{cache}}, {{reason}}"),
            Series(promql.total(promql.increase(events, RATE_INTERVAL), ("source",)), "{{source}}", unit=Unit.COUNT),
            Series(
                promql.total(promql.increase(not_removed, RATE_INTERVAL), ("cache",)),
                "{{cache}}, not removed",
                unit=Unit.COUNT,
            ),
        ),
    )


def _loads() -> Panel:
    buckets = _of(CACHE_LOAD_DURATION.bucket)
    return Panel(
        panels.CACHE_LOADS,
        "Time to fill a cache, and refreshes",
        "How long a value takes to compute, 95th percentile, and how often one in use is computed anew before its "
        "end, right. Good: level. Bad: failed refreshes: what a cache is filled from does not answer, and people will "
        "wait when the entry ends. Then look at the clusters.",
        Unit.SECONDS,
        (
            Series(promql.quantile(0.95, buckets, RATE_INTERVAL, ("cache",)), "{{cache}}"),
            Series(
                promql.total(promql.increase(_of(CACHE_REFRESHES.name), RATE_INTERVAL), ("cache", "outcome")),
                "{{cache}} refreshed, {{outcome}}",
                unit=Unit.COUNT,
            ),
        ),
    )


def _warming() -> Panel:
    def in_an_hour(event: str) -> Query:
        warmed = select(CACHE_WARMED.name, job=GATEWAY, instance=_INSTANCE, event=event)
        return promql.total(promql.increase(warmed, _HOUR), ("instance", "cache"))

    on = select(CACHE_WARMING.name, job=GATEWAY, instance=_INSTANCE).query
    return Panel(
        panels.CACHE_WARMING,
        "Entries loaded ahead that were used",
        "How much of what was loaded ahead within an hour somebody asked for, left, and replicas that load ahead, "
        "right. Good: above the line. Bad: names and resource types together below it, where a replica stops by itself "
        "and tries again an hour later. Then nothing has to be done, unless people wait for names: see who asks, and "
        "how rarely. Sessions are loaded at a start alone, and may be used on another replica, which counts none.",
        Unit.SHARE,
        (
            Series(promql.divided(in_an_hour("used"), in_an_hour("loaded")), "{{instance}}, {{cache}}"),
            Series(promql.total(on), "replicas that load ahead", unit=Unit.COUNT),
        ),
        thresholds=(Threshold(PREDICTIVE_WARMING.named("least_use").number, Colour.WARNING),),
    )


def objects_kept() -> Panel:
    """How many objects the kept answers hold."""
    held = select(CACHE_OBJECTS.name, job=GATEWAY, instance=_INSTANCE).query
    return Panel(
        panels.CACHE_OBJECTS,
        "Kubernetes objects kept",
        "Objects of all clusters that a replica keeps, in what clusters answered and in the names that people may see, "
        "which is held against the line, and each cache's share of it. Good: below the line. Bad: at the line for "
        "hours: answers give way to each other and clusters are asked more often. Then see whether look-ups are still "
        "answered from the cache, and follow the runbook of KubernetesCacheOutOfBounds if it is above.",
        Unit.COUNT,
        (
            Series(promql.total(held, ("instance",)), "{{instance}}, all"),
            Series(promql.maximum(held, ("cache",)), "{{cache}}, largest"),
        ),
        thresholds=(Threshold(KUBERNETES_CACHE_MAX_SIZE.figure.number, Colour.WARNING),),
    )
