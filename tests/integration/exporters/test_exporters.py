"""Each exporter against the real server that it measures; a server that is gone, or hangs, is "up 0" and nothing worse."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from exporters.exporter import Exporter
from exporters.main import build_exporters
from exporters.pgbouncer_console import ConsoleError, open_console
from exporters.settings import ExporterSettings
from exporters.sheet import Sheet
from tests.support.postgres_server import PASSWORD, PostgresServer, free_port
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A cluster of one node that has been given no slots."""
    port, home = free_port(), tmp_path_factory.mktemp("redis")
    options = (
        f"--port {port} --cluster-enabled yes --cluster-port {free_port()} --maxmemory 64mb --dir {home} --save ''"
    )
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
    assert sheet.value(catalogue.POSTGRESQL_UP, server=server) == 1
    assert sheet.value(catalogue.POSTGRESQL_CONNECTIONS, **own, state="idle in transaction") == 1
    assert sheet.value(catalogue.POSTGRESQL_CONNECTIONS, **own, state="active") == 0
    assert sheet.value(catalogue.POSTGRESQL_MAX_CONNECTIONS, server=server) == 200
    assert sheet.value(catalogue.POSTGRESQL_IN_RECOVERY, server=server) == 0
    assert (sheet.value(catalogue.POSTGRESQL_TRANSACTIONS, **own, outcome="commit") or 0) >= 0
    assert (sheet.value(catalogue.POSTGRESQL_DATABASE_SIZE, server=server, database="postgres") or 0) > 0


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
        while (sheet := await pages.of("postgresql")).value(catalogue.POSTGRESQL_TABLE_DEAD_ROWS, **own) != 100:
            assert sheet.value(catalogue.POSTGRESQL_UP, server=server) == 1
    assert sheet.value(catalogue.POSTGRESQL_TABLE_LIVE_ROWS, **own) == 200
    assert sheet.value(catalogue.POSTGRESQL_TABLE_VACUUMED, **own) is None
    assert sheet.value(catalogue.POSTGRESQL_TABLE_LIVE_ROWS, **(own | {"database": other})) is None
    postgres.psql(named, "VACUUM things")
    async with asyncio.timeout(10):
        while (sheet := await pages.of("postgresql")).value(catalogue.POSTGRESQL_TABLE_DEAD_ROWS, **own) != 0:
            pass
    vacuumed = float(postgres.psql(named, "SELECT extract(epoch FROM last_vacuum) FROM pg_stat_user_tables"))
    assert sheet.value(catalogue.POSTGRESQL_TABLE_VACUUMED, **own) == pytest.approx(vacuumed)
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
        before = (await pages.of("postgresql")).value(catalogue.POSTGRESQL_REPLICATION_LAG_BYTES, **own)
        postgres.psql("postgres", "SELECT pg_logical_emit_message(true, 'test', repeat('x', 100000))")
        sheet = await pages.of("postgresql")
    finally:
        postgres.psql("postgres", "SELECT pg_drop_replication_slot('gone')")
    after = sheet.value(catalogue.POSTGRESQL_REPLICATION_LAG_BYTES, **own)
    assert sheet.value(catalogue.POSTGRESQL_REPLICA_CONNECTED, **own) == 0
    assert sheet.value(catalogue.POSTGRESQL_REPLICATION_LAG, **own) is None
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
            if sheet.value(catalogue.PGBOUNCER_CLIENTS, **own, state="waiting") == 1:
                break
            await asyncio.sleep(0.05)
    await clients[0].execute("COMMIT")
    await waiting
    for client in clients:
        await client.close()
    assert sheet.value(catalogue.PGBOUNCER_UP, server=server) == 1
    assert sheet.value(catalogue.PGBOUNCER_CLIENTS, **own, state="active") == 10
    assert sheet.value(catalogue.PGBOUNCER_SERVERS, **own, state="active") == 10
    assert (sheet.value(catalogue.PGBOUNCER_OLDEST_WAIT, **own) or 0) > 0
    assert b'kubechat_pgbouncer_info{server="%s",version="1.' % server.encode() in sheet.render()


async def test_a_wrong_password_for_the_console_is_refused(postgres: PostgresServer) -> None:
    with pytest.raises(ConsoleError):
        await open_console("127.0.0.1", postgres.pooler_port, "monitor", f"not {PASSWORD}")


async def test_redis_tells_its_memory_keys_and_that_the_cluster_cannot_serve(redis_port: int, pages: Pages) -> None:
    node = f"127.0.0.1:{redis_port}"
    sheet = await pages.of("redis")
    assert sheet.value(catalogue.REDIS_UP, node=node) == 1
    assert sheet.value(catalogue.REDIS_MEMORY_MAX, node=node) == 64 * 2**20
    assert (sheet.value(catalogue.REDIS_MEMORY_USED, node=node) or 0) > 0
    assert sheet.value(catalogue.REDIS_MASTER, node=node) == 1
    assert sheet.value(catalogue.REDIS_CLUSTER_OK, node=node) == 0
    assert sheet.value(catalogue.REDIS_KEYSPACE_LOOKUPS, node=node, result="miss") == 0


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
    assert frozen.value(catalogue.PGBOUNCER_UP, server=server) == 0
    assert frozen.value(catalogue.PGBOUNCER_LAST_SUCCESS, server=server) == first.value(
        catalogue.PGBOUNCER_LAST_SUCCESS, server=server
    )
    assert (await pages.of("pgbouncer")).value(catalogue.PGBOUNCER_UP, server=server) == 1


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
    assert servers.value(catalogue.POSTGRESQL_UP, server=f"127.0.0.1:{gone}") == 0
    assert servers.value(catalogue.POSTGRESQL_UP, server=f"127.0.0.1:{postgres.port}") == 1
    assert servers.value(catalogue.POSTGRESQL_LAST_SUCCESS, server=f"127.0.0.1:{gone}") is None
    assert pooler.value(catalogue.PGBOUNCER_UP, server=f"127.0.0.1:{gone}") == 0
    assert nodes.value(catalogue.REDIS_UP, node=f"127.0.0.1:{gone}") == 0
    assert nodes.value(catalogue.REDIS_UP, node=f"127.0.0.1:{redis_port}") == 1
    assert b":x@" not in servers.render() + pooler.render()
