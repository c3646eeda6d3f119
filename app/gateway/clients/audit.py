"""The gateway's side of the audit service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.infra.http import ServiceClient

INTENT_TIMEOUT_S = 2.0  # a change waits no longer than this for its record; then it is refused
EVENTS_TIMEOUT_S = 2.0
SEARCH_TIMEOUT_S = 10.0


class AuditClient:
    """Calls the audit service. Every write carries its own id, so it may be sent again, and to another replica."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def record(self, events: Sequence[dict[str, Any]]) -> None:
        """Store events; returns once they are committed.

        Raises:
            UnavailableError, BusyError, DeadlineExceededError: they may be stored or not; send them again.
        """
        await self._client.call(
            "record", "POST", "/v1/events", json={"events": list(events)}, timeout_s=EVENTS_TIMEOUT_S, repeatable=True
        )

    async def open_intent(
        self, intent_id: UUID, *, plan_id: UUID, step: int, digest: str, deadline: datetime, event: dict[str, Any]
    ) -> None:
        """Store an intent; the change may be sent only after this returned.

        Raises:
            ConflictError: the plan's step has another intent.
            UnavailableError, BusyError, DeadlineExceededError: it may be stored or not; nothing may be sent.
        """
        body = {
            "intent_id": str(intent_id),
            "plan_id": str(plan_id),
            "step": step,
            "digest": digest,
            "deadline": deadline.isoformat(),
            "event": event,
        }
        await self._client.call(
            "open_intent", "POST", "/v1/intents", json=body, timeout_s=INTENT_TIMEOUT_S, repeatable=True
        )

    async def search(self, filters: dict[str, str]) -> dict[str, Any]:
        """A page of events, newest first: `{"events": […], "next": cursor or None}`."""
        reply = await self._client.call(
            "search", "GET", "/v1/events", params=filters, timeout_s=SEARCH_TIMEOUT_S, repeatable=True
        )
        return dict(reply.body)
