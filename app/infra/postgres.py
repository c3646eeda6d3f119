"""PostgreSQL through asyncpg: named queries, each with its latency metric and its deadline.

Connections go through PgBouncer in transaction mode, so nothing may rest on a session: no LISTEN, no session advisory
lock, no session setting. Stores hold their queries as `Query` constants; this module knows none of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy
from opentelemetry.trace import SpanKind

from app.errors import (
    BusyError,
    ConflictError,
    DeadlineExceededError,
    InternalError,
    InvalidInputError,
    UnavailableError,
)
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.tracing import Tracing
from slo.targets.connections import IDLE_TIMEOUT, QUERY_TIMEOUT

ACQUIRE_TIMEOUT_S = 5.0  # a request that waits longer for a connection is refused as busy
CONNECT_TIMEOUT_S = 5.0
GIVE_BACK_TIMEOUT_S = 2.0  # for a rollback, or a cancelled statement's end; then the connection is cut
_log = get_logger(__name__)

# These tell of a server that goes away or comes back, not of a wrong statement.
_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    asyncpg.ProtocolViolationError,
    ConnectionError,
    OSError,
)
# Class 22: a character or a number that PostgreSQL has no place for; ValueError: what does not even become a message.
_UNSTORABLE = (asyncpg.DataError, ValueError)
_BUSY = (asyncpg.TooManyConnectionsError, asyncpg.DiskFullError, asyncpg.OutOfMemoryError)


@dataclass(frozen=True, slots=True)
class Query:
    """One statement of a store.

    Attributes:
        name: its metric label, "<store>.<what>".
        sql: the statement, parameters as $1, $2, … only.
    """

    name: str
    sql: str


class Connection:
    """A connection held for one transaction; made by `Database.transaction`."""

    def __init__(self, raw: PoolConnectionProxy, database: Database) -> None:
        self._raw = raw
        self._database = database

    async def fetch(self, query: Query, *args: Any) -> list[asyncpg.Record]:
        """All rows of a query."""
        async with self._database.measured(query):
            return await self._raw.fetch(query.sql, *args, timeout=QUERY_TIMEOUT.figure.number)

    async def fetchrow(self, query: Query, *args: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        async with self._database.measured(query):
            return await self._raw.fetchrow(query.sql, *args, timeout=QUERY_TIMEOUT.figure.number)

    async def execute(self, query: Query, *args: Any) -> int:
        """Run a statement; returns how many rows it touched."""
        async with self._database.measured(query):
            status = await self._raw.execute(query.sql, *args, timeout=QUERY_TIMEOUT.figure.number)
        last = status.rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else 0

    async def commit(self, *, durable: bool) -> None:
        """Commit, and believe nothing but the server's word for it; used by `Database.transaction`.

        A transaction that failed earlier answers COMMIT with ROLLBACK and no error, and a wait for a synchronous
        standby that somebody cancels ends in success with a warning: neither is a durable commit.
        """
        warnings: list[object] = []

        def note(_: object, message: object) -> None:
            warnings.append(message)

        if durable:
            self._raw.add_log_listener(note)
        try:
            async with self._database.measured(_COMMIT):
                status = await self._raw.execute(_COMMIT.sql, timeout=QUERY_TIMEOUT.figure.number)
        finally:
            if durable:
                self._raw.remove_log_listener(note)
        if status != "COMMIT":
            raise UnavailableError("The database did not keep the change; try again.", code="rolled_back")
        if warnings:
            _log.error("commit is not known to be durable", warnings=len(warnings))
            raise UnavailableError("The database did not say that the change is safe; try again.", code="not_durable")

    async def roll_back(self) -> None:
        """Roll back, or cut the connection where that fails; used by `Database.transaction`."""
        try:
            async with asyncio.timeout(GIVE_BACK_TIMEOUT_S):
                await self._raw.execute("ROLLBACK")
        except (*_AWAY, TimeoutError, asyncpg.PostgresError):
            self._raw.terminate()


class Database:
    """One database behind one pool.

    Args:
        url: DSN, through PgBouncer.
        name: the pool's metric label.
        size: most connections this replica opens.
        application_name: shown in pg_stat_activity.
        instruments: where the pool and query metrics live.
        tracing: spans for queries of sampled requests.
        prepared_statements: keep asyncpg's statement cache; only with PgBouncer 1.21 or later, or a direct connection.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        size: int,
        application_name: str,
        instruments: Instruments,
        tracing: Tracing,
        prepared_statements: bool = False,
    ) -> None:
        self._url = url
        self._name = name
        self._size = size
        self._application_name = application_name
        self._tracing = tracing
        self._prepared = prepared_statements
        self._pool: asyncpg.Pool | None = None
        self._duration = instruments.histogram(catalogue.POSTGRES_QUERY_DURATION)
        self._errors = instruments.counter(catalogue.POSTGRES_QUERY_ERRORS)
        self._wait = instruments.histogram(catalogue.POOL_WAIT).labels(name)
        in_use = instruments.gauge(catalogue.POOL_IN_USE).labels(name)
        instruments.gauge(catalogue.POOL_SIZE).labels(name).set(size)
        in_use.set_function(self._count_in_use)

    def _count_in_use(self) -> float:
        return 0.0 if self._pool is None else float(self._pool.get_size() - self._pool.get_idle_size())

    async def open(self) -> None:
        """Make the pool and its first connection.

        Raises:
            UnavailableError: the server does not answer.
        """
        try:
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=1,
                max_size=self._size,
                max_inactive_connection_lifetime=IDLE_TIMEOUT.figure.number,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=QUERY_TIMEOUT.figure.number,
                statement_cache_size=100 if self._prepared else 0,
                server_settings={"application_name": self._application_name},
                init=_set_codecs,
                reset=_reset,
            )
        except (*_AWAY, TimeoutError, asyncpg.PostgresError) as exc:
            raise UnavailableError(
                "The database does not answer; try again in a moment.", code="database_unavailable"
            ) from exc

    async def close(self) -> None:
        """Close the pool; connections in use get a second, then are ended."""
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(1):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def ping(self) -> None:
        """One round trip to the server; raises like any query."""
        await self.fetchrow(_PING)

    async def fetch(self, query: Query, *args: Any) -> list[asyncpg.Record]:
        """All rows of a query, outside of a transaction."""
        async with self._held() as connection:
            return await connection.fetch(query, *args)

    async def fetchrow(self, query: Query, *args: Any) -> asyncpg.Record | None:
        """The first row of a query, or None."""
        async with self._held() as connection:
            return await connection.fetchrow(query, *args)

    async def execute(self, query: Query, *args: Any) -> int:
        """Run one statement; returns how many rows it touched."""
        async with self._held() as connection:
            return await connection.execute(query, *args)

    @asynccontextmanager
    async def transaction(self, *, durable: bool = False, timeout_s: float | None = None) -> AsyncIterator[Connection]:
        """A transaction; commits at the end, rolls back on an exception.

        Args:
            durable: leave the block only when the commit is as safe as the server can make it, whatever the
                database's or role's own `synchronous_commit` says.
            timeout_s: the server ends a statement of this transaction after this time.

        Raises:
            UnavailableError, DeadlineExceededError: the connection broke, or the commit took too long. Whether a
                commit that was under way took place is then unknown to the caller.
        """
        begin = "BEGIN"
        if durable:
            begin += "; SET LOCAL synchronous_commit TO on"
        if timeout_s is not None:
            begin += f"; SET LOCAL statement_timeout TO {int(timeout_s * 1000)}"
        async with self._held() as connection:
            await connection.execute(Query("begin", begin))
            try:
                yield connection
            except BaseException:
                await connection.roll_back()
                raise
            await connection.commit(durable=durable)

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[Connection]:
        if self._pool is None:
            raise _unavailable()
        started = time.perf_counter()
        try:
            raw = await self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S)
        except TimeoutError as exc:
            raise BusyError(
                "All database connections are in use; try again in a moment.", code="pool_exhausted"
            ) from exc
        except (*_AWAY, asyncpg.PostgresError) as exc:
            raise _unavailable() from exc
        self._wait.observe(time.perf_counter() - started)
        try:
            yield Connection(raw, self)
        finally:
            try:
                # Without a limit, a server that no longer answers would hold the caller and the connection for ever.
                await self._pool.release(raw, timeout=GIVE_BACK_TIMEOUT_S)
            except (*_AWAY, TimeoutError, asyncpg.PostgresError) as exc:
                _log.warning("connection was cut", pool=self._name, fault=type(exc).__name__)

    @asynccontextmanager
    async def measured(self, query: Query) -> AsyncIterator[None]:
        """Measure one statement and turn asyncpg's exceptions into ours."""
        started = time.perf_counter()
        fault = ""
        try:
            with self._tracing.span(
                f"postgres {query.name}",
                kind=SpanKind.CLIENT,
                attributes={"db.system.name": "postgresql", "db.query.summary": query.name},
            ):
                yield
        except (TimeoutError, asyncpg.QueryCanceledError) as exc:
            fault = "timeout"
            raise DeadlineExceededError(
                "The database took too long to answer; try again.", code="database_timeout"
            ) from exc
        except _UNSTORABLE as exc:
            fault = "unstorable"
            _log.warning("value cannot be stored", query=query.name, kind=type(exc).__name__)
            raise InvalidInputError(
                "This holds a character or a number that cannot be stored.", code="unstorable"
            ) from exc
        except asyncpg.UniqueViolationError as exc:
            fault = "conflict"
            raise ConflictError("This exists already.", code="exists") from exc
        except _BUSY as exc:
            fault = "busy"
            raise BusyError(
                "The database has no room for more work; try again in a moment.", code="database_busy"
            ) from exc
        except _AWAY as exc:
            fault = "unavailable"
            raise _unavailable() from exc
        except asyncpg.ReadOnlySQLTransactionError as exc:
            fault = "read_only"
            raise _unavailable() from exc
        except asyncpg.PostgresError as exc:
            fault = "refused"
            # Not the exception's text: its detail quotes whole rows, password hashes among them.
            _log.error("query refused", query=query.name, sqlstate=exc.sqlstate, said=exc.message)
            raise InternalError("The database refused a request of ours.", code="database_error") from exc
        finally:
            self._duration.labels(query.name).observe(time.perf_counter() - started)
            if fault:
                self._errors.labels(query.name, fault).inc()


_NUL = "\\u0000"
_PING = Query("ping", "SELECT 1")
_COMMIT = Query("commit", "COMMIT")


def _unavailable() -> UnavailableError:
    return UnavailableError("The database does not answer; try again in a moment.", code="database_unavailable")


async def _set_codecs(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name,
            schema="pg_catalog",
            encoder=to_json,
            decoder=orjson.loads,
            format="text",
        )


def to_json(value: Any) -> str:
    """JSON that PostgreSQL stores: NUL characters, as logs may hold them, become their visible picture U+2400."""
    text = orjson.dumps(value).decode()
    if _NUL not in text:
        return text
    # An escaped backslash before "u0000" is no NUL.
    return "\\\\".join(part.replace(_NUL, "\\u2400") for part in text.split("\\\\"))


async def _reset(connection: PoolConnectionProxy | asyncpg.Connection) -> None:
    """Nothing to reset: no session state is ever made, PgBouncer hands out connections per transaction anyway."""
