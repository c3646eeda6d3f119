"""Reads on real replicas: in turn, never older than one's own writes, and answered whatever becomes of a replica."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from app.errors import BusyError, InternalError, InvalidInputError, KubeChatError, UnavailableError
from app.infra.postgres.database import Database
from app.infra.postgres.position import EVERYTHING, Position
from app.infra.postgres.query import Query
from app.infra.postgres.replicas import Replicas
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from slo.promises import Bound
from tests.support.postgres_replica import PostgresReplica
from tests.support.postgres_server import PostgresServer
from tests.support.waiting import until

pytestmark = pytest.mark.full  # servers of its own; the stack reads from replicas in every other test

ADD = Query("test.add", "INSERT INTO things (name) VALUES ($1)")
ALL = Query("test.all", "SELECT name FROM things ORDER BY name")


@pytest.fixture(scope="module")
def servers(postgres: PostgresServer) -> Iterator[list[PostgresReplica]]:
    made = [PostgresReplica(postgres) for _ in range(2)]
    yield made
    for server in made:
        server.close()


class House:
    """A primary, two replicas, and what reads from them."""

    def __init__(self, postgres: PostgresServer, servers: list[PostgresReplica]) -> None:
        self.name, self.servers = postgres.new_database(), servers
        postgres.psql(self.name, "CREATE TABLE things (name text PRIMARY KEY)", user="kubechat_test")
        self.instruments, self.tracing = Instruments(), Tracing("test", "test")
        self.primary = self._database(postgres.url(self.name), "primary")
        self.replicas = [self._database(one.url(self.name), f"replica_{i}") for i, one in enumerate(servers, 1)]
        self.reads = Replicas(self.primary, self.replicas, self.instruments)

    def _database(self, url: str, name: str) -> Database:
        return Database(
            url, name=name, size=3, application_name="test", instruments=self.instruments, tracing=self.tracing
        )

    def in_rotation(self) -> list[str]:
        found = self.instruments
        return [each.name for each in self.replicas if found.value(catalogue.REPLICA_IN_ROTATION, database=each.name)]

    async def until(self, rotation: list[str]) -> None:
        async with asyncio.timeout(60):
            while self.in_rotation() != rotation:
                await asyncio.wait([asyncio.create_task(self.primary.ping())])

    def answered(self) -> Counter[str]:
        """Reads by who answered them and why."""
        found: Counter[str] = Counter()
        for family in self.instruments.registry.collect():
            for sample in family.samples:
                if sample.name == catalogue.POSTGRES_READS.name and sample.value:
                    found[f"{sample.labels['database']} {sample.labels['reason']}"] = int(sample.value)
        return found

    async def until_gone(self, name: str) -> None:
        async with asyncio.timeout(60):
            while name in self.in_rotation():
                await self.looked()

    async def looked(self) -> None:
        """Two more looks at the primary, and so at least one at each replica."""
        for _ in range(2):
            looks = self.looks()

            async def again(before: float = looks) -> bool:
                await asyncio.sleep(0.01)
                return self.looks() > before

            await until("a look at the replicas", again)

    def looks(self) -> float:
        return self.instruments.value(catalogue.POSTGRES_QUERY_DURATION, "_count", query="replicas.where")

    async def caught_up(self, written: Position) -> None:
        async with asyncio.timeout(60):
            while any(replica.replayed < written for replica in self.reads._replicas):
                await self.looked()

    async def names(self, **how: object) -> list[str]:
        return [row["name"] for row in await self.reads.fetch(ALL, **how)]  # type: ignore[arg-type]


@asynccontextmanager
async def watched(house: House) -> AsyncIterator[None]:
    task = asyncio.create_task(house.reads.watch())
    try:
        yield
    finally:
        task.cancel()


@pytest.fixture
async def house(
    postgres: PostgresServer, servers: list[PostgresReplica], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setattr("app.infra.postgres.replicas.LOOK_EVERY_S", 0.02)
    made = House(postgres, servers)
    await made.primary.open()
    async with watched(made):
        await made.until(["replica_1", "replica_2"])
        yield made
        for server in servers:
            server.sql("SELECT pg_wal_replay_resume()")
    await made.reads.close()
    await made.primary.close()
    made.tracing.close()


async def test_reads_take_turns_among_the_replicas_and_leave_the_primary_alone(house: House) -> None:
    for _ in range(10):
        await house.names()
    assert house.answered() == {"replica_1 turn": 5, "replica_2 turn": 5}


async def test_who_wrote_reads_what_they_wrote_and_others_what_a_replica_has(house: House) -> None:
    for server in house.servers:
        server.sql("SELECT pg_wal_replay_pause()")
    await house.primary.execute(ADD, "mine")
    written = await house.reads.written()
    assert await house.names(after=written) == ["mine"]
    assert await house.names(after=EVERYTHING) == ["mine"]
    assert await house.names() == []
    assert house.answered()["primary own_writes"] == 2
    for server in house.servers:
        server.sql("SELECT pg_wal_replay_resume()")
    async with asyncio.timeout(60):
        while house.answered()["primary own_writes"] == sum(house.answered().values()) - 1:
            assert await house.names(after=written) == ["mine"]  # from the replicas once they are there


async def test_a_replica_that_is_too_far_behind_leaves_the_rotation_and_comes_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.infra.postgres.replicas.REPLICA_LAG_S", Bound(0.1, "for this test"))
    house.servers[0].sql("SELECT pg_wal_replay_pause()")
    await house.primary.execute(ADD, "late")
    await house.until(["replica_2"])
    assert house.instruments.value(catalogue.REPLICA_LAG, database="replica_1") > 0.1
    house.servers[0].sql("SELECT pg_wal_replay_resume()")
    await house.until(["replica_1", "replica_2"])


async def test_a_replica_that_is_cut_off_leaves_the_rotation_though_it_has_replayed_all_it_received(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.infra.postgres.replicas.REPLICA_LAG_S", Bound(0.5, "for this test"))
    server = house.servers[0]
    follows = server.sql("SHOW primary_conninfo").replace("'", "''")
    server.sql("ALTER SYSTEM SET primary_conninfo = ''")
    server.sql("SELECT pg_reload_conf()")
    try:
        await house.primary.execute(ADD, "one that it will not get")
        await house.until_gone("replica_1")
        # After a restart it has received less than it had replayed, and replayed nothing since: that ends no watch.
        server.kill()
        server.start()
        await house.primary.execute(ADD, "another")
        await house.looked()
        assert "replica_1" not in house.in_rotation()
    finally:
        server.sql(f"ALTER SYSTEM SET primary_conninfo = '{follows}'")
        server.sql("SELECT pg_reload_conf()")
    await house.until(["replica_1", "replica_2"])


async def test_while_the_primary_is_away_the_replicas_go_on_and_the_watch_does_not_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.primary.execute(ADD, "a")
    written = await house.reads.written()
    await house.caught_up(written)

    async def away(*_: object) -> None:
        raise UnavailableError("away")

    monkeypatch.setattr(house.primary, "fetchrow", away)
    await house.looked()
    assert house.in_rotation() == ["replica_1", "replica_2"]
    assert await house.names() == ["a"]


@pytest.mark.parametrize("error", [InvalidInputError("no number"), BusyError("full"), InternalError("no such column")])
async def test_what_is_no_fault_of_a_replica_takes_none_out_of_the_rotation(
    house: House, monkeypatch: pytest.MonkeyPatch, error: KubeChatError
) -> None:
    real = house.replicas[0].fetch

    async def fail(query: Query, *args: object, **named: object) -> object:
        if query is ALL:
            raise error
        return await real(query, *args)

    for replica in house.replicas:
        monkeypatch.setattr(replica, "fetch", fail)
    if isinstance(error, InvalidInputError):
        with pytest.raises(InvalidInputError):  # the caller's own mistake is theirs
            await house.names()
    else:
        assert await house.names() == []
    assert house.in_rotation() == ["replica_1", "replica_2"]


async def test_a_replica_whose_pool_is_full_of_work_stays_in_the_rotation(house: House) -> None:
    slow = Query("test.slow", "SELECT pg_sleep(0.3)")
    await asyncio.gather(*(house.replicas[0].fetch(slow) for _ in range(15)), house.looked())
    assert house.in_rotation() == ["replica_1", "replica_2"]


async def test_replicas_that_die_leave_the_rotation_unnoticed_and_come_back(house: House) -> None:
    await house.primary.execute(ADD, "a")
    for server in house.servers:
        server.kill()
    for _ in range(5):
        assert await house.names() == ["a"]
    await house.until([])
    assert await house.names() == ["a"]
    assert house.answered()["primary none_fit"] > 0
    for server in house.servers:
        server.start()
    await house.until(["replica_1", "replica_2"])


async def test_a_replica_that_hangs_holds_a_reader_for_its_own_limit_and_no_longer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.primary.execute(ADD, "a")
    written = await house.reads.written()
    async with asyncio.timeout(60):
        while await house.names(after=written) and house.answered()["replica_1 turn"] < 1:
            pass
    monkeypatch.setattr("app.infra.postgres.replicas.READ_TIMEOUT_S", 0.1)
    monkeypatch.setattr("app.infra.postgres.replicas.LOOK_TIMEOUT_S", 0.1)
    house.servers[0].freeze(frozen=True)
    try:
        async with asyncio.timeout(25):  # without the limit a reader would wait for the query's 30 s
            for _ in range(4):
                assert await house.names(after=written) == ["a"]
            await house.until(["replica_2"])
    finally:
        house.servers[0].freeze(frozen=False)
    await house.until(["replica_1", "replica_2"])


async def test_a_replica_that_lacks_what_is_read_is_no_reason_to_refuse_an_answer(house: House) -> None:
    for server in house.servers:
        server.sql("SELECT pg_wal_replay_pause()")
    await house.primary.execute(Query("test.new", "CREATE TABLE newer AS SELECT 1 AS one"))
    (row,) = await house.reads.fetch(Query("test.newer", "SELECT one FROM newer"))
    assert row["one"] == 1


async def test_a_server_that_is_no_replica_any_more_answers_no_reads(postgres: PostgresServer, house: House) -> None:
    alone = Replicas(house.primary, [house._database(postgres.url(house.name), "promoted")], house.instruments)
    task = asyncio.create_task(alone.watch())
    try:
        await alone.written()
        assert await alone.fetch(ALL) == []
        assert house.instruments.value(catalogue.REPLICA_IN_ROTATION, database="promoted") == 0
    finally:
        task.cancel()
        await alone.close()
