"""The monthly rebuild of indexes on a real PostgreSQL: beside writers, once, and clean after any interruption."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files

import asyncpg
import pytest

from app.errors import ConflictError, UnavailableError
from app.infra import jobs
from app.infra.index_rebuilds import IndexRebuilds, Run, Step
from app.infra.migrations import migrate
from app.infra.postgres import direct
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.targets.postgresql import REINDEX
from tests.integration.infra.test_migrations_under_load import LONGEST_WAIT, transaction
from tests.support.postgres_server import PostgresServer

PERIOD_S = REINDEX.named("period").number
CHURN = (
    """
INSERT INTO users (user_id, name, display_name, role, password_hash)
VALUES ('00000000-0000-0000-0001-000000000001', 'ada', 'Ada', 'admin', 'x');
INSERT INTO chat_sessions (session_id, user_id, title, cluster, namespace)
SELECT gen_random_uuid(), '00000000-0000-0000-0001-000000000001', 'title', 'c', 'n' FROM generate_series(1, 3000);
"""
    + "UPDATE chat_sessions SET updated_at = updated_at - random() * interval '90 days';" * 4
)


@dataclass
class House:
    """A gateway's database, and replicas that look after its indexes."""

    postgres: PostgresServer
    name: str

    def replica(self, name: str = "gateway-1") -> tuple[IndexRebuilds, Instruments]:
        instruments = Instruments()
        url = self.postgres.url(self.name)
        return IndexRebuilds(url, database="kubechat", started_by=name, instruments=instruments), instruments

    def ask(self, sql: str) -> str:
        return self.postgres.psql(self.name, sql)

    def last_success_was(self, seconds_ago: float) -> None:
        self.ask(f"UPDATE index_rebuilds SET ended_at = now() - interval '{seconds_ago:.0f} seconds'")

    def outcomes(self) -> list[str]:
        return self.ask("SELECT outcome FROM index_rebuilds ORDER BY rebuild_id").splitlines()

    def rebuilt(self) -> list[set[str]]:
        """The indexes that each run has rebuilt, after the baseline."""
        rows = self.ask("SELECT jsonb_path_query_array(indexes, '$[*].name') FROM index_rebuilds ORDER BY rebuild_id")
        return [set(json.loads(row)) for row in rows.splitlines()[1:]]

    async def until(self, sql: str) -> str:
        """What a query answers once it answers anything."""
        async with asyncio.timeout(30):
            while True:
                if found := await asyncio.to_thread(self.ask, sql):
                    return found
                await asyncio.sleep(0.05)


# Every index is invalid for a moment while it is rebuilt; a rebuild that waits for a transaction stays where it is.
WAITING = "SELECT pid FROM pg_stat_activity WHERE application_name = 'gateway-1 indexes' AND wait_event_type = 'Lock'"
INVALID = "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"


@pytest.fixture
async def house(postgres: PostgresServer) -> House:
    made = House(postgres, postgres.new_database())
    await migrate(postgres.url(made.name), files("app.gateway.store") / "migrations")
    return made


@asynccontextmanager
async def traffic(house: House) -> AsyncIterator[Callable[[], int]]:
    """Four writers that the server ends when they wait too long, and how often they have written."""
    written = 0

    async def write(pool: asyncpg.Pool) -> None:
        nonlocal written
        while True:
            await pool.execute(
                "INSERT INTO chat_sessions (session_id, user_id, title, cluster, namespace)"
                " SELECT gen_random_uuid(), user_id, 'written', 'c', 'n' FROM users"
            )
            written += 1

    settings = {"lock_timeout": LONGEST_WAIT}
    async with (
        asyncpg.create_pool(house.postgres.url(house.name), min_size=4, max_size=4, server_settings=settings) as pool,
        asyncio.TaskGroup() as group,
    ):
        tasks = [group.create_task(write(pool)) for _ in range(4)]
        yield lambda: written
        for task in tasks:
            task.cancel()


async def test_a_fresh_database_counts_as_rebuilt(house: House) -> None:
    rebuilds, instruments = house.replica()
    assert await rebuilds.rebuild_if_due() is None
    assert house.outcomes() == ["baseline"]
    baseline = float(house.ask("SELECT extract(epoch FROM ended_at) FROM index_rebuilds"))
    assert instruments.value(catalogue.INDEX_REBUILD_LAST_SUCCESS, database="kubechat") == pytest.approx(baseline)
    house.last_success_was(PERIOD_S - 3600)
    assert await rebuilds.rebuild_if_due() is None


async def test_bloated_indexes_shrink_beside_writers_and_are_then_due_in_a_month(house: House) -> None:
    house.ask(CHURN)
    house.last_success_was(PERIOD_S + 60)
    rebuilds, instruments = house.replica()
    bloated = int(house.ask("SELECT pg_relation_size('chat_sessions_active')"))
    async with traffic(house) as written:
        before = written()
        run = await rebuilds.rebuild_if_due()
        assert written() > before
    assert isinstance(run, Run)
    assert (run.outcome, run.started_by) == ("ok", "gateway-1")
    assert run.bytes_after is not None
    assert run.bytes_before is not None
    assert run.bytes_after < run.bytes_before
    assert int(house.ask("SELECT pg_relation_size('chat_sessions_active')")) < bloated
    assert run.indexes >= 10
    assert await rebuilds.rebuild_if_due() is None
    assert house.outcomes() == ["baseline", "ok"]
    assert house.ask(INVALID) == ""
    assert instruments.value(catalogue.INDEX_REBUILDS, database="kubechat", outcome="ok") == 1
    assert instruments.value(catalogue.INDEX_REBUILD_RUNNING, database="kubechat") == 0
    assert instruments.value(catalogue.INDEX_REBUILD_DURATION, database="kubechat") > 0


async def test_of_two_replicas_one_rebuilds_and_a_person_who_asks_meanwhile_is_told(house: House) -> None:
    house.last_success_was(PERIOD_S + 60)
    (one, instruments), (other, _) = house.replica("gateway-1"), house.replica("gateway-2")
    house.ask(CHURN)
    async with transaction(house.postgres.url(house.name), "UPDATE users SET display_name = 'x'"):
        task = asyncio.create_task(one.rebuild_if_due())
        await house.until(WAITING)
        assert instruments.value(catalogue.INDEX_REBUILD_RUNNING, database="kubechat") == 1
        assert await other.rebuild_if_due() is None
        with pytest.raises(ConflictError, match="being rebuilt already"):
            await other.rebuild()
        # Whoever writes into the table whose index waits is not queued behind it.
        house.ask(
            f"SET lock_timeout = '{LONGEST_WAIT}';"
            "INSERT INTO users (user_id, name, display_name, role, password_hash)"
            " VALUES (gen_random_uuid(), 'grace', 'Grace', 'admin', 'x')"
        )
    run = await task
    assert run is not None
    assert run.outcome == "ok"
    assert await other.rebuild_if_due() is None
    assert house.outcomes() == ["baseline", "ok"]


@pytest.mark.full
async def test_a_rebuild_may_take_longer_than_a_look(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "COMMAND_TIMEOUT_S", 1.0)
    house.ask(CHURN)
    rebuilds, _ = house.replica()
    async with transaction(house.postgres.url(house.name), "UPDATE users SET display_name = 'x'"):
        task = asyncio.create_task(rebuilds.rebuild())
        await house.until(f"{WAITING} AND now() - query_start > '1.2 s'")
        assert not task.done()
    assert (await task).outcome == "ok"


async def test_a_run_that_is_killed_leaves_nothing_invalid_after_the_next_which_goes_on_where_it_ended(
    house: House,
) -> None:
    house.last_success_was(PERIOD_S + 60)
    rebuilds, instruments = house.replica()
    house.ask(CHURN)
    # Small indexes come last: the rebuild has done some when it waits for this transaction.
    async with transaction(house.postgres.url(house.name), "UPDATE users SET display_name = 'x'"):
        task = asyncio.create_task(rebuilds.rebuild_if_due())
        await house.until(INVALID)  # before that it may wait for a vacuum, and has begun nothing yet
        pid = await house.until(WAITING)
        house.ask(f"SELECT pg_terminate_backend({pid})")
        with pytest.raises(UnavailableError):
            await task
    assert "_ccnew" in house.ask(INVALID)
    assert instruments.value(catalogue.INDEX_REBUILDS, database="kubechat", outcome="interrupted") == 1
    await rebuilds.rebuild_if_due()
    assert house.ask(INVALID) == ""
    assert house.outcomes() == ["baseline", "interrupted", "ok"]
    first, second = house.rebuilt()
    assert first & second == set()
    steps: list[Step] = []
    everything = await rebuilds.rebuild(steps.append)
    assert everything.indexes == len(steps) == steps[0].of
    assert house.rebuilt()[-1] == {step.index for step in steps} >= first


async def test_an_index_that_cannot_be_rebuilt_holds_up_no_other_and_is_tried_again(house: House) -> None:
    function = "CREATE OR REPLACE FUNCTION told(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$"
    house.ask(
        f"{function} BEGIN RETURN $1; END $$;"
        "INSERT INTO users (user_id, name, display_name, role, password_hash)"
        " VALUES (gen_random_uuid(), 'ada', 'Ada', 'admin', 'x');"
        "CREATE INDEX users_told ON users (told(name));"
        f"{function} BEGIN RAISE EXCEPTION 'no'; END $$"
    )
    house.last_success_was(PERIOD_S + 60)
    rebuilds, _ = house.replica()
    failed = await rebuilds.rebuild_if_due()
    assert failed is not None
    assert failed.outcome == "failed"
    assert house.ask(INVALID) == ""
    house.ask(f"{function} BEGIN RETURN $1; END $$")
    again = await rebuilds.rebuild_if_due()
    assert again is not None
    assert again.outcome == "ok"
    first, second = house.rebuilt()
    assert "users_told" in second
    assert len(first) >= 5
    assert first & second == set()  # the others were rebuilt a moment ago


async def test_a_server_that_is_away_is_counted_and_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rebuilds, instruments = house.replica()
    right = rebuilds._url
    rebuilds._url = "postgresql://nobody@127.0.0.1:1/nothing"
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        rebuilds._url = right
        if len(pauses) == 2:
            raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "asyncio", type("Asyncio", (), {"sleep": staticmethod(pause)}))
        with pytest.raises(asyncio.CancelledError):
            await jobs.repeat("rebuild indexes", 3600.0, rebuilds.rebuild_if_due, instruments)
    assert pauses == [jobs.RETRY_S, 3600.0]
    for outcome in ("failed", "ok"):
        assert instruments.value(catalogue.TASK_RUNS, task="rebuild indexes", outcome=outcome) == 1
