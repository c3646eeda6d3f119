"""A start that waits says for whom, ends what is dead, refuses a pooler, and waits for what passes by itself."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import CapturingLogger

from app.errors import InternalError, UnavailableError
from app.infra import database_start, migrations, writers_first
from app.infra.database_start import until_open
from app.infra.index_rebuilds import IndexRebuilds
from app.infra.migrations import LOCK_KEY, migrate, schema_state
from app.infra.postgres import direct
from app.infra.postgres.direct import connect_directly, is_direct
from app.telemetry.instruments import Instruments
from tests.integration.infra.test_migrations import names, write
from tests.integration.infra.test_migrations_under_load import transaction
from tests.support.postgres_server import ROLE, PostgresServer
from tests.support.waiting import until

REFUSED = r"^KUBECHAT_POSTGRES_DIRECT_URL has to name PostgreSQL itself: {} hold a lock that a pooler would keep\.$"


def capture(monkeypatch: pytest.MonkeyPatch, module: object) -> CapturingLogger:
    log = CapturingLogger()
    monkeypatch.setattr(module, "_log", log)
    return log


def lines(log: CapturingLogger, event: str) -> list[dict[str, object]]:
    return [call.kwargs for call in log.calls if call.args and str(call.args[0]).startswith(event)]


@asynccontextmanager
async def forwarder(port: int) -> AsyncIterator[int]:
    """Passes bytes on, as a load balancer or an address translation does: the server sees another port."""

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while block := await source.read(65536):
            sink.write(block)
        sink.write_eof()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(pump(reader, onward_writer), pump(onward_reader, writer))
        finally:
            for each in (writer, onward_writer):
                each.close()
                await each.wait_closed()
            ended.set()

    ended = asyncio.Event()
    async with await asyncio.start_server(forward, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await ended.wait()


async def test_who_holds_the_lock_is_said_at_once_and_again(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = capture(monkeypatch, migrations)
    monkeypatch.setattr(migrations, "TELL_AGAIN_S", 0.3)
    write(tmp_path, _0001_things="CREATE TABLE things (name text)")
    told: list[str] = []
    holder = await asyncpg.connect(postgres_url, server_settings={"application_name": "gateway-7 migrations"})
    try:
        await holder.execute(f"SELECT pg_advisory_lock({LOCK_KEY})")
        task = asyncio.create_task(migrate(postgres_url, tmp_path, told.append))

        async def twice() -> bool:
            return len(lines(log, "waiting for another runner")) >= 2

        await until("the start to say that it waits", twice)
        expected = {"holder": "gateway-7 migrations", "holder_pid": holder.get_server_pid()}
        assert lines(log, "waiting for another runner")[:2] == [expected] * 2
        assert told[0] == f"waiting for another runner: gateway-7 migrations, pid {holder.get_server_pid()}"
        assert not task.done()
    finally:
        await holder.close()
    assert await task == ["0001_things.sql"]
    assert lines(log, "applying") == [{"migration": "0001_things.sql"}]


async def test_a_runner_is_known_by_its_name_and_the_server_looks_whether_it_lives(
    postgres_url: str, tmp_path: Path
) -> None:
    write(
        tmp_path,
        _0001_seen="CREATE TABLE things AS SELECT name || '=' || setting AS name FROM pg_settings WHERE name IN"
        " ('application_name', 'client_connection_check_interval', 'tcp_user_timeout') OR name LIKE 'tcp_keepalives%'",
    )
    await migrate(postgres_url, tmp_path, runner="gateway-1")
    assert await names(postgres_url) == [
        "application_name=gateway-1 migrations",
        "client_connection_check_interval=5000",
        "tcp_keepalives_count=3",
        "tcp_keepalives_idle=30",
        "tcp_keepalives_interval=10",
        "tcp_user_timeout=60000",
    ]


async def test_a_setting_that_the_server_does_not_know_holds_up_no_start(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = capture(monkeypatch, direct)
    monkeypatch.setattr(
        direct, "_SETTINGS", {"no_such_setting": "1", "client_connection_check_interval": "no time", **direct._SETTINGS}
    )
    write(tmp_path, _0001_things="CREATE TABLE things (name text)")
    assert await migrate(postgres_url, tmp_path) == ["0001_things.sql"]
    assert {"setting": "no_such_setting", "sqlstate": "42704"} in lines(log, "the server does not know")


@pytest.mark.full
async def test_the_lock_of_a_runner_that_was_killed_goes_although_its_statement_would_go_on(
    postgres_url: str, tmp_path: Path
) -> None:
    write(tmp_path, _0001_slow="SELECT pg_sleep(600)")
    code = (
        "import asyncio, pathlib, sys; from app.infra.migrations import migrate;"
        "asyncio.run(migrate(sys.argv[1], pathlib.Path(sys.argv[2])))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, postgres_url, str(tmp_path))
    try:

        async def sleeping() -> bool:
            return bool(await names(postgres_url, "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))

        await until("the runner to work", sleeping)
    finally:
        process.kill()
        await process.wait()
    write(tmp_path, _0001_slow="CREATE TABLE things (name text)")
    async with asyncio.timeout(30):
        assert await migrate(postgres_url, tmp_path) == ["0001_slow.sql"]


async def test_a_server_that_stops_answering_in_the_middle_of_a_file_is_unavailable(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct, "COMMAND_TIMEOUT_S", 0.5)
    monkeypatch.setattr(writers_first, "ENDS_WITHIN_S", 0.5)
    write(tmp_path, _0001_slow="SELECT pg_sleep(600)")
    runner = "SELECT pid FROM pg_stat_activity WHERE application_name = 'gateway-1 migrations'"
    task = asyncio.create_task(migrate(postgres_url, tmp_path, runner="gateway-1"))

    async def sleeping() -> bool:
        return bool(await names(postgres_url, f"{runner} AND wait_event = 'PgSleep'"))

    await until("the runner to work", sleeping)
    pids = [int(pid) for pid in await names(postgres_url, runner)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(20):
            with pytest.raises(UnavailableError):
                await task
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def test_what_a_file_says_may_take_longer_than_a_look(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct, "COMMAND_TIMEOUT_S", 1.0)
    write(tmp_path, _0001_slow="CREATE TABLE things (name text); SELECT pg_sleep(1.2)")
    assert await migrate(postgres_url, tmp_path) == ["0001_slow.sql"]
    write(
        tmp_path,
        _0002_index="-- outside a transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS things_name ON things (name);",
    )
    async with transaction(postgres_url, "INSERT INTO things VALUES ('old')"):
        task = asyncio.create_task(migrate(postgres_url, tmp_path, runner="gateway-1"))
        waiting = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'"

        async def for_long() -> bool:
            return task.done() or bool(await names(postgres_url, f"{waiting} AND now() - query_start > '1.2 s'"))

        await until("the build to wait for the transaction", for_long)
        assert not task.done()
    assert await task == ["0002_index.sql"]


@pytest.mark.parametrize("options", ["", f"?role={ROLE}"])
async def test_a_pooler_is_refused_and_keeps_no_lock(postgres: PostgresServer, tmp_path: Path, options: str) -> None:
    write(tmp_path, _0001_things="CREATE TABLE things (name text)")
    name = postgres.new_database()
    pooled = postgres.pooled_url(name) + options
    for look in (migrate, schema_state):
        with pytest.raises(InternalError, match=REFUSED.format("migrations")) as refusal:
            await look(pooled, tmp_path)
        assert refusal.value.code == "configuration"
    rebuilds = IndexRebuilds(pooled, database="kubechat", started_by="gateway-1", instruments=Instruments())
    with pytest.raises(InternalError, match=REFUSED.format("index rebuilds")) as refusal:
        await rebuilds.rebuild_if_due()
    assert refusal.value.code == "configuration"
    kept = "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database WHERE locktype = 'advisory'"
    assert postgres.psql(name, f"{kept} AND datname = current_database()") == "0"
    async with asyncio.timeout(20):
        assert await migrate(postgres.url(name), tmp_path) == ["0001_things.sql"]


async def test_a_connection_is_direct_also_where_its_address_is_changed_on_the_way(postgres: PostgresServer) -> None:
    name = postgres.new_database()
    for url, expected in ((postgres.url(name), True), (postgres.pooled_url(name), False)):
        connection = await asyncpg.connect(url, statement_cache_size=0)
        assert await is_direct(connection) is expected
        await connection.close()
    async with forwarder(postgres.port) as port:
        connection = await connect_directly(
            postgres.url(name).replace(f":{postgres.port}/", f":{port}/"), application_name="x", holds_lock="tests"
        )
        assert await connection.fetchval("SELECT inet_client_port()") != port
        await connection.close()


@pytest.mark.parametrize("fault", ["28000", "3D000"])
async def test_a_start_that_is_not_let_in_says_why_and_goes_on_once_it_is(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    log = capture(monkeypatch, database_start)
    monkeypatch.setattr(database_start, "RETRY_S", 0.01)
    write(tmp_path, _0001_things="CREATE TABLE things (name text)")
    name = postgres.new_database()
    if fault == "28000":
        url, made = postgres.url(name, "late_role"), f"CREATE ROLE late_role LOGIN SUPERUSER IN ROLE {ROLE}"
    else:
        url, made = postgres.url(f"{name}_late"), f"CREATE DATABASE {name}_late OWNER {ROLE}"
    task = asyncio.create_task(until_open(partial(migrate, url, tmp_path)))

    async def thrice() -> bool:
        return len(lines(log, "waiting for the database")) >= 3

    await until("the start to say that it waits", thrice)
    cause = {"28000": "InvalidAuthorizationSpecificationError", "3D000": "InvalidCatalogNameError"}[fault]
    (error,) = lines(log, "the database does not let this process in")  # once a minute
    assert error == {"fault": cause, "sqlstate": fault}
    assert lines(log, "waiting for the database")[0] == {
        "code": "database_unavailable",
        "fault": cause,
        "sqlstate": fault,
    }
    assert "only-for-tests" not in repr(log.calls)
    try:
        await asyncio.to_thread(postgres.psql, "postgres", made)
        async with asyncio.timeout(20):
            await task
    finally:
        task.cancel()
        if fault == "28000":
            postgres.psql(name, "DROP OWNED BY late_role CASCADE; DROP ROLE late_role")


async def test_a_server_that_takes_no_changes_is_waited_for_where_some_are_missing(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    write(tmp_path, _0001_things="CREATE TABLE things (name text)")
    name, fresh = postgres.new_database(), postgres.new_database()
    await migrate(postgres.url(name), tmp_path)
    for each in (name, fresh):
        postgres.psql("postgres", f"ALTER DATABASE {each} SET default_transaction_read_only = on")
    assert await migrate(postgres.url(name), tmp_path) == []
    write(tmp_path, _0002_more="CREATE TABLE others (name text)")
    for url in (postgres.url(name), postgres.url(fresh)):
        with pytest.raises(UnavailableError) as refusal:
            await migrate(url, tmp_path)
        assert refusal.value.code == "database_read_only"
        assert isinstance(refusal.value.__cause__, asyncpg.ReadOnlySQLTransactionError)


@pytest.mark.full
async def test_a_standby_is_waited_for_until_it_is_the_primary_unless_nothing_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = capture(monkeypatch, database_start)
    monkeypatch.setattr(database_start, "RETRY_S", 0.05)
    server = PostgresServer()
    try:
        name = server.new_database()
        url = server.url(name)
        write(tmp_path, _0001_things="CREATE TABLE index_rebuilds (ended_at timestamptz, outcome text)")
        await migrate(url, tmp_path)
        server.stop()
        (server.home / "data" / "standby.signal").touch()
        server.start()
        assert await migrate(url, tmp_path) == []
        for file in (
            "CREATE TABLE others (name text)",
            "-- outside a transaction\nDROP INDEX CONCURRENTLY IF EXISTS x",
        ):
            write(tmp_path, _0002_more=file)
            with pytest.raises(UnavailableError) as refusal:
                await migrate(url, tmp_path)
            assert refusal.value.code == "database_read_only"
        with pytest.raises(UnavailableError):
            await migrate(server.url("postgres"), tmp_path)  # where nothing was ever applied
        with pytest.raises(UnavailableError):
            await IndexRebuilds(url, database="kubechat", started_by="x", instruments=Instruments()).rebuild()
        task = asyncio.create_task(until_open(partial(migrate, url, tmp_path)))

        async def waits() -> bool:
            return bool(lines(log, "waiting for the database"))

        await until("the start to wait", waits)
        assert lines(log, "waiting for the database")[0]["sqlstate"] == "25006"
        await asyncio.to_thread(server.psql, "postgres", "SELECT pg_promote()")
        async with asyncio.timeout(20):
            await task
        assert (await schema_state(url, tmp_path)).pending == ()
    finally:
        server.close()
