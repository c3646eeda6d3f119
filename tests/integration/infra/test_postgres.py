"""The database adapter on a real PostgreSQL behind PgBouncer: commits that are believed only when they are true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.errors import BusyError, ConflictError, DeadlineExceededError, InternalError, UnavailableError
from app.infra.postgres.database import Database
from app.infra.postgres.query import Query
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.postgres_server import PostgresServer

ADD = Query("test.add", "INSERT INTO things (name, detail) VALUES ($1, $2)")
ALL = Query("test.all", "SELECT name, detail FROM things ORDER BY name")
SLEEP = Query("test.sleep", "SELECT pg_sleep($1)")
SHOW = Query("test.show", "SELECT current_setting('synchronous_commit') AS value")


class House:
    def __init__(self, postgres: PostgresServer, size: int = 3) -> None:
        self.name = postgres.new_database()
        self.instruments = Instruments()
        self.tracing = Tracing("test", "test")
        self.database = Database(
            postgres.pooled_url(self.name),
            name="test",
            size=size,
            application_name="test",
            instruments=self.instruments,
            tracing=self.tracing,
        )

    async def names(self) -> list[str]:
        return [row["name"] for row in await self.database.fetch(ALL)]


@pytest.fixture
async def house(postgres: PostgresServer) -> AsyncIterator[House]:
    made = House(postgres)
    postgres.psql(made.name, "CREATE TABLE things (name text PRIMARY KEY, detail jsonb)", user="kubechat_test")
    await made.database.open()
    yield made
    await made.database.close()
    made.tracing.close()


async def test_a_transaction_commits_at_its_end_and_json_comes_back_as_it_was(house: House) -> None:
    async with house.database.transaction(durable=True) as transaction:
        assert await transaction.execute(ADD, "a", {"deep": [1, None]}) == 1
    (row,) = await house.database.fetch(ALL)
    assert (row["name"], row["detail"]) == ("a", {"deep": [1, None]})


async def test_a_transaction_that_fails_leaves_nothing_and_its_connection_can_be_used_again(house: House) -> None:
    async def fail() -> None:
        async with house.database.transaction() as transaction:
            await transaction.execute(ADD, "a", {})
            raise KeyError

    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    for _ in range(5):
        with pytest.raises(KeyError):
            await fail()
    assert await house.names() == []
    assert complaints == []  # the driver complains of connections that come back inside a transaction


async def test_a_transaction_that_is_cancelled_leaves_nothing(house: House) -> None:
    inside = asyncio.Event()

    async def work() -> None:
        async with house.database.transaction() as transaction:
            await transaction.execute(ADD, "a", {})
            inside.set()
            await transaction.fetch(SLEEP, 30.0)

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        assert await house.names() == []


async def test_a_commit_that_the_server_answers_with_a_rollback_is_not_believed(house: House) -> None:
    async def overlook() -> None:
        async with house.database.transaction() as transaction:
            await transaction.execute(ADD, "a", {})
            with pytest.raises(ConflictError):
                await transaction.execute(ADD, "a", {})

    with pytest.raises(UnavailableError) as refusal:
        await overlook()
    assert refusal.value.code == "rolled_back"
    assert await house.names() == []


async def test_a_durable_transaction_is_durable_whatever_the_role_says(postgres: PostgresServer, house: House) -> None:
    postgres.psql(house.name, f"ALTER DATABASE {house.name} SET synchronous_commit TO off")
    postgres.psql("postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{house.name}'")

    async def settings() -> tuple[str, str]:
        async with house.database.transaction() as plain:
            first = await plain.fetchrow(SHOW)
        async with house.database.transaction(durable=True) as durable:
            second = await durable.fetchrow(SHOW)
        assert first is not None
        assert second is not None
        return first["value"], second["value"]

    async with asyncio.timeout(20):
        while True:  # the pooler finds out that its connections are gone by using them
            try:
                found = await settings()
            except UnavailableError:
                continue
            if found[0] == "off":
                break
    assert found == ("off", "on")


async def test_a_statement_over_its_time_is_ended_by_the_server_and_said_so(house: House) -> None:
    with pytest.raises(DeadlineExceededError):
        async with house.database.transaction(timeout_s=0.05) as transaction:
            await transaction.fetch(SLEEP, 30.0)
    assert house.instruments.value(catalogue.POSTGRES_QUERY_ERRORS, query="test.sleep", fault="timeout") == 1


async def test_a_statement_that_the_server_refuses_is_our_fault_and_tells_nothing(house: House) -> None:
    with pytest.raises(InternalError) as refusal:
        await house.database.execute(Query("test.wrong", "SELECT secret FROM nowhere"))
    assert "nowhere" not in refusal.value.message
    assert house.instruments.value(catalogue.POSTGRES_QUERY_ERRORS, query="test.wrong", fault="refused") == 1


@pytest.mark.parametrize("within", ["a transaction", "a query"])
async def test_a_frozen_server_holds_no_caller_longer_than_its_limits(
    postgres: PostgresServer, house: House, monkeypatch: pytest.MonkeyPatch, within: str
) -> None:
    monkeypatch.setattr("app.infra.postgres.pool.GIVE_BACK_TIMEOUT_S", 0.2)

    async def add() -> None:
        async with asyncio.timeout(0.2):
            if within == "a query":
                await house.database.execute(ADD, "a", {})
            async with house.database.transaction() as transaction:
                await transaction.execute(ADD, "a", {})

    await house.names()
    postgres.freeze()
    try:
        async with asyncio.timeout(3):  # without limits of its own this would hang until the server thaws
            with pytest.raises(TimeoutError):
                await add()
    finally:
        postgres.thaw()
    async with asyncio.timeout(10):
        while house.instruments.value(catalogue.POOL_IN_USE, pool="test"):  # what was cut is looked after meanwhile
            assert await house.names() == []


async def test_a_server_that_is_not_there_is_unavailable(postgres: PostgresServer) -> None:
    house = House(postgres)
    postgres.psql("postgres", f"DROP DATABASE {house.name}")
    with pytest.raises(UnavailableError):
        await house.database.open()
    with pytest.raises(UnavailableError):
        await house.database.ping()
    house.tracing.close()


async def test_a_database_that_can_be_done_without_is_opened_as_soon_as_it_is_there(
    postgres: PostgresServer, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.infra.postgres.database.REOPEN_RETRY_S", 0.01)
    instruments, tracing = Instruments(), Tracing("test", "test")
    url = postgres.url("comes_later")
    later = Database(url, name="later", size=1, application_name="test", instruments=instruments, tracing=tracing)
    opening = asyncio.create_task(later.open_soon_like(house.database))
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError):
        await later.fetchrow(Query("test.one", "SELECT 1 AS one"))
    postgres.psql("postgres", "CREATE DATABASE comes_later OWNER kubechat_test TEMPLATE template0")
    await opening
    row = await later.fetchrow(Query("test.one", "SELECT 1 AS one"))
    assert row is not None
    assert row["one"] == 1
    await later.close()
    tracing.close()


async def test_connections_and_queries_are_measured(house: House) -> None:
    async with house.database.transaction() as transaction:
        assert house.instruments.value(catalogue.POOL_IN_USE, pool="test") == 1
        await transaction.fetch(ALL)
    assert house.instruments.value(catalogue.POOL_IN_USE, pool="test") == 0
    assert house.instruments.value(catalogue.POOL_SIZE, pool="test") == 3
    assert house.instruments.value(catalogue.POSTGRES_QUERY_DURATION, "_count", query="test.all") == 1
    assert house.instruments.value(catalogue.POOL_WAIT, "_count", pool="test") == 1


async def test_bytes_to_and_from_the_server_are_counted(house: House) -> None:
    large = Query("test.large", "SELECT repeat('x', $1::int) AS name")

    def counted() -> list[float]:
        value = house.instruments.value
        return [value(catalogue.DEPENDENCY_BYTES, peer="postgresql", direction=way) for way in ("sent", "received")]

    await house.database.fetch(large, 1)  # it is described once
    sent, received = counted()
    await house.database.fetch(large, 100_000)
    more_sent, more_received = counted()
    assert len(large.sql) < more_sent - sent < 1_000
    assert 100_000 < more_received - received < 101_000
    assert 0 < house.instruments.value(catalogue.ROUND_TRIP, peer="test") < 1


async def test_a_pooler_that_is_restarted_is_back_with_the_next_query(postgres: PostgresServer, house: House) -> None:
    await house.names()
    postgres.restart_pooler()
    async with asyncio.timeout(20):
        while True:
            try:
                assert await house.names() == []
            except UnavailableError:
                continue  # a query that was under way, or a connection whose end was not seen yet
            break
    assert house.instruments.value(catalogue.POOL_IN_USE, pool="test") == 0


async def test_a_database_without_room_is_said_to_be_full_and_goes_on_when_there_is_room(
    postgres: PostgresServer, house: House
) -> None:
    postgres.psql(
        house.name,
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;"
        "CREATE TRIGGER full_disk BEFORE INSERT ON things EXECUTE FUNCTION no_room()",
        user="kubechat_test",
    )
    with pytest.raises(BusyError) as refusal:
        await house.database.execute(ADD, "a", {})
    assert (refusal.value.code, refusal.value.status) == ("database_busy", 503)
    with pytest.raises(BusyError):
        async with house.database.transaction(durable=True) as transaction:
            await transaction.execute(ADD, "a", {})
    assert house.instruments.value(catalogue.POSTGRES_QUERY_ERRORS, query="test.add", fault="busy") == 2
    postgres.psql(house.name, "DROP TRIGGER full_disk ON things", user="kubechat_test")
    assert await house.database.execute(ADD, "a", {}) == 1


async def test_a_session_that_is_ended_before_a_durable_commit_is_an_outage_and_no_fault_of_ours(
    postgres: PostgresServer, house: House
) -> None:
    async def commit_late() -> None:
        async with house.database.transaction(durable=True) as transaction:
            await transaction.execute(ADD, "a", {})
            transaction._raw.terminate()

    with pytest.raises(UnavailableError):
        await commit_late()
    assert await house.names() == []
