"""Makes PostgreSQL's data directories, roles and databases, and copies the primary to its replicas.

Every step looks first and may be repeated. A directory appears under its name only when it is complete, so a run that
was interrupted leaves nothing that looks finished.
"""

from __future__ import annotations

import shutil
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from app.stack.credentials import (
    POSTGRES_AUDIT,
    POSTGRES_AUDIT_MAINTENANCE,
    POSTGRES_GATEWAY,
    POSTGRES_MAINTENANCE,
    POSTGRES_MONITOR,
    POSTGRES_REPLICATION,
    POSTGRES_SUPERUSER,
    Credentials,
    scram_verifier,
)
from app.stack.errors import StackError
from app.stack.layout import Layout, write_file
from app.stack.probes import postgres_connection
from app.stack.servers import postgresql
from app.stack.servers.postgresql import PostgresSettings
from app.stack.service import NotReadyError
from app.stack.spawner import Spawner

_INCLUDE: Final = "include '../server.conf'\n"
_ROLES: Final = {
    postgresql.GATEWAY_ROLE: POSTGRES_GATEWAY,
    postgresql.AUDIT_ROLE: POSTGRES_AUDIT,
    postgresql.MONITOR_ROLE: POSTGRES_MONITOR,
    postgresql.REPLICATION_ROLE: POSTGRES_REPLICATION,
}
_MAINTAINERS: Final = {
    postgresql.GATEWAY_DATABASE: POSTGRES_MAINTENANCE,
    postgresql.AUDIT_DATABASE: POSTGRES_AUDIT_MAINTENANCE,
}


@dataclass(frozen=True, slots=True)
class PostgresSetup:
    """The steps around one stack's PostgreSQL servers.

    Attributes:
        layout: where everything lies.
        spawner: runs PostgreSQL's tools under the servers' account.
        credentials: the passwords.
        programs: the folder of PostgreSQL's programs.
        primary_port: the primary's port.
        replicas: how many replicas there are to be.
        env: the tools' environment.
    """

    layout: Layout
    spawner: Spawner
    credentials: Credentials
    programs: Path
    primary_port: int
    replicas: int
    env: dict[str, str]

    async def prepare_primary(self, settings: PostgresSettings) -> None:
        """Make the primary's data directory when there is none, and write its configuration."""
        home = self._home("primary", settings)
        if not (home / "data").exists():
            fresh = _cleared(home / "data.new")
            password = home / "superuser-password"
            write_file(
                password, self.credentials.read(POSTGRES_SUPERUSER) + "\n", mode=0o600, owner=self.spawner.account
            )
            try:
                await self._tool(
                    "postgres-primary",
                    home,
                    "initdb",
                    f"--pgdata={fresh}",
                    f"--username={postgresql.SUPERUSER}",
                    f"--pwfile={password}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--data-checksums",
                )
            finally:
                password.unlink(missing_ok=True)
            with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.write(_INCLUDE)
            fresh.replace(home / "data")

    async def settle_primary(self) -> None:
        """Roles, databases and slots, and whether the running server is as durable as its configuration says.

        Raises:
            NotReadyError: the server stopped answering; the step may be repeated.
            StackError: a setting on which acknowledged writes rest is not in force.
        """
        async with self._superuser("postgres") as connection:
            await _require_durable(connection)
            for role, secret in _ROLES.items():
                await _make_role(connection, role, self.credentials.read(secret))
            for database, owner in postgresql.OWNERS.items():
                await _make_database(connection, database, owner)
            for database, secret in _MAINTAINERS.items():
                await _make_maintainer(connection, database, self.credentials.read(secret))
            await self._keep_slots(connection)
        for database in postgresql.OWNERS:
            async with self._superuser(database) as connection:
                # As PostgreSQL has it since 15; a cluster that was upgraded keeps what it had.
                await connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        async with self._superuser(postgresql.GATEWAY_DATABASE) as connection:
            await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    async def prepare_replica(self, number: int, settings: PostgresSettings) -> None:
        """Copy the primary when this replica has no copy of it, and write its configuration."""
        name = f"replica-{number}"
        home = self._home(name, settings)
        if settings.primary is None:
            raise StackError(f"{name} was given no primary.")
        write_file(
            home / "passfile",
            postgresql.passfile_text(self.primary_port, self.credentials.read(POSTGRES_REPLICATION)),
            owner=self.spawner.account,
        )
        data = home / "data"
        if data.exists() and (
            _system_identifier(data) != _system_identifier(self.layout.of("postgres", "primary", "data"))
            or await self._slot_is_lost(settings.primary.slot)
        ):
            shutil.rmtree(data)
        if data.exists():
            return
        fresh = _cleared(home / "data.new")
        await self._tool(
            f"postgres-{name}",
            home,
            "pg_basebackup",
            f"--pgdata={fresh}",
            "--host=127.0.0.1",
            f"--port={self.primary_port}",
            f"--username={postgresql.REPLICATION_ROLE}",
            "--no-password",
            "--wal-method=stream",
            f"--slot={settings.primary.slot}",
            "--checkpoint=fast",
            passfile=home / "passfile",
        )
        (fresh / "standby.signal").touch(mode=0o600)
        self.spawner.account.own(fresh / "standby.signal")
        fresh.replace(data)

    def _unlock(self, data: Path) -> None:
        """Remove a lock file whose pid belongs to another program by now.

        After a reboot, or in a container that starts counting anew, PostgreSQL would take that program for itself and
        not start. A dead pid's file stays: PostgreSQL looks through it for backends that outlived their server.
        """
        lock = data / "postmaster.pid"
        try:
            pid = int(lock.read_text(encoding="ascii").split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return
        if str(data).encode() not in command:
            lock.unlink(missing_ok=True)

    def _home(self, name: str, settings: PostgresSettings) -> Path:
        account = self.spawner.account
        home = self.layout.folder("postgres", name, owner=account)
        self._unlock(home / "data")
        write_file(home / "server.conf", postgresql.text(settings), owner=account)
        write_file(home / "pg_hba.conf", postgresql.access_text(), owner=account)
        return home

    async def _tool(self, log: str, home: Path, program: str, *arguments: str, passfile: Path | None = None) -> None:
        env = self.env if passfile is None else {**self.env, "PGPASSFILE": str(passfile)}
        await self.spawner.run_tool(
            (str(self.programs / program), *arguments), directory=home, log=self.layout.log(log), env=env
        )

    async def _keep_slots(self, connection: asyncpg.Connection) -> None:
        """One slot for each replica that is to be, none for another: an unused slot would keep WAL for ever."""
        wanted = {postgresql.slot(number): number for number in range(1, self.replicas + 1)}
        rows = await connection.fetch(
            "SELECT slot_name, active, wal_status = 'lost' AS lost FROM pg_replication_slots"
            " WHERE slot_name LIKE 'kubechat\\_replica\\_%' AND NOT temporary"
        )
        for row in rows:
            if (row["slot_name"] not in wanted or row["lost"]) and not row["active"]:
                await connection.execute("SELECT pg_drop_replication_slot($1)", row["slot_name"])
                number = row["slot_name"].rpartition("_")[2]
                shutil.rmtree(self.layout.of("postgres", f"replica-{number}", "data"), ignore_errors=True)
        existing = {row["slot_name"] for row in await connection.fetch("SELECT slot_name FROM pg_replication_slots")}
        for name in sorted(wanted.keys() - existing):
            await connection.execute("SELECT pg_create_physical_replication_slot($1, true)", name)

    async def _slot_is_lost(self, slot: str) -> bool:
        try:
            async with self._superuser("postgres") as connection:
                status = await connection.fetchval(
                    "SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1", slot
                )
        except NotReadyError as exc:
            raise StackError(f"The primary {exc}, so its replicas cannot be prepared.") from exc
        return bool(status == "lost")

    def _superuser(self, database: str) -> AbstractAsyncContextManager[asyncpg.Connection]:
        return postgres_connection(
            self.primary_port,
            user=postgresql.SUPERUSER,
            password=self.credentials.read(POSTGRES_SUPERUSER),
            database=database,
        )


async def _require_durable(connection: asyncpg.Connection) -> None:
    for setting, wanted in postgresql.DURABLE.items():
        found = await connection.fetchval("SELECT current_setting($1)", setting)
        if found != wanted:
            raise StackError(
                f"PostgreSQL runs with {setting} = {found}; audit events are only safe with {setting} = {wanted}."
            )


async def _make_login(connection: asyncpg.Connection, role: str, password: str) -> None:
    # Identifiers and the verifier are ours and hold nothing that needs quoting; CREATE ROLE takes no parameters.
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{scram_verifier(password)}'")


async def _make_maintainer(connection: asyncpg.Connection, database: str, password: str) -> None:
    """A member of the database's owner, and of nothing else, whose statements may last as long as they need."""
    role = postgresql.MAINTAINERS[database]
    await _make_login(connection, role, password)
    await connection.execute(f"GRANT {postgresql.OWNERS[database]} TO {role}")
    await connection.execute(f"ALTER ROLE {role} SET statement_timeout = 0")


async def _make_role(connection: asyncpg.Connection, role: str, password: str) -> None:
    await _make_login(connection, role, password)
    if role == postgresql.REPLICATION_ROLE:
        await connection.execute(f"ALTER ROLE {role} REPLICATION")
    elif role == postgresql.MONITOR_ROLE:
        await connection.execute(f"GRANT pg_monitor TO {role}")
    await connection.execute(f"ALTER ROLE {role} SET statement_timeout = {postgresql.statement_timeout_ms()}")


async def _make_database(connection: asyncpg.Connection, database: str, owner: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
        await connection.execute(f"CREATE DATABASE {database} OWNER {owner}")
    await connection.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    await connection.execute(f"GRANT CONNECT ON DATABASE {database} TO {owner}, {postgresql.MONITOR_ROLE}")


def _system_identifier(data: Path) -> bytes:
    """The first eight bytes of the control file: the same in all copies of one database, and in no other."""
    try:
        with (data / "global" / "pg_control").open("rb") as file:
            return file.read(8)
    except OSError:
        return b""


def _cleared(path: Path) -> Path:
    if path.exists():
        shutil.rmtree(path)
    return path
