"""The local stack's stores, for real: PostgreSQL with its replicas, PgBouncer, the Redis Cluster, by the command people use."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import psutil
import pytest
from redis import Redis

from app.stack.servers import postgresql
from app.stack.servers.postgresql import PostgresSettings
from app.stack.setup.redis_cluster import parse_nodes
from tests.support.drift import Compared, compared, settings_of
from tests.support.stack import ROOT, LocalStack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack

T = TypeVar("T")
STORES = ("--only", "postgres", "--only", "pgbouncer", "--only", "redis")


@pytest.fixture(scope="module")
def stores() -> Iterator[LocalStack]:
    stack = LocalStack()
    try:
        stack.command("up", "--detach", *STORES, within_s=180)
        yield stack
    finally:
        stack.down()


def secret(stack: LocalStack, name: str) -> str:
    return (stack.state / "secrets" / name).read_text().strip()


def ask(stack: LocalStack, sql: str, *, port: int, database: str = "kubechat", role: str = "gateway") -> Any:
    """The first value of a query, as one of the services' roles."""

    async def query() -> Any:
        connection = await asyncpg.connect(
            host="127.0.0.1",
            port=port,
            user="postgres" if role == "superuser" else f"kubechat_{role}",
            password=secret(stack, f"postgres-{role}"),
            database=database,
            statement_cache_size=0,
            timeout=5,
        )
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return run(query())


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def answers(look: Callable[[], Any]) -> Callable[[], Any]:
    """A look that may fail while a server comes back."""

    def quiet() -> Any:
        try:
            return look()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return None

    return quiet


def children(stack: LocalStack) -> list[psutil.Process]:
    """Every process that has to do with this state directory."""
    found = []
    for process in psutil.process_iter():
        try:
            touches = str(stack.state) in " ".join(process.cmdline()) or process.cwd().startswith(str(stack.state))
        except psutil.Error:
            continue
        if touches and process.pid != os.getpid():
            found.append(process)
    return found


def execute(stack: LocalStack, sql: str, *, port: int, database: str = "kubechat", role: str = "gateway") -> None:
    ask(stack, f"DO $do$ BEGIN {sql}; END $do$", port=port, database=database, role=role)


def test_every_read_replica_streams_and_a_write_reaches_it(stores: LocalStack) -> None:
    streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
    assert ask(stores, streaming, port=stores.port_base + 120, role="monitor") == 2
    execute(
        stores,
        "CREATE TABLE IF NOT EXISTS reached (id int); INSERT INTO reached VALUES (1)",
        port=stores.port_base + 120,
    )
    for database in ("kubechat_replica_1", "kubechat_replica_2"):
        look = answers(
            partial(ask, stores, "SELECT count(*) FROM reached", port=stores.port_base + 130, database=database)
        )
        assert wait_for(f"the write in {database}", look) >= 1
        assert ask(stores, "SELECT pg_is_in_recovery()", port=stores.port_base + 130, database=database)


def test_every_generated_setting_is_in_force(stores: LocalStack) -> None:
    text = postgresql.text(
        PostgresSettings(
            stores.port_base + 120, 2 * 2**30, str(stores.state / "postgres/primary/pg_hba.conf"), "kubechat primary"
        )
    )
    written = (stores.state / "postgres/primary/server.conf").read_text()
    assert written == text
    drift = (
        "SELECT string_agg(name || ': ' || coalesce(error, 'not applied'), ', ') FROM pg_file_settings"
        f" WHERE sourcefile = '{stores.state}/postgres/primary/server.conf' AND (NOT applied OR error IS NOT NULL)"
    )
    assert ask(stores, drift, port=stores.port_base + 120, role="superuser") is None
    for setting, wanted in postgresql.DURABLE.items():
        assert ask(stores, f"SHOW {setting}", port=stores.port_base + 120) == wanted
    assert (
        ask(stores, "SELECT datcollate FROM pg_database WHERE datname = 'kubechat'", port=stores.port_base + 120)
        == "C.UTF-8"
    )


def test_a_service_s_role_is_held_to_its_own_database_and_to_thirty_seconds(stores: LocalStack) -> None:
    assert ask(stores, "SHOW statement_timeout", port=stores.port_base + 130) == "30s"
    with pytest.raises(asyncpg.PostgresError):
        ask(stores, "SELECT 1", port=stores.port_base + 130, database="kubechat_audit")
    with pytest.raises(asyncpg.PostgresError):
        ask(stores, "SELECT 1", port=stores.port_base + 120, database="kubechat_audit")
    assert (
        ask(
            stores,
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user",
            port=stores.port_base + 130,
        )
        is False
    )


@pytest.mark.parametrize(
    ("role", "secret_name", "own", "other"),
    [
        ("kubechat_maintenance", "postgres-maintenance", "kubechat", "kubechat_audit"),
        ("kubechat_audit_maintenance", "postgres-audit-maintenance", "kubechat_audit", "kubechat"),
    ],
)
def test_a_maintenance_role_has_all_the_time_it_needs_in_one_database_and_leaves_nothing_of_its_own(
    stores: LocalStack, role: str, secret_name: str, own: str, other: str
) -> None:
    dsn = postgresql.maintenance_dsn(stores.port_base + 120, own, secret(stores, secret_name))
    assert f"//{role}:" in dsn

    async def work(dsn: str) -> tuple[str, str, str]:
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            await connection.execute("CREATE TABLE made_by_maintenance (name text)")
            owner = await connection.fetchval(
                "SELECT tableowner FROM pg_tables WHERE tablename = 'made_by_maintenance'"
            )
            await connection.execute("DROP TABLE made_by_maintenance")
            limit = await connection.fetchval("SHOW statement_timeout")
            return await connection.fetchval("SELECT session_user"), owner, limit
        finally:
            await connection.close()

    assert asyncio.run(work(dsn)) == (role, postgresql.OWNERS[own], "0")
    for database, user in ((other, role), (other, postgresql.OWNERS[own])):  # neither itself nor as its owner
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            asyncio.run(work(dsn.replace(f"/{own}?", f"/{database}?").replace(f"//{role}:", f"//{user}:")))
    with pytest.raises(asyncpg.PostgresError):  # nor as the other's owner
        asyncio.run(work(dsn.replace(f"role={postgresql.OWNERS[own]}", f"role={postgresql.OWNERS[other]}")))


def test_more_clients_than_a_pool_has_connections_all_get_their_answer(stores: LocalStack) -> None:
    async def crowd() -> int:
        async def one() -> int:
            connection = await asyncpg.connect(
                host="127.0.0.1",
                port=stores.port_base + 130,
                user="kubechat_gateway",
                password=secret(stores, "postgres-gateway"),
                database="kubechat",
                statement_cache_size=0,
            )
            try:
                return int(await connection.fetchval("SELECT 1 FROM pg_sleep(0.05)"))
            finally:
                await connection.close()

        return sum(await asyncio.gather(*(one() for _ in range(60))))

    assert run(crowd()) == 60
    # The crowd's alone: the alerts' pool has the same role, and a connection of its own since the stack came up.
    busy = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'kubechat_gateway' AND query LIKE '%pg_sleep%'"

    def held() -> int | None:  # one that the pool has just closed is counted until its process has ended
        count = int(ask(stores, busy, port=stores.port_base + 120, role="monitor"))
        return count if count <= 25 else None

    assert wait_for("no more connections than the pool may hold", held) >= 1


def test_the_redis_cluster_is_three_masters_with_even_slots_and_a_replica_each(stores: LocalStack) -> None:
    with Redis(port=stores.port_base + 140) as client:
        assert client.execute_command("CLUSTER INFO")["cluster_state"] == "ok"
        nodes = parse_nodes(client.execute_command("CLUSTER", "NODES").decode())
        config = client.config_get("maxmemory*")
    masters = [node for node in nodes if node.master]
    assert sorted(node.slots for node in masters) == [5461, 5461, 5462]
    assert sorted(node.follows for node in nodes if not node.master) == sorted(node.id for node in masters)
    assert config["maxmemory-policy"] == "allkeys-lru"
    assert int(config["maxmemory"]) == int(0.7 * 2**30)


def test_a_memory_limit_is_enforced_by_what_the_status_names(stores: LocalStack) -> None:
    memory = stores.process("redis-1")["memory"]
    assert memory["limit_bytes"] == 2**30
    groups = Path(f"/proc/{stores.process('redis-1')['pid']}/cgroup").read_text()
    assert ("redis-1" in groups) is memory["enforced_by"].startswith("cgroup")


def drift(stack: LocalStack) -> Compared:
    return run(compared(settings_of(stack)))


@pytest.mark.full
def test_one_setting_that_is_changed_by_hand_is_the_one_that_has_drifted_until_it_is_put_back(
    stores: LocalStack,
) -> None:
    primary, replica, pooler, node = (stores.port_base + offset for offset in (120, 121, 130, 142))
    ini = stores.state / "pgbouncer" / "pgbouncer.ini"
    written = ini.read_text()
    superuser = partial(ask, stores, database="postgres", role="superuser")
    fresh = drift(stores)
    assert fresh.drifted == set()
    assert len(fresh.settings) == 3 + 1 + 6
    assert min(fresh.settings.values()) > 10

    def told(*expected: tuple[int, str]) -> Compared:
        return wait_for(
            f"exactly {expected} to have drifted",
            lambda: found if (found := drift(stores)).drifted == set(expected) else None,
        )

    superuser("ALTER SYSTEM SET work_mem = '64MB'", port=primary)
    superuser("SELECT pg_reload_conf()", port=primary)
    assert told((primary, "work_mem")).values == {
        (primary, "work_mem", "wanted"): 16 * 2**20,
        (primary, "work_mem", "running"): 64 * 2**20,
    }
    superuser("ALTER SYSTEM RESET work_mem", port=primary)
    superuser("SELECT pg_reload_conf()", port=primary)
    told()

    superuser("ALTER SYSTEM SET full_page_writes = off", port=replica)
    superuser("SELECT pg_reload_conf()", port=replica)
    told((replica, "full_page_writes"))
    superuser("ALTER SYSTEM RESET full_page_writes", port=replica)
    superuser("SELECT pg_reload_conf()", port=replica)
    told()

    # Written by the primary, and read by what follows it.
    servers = {stores.port_base + offset for offset in (120, 121, 122)}
    superuser("ALTER ROLE kubechat_audit SET synchronous_commit = off", port=primary)
    told(*((server, "synchronous_commit") for server in servers))
    superuser("ALTER ROLE kubechat_audit RESET synchronous_commit", port=primary)
    superuser("DROP EXTENSION pg_stat_statements", port=primary, database="kubechat")
    told(*((server, "pg_stat_statements") for server in servers))
    superuser("CREATE EXTENSION pg_stat_statements", port=primary, database="kubechat")
    told()

    with Redis(port=node) as client:
        client.config_set("appendfsync", "no")
        told((node, "appendfsync"))
        client.config_set("appendfsync", "everysec")
    told()

    reload = partial(os.kill, int(stores.process("pgbouncer")["pid"]), signal.SIGHUP)
    ini.write_text(written.replace("default_pool_size = 25", "default_pool_size = 7"))
    reload()
    assert told((pooler, "default_pool_size")).values[pooler, "default_pool_size", "running"] == 7
    ini.write_text(written)
    reload()
    told()


@pytest.mark.full
def test_a_setting_that_waits_for_a_restart_is_compared_as_it_runs(stores: LocalStack) -> None:
    primary = stores.port_base + 120
    superuser = partial(ask, stores, port=primary, database="postgres", role="superuser")
    waits = "SELECT pending_restart FROM pg_settings WHERE name = 'wal_buffers'"

    def reloaded(sql: str) -> None:
        superuser(sql)
        superuser("SELECT pg_reload_conf()")
        wait_for("the file to be read", lambda: superuser(waits))

    reloaded("ALTER SYSTEM SET wal_buffers = '8MB'")
    assert drift(stores).drifted == set()
    stores.wait_back("postgres-primary", stores.kill("postgres-primary"))
    assert drift(stores).drifted == {(primary, "wal_buffers")}
    reloaded("ALTER SYSTEM RESET wal_buffers")
    assert drift(stores).drifted == {(primary, "wal_buffers")}
    stores.wait_back("postgres-primary", stores.kill("postgres-primary"))
    assert drift(stores).drifted == set()


@pytest.mark.parametrize(
    "name",
    [
        "postgres-primary",
        *(pytest.param(name, marks=pytest.mark.full) for name in ("postgres-replica-1", "pgbouncer", "redis-2")),
    ],
)
def test_a_killed_store_comes_back_with_what_it_held(stores: LocalStack, name: str) -> None:
    execute(stores, "CREATE TABLE IF NOT EXISTS kept (name text)", port=stores.port_base + 120)
    execute(stores, f"INSERT INTO kept VALUES ('{name}')", port=stores.port_base + 120)
    stores.wait_back(name, stores.kill(name))
    look = answers(lambda: ask(stores, f"SELECT count(*) FROM kept WHERE name = '{name}'", port=stores.port_base + 130))
    assert wait_for("an answer through PgBouncer", look) >= 1
    assert stores.process(name)["restarts"] >= 1


@pytest.mark.full
def test_a_second_up_says_what_runs_and_starts_nothing(stores: LocalStack) -> None:
    before = {process["name"]: process["pid"] for process in stores.status()["processes"]}
    again = stores.command("up", "--detach", *STORES)
    assert "It already runs." in again.stdout
    assert "pgbouncer" in again.stdout
    assert {process["name"]: process["pid"] for process in stores.status()["processes"]} == before


@pytest.mark.full
def test_one_process_can_be_stopped_and_started(stores: LocalStack) -> None:
    stores.command("stop", "redis-6")
    assert stores.process("redis-6")["state"] == "stopped"
    assert stores.process("redis-6")["pid"] is None
    assert stores.status()["state"] == "degraded"
    stores.command("start", "redis-6")
    wait_for("all to be ready", lambda: stores.status()["state"] == "ready")


@pytest.mark.full
def test_a_taken_port_is_named_with_its_holder_and_nothing_is_started() -> None:
    stack = LocalStack()
    taken = stack.port_base + 130
    try:
        with socket.create_server(("127.0.0.1", taken)):
            failed = stack.command("up", "--detach", *STORES, check=False)
        assert failed.returncode == 1
        assert f"port {taken} of pgbouncer is taken by {Path(sys.executable).name}" in failed.stderr.replace(
            "python3.11", Path(sys.executable).name
        )
        assert f"pid {os.getpid()}" in failed.stderr
        assert stack.command("status", check=False).returncode == 1
        assert not (stack.state / "postgres").exists()
    finally:
        stack.down()


def test_data_outlives_down_and_down_leaves_no_process(stores: LocalStack) -> None:
    execute(stores, "CREATE TABLE IF NOT EXISTS outlives (id int)", port=stores.port_base + 120)
    assert len(children(stores)) > 20
    stores.command("down")
    assert children(stores) == []
    assert "Nothing was running." in stores.command("down").stdout
    stores.command("up", "--detach", *STORES, within_s=180)
    assert ask(stores, "SELECT count(*) FROM outlives", port=stores.port_base + 130) == 0


@pytest.mark.full
def test_nothing_is_left_when_the_supervisor_is_killed_and_up_starts_again(stores: LocalStack) -> None:
    os.kill(int(stores.status()["supervisor"]["pid"]), signal.SIGKILL)
    wait_for("all processes to end", lambda: not children(stores))
    assert stores.command("status", check=False).returncode == 1
    stores.command("up", "--detach", *STORES, within_s=180)
    assert ask(stores, "SELECT 1", port=stores.port_base + 130) == 1


@pytest.mark.full
def test_a_process_that_outlived_its_supervisor_is_ended_by_down(stores: LocalStack) -> None:
    """SIGSTOP keeps PgBouncer from ending when the supervisor dies: the worst that can be left behind."""
    left = int(stores.process("pgbouncer")["pid"])
    os.kill(left, signal.SIGSTOP)
    os.kill(int(stores.status()["supervisor"]["pid"]), signal.SIGKILL)
    wait_for("the others to end", lambda: [process.pid for process in children(stores)] == [left])
    assert "Ended 1 processes." in stores.command("down").stdout
    assert children(stores) == []


@pytest.mark.full
def test_ctrl_c_ends_everything_in_the_foreground(stores: LocalStack) -> None:
    stores.command("down")
    command = [sys.executable, "-P", "-m", "app.cli.main", "up", *STORES]
    environment = {**stores.environment, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C ends it." in line:
                break
        process.send_signal(signal.SIGINT)
        said += process.stdout.readlines()
        assert process.wait() == 0
    assert any("Sign in as admin with password" in line for line in said)
    assert said[-1] == "Everything has ended.\n"
    assert children(stores) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as another user")
def test_as_root_the_servers_run_as_a_user_of_their_own_and_secrets_stay_root_s(stores: LocalStack) -> None:
    stores.command("up", "--detach", *STORES, within_s=180)
    users = {process["name"]: psutil.Process(process["pid"]).username() for process in stores.status()["processes"]}
    assert set(users.values()) == {"kubechat"}
    readable = subprocess.run(
        [
            "setpriv",
            "--reuid",
            "kubechat",
            "--regid",
            "kubechat",
            "--clear-groups",
            "cat",
            *sorted((stores.state / "secrets").iterdir()),
        ],
        capture_output=True,
        check=False,
    )
    assert readable.returncode != 0
    assert readable.stdout == b""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.full
def test_an_ordinary_user_runs_everything_as_themselves() -> None:
    someone = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "env", "HOME=/nonexistent")
    kubechat = (*someone, sys.executable, "-P", "-m", "app.cli.main")
    stack = LocalStack()
    environment = {**stack.environment, "PYTHONPATH": str(ROOT)}

    def told(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*kubechat, *args], env=environment, cwd="/", capture_output=True, text=True, timeout=180, check=False
        )

    try:
        if told("--help").returncode != 0:
            pytest.skip("an ordinary user can read neither this interpreter nor this checkout")
        shutil.chown(stack.state, "nobody", "nogroup")
        started = told("up", "--detach", *STORES)
        assert started.returncode == 0, started.stderr
        record = json.loads(told("status", "--json").stdout)
        assert {psutil.Process(process["pid"]).username() for process in record["processes"]} == {"nobody"}
        assert told("down").returncode == 0
        assert children(stack) == []
    finally:
        told("down")
        stack.down()
