"""Caches, for administrators: what they hold, and to clear them on every replica."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.domain.identities import Role
from app.errors import ForbiddenError, NotFoundError, UnavailableError
from app.gateway.dependencies import Parts, PartsOf, SessionOf
from app.gateway.schemas import CacheToClear
from app.gateway.service.audit_trail import audit_event
from app.gateway.service.sign_in import CACHE as SESSIONS
from app.gateway.service.sign_in import Session

router = APIRouter(prefix="/api/v1/caches")


@router.get("")
async def list_caches(session: SessionOf, parts: PartsOf) -> dict[str, list[dict[str, Any]]]:
    """The caches of the replica that answers."""
    _require_admin(session)
    return {
        "caches": [
            {"name": state.name, "ttl_seconds": state.ttl_s, "entries": state.entries, "bytes": state.bytes}
            for state in parts.caches.states()
        ]
    }


@router.post("/clear")
async def clear_caches(payload: CacheToClear, session: SessionOf, parts: PartsOf) -> dict[str, list[str]]:
    """Drop everything of one cache, or of all, on every replica; recorded before it is done.

    Raises:
        NotFoundError: there is no cache of this name.
        UnavailableError: Redis does not answer: the other replicas could not be told, or sessions are cached still.
    """
    _require_admin(session)
    await parts.trail.record(
        [audit_event("administration", session.person, verb="clear cache", resource="caches", name=payload.name or "")]
    )
    known = sorted([SESSIONS, *parts.invalidations.names])
    if payload.name is not None and payload.name not in known:
        raise NotFoundError(f"There is no such cache; there are {', '.join(known)}.", code="cache_not_found")
    if payload.name == SESSIONS:
        await parts.sign_ins.clear_cached()
        return {"cleared": [SESSIONS]}
    if payload.name is not None:
        return {"cleared": await parts.invalidations.clear(payload.name)}
    return {"cleared": sorted([SESSIONS, *await _clear_all(parts)])}


async def _clear_all(parts: Parts) -> list[str]:
    try:
        names = await parts.invalidations.clear(None)
    except UnavailableError:
        # Sessions are tried all the same: a Redis Cluster may be away in part.
        try:
            await parts.sign_ins.clear_cached()
        except UnavailableError as exc:
            raise UnavailableError(
                "Only the replica that answered has cleared its caches, and sign-in sessions are cached still, because "
                "Redis does not answer; clear them again when Redis is back.",
                code="cleared_here_only",
            ) from exc
        raise
    await parts.sign_ins.clear_cached()
    return names


def _require_admin(session: Session) -> None:
    if session.person.role is not Role.ADMIN:
        raise ForbiddenError("Only an administrator may see and clear caches.", code="not_an_administrator")
