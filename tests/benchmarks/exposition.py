"""How quickly a page of metrics is written, and how long a scrape holds the event loop of whoever is scraped."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator

import uvloop
from prometheus_client.openmetrics.exposition import generate_latest

from app.infra.scrape import page
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.benchmarks.row import Row

SERIES = 5_000
ROUNDS = 15
TIMES_QUICKER = 5
HELD_AT_MOST_S = 0.005


def pages() -> Iterator[Row]:
    """Both ways in turn, then scrapes beside another task that notes how long it had to wait."""
    instruments = _filled()
    series = "".join(instruments.parts()).count("\n") - 3  # two lines of heading, and the end
    theirs, ours = [], []
    for _ in range(ROUNDS):
        theirs.append(_timed(lambda: generate_latest(instruments.registry)))
        ours.append(_timed(lambda: "".join(instruments.parts()).encode()))
    their_s, our_s = statistics.median(theirs), statistics.median(ours)
    yield Row(
        "a page of 5,000 series",
        our_s * 1e3,
        "ms",
        f"prometheus_client's generate_latest: {their_s * 1e3:.1f} ms",
        their_s / our_s,
        f">= {TIMES_QUICKER}",
        note=f"{series:,} series of one histogram, a third of it with exemplars; medians of {ROUNDS} interleaved rounds.",
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        held_s = statistics.median(runner.run(_held(instruments)) for _ in range(ROUNDS))
    yield Row(
        "the event loop held by a scrape of 5,000 series",
        held_s * 1e3,
        "ms",
        f"{HELD_AT_MOST_S * 1e3:g} ms",
        held_s / HELD_AT_MOST_S,
        "<= 1",
        note=f"The longest that another task of the process had to wait; the median of {ROUNDS} scrapes.",
    )


def _filled() -> Instruments:
    instruments = Instruments()
    duration = instruments.histogram(catalogue.POSTGRES_QUERY_DURATION)
    lines = len(catalogue.POSTGRES_QUERY_DURATION.buckets) + 3  # the one for everything, the count and the sum
    for number in range(SERIES // lines + 1):
        child = duration.labels(f"store.query_{number}")
        for bucket, seconds in enumerate(catalogue.POSTGRES_QUERY_DURATION.buckets):
            child.observe(seconds, {"trace_id": f"{number:032x}"} if bucket % 3 == 0 else None)
    return instruments


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


async def _held(instruments: Instruments) -> float:
    longest = 0.0

    async def other() -> None:
        nonlocal longest
        before = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, before = max(longest, now - before), now

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    await page(instruments.parts())
    task.cancel()
    return longest
