"""Work that would hold the event loop: one bounded pool of threads per process, with a bounded queue.

Password hashing, rendering of metrics, large parsing. A full queue refuses with 503 rather than letting everyone wait.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from app.errors import BusyError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.targets.cpu import GOROUTINE_POOLS

P = ParamSpec("P")
R = TypeVar("R")

QUEUE_PER_WORKER = 16  # at 0.1 s a task, the last in the queue waits less than two seconds


class Workers:
    """A pool of as many threads as the process may use cores.

    Args:
        instruments: where the pool's metrics live.
        size: threads; None takes the cores this process may run on.
    """

    def __init__(self, instruments: Instruments, size: int | None = None) -> None:
        self.size = size or len(os.sched_getaffinity(0)) * GOROUTINE_POOLS.named("threads_per_core").whole
        self._limit = self.size * (1 + QUEUE_PER_WORKER)
        self._pending = 0
        self._executor = ThreadPoolExecutor(self.size, thread_name_prefix="worker")
        self._wait = instruments.histogram(catalogue.WORKER_WAIT)
        self._refused = instruments.counter(catalogue.WORKER_REFUSED)
        instruments.gauge(catalogue.WORKER_SIZE).set(self.size)
        instruments.gauge(catalogue.WORKER_PENDING).set_function(lambda: float(self._pending))

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a function on a thread of the pool and return its result.

        Raises:
            BusyError: the queue is full.
        """
        if self._pending >= self._limit:
            self._refused.inc()
            raise BusyError("The server is busy; try again in a moment.", code="workers_busy")
        return await self.run_always(work, *args, **kwargs)

    async def run_always(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As `run`, and never refused: for work of the process itself that comes one at a time, such as a scrape."""
        queued = time.perf_counter()

        def measured() -> R:
            self._wait.observe(time.perf_counter() - queued)
            return work(*args, **kwargs)

        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, measured)
        finally:
            self._pending -= 1

    def close(self) -> None:
        """Let running work end and start none; does not wait."""
        self._executor.shutdown(wait=False, cancel_futures=True)
