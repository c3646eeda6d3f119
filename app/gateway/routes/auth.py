"""Signing in and out, tokens for the command line, and who one is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.errors import NotSignedInError, TooManyRequestsError
from app.gateway.dependencies import Parts, PartsOf, SessionOf, check_origin
from app.gateway.schemas import Credentials, PasswordChange, TokenRequest
from app.gateway.service.audit_trail import audit_event
from app.gateway.service.sign_in import NewSession, Session

router = APIRouter(prefix="/api/v1")


@router.post("/sign-in")
async def sign_in(payload: Credentials, request: Request, response: Response, parts: PartsOf) -> dict[str, str]:
    """Check a password and set the session cookie."""
    check_origin(request, parts.settings)
    new = await _checked(parts, payload)
    await parts.trail.record([audit_event("sign_in", new.session.person, outcome="ok")])
    response.set_cookie(
        parts.settings.cookie_name,
        new.token,
        max_age=parts.settings.session_lifetime_s,
        path="/",
        secure=parts.settings.secure,
        httponly=True,
        samesite="strict",
    )
    return _me(new.session)


@router.post("/tokens", status_code=201)
async def make_token(payload: TokenRequest, parts: PartsOf) -> dict[str, str]:
    """Check a password and return a token for the command line; it is shown this once."""
    new = await _checked(parts, payload, "token", payload.name)
    await parts.trail.record([audit_event("sign_in", new.session.person, outcome="ok", detail={"token": payload.name})])
    return {"token": new.token, "expires_at": new.session.expires_at.isoformat()}


@router.post("/sign-out", status_code=204)
async def sign_out(response: Response, session: SessionOf, parts: PartsOf) -> None:
    """End this session, and close its WebSockets."""
    await parts.sign_ins.sign_out(session)
    await parts.hub.end_session(session)
    await parts.trail.record([audit_event("sign_out", session.person, outcome="ok")])
    response.delete_cookie(
        parts.settings.cookie_name, path="/", secure=parts.settings.secure, httponly=True, samesite="strict"
    )


@router.get("/me")
async def me(session: SessionOf) -> dict[str, str]:
    """Who is signed in."""
    return _me(session)


@router.post("/me/password", status_code=204)
async def change_password(payload: PasswordChange, session: SessionOf, parts: PartsOf) -> None:
    """Replace one's own password; all other sessions end."""
    await parts.sign_ins.change_password(session, payload.current, payload.new)
    await parts.hub.end_other_sessions(session.person.user_id, session.token_hash)
    await parts.trail.record([audit_event("administration", session.person, verb="change password", outcome="ok")])


async def _checked(parts: Parts, payload: Credentials, kind: str = "browser", label: str = "") -> NewSession:
    """Sign in; what is refused for an account that exists is written down under its name."""
    try:
        return await parts.sign_ins.sign_in(payload.user, payload.password, kind, label)
    except (NotSignedInError, TooManyRequestsError) as error:
        account = await parts.accounts.find(payload.user.strip().lower())
        if account is not None:
            await parts.trail.record(
                [audit_event("sign_in", account.person(), outcome="refused", detail={"code": error.code})]
            )
        raise


def _me(session: Session) -> dict[str, str]:
    person = session.person
    return {
        "user": person.name,
        "display_name": person.display_name,
        "role": person.role.value,
        "session_expires_at": session.expires_at.isoformat(),
    }
