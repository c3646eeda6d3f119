"""Forward-only migrations: numbered SQL files, checksummed, one runner at a time, writers first.

A file that has been applied never changes; a changed one stops the process with its name, and so does a database that
knows files this code does not. Runs on a direct connection, because an advisory lock belongs to a session.

A file is one transaction, unless its first line is `-- outside a transaction`: then it creates or drops indexes
concurrently, one statement after the other, and may be repeated from its start after any interruption.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources.abc import Traversable
from typing import Final

import asyncpg

from app.errors import InternalError, UnavailableError
from app.infra.kept_columns import KeptColumns
from app.infra.postgres.direct import CONNECT_TIMEOUT_S, GONE, connect_directly
from app.infra.writers_first import LONGEST_WAIT_S, OthersWaitError, writers_first
from app.telemetry.logs import get_logger

LOCK_KEY: Final = 0x6B75_6265_6368  # "kubech": any constant that nothing else on this server uses
OUTSIDE: Final = "-- outside a transaction"
TRY_FOR_S = 120.0  # a file that finds its tables in use is tried again for so long, then the next start goes on
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
TELL_AGAIN_S = 30.0  # whoever waits for another runner is told again after this
_LOOK_FOR_LOCK_S = 0.2
_LONGEST_STATEMENT_S = 6 * 3600.0  # an index on the largest table that one server holds, with room
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_INDEX_STATEMENT = re.compile(
    r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS (?P<made>\w+) ON\b.*"
    r"|DROP INDEX CONCURRENTLY IF EXISTS (?P<dropped>\w+)",
    re.DOTALL,
)
_IN_USE = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, OthersWaitError)
# A lock by a 64-bit key is shown in two halves. Everybody may see a session's name and pid.
_HOLDER = """
SELECT application_name, pid FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = $1 AND objid = $2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_log = get_logger(__name__)

Note = Callable[[str], None]
"""Told in one sentence what goes on; for people who wait."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file.

    Attributes:
        number: from 1.
        name: the file's name.
        sql: its text.
        checksum: SHA-256 of the text.
        outside: its statements, when they run outside of a transaction.
    """

    number: int
    name: str
    sql: str
    checksum: str
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppliedMigration:
    """A file that a database has seen."""

    number: int
    name: str
    checksum: str
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Where a database stands: what it has seen, in order, and the names of what is missing."""

    applied: tuple[AppliedMigration, ...]
    pending: tuple[str, ...]


def load_migrations(folder: Traversable) -> list[Migration]:
    """The migrations of a folder, sorted by number.

    Raises:
        InternalError: a file is misnamed, a number is missing or used twice, a file that runs outside of a
            transaction holds something that cannot be repeated, or one gives a column's name to another type.
    """
    found: list[Migration] = []
    for entry in folder.iterdir():
        if not entry.name.endswith(".sql"):
            continue
        match = _NAME.fullmatch(entry.name)
        if match is None:
            raise InternalError(f"migration {entry.name} is not named NNNN_what_it_does.sql", code="migration")
        sql = entry.read_text(encoding="utf-8")
        checksum = hashlib.sha256(sql.encode()).hexdigest()
        found.append(Migration(int(match[1]), entry.name, sql, checksum, _outside(entry.name, sql)))
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise InternalError("migrations are not numbered 1, 2, 3, …", code="migration")
    columns = KeptColumns()
    for migration in found:
        columns.check(migration.name, migration.sql)
    return found


async def schema_state(url: str, folder: Traversable) -> SchemaState:
    """What is applied and what is missing; changes nothing.

    Args:
        url: DSN of a direct connection.
        folder: the package folder with the files.

    Raises:
        UnavailableError: the server does not answer.
        InternalError: a pooler answers, an applied file has changed, or the database is newer than this code.
    """
    migrations = load_migrations(folder)
    async with _connected(url, "kubechat") as connection:
        return _compared(migrations, await _applied(connection))


async def migrate(url: str, folder: Traversable, note: Note = lambda _: None, *, runner: str = "kubechat") -> list[str]:
    """Apply what is missing, in order; returns the names that were applied.

    No writer waits for longer than `LONGEST_WAIT_S`: what finds a table in use gives way, and tries again.

    Args:
        url: DSN of a direct connection to the primary.
        folder: the package folder with the files.
        note: told of every file, of every time one gave way, and of another runner that is waited for.
        runner: whose process this is, for people who look at the server, and for runners that wait for this one.

    Raises:
        UnavailableError: the server does not answer, is a standby for now, or a table stayed in use.
        InternalError: a pooler answers, an applied file has changed, the database is newer than this code, or a file
            fails.
    """
    migrations = load_migrations(folder)
    async with _connected(url, runner) as connection, _connected(url, runner) as observer:
        await _take_lock(connection, note)
        await _make_record(connection)
        state = _compared(migrations, await _applied(connection))
        for name in state.pending:
            migration = next(each for each in migrations if each.name == name)
            note(f"applying {name}")
            _log.info("applying", migration=name)
            try:
                if migration.outside:
                    await _apply_outside(connection, migration)
                else:
                    await _apply_when_free(connection, observer, migration, note)
            except GONE:
                raise
            except asyncpg.PostgresError as exc:
                _log.exception("migration failed", migration=name, sqlstate=exc.sqlstate)
                raise InternalError(f"migration {name} failed; the log says why", code="migration") from exc
            _log.info("migrated", migration=name)
        return list(state.pending)


def _outside(name: str, sql: str) -> tuple[str, ...]:
    first, _, rest = sql.partition("\n")
    if first.strip() != OUTSIDE:
        return ()
    lines = (line for line in rest.splitlines() if not line.lstrip().startswith("--"))
    statements = tuple(text for part in "\n".join(lines).split(";") if (text := part.strip()))
    for statement in statements:
        if not _INDEX_STATEMENT.fullmatch(statement):
            raise InternalError(
                f"migration {name} runs outside of a transaction, so it may only "
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS and DROP INDEX CONCURRENTLY IF EXISTS",
                code="migration",
            )
    return statements


def _compared(migrations: Sequence[Migration], applied: Sequence[AppliedMigration]) -> SchemaState:
    known = {migration.number: migration for migration in migrations}
    for seen in applied:
        own = known.get(seen.number)
        if own is None:
            raise InternalError(
                f"The database has {seen.name}, which this version of KubeChat does not know: a newer one was here; "
                "start that one, or restore the database from before it.",
                code="schema_newer",
            )
        if own.checksum != seen.checksum:
            raise InternalError(f"migration {own.name} was changed after it had been applied", code="migration")
    numbers = {seen.number for seen in applied}
    return SchemaState(tuple(applied), tuple(each.name for each in migrations if each.number not in numbers))


async def _applied(connection: asyncpg.Connection) -> list[AppliedMigration]:
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
        return []
    rows = await connection.fetch("SELECT number, name, checksum, applied_at FROM schema_migrations ORDER BY number")
    return [AppliedMigration(**dict(row)) for row in rows]


async def _take_lock(connection: asyncpg.Connection, note: Note) -> None:
    # Looking again and again, not waiting in the server: a statement that waits there holds a snapshot, and an index
    # that the other runner builds concurrently would wait for that snapshot, for ever.
    tell_at = -math.inf
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):
        if time.monotonic() >= tell_at:
            tell_at = time.monotonic() + TELL_AGAIN_S
            holder = await connection.fetchrow(_HOLDER, LOCK_KEY >> 32, LOCK_KEY & 0xFFFF_FFFF)
            name, pid = holder or (None, None)
            _log.warning("waiting for another runner", holder=name, holder_pid=pid)
            note(f"waiting for another runner: {name}, pid {pid}" if holder else "waiting for another runner")
        await asyncio.sleep(_LOOK_FOR_LOCK_S)


async def _make_record(connection: asyncpg.Connection) -> None:
    # A look first: a standby, which a failover has not yet made the primary, refuses even what changes nothing.
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is not None:
        return
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations ("
        " number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now())"
    )


async def _apply_when_free(
    connection: asyncpg.Connection, observer: asyncpg.Connection, migration: Migration, note: Note
) -> None:
    """Apply a file in one transaction; gives way to whoever would have to wait, and tries again."""
    give_up_at, pause_s = time.monotonic() + TRY_FOR_S, FIRST_PAUSE_S
    while True:
        try:
            await writers_first(observer, connection.get_server_pid(), _apply(connection, migration))
        except _IN_USE as exc:
            if time.monotonic() + pause_s > give_up_at:
                raise UnavailableError(
                    f"Migration {migration.name} found its tables in use for {TRY_FOR_S:.0f} seconds; "
                    "end the transaction that holds them, it is tried again.",
                    code="schema_in_use",
                ) from exc
            _log.info("migration gives way", migration=migration.name, fault=type(exc).__name__, pause_s=pause_s)
            note(f"{migration.name} found its tables in use, and tries again")
            await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311 - spreads retries, hides nothing
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        else:
            return


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    async with connection.transaction():
        if await connection.fetchval("SELECT true FROM schema_migrations WHERE number = $1", migration.number):
            return  # the attempt before was ended while its commit went through
        await connection.execute(f"SET LOCAL lock_timeout = {int(LONGEST_WAIT_S * 1000)}")
        await connection.execute(migration.sql, timeout=_LONGEST_STATEMENT_S)
        await _record(connection, migration)


async def _apply_outside(connection: asyncpg.Connection, migration: Migration) -> None:
    """Build or drop indexes beside the writers; waits for old transactions as long as they last, and nobody for it."""
    for statement in migration.outside:
        match = _INDEX_STATEMENT.fullmatch(statement)
        made = match["made"] if match else None
        if made is not None and await connection.fetchval(
            "SELECT true FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid", made
        ):
            _log.info("removing what an interrupted build left", index=made)
            await connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {made}", timeout=_LONGEST_STATEMENT_S)
        await connection.execute(statement, timeout=_LONGEST_STATEMENT_S)
    await _record(connection, migration)


async def _record(connection: asyncpg.Connection, migration: Migration) -> None:
    await connection.execute(
        "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
        migration.number,
        migration.name,
        migration.checksum,
    )


@asynccontextmanager
async def _connected(url: str, runner: str) -> AsyncIterator[asyncpg.Connection]:
    try:
        connection = await connect_directly(url, application_name=f"{runner} migrations", holds_lock="migrations")
    except (OSError, TimeoutError, asyncpg.PostgresError) as exc:
        raise _away() from exc
    try:
        yield connection
        await connection.close(timeout=CONNECT_TIMEOUT_S)
    except asyncpg.ReadOnlySQLTransactionError as exc:
        raise UnavailableError(
            "The database is a standby, or was made read-only, so its schema cannot be changed.",
            code="database_read_only",
        ) from exc
    except GONE as exc:
        raise _away() from exc
    finally:
        connection.terminate()  # does nothing to one that is closed


def _away() -> UnavailableError:
    return UnavailableError(
        "The database does not answer, so its schema cannot be checked.", code="database_unavailable"
    )
