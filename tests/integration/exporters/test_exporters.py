"""Each exporter against the real server that it measures; a server that is gone, or hangs, is "up 0" and nothing worse."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.telemetry import exporter_catalogue as more
from app.telemetry import server_catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from exporters.exporter import Exporter
from exporters.main import build_exporters
from exporters.pgbouncer_console import ConsoleError, open_console
from exporters.postgresql_statements import MOST_STATEMENTS
from exporters.settings import ExporterSettings
from exporters.sheet import Sheet
from tests.support.ports import free_port, free_ports
from tests.support.postgres_server import PASSWORD, PostgresServer
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A cluster of one node that has been given no slots."""
    (port, bus), home = free_ports(2), tmp_path_factory.mktemp("redis")
    options = f"--port {port} --cluster-enabled yes --cluster-port {bus} --maxmemory 64mb --dir {home} --save ''"
    server = subprocess.Popen(["redis-server", *options.split()], stdout=subprocess.DEVNULL)
    wait_for(
        "Redis to answer",
        lambda: (
            subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True, check=False).stdout == b"PONG\n"
        ),
        every_s=0.05,
    )
    yield port
    server.terminate()
    server.wait(10)


class Pages:
    def __init__(self, settings: ExporterSettings) -> None:
        self.exporters: dict[str, Exporter] = {
            exporter.name: exporter
            for exporter in build_exporters(settings, Instruments(), Tracing("exporters", "exporters"))
        }

    async def of(self, name: str) -> Sheet:
        return await self.exporters[name].collect()


@pytest.fixture
async def pages(postgres: PostgresServer, redis_port: int, tmp_path: Path) -> AsyncIterator[Pages]:
    made = Pages(
        ExporterSettings(
            export_postgres_urls=postgres.url("postgres", "monitor"),
            export_pgbouncer_url=postgres.pooled_url("pgbouncer", "monitor"),
            export_redis_nodes=f"127.0.0.1:{redis_port}",
            state_dir=tmp_path,
            export_deadline_s=1.0,
        )
    )
    yield made
    for exporter in made.exporters.values():
        await exporter.close()


async def test_postgresql_tells_its_connections_by_database_and_state(postgres: PostgresServer, pages: Pages) -> None:
    server = f"127.0.0.1:{postgres.port}"
    database = postgres.new_database()
    held = await asyncpg.connect(postgres.url(database))
    await held.execute("BEGIN")
    sheet = await pages.of("postgresql")
    await held.close()
    own = {"server": server, "database": database}
    assert sheet.value(server_catalogue.POSTGRESQL_UP, server=server) == 1
    assert sheet.value(server_catalogue.POSTGRESQL_CONNECTIONS, **own, state="idle in transaction") == 1
    assert sheet.value(server_catalogue.POSTGRESQL_CONNECTIONS, **own, state="active") == 0
    assert sheet.value(server_catalogue.POSTGRESQL_MAX_CONNECTIONS, server=server) == 200
    assert sheet.value(server_catalogue.POSTGRESQL_IN_RECOVERY, server=server) == 0
    assert (sheet.value(server_catalogue.POSTGRESQL_TRANSACTIONS, **own, outcome="commit") or 0) >= 0
    assert (sheet.value(server_catalogue.POSTGRESQL_DATABASE_SIZE, server=server, database="postgres") or 0) > 0


async def test_postgresql_tells_how_old_connections_are_and_how_long_they_wait_or_work(
    postgres: PostgresServer, pages: Pages
) -> None:
    database = postgres.new_database()
    own = {
        "server": f"127.0.0.1:{postgres.port}",
        "database": database,
        "user": urlsplit(postgres.url(database)).username,
    }
    ages = (
        server_catalogue.POSTGRESQL_OLDEST_CONNECTION,
        server_catalogue.POSTGRESQL_LONGEST_IDLE,
        server_catalogue.POSTGRESQL_LONGEST_QUERY,
    )

    async def seen() -> tuple[float | None, ...]:
        sheet = await pages.of("postgresql")
        return tuple(sheet.value(each, **own) for each in ages)

    assert await seen() == (None, None, None), "nobody is connected yet"
    held = await asyncpg.connect(postgres.url(database))
    try:
        oldest, idle, query = await seen()
        assert oldest is not None
        assert idle is not None
        assert oldest >= idle > 0
        assert query == 0, "it does nothing"
        working = asyncio.create_task(held.execute("SELECT pg_sleep(30)"))
        while not (found := await seen())[2]:
            assert not working.done()
        assert found[1] == 0, "what works does not idle"
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    finally:
        held.terminate()


async def test_postgresql_tells_the_live_and_dead_rows_of_the_tables_of_each_named_database(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    server = f"127.0.0.1:{postgres.port}"
    named, other = postgres.new_database(), postgres.new_database()
    for database in (named, other):
        postgres.psql(
            database,
            "CREATE TABLE things WITH (autovacuum_enabled = off) AS SELECT i FROM generate_series(1, 300) i;"
            "DELETE FROM things WHERE i <= 100",
            user="kubechat_test",
        )
    settings = ExporterSettings(
        export_postgres_urls=postgres.url("postgres", "monitor"),
        export_table_databases=f"{named},not_there",
        state_dir=tmp_path,
    )
    pages = Pages(settings)
    own = {"server": server, "database": named, "table": "things"}
    async with asyncio.timeout(10):  # statistics arrive a moment after the transaction
        while (sheet := await pages.of("postgresql")).value(server_catalogue.POSTGRESQL_TABLE_DEAD_ROWS, **own) != 100:
            assert sheet.value(server_catalogue.POSTGRESQL_UP, server=server) == 1
    assert sheet.value(server_catalogue.POSTGRESQL_TABLE_LIVE_ROWS, **own) == 200
    assert sheet.value(server_catalogue.POSTGRESQL_TABLE_VACUUMED, **own) is None
    assert sheet.value(server_catalogue.POSTGRESQL_TABLE_LIVE_ROWS, **(own | {"database": other})) is None
    postgres.psql(named, "VACUUM things")
    async with asyncio.timeout(10):
        while (sheet := await pages.of("postgresql")).value(server_catalogue.POSTGRESQL_TABLE_DEAD_ROWS, **own) != 0:
            pass
    vacuumed = float(postgres.psql(named, "SELECT extract(epoch FROM last_vacuum) FROM pg_stat_user_tables"))
    assert sheet.value(server_catalogue.POSTGRESQL_TABLE_VACUUMED, **own) == pytest.approx(vacuumed)
    for exporter in pages.exporters.values():
        await exporter.close()
    held = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'kubechat-exporters'"
    wait_for("the exporter's connections to be gone", lambda: postgres.psql("postgres", held) == "0")


async def test_a_replica_that_is_gone_shows_as_disconnected_and_its_lag_grows(
    postgres: PostgresServer, pages: Pages
) -> None:
    own = {"server": f"127.0.0.1:{postgres.port}", "replica": "gone"}
    postgres.psql("postgres", "SELECT pg_create_physical_replication_slot('gone', true)")
    try:
        before = (await pages.of("postgresql")).value(server_catalogue.POSTGRESQL_REPLICATION_LAG_BYTES, **own)
        postgres.psql("postgres", "SELECT pg_logical_emit_message(true, 'test', repeat('x', 100000))")
        sheet = await pages.of("postgresql")
    finally:
        postgres.psql("postgres", "SELECT pg_drop_replication_slot('gone')")
    after = sheet.value(server_catalogue.POSTGRESQL_REPLICATION_LAG_BYTES, **own)
    assert sheet.value(server_catalogue.POSTGRESQL_REPLICA_CONNECTED, **own) == 0
    assert sheet.value(server_catalogue.POSTGRESQL_REPLICATION_LAG, **own) is None
    assert before is not None
    assert after is not None
    assert after - before >= 100_000


async def test_pgbouncer_tells_who_holds_and_who_waits_for_a_connection(postgres: PostgresServer, pages: Pages) -> None:
    server, database = f"127.0.0.1:{postgres.pooler_port}", postgres.new_database()
    clients = [await asyncpg.connect(postgres.pooled_url(database), statement_cache_size=0) for _ in range(11)]
    for client in clients[:10]:
        await client.execute("BEGIN")
    waiting = asyncio.create_task(clients[10].execute("SELECT 1"))
    own = {"server": server, "database": database, "user": "kubechat_test"}
    async with asyncio.timeout(10):
        while True:
            sheet = await pages.of("pgbouncer")
            if sheet.value(server_catalogue.PGBOUNCER_CLIENTS, **own, state="waiting") == 1:
                break
            await asyncio.sleep(0.05)
    await clients[0].execute("COMMIT")
    await waiting
    for client in clients:
        await client.close()
    assert sheet.value(server_catalogue.PGBOUNCER_UP, server=server) == 1
    assert sheet.value(server_catalogue.PGBOUNCER_CLIENTS, **own, state="active") == 10
    assert sheet.value(server_catalogue.PGBOUNCER_SERVERS, **own, state="active") == 10
    assert (sheet.value(server_catalogue.PGBOUNCER_OLDEST_WAIT, **own) or 0) > 0
    assert f'kubechat_pgbouncer_info{{server="{server}",version="1.' in "".join(sheet.parts())


async def test_a_wrong_password_for_the_console_is_refused(postgres: PostgresServer) -> None:
    with pytest.raises(ConsoleError):
        await open_console("127.0.0.1", postgres.pooler_port, "monitor", f"not {PASSWORD}")


async def test_redis_tells_its_memory_keys_and_that_the_cluster_cannot_serve(redis_port: int, pages: Pages) -> None:
    node = f"127.0.0.1:{redis_port}"
    sheet = await pages.of("redis")
    assert sheet.value(server_catalogue.REDIS_UP, node=node) == 1
    assert sheet.value(server_catalogue.REDIS_MEMORY_MAX, node=node) == 64 * 2**20
    assert (sheet.value(server_catalogue.REDIS_MEMORY_USED, node=node) or 0) > 0
    assert sheet.value(server_catalogue.REDIS_MASTER, node=node) == 1
    assert sheet.value(server_catalogue.REDIS_CLUSTER_OK, node=node) == 0
    assert sheet.value(server_catalogue.REDIS_KEYSPACE_LOOKUPS, node=node, result="miss") == 0


async def test_a_server_that_hangs_is_down_within_the_deadline_and_up_again_when_it_answers(
    postgres: PostgresServer, pages: Pages
) -> None:
    server = f"127.0.0.1:{postgres.pooler_port}"
    first = await pages.of("pgbouncer")
    postgres.freeze()
    try:
        async with asyncio.timeout(5):  # a deadline for the test: without one of its own it would hang here
            frozen = await pages.of("pgbouncer")
    finally:
        postgres.thaw()
    assert frozen.value(server_catalogue.PGBOUNCER_UP, server=server) == 0
    assert frozen.value(server_catalogue.PGBOUNCER_LAST_SUCCESS, server=server) == first.value(
        server_catalogue.PGBOUNCER_LAST_SUCCESS, server=server
    )
    assert (await pages.of("pgbouncer")).value(server_catalogue.PGBOUNCER_UP, server=server) == 1


async def test_servers_that_are_not_there_are_down_and_hide_no_other(
    postgres: PostgresServer, redis_port: int, tmp_path: Path
) -> None:
    gone = free_port()
    pages = Pages(
        ExporterSettings(
            export_postgres_urls=f"postgresql://monitor:x@127.0.0.1:{gone}/postgres,{postgres.url('postgres', 'monitor')}",
            export_pgbouncer_url=f"postgresql://monitor:x@127.0.0.1:{gone}/pgbouncer",
            export_redis_nodes=f"127.0.0.1:{gone},127.0.0.1:{redis_port}",
            state_dir=tmp_path,
        )
    )
    servers, pooler, nodes = await pages.of("postgresql"), await pages.of("pgbouncer"), await pages.of("redis")
    for exporter in pages.exporters.values():
        await exporter.close()
    assert servers.value(server_catalogue.POSTGRESQL_UP, server=f"127.0.0.1:{gone}") == 0
    assert servers.value(server_catalogue.POSTGRESQL_UP, server=f"127.0.0.1:{postgres.port}") == 1
    assert servers.value(server_catalogue.POSTGRESQL_LAST_SUCCESS, server=f"127.0.0.1:{gone}") is None
    assert pooler.value(server_catalogue.PGBOUNCER_UP, server=f"127.0.0.1:{gone}") == 0
    assert nodes.value(server_catalogue.REDIS_UP, node=f"127.0.0.1:{gone}") == 0
    assert nodes.value(server_catalogue.REDIS_UP, node=f"127.0.0.1:{redis_port}") == 1
    assert ":x@" not in "".join((*servers.parts(), *pooler.parts()))


async def test_postgresql_tells_who_waits_for_a_lock_and_how_long_a_transaction_is_open(
    postgres: PostgresServer, pages: Pages
) -> None:
    database = postgres.new_database()
    own = {"server": f"127.0.0.1:{postgres.port}", "database": database}
    holder, waiter = [await asyncpg.connect(postgres.url(database)) for _ in range(2)]
    await holder.execute("CREATE TABLE things (i int)")
    await holder.execute("BEGIN; LOCK TABLE things")
    waiting = asyncio.create_task(waiter.execute("SELECT * FROM things"))
    async with asyncio.timeout(10):
        while (sheet := await pages.of("postgresql")).value(more.POSTGRESQL_LOCK_WAITERS, **own) != 1:
            pass
    assert (sheet.value(more.POSTGRESQL_OLDEST_TRANSACTION, **own) or 0) > 0
    await holder.close()
    await waiting
    await waiter.close()
    async with asyncio.timeout(10):
        while (sheet := await pages.of("postgresql")).value(more.POSTGRESQL_OLDEST_TRANSACTION, **own) != 0:
            pass
    assert sheet.value(more.POSTGRESQL_LOCK_WAITERS, **own) == 0


async def test_postgresql_tells_its_checkpoints_its_log_and_the_transaction_numbers_that_are_used(
    postgres: PostgresServer, pages: Pages
) -> None:
    server = f"127.0.0.1:{postgres.port}"
    before = await pages.of("postgresql")
    postgres.psql("postgres", "SELECT pg_logical_emit_message(true, 'test', repeat('x', 100000)); CHECKPOINT")
    async with asyncio.timeout(10):  # statistics arrive a moment after the checkpoint
        while True:
            sheet = await pages.of("postgresql")
            asked = [
                page.value(more.POSTGRESQL_CHECKPOINTS, server=server, cause="requested") for page in (before, sheet)
            ]
            if asked[0] != asked[1]:
                break
    written = [page.value(more.POSTGRESQL_WAL_BYTES, server=server) or 0 for page in (before, sheet)]
    assert written[1] - written[0] >= 100_000
    age = "SELECT age(datfrozenxid) FROM pg_database WHERE datname = 'postgres'"
    first = int(postgres.psql("postgres", age))
    used = (await pages.of("postgresql")).value(more.POSTGRESQL_WRAPAROUND, server=server, database="postgres")
    assert used is not None
    assert 0 < first <= used * 2**31 <= int(postgres.psql("postgres", age))


async def test_postgresql_tells_the_space_of_tables_and_how_they_are_looked_into(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    database = postgres.new_database()
    postgres.psql(
        database,
        "CREATE TABLE things (i int PRIMARY KEY); INSERT INTO things SELECT generate_series(1, 5000); ANALYZE things;"
        "SET enable_seqscan = off; SELECT i FROM things WHERE i = 7; SET enable_seqscan = on; SELECT sum(i) FROM things",
        user="kubechat_test",
    )
    pages = Pages(
        ExporterSettings(
            export_postgres_urls=postgres.url("postgres", "monitor"),
            export_table_databases=database,
            state_dir=tmp_path,
        )
    )
    own = {"server": f"127.0.0.1:{postgres.port}", "database": database, "table": "things"}
    async with asyncio.timeout(10):
        while not (sheet := await pages.of("postgresql")).value(more.POSTGRESQL_TABLE_SCANS, **own, by="index"):
            pass
    for exporter in pages.exporters.values():
        await exporter.close()
    sizes = postgres.psql(database, "SELECT pg_table_size('things') || ' ' || pg_indexes_size('things')").split()
    assert [sheet.value(more.POSTGRESQL_TABLE_BYTES, **own, part=part) for part in ("rows", "indexes")] == [
        float(size) for size in sizes
    ]
    assert sheet.value(more.POSTGRESQL_TABLE_SCANS, **own, by="index") == 1
    assert (sheet.value(more.POSTGRESQL_TABLE_SCANS, **own, by="end_to_end") or 0) >= 1


async def test_the_statements_that_take_most_time_are_told_without_their_values(
    postgres: PostgresServer, pages: Pages
) -> None:
    database = postgres.new_database()
    postgres.psql("postgres", "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    connection = await asyncpg.connect(postgres.url(database))
    await connection.execute("SELECT pg_sleep(0.4), 'very secret'")
    await connection.execute("SELECT pg_sleep(0.1), 'very secret'")
    await connection.close()
    page = "".join((await pages.of("postgresql")).parts())
    (info,) = [line for line in page.splitlines() if "pg_sleep" in line and database in line]
    assert 'text="SELECT pg_sleep($1), $2"' in info
    assert "very secret" not in page
    (statement,) = re.findall(r'statement="(-?\d+)"', info)
    (calls,) = [
        line
        for line in page.splitlines()
        if line.startswith("kubechat_postgresql_statement_calls_total{") and statement in line
    ]
    assert calls.endswith(" 2.0")
    (seconds,) = [
        line
        for line in page.splitlines()
        if line.startswith("kubechat_postgresql_statement_seconds_total{") and statement in line
    ]
    assert float(seconds.rsplit(" ", 1)[1]) >= 0.5
    assert page.count("kubechat_postgresql_statement_info{") <= MOST_STATEMENTS


async def test_pgbouncer_tells_its_limit_and_whether_it_carries_prepared_statements(
    postgres: PostgresServer, pages: Pages
) -> None:
    server = f"127.0.0.1:{postgres.pooler_port}"
    sheet = await pages.of("pgbouncer")
    assert (sheet.value(more.PGBOUNCER_CLIENT_LIMIT, server=server) or 0) >= 100
    version = re.search(r'version="1\.(\d+)', "".join(sheet.parts()))
    assert version is not None
    assert bool(sheet.value(more.PGBOUNCER_STATEMENTS, server=server)) == (int(version[1]) >= 21)


async def test_redis_tells_its_commands_its_process_memory_and_whether_it_keeps_what_it_has(
    redis_port: int, pages: Pages
) -> None:
    node = f"127.0.0.1:{redis_port}"
    subprocess.run(["redis-cli", "-p", str(redis_port), "ping"], capture_output=True, check=True)  # noqa: ASYNC221
    sheet = await pages.of("redis")
    assert (sheet.value(more.REDIS_COMMAND_CALLS, node=node, operation="ping") or 0) >= 1
    assert (sheet.value(more.REDIS_COMMAND_TIME, node=node, operation="ping") or 0) > 0
    assert (sheet.value(more.REDIS_RESIDENT, node=node) or 0) > 2**20
    assert sheet.value(more.REDIS_EXPIRED_KEYS, node=node) == 0
    for kind in ("snapshot", "log"):
        assert sheet.value(more.REDIS_PERSISTENCE_OK, node=node, kind=kind) == 1
    assert sheet.value(more.REDIS_LINK_UP, node=node) is None, "a master follows nobody"


async def test_a_server_whose_statements_cannot_be_read_is_up_all_the_same(
    postgres: PostgresServer, pages: Pages
) -> None:
    postgres.psql("postgres", "CREATE EXTENSION IF NOT EXISTS pg_stat_statements; CREATE SCHEMA aside")
    postgres.psql("postgres", "ALTER EXTENSION pg_stat_statements SET SCHEMA aside")
    try:
        sheet = await pages.of("postgresql")
    finally:
        postgres.psql("postgres", "ALTER EXTENSION pg_stat_statements SET SCHEMA public; DROP SCHEMA aside")
    assert sheet.value(server_catalogue.POSTGRESQL_UP, server=f"127.0.0.1:{postgres.port}") == 1
    assert more.POSTGRESQL_STATEMENT_TIME.name not in "".join(sheet.parts())
