"""The row about processes: memory, event loop, files, and the bytes that they send, receive and write to their logs."""

from __future__ import annotations

from app.telemetry.catalogue import (
    ALLOCATED_BLOCKS,
    CONTAINER_MEMORY,
    CONTAINER_OOM_KILLS,
    DEPENDENCY_BYTES,
    EVENT_LOOP_LAG,
    HEAP,
    HEAP_BUDGET,
    LOG_BYTES,
    LOG_DROPPED,
    LOG_SAMPLED_OUT,
    LOG_WRITE_DURATION,
    MEMORY_LIMIT,
    MEMORY_RESIDENT,
    MEMORY_SHEDDING,
    TRACE_SPANS,
)
from dashboards.asking import of, per_second
from dashboards.dashboard import Panel, Row, Series, Threshold
from dashboards.runtime_panels import collections, workers
from dashboards.theme import Colour, Unit
from slo import panels, promql
from slo.prometheus import MOST_FILES, OPEN_FILES
from slo.promises import FILES_IN_USE, SPANS_LOST
from slo.promql import RATE_INTERVAL
from slo.targets.cpu import ASYNC_PROCESSING
from slo.targets.memory import MEMORY_ALERT, OOM_PROTECTION

_EACH = ("job", "instance")


def process_row() -> Row:
    """The row."""
    return Row(
        "Processes",
        (
            _memory(),
            _heap(),
            _loop_lag(),
            collections(),
            workers(),
            _files(),
            _ended_for_memory(),
            _bytes_by_peer(),
            _log(),
            _spans(),
        ),
    )


def _memory() -> Panel:
    share = promql.divided(of(MEMORY_RESIDENT).query, of(MEMORY_LIMIT).query, _EACH)
    return Panel(
        panels.MEMORY_AGAINST_LIMIT,
        "Memory against its limit",
        "What each replica occupies as a share of its limit. Good: below the lower line. Bad: above it for minutes, "
        "which is when the ticket comes; above the upper line it refuses new work. Then follow the runbook of "
        "MemoryNearLimit.",
        Unit.SHARE,
        (
            Series(share, "{{instance}}"),
            Series(promql.total(of(MEMORY_SHEDDING).query, ("job",)), "{{job}} replicas that refuse", unit=Unit.COUNT),
        ),
        thresholds=(
            Threshold(MEMORY_ALERT.figure.number, Colour.WARNING),
            Threshold(OOM_PROTECTION.named("shed_above").number, Colour.BAD),
        ),
    )


def _heap() -> Panel:
    return Panel(
        panels.HEAP,
        "Heap and container memory",
        "What the interpreter holds, small objects and what it asked the C library for, beside the budget for caches "
        "and buffers and the memory of the container that the kernel counts. Good: the heap is level and below its "
        "budget. Bad: small objects that only grow: something is kept that nobody asks for any more. Then restart the "
        "replica and look for what grew.",
        Unit.BYTES,
        (
            Series(promql.total(of(HEAP).query, (*_EACH, "part")), "{{instance}} {{part}}"),
            Series(promql.maximum(of(HEAP_BUDGET).query, ("job",)), "{{job}} budget"),
            Series(of(CONTAINER_MEMORY).query, "{{instance}} container"),
            Series(of(ALLOCATED_BLOCKS).query, "{{instance}} blocks", unit=Unit.COUNT),
        ),
    )


def _loop_lag() -> Panel:
    return Panel(
        panels.EVENT_LOOP_LAG,
        "Event loop lag, 99th percentile",
        "How late each replica's event loop wakes up: for so long everybody on it waits at once. Good: below the line. "
        "Bad: above it for minutes, which is when the ticket comes. Then follow the runbook of EventLoopLag.",
        Unit.SECONDS,
        (Series(promql.quantile(0.99, of(EVENT_LOOP_LAG.bucket), RATE_INTERVAL, _EACH), "{{instance}}"),),
        thresholds=(Threshold(ASYNC_PROCESSING.named("lag").number, Colour.WARNING),),
    )


def _files() -> Panel:
    share = promql.divided(of(OPEN_FILES).query, of(MOST_FILES).query, _EACH)
    return Panel(
        panels.FILE_DESCRIPTORS,
        "File descriptors in use",
        "Files and connections that each replica has open, as a share of what it may. Good: below the line, and level. "
        "Bad: it only grows: something is not closed. Then follow the runbook of FileDescriptorsLow.",
        Unit.SHARE,
        (Series(share, "{{instance}}"),),
        thresholds=(Threshold(FILES_IN_USE.number, Colour.WARNING),),
    )


def _ended_for_memory() -> Panel:
    return Panel(
        panels.OUT_OF_MEMORY,
        "Ended for want of memory",
        "Processes in each replica's container that the kernel ended, in the last hour. Good: none. Bad: one, which is "
        "when the ticket comes. Then follow the runbook of OutOfMemory.",
        Unit.COUNT,
        (Series(promql.total(promql.increase(of(CONTAINER_OOM_KILLS), 3600), _EACH), "{{instance}}"),),
        thresholds=(Threshold(1, Colour.BAD),),
        decimals=0,
    )


def _bytes_by_peer() -> Panel:
    return Panel(
        panels.BYTES_BY_PEER,
        "Bytes between services",
        "What each service sends to and receives from each other service or store. Good: it follows the requests. Bad: "
        "one direction doubles while the requests do not: somebody asks for more than is shown. Then see which query, "
        "list or cache it is on the gateway's and the data's dashboards.",
        Unit.BYTES_PER_SECOND,
        (Series(per_second(of(DEPENDENCY_BYTES), "job", "peer", "direction"), "{{job}}, {{direction}}, {{peer}}"),),
    )


def _log() -> Panel:
    return Panel(
        panels.LOG_WRITES,
        "Log lines: bytes and time to write",
        "How long writing one log line holds a process, 99th percentile, left; bytes written per second and lines "
        "lost, right. Good: well below a millisecond and none lost. Bad: milliseconds: the disk of the logs is slow, "
        "and every request that logs waits for it; lost lines: it is full. Then look at 'Storage I/O and disk usage' "
        "for log.",
        Unit.SECONDS,
        (
            Series(promql.quantile(0.99, of(LOG_WRITE_DURATION.bucket), RATE_INTERVAL, ("job",)), "{{job}}, one line"),
            Series(per_second(of(LOG_BYTES), "job"), "{{job}} written", unit=Unit.BYTES_PER_SECOND),
            Series(per_second(of(LOG_DROPPED), "job"), "{{job}} lost", unit=Unit.PER_SECOND),
            Series(per_second(of(LOG_SAMPLED_OUT), "job"), "{{job}} left out of a flood", unit=Unit.PER_SECOND),
        ),
    )


def _spans() -> Panel:
    fates = {fate: per_second(of(TRACE_SPANS, outcome=fate), "job") for fate in ("ended", "sent", "failed")}
    lost = promql.complement(promql.divided(fates["sent"], promql.above(fates["ended"], 0)))
    return Panel(
        panels.TRACE_SPANS,
        "Spans that the collector did not get",
        "The share of spans that ended and did not reach the collector, left; spans per second by fate, right. Good: "
        "none lost. Bad: above the line, which is when the ticket comes: traces have holes, and no request is held up. "
        "Then follow the runbook of TracesLost.",
        Unit.SHARE,
        (
            Series(lost, "{{job}} lost"),
            *(Series(query, f"{{{{job}}}} {fate}", unit=Unit.PER_SECOND) for fate, query in fates.items()),
        ),
        thresholds=(Threshold(SPANS_LOST.number, Colour.WARNING),),
    )
