"""A pool whose connections age: closed when idle, replaced after their lifetime, tried before use when they idled.

asyncpg's pool knows neither a lifetime nor a check at hand-out; both are done here, when a connection is taken.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import cast

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from app.errors import BusyError
from app.infra.postgres import driver
from app.infra.postgres.codecs import set_codecs
from app.infra.postgres.driver import AgeingConnection
from app.infra.postgres.faults import AWAY, unavailable
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from slo.targets.connections import HEALTH_CHECKS, IDLE_TIMEOUT, QUERY_TIMEOUT

ACQUIRE_TIMEOUT_S = 5.0  # a request that waits longer for a connection is refused as busy
CONNECT_TIMEOUT_S = 5.0
CHECK_TIMEOUT_S = 1.0  # one round trip; a server that needs longer is not healthy
GIVE_BACK_TIMEOUT_S = 2.0  # for a rollback, or a cancelled statement's end; then the connection is cut
_STATEMENTS = 100  # more than a service has
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """What makes a pool.

    Attributes:
        url: DSN, through PgBouncer.
        name: the pool's metric label.
        size: most connections this replica opens.
        application_name: shown in pg_stat_activity.
    """

    url: str
    name: str
    size: int
    application_name: str


@dataclass(frozen=True, slots=True)
class Held:
    """A connection that was taken, and the pool it is given back to.

    Attributes:
        raw: the connection.
        pool: asyncpg's pool that it belongs to.
    """

    raw: AgeingConnection
    pool: asyncpg.Pool


class Pool:
    """Connections to one database.

    Args:
        settings: which database, and how many.
        instruments: where the pool's metrics live.
    """

    def __init__(self, settings: PoolSettings, instruments: Instruments) -> None:
        self._settings = settings
        self._pool: asyncpg.Pool | None = None
        self._leaving: asyncio.Future[None] | None = None
        name = settings.name
        self._wait = instruments.histogram(catalogue.POOL_WAIT).labels(name)
        self._opened = instruments.counter(catalogue.POOL_OPENED).labels(name)
        closed = instruments.counter(catalogue.POOL_CLOSED)
        self._aged, self._broken = closed.labels(name, "lifetime"), closed.labels(name, "broken")
        checks = instruments.counter(catalogue.POOL_CHECKS)
        self._sound, self._unsound = checks.labels(name, "ok"), checks.labels(name, "failed")
        instruments.gauge(catalogue.POOL_SIZE).labels(name).set(settings.size)
        instruments.gauge(catalogue.POOL_IN_USE).labels(name).set_function(self._count_in_use)

    @property
    def name(self) -> str:
        """The pool's metric label."""
        return self._settings.name

    @property
    def is_open(self) -> bool:
        """Whether `open` has succeeded."""
        return self._pool is not None

    def _count_in_use(self) -> float:
        return 0.0 if self._pool is None else float(self._pool.get_size() - self._pool.get_idle_size())

    async def open(self, *, statements: bool) -> None:
        """Make the pool and its first connection; what is open already is left to those who use it.

        Args:
            statements: keep prepared statements; only where the pooler carries them along.

        Raises:
            UnavailableError: the server does not answer.
        """
        settings, before = self._settings, self._pool
        try:
            self._pool = await asyncpg.create_pool(
                settings.url,
                min_size=1,
                max_size=settings.size,
                max_inactive_connection_lifetime=IDLE_TIMEOUT.figure.number,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=QUERY_TIMEOUT.figure.number,
                statement_cache_size=_STATEMENTS if statements else 0,
                server_settings={"application_name": settings.application_name},
                connection_class=AgeingConnection,
                init=self._begin,
                reset=_reset,
            )
        except (*AWAY, TimeoutError, asyncpg.PostgresError) as exc:
            raise unavailable() from exc
        if before is not None:
            self._leaving = asyncio.ensure_future(before.close())  # once what is in use has been given back

    async def close(self) -> None:
        """Close the pool; connections in use get a second, then are ended."""
        if self._leaving is not None:
            self._leaving.cancel()
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(1):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def take(self) -> Held:
        """A connection, younger than its lifetime, and tried if it idled; give it back.

        Raises:
            BusyError: none became free in time.
            UnavailableError: the pool is not open, or the server does not answer.
        """
        pool = self._pool
        if pool is None:
            raise unavailable()
        started = time.perf_counter()
        # Each round takes one connection out of the pool, so that there are no more of them than connections.
        for _ in range(self._settings.size + 1):
            raw = await self._acquire(pool)
            if await self._fit(raw):
                self._wait.observe(time.perf_counter() - started)
                return Held(raw, pool)
            raw.terminate()
            await self._release(Held(raw, pool))
        raise unavailable()

    async def give_back(self, held: Held) -> None:
        """Return a connection; one whose server no longer answers is cut."""
        if not _is_gone(held.raw):
            held.raw.note_use()
        await self._release(held)

    async def _acquire(self, pool: asyncpg.Pool) -> AgeingConnection:
        try:
            # asyncpg hands out a proxy that passes everything on to the connection.
            return cast("AgeingConnection", await pool.acquire(timeout=ACQUIRE_TIMEOUT_S))
        except TimeoutError as exc:
            text = "All database connections are in use; try again in a moment."
            raise BusyError(text, code="pool_exhausted") from exc
        except (*AWAY, asyncpg.PostgresError) as exc:
            raise unavailable() from exc

    async def _fit(self, raw: AgeingConnection) -> bool:
        now = driver.now()
        if now - raw.opened_at >= raw.lifetime_s:
            self._aged.inc()
            return False
        if now - raw.used_at <= HEALTH_CHECKS.named("idle_before_check").number:
            return True
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await raw.execute("SELECT 1")
        except (*AWAY, TimeoutError, asyncpg.PostgresError):
            self._unsound.inc()
            self._broken.inc()
            return False
        self._sound.inc()
        return True

    async def _release(self, held: Held) -> None:
        try:
            # Without a limit, a server that no longer answers would hold the caller and the connection for ever.
            await held.pool.release(cast("PoolConnectionProxy", held.raw), timeout=GIVE_BACK_TIMEOUT_S)
        except (*AWAY, TimeoutError, asyncpg.PostgresError) as exc:
            _log.warning("connection was cut", pool=self.name, fault=type(exc).__name__)

    async def _begin(self, connection: asyncpg.Connection) -> None:
        await set_codecs(connection)
        self._opened.inc()


def _is_gone(raw: AgeingConnection) -> bool:
    """Whether the connection broke: asyncpg's pool takes it back at once then, and it answers nothing any more."""
    try:
        return raw.is_closed()
    except asyncpg.InterfaceError:
        return True


async def _reset(connection: PoolConnectionProxy | asyncpg.Connection) -> None:
    """Nothing to reset: no session state is ever made, PgBouncer hands out connections per transaction anyway."""
