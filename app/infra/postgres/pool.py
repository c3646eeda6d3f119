"""A pool whose connections age: closed when idle, replaced after their lifetime, tried before use when they idled.

asyncpg's own pool knows neither a lifetime nor a check at hand-out, and costs as much as a small query each time (see
docs/adr/0013). Here a free connection is taken and given back without waiting for anything.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass
from typing import Any, cast

import asyncpg

from app.errors import BusyError
from app.infra.postgres import driver
from app.infra.postgres.codecs import set_codecs
from app.infra.postgres.driver import AgeingConnection
from app.infra.postgres.faults import AWAY, unavailable
from app.infra.postgres.one_write import OneWriteLoop
from app.infra.round_trip import socket_of, watch
from app.infra.traffic import POSTGRESQL, Traffic
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from slo.targets.connections import HEALTH_CHECKS, IDLE_TIMEOUT, QUERY_TIMEOUT

ACQUIRE_TIMEOUT_S = 5.0  # a request that waits longer for a connection is refused as busy
CONNECT_TIMEOUT_S = 5.0
CHECK_TIMEOUT_S = 1.0  # one round trip; a server that needs longer is not healthy
SETTLED_AT_CLOSE_S = 1.0  # for what was cancelled just before a pool is closed, as at a process' end
GIVE_BACK_TIMEOUT_S = 2.0  # for a rollback, or a cancelled statement's end; then the connection is cut
REAP_EVERY_S = 15.0
WATCH_EVERY_S = 1.0
_STATEMENTS = 100  # more than a service has
_CUT = (*AWAY, TimeoutError, asyncpg.PostgresError)
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


class Pool:
    """Connections to one database.

    Args:
        settings: which database, and how many.
        instruments: where the pool's metrics live.
    """

    def __init__(self, settings: PoolSettings, instruments: Instruments) -> None:
        self._settings = settings
        self._statements = False
        self.is_open = False
        self._free: list[AgeingConnection] = []  # the one that was used last is taken first: the others get to idle
        self._all: set[AgeingConnection] = set()
        self._connecting = 0
        self._waiting: deque[asyncio.Future[AgeingConnection | None]] = deque()
        self._settling: set[asyncio.Task[None]] = set()
        self._sound_at = -math.inf
        self._reaper: asyncio.TimerHandle | None = None
        self._watcher: asyncio.TimerHandle | None = None
        self._idle_s, self._tried_after_s = IDLE_TIMEOUT.figure.number, HEALTH_CHECKS.named("idle_before_check").number
        self._traffic = Traffic(instruments, POSTGRESQL)
        name = settings.name
        watch(instruments, name, lambda: [socket_of(each.transport) for each in tuple(self._all)])
        self._wait = instruments.histogram(catalogue.POOL_WAIT).labels(name)
        self._opened = instruments.counter(catalogue.POOL_OPENED).labels(name)
        closed = instruments.counter(catalogue.POOL_CLOSED)
        self._closed = {reason: closed.labels(name, reason) for reason in ("idle", "lifetime", "broken", "cut")}
        checks = instruments.counter(catalogue.POOL_CHECKS)
        self._sound, self._unsound = checks.labels(name, "ok"), checks.labels(name, "failed")
        instruments.gauge(catalogue.POOL_SIZE).labels(name).set(settings.size)
        instruments.gauge(catalogue.POOL_IN_USE).labels(name).set_function(
            lambda: float(len(self._all) - len(self._free))
        )

    @property
    def name(self) -> str:
        """The pool's metric label."""
        return self._settings.name

    async def open(self, *, statements: bool) -> None:
        """Make the first connection; connections that were made otherwise are replaced as they come back.

        Args:
            statements: keep prepared statements; only where the pooler carries them along.

        Raises:
            UnavailableError: the server does not answer.
        """
        self._statements = statements
        if self.is_open:
            return
        self.is_open = True
        try:
            self.give_back(await self._connect())
        except BaseException:
            self.is_open = False
            raise
        if self._reaper is None:
            self._reap()
            self._watch()

    async def close(self) -> None:
        """Close all connections; those in use are cut."""
        self.is_open = False
        for timer in (self._reaper, self._watcher):
            if timer is not None:
                timer.cancel()
        if self._settling:
            # PgBouncer 1.18 ends itself when a cancel request is cut off before it was passed on.
            await asyncio.wait(self._settling, timeout=SETTLED_AT_CLOSE_S)
        for task in self._settling:
            task.cancel()
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(unavailable())
        free, self._free = self._free, []
        for connection in self._all.difference(free):
            connection.terminate()
        try:
            async with asyncio.timeout(1):
                await asyncio.gather(*(connection.close() for connection in free), return_exceptions=True)
        except TimeoutError:
            for connection in free:
                connection.terminate()
        self._all.clear()

    async def take(self) -> AgeingConnection:
        """A connection, younger than its lifetime, and tried if it idled; give it back.

        Raises:
            BusyError: none became free in time.
            UnavailableError: the pool is not open, or the server does not answer.
        """
        if not self.is_open:
            raise unavailable()
        started = driver.now()
        connection = self._fresh() or await self._wait_for_one()
        self._wait.observe(driver.now() - started)
        return connection

    def give_back(self, connection: AgeingConnection) -> None:
        """Return a connection; one on which something is still under way is looked after in the background."""
        if connection.is_closed():
            self._drop(connection, "broken")
        elif connection not in self._all:
            connection.terminate()  # the pool was closed meanwhile
        elif connection.is_clean():
            self._keep(connection)
        else:
            task = asyncio.ensure_future(self._settle(connection))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)

    def answered_within(self, seconds: float) -> bool:
        """Whether a connection came back sound so short a time ago: then the server answers, however full the pool."""
        return driver.now() - self._sound_at <= seconds

    def _fresh(self) -> AgeingConnection | None:
        """The connection that was used last, if it need not be tried."""
        while self._free:
            connection, now = self._free[-1], driver.now()
            if connection.is_closed():
                self._drop(self._free.pop(), "broken")
            elif self._is_past(connection, now):
                self._drop(self._free.pop(), "lifetime")
            else:
                return self._free.pop() if now - connection.used_at <= self._tried_after_s else None
        return None

    def _is_past(self, connection: AgeingConnection, now: float) -> bool:
        """Whether a connection is to be replaced: it is too old, or was made to keep statements and must not now."""
        return now - connection.opened_at >= connection.lifetime_s or connection.statements is not self._statements

    async def _wait_for_one(self) -> AgeingConnection:
        """Try those that idled, open one more where there is room, else wait; all of it within one limit."""
        waiting = False
        try:
            async with asyncio.timeout(ACQUIRE_TIMEOUT_S):
                while True:
                    waiting = False
                    if (fresh := self._fresh()) is not None:
                        return fresh
                    if self._free:
                        if await self._answers(connection := self._free.pop()):
                            return connection
                    elif len(self._all) + self._connecting < self._settings.size:
                        return await self._connect()
                    else:
                        waiting = True
                        if (handed := await self._next()) is not None:
                            return handed
        except TimeoutError as exc:
            if not waiting:
                raise unavailable() from exc
            text = "All database connections are in use; try again in a moment."
            raise BusyError(text, code="pool_exhausted") from exc

    async def _next(self) -> AgeingConnection | None:
        """The next connection that is given back; None when there is room for a new one instead."""
        waiter: asyncio.Future[AgeingConnection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._pass_on(waiter.result())  # it was handed to somebody who had just given up
            raise

    def _pass_on(self, handed: AgeingConnection | None) -> None:
        if handed is None:
            self._say_there_is_room()
        else:
            self._hand_on(handed)

    def _hand_on(self, connection: AgeingConnection) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._free.append(connection)

    def _say_there_is_room(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def _connect(self) -> AgeingConnection:
        if not self.is_open:
            raise unavailable()
        statements: bool = self._statements
        connection: AgeingConnection | None = None
        self._connecting += 1
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                connection = await self._connected()
                await set_codecs(connection)
                connection.statements = statements
                self._all.add(connection)
        except _CUT as exc:
            raise unavailable() from exc
        finally:
            self._connecting -= 1
            if connection not in self._all:
                if connection is not None:
                    connection.terminate()
                self._say_there_is_room()
        self._opened.inc()
        return connection

    async def _connected(self) -> AgeingConnection:
        return await asyncpg.connect(
            self._settings.url,
            command_timeout=QUERY_TIMEOUT.figure.number,
            statement_cache_size=_STATEMENTS if self._statements else 0,
            # asyncpg calls the encoding 'utf-8', the server says UTF8: PgBouncer would set it anew each time.
            server_settings={"application_name": self._settings.application_name, "client_encoding": "UTF8"},
            connection_class=AgeingConnection,
            loop=cast("Any", OneWriteLoop(asyncio.get_running_loop(), self._traffic)),
        )

    async def _answers(self, connection: AgeingConnection) -> bool:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await connection.execute("SELECT 1")
        except _CUT:
            self._unsound.inc()
            self._drop(connection, "broken")
            # Those that idled as long lead to the same server: trying one after the other would take for ever.
            long_ago = driver.now() - self._tried_after_s
            idle, self._free = (
                [each for each in self._free if each.used_at < long_ago],
                [each for each in self._free if each.used_at >= long_ago],
            )
            for each in idle:
                self._drop(each, "broken")
            return False
        except asyncio.CancelledError:
            self._drop(connection, "cut")
            raise
        self._sound.inc()
        return True

    async def _settle(self, connection: AgeingConnection) -> None:
        try:
            async with asyncio.timeout(GIVE_BACK_TIMEOUT_S):
                await connection.settle()
        except _CUT as exc:
            _log.warning("connection was cut", pool=self.name, fault=type(exc).__name__)
        if connection.is_clean() and connection in self._all:
            self._keep(connection)
        else:
            self._drop(connection, "cut")

    def _keep(self, connection: AgeingConnection) -> None:
        now = driver.now()
        self._sound_at = connection.used_at = now
        if self._is_past(connection, now):
            self._drop(connection, "lifetime")
        else:
            self._hand_on(connection)

    def _drop(self, connection: AgeingConnection, reason: str) -> None:
        self._all.discard(connection)
        self._closed[reason].inc()
        connection.terminate()
        self._say_there_is_room()

    def _watch(self) -> None:
        """Cut connections whose statement is overdue: the server has its own limit, so it does not answer any more."""
        for connection in self._all.difference(self._free):
            if connection.cut_if_due():
                _log.warning("connection was cut", pool=self.name, fault="overdue")
        self._watcher = asyncio.get_running_loop().call_later(WATCH_EVERY_S, self._watch)

    def _reap(self) -> None:
        """Close what idled for too long, now and again and again."""
        long_ago = driver.now() - self._idle_s
        idle = [connection for connection in self._free if connection.used_at <= long_ago]
        self._free = [connection for connection in self._free if connection.used_at > long_ago]
        for connection in idle:
            self._drop(connection, "idle")
        self._reaper = asyncio.get_running_loop().call_later(REAP_EVERY_S, self._reap)
