"""The pool on a real PostgreSQL behind PgBouncer: connections age, are tried, and queries are planned once."""

from __future__ import annotations

import asyncio
import operator
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.errors import BusyError, DeadlineExceededError, UnavailableError
from app.infra.postgres import planning
from app.infra.postgres.database import Database
from app.infra.postgres.planning import functions_for
from app.infra.postgres.query import Query
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.postgres_server import PostgresServer, RefusedError
from tests.support.waiting import wait_for

FIND = Query("test.find", "SELECT name, size, tags, detail FROM things WHERE name = $1", often=True)
SLEEP = Query("test.sleep", "SELECT pg_sleep(3)")
PID = Query("test.pid", "SELECT pg_backend_pid() AS pid, pg_sleep(0.01)")


class House:
    """A database with one table, and pools to it."""

    def __init__(self, postgres: PostgresServer) -> None:
        self.postgres, self.name = postgres, postgres.new_database()
        self.instruments, self.tracing = Instruments(), Tracing("test", "test")
        self._opened: list[Database] = []
        postgres.psql(
            self.name,
            "CREATE TABLE things (name text PRIMARY KEY, size bigint, tags text[], detail jsonb);"
            "INSERT INTO things VALUES ('a', 3, '{x,y}', '{\"deep\": [1]}')",
            user="kubechat_test",
        )

    async def opened(self, *, direct: bool = False, size: int = 1, owner: bool = False) -> Database:
        url = self.postgres.url(self.name) if direct else self.postgres.pooled_url(self.name)
        database = Database(
            url,
            name="test",
            size=size,
            application_name="test",
            instruments=self.instruments,
            tracing=self.tracing,
            often=(FIND,),
            owner_url=self.postgres.url(self.name) if owner else "",
        )
        await database.open()
        self._opened.append(database)
        return database

    async def close(self) -> None:
        for database in self._opened:
            await database.close()
        self.tracing.close()

    def planned_by(self) -> list[str]:
        means = ("prepared_statements", "functions", "nothing")
        return [by for by in means if self.instruments.value(catalogue.POSTGRES_PLANNED_ONCE, pool="test", by=by)]

    def checks(self, result: str) -> float:
        return self.instruments.value(catalogue.POOL_CHECKS, pool="test", result=result)

    def opened_connections(self) -> float:
        return self.instruments.value(catalogue.POOL_OPENED, pool="test")


@pytest.fixture
async def house(postgres: PostgresServer) -> AsyncIterator[House]:
    made = House(postgres)
    yield made
    await made.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the pool; its one entry is the time."""
    time = [0.0]
    monkeypatch.setattr("app.infra.postgres.driver.now", lambda: time[0])
    return time


async def test_a_connection_that_idled_for_more_than_30_seconds_is_tried_before_it_is_handed_out(
    house: House, clock: list[float]
) -> None:
    database = await house.opened()
    clock[0] = 30.0
    await database.ping()
    assert house.checks("ok") == 0
    clock[0] = 60.5
    await database.ping()
    assert (house.checks("ok"), house.opened_connections()) == (1, 1)


async def test_a_connection_that_does_not_answer_when_it_is_tried_is_replaced_and_nobody_notices(
    house: House, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await house.opened()
    monkeypatch.setattr("app.infra.postgres.pool.CHECK_TIMEOUT_S", 0.05)
    clock[0] = 31.0
    house.postgres.freeze()
    try:
        answer = asyncio.create_task(database.fetchrow(FIND, "a"))
        await asyncio.to_thread(wait_for, "the check to fail", lambda: house.checks("failed"), every_s=0.01)
    finally:
        house.postgres.thaw()
    async with asyncio.timeout(10):
        row = await answer
    assert row is not None
    assert row["size"] == 3
    assert house.instruments.value(catalogue.POOL_CLOSED, pool="test", reason="broken") == 1
    assert house.opened_connections() == 2


async def test_a_connection_is_replaced_after_an_hour_and_not_much_before(house: House, clock: list[float]) -> None:
    database = await house.opened()
    for clock[0], opened in ((3600 * 0.9 - 1, 1), (3600.0, 2), (3601.0, 2)):
        await database.ping()
        assert house.opened_connections() == opened
    assert house.instruments.value(catalogue.POOL_CLOSED, pool="test", reason="lifetime") == 1


async def test_who_waits_gets_the_next_connection_and_is_refused_when_none_comes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await house.opened(size=2)
    async with database.transaction(), database.transaction():
        monkeypatch.setattr("app.infra.postgres.pool.ACQUIRE_TIMEOUT_S", 0.05)
        with pytest.raises(BusyError) as refusal:
            await database.fetch(PID)
        assert refusal.value.code == "pool_exhausted"
    monkeypatch.setattr("app.infra.postgres.pool.ACQUIRE_TIMEOUT_S", 20.0)
    rows = await asyncio.gather(*(database.fetch(PID) for _ in range(50)))
    assert len(rows) == 50
    assert house.opened_connections() == 2


async def test_callers_that_give_up_at_any_moment_lose_no_connection(house: House) -> None:
    database = await house.opened(size=3)
    chance = random.Random(1)

    async def ask() -> None:
        task = asyncio.create_task(database.fetch(PID))
        await asyncio.wait([task], timeout=chance.choice([0, 0, 0.001, 0.005, 0.02]))
        task.cancel()
        await asyncio.wait([task])

    await asyncio.gather(*(ask() for _ in range(200)))
    async with asyncio.timeout(20):
        await asyncio.gather(*(database.fetch(PID) for _ in range(9)))
        while house.instruments.value(catalogue.POOL_IN_USE, pool="test"):
            await asyncio.wait([asyncio.create_task(database.ping())])
    assert len(database._pool._all) <= 3


async def test_under_load_too_a_connection_is_replaced_after_its_lifetime(house: House, clock: list[float]) -> None:
    database = await house.opened()
    clock[0] = 3600.0
    await asyncio.gather(*(database.fetch(PID) for _ in range(10)))  # somebody waits for it all the time
    assert house.instruments.value(catalogue.POOL_CLOSED, pool="test", reason="lifetime") == 1
    assert house.opened_connections() == 2


async def test_who_waits_while_the_pool_is_closed_is_told_and_nothing_is_opened_after(house: House) -> None:
    database = await house.opened()
    async with asyncio.timeout(20):
        first = asyncio.create_task(database.fetch(PID))
        second = asyncio.create_task(database.fetch(PID))
        await asyncio.wait([second], timeout=0.001)
        await database.close()
        ends = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(ends[1], UnavailableError)
    assert database._pool._all == set()
    assert house.opened_connections() == 1


async def test_a_server_that_hangs_holds_a_caller_once_and_not_for_each_connection(
    house: House, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await house.opened(size=8)
    await asyncio.gather(*(database.fetch(PID) for _ in range(40)))
    assert house.opened_connections() == 8
    monkeypatch.setattr("app.infra.postgres.pool.CHECK_TIMEOUT_S", 0.05)
    monkeypatch.setattr("app.infra.postgres.pool.CONNECT_TIMEOUT_S", 0.05)
    clock[0] = 31.0
    house.postgres.freeze()
    try:
        with pytest.raises(UnavailableError):
            await database.ping()
    finally:
        house.postgres.thaw()
    assert house.checks("failed") == 1


async def test_a_full_pool_that_gets_its_work_done_is_no_reason_to_be_unready(house: House) -> None:
    database = await house.opened()
    busy = asyncio.create_task(database.fetch(Query("test.slow", "SELECT pg_sleep(0.5)")))
    await asyncio.wait([busy], timeout=0.05)
    await database.ping()
    assert not busy.done()
    # It had an answer a moment ago: nobody was asked, and nobody waited for the one connection.
    assert house.instruments.value(catalogue.POSTGRES_QUERY_DURATION, "_count", query="ping") == 0
    await busy


async def test_a_connection_that_nobody_used_for_ten_minutes_is_closed(house: House, clock: list[float]) -> None:
    database = await house.opened()
    for clock[0], closed in ((599.0, 0), (600.0, 1)):
        database._pool._reap()
        assert house.instruments.value(catalogue.POOL_CLOSED, pool="test", reason="idle") == closed
    await database.ping()
    assert house.opened_connections() == 2


async def test_a_statement_that_is_not_answered_in_time_is_given_up_and_its_connection_cut(
    house: House, clock: list[float]
) -> None:
    database = await house.opened()
    await database.fetchrow(FIND, "a")
    house.postgres.freeze()
    try:
        late = asyncio.create_task(database.fetchrow(FIND, "a"))
        await asyncio.wait([late], timeout=0.05)
        for clock[0], given_up in ((29.9, False), (30.0, True)):
            database._pool._watch()
            done, _ = await asyncio.wait([late], timeout=5 if given_up else 0.05)
            assert bool(done) is given_up
        with pytest.raises(DeadlineExceededError):
            await late
    finally:
        house.postgres.thaw()
    assert await database.fetchrow(FIND, "a") is not None
    assert house.instruments.value(catalogue.POSTGRES_QUERY_ERRORS, query="test.find", fault="timeout") == 1


async def test_without_a_pooler_statements_are_prepared_and_kept(house: House) -> None:
    database = await house.opened(direct=True)
    assert house.planned_by() == ["prepared_statements"]
    for _ in range(3):
        await database.fetchrow(FIND, "a")
    prepared = Query("test.prepared", "SELECT statement FROM pg_prepared_statements")
    assert [row["statement"] for row in await database.fetch(prepared)].count(FIND.sql) == 1


async def test_behind_this_pooler_what_runs_often_is_a_function_that_answers_the_same(house: House) -> None:
    database = await house.opened(owner=True)
    assert house.planned_by() == ["functions"]
    row = await database.fetchrow(FIND, "a")
    assert row is not None
    assert dict(row) == {"name": "a", "size": 3, "tags": ["x", "y"], "detail": {"deep": [1]}}
    name = house.postgres.psql(house.name, "SELECT proname FROM pg_proc WHERE proname LIKE 'test_find_%'")
    assert house.instruments.value(catalogue.POSTGRES_QUERY_ERRORS, query="test.find", fault="refused") == 0
    house.postgres.psql(house.name, f"DROP FUNCTION {name}")
    again = await database.fetchrow(FIND, "a")  # it was the function that was asked; now the query takes its place
    assert again == row
    assert house.instruments.value(catalogue.POSTGRES_QUERY_ERRORS, query="test.find", fault="refused") == 1


async def test_replicas_that_start_together_make_each_function_once(house: House) -> None:
    made = await asyncio.gather(*(functions_for((FIND,), house.postgres.url(house.name)) for _ in range(5)))
    assert all(each == made[0] for each in made)
    assert made[0]["test.find"].startswith('SELECT * FROM public."test_find_')


async def test_a_function_of_somebody_elses_is_never_taken_for_ours(house: House) -> None:
    await house.opened(owner=True)
    name = house.postgres.psql(house.name, "SELECT proname FROM pg_proc WHERE proname LIKE 'test_find_%'")
    house.postgres.psql(
        house.name,
        f"DROP FUNCTION public.{name};"
        f"CREATE FUNCTION public.{name}(text) RETURNS TABLE (name text, size bigint, tags text[], detail jsonb)"
        " LANGUAGE sql AS $$ SELECT 'planted', 0::bigint, '{}'::text[], '{}'::jsonb $$",
    )
    again = await house.opened(owner=True)
    row = await again.fetchrow(FIND, "a")
    assert row is not None
    assert row["name"] == "a"
    assert house.planned_by() == ["nothing"]


async def test_a_start_waits_for_nobody_who_holds_the_functions_lock(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.infra.postgres.planning.MADE_WITHIN_S", 0.2)
    holder = await asyncpg.connect(house.postgres.url(house.name))
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", planning._LOCK_KEY)
        async with asyncio.timeout(20):
            database = await house.opened(owner=True)
        assert house.planned_by() == ["nothing"]
        assert await database.fetchrow(FIND, "a") is not None
    finally:
        await holder.close()


async def test_where_no_function_may_be_made_the_queries_go_on_as_they_are(house: House) -> None:
    house.postgres.psql(house.name, "REVOKE CREATE ON SCHEMA public FROM PUBLIC, pg_database_owner")
    database = await house.opened(owner=True)
    assert house.planned_by() == ["nothing"]
    assert await database.fetchrow(FIND, "a") is not None


async def test_a_pooler_that_turns_out_not_to_carry_statements_is_done_without_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def believed(_: str) -> bool:
        return True

    monkeypatch.setattr("app.infra.postgres.database.carries_statements", believed)
    database = await house.opened(size=4)
    assert house.planned_by() == ["prepared_statements"]

    async def ask() -> str:
        try:
            await database.fetch(PID)
        except UnavailableError as error:
            return error.code
        return "ok"

    async with asyncio.timeout(30):
        while house.planned_by() != ["nothing"]:
            await asyncio.gather(*(ask() for _ in range(8)))
    assert house.instruments.value(catalogue.POSTGRES_QUERY_ERRORS, query="test.pid", fault="lost_statement") > 0
    assert await asyncio.gather(*(ask() for _ in range(32))) == ["ok"] * 32


async def test_a_statement_is_described_once_and_then_sent_in_one_message(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await house.opened()
    await database.fetchrow(FIND, "a")

    async def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the server is asked to describe what is known")

    monkeypatch.setattr("asyncpg.Connection._get_statement", refuse)
    row = await database.fetchrow(FIND, "a")
    assert row is not None
    assert row["tags"] == ["x", "y"]


async def test_the_pooler_sets_nothing_again_before_a_statement(house: House) -> None:
    house.postgres.psql("postgres", f"ALTER DATABASE {house.name} SET log_statement = 'all'")
    database, log = await house.opened(), house.postgres.home / "postgres.log"
    before = len(log.read_text())
    for _ in range(5):
        await database.fetchrow(FIND, "a")
    said = log.read_text()[before:]
    assert said.count("execute <unnamed>: SELECT name, size") == 5
    assert said.count("statement: SET") <= 1  # the name of the application, once for a server connection
    assert "client_encoding" not in said


@pytest.mark.parametrize(
    ("tls", "transport"),
    [(False, "selector_events._SelectorSocketTransport"), (True, "sslproto._SSLProtocolTransport")],
)
async def test_a_statement_leaves_in_one_write(
    house: House, monkeypatch: pytest.MonkeyPatch, transport: str, *, tls: bool
) -> None:
    written: list[bytes] = []
    write = operator.attrgetter(f"{transport}.write")(asyncio)

    def noted(self: object, data: bytes) -> None:
        written.append(bytes(data))
        write(self, data)

    monkeypatch.setattr(f"asyncio.{transport}.write", noted)
    house.postgres.restart_pooler(tls=tls)
    try:
        database = await house.opened()
        await database.fetchrow(FIND, "a")
        written.clear()
        assert await database.fetchrow(FIND, "a")
        sent = written[0] if len(written) == 1 else b""
    finally:
        house.postgres.restart_pooler()
    assert sent.startswith(b"P")
    assert sent.endswith(b"S\0\0\0\4")  # from Parse to Sync


async def test_a_column_that_is_gone_is_an_error_and_never_a_wrong_answer(house: House) -> None:
    database = await house.opened()
    await database.fetchrow(FIND, "a")
    house.postgres.psql(house.name, "ALTER TABLE things DROP COLUMN tags", user="kubechat_test")
    with pytest.raises(Exception, match="refused"):
        await database.fetchrow(FIND, "a")
    with pytest.raises(RefusedError):
        house.postgres.psql(house.name, FIND.sql.replace("$1", "'a'"))


def under_way(house: House) -> int:
    """How many statements sleep on the server."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' AND state = 'active' AND pid <> pg_backend_pid()"
    return int(house.postgres.psql("postgres", asked))


async def test_what_was_cancelled_just_before_a_pool_is_closed_has_ended_on_the_server(house: House) -> None:
    # A cancel request that is cut off is not passed on, and PgBouncer 1.18 may end of it ("bad client state").
    database = await house.opened(size=8)
    asking = [asyncio.create_task(database.fetchrow(SLEEP)) for _ in range(8)]
    await asyncio.to_thread(wait_for, "the statements", lambda: under_way(house) == 8, every_s=0.01)
    for each in asking:
        each.cancel()
    await asyncio.sleep(0)
    await database.close()
    assert under_way(house) == 0
    await asyncio.gather(*asking, return_exceptions=True)
