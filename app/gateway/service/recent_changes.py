"""What a diagnosis is told of our own audit: changes that went through KubeChat, as far as a person may look there.

An administrator sees everybody's, and that they looked is an event of its own, as where they search. Everyone else sees
their own. Without the audit service a diagnosis goes on without this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.commands.reading.ages import moment
from app.domain.diagnosis.diagnose import RecentChanges
from app.domain.diagnosis.findings import AuditedChange
from app.domain.identities import Person
from app.errors import KubeChatError
from app.gateway.service.audit_search import search_as
from app.gateway.service.audit_trail import AuditTrail
from app.telemetry.logs import get_logger

LATELY = timedelta(days=2)  # an older change has mostly shown by now what it does
MOST_CHANGES = 50
DEADLINE_S = 2.0  # a diagnosis does not wait longer for what only rounds it off
_log = get_logger(__name__)


class RecentlyChanged:
    """Looks changes up.

    Args:
        trail: the audit trail.
        now: the clock.
    """

    def __init__(self, trail: AuditTrail, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._trail = trail
        self._now = now

    def known_to(self, person: Person) -> RecentChanges:
        """What this person may know, by cluster and namespace; nothing where the audit service does not answer."""

        async def search(cluster: str, namespace: str) -> list[AuditedChange]:
            filters = {
                "kind": "outcome",
                "cluster": cluster,
                "since": (self._now() - LATELY).isoformat(),
                "limit": str(MOST_CHANGES),
                **({"namespace": namespace} if namespace else {}),
            }
            try:
                async with asyncio.timeout(DEADLINE_S):
                    found = await search_as(self._trail, person, filters, purpose="diagnose")
            except KubeChatError as error:
                _log.warning("diagnosed without the audit", code=error.code)
                return []
            except TimeoutError:
                _log.warning("diagnosed without the audit", code="timeout")
                return []
            return [change for event in found.get("events") or () if (change := _change(event)) is not None]

        return search


def _change(event: dict[str, Any]) -> AuditedChange | None:
    at = moment(event.get("timestamp"))
    if at is None or event.get("outcome") != "applied":
        return None
    return AuditedChange(
        at,
        str(event.get("user_name") or ""),
        str(event.get("command") or ""),
        str(event.get("namespace") or ""),
        str(event.get("resource") or ""),
        str(event.get("name") or ""),
    )
