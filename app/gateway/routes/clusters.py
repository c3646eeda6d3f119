"""The clusters one may speak to."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.gateway.dependencies import PartsOf, SessionOf

router = APIRouter(prefix="/api/v1")


@router.get("/clusters")
async def list_clusters(session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """Every cluster with its version and state, and the namespaces this person may list."""
    clusters = await parts.engine.describe_clusters(lambda name: parts.policy.identity(session.person, name))
    return {"current": parts.engine.current_cluster, "clusters": clusters}
