"""Group commit without a database: who shares a commit, who is answered what, and what a full queue or an end does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.audit.batches import Batches
from app.audit.entries import Event, Intent
from app.audit.store import Stored
from app.errors import BusyError, InternalError, UnavailableError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def event(name: str = "") -> Event:
    return Event(
        uuid4(), NOON, "read", uuid4(), "admin", None, "", "", "", "", "get", "pods", name, "", None, None, None, "{}"
    )


class Table:
    """Holds what was stored; can be made to wait, to be away, or to refuse a row."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.away = False
        self.calls: list[int] = []
        self.called: asyncio.Queue[None] = asyncio.Queue()
        self.events: dict[UUID, Event] = {}
        self.intents: dict[UUID, Intent] = {}

    async def add(self, events: Sequence[Event], intents: Sequence[Intent]) -> Stored:
        self.calls.append(len(events) + len(intents))
        self.called.put_nowait(None)
        await self.open.wait()
        if self.away:
            raise UnavailableError("away")
        if any(one.name == "poison" for one in events):
            raise InternalError("refused")
        steps = {(one.plan_id, one.step) for one in self.intents.values()}
        conflicts = {one.intent_id for one in intents if (one.plan_id, one.step) in steps}
        taken = [one for one in intents if one.intent_id not in conflicts]
        fresh = {one.event_id: one for one in (*events, *(one.event for one in taken))}
        fresh = {key: one for key, one in fresh.items() if key not in self.events}
        self.events |= fresh
        self.intents |= {one.intent_id: one for one in taken}
        return Stored(set(fresh), {one.intent_id for one in taken}, conflicts)


class House:
    def __init__(self) -> None:
        self.table = Table()
        self.instruments = Instruments()
        self.batches = Batches(self.table, self.instruments, limit_events=100, limit_bytes=10_000)

    async def add(
        self, *events: Event, intent: Intent | None = None, within_s: float = 5, size: int = 10
    ) -> tuple[int, int]:
        receipt = await self.batches.add(events, intent, size_bytes=size, within_s=within_s)
        return receipt.accepted, receipt.duplicates

    @asynccontextmanager
    async def blocked(self, calls: int = 2) -> AsyncIterator[None]:
        """Both writers wait for their commit while the block lasts."""
        self.table.open.clear()
        held = []
        for _ in range(calls):
            held.append(asyncio.create_task(self.add(event())))
            await self.table.called.get()
        yield
        self.table.open.set()
        await asyncio.gather(*held, return_exceptions=True)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    running = asyncio.create_task(made.batches.run())
    yield made
    await made.batches.close(5)
    with suppress(asyncio.CancelledError):
        await running


async def test_requests_that_come_during_a_commit_share_the_next(house: House) -> None:
    async with house.blocked():
        waiting = [asyncio.create_task(house.add(event())) for _ in range(20)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == [(1, 0)] * 20
    assert house.table.calls == [1, 1, 20]


async def test_an_event_that_two_requests_of_a_batch_bring_is_accepted_once(house: House) -> None:
    same = event()
    async with house.blocked():
        waiting = [asyncio.create_task(house.add(same, same)) for _ in range(2)]
        await asyncio.sleep(0)
    assert sorted(await asyncio.gather(*waiting)) == [(0, 2), (1, 1)]
    assert house.instruments.value(catalogue.AUDIT_DUPLICATES) == 3


async def test_the_lag_of_each_stored_event_is_measured_and_of_no_duplicate(house: House) -> None:
    old, coming = event(), replace(event(), timestamp=datetime.now(UTC) + timedelta(hours=1))
    await house.add(old, coming)
    await house.add(old)
    assert house.instruments.value(catalogue.AUDIT_LAG, "_count") == 2
    at_once = house.instruments.value(catalogue.AUDIT_LAG, "_bucket", le="0.005")
    assert at_once == 1, "an event from a clock that is ahead has no lag; the old one has"


async def test_a_refused_record_fails_alone(house: House) -> None:
    async with house.blocked():
        good = [asyncio.create_task(house.add(event())) for _ in range(3)]
        bad = asyncio.create_task(house.add(event("poison")))
        await asyncio.sleep(0)
    assert await asyncio.gather(*good) == [(1, 0)] * 3
    with pytest.raises(InternalError):
        await bad


async def test_with_the_store_away_everyone_is_told_to_come_back(house: House) -> None:
    house.table.away = True
    with pytest.raises(UnavailableError) as refusal:
        await house.add(event())
    assert refusal.value.code == "audit_store_unavailable"
    house.table.away = False
    assert await house.add(event()) == (1, 0)


async def test_a_full_queue_refuses_what_does_not_fit_and_takes_it_later(house: House) -> None:
    async with house.blocked():
        many = [event() for _ in range(90)]
        waiting = asyncio.create_task(house.add(*many))
        await asyncio.sleep(0)
        assert house.instruments.value(catalogue.AUDIT_QUEUE_DEPTH) == 90
        with pytest.raises(BusyError):
            await house.add(*(event() for _ in range(11)))
        with pytest.raises(BusyError):
            await house.add(event(), size=10_000)
    assert await waiting == (90, 0)
    assert house.instruments.value(catalogue.AUDIT_REFUSED, reason="queue_full") == 2
    assert await house.add(*(event() for _ in range(11))) == (11, 0)


async def test_a_caller_whose_time_is_over_is_told_that_nothing_is_known_and_its_record_is_stored(house: House) -> None:
    mine = event()
    async with house.blocked():
        with pytest.raises(UnavailableError) as refusal:
            await house.add(mine, within_s=0.01)
    assert refusal.value.code == "commit_unknown"
    assert await house.add(mine) == (0, 1)


async def test_a_caller_that_leaves_takes_nothing_with_it(house: House) -> None:
    mine = event()
    async with house.blocked():
        leaving = asyncio.create_task(house.add(mine))
        await asyncio.sleep(0)
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving
    assert await house.add(mine) == (0, 1)


async def test_two_intents_for_one_step_never_share_a_transaction(house: House) -> None:
    plan = uuid4()
    intents = [Intent(uuid4(), plan, 0, "d", NOON, event()) for _ in range(2)]
    async with house.blocked():
        waiting = [asyncio.create_task(house.batches.add((), one, size_bytes=1, within_s=5)) for one in intents]
        await asyncio.sleep(0)
    first, second = await asyncio.gather(*waiting)
    assert (first.opened, first.conflict) == (True, False)
    assert (second.opened, second.conflict, second.accepted) == (False, True, 0)


async def test_closing_writes_what_was_taken_and_takes_nothing_more() -> None:
    house = House()
    running = asyncio.create_task(house.batches.run())
    async with house.blocked():
        waiting = asyncio.create_task(house.add(event()))
        await asyncio.sleep(0)
        closing = asyncio.create_task(house.batches.close(5))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await house.add(event())
    assert await waiting == (1, 0)
    await closing
    await running


async def test_a_fault_of_our_own_ends_the_writers_and_leaves_nobody_waiting() -> None:
    class Broken(Table):
        async def add(self, events: Sequence[Event], intents: Sequence[Intent]) -> Stored:
            raise ZeroDivisionError

    batches = Batches(Broken(), Instruments(), limit_events=10, limit_bytes=1000)
    running = asyncio.create_task(batches.run())
    with pytest.raises(InternalError):
        await batches.add([event()], size_bytes=1, within_s=5)
    with pytest.raises(ExceptionGroup):
        await running
