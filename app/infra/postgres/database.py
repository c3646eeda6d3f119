"""One database, as stores see it: named queries with a deadline, transactions believed only when they are true.

Connections go through PgBouncer in transaction mode, so nothing may rest on a session: no LISTEN, no session advisory
lock, no session setting. Stores hold their queries as `Query` constants; this module knows none of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from app.errors import InternalError, UnavailableError
from app.infra.postgres.connection import Connection, touched
from app.infra.postgres.driver import AgeingConnection
from app.infra.postgres.meter import Meter
from app.infra.postgres.planning import NO_SUCH_FUNCTION, Planning, carries_statements, functions_for
from app.infra.postgres.pool import Pool, PoolSettings
from app.infra.postgres.position import Position
from app.infra.postgres.query import Query
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.tracing import Tracing
from slo.targets.connections import QUERY_TIMEOUT

REOPEN_RETRY_S = 1.0
# A pool full of work that gets done is not ready for a ping within two seconds, and is no reason to take it out of
# service: its load would fill the next one.
ANSWERED_S = 1.0
_log = get_logger(__name__)


class Database:
    """One database behind one pool.

    Args:
        url: DSN, through PgBouncer.
        name: the pool's metric label.
        size: most connections this replica opens.
        application_name: shown in pg_stat_activity.
        instruments: where the pool and query metrics live.
        tracing: spans for queries of sampled requests.
        often: queries that become functions where the pooler carries no prepared statements.
        owner_url: DSN of a direct connection that may make those functions; without one they stay queries.

    Attributes:
        statements: whether prepared statements are kept.
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
        often: Sequence[Query] = (),
        owner_url: str = "",
    ) -> None:
        self._url = url
        self._often, self._owner_url = tuple(often), owner_url
        self._pool = Pool(PoolSettings(url, name, size, application_name), instruments)
        self._meter = Meter(instruments, tracing, self._do_without_statements)
        self._replanning: asyncio.Task[None] | None = None
        self._planned = instruments.gauge(catalogue.POSTGRES_PLANNED_ONCE)
        self._functions: dict[str, str] = {}
        self.statements = False
        self._within_s = QUERY_TIMEOUT.figure.number

    @property
    def name(self) -> str:
        """The pool's metric label."""
        return self._pool.name

    async def open(self) -> None:
        """Find out what the pooler carries, then make the pool and its first connection.

        Raises:
            UnavailableError: the server does not answer.
        """
        await self._plan(Planning.STATEMENTS if await carries_statements(self._url) else Planning.FUNCTIONS)

    async def open_like(self, primary: Database) -> None:
        """Make the pool, unless it is open, as another database's was made: both are behind one pooler."""
        if not self._pool.is_open:
            await self._plan(Planning.STATEMENTS if primary.statements else Planning.NEVER)

    async def open_soon_like(self, primary: Database) -> None:
        """The same as soon as it can be: whoever starts does not wait for a database that it can do without."""
        told = False
        while True:
            try:
                await self.open_like(primary)
            except UnavailableError:
                if not told:
                    _log.error("database cannot be opened", pool=self.name)
                told = True
                await asyncio.sleep(REOPEN_RETRY_S)
            else:
                return

    async def _plan(self, planning: Planning) -> None:
        if planning is Planning.FUNCTIONS:
            self._functions = await functions_for(self._often, self._owner_url)
            planning = Planning.FUNCTIONS if self._functions else Planning.NEVER
        self.statements = planning is Planning.STATEMENTS
        await self._pool.open(statements=self.statements)
        for each in Planning:
            self._planned.labels(self.name, each.value).set(each is planning)
        _log.info("database opened", pool=self.name, planned_once_by=planning.value)

    def _do_without_statements(self) -> None:
        """The pooler has changed since the start: open the pool anew, once."""
        if self._replanning is None:
            _log.error("prepared statements get lost; doing without them", pool=self.name)
            self._replanning = asyncio.ensure_future(self._plan_anew())

    async def _plan_anew(self) -> None:
        while True:
            try:
                await self._plan(Planning.FUNCTIONS)
            except UnavailableError:
                await asyncio.sleep(REOPEN_RETRY_S)
            else:
                return

    async def close(self) -> None:
        """Close the pool; connections in use get a second, then are ended."""
        if self._replanning is not None:
            self._replanning.cancel()
        await self._pool.close()

    def answered_within(self, seconds: float) -> bool:
        """Whether the server answered something so short a time ago."""
        return self._pool.answered_within(seconds)

    async def ping(self) -> None:
        """See whether the server answers: it did a moment ago, or a round trip is made; raises like any query."""
        if not self.answered_within(ANSWERED_S):
            await self.fetchrow(_PING)

    async def fetch(self, query: Query, *args: Any, after: Position | None = None) -> list[asyncpg.Record]:
        """All rows of a query, outside of a transaction; on the primary they include every `after`."""
        raw = await self._pool.take()
        try:
            return await self._rows(raw, query, args, 0)
        finally:
            self._pool.give_back(raw)

    async def fetchrow(self, query: Query, *args: Any, after: Position | None = None) -> asyncpg.Record | None:
        """The first row of a query, or None; `after` as in `fetch`."""
        raw = await self._pool.take()
        try:
            rows = await self._rows(raw, query, args, 1)
            return rows[0] if rows else None
        finally:
            self._pool.give_back(raw)

    async def _rows(
        self, raw: AgeingConnection, query: Query, args: tuple[Any, ...], limit: int
    ) -> list[asyncpg.Record]:
        function = self._functions.get(query.name)
        if function is None:
            return await self._meter.run(query, raw.rows(query.sql, args, limit, self._within_s))
        try:
            return await self._meter.run(query, raw.rows(function, args, limit, self._within_s))
        except InternalError as error:
            if not isinstance(error.__cause__, NO_SUCH_FUNCTION):
                raise
            # Dropped, or made wrong by a change of its tables; it was refused before it did anything.
            _log.error("function cannot be used, the query takes its place", query=query.name)
            self._functions.pop(query.name, None)
            return await self._meter.run(query, raw.rows(query.sql, args, limit, self._within_s))

    async def execute(self, query: Query, *args: Any) -> int:
        """Run one statement; returns how many rows it touched."""
        raw = await self._pool.take()
        try:
            return touched(await self._meter.run(query, raw.execute(query.sql, *args, timeout=self._within_s)))
        finally:
            self._pool.give_back(raw)

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
        raw = await self._pool.take()
        try:
            connection = Connection(raw, self._meter)
            await connection.execute(Query("begin", begin))
            try:
                yield connection
            except BaseException:
                await connection.roll_back()
                raise
            await connection.commit(durable=durable)
        finally:
            self._pool.give_back(raw)


_PING = Query("ping", "SELECT 1")
