"""Searching the audit log: administrators see everyone, others see themselves."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from app.domain.identities import Role
from app.gateway.dependencies import PartsOf, SessionOf
from app.gateway.service.audit_trail import audit_event

router = APIRouter(prefix="/api/v1")
FILTERS = ("user", "kind", "cluster", "namespace", "verb", "text", "since", "until", "limit", "cursor")


@router.get("/audit/events")
async def search_events(request: Request, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """A page of audit events, newest first."""
    filters = {name: value for name in FILTERS if (value := request.query_params.get(name))}
    if session.person.role is not Role.ADMIN:
        filters["user"] = str(session.person.user_id)
    elif filters.get("user") != session.person.name:
        # Looking at others is itself an event, each page of it.
        await parts.trail.record(
            [audit_event("administration", session.person, verb="search audit", outcome="ok", detail=dict(filters))]
        )
    return await parts.trail.client.search(filters)
