"""What the audit service does: record, open an intent, search, and say which intents are left open.

Nothing is acknowledged before it is committed. This module knows no HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from app.audit.batches import Batches, Receipt
from app.audit.cursor import Cursors
from app.audit.entries import Event, Intent, Position, Search
from app.errors import BusyError, ConflictError, DeadlineExceededError, KubeChatError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

SEARCHES = 4  # at once: searches never take the connections that writers need
SEARCH_TIMEOUT_S = 8.0  # less than the 10 s that the gateway waits
SEARCH_WAIT_S = 2.0
COUNT_EVERY_S = 10.0
_log = get_logger(__name__)


class Reader(Protocol):
    """What is read back; `AuditStore` does."""

    async def search(
        self, search: Search, after: Position | None, most: int, *, within_s: float
    ) -> list[dict[str, Any]]:
        """Events, newest first."""
        ...

    async def open_intents(self, before: datetime) -> list[dict[str, Any]]:
        """Intents without an outcome whose deadline is before a time."""
        ...

    async def count_overdue_intents(self) -> int:
        """How many intents have passed their deadline without an outcome."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search: its events, and the cursor of the next page if there is one."""

    events: list[dict[str, Any]]
    next: str | None


class AuditService:
    """The service behind the routes.

    Args:
        batches: where records go in.
        reader: where they are found.
        cursors: makes and reads the pages' cursors.
        instruments: where open intents are shown.
    """

    def __init__(self, batches: Batches, reader: Reader, cursors: Cursors, instruments: Instruments) -> None:
        self._batches = batches
        self._reader = reader
        self._cursors = cursors
        self._searches = asyncio.Semaphore(SEARCHES)
        self._open_intents = instruments.gauge(catalogue.AUDIT_OPEN_INTENTS)

    async def record(self, events: Sequence[Event], *, size_bytes: int, within_s: float) -> Receipt:
        """Store events; returns after the commit. Raises as `Batches.add` does."""
        return await self._batches.add(events, size_bytes=size_bytes, within_s=within_s)

    async def open_intent(self, intent: Intent, *, size_bytes: int, within_s: float) -> bool:
        """Store an intent and its event; True when it is new, False when the same one was there.

        Raises:
            ConflictError: the plan's step has another intent, or the id stands for another.
            BusyError, UnavailableError, InternalError: as `Batches.add`.
        """
        receipt = await self._batches.add((), intent, size_bytes=size_bytes, within_s=within_s)
        if receipt.conflict:
            raise ConflictError("This step of the plan has another intent already.", code="intent_exists")
        return receipt.opened

    async def search(self, search: Search, *, limit: int, cursor: str | None) -> Page:
        """One page of events, newest first.

        Raises:
            InvalidInputError: the cursor does not belong to this search.
            BusyError: too many searches at once.
            DeadlineExceededError: it takes too long.
        """
        after = None if cursor is None else self._cursors.read(cursor, search)
        try:
            async with asyncio.timeout(SEARCH_WAIT_S):
                await self._searches.acquire()
        except TimeoutError as exc:
            raise BusyError("Too many searches are running; try again in a moment.", code="searches_busy") from exc
        try:
            rows = await self._reader.search(search, after, limit + 1, within_s=SEARCH_TIMEOUT_S)
        except DeadlineExceededError as exc:
            raise DeadlineExceededError(
                "The search took too long; narrow it by person, cluster and namespace, or time.", code="search_timeout"
            ) from exc
        finally:
            self._searches.release()
        page = rows[:limit]
        if len(rows) <= limit:
            return Page(page, None)
        last = Position(page[-1]["timestamp"], page[-1]["event_id"])
        return Page(page, self._cursors.write(last, search))

    async def open_intents(self, before: datetime | None) -> list[dict[str, Any]]:
        """Intents without an outcome whose deadline is before a time (now, when it is None), oldest first."""
        return await self._reader.open_intents(before or datetime.now(UTC))

    async def watch_open_intents(self) -> None:
        """Keep the gauge of overdue intents; ends only by cancellation."""
        while True:
            try:
                self._open_intents.set(await self._reader.count_overdue_intents())
            except KubeChatError as error:
                _log.warning("open intents were not counted", code=error.code)
            await asyncio.sleep(COUNT_EVERY_S)
