"""Alerts as Alertmanager delivered them: one row per fingerprint and start, however often it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.infra.postgres.database import Database
from app.infra.postgres.query import Query

PAGE = 1000
# A late "firing" never reopens what is resolved: Alertmanager's peers may deliver out of order.
_UPSERT = Query(
    "alerts.upsert",
    """INSERT INTO alerts AS a (fingerprint, starts_at, state, ends_at, labels, annotations)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (fingerprint, starts_at) DO UPDATE
    SET state = excluded.state, ends_at = excluded.ends_at, annotations = excluded.annotations,
        changed_at = clock_timestamp()
    WHERE a.state = 'firing' AND excluded.state = 'resolved'""",
)
_CHANGED = Query(
    "alerts.changed",
    """SELECT fingerprint, starts_at, state, ends_at, labels, annotations, changed_at FROM alerts
    WHERE (changed_at, fingerprint) > ($1, $2) ORDER BY changed_at, fingerprint LIMIT $3""",
)
_NOW = Query("alerts.now", "SELECT clock_timestamp() AS at")
_NEWEST = Query(
    "alerts.newest",
    """SELECT fingerprint, starts_at, state, ends_at, labels, annotations, changed_at FROM alerts
    WHERE state = 'firing' OR changed_at > now() - interval '7 days'
    ORDER BY state = 'firing' DESC, starts_at DESC LIMIT $1""",
)


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """One alert's life: from its start, under one fingerprint."""

    fingerprint: str
    starts_at: datetime
    state: str
    ends_at: datetime | None
    labels: dict[str, str]
    annotations: dict[str, str]
    changed_at: datetime

    @property
    def key(self) -> tuple[str, datetime, str]:
        """What makes a card: the same key is shown once."""
        return self.fingerprint, self.starts_at, self.state

    def to_json(self) -> dict[str, Any]:
        """The Alert of the web chat's protocol."""
        return {
            "fingerprint": self.fingerprint,
            "name": self.labels.get("alertname", "alert"),
            "state": self.state,
            "severity": self.labels.get("severity", "ticket"),
            "summary": self.annotations.get("summary", ""),
            "description": self.annotations.get("description", ""),
            "runbook_url": self.annotations.get("runbook_url", ""),
            "dashboard_url": self.annotations.get("dashboard_url", ""),
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat() if self.ends_at else None,
            "labels": self.labels,
        }


class Alerts:
    """Rows of alerts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def upsert(
        self,
        fingerprint: str,
        starts_at: datetime,
        state: str,
        ends_at: datetime | None,
        labels: dict[str, str],
        annotations: dict[str, str],
    ) -> bool:
        """Store a delivery; True when it is a new alert or a new state."""
        return await self._database.execute(_UPSERT, fingerprint, starts_at, state, ends_at, labels, annotations) == 1

    async def changed_since(self, moment: datetime) -> Sequence[StoredAlert]:
        """All alerts that are new or have changed since a moment of the database's clock, in the order of change."""
        found: list[StoredAlert] = []
        after: tuple[datetime, str] = (moment, "")
        while True:
            page = [StoredAlert(**dict(row)) for row in await self._database.fetch(_CHANGED, *after, PAGE)]
            found += page
            if len(page) < PAGE:
                return found
            after = (page[-1].changed_at, page[-1].fingerprint)

    async def now(self) -> datetime:
        """The present moment by the clock that says when an alert changed."""
        (row,) = await self._database.fetch(_NOW)
        moment: datetime = row["at"]
        return moment

    async def newest(self, most: int) -> Sequence[StoredAlert]:
        """Firing alerts first, then those of the last week; newest first."""
        return [StoredAlert(**dict(row)) for row in await self._database.fetch(_NEWEST, most)]
