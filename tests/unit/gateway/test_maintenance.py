"""Planned maintenance: what may be declared, recorded before it takes effect, told once, and known to the rules."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from alerts.maintenance import REMEMBERED_S
from app.domain.identities import Person, Role
from app.errors import ConflictError, ForbiddenError, KubeChatError, NotFoundError, UnavailableError
from app.gateway.service.maintenance import PlannedMaintenance
from app.gateway.store.maintenances import Maintenance
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

NOW = datetime(2026, 8, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(seconds=REMEMBERED_S)
ADMIN = Person(uuid4(), "ada", "Ada", Role.ADMIN)


class FakeRows:
    """Rows of maintenances, with a clock of their own."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.clock = NOW
        self.rows: dict[UUID, Maintenance] = {}
        self.meanwhile: Callable[[], None] = lambda: None
        self.fault: KubeChatError | None = None

    async def now(self) -> datetime:
        return self.clock

    async def overlapping(self, starts_at: datetime, ends_at: datetime) -> Maintenance | None:
        found = (each for each in await self.not_over() if each.starts_at < ends_at and each.ends_at > starts_at)
        return next(found, None)

    async def add(
        self, maintenance_id: UUID, starts_at: datetime, ends_at: datetime, reason: str, by: UUID, name: str
    ) -> Maintenance | None:
        self.meanwhile()
        if self.fault is not None:
            raise self.fault
        other = await self.overlapping(starts_at, ends_at)
        if other is None:
            self.log.append("stored")
            self.put(Maintenance(maintenance_id, starts_at, ends_at, reason, by, name, self.clock, None))
        return other

    def put(self, maintenance: Maintenance) -> Maintenance:
        self.rows[maintenance.maintenance_id] = maintenance
        return maintenance

    async def find(self, maintenance_id: UUID) -> Maintenance | None:
        return self.rows.get(maintenance_id)

    async def end(self, maintenance_id: UUID) -> Maintenance | None:
        self.meanwhile()
        found = self.rows[maintenance_id]
        if found not in await self.not_over():
            return None
        self.log.append("ended")
        return self.put(replace(found, ended_at=self.clock))

    async def not_over(self) -> list[Maintenance]:
        open_ones = [each for each in self.rows.values() if each.ended_at is None and each.ends_at > self.clock]
        return sorted(open_ones, key=lambda each: each.starts_at)


class FakeTrail:
    """The audit service, and the outbox beside it."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.away = False
        self.client = self.Client(self)
        self.recorded: list[dict[str, Any]] = []
        self.later: list[dict[str, Any]] = []

    class Client:
        def __init__(self, trail: FakeTrail) -> None:
            self.trail = trail

        async def record(self, events: list[dict[str, Any]]) -> None:
            if self.trail.away:
                raise UnavailableError("away")
            self.trail.log.append("recorded")
            self.trail.recorded += events

    async def record(self, events: list[dict[str, Any]]) -> bool:
        self.later += events
        return False


class FakeHub:
    """Keeps what every window was told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def to_all(self, event: dict[str, Any]) -> None:
        self.told.append(event)

    @property
    def texts(self) -> list[str]:
        return [event["text"] for event in self.told]


class House:
    """One replica's planned maintenance, and another's on the same rows."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.rows = FakeRows(self.log)
        self.trail = FakeTrail(self.log)
        self.hub, self.instruments, self.service = self.replica()

    def replica(self) -> tuple[FakeHub, Instruments, PlannedMaintenance]:
        hub, instruments = FakeHub(), Instruments()
        return hub, instruments, PlannedMaintenance(self.rows, self.trail, hub, instruments)  # type: ignore[arg-type]

    def gauges(self, instruments: Instruments | None = None) -> tuple[float | None, float | None]:
        read = (instruments or self.instruments).registry.get_sample_value
        return read(catalogue.MAINTENANCE_START.name), read(catalogue.MAINTENANCE_END.name)


@pytest.fixture
def house() -> House:
    return House()


async def test_it_is_recorded_with_who_when_and_why_before_it_takes_effect(house: House) -> None:
    declared = await house.service.declare(ADMIN, NOW + HOUR, NOW + 3 * HOUR, "new disks")
    await house.service.end(ADMIN, declared.maintenance_id)
    assert house.log == ["recorded", "stored", "recorded", "ended"]
    first, second = house.trail.recorded
    span = {"starts_at": "2026-08-04T13:00:00+00:00", "ends_at": "2026-08-04T15:00:00+00:00", "reason": "new disks"}
    for event, verb in ((first, "declare maintenance"), (second, "cancel maintenance")):
        assert (event["kind"], event["verb"], event["user_name"]) == ("administration", verb, "ada")
        assert event["name"] == str(declared.maintenance_id)
        assert event["detail"] == span


async def test_without_an_audit_service_it_is_refused_and_that_is_recorded_later(house: House) -> None:
    declared = await house.service.declare(ADMIN, None, NOW + HOUR, "x")
    house.trail.away = True
    with pytest.raises(UnavailableError) as refused:
        await house.service.declare(ADMIN, NOW + 2 * HOUR, NOW + 3 * HOUR, "y")
    assert refused.value.code == "audit_unavailable"
    with pytest.raises(UnavailableError):
        await house.service.end(ADMIN, declared.maintenance_id)
    assert [each.ended_at for each in house.rows.rows.values()] == [None]
    assert [event["outcome"] for event in house.trail.later] == ["failed", "failed"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_only_administrators_declare_and_end(house: House, role: Role) -> None:
    declared = await house.service.declare(ADMIN, None, NOW + HOUR, "x")
    other = Person(uuid4(), "eve", "Eve", role)
    with pytest.raises(ForbiddenError):
        await house.service.declare(other, NOW + 2 * HOUR, NOW + 3 * HOUR, "y")
    with pytest.raises(ForbiddenError):
        await house.service.end(other, declared.maintenance_id)
    assert house.log == ["recorded", "stored"]


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (NOW + HOUR, NOW + 2 * HOUR),
        (NOW, NOW + 2 * HOUR - timedelta(seconds=1)),
        (NOW + 90 * timedelta(minutes=1), NOW + 3 * HOUR),
        (NOW, NOW + 4 * HOUR),
    ],
)
async def test_two_that_are_not_over_may_touch_and_not_overlap(
    house: House, starts_at: datetime, ends_at: datetime
) -> None:
    first = await house.service.declare(ADMIN, NOW + HOUR, NOW + 2 * HOUR, "x")
    with pytest.raises(ConflictError) as refused:
        await house.service.declare(ADMIN, starts_at, ends_at, "y")
    assert refused.value.code == "maintenance_overlaps"
    assert len(house.trail.recorded) == 1, "what cannot be is not recorded as done"
    await house.service.declare(ADMIN, NOW, NOW + HOUR, "before it")
    await house.service.declare(ADMIN, NOW + 2 * HOUR, NOW + 3 * HOUR, "after it")
    await house.service.end(ADMIN, first.maintenance_id)
    await house.service.declare(ADMIN, NOW + HOUR, NOW + 2 * HOUR, "in its place")


async def test_one_that_another_replica_was_quicker_with_is_recorded_as_failed(house: House) -> None:
    quicker = Maintenance(uuid4(), NOW, NOW + HOUR, "quicker", uuid4(), "bob", NOW, None)
    house.rows.meanwhile = lambda: house.rows.rows.setdefault(quicker.maintenance_id, quicker) and None
    with pytest.raises(ConflictError):
        await house.service.declare(ADMIN, None, NOW + HOUR, "slower")
    (later,) = house.trail.later
    assert (later["outcome"], later["detail"]["code"]) == ("failed", "maintenance_overlaps")
    assert later["event_id"] != house.trail.recorded[0]["event_id"]


async def test_what_a_silent_database_made_of_it_is_recorded_as_unknown(house: House) -> None:
    house.rows.fault = UnavailableError("gone", code="database_unavailable")
    with pytest.raises(UnavailableError):
        await house.service.declare(ADMIN, None, NOW + HOUR, "x")
    assert [event["outcome"] for event in house.trail.later] == ["unknown"]


async def test_what_is_over_cannot_be_ended_again(house: House) -> None:
    declared = await house.service.declare(ADMIN, None, NOW + HOUR, "x")
    with pytest.raises(NotFoundError):
        await house.service.end(ADMIN, uuid4())
    house.rows.clock = NOW + HOUR
    with pytest.raises(ConflictError) as refused:
        await house.service.end(ADMIN, declared.maintenance_id)
    assert refused.value.code == "maintenance_is_over"
    assert house.log == ["recorded", "stored"]
    house.rows.clock = NOW
    house.rows.meanwhile = lambda: setattr(house.rows, "clock", NOW + HOUR)
    with pytest.raises(ConflictError):
        await house.service.end(ADMIN, declared.maintenance_id)
    assert [event["outcome"] for event in house.trail.later] == ["failed"]


async def test_rules_are_told_of_the_present_one_then_of_the_next_and_of_none_only_when_that_is_known(
    house: House,
) -> None:
    assert house.gauges() == (None, None), "a 0 at the start would end a maintenance that goes on"
    await house.service.refresh()
    assert house.gauges() == (0, 0)
    later = await house.service.declare(ADMIN, NOW + 2 * HOUR, NOW + 3 * HOUR, "later")
    assert house.gauges() == ((NOW + 2 * HOUR).timestamp(), (NOW + 3 * HOUR).timestamp())
    present = await house.service.declare(ADMIN, None, NOW + HOUR, "now")
    assert house.gauges() == (NOW.timestamp(), (NOW + HOUR).timestamp())
    await house.service.end(ADMIN, present.maintenance_id)
    assert house.gauges() == (later.starts_at.timestamp(), later.ends_at.timestamp())
    house.rows.clock = NOW + 3 * HOUR
    await house.service.refresh()
    assert house.gauges() == (0, 0)


async def test_every_replica_tells_its_windows_once(house: House) -> None:
    other_hub, other_instruments, other = house.replica()
    for service in (house.service, other):
        await service.refresh()
    declared = await house.service.declare(ADMIN, None, NOW + HOUR, "new disks")
    coming = await house.service.declare(ADMIN, NOW + 2 * HOUR, NOW + 3 * HOUR, "new kernel")
    for _ in range(3):
        await other.refresh()
        await house.service.refresh()
    assert house.gauges(other_instruments) == house.gauges()
    told = [
        "Planned maintenance until 2026-08-04 13:00 UTC: new disks (declared by ada).",
        "Planned maintenance from 2026-08-04 14:00 UTC until 2026-08-04 15:00 UTC: new kernel (declared by ada).",
    ]
    assert house.hub.texts == other_hub.texts == told
    assert {(e["type"], e["level"], e["code"]) for e in house.hub.told} == {("notice", "info", "maintenance")}
    await house.service.end(ADMIN, declared.maintenance_id)
    await house.service.end(ADMIN, coming.maintenance_id)
    await other.refresh()
    ends = ["The planned maintenance is over: new disks.", "The planned maintenance was cancelled: new kernel."]
    assert house.hub.texts == other_hub.texts == [*told, *ends]


async def test_a_look_that_began_before_a_maintenance_was_declared_does_not_undo_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.service.refresh()
    asked, answered = asyncio.Event(), asyncio.Event()
    not_over = house.rows.not_over

    async def slow() -> list[Maintenance]:
        found = await not_over()
        asked.set()
        await answered.wait()
        return found

    monkeypatch.setattr(house.rows, "not_over", slow)
    job = asyncio.ensure_future(house.service.refresh())
    await asked.wait()
    monkeypatch.setattr(house.rows, "not_over", not_over)
    storing = asyncio.Event()
    house.rows.meanwhile = storing.set
    declaring = asyncio.ensure_future(house.service.declare(ADMIN, None, NOW + HOUR, "x"))
    await storing.wait()
    answered.set()
    await asyncio.gather(job, declaring)
    assert house.gauges() == (NOW.timestamp(), (NOW + HOUR).timestamp())
    await house.service.refresh()
    assert len(house.hub.told) == 1


async def test_what_was_there_at_the_start_and_what_ends_by_itself_is_no_news(house: House) -> None:
    await house.service.declare(ADMIN, None, NOW + HOUR, "x")
    hub, _, fresh = house.replica()
    await fresh.refresh()
    house.rows.clock = NOW + HOUR
    await fresh.refresh()
    assert hub.told == []


async def test_the_page_shows_the_present_one_else_the_next_also_while_the_database_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown() -> tuple[str, str] | None:
        current = house.service.current()
        return None if current is None else (current["reason"], current["state"])

    assert shown() is None
    await house.service.declare(ADMIN, NOW + HOUR, NOW + 2 * HOUR, "first")
    await house.service.declare(ADMIN, NOW + 2 * HOUR, NOW + 3 * HOUR, "second")
    began_s = time.monotonic()
    seen = []
    for hours in (0, 1, 2, 3):
        monkeypatch.setattr("time.monotonic", lambda hours=hours: began_s + hours * 3600)
        seen.append(shown())
    assert seen == [("first", "coming"), ("first", "present"), ("second", "present"), None]


@pytest.mark.parametrize(
    ("starts", "ends", "ended", "state"),
    [
        (1, 2, None, "coming"),
        (0, 2, None, "present"),
        (-2, 0, None, "over"),
        (-2, 2, -1, "over"),
        (1, 2, -1, "cancelled"),
        (-2, -1, -3, "cancelled"),
    ],
)
def test_a_maintenance_is_coming_present_over_or_cancelled(
    starts: int, ends: int, ended: int | None, state: str
) -> None:
    ended_at = None if ended is None else NOW + ended * HOUR
    made = Maintenance(uuid4(), NOW + starts * HOUR, NOW + ends * HOUR, "x", uuid4(), "ada", NOW, ended_at)
    assert made.state(NOW) == made.to_json(NOW)["state"] == state
