"""Accounts, for administrators."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.domain.identities import Role
from app.errors import ForbiddenError, NotFoundError
from app.gateway.dependencies import PartsOf, ReadAfter, SessionOf
from app.gateway.schemas import NewGroups, NewPassword, NewUser
from app.gateway.service.audit_trail import audit_event
from app.gateway.service.sign_in import Session
from app.infra.ids import new_id

router = APIRouter(prefix="/api/v1/users")


@router.get("")
async def list_users(session: SessionOf, parts: PartsOf, after: ReadAfter) -> dict[str, list[dict[str, Any]]]:
    """All accounts, without anything about their passwords."""
    _require_admin(session)
    return {
        "users": [
            {
                "name": account.name,
                "email": account.email,
                "display_name": account.display_name,
                "role": account.role,
                "groups": list(account.groups),
                "disabled": account.disabled,
            }
            for account in await parts.accounts.all(after)
        ]
    }


@router.post("", status_code=201)
async def add_user(payload: NewUser, session: SessionOf, parts: PartsOf) -> dict[str, str]:
    """Create an account."""
    _require_admin(session)
    name = payload.name.lower()
    password_hash = await parts.sign_ins.hash_password(payload.password)
    email = None if payload.email is None else payload.email.lower()
    groups = sorted(set(payload.groups))
    given: dict[str, Any] = {"role": payload.role, "groups": groups, **({} if email is None else {"email": email})}
    await _record(parts, session, "add user", name, **given)
    await parts.accounts.add(
        new_id(), name, payload.display_name or payload.name, payload.role, password_hash, email=email, groups=groups
    )
    return {"name": name, "role": payload.role}


@router.put("/{name}/groups")
async def set_groups(name: str, payload: NewGroups, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """Replace a person's groups: they count from the next request on, and in open windows within half a minute."""
    _require_admin(session)
    account = await parts.accounts.find(name.lower())
    if account is None:
        raise NotFoundError(f'There is no account named "{name}".', code="account_not_found")
    groups = sorted(set(payload.groups))
    await _record(parts, session, "set groups", account.name, groups=groups, before=list(account.groups))
    await parts.sign_ins.set_groups(account.user_id, groups)
    return {"name": account.name, "groups": groups}


@router.put("/{name}/password", status_code=204)
async def set_password(name: str, payload: NewPassword, session: SessionOf, parts: PartsOf) -> None:
    """Set another person's password; all their sessions end."""
    _require_admin(session)
    account = await parts.accounts.find(name.lower())
    if account is None:
        raise NotFoundError(f'There is no account named "{name}".', code="account_not_found")
    password_hash = await parts.sign_ins.hash_password(payload.password)
    await _record(parts, session, "set password", account.name)
    await parts.sign_ins.set_password(account.user_id, password_hash, kept=session.token_hash)
    await parts.hub.end_other_sessions(account.user_id, session.token_hash)


async def _record(parts: PartsOf, session: Session, verb: str, name: str, **detail: Any) -> None:
    """Administration is recorded before it is done."""
    await parts.trail.record(
        [audit_event("administration", session.person, verb=verb, resource="users", name=name, detail=dict(detail))]
    )


def _require_admin(session: Session) -> None:
    if session.person.role is not Role.ADMIN:
        raise ForbiddenError("Only an administrator may see and change accounts.", code="not_an_administrator")
