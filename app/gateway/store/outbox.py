"""Audit events that wait for the audit service, so that a read is audited even while that service is away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.infra.postgres.database import Database
from app.infra.postgres.query import Query

_ADD = Query(
    "outbox.add",
    """INSERT INTO audit_outbox (event_id, event) SELECT * FROM unnest($1::uuid[], $2::jsonb[])
    ON CONFLICT DO NOTHING""",
)
_OLDEST = Query("outbox.oldest", "SELECT event_id, event FROM audit_outbox ORDER BY created_at LIMIT $1")
_REMOVE = Query("outbox.remove", "DELETE FROM audit_outbox WHERE event_id = ANY($1)")
_COUNT = Query("outbox.count", "SELECT count(*) AS n FROM audit_outbox")


class Outbox:
    """Rows of audit_outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, events: Sequence[dict[str, Any]]) -> None:
        """Keep events; durable when this returns. One that is kept already changes nothing."""
        await self._database.execute(_ADD, [UUID(event["event_id"]) for event in events], list(events))

    async def oldest(self, most: int) -> list[dict[str, Any]]:
        """The events that have waited longest."""
        return [row["event"] for row in await self._database.fetch(_OLDEST, most)]

    async def remove(self, events: Sequence[dict[str, Any]]) -> None:
        """Forget events that the audit service has."""
        await self._database.execute(_REMOVE, [UUID(event["event_id"]) for event in events])

    async def count(self) -> int:
        """How many wait."""
        row = await self._database.fetchrow(_COUNT)
        return int(row["n"]) if row else 0
