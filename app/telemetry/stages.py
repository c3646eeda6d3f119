"""How much of a turn was spent waiting for the customer's clusters, told apart from the time that is ours.

Requests that run beside one another count once: what is measured is the time during which at least one was under way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar


class StageClock:
    """Adds up the time during which something was under way.

    Args:
        now: seconds on a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._under_way = 0
        self._since = 0.0
        self._spent_s = 0.0

    @property
    def spent_s(self) -> float:
        """Seconds so far, those of what is still under way included."""
        return self._spent_s + (self._now() - self._since if self._under_way else 0.0)

    @contextmanager
    def running(self) -> Generator[None]:
        """Count the time until the end of the block."""
        if not self._under_way:
            self._since = self._now()
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._spent_s += self._now() - self._since


_cluster: ContextVar[StageClock | None] = ContextVar("cluster_clock", default=None)


@contextmanager
def cluster_clock() -> Generator[StageClock]:
    """Measure the time that the block, and the tasks it starts, wait for clusters."""
    clock = StageClock()
    token = _cluster.set(clock)
    try:
        yield clock
    finally:
        _cluster.reset(token)


@contextmanager
def waiting_for_cluster() -> Generator[None]:
    """Say that the block waits for a cluster; costs next to nothing where nobody measures."""
    clock = _cluster.get()
    if clock is None:
        yield
        return
    with clock.running():
        yield
