"""Forward-only migrations: numbered SQL files, checksummed, one runner at a time.

A file that has been applied never changes; a changed one stops the process with its name. Runs on a direct
connection, because an advisory lock belongs to a session.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.resources.abc import Traversable

import asyncpg

from app.errors import InternalError, UnavailableError
from app.telemetry.logs import get_logger

LOCK_KEY = 0x6B75_6265_6368  # "kubech": any constant that nothing else on this server uses
LOCK_TIMEOUT = "1s"  # a migration never makes writers wait longer than this for a table lock
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, name, text and SHA-256."""

    number: int
    name: str
    sql: str
    checksum: str


def load_migrations(folder: Traversable) -> list[Migration]:
    """The migrations of a folder, sorted by number.

    Raises:
        InternalError: a file is misnamed, or a number is missing or used twice.
    """
    found: list[Migration] = []
    for entry in folder.iterdir():
        if not entry.name.endswith(".sql"):
            continue
        match = _NAME.fullmatch(entry.name)
        if match is None:
            raise InternalError(f"migration {entry.name} is not named NNNN_what_it_does.sql", code="migration")
        sql = entry.read_text(encoding="utf-8")
        found.append(Migration(int(match[1]), entry.name, sql, hashlib.sha256(sql.encode()).hexdigest()))
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise InternalError("migrations are not numbered 1, 2, 3, …", code="migration")
    return found


async def migrate(url: str, folder: Traversable) -> list[str]:
    """Apply what is missing, each file in a transaction of its own; returns the names that were applied.

    Args:
        url: DSN of a direct connection to the primary.
        folder: the package folder with the files.

    Raises:
        UnavailableError: the server does not answer.
        InternalError: an applied file has changed, or one fails.
    """
    migrations = load_migrations(folder)
    try:
        connection = await asyncpg.connect(url, timeout=5, command_timeout=600, statement_cache_size=0)
    except (OSError, TimeoutError, asyncpg.PostgresError) as exc:
        raise UnavailableError(
            "The database does not answer, so its schema cannot be checked.", code="database_unavailable"
        ) from exc
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations ("
            " number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {
            row["number"]: row for row in await connection.fetch("SELECT number, name, checksum FROM schema_migrations")
        }
        names: list[str] = []
        for migration in migrations:
            seen = applied.get(migration.number)
            if seen is not None:
                if seen["checksum"] != migration.checksum:
                    raise InternalError(
                        f"migration {migration.name} was changed after it had been applied", code="migration"
                    )
                continue
            try:
                async with connection.transaction():
                    await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                    await connection.execute(migration.sql)
                    await connection.execute(
                        "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
                        migration.number,
                        migration.name,
                        migration.checksum,
                    )
            except asyncpg.PostgresError as exc:
                _log.exception("migration failed", migration=migration.name, sqlstate=exc.sqlstate)
                raise InternalError(f"migration {migration.name} failed", code="migration") from exc
            _log.info("migrated", migration=migration.name)
            names.append(migration.name)
        return names
    finally:
        await connection.close(timeout=5)
