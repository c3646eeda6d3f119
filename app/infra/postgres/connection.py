"""A connection held for one transaction."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from app.errors import UnavailableError
from app.infra.postgres import pool
from app.infra.postgres.driver import AgeingConnection
from app.infra.postgres.faults import AWAY
from app.infra.postgres.meter import Meter
from app.infra.postgres.query import Query
from app.telemetry.logs import get_logger
from slo.targets.connections import QUERY_TIMEOUT

_COMMIT = Query("commit", "COMMIT")
_log = get_logger(__name__)


class Connection:
    """Runs the statements of one transaction; made by `Database.transaction`."""

    def __init__(self, raw: AgeingConnection, meter: Meter) -> None:
        self._raw = raw
        self._meter = meter
        self._within_s = QUERY_TIMEOUT.figure.number

    async def fetch(self, query: Query, *args: Any) -> list[asyncpg.Record]:
        """All rows of a query."""
        return await self._meter.run(query, self._raw.rows(query.sql, args, 0, self._within_s))

    async def fetchrow(self, query: Query, *args: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        rows = await self._meter.run(query, self._raw.rows(query.sql, args, 1, self._within_s))
        return rows[0] if rows else None

    async def execute(self, query: Query, *args: Any) -> int:
        """Run a statement; returns how many rows it touched."""
        return touched(await self._meter.run(query, self._raw.execute(query.sql, *args, timeout=self._within_s)))

    async def commit(self, *, durable: bool) -> None:
        """Commit, and believe nothing but the server's word for it; used by `Database.transaction`.

        A transaction that failed earlier answers COMMIT with ROLLBACK and no error, and a wait for a synchronous
        standby that somebody cancels ends in success with a warning: neither is a durable commit.
        """
        warnings: list[object] = []

        def note(_: object, message: object) -> None:
            warnings.append(message)

        async def commit() -> str:
            # A connection that broke takes no listener: that too is an outage, and is told as one.
            if durable:
                self._raw.add_log_listener(note)
            try:
                return str(await self._raw.execute(_COMMIT.sql, timeout=self._within_s))
            finally:
                if durable and not self._raw.is_closed():
                    self._raw.remove_log_listener(note)

        status = await self._meter.run(_COMMIT, commit())
        if status != "COMMIT":
            raise UnavailableError("The database did not keep the change; try again.", code="rolled_back")
        if warnings:
            _log.error("commit is not known to be durable", warnings=len(warnings))
            raise UnavailableError("The database did not say that the change is safe; try again.", code="not_durable")

    async def roll_back(self) -> None:
        """Roll back, or cut the connection where that fails; used by `Database.transaction`."""
        try:
            async with asyncio.timeout(pool.GIVE_BACK_TIMEOUT_S):
                await self._raw.execute("ROLLBACK")
        except (*AWAY, TimeoutError, asyncpg.PostgresError):
            self._raw.terminate()


def touched(status: str) -> int:
    """The number of rows in what PostgreSQL says of a command, such as "UPDATE 3"; 0 where it says none."""
    last = status.rsplit(" ", 1)[-1]
    return int(last) if last.isdigit() else 0
