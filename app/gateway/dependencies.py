"""What routes are given: the gateway's parts, and who is asking.

The parts are made in the composition root's lifespan. A cookie is honoured only from our own origin when the request
changes something; a command line's token carries no ambient authority and needs no origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.domain.commands.engine import Engine
from app.domain.policy.policy import Policy
from app.errors import ForbiddenError, NotSignedInError
from app.gateway.own_writes import read_after
from app.gateway.service.added_clusters import AddedClusters
from app.gateway.service.alerts import AlertFeed
from app.gateway.service.approvals import Approvals
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.changes import Changes
from app.gateway.service.chat import ChatService
from app.gateway.service.fan_out import FanOut
from app.gateway.service.hub import Hub
from app.gateway.service.invalidations import Invalidations
from app.gateway.service.language import Language
from app.gateway.service.live import LiveTables
from app.gateway.service.maintenance import PlannedMaintenance
from app.gateway.service.models import ModelAnswers
from app.gateway.service.promises import Promises
from app.gateway.service.reads import Reads
from app.gateway.service.refusals import Refusals
from app.gateway.service.sign_in import Session, SignIns
from app.gateway.service.streams import Streams
from app.gateway.service.web_loads import WebLoads
from app.gateway.settings import GatewaySettings
from app.gateway.store.accounts import Accounts
from app.gateway.store.chats import Chats
from app.infra.cache.caches import Caches
from app.infra.postgres.position import Position
from app.telemetry.instruments import Instruments

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the routes use, made once per process."""

    settings: GatewaySettings
    added_clusters: AddedClusters
    instruments: Instruments
    accounts: Accounts
    caches: Caches
    invalidations: Invalidations
    sign_ins: SignIns
    chats: Chats
    chat: ChatService
    changes: Changes
    engine: Engine
    reads: Reads
    fan_out: FanOut
    streams: Streams
    language: Language
    live: LiveTables
    trail: AuditTrail
    alerts: AlertFeed
    approvals: Approvals
    hub: Hub
    maintenance: PlannedMaintenance
    models: ModelAnswers
    policy: Policy
    promises: Promises
    refusals: Refusals
    web_loads: WebLoads


def get_parts(connection: HTTPConnection) -> Parts:
    """The process' parts."""
    parts = connection.app.state.parts
    assert isinstance(parts, Parts)
    return parts


def check_origin(connection: HTTPConnection, settings: GatewaySettings) -> None:
    """Refuse what another site's page sends with our cookie.

    Raises:
        ForbiddenError: the Origin is missing or is not ours.
    """
    origin = connection.headers.get("origin")
    if origin == settings.public_url:
        return
    # On this machine the same server has several names (localhost, 127.0.0.1, a forwarded port).
    if origin and not settings.secure and urlsplit(origin).netloc == connection.headers.get("host"):
        return
    raise ForbiddenError("This request comes from another site and was refused.", code="foreign_origin")


async def get_session(connection: HTTPConnection) -> Session:
    """The live session of a request or WebSocket, by bearer token or cookie.

    Raises:
        NotSignedInError: there is none.
        ForbiddenError: it came with a cookie from another origin.
    """
    parts = get_parts(connection)
    authorization = connection.headers.get("authorization", "")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotSignedInError("The Authorization header is not a bearer token.")
        return await parts.sign_ins.find(token.strip())
    if connection.scope["type"] == "websocket" or connection.scope.get("method") not in SAFE_METHODS:
        check_origin(connection, parts.settings)
    token = connection.cookies.get(parts.settings.cookie_name, "")
    if not token:
        raise NotSignedInError("You are not signed in; sign in first.")
    return await parts.sign_ins.find(token)


PartsOf = Annotated[Parts, Depends(get_parts)]
ReadAfter = Annotated[Position | None, Depends(read_after)]
SessionOf = Annotated[Session, Depends(get_session)]
