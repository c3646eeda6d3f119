"""Group commit: what concurrent requests bring is stored in one transaction, and each is answered after its commit.

A caller that goes away takes nothing with it: what was accepted is stored all the same. This module knows no HTTP and
no SQL.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from app.audit.entries import Event, Intent
from app.audit.store import Stored
from app.errors import BusyError, InternalError, KubeChatError, UnavailableError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

MOST_EVENTS = 1000  # in one transaction: beyond it larger batches commit hardly faster and hold their callers longer
WRITERS = 2  # one encodes the next batch while the other waits for its commit
COMMIT_TIMEOUT_S = 10.0  # a batch that takes longer is given up, so that a server that hangs cannot hold the queue
_log = get_logger(__name__)


class Sink(Protocol):
    """What stores a batch; `AuditStore` does."""

    async def add(self, events: Sequence[Event], intents: Sequence[Intent]) -> Stored:
        """Store a batch; returns after its commit."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one submission.

    Attributes:
        accepted: events stored now.
        duplicates: events that were stored before, or came twice.
        conflict: the intent was refused.
        opened: the intent was not there before.
    """

    accepted: int
    duplicates: int
    conflict: bool = False
    opened: bool = False


@dataclass(slots=True, eq=False)
class _Submission:
    events: Sequence[Event]
    intent: Intent | None
    size_bytes: int
    done: asyncio.Future[Receipt] = field(init=False)

    def __post_init__(self) -> None:
        self.done = asyncio.get_running_loop().create_future()
        # A caller that left asks for no result; its failure is counted and logged where it happens.
        self.done.add_done_callback(lambda future: future.cancelled() or future.exception())


class Batches:
    """A bounded queue in front of a few writers.

    Args:
        sink: what stores a batch.
        instruments: where batches and the queue are measured.
        limit_events: most events that wait.
        limit_bytes: most bytes of payload that wait.
    """

    def __init__(self, sink: Sink, instruments: Instruments, *, limit_events: int, limit_bytes: int) -> None:
        self._sink = sink
        self._limit_events = limit_events
        self._limit_bytes = limit_bytes
        self._queue: deque[_Submission] = deque()
        self._events = 0
        self._bytes = 0
        self._arrived = asyncio.Event()
        self._ended = asyncio.Event()
        self._closing = False
        self._stored = instruments.counter(catalogue.AUDIT_EVENTS)
        self._lag = instruments.histogram(catalogue.AUDIT_LAG)
        self._duplicates = instruments.counter(catalogue.AUDIT_DUPLICATES)
        self._batch_size = instruments.histogram(catalogue.AUDIT_BATCH_SIZE)
        self._commit_duration = instruments.histogram(catalogue.AUDIT_COMMIT_DURATION)
        self._refused = instruments.counter(catalogue.AUDIT_REFUSED)
        instruments.gauge(catalogue.AUDIT_QUEUE_DEPTH).set_function(lambda: float(self._events))
        instruments.gauge(catalogue.AUDIT_QUEUE_LIMIT).set(limit_events)

    async def add(
        self, events: Sequence[Event], intent: Intent | None = None, *, size_bytes: int, within_s: float
    ) -> Receipt:
        """Store events, and an intent with them; returns after the commit.

        Args:
            events: the events.
            intent: an intent, which brings its own event.
            size_bytes: size of the payload they came in.
            within_s: how long the caller waits.

        Raises:
            BusyError: the queue is full, or the process ends; nothing is stored.
            UnavailableError: stored or not, nobody knows; the same may be sent again.
            InternalError, InvalidInputError: the database refuses it; nothing is stored.
        """
        if self._closing:
            raise BusyError("The audit service is being stopped; try again.", code="stopping")
        if intent is not None:
            events = [*events, intent.event]
        if self._queue and (
            self._events + len(events) > self._limit_events or self._bytes + size_bytes > self._limit_bytes
        ):
            self._refused.labels("queue_full").inc()
            raise BusyError("The audit service has too much to write; try again in a moment.")
        submission = _Submission(events, intent, size_bytes)
        self._queue.append(submission)
        self._events += len(events)
        self._bytes += size_bytes
        self._arrived.set()
        try:
            async with asyncio.timeout(within_s):
                return await submission.done
        except TimeoutError as exc:
            self._refused.labels("timeout").inc()
            raise UnavailableError(
                "The audit service could not say in time that the record is safe; send it again.", code="commit_unknown"
            ) from exc

    async def run(self) -> None:
        """Write batches until `close` was called and the queue is empty."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(WRITERS):
                    group.create_task(self._write())
        finally:
            self._ended.set()

    async def close(self, within_s: float) -> None:
        """Take nothing more, and wait until what was taken is written or has failed, or the time is over."""
        self._closing = True
        self._arrived.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._ended.wait()

    async def _write(self) -> None:
        while True:
            while not self._queue:
                if self._closing:
                    return
                self._arrived.clear()
                await self._arrived.wait()
            batch = self._take()
            try:
                await self._commit(batch)
            except KubeChatError as error:
                if error.retryable:
                    _fail(batch, error)
                else:
                    await self._commit_alone(batch, error)
            except Exception as exc:
                # Nobody may wait for ever, whatever went wrong: the callers are told, then the process ends loudly.
                _fail(batch, InternalError("The audit service failed to store the record."))
                _log.exception("writer failed", fault=type(exc).__name__)
                raise

    def _take(self) -> list[_Submission]:
        """What fits into one transaction: no step of a plan and no id of an intent twice."""
        batch: list[_Submission] = []
        events = 0
        steps: set[tuple[UUID, int] | UUID] = set()
        while self._queue:
            head = self._queue[0]
            keys: set[tuple[UUID, int] | UUID] = set()
            if head.intent is not None:
                keys = {head.intent.intent_id, (head.intent.plan_id, head.intent.step)}
            if batch and (events + len(head.events) > MOST_EVENTS or keys & steps):
                break
            self._queue.popleft()
            self._events -= len(head.events)
            self._bytes -= head.size_bytes
            events += len(head.events)
            steps |= keys
            batch.append(head)
        return batch

    async def _commit(self, batch: Sequence[_Submission]) -> None:
        """Store a batch and answer its callers; raises when it was not stored, or nobody knows."""
        events: dict[UUID, Event] = {}
        for submission in batch:
            plain = submission.events if submission.intent is None else submission.events[:-1]
            for event in plain:
                events.setdefault(event.event_id, event)
        intents = [submission.intent for submission in batch if submission.intent is not None]
        started = time.perf_counter()
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_S):
                stored = await self._sink.add(list(events.values()), intents)
        except TimeoutError as exc:
            raise UnavailableError("The database took too long.", code="commit_unknown") from exc
        self._commit_duration.observe(time.perf_counter() - started)
        self._batch_size.observe(len(stored.events))
        self._count({event.event_id: event for submission in batch for event in submission.events}, stored)
        fresh = set(stored.events)
        for submission in batch:
            self._answer(submission, stored, fresh)

    def _count(self, known: Mapping[UUID, Event], stored: Stored) -> None:
        events = [known[event_id] for event_id in stored.events]
        for kind, count in Counter(event.kind for event in events).items():
            self._stored.labels(kind).inc(count)
        now = datetime.now(UTC)
        for event in events:
            # Clocks differ: an event from the future has no lag.
            self._lag.observe(max(0.0, (now - event.timestamp).total_seconds()))

    def _answer(self, submission: _Submission, stored: Stored, fresh: set[UUID]) -> None:
        intent = submission.intent
        conflict = intent is not None and intent.intent_id in stored.conflicts
        accepted = 0
        for event in submission.events:
            if event.event_id in fresh:
                fresh.remove(event.event_id)
                accepted += 1
        duplicates = 0 if conflict else len(submission.events) - accepted
        self._duplicates.inc(duplicates)
        opened = intent is not None and intent.intent_id in stored.intents
        if not submission.done.done():
            submission.done.set_result(Receipt(accepted, duplicates, conflict, opened))

    async def _commit_alone(self, batch: Sequence[_Submission], error: KubeChatError) -> None:
        """One submission that the database refuses must not take the others of its batch with it."""
        if len(batch) == 1:
            _fail(batch, error)
            return
        for submission in batch:
            try:
                await self._commit([submission])
            except KubeChatError as own:
                _fail([submission], own)


def _fail(batch: Sequence[_Submission], error: KubeChatError) -> None:
    _log.warning("batch was not stored", code=error.code, submissions=len(batch))
    if error.retryable:
        error = UnavailableError(
            "The audit service could not reach its database; send the record again.", code="audit_store_unavailable"
        )
    for submission in batch:
        if not submission.done.done():
            submission.done.set_exception(error)
