"""What Prometheus knew of each day, kept for longer than it remembers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.infra.postgres.database import Database
from app.infra.postgres.query import Query

# A later question knows more of the same day. Only a Prometheus that has lost its data knows less: what was known to
# have failed is not forgotten with it.
_UPSERT = Query(
    "availability.upsert",
    """INSERT INTO availability_days AS d (slo, day, events, bad_events, unanswered_seconds, recorded_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (slo, day) DO UPDATE
    SET events = greatest(d.events, excluded.events), bad_events = greatest(d.bad_events, excluded.bad_events),
        unanswered_seconds = greatest(d.unanswered_seconds, excluded.unanswered_seconds),
        recorded_at = excluded.recorded_at
    WHERE d.recorded_at < excluded.recorded_at""",
)
_SINCE = Query(
    "availability.since",
    """SELECT day, events, bad_events, unanswered_seconds AS unanswered_s, recorded_at FROM availability_days
    WHERE slo = $1 AND day >= $2 ORDER BY day""",
)
_FIRST = Query("availability.first", "SELECT min(day) AS day FROM availability_days WHERE slo = $1")
_PRUNE = Query("availability.prune", "DELETE FROM availability_days WHERE day < $1")


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC) of an objective.

    Attributes:
        day: the date.
        events: what was counted.
        bad_events: what failed of it.
        unanswered_s: seconds in which nothing answered, planned maintenance left out.
        recorded_at: when this was known; the rest of a day that had not ended then is missing.
    """

    day: date
    events: float
    bad_events: float
    unanswered_s: float
    recorded_at: datetime


class AvailabilityDays:
    """Rows of availability_days."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def upsert(self, slo: str, day: Day) -> None:
        """Keep what is known of a day; what is older than the row, or the same, changes nothing."""
        await self._database.execute(
            _UPSERT, slo, day.day, day.events, day.bad_events, day.unanswered_s, day.recorded_at
        )

    async def since(self, slo: str, first: date) -> Sequence[Day]:
        """The known days from this one on, in their order."""
        return [Day(**dict(row)) for row in await self._database.fetch(_SINCE, slo, first)]

    async def first(self, slo: str) -> date | None:
        """The earliest day that is known."""
        row = await self._database.fetchrow(_FIRST, slo)
        return None if row is None else row["day"]

    async def prune(self, before: date) -> int:
        """Forget what is older than this day; returns how many rows."""
        return await self._database.execute(_PRUNE, before)
