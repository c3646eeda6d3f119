"""Planned maintenance: what was declared, by whom, and what was ended before its time.

No two that are not over overlap. All comparisons with the present moment are made by the database's clock, so that
every replica tells the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.infra.postgres.database import Database
from app.infra.postgres.position import Position, Reader
from app.infra.postgres.query import Query

PAGE = 500
_COLUMNS = "maintenance_id, starts_at, ends_at, reason, declared_by, declared_by_name, created_at, ended_at"
_NOW = Query("maintenances.now", "SELECT clock_timestamp() AS at")
# Two that are declared at once would not see each other: the second waits for the first's commit.
_LOCK = Query("maintenances.lock", "LOCK TABLE maintenances IN SHARE ROW EXCLUSIVE MODE")
_OVERLAPPING = Query(
    "maintenances.overlapping",
    f"""SELECT {_COLUMNS} FROM maintenances
    WHERE ended_at IS NULL AND ends_at > now() AND starts_at < $2 AND ends_at > $1 ORDER BY starts_at LIMIT 1""",  # noqa: S608 - columns are a constant
)
_ADD = Query(
    "maintenances.add",
    """INSERT INTO maintenances (maintenance_id, starts_at, ends_at, reason, declared_by, declared_by_name)
    VALUES ($1, $2, $3, $4, $5, $6)""",
)
_FIND = Query("maintenances.find", f"SELECT {_COLUMNS} FROM maintenances WHERE maintenance_id = $1")  # noqa: S608 - as above
_END = Query(
    "maintenances.end",
    f"""UPDATE maintenances SET ended_at = now()
    WHERE maintenance_id = $1 AND ended_at IS NULL AND ends_at > now() RETURNING {_COLUMNS}""",  # noqa: S608 - as above
)
_NOT_OVER = Query(
    "maintenances.not_over",
    f"SELECT {_COLUMNS} FROM maintenances WHERE ended_at IS NULL AND ends_at > now() ORDER BY starts_at",  # noqa: S608 - as above
)
_RECENT = Query(
    "maintenances.recent",
    f"""SELECT {_COLUMNS} FROM maintenances WHERE coalesce(ended_at, ends_at) > now() - make_interval(days => $1)
    ORDER BY starts_at DESC LIMIT $2""",  # noqa: S608 - as above
)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """One planned maintenance; `ended_at` is when a person ended it before its time."""

    maintenance_id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str
    declared_by: UUID
    declared_by_name: str
    created_at: datetime
    ended_at: datetime | None

    def state(self, now: datetime) -> str:
        """`coming`, `present`, `over`, or `cancelled` before it began."""
        if self.ended_at is not None:
            return "over" if self.ended_at > self.starts_at else "cancelled"
        if self.ends_at <= now:
            return "over"
        return "present" if self.starts_at <= now else "coming"

    def to_json(self, now: datetime) -> dict[str, Any]:
        """As the REST interface gives it."""
        return {
            "id": str(self.maintenance_id),
            "state": self.state(now),
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "reason": self.reason,
            "declared_by": self.declared_by_name,
            "declared_at": self.created_at.isoformat(),
        }


class Maintenances:
    """Rows of maintenances.

    Args:
        database: the primary.
        reads: answers what may be read from a replica; the primary where there is none.
    """

    def __init__(self, database: Database, reads: Reader | None = None) -> None:
        self._database = database
        self._reads = reads or database

    async def now(self) -> datetime:
        """The present moment by the clock that says what is over."""
        (row,) = await self._database.fetch(_NOW)
        moment: datetime = row["at"]
        return moment

    async def overlapping(self, starts_at: datetime, ends_at: datetime) -> Maintenance | None:
        """One that is not over and shares time with this span, or None; the ends may touch."""
        row = await self._database.fetchrow(_OVERLAPPING, starts_at, ends_at)
        return None if row is None else Maintenance(**dict(row))

    async def add(
        self,
        maintenance_id: UUID,
        starts_at: datetime,
        ends_at: datetime,
        reason: str,
        declared_by: UUID,
        declared_by_name: str,
    ) -> Maintenance | None:
        """Store one; None once it is stored, else the one that it overlaps with."""
        async with self._database.transaction() as connection:
            await connection.execute(_LOCK)
            row = await connection.fetchrow(_OVERLAPPING, starts_at, ends_at)
            if row is not None:
                return Maintenance(**dict(row))
            await connection.execute(_ADD, maintenance_id, starts_at, ends_at, reason, declared_by, declared_by_name)
            return None

    async def find(self, maintenance_id: UUID) -> Maintenance | None:
        """The one of this id."""
        row = await self._database.fetchrow(_FIND, maintenance_id)
        return None if row is None else Maintenance(**dict(row))

    async def end(self, maintenance_id: UUID) -> Maintenance | None:
        """End it now; None when it is over already."""
        row = await self._database.fetchrow(_END, maintenance_id)
        return None if row is None else Maintenance(**dict(row))

    async def not_over(self) -> Sequence[Maintenance]:
        """The present one, and those to come, in their order."""
        return [Maintenance(**dict(row)) for row in await self._database.fetch(_NOT_OVER)]

    async def recent(self, days: int, after: Position | None = None) -> Sequence[Maintenance]:
        """Those that are not over, and those that ended within the last days; latest start first.

        Args:
            days: how long ago one may have ended.
            after: what was written up to here is among them.
        """
        return [Maintenance(**dict(row)) for row in await self._reads.fetch(_RECENT, days, PAGE, after=after)]
