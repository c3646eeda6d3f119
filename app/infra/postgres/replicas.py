"""Reads that replicas answer: in turn, while they are healthy and not too far behind, else the primary.

A reader never misses their own writes: a read may name a position in the write-ahead log that its answer has to
include, and only a replica that was seen there answers it. Nothing is written here; whoever writes uses the primary.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from app.errors import BusyError, DeadlineExceededError, InternalError, KubeChatError, UnavailableError
from app.infra.postgres import driver
from app.infra.postgres.database import Database
from app.infra.postgres.position import Position, read_position
from app.infra.postgres.query import Query
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from slo.promises import REPLICA_LAG_S

LOOK_EVERY_S = 1.0  # what a reader wrote less than this ago is read from the primary
LOOK_TIMEOUT_S = 1.0
# A replica that hangs costs one reader this much; the primary answers then, and the next look takes the replica out.
READ_TIMEOUT_S = 1.5
_REMEMBERED_S = 30.0  # how long it is known where the primary was
# Of what a read raises, this says nothing against the replica: its schema is a moment behind, or our own pool is full.
_PASSED_OVER = (BusyError, InternalError)
_GONE = (UnavailableError, DeadlineExceededError, TimeoutError)
_log = get_logger(__name__)

_WHERE = Query(
    "replicas.where", "SELECT pg_is_in_recovery() AS in_recovery, pg_last_wal_replay_lsn()::text AS replayed"
)
_WRITTEN = Query("replicas.written", "SELECT pg_current_wal_lsn()::text AS written")


@dataclass(slots=True)
class _Replica:
    database: Database
    healthy: bool = False
    replayed: Position = field(default_factory=lambda: Position(0))


class Replicas:
    """The read replicas of one primary.

    Args:
        primary: answers what no replica can.
        replicas: the pools of the replicas; none is fine.
        instruments: where reads, lag and rotation are measured.
    """

    def __init__(self, primary: Database, replicas: Sequence[Database], instruments: Instruments) -> None:
        self._primary = primary
        self._replicas = [_Replica(database) for database in replicas]
        self._next = 0
        self._positions: deque[tuple[float, Position]] = deque()  # when the primary's log ended where
        reads = instruments.counter(catalogue.POSTGRES_READS)
        self._served = {each.name: reads.labels(each.name, "turn") for each in replicas}
        self._fell_back = {why: reads.labels(primary.name, why) for why in ("own_writes", "none_fit", "failed")}
        self._rotation = instruments.gauge(catalogue.REPLICA_IN_ROTATION)
        self._lag = instruments.gauge(catalogue.REPLICA_LAG)
        for each in replicas:
            self._rotation.labels(each.name).set(0)

    def __bool__(self) -> bool:
        return bool(self._replicas)

    async def fetch(self, query: Query, *args: Any, after: Position | None = None) -> list[asyncpg.Record]:
        """All rows of a query that only reads.

        Args:
            query: what to read.
            args: its parameters.
            after: the answer has to include what was written up to here; None for whatever a replica has.

        Raises:
            KubeChatError: as the primary does.
        """
        fit = [each for each in self._replicas if each.healthy]
        current = [each for each in fit if after is None or each.replayed >= after]
        for replica in self._in_turn(current):
            try:
                async with asyncio.timeout(READ_TIMEOUT_S):
                    rows = await replica.database.fetch(query, *args)
            except _PASSED_OVER:
                continue
            except _GONE as error:
                self._take_out(replica, type(error).__name__)
                continue
            self._served[replica.database.name].inc()
            return rows
        why = "failed" if current else "own_writes" if fit else "none_fit"
        self._fell_back[why].inc()
        return await self._primary.fetch(query, *args)

    async def fetchrow(self, query: Query, *args: Any, after: Position | None = None) -> asyncpg.Record | None:
        """The first row of a query that only reads, or None; otherwise as `fetch`."""
        rows = await self.fetch(query, *args, after=after)
        return rows[0] if rows else None

    async def written(self) -> Position:
        """Where the primary's log ends now: after everything that was committed before this call."""
        row = await self._primary.fetchrow(_WRITTEN)
        assert row is not None
        return read_position(row["written"])

    async def watch(self) -> None:
        """Look at the primary and at every replica again and again, until cancelled; ends for no fault of theirs."""
        while True:
            await self._look_at_primary()
            ends = await asyncio.gather(*(self._look(each) for each in self._replicas), return_exceptions=True)
            for replica, end in zip(self._replicas, ends, strict=True):
                if isinstance(end, Exception):
                    _log.error("replica cannot be judged", replica=replica.database.name, exc_info=end)
                    self._take_out(replica, type(end).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def close(self) -> None:
        """Close the replicas' pools."""
        for replica in self._replicas:
            await replica.database.close()

    def _in_turn(self, replicas: list[_Replica]) -> list[_Replica]:
        """Beginning with the next one: what fails there is tried on one other before the primary is asked."""
        if not replicas:
            return []
        self._next += 1
        first = self._next % len(replicas)
        return (replicas[first:] + replicas[:first])[:2]

    async def _look_at_primary(self) -> None:
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                written = await self.written()
        except (KubeChatError, TimeoutError):
            return  # what was known of it holds: who does not answer writes nothing
        now = driver.now()
        if self._positions and written < self._positions[-1][1]:
            self._positions.clear()  # another primary, or one that was restored: its log began anew
        self._positions.append((now, written))
        while self._positions[0][0] < now - _REMEMBERED_S:
            self._positions.popleft()

    async def _look(self, replica: _Replica) -> None:
        name = replica.database.name
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                await replica.database.open_like(self._primary)
                row = await replica.database.fetchrow(_WHERE)
        except (BusyError, *_GONE) as error:
            # A pool that is full of work that gets done says nothing against the replica.
            if not replica.database.answered_within(LOOK_TIMEOUT_S):
                self._take_out(replica, type(error).__name__)
            return
        if row is None or not row["in_recovery"] or row["replayed"] is None:
            # One that was promoted says what the primary does not say; one that has replayed nothing says nothing.
            self._take_out(replica, "not a replica that follows")
            return
        replica.replayed = read_position(row["replayed"])
        behind_s = self._behind_s(replica.replayed)
        if behind_s is None:
            self._take_out(replica, "not known to follow")
            return
        self._lag.labels(name).set(behind_s)
        if behind_s > REPLICA_LAG_S.number:
            self._take_out(replica, "too far behind")
            return
        if not replica.healthy:
            _log.info("replica answers reads", replica=name)
        replica.healthy = True
        self._rotation.labels(name).set(1)

    def _behind_s(self, replayed: Position) -> float | None:
        """How long ago the primary was where a replica is now, by our own clock; None when that is not known.

        A replica that is cut off has replayed all it received, and its own clock is not the primary's: neither of them
        is asked.
        """
        if not self._positions:
            return None
        newest_at, _ = self._positions[-1]
        reached = [at for at, position in self._positions if position <= replayed]
        if reached:
            return newest_at - reached[-1]
        oldest_at, _ = self._positions[0]
        return newest_at - oldest_at if newest_at - oldest_at > REPLICA_LAG_S.number else None

    def _take_out(self, replica: _Replica, why: str) -> None:
        if replica.healthy:
            _log.warning("replica answers no reads", replica=replica.database.name, why=why)
        replica.healthy = False
        self._rotation.labels(replica.database.name).set(0)
