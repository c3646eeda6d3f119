"""What the gateway tells the audit service, and how nothing of it gets lost.

Events are committed by the audit service before the turn they belong to is done. While that service is away they are
kept in PostgreSQL and delivered later, up to a bound. Intents take no such way: without an audit service there is no
change.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from app.domain.identities import Person
from app.errors import BusyError, KubeChatError
from app.gateway.clients.audit import AuditClient
from app.gateway.store.outbox import Outbox
from app.infra.ids import new_id
from app.telemetry import catalogue
from app.telemetry.http import current_request_id
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.tracing import current_trace_id

OUTBOX_LIMIT = 100_000  # about 100 MB: hours of reads without an audit service, then reads are refused as well
RETRY_AFTER_S = 1.0  # while the audit service is away it is asked once a second, not by every turn
BATCH = 500
BATCH_BYTES = 2**19  # half of what the audit service reads as one request
_log = get_logger(__name__)


def audit_event(
    kind: str,
    person: Person,
    *,
    session_id: UUID | None = None,
    cluster: str = "",
    namespace: str = "",
    verb: str = "",
    resource: str = "",
    name: str = "",
    command: str = "",
    intent_id: UUID | None = None,
    plan_digest: str | None = None,
    outcome: str | None = None,
    detail: dict[str, Any] | None = None,
    request_id: str = "",
    trace_id: str = "",
) -> dict[str, Any]:
    """An event in the shape of docs/architecture.md, with a fresh id and the present time, request and trace."""
    return {
        "event_id": str(new_id()),
        "timestamp": datetime.now(UTC).isoformat(timespec="microseconds"),
        "kind": kind,
        "user_id": str(person.user_id),
        "user_name": person.name,
        "session_id": str(session_id) if session_id else None,
        "request_id": request_id or current_request_id(),
        "trace_id": trace_id or current_trace_id(),
        "cluster": cluster,
        "namespace": namespace,
        "verb": verb,
        "resource": resource,
        "name": name,
        "command": command,
        "intent_id": str(intent_id) if intent_id else None,
        "plan_digest": plan_digest,
        "outcome": outcome,
        "detail": detail or {},
    }


class AuditTrail:
    """Records events, at once or through the outbox.

    Args:
        client: the audit service.
        outbox: where events wait while it is away.
        instruments: where waiting and lost events are counted.
    """

    def __init__(self, client: AuditClient, outbox: Outbox, instruments: Instruments) -> None:
        self.client = client
        self._outbox = outbox
        self._waiting = instruments.gauge(catalogue.AUDIT_SPOOL)
        self._dropped = instruments.counter(catalogue.AUDIT_SPOOL_DROPPED)
        self._away_until = 0.0
        self._kept = 0

    async def record(self, events: Sequence[dict[str, Any]]) -> bool:
        """Make events durable; True when the audit service has them, False when they wait in the outbox.

        Raises:
            BusyError: the outbox is full.
            KubeChatError: neither the audit service nor the database takes them; the events are counted as dropped.
        """
        if not events:
            return True
        if time.monotonic() >= self._away_until:
            try:
                await self.client.record(events)
            except KubeChatError as error:
                if error.retryable:
                    self._away_until = time.monotonic() + RETRY_AFTER_S
                _log.warning("audit service does not take events, they are kept", events=len(events), code=error.code)
            else:
                return True
        if self._kept >= OUTBOX_LIMIT:
            self._dropped.inc(len(events))
            raise BusyError(
                "The audit service has been away for too long; nothing is run until it is back.", code="audit_away"
            )
        try:
            await self._outbox.add(events)
        except KubeChatError:
            self._dropped.inc(len(events))
            raise
        self._kept += len(events)
        self._waiting.set(self._kept)
        return False

    async def deliver(self) -> None:
        """Send what waits in the outbox, oldest first, until it is empty or the audit service is away."""
        self._kept = await self._outbox.count()
        self._waiting.set(self._kept)
        while self._kept:
            events = _fitting(await self._outbox.oldest(BATCH))
            if not events:
                break
            try:
                await self.client.record(events)
            except KubeChatError as error:
                if not error.retryable:
                    await self._deliver_singly(events)
                    return
                self._away_until = time.monotonic() + RETRY_AFTER_S
                _log.warning("audit service is still away", waiting=self._kept, code=error.code)
                return
            await self._forget(events)

    async def _deliver_singly(self, events: Sequence[dict[str, Any]]) -> None:
        """One event that the audit service refuses for its form must not keep all others from it."""
        for event in events:
            try:
                await self.client.record([event])
            except KubeChatError as error:
                if error.retryable:
                    return
                _log.error("audit event is refused, it stays here", event_id=event["event_id"], code=error.code)
            else:
                await self._forget([event])

    async def _forget(self, events: Sequence[dict[str, Any]]) -> None:
        await self._outbox.remove(events)
        self._kept = max(0, self._kept - len(events))
        self._waiting.set(self._kept)


def _fitting(events: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The first events that one request may hold together; never none of some."""
    size_bytes = 0
    for number, event in enumerate(events):
        size_bytes += len(orjson.dumps(event)) + 1
        if number and size_bytes > BATCH_BYTES:
            return events[:number]
    return events
