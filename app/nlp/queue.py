"""The bounded queue in front of the translator: one request at a time, the more urgent first.

It orders and bounds, and knows nothing of what it lets through. A request that can't be answered in time is not
started. Between two requests the event loop goes round once, also where a translation never waits for anything: what
has arrived meanwhile takes its place in the queue, where it is counted, ordered and bounded, and not unseen in front
of it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum

from app.errors import BusyError, DeadlineExceededError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments


class Priority(IntEnum):
    """Who waits: a person goes before a warm-up."""

    PERSON = 0
    WARM_UP = 1


@dataclass(order=True, slots=True)
class _Waiter:
    priority: Priority
    number: int
    since: float = field(compare=False)
    turn: asyncio.Future[None] = field(compare=False)


class TranslationQueue:
    """Lets one request through at a time.

    Args:
        limit: the most requests that wait; a further one is refused.
        instruments: where depth, wait and age are measured.
    """

    def __init__(self, limit: int, instruments: Instruments) -> None:
        self._limit = limit
        self._waiting: list[_Waiter] = []
        self._numbers = itertools.count()
        self._taken = False
        self._wait = instruments.histogram(catalogue.NLP_QUEUE_WAIT)
        self._refused = instruments.counter(catalogue.NLP_REFUSED)
        instruments.gauge(catalogue.NLP_QUEUE_LIMIT).set(limit)
        instruments.gauge(catalogue.NLP_QUEUE_DEPTH).set_function(lambda: float(self.depth))
        instruments.gauge(catalogue.NLP_OLDEST_AGE).set_function(self._oldest_age_s)

    @property
    def depth(self) -> int:
        """How many requests wait."""
        return sum(not waiter.turn.done() for waiter in self._waiting)

    @asynccontextmanager
    async def turn(self, priority: Priority, deadline_s: float) -> AsyncIterator[None]:
        """Hold the translator for the body of the `with`.

        Args:
            priority: who asks.
            deadline_s: the event loop's time after which the answer is of no use.

        Raises:
            BusyError: the queue is full.
            DeadlineExceededError: the deadline passed before the turn came.
        """
        loop = asyncio.get_running_loop()
        since = loop.time()
        if since >= deadline_s:
            raise self._expired()
        if self._taken:
            await self._wait_for_turn(priority, since, deadline_s)
        self._taken = True
        self._wait.observe(loop.time() - since)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait_for_turn(self, priority: Priority, since: float, deadline_s: float) -> None:
        self._make_room(priority)
        loop = asyncio.get_running_loop()
        waiter = _Waiter(priority, next(self._numbers), since, loop.create_future())
        heapq.heappush(self._waiting, waiter)
        try:
            async with asyncio.timeout_at(deadline_s):
                await waiter.turn
        except TimeoutError:
            self._leave(waiter)
            raise self._expired() from None
        except BaseException:
            self._leave(waiter)
            raise

    def check_room(self, priority: Priority) -> None:
        """Refuse at once what `turn` would refuse: whoever asks first need not read what is not going to be answered.

        Raises:
            BusyError: the queue is full.
        """
        self._displaced(priority)

    def _make_room(self, priority: Priority) -> None:
        """Refuse when full; a person takes the place of the warm-up that came last."""
        if (last := self._displaced(priority)) is not None:
            self._refused.labels("displaced").inc()
            last.turn.set_exception(_busy())

    def _displaced(self, priority: Priority) -> _Waiter | None:
        """Who would have to go; None while there is room."""
        if self.depth < self._limit:
            return None
        last = max((w for w in self._waiting if not w.turn.done()), default=None)
        if last is None or last.priority <= priority:
            self._refused.labels("full").inc()
            raise _busy()
        return last

    def _leave(self, waiter: _Waiter) -> None:
        """Drop out; a turn that had been handed over already goes to the next."""
        handed_over = waiter.turn.done() and not waiter.turn.cancelled() and waiter.turn.exception() is None
        waiter.turn.cancel()
        if handed_over:
            self._pass_on()

    def _pass_on(self) -> None:
        """Hand the translator to the next, who runs when the loop comes round; without one it is free from then on."""
        if not self._wake_next():
            asyncio.get_running_loop().call_soon(self._free)

    def _free(self) -> None:
        self._taken = self._wake_next()

    def _wake_next(self) -> bool:
        while self._waiting:
            waiter = heapq.heappop(self._waiting)
            if not waiter.turn.done():
                waiter.turn.set_result(None)  # it stays taken, so that nobody slips in between
                return True
        return False

    def _expired(self) -> DeadlineExceededError:
        self._refused.labels("expired").inc()
        return DeadlineExceededError("The answer would have come too late; the request was dropped.")

    def _oldest_age_s(self) -> float:
        waiting = [waiter.since for waiter in self._waiting if not waiter.turn.done()]
        # The event loop's clock is the monotonic one, and a scrape may come from another thread.
        return max(0.0, time.monotonic() - min(waiting)) if waiting else 0.0


def _busy() -> BusyError:
    return BusyError("The language service is busy; try again in a moment.", retry_after_s=1.0)
