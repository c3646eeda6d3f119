"""Migrations beside people who write: writers are never queued behind one for long, and nothing is left half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from app.errors import InternalError, UnavailableError
from app.infra import migrations
from app.infra.migrations import migrate, schema_state
from tests.integration.infra.test_migrations import names, write

# The server ends a writer that waits longer, which fails the test. Twice what a migration may cost: a busy machine runs
# these tests, and what they tell apart is a second from as long as somebody's transaction lasts.
LONGEST_WAIT = "2s"
THINGS = "CREATE TABLE things (name text); CREATE TABLE others (name text)"


class Writers:
    """Five writers that insert through a pool until the end, and what they and the migration did, in order."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self._moved = asyncio.Event()

    def note(self, event: str) -> None:
        self.events.append(event)
        self._moved.set()

    async def until(self, event: str, times: int) -> None:
        while sum(event in seen for seen in self.events) < times:
            self._moved.clear()
            await self._moved.wait()

    async def write(self, pool: asyncpg.Pool) -> None:
        while True:
            await pool.execute("INSERT INTO things VALUES ('written')")
            self.note("written")


@asynccontextmanager
async def writing(url: str) -> AsyncIterator[Writers]:
    writers = Writers()
    settings = {"lock_timeout": LONGEST_WAIT}
    async with (
        asyncpg.create_pool(url, min_size=5, max_size=5, server_settings=settings) as pool,
        asyncio.TaskGroup() as group,
    ):
        tasks = [group.create_task(writers.write(pool)) for _ in range(5)]
        await writers.until("written", 10)
        yield writers
        await writers.until("written", writers.events.count("written") + 10)
        for task in tasks:
            task.cancel()


@asynccontextmanager
async def transaction(url: str, sql: str) -> AsyncIterator[None]:
    """Somebody who has begun a transaction, and does not end it."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"BEGIN; {sql}")
        yield
        await connection.execute("COMMIT")
    finally:
        await connection.close()


async def test_a_table_that_somebody_holds_is_tried_again_and_writers_go_on_meanwhile(
    postgres_url: str, tmp_path: Path
) -> None:
    write(tmp_path, _0001_things=THINGS)
    await migrate(postgres_url, tmp_path)
    write(tmp_path, _0002_more="ALTER TABLE things ADD COLUMN more text")
    async with writing(postgres_url) as writers:
        async with transaction(postgres_url, "SELECT count(*) FROM things"):
            task = asyncio.create_task(migrate(postgres_url, tmp_path, writers.note))
            await writers.until("tries again", 3)
            assert not task.done()
        assert await task == ["0002_more.sql"]
        writers.note("migrated")
    (applying,) = [place for place, event in enumerate(writers.events) if event.startswith("applying")]
    during = writers.events[applying : writers.events.index("migrated")]
    turns = "".join("w" if event == "written" else "|" for event in during).strip("|").split("|")
    assert all("w" in turn for turn in turns), turns  # between any two attempts somebody has written


@pytest.mark.parametrize(
    "slow",
    [
        "ALTER TABLE things ADD COLUMN more text; SELECT pg_sleep(60)",  # works for long with the lock
        # waits for a second table with the lock
        pytest.param("LOCK TABLE things; ALTER TABLE others ADD COLUMN more text", marks=pytest.mark.full),
        # each alone is short, both together are not
        pytest.param(
            "LOCK TABLE things; SELECT pg_sleep(0.5); ALTER TABLE others ADD COLUMN more text", marks=pytest.mark.full
        ),
    ],
)
async def test_a_migration_that_holds_a_table_for_too_long_gives_way_and_says_so_in_the_end(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    monkeypatch.setattr(migrations, "TRY_FOR_S", 1.0)
    write(tmp_path, _0001_things=THINGS)
    await migrate(postgres_url, tmp_path)
    write(tmp_path, _0002_slow=slow)
    async with writing(postgres_url) as writers, transaction(postgres_url, "SELECT count(*) FROM others"):
        with pytest.raises(UnavailableError, match=r"0002_slow\.sql found its tables in use") as refusal:
            await migrate(postgres_url, tmp_path, writers.note)
    assert refusal.value.code == "schema_in_use"
    assert (await schema_state(postgres_url, tmp_path)).pending == ("0002_slow.sql",)
    assert await names(postgres_url, "SELECT attname FROM pg_attribute WHERE attname = 'more'") == []


async def test_an_index_is_built_beside_writers_and_an_old_transaction(postgres_url: str, tmp_path: Path) -> None:
    write(tmp_path, _0001_things=THINGS)
    await migrate(postgres_url, tmp_path)
    write(
        tmp_path,
        _0002_index="-- outside a transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS things_name ON things (name);",
    )
    async with writing(postgres_url) as writers:
        async with transaction(postgres_url, "INSERT INTO things VALUES ('old')"):
            tasks = [asyncio.create_task(migrate(postgres_url, tmp_path, writers.note)) for _ in range(2)]
            await writers.until("waiting for another runner", 1)
            await writers.until("written", writers.events.count("written") + 100)
            assert not any(task.done() for task in tasks)
        assert sorted(await asyncio.gather(*tasks)) == [[], ["0002_index.sql"]]
    assert await names(postgres_url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'things_name'::regclass") == [
        True
    ]


async def test_an_index_that_an_interrupted_run_left_is_built_anew(postgres_url: str, tmp_path: Path) -> None:
    write(tmp_path, _0001_things=f"{THINGS}; INSERT INTO things VALUES ('twice'), ('twice')")
    await migrate(postgres_url, tmp_path)
    statement = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS things_name ON things (name)"
    write(tmp_path, _0002_index=f"-- outside a transaction\n{statement};\n")
    with pytest.raises(InternalError, match=r"0002_index\.sql failed"):
        await migrate(postgres_url, tmp_path)
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'things_name'::regclass"
    assert await names(postgres_url, valid) == [False]
    assert (await schema_state(postgres_url, tmp_path)).pending == ("0002_index.sql",)
    await names(postgres_url, "DELETE FROM things RETURNING name")
    assert await migrate(postgres_url, tmp_path) == ["0002_index.sql"]
    assert await names(postgres_url, valid) == [True]


@pytest.mark.parametrize(
    "sql", ["ALTER TABLE things ADD COLUMN more text", "CREATE INDEX things_name ON things (name)"]
)
async def test_only_what_can_be_repeated_runs_outside_of_a_transaction(tmp_path: Path, sql: str) -> None:
    write(tmp_path, _0001_things=f"-- outside a transaction\n{sql};")
    with pytest.raises(InternalError, match="may only CREATE INDEX CONCURRENTLY IF NOT EXISTS"):
        migrations.load_migrations(tmp_path)


async def test_a_database_that_a_newer_version_has_migrated_is_left_alone(postgres_url: str, tmp_path: Path) -> None:
    write(tmp_path, _0001_things=THINGS, _0002_newer="CREATE TABLE newer (name text)")
    await migrate(postgres_url, tmp_path)
    (tmp_path / "0002_newer.sql").unlink()
    for look in (migrate, schema_state):
        with pytest.raises(InternalError, match=r"has 0002_newer\.sql, which this version .* does not know") as refusal:
            await look(postgres_url, tmp_path)
        assert refusal.value.code == "schema_newer"


async def test_the_state_of_a_database_can_be_asked_and_changes_nothing(postgres_url: str, tmp_path: Path) -> None:
    write(tmp_path, _0001_things=THINGS)
    assert (await schema_state(postgres_url, tmp_path)).pending == ("0001_things.sql",)
    assert await names(postgres_url, "SELECT relname FROM pg_class WHERE relname = 'schema_migrations'") == []
    await migrate(postgres_url, tmp_path)
    state = await schema_state(postgres_url, tmp_path)
    assert ([each.name for each in state.applied], state.pending) == (["0001_things.sql"], ())
