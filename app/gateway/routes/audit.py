"""Searching the audit log: administrators see everyone, others see themselves."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from app.gateway.dependencies import PartsOf, SessionOf
from app.gateway.service.audit_search import search_as

router = APIRouter(prefix="/api/v1")
FILTERS = ("user", "kind", "cluster", "namespace", "verb", "text", "since", "until", "limit", "cursor")


@router.get("/audit/events")
async def search_events(request: Request, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """A page of audit events, newest first."""
    filters = {name: value for name in FILTERS if (value := request.query_params.get(name))}
    return await search_as(parts.trail, session.person, filters)
