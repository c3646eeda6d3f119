"""The row about watches that drop kept answers: does a replica hear of what changes in clusters?"""

from __future__ import annotations

from typing import Final

from alerts.watches import MOST_AWAY
from app.telemetry.catalogue import (
    KUBERNETES_BATCH_ITEMS,
    KUBERNETES_WATCH_EVENTS,
    KUBERNETES_WATCH_STARTS,
    KUBERNETES_WATCHES,
    KUBERNETES_WATCHES_LIMIT,
)
from app.telemetry.metric import Metric
from dashboards.cache_row import objects_kept
from dashboards.dashboard import Panel, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from slo import panels, promql
from slo.prometheus import GATEWAY
from slo.promql import RATE_INTERVAL, Selector, matches, select

_INSTANCE: Final = matches("$instance")
_READ_OFTEN: Final = "somebody reads the same type twice within two minutes"


def watch_row() -> Row:
    """The row."""
    return Row("Watches on clusters", (objects_kept(), _watches(), _events(), _batches()))


def _of(metric: Metric) -> Selector:
    return select(metric.name, job=GATEWAY, instance=_INSTANCE)


def _watches() -> Panel:
    states = promql.total(_of(KUBERNETES_WATCHES).query, ("instance", "state"))
    wait = promql.total(
        select(KUBERNETES_WATCHES.name, job=GATEWAY, instance=_INSTANCE, state="waiting").query, ("instance",)
    )
    every = promql.total(_of(KUBERNETES_WATCHES).query, ("instance",))
    return Panel(
        panels.WATCHES,
        "Watches that wait for their cluster",
        "How many of a replica's watches wait, left; watches by state, and the most that there may be, right. Good: "
        "below the line. Bad: above it for ten minutes: what others change is seen up to half a minute late. "
        "`forbidden` is no fault: KubeChat's own account may not watch there, and answers end with their time. Then "
        "follow the runbook of KubernetesWatchesAway.",
        Unit.SHARE,
        (
            Series(promql.divided(wait, every), "{{instance}}", waits_for=_READ_OFTEN),
            Series(states, "{{instance}}, {{state}}", unit=Unit.COUNT),
            Series(promql.maximum(_of(KUBERNETES_WATCHES_LIMIT).query), "most of a replica", unit=Unit.COUNT),
        ),
        thresholds=(Threshold(MOST_AWAY, Colour.WARNING),),
    )


def _events() -> Panel:
    events = promql.total(promql.rate(_of(KUBERNETES_WATCH_EVENTS), RATE_INTERVAL), ("cluster", "outcome"))
    starts = promql.total(promql.increase(_of(KUBERNETES_WATCH_STARTS), RATE_INTERVAL), ("cluster", "reason"))
    return Panel(
        panels.WATCH_EVENTS,
        "What watches tell",
        "Events per second by what came of them, left; watches begun, and why, right. Good: applied and bookmarks, new "
        "and ended. Bad: stale, unexpected or unreadable: a cluster or a proxy before it tells what is not so, which "
        "is ignored; silent, expired or failed again and again. Then see which cluster, and what is between.",
        Unit.PER_SECOND,
        (
            Series(events, "{{cluster}}, {{outcome}}", waits_for=_READ_OFTEN),
            Series(starts, "{{cluster}}, {{reason}}", unit=Unit.COUNT, waits_for=_READ_OFTEN),
        ),
    )


def _batches() -> Panel:
    buckets = select(KUBERNETES_BATCH_ITEMS.bucket, job=GATEWAY, instance=_INSTANCE)
    return Panel(
        panels.KUBERNETES_BATCHES,
        "What goes together",
        "Events of a watch that were applied at once, and names of one type that were asked for by one list: 95th "
        "percentile. Good: it grows with what happens. Bad: hundreds of events for hours: a controller changes its "
        "objects without end, and answers about them are never kept for long. Then see which type, in that cluster.",
        Unit.COUNT,
        (Series(promql.quantile(0.95, buckets, RATE_INTERVAL, ("of",)), "{{of}}", waits_for=_READ_OFTEN),),
    )
