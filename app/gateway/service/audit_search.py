"""Searching the audit log as somebody: administrators see everyone, all others see themselves.

That an administrator looked at others is an event of its own, each page of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.identities import Person, Role
from app.gateway.service.audit_trail import AuditTrail, audit_event


async def search_as(
    trail: AuditTrail, person: Person, filters: Mapping[str, str], *, purpose: str = ""
) -> dict[str, Any]:
    """A page of events, newest first: `{"events": […], "next": cursor or None}`.

    Args:
        trail: the audit trail.
        person: who looks.
        filters: as `GET /v1/events` of the audit service takes them.
        purpose: what it is looked up for, where nobody typed a search.

    Raises:
        KubeChatError: the audit service does not answer, or does not take a filter.
    """
    if person.role is not Role.ADMIN:
        return await trail.client.search({**filters, "user": str(person.user_id)})
    if filters.get("user") != person.name:
        detail = {**filters, **({"for": purpose} if purpose else {})}
        await trail.record([audit_event("administration", person, verb="search audit", outcome="ok", detail=detail)])
    return await trail.client.search(dict(filters))
