"""Planned maintenance and the record of days on a real PostgreSQL, through PgBouncer, beside other replicas."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.domain.identities import Person, Role
from app.errors import ConflictError, InternalError, InvalidInputError, UnavailableError
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.availability import Availability
from app.gateway.service.maintenance import PlannedMaintenance
from app.gateway.store.accounts import Accounts
from app.gateway.store.availability import AvailabilityDays, Day
from app.gateway.store.maintenances import Maintenances
from app.gateway.store.outbox import Outbox
from app.infra.ids import new_id
from app.infra.migrations import migrate
from app.infra.postgres.database import Database
from app.infra.postgres.query import Query
from app.infra.prometheus import Sample
from app.telemetry.catalogue import DOWNTIME, DOWNTIME_DAYS, MAINTENANCE_END, MAINTENANCE_START
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.postgres_server import PostgresServer

MIGRATIONS = files("app.gateway.store") / "migrations"
HOUR = timedelta(hours=1)


@dataclass
class Audit:
    """The audit service: keeps what it is told, may be away."""

    events: list[dict[str, Any]] = field(default_factory=list)
    away: bool = False

    async def record(self, events: list[dict[str, Any]]) -> None:
        if self.away:
            raise UnavailableError("away")
        self.events += events


@dataclass
class Hub:
    told: list[str] = field(default_factory=list)

    def to_all(self, event: dict[str, Any]) -> None:
        self.told.append(event["text"])


class House:
    """Replicas on the same rows."""

    def __init__(self, database: Database, admin: Person) -> None:
        self.database = database
        self.admin = admin
        self.audit = Audit()

    def replica(self) -> tuple[PlannedMaintenance, Instruments, Hub]:
        instruments, hub = Instruments(), Hub()
        trail = AuditTrail(self.audit, Outbox(self.database), instruments)  # type: ignore[arg-type]
        return PlannedMaintenance(Maintenances(self.database), trail, hub, instruments), instruments, hub  # type: ignore[arg-type]

    async def now(self) -> datetime:
        return await Maintenances(self.database).now()

    async def sql(self, text: str, *args: object) -> None:
        await self.database.execute(Query("test", text), *args)


@pytest.fixture
async def house(postgres: PostgresServer) -> AsyncIterator[House]:
    name = postgres.new_database()
    await migrate(postgres.url(name), MIGRATIONS)
    tracing = Tracing("gateway", "test")
    database = Database(
        postgres.pooled_url(name),
        name="test",
        size=8,
        application_name="test",
        instruments=Instruments(),
        tracing=tracing,
    )
    await database.open()
    admin = Person(new_id(), f"a{uuid4().hex[:8]}", "Ada", Role.ADMIN)
    await Accounts(database).add(admin.user_id, admin.name, admin.display_name, "admin", "x")
    yield House(database, admin)
    await database.close()
    tracing.close()


async def test_a_database_of_the_first_version_is_brought_up_with_all_it_holds(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    name = postgres.new_database()
    with_first = tmp_path / "first"
    with_first.mkdir()
    first = next(entry for entry in MIGRATIONS.iterdir() if entry.name.startswith("0001"))
    (with_first / first.name).write_text(first.read_text())
    await migrate(postgres.url(name), with_first)
    postgres.psql(
        name,
        "INSERT INTO users (user_id, name, display_name, role, password_hash)"
        " VALUES (gen_random_uuid(), 'ada', 'Ada', 'admin', 'x')",
    )
    applied = await migrate(postgres.url(name), MIGRATIONS)
    assert applied[0] == "0002_maintenances_and_availability.sql"
    assert await migrate(postgres.url(name), MIGRATIONS) == []
    assert postgres.psql(name, "SELECT name FROM users") == "ada"
    assert postgres.psql(name, "SELECT count(*) FROM maintenances") == "0"


async def test_a_maintenance_is_known_to_every_replica_and_over_when_it_is_ended(house: House) -> None:
    (one, mine, told), (other, others, others_told) = house.replica(), house.replica()
    await one.refresh()
    await other.refresh()
    ends_at = await house.now() + HOUR
    declared = await one.declare(house.admin, None, ends_at, "new disks")
    assert mine.value(MAINTENANCE_START) == pytest.approx(declared.starts_at.timestamp())
    assert others.value(MAINTENANCE_END) == 0
    await other.refresh()
    assert others.value(MAINTENANCE_END) == mine.value(MAINTENANCE_END) == pytest.approx(ends_at.timestamp())
    (shown,) = await other.listing()
    assert (shown["state"], shown["reason"], shown["declared_by"]) == ("present", "new disks", house.admin.name)
    assert await other.shown(declared) == shown == other.current()
    ended = await other.end(house.admin, declared.maintenance_id)
    await one.refresh()
    assert (mine.value(MAINTENANCE_START), mine.value(MAINTENANCE_END)) == (0, 0)
    assert (await one.shown(ended))["state"] == "over"
    assert len(told.told) == len(others_told.told) == 2
    with pytest.raises(ConflictError):
        await one.end(house.admin, declared.maintenance_id)
    assert [event["verb"] for event in house.audit.events] == ["declare maintenance", "end maintenance"]


async def test_of_many_that_are_declared_at_once_one_is_and_the_others_are_refused(house: House) -> None:
    ends_at = await house.now() + HOUR
    results = await asyncio.gather(
        *(house.replica()[0].declare(house.admin, None, ends_at, f"number {number}") for number in range(8)),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, ConflictError)]
    assert {error.code for error in refused} == {"maintenance_overlaps"}
    assert len(refused) == 7
    assert len(await house.replica()[0].listing()) == 1


async def test_many_who_end_it_at_once_end_it_once(house: House) -> None:
    declared = await house.replica()[0].declare(house.admin, None, await house.now() + HOUR, "x")
    results = await asyncio.gather(
        *(house.replica()[0].end(house.admin, declared.maintenance_id) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(result, ConflictError) for result in results) == 7


async def test_without_an_audit_service_nothing_is_declared_and_the_attempt_is_delivered_later(house: House) -> None:
    service, instruments, _ = house.replica()
    house.audit.away = True
    with pytest.raises(UnavailableError):
        await service.declare(house.admin, None, await house.now() + HOUR, "x")
    await service.refresh()
    assert await service.listing() == []
    assert instruments.value(MAINTENANCE_START) == 0
    house.audit.away = False
    await AuditTrail(house.audit, Outbox(house.database), Instruments()).deliver()  # type: ignore[arg-type]
    assert [event["outcome"] for event in house.audit.events] == ["failed"]


async def test_one_that_was_cancelled_or_has_ended_is_in_nobodys_way(house: House) -> None:
    service, _, _ = house.replica()
    now = await house.now()
    coming = await service.declare(house.admin, now + HOUR, now + 2 * HOUR, "x")
    assert (await service.shown(await service.end(house.admin, coming.maintenance_id)))["state"] == "cancelled"
    again = await service.declare(house.admin, now + HOUR, now + 2 * HOUR, "y")
    await house.sql(
        "UPDATE maintenances SET starts_at = now() - interval '2 hours', ends_at = now() WHERE maintenance_id = $1",
        again.maintenance_id,
    )
    await service.declare(house.admin, None, now + HOUR, "z")
    assert [each["state"] for each in await service.listing()] == ["cancelled", "present", "over"]


async def test_the_list_goes_back_for_90_days(house: House) -> None:
    service, _, _ = house.replica()
    declared = await service.declare(house.admin, None, await house.now() + HOUR, "x")
    move = "UPDATE maintenances SET starts_at = now() - $2::text::interval - interval '1 hour', ends_at = now() - $2::text::interval WHERE maintenance_id = $1"
    await house.sql(move, declared.maintenance_id, "89 days")
    assert len(await service.listing()) == 1
    await house.sql(move, declared.maintenance_id, "91 days")
    assert await service.listing() == []


async def test_what_makes_no_sense_is_refused_by_the_table_too(house: House) -> None:
    now = await house.now()
    store = Maintenances(house.database)
    for ends_at, reason in ((now, "x"), (now - HOUR, "x"), (now + HOUR, " ")):
        with pytest.raises(InternalError):
            await store.add(new_id(), now, ends_at, reason, house.admin.user_id, house.admin.name)
    with pytest.raises(InvalidInputError):
        await store.add(new_id(), now, now + HOUR, "\0", house.admin.user_id, house.admin.name)


TODAY = date(2026, 8, 4)
NOON = datetime(2026, 8, 4, 12, tzinfo=UTC)


async def test_the_same_answer_twice_changes_nothing_and_an_older_one_neither(house: House) -> None:
    store = AvailabilityDays(house.database)
    day = Day(TODAY, 1000, 10, 60, NOON)
    for each in (day, day, replace(day, events=2000, recorded_at=NOON - HOUR)):
        await store.upsert("a", each)
    assert await store.since("a", TODAY) == [day]
    later = Day(TODAY, 1500, 12, 60, NOON + HOUR)
    await store.upsert("a", later)
    assert await store.since("a", TODAY) == [later]


async def test_a_prometheus_that_lost_its_data_makes_no_day_better(house: House) -> None:
    store = AvailabilityDays(house.database)
    await store.upsert("a", Day(TODAY, 1000, 10, 60, NOON))
    await store.upsert("a", Day(TODAY, 5, 0, 0, NOON + HOUR))
    assert await store.since("a", TODAY) == [Day(TODAY, 1000, 10, 60, NOON + HOUR)]


async def test_days_are_found_by_objective_and_forgotten_by_age(house: House) -> None:
    store = AvailabilityDays(house.database)
    assert await store.first("a") is None
    for back in range(5):
        await store.upsert("a", Day(TODAY - timedelta(days=back), 1, 0, 0, NOON))
    await store.upsert("b", Day(TODAY - timedelta(days=9), 1, 0, 0, NOON))
    assert await store.first("a") == TODAY - timedelta(days=4)
    assert await store.prune(TODAY - timedelta(days=2)) == 3
    assert [day.day for day in await store.since("a", date(2026, 1, 1))] == [
        TODAY - timedelta(days=back) for back in (2, 1, 0)
    ]


class Watching:
    """A Prometheus that saw everything answer, and one event in a hundred fail."""

    async def query(self, text: str, *, at: datetime | None = None) -> list[Sample]:
        if "unless" in text:
            return []
        if text.startswith("min_over_time"):
            assert at is not None
            return [Sample({}, at.timestamp() - 3600)]
        return [Sample({}, 1.0 if "bad_events" in text else 100.0)]


async def test_replicas_that_record_the_same_days_agree_and_one_that_starts_later_knows_them(house: House) -> None:
    store = AvailabilityDays(house.database)
    replicas = [Instruments() for _ in range(3)]
    await asyncio.gather(
        *(Availability(store, Watching(), instruments, lambda: NOON).record() for instruments in replicas)
    )
    late = Instruments()
    kept = Availability(store, None, late, lambda: NOON)  # its Prometheus is not set: the rows speak
    await kept.record()
    # Three whole days and twelve hours, a hundredth of them.
    expected = (3 * 86_400 + 43_200) / 100
    for instruments in (*replicas, late):
        assert instruments.value(DOWNTIME) == pytest.approx(expected)
        assert instruments.value(DOWNTIME_DAYS) == 4
    assert kept.downtime is not None
    assert (kept.downtime.year, kept.downtime.days) == (2026, 4)
