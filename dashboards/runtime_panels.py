"""Panels about the interpreter: its garbage collections, and the threads for work that would hold the event loop."""

from __future__ import annotations

from app.telemetry.catalogue import GC_PAUSE, GC_THRESHOLD, WORKER_PENDING, WORKER_REFUSED, WORKER_SIZE, WORKER_WAIT
from dashboards.asking import of, per_second
from dashboards.dashboard import Panel, Series, Threshold
from dashboards.theme import Colour, Unit
from slo import panels, promql
from slo.promises import COLLECTION_PAUSE_S, WORKERS_BEHIND
from slo.promql import RATE_INTERVAL

_EACH = ("job", "instance")


def collections() -> Panel:
    """Pauses for garbage collection."""
    return Panel(
        panels.COLLECTIONS,
        "Garbage collections",
        "How long one garbage collection holds a replica, 99th percentile, left; collections per second and the "
        "interpreter's thresholds, right. Good: below the line. Bad: above it, which is when the ticket comes: the "
        "heap holds too much that the collector has to look at. Then follow the runbook of GarbageCollectionPauses.",
        Unit.SECONDS,
        (
            Series(promql.quantile(0.99, of(GC_PAUSE.bucket), RATE_INTERVAL, _EACH), "{{instance}}"),
            Series(per_second(of(GC_PAUSE.count), *_EACH), "{{instance}} collections", unit=Unit.PER_SECOND),
            Series(
                promql.maximum(of(GC_THRESHOLD).query, ("generation",)), "threshold {{generation}}", unit=Unit.COUNT
            ),
        ),
        thresholds=(Threshold(COLLECTION_PAUSE_S.number, Colour.WARNING),),
    )


def workers() -> Panel:
    """Threads for heavy work."""
    behind = promql.divided(of(WORKER_PENDING).query, of(WORKER_SIZE).query, _EACH)
    return Panel(
        panels.WORKERS,
        "Worker threads",
        "Tasks on the threads for heavy work and waiting for them, for each thread, left; how long one waits, 99th "
        "percentile, and tasks refused, right. Good: about one, and nobody waits. Bad: above the line, which is when "
        "the ticket comes. Then follow the runbook of WorkersBehind.",
        Unit.FACTOR,
        (
            Series(behind, "{{instance}}"),
            Series(
                promql.quantile(0.99, of(WORKER_WAIT.bucket), RATE_INTERVAL, _EACH),
                "{{instance}} wait",
                unit=Unit.SECONDS,
            ),
            Series(per_second(of(WORKER_REFUSED), *_EACH), "{{instance}} refused", unit=Unit.PER_SECOND),
        ),
        thresholds=(Threshold(WORKERS_BEHIND.number, Colour.WARNING),),
    )
