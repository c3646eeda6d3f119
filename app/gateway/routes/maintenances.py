"""Planned maintenance: everyone sees it, administrators declare and end it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.gateway.dependencies import PartsOf, ReadAfter, SessionOf
from app.gateway.schemas import NewMaintenance

router = APIRouter(prefix="/api/v1/maintenances")


@router.get("")
async def list_maintenances(_: SessionOf, parts: PartsOf, after: ReadAfter) -> dict[str, list[dict[str, Any]]]:
    """The present one, those to come and those of the last 90 days."""
    return {"maintenances": await parts.maintenance.listing(after)}


@router.post("", status_code=201)
async def declare_maintenance(payload: NewMaintenance, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """Declare one: while it lasts, failures are not counted against any objective."""
    declared = await parts.maintenance.declare(session.person, payload.starts_at, payload.ends_at, payload.reason)
    return await parts.maintenance.shown(declared)


@router.post("/{maintenance_id}/end")
async def end_maintenance(maintenance_id: UUID, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """End one now, or cancel it before it begins."""
    return await parts.maintenance.shown(await parts.maintenance.end(session.person, maintenance_id))
