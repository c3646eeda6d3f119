"""The clusters one may speak to; administrators add and remove some."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.domain.identities import Role
from app.errors import ForbiddenError
from app.gateway.dependencies import Parts, PartsOf, SessionOf
from app.gateway.schemas import Kubeconfig, NewCluster
from app.gateway.service.added_clusters import contexts_of
from app.gateway.service.sign_in import Session

router = APIRouter(prefix="/api/v1")
LONGEST_NAME = 63  # of a cluster; what is longer in the address is none


@router.get("/clusters")
async def list_clusters(session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """Every cluster with its version, state and health, whether it can be removed, and the namespaces one may list."""
    clusters = await parts.engine.describe_clusters(lambda name: parts.policy.identity(session.person, name))
    added = parts.added_clusters.names
    return {
        "current": parts.engine.current_cluster,
        "clusters": [each | {"added": each["name"] in added} for each in clusters],
    }


@router.post("/clusters", status_code=201)
async def add_cluster(payload: NewCluster, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """Add a cluster by a kubeconfig; it is tried first, and its credentials are given out to nobody again."""
    await _require_admin(session, parts, "add cluster", payload.name)
    return await parts.added_clusters.add(session.person, payload.name, payload.kubeconfig, payload.context)


@router.post("/clusters/contexts")
async def list_contexts(payload: Kubeconfig, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """What a kubeconfig offers to be added, without its credentials; nothing is tried and nothing kept."""
    await _require_admin(session, parts, "read kubeconfig", "")
    return contexts_of(payload.kubeconfig)


@router.delete("/clusters/{name}", status_code=204)
async def remove_cluster(name: str, session: SessionOf, parts: PartsOf) -> None:
    """Forget a cluster that was added."""
    await _require_admin(session, parts, "remove cluster", name)
    await parts.added_clusters.remove(session.person, name)


async def _require_admin(session: Session, parts: Parts, what: str, name: str) -> None:
    if session.person.role is Role.ADMIN:
        return
    error = ForbiddenError("Only an administrator may add and remove clusters.", code="not_an_administrator")
    await parts.refusals.record(session.person, error, f"{what} {name}".strip(), cluster=name[:LONGEST_NAME])
    raise error
