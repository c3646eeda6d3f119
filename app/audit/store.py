"""The audit service's rows: one transaction per batch, keyset pages for searches.

The only module of the service that knows SQL. It decides nothing about what may be stored; it says what was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import asyncpg

from app.audit.entries import Event, Intent, Position, Search
from app.infra.postgres.connection import Connection
from app.infra.postgres.database import Database
from app.infra.postgres.query import Query

# Sorted by id: transactions of several replicas then wait for each other in one order only, and never in a circle.
_ADD_EVENTS = Query(
    "audit.add_events",
    """INSERT INTO audit_events (event_id, timestamp, kind, user_id, user_name, session_id, request_id, trace_id,
        cluster, namespace, verb, resource, name, command, intent_id, plan_digest, outcome, detail)
    SELECT event_id, timestamp, kind, user_id, user_name, session_id, request_id, trace_id,
        cluster, namespace, verb, resource, name, command, intent_id, plan_digest, outcome, detail::jsonb
    FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::uuid[], $16::text[],
        $17::text[], $18::text[])
        AS given (event_id, timestamp, kind, user_id, user_name, session_id, request_id, trace_id,
            cluster, namespace, verb, resource, name, command, intent_id, plan_digest, outcome, detail)
    ORDER BY event_id
    ON CONFLICT DO NOTHING
    RETURNING event_id""",
)
_ADD_INTENTS = Query(
    "audit.add_intents",
    """INSERT INTO intents (intent_id, plan_id, step, digest, deadline, event_id)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::timestamptz[], $6::uuid[])
        AS given (intent_id, plan_id, step, digest, deadline, event_id)
    ORDER BY plan_id, step, intent_id
    ON CONFLICT DO NOTHING
    RETURNING intent_id""",
)
_STORED_INTENTS = Query(
    "audit.stored_intents", "SELECT intent_id, plan_id, step, digest FROM intents WHERE intent_id = ANY($1::uuid[])"
)
# The first outcome stands, but what evidence shows later takes the place of "unknown".
_CLOSE_INTENTS = Query(
    "audit.close_intents",
    """UPDATE intents SET outcome = given.outcome, closed_at = now(), outcome_event_id = given.event_id
    FROM (
        SELECT DISTINCT ON (intent_id) intent_id, outcome, event_id
        FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS sent (intent_id, outcome, event_id)
        ORDER BY intent_id, outcome = 'unknown', event_id
    ) AS given
    WHERE intents.intent_id = given.intent_id
        AND (intents.outcome IS NULL OR intents.outcome = 'unknown' AND given.outcome <> 'unknown')""",
)
# A commit that writes nothing waits for nothing. What was found stored already may have been committed a moment ago by
# somebody who did not live to hear that it is safe; this write makes our own commit wait for theirs.
_WRITE_SOMETHING = Query("audit.write_something", "SELECT pg_logical_emit_message(true, 'kubechat_audit', '')")
_OPEN_INTENTS = Query(
    "audit.open_intents",
    """SELECT intent_id, plan_id, step, digest, deadline, opened_at, event_id FROM intents
    WHERE outcome IS NULL AND deadline < $1
    ORDER BY deadline, intent_id LIMIT $2""",
)
_COUNT_OVERDUE = Query(
    "audit.count_overdue",
    """SELECT count(*) AS n FROM (
        SELECT FROM intents WHERE outcome IS NULL AND deadline < now() LIMIT 10000
    ) AS overdue""",
)
_SEARCH = Query(
    "audit.search",
    """SELECT event_id, timestamp, kind, user_id, user_name, session_id, request_id, trace_id,
        cluster, namespace, verb, resource, name, command, intent_id, plan_digest, outcome, detail
    FROM audit_events
    WHERE ($1::uuid IS NULL OR user_id = $1)
        AND ($2::text IS NULL OR user_name = $2)
        AND ($3::text IS NULL OR kind = $3)
        AND ($4::text IS NULL OR cluster = $4)
        AND ($5::text IS NULL OR namespace = $5)
        AND ($6::text IS NULL OR verb = $6)
        AND ($7::text IS NULL OR command ILIKE $7)
        AND ($8::timestamptz IS NULL OR timestamp >= $8)
        AND ($9::timestamptz IS NULL OR timestamp < $9)
        AND ($10::timestamptz IS NULL OR (timestamp, event_id) < ($10, $11::uuid))
    ORDER BY timestamp DESC, event_id DESC
    LIMIT $12""",
)
MOST_OPEN_INTENTS = 500
_event_row = attrgetter(*(field.name for field in fields(Event)))
_intent_row = attrgetter("intent_id", "plan_id", "step", "digest", "deadline", "event.event_id")


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch came to.

    Attributes:
        events: ids that were not there before.
        intents: ids that were not there before.
        conflicts: ids of intents that were not stored, because the plan's step has another one or the id stands for
            another step.
    """

    events: set[UUID]
    intents: set[UUID]
    conflicts: set[UUID]


class AuditStore:
    """Rows of audit_events and intents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, events: Sequence[Event], intents: Sequence[Intent]) -> Stored:
        """Store a batch in one transaction; returns once its commit is as safe as the server can make it.

        Intents come first; the event of one that conflicts is left out. Outcomes close their intents. Events that are
        stored already are left as they are.

        Args:
            events: the events, beside those of the intents.
            intents: the intents, no id and no step of a plan twice.

        Raises:
            UnavailableError, DeadlineExceededError, BusyError: stored or not, nobody knows; the same batch may be sent
                again.
            InternalError, InvalidInputError: the database refuses a row of it; nothing is stored.
        """
        async with self._database.transaction(durable=True) as transaction:
            opened, conflicts = await _add_intents(transaction, intents) if intents else (set[UUID](), set[UUID]())
            theirs = [intent.event for intent in intents if intent.intent_id not in conflicts]
            wanted = list({event.event_id: event for event in (*theirs, *events)}.values())
            added: set[UUID] = set()
            if wanted:
                rows = await transaction.fetch(_ADD_EVENTS, *zip(*map(_event_row, wanted), strict=True))
                added = {row["event_id"] for row in rows}
                await _close_intents(transaction, wanted)
            if len(added) < len(wanted):
                await transaction.fetchrow(_WRITE_SOMETHING)
        return Stored(added, opened, conflicts)

    async def search(
        self, search: Search, after: Position | None, most: int, *, within_s: float
    ) -> list[dict[str, Any]]:
        """Events, newest first.

        Args:
            search: which ones.
            after: where the last page ended.
            most: how many at most.
            within_s: the server gives up after this time.

        Raises:
            DeadlineExceededError: it took longer than that.
        """
        async with self._database.transaction(timeout_s=within_s) as transaction:
            rows = await transaction.fetch(
                _SEARCH,
                search.user_id,
                search.user_name,
                search.kind,
                search.cluster,
                search.namespace,
                search.verb,
                None if search.text is None else f"%{_escape_like(search.text)}%",
                search.since,
                search.until,
                after.timestamp if after else None,
                after.event_id if after else None,
                most,
            )
        return [dict(row) for row in rows]

    async def open_intents(self, before: datetime) -> list[dict[str, Any]]:
        """Intents without an outcome whose deadline is before a time, oldest first, up to `MOST_OPEN_INTENTS`."""
        return [dict(row) for row in await self._database.fetch(_OPEN_INTENTS, before, MOST_OPEN_INTENTS)]

    async def count_overdue_intents(self) -> int:
        """How many intents have passed their deadline without an outcome; counts no further than 10,000."""
        row = await self._database.fetchrow(_COUNT_OVERDUE)
        return int(row["n"]) if row else 0


async def _add_intents(transaction: Connection, intents: Sequence[Intent]) -> tuple[set[UUID], set[UUID]]:
    rows = await transaction.fetch(_ADD_INTENTS, *zip(*map(_intent_row, intents), strict=True))
    opened = {row["intent_id"] for row in rows}
    left = [intent for intent in intents if intent.intent_id not in opened]
    if not left:
        return opened, set()
    stored = await transaction.fetch(_STORED_INTENTS, [intent.intent_id for intent in left])
    same = {_identity(row) for row in stored}
    conflicts = {
        intent.intent_id
        for intent in left
        if (intent.intent_id, intent.plan_id, intent.step, intent.digest) not in same
    }
    return opened, conflicts


def _identity(row: asyncpg.Record) -> tuple[UUID, UUID, int, str]:
    return row["intent_id"], row["plan_id"], row["step"], row["digest"]


async def _close_intents(transaction: Connection, events: Sequence[Event]) -> None:
    outcomes = [event for event in events if event.kind == "outcome" and event.intent_id is not None]
    if outcomes:
        await transaction.execute(
            _CLOSE_INTENTS,
            [event.intent_id for event in outcomes],
            [event.outcome for event in outcomes],
            [event.event_id for event in outcomes],
        )


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
