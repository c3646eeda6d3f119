"""Work that a process does again and again by itself: counted, and overdue when it does not succeed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from app.errors import KubeChatError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

RETRY_S = 30.0  # a job that runs rarely looks again after this when it failed: Prometheus starts after the gateway
MISSED_RUNS = 3  # a task that missed so many of its runs is overdue
GRACE_S = 60.0
_log = get_logger(__name__)


async def repeat(
    name: str,
    every_s: float,
    work: Callable[[], Awaitable[object]],
    instruments: Instruments,
    *,
    within_s: float | None = None,
    wake: asyncio.Event | None = None,
) -> None:
    """Run a job again and again until cancelled; a failure is counted and logged, and the next run comes, soon.

    Args:
        name: the job's metric label.
        every_s: pause between a run and the next.
        work: one run.
        instruments: where runs are counted.
        within_s: how long after a success the next may take, where one run may last for longer than several pauses.
        wake: ends a pause; it is cleared before the run, which therefore sees all that was there when it was set.
    """
    runs = instruments.counter(catalogue.TASK_RUNS)
    done, failed = runs.labels(name, "ok"), runs.labels(name, "failed")
    due = instruments.gauge(catalogue.TASK_DUE).labels(name)
    within_s = MISSED_RUNS * every_s + GRACE_S if within_s is None else within_s
    due.set(time.time() + within_s)
    while True:
        pause_s = every_s
        try:
            await work()
        except KubeChatError as error:
            failed.inc()
            _log.warning("job failed, trying again", job=name, code=error.code)
            pause_s = min(every_s, RETRY_S)
        else:
            done.inc()
            due.set(time.time() + within_s)
        if wake is None:
            await asyncio.sleep(pause_s)
            continue
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await wake.wait()
        wake.clear()
