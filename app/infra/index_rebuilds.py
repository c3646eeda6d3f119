"""The monthly rebuild of the largest tables' indexes: beside the writers, by one replica, remembered by the database.

An index that many rows have passed through keeps their space. `REINDEX CONCURRENTLY` makes it anew while people write;
it blocks nobody, and waits itself for every transaction that is older. What an interrupted run leaves is an invalid
index, which the next run removes. Which database it is, and whose process this is, is its caller's business.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from app.errors import ConflictError, InternalError, UnavailableError
from app.infra.jobs import repeat
from app.infra.postgres.direct import CONNECT_TIMEOUT_S, GONE, connect_directly
from app.infra.tasks import Start
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from slo.targets.postgresql import REINDEX

LOCK_KEY: Final = 0x7265_696E_6465  # "reinde": held by the replica that rebuilds
LOOK_EVERY_S: Final = 3600.0  # a month is long: an hour more or less is nothing
LONGEST_RUN_S: Final = 12 * 3600.0  # of all indexes together; a rebuild that hangs longer is worth a ticket
LARGEST_TABLES: Final = 5  # beyond these an index is too small for its bloat to be felt
MOST_RUNS_SHOWN: Final = 10
_INDEXES: Final = """
SELECT quote_ident(relname) AS name, pg_relation_size(indexrelid) AS size_bytes
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indisvalid AND NOT indisexclusion AND indrelid IN (
    SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND pg_has_role(relowner, 'USAGE')
    ORDER BY pg_total_relation_size(oid) DESC, relname LIMIT $1)
ORDER BY size_bytes DESC, name"""
# A rebuild that somebody runs with psql at this moment has an invalid index as well, and a lock on it.
_LEFT_OVER: Final = r"""
SELECT quote_ident(relname) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE NOT indisvalid AND relnamespace = 'public'::regnamespace AND relname ~ '_cc(new|old)\d*$'
    AND pg_has_role(relowner, 'USAGE') AND NOT EXISTS (
        SELECT FROM pg_locks WHERE relation = indexrelid AND mode = 'ShareUpdateExclusiveLock' AND granted)"""
_LAST_SUCCESS: Final = "SELECT max(ended_at) FROM index_rebuilds WHERE outcome IN ('baseline', 'ok')"
_DUE: Final = f"SELECT coalesce(({_LAST_SUCCESS}) < now() - $1::interval, true)"
# A run that is started anew does not repeat what its predecessor had finished.
_FINISHED: Final = f"""
SELECT DISTINCT each ->> 'name' AS name FROM index_rebuilds, jsonb_array_elements(indexes) AS each
WHERE outcome IN ('failed', 'interrupted', 'running') AND started_at > ({_LAST_SUCCESS})"""  # noqa: S608 - a constant
_DIED: Final = "UPDATE index_rebuilds SET outcome = 'interrupted', ended_at = now() WHERE ended_at IS NULL"
_BEGIN: Final = "INSERT INTO index_rebuilds (outcome, started_by) VALUES ('running', $1) RETURNING rebuild_id"
_REBUILT: Final = """
UPDATE index_rebuilds SET bytes_before = coalesce(bytes_before, 0) + $3,
    bytes_after = coalesce(bytes_after, 0) + pg_relation_size($2::text::regclass),
    indexes = indexes || jsonb_build_object('name', $2::text, 'bytes_before', $3::bigint,
        'bytes_after', pg_relation_size($2::text::regclass))
WHERE rebuild_id = $1"""
_END: Final = "UPDATE index_rebuilds SET outcome = $2, ended_at = clock_timestamp() WHERE rebuild_id = $1"
_RUNS: Final = """
SELECT started_at, ended_at, outcome, started_by, jsonb_array_length(indexes) AS indexes, bytes_before, bytes_after
FROM index_rebuilds ORDER BY rebuild_id DESC LIMIT $1"""
_PROGRESS: Final = """
SELECT phase, CASE WHEN blocks_total > 0 THEN blocks_done::float8 / blocks_total END AS share
FROM pg_stat_progress_create_index WHERE pid = $1"""
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One index of a run, told before it is rebuilt.

    Attributes:
        index: its name.
        number: which one it is, from 1.
        of: how many there are.
        size_bytes: before.
        pid: the backend that rebuilds it.
    """

    index: str
    number: int
    of: int
    size_bytes: int
    pid: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one index is.

    Attributes:
        phase: in PostgreSQL's words.
        share: of this phase's blocks that are done; None where it counts none.
    """

    phase: str
    share: float | None


Told = Callable[[Step], None]
Look = Callable[[int], Awaitable[Progress | None]]


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as the database remembers it; sizes are None where it did not get as far."""

    started_at: datetime
    ended_at: datetime | None
    outcome: str
    started_by: str
    indexes: int
    bytes_before: int | None
    bytes_after: int | None


@dataclass(frozen=True, slots=True)
class RebuildState:
    """What a database remembers: the last runs, latest first, and when the next is overdue."""

    last_success: datetime | None
    overdue_at: datetime | None
    runs: tuple[Run, ...]


class IndexRebuilds:
    """Rebuilds one database's indexes.

    Args:
        url: DSN of a direct connection to the primary, under the maintenance role: no limit on a statement's time.
        database: its metric label.
        started_by: who rebuilds, for people who look at the runs.
        instruments: where runs are counted.
    """

    def __init__(self, url: str, *, database: str, started_by: str, instruments: Instruments) -> None:
        self._url = url
        self._database = database
        self._started_by = started_by
        self.period = timedelta(seconds=REINDEX.named("period").number)
        self._last_success = instruments.gauge(catalogue.INDEX_REBUILD_LAST_SUCCESS).labels(database)
        self._duration = instruments.gauge(catalogue.INDEX_REBUILD_DURATION).labels(database)
        self._running = instruments.gauge(catalogue.INDEX_REBUILD_RUNNING).labels(database)
        self._runs = instruments.counter(catalogue.INDEX_REBUILDS)

    async def rebuild_if_due(self) -> Run | None:
        """Rebuild when the last success is older than the period and no other replica is at it; None when not.

        Raises:
            UnavailableError: the server does not answer, or went away.
            InternalError: it refuses what should work.
        """
        async with self._connected() as connection:
            run = None
            # Twice, because another replica may finish between the look and the lock.
            if await self._is_due(connection) and await _locked(connection) and await self._is_due(connection):
                finished = {row["name"] for row in await connection.fetch(_FINISHED)}
                run = await self._rebuild(connection, finished, lambda _: None)
            await self._publish(connection)
            return run

    async def rebuild(self, told: Told = lambda _: None) -> Run:
        """Rebuild now; for a person who asks.

        Raises:
            ConflictError: somebody else is at it.
            UnavailableError, InternalError: as above.
        """
        async with self._connected() as connection:
            if not await _locked(connection):
                raise ConflictError(
                    f"The indexes of {self._database} are being rebuilt already; `kubechat reindex --status` shows it.",
                    code="rebuild_under_way",
                )
            run = await self._rebuild(connection, set(), told)
            await self._publish(connection)
            return run

    async def state(self) -> RebuildState:
        """What the database remembers; changes nothing. Raises as above."""
        async with self._connected() as connection:
            last = await connection.fetchval(_LAST_SUCCESS)
            rows = await connection.fetch(_RUNS, MOST_RUNS_SHOWN)
        overdue = timedelta(seconds=REINDEX.named("overdue").number)
        return RebuildState(last, None if last is None else last + overdue, tuple(Run(**dict(row)) for row in rows))

    @asynccontextmanager
    async def progress(self) -> AsyncIterator[Look]:
        """Looks at a rebuild that another connection makes; raises as above."""
        async with self._connected() as connection:
            # PostgreSQL shows what a session does to its own user, not to the role that both have taken on.
            await connection.execute("SET ROLE NONE")

            async def look(pid: int) -> Progress | None:
                row = await connection.fetchrow(_PROGRESS, pid)
                return None if row is None or row["phase"] is None else Progress(row["phase"], row["share"])

            yield look

    async def _rebuild(self, connection: asyncpg.Connection, finished: set[str], told: Told) -> Run:
        # Whoever holds the lock is alone: a run that has not ended has died.
        await connection.execute(_DIED)
        rebuild_id = await connection.fetchval(_BEGIN, self._started_by)
        outcome, started = "interrupted", time.monotonic()
        self._running.set(1)
        try:
            await _remove_left_overs(connection)
            outcome = await _rebuild_each(connection, rebuild_id, finished, told)
            await _remove_left_overs(connection)
            await connection.execute(_END, rebuild_id, outcome)
        finally:
            self._running.set(0)
            self._duration.set(time.monotonic() - started)
            self._runs.labels(self._database, outcome).inc()
        _log.info("rebuilt indexes", database=self._database, outcome=outcome)
        (row,) = await connection.fetch(_RUNS, 1)
        return Run(**dict(row))

    async def _is_due(self, connection: asyncpg.Connection) -> bool:
        return bool(await connection.fetchval(_DUE, self.period))

    async def _publish(self, connection: asyncpg.Connection) -> None:
        last = await connection.fetchval(_LAST_SUCCESS)
        if last is not None:
            self._last_success.set(last.timestamp())

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncpg.Connection]:
        connection = None
        try:
            connection = await connect_directly(
                self._url, application_name=f"{self._started_by} indexes", holds_lock="index rebuilds"
            )
            yield connection
            await connection.close(timeout=CONNECT_TIMEOUT_S)
        except GONE as exc:
            raise UnavailableError(
                "The database does not answer, or is a standby, so its indexes are not rebuilt now.",
                code="database_unavailable",
            ) from exc
        except asyncpg.PostgresError as exc:
            _log.error("indexes cannot be looked after", sqlstate=exc.sqlstate, said=exc.message)
            raise InternalError("The database refused a request of ours.", code="database_error") from exc
        finally:
            if connection is not None:
                connection.terminate()  # does nothing to one that is closed


def start_rebuilds(start: Start, rebuilds: IndexRebuilds, instruments: Instruments) -> None:
    """Start looking, hour by hour, whether this database's indexes are due."""
    work = repeat(
        "rebuild indexes", LOOK_EVERY_S, rebuilds.rebuild_if_due, instruments, within_s=LONGEST_RUN_S + LOOK_EVERY_S
    )
    start("rebuild indexes", work)


async def _rebuild_each(connection: asyncpg.Connection, rebuild_id: int, finished: set[str], told: Told) -> str:
    found = await connection.fetch(_INDEXES, LARGEST_TABLES)
    indexes = [row for row in found if row["name"] not in finished]
    outcome = "ok"
    for number, row in enumerate(indexes, start=1):
        told(Step(row["name"], number, len(indexes), row["size_bytes"], connection.get_server_pid()))
        try:
            await connection.execute(f"REINDEX INDEX CONCURRENTLY {row['name']}", timeout=LONGEST_RUN_S)
        except GONE:
            raise
        except asyncpg.PostgresError as exc:
            outcome = "failed"  # the others are rebuilt all the same
            _log.error("index was not rebuilt", index=row["name"], sqlstate=exc.sqlstate, said=exc.message)
        else:
            await connection.execute(_REBUILT, rebuild_id, row["name"], row["size_bytes"])
    return outcome


async def _remove_left_overs(connection: asyncpg.Connection) -> None:
    for (name,) in await connection.fetch(_LEFT_OVER):
        _log.info("removing what an interrupted rebuild left", index=name)
        await connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", timeout=LONGEST_RUN_S)


async def _locked(connection: asyncpg.Connection) -> bool:
    return bool(await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY))
