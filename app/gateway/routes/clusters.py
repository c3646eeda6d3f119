"""The clusters one may speak to; administrators add and remove some."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.domain.identities import Role
from app.errors import ForbiddenError
from app.gateway.dependencies import PartsOf, SessionOf
from app.gateway.schemas import NewCluster
from app.gateway.service.sign_in import Session

router = APIRouter(prefix="/api/v1")


@router.get("/clusters")
async def list_clusters(session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """Every cluster with its version, state and health, and the namespaces this person may list."""
    clusters = await parts.engine.describe_clusters(lambda name: parts.policy.identity(session.person, name))
    return {"current": parts.engine.current_cluster, "clusters": clusters}


@router.post("/clusters", status_code=201)
async def add_cluster(payload: NewCluster, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """Add a cluster by a kubeconfig; it is tried first, and its credentials are given out to nobody again."""
    _require_admin(session)
    return await parts.added_clusters.add(session.person, payload.name, payload.kubeconfig, payload.context)


@router.delete("/clusters/{name}", status_code=204)
async def remove_cluster(name: str, session: SessionOf, parts: PartsOf) -> None:
    """Forget a cluster that was added."""
    _require_admin(session)
    await parts.added_clusters.remove(session.person, name)


def _require_admin(session: Session) -> None:
    if session.person.role is not Role.ADMIN:
        raise ForbiddenError("Only an administrator may add and remove clusters.", code="not_an_administrator")
