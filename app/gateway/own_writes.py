"""Nobody misses what they just wrote: the browser keeps how far the database was after its last change.

A short-lived cookie carries the position in the write-ahead log from an answer that changed something to the reads that
follow, whichever replica of ours gets them. It is no secret and grants nothing: whoever forges it reads from the
primary, or what a replica has. A command line keeps no cookies; what it reads comes from the primary.
"""

from __future__ import annotations

import asyncio
import math
from http.cookies import SimpleCookie

from starlette.requests import HTTPConnection

from app.errors import KubeChatError
from app.infra.postgres.position import EVERYTHING, Position, read_position
from app.infra.postgres.replicas import LOOK_EVERY_S, Replicas
from app.telemetry.http import App, Message, Receive, Scope, Send
from slo.promises import REPLICA_LAG_S

COOKIE = "kubechat_written"
ASKED_FOR_S = 0.5  # the answer to a change waits no longer for it
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# By then every replica in rotation has what was written: twice what it may be behind, and what it may get behind
# between two looks.
KEPT_S = math.ceil(2 * (REPLICA_LAG_S.number + LOOK_EVERY_S))


def read_after(connection: HTTPConnection) -> Position | None:
    """What a read of this request has to include; None when the person changed nothing lately."""
    if connection.headers.get("authorization"):
        return EVERYTHING
    kept = connection.cookies.get(COOKIE)
    if kept is None:
        return None
    try:
        return read_position(kept)
    except ValueError:
        return EVERYTHING


class OwnWritesMiddleware:
    """Adds the cookie to answers of requests that changed something.

    Args:
        app: the application.
        replicas: know how far the primary is.
        secure: whether people reach us by TLS.
    """

    def __init__(self, app: App, *, replicas: Replicas, secure: bool) -> None:
        self._app = app
        self._replicas = replicas
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not self._replicas or scope["type"] != "http" or scope["method"] in _READING:
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                message["headers"] = [*message.get("headers", ()), (b"set-cookie", await self._cookie())]
            await send(message)

        await self._app(scope, receive, answer)

    async def _cookie(self) -> bytes:
        try:
            async with asyncio.timeout(ASKED_FOR_S):
                written = await self._replicas.written()
        except (KubeChatError, TimeoutError):
            written = EVERYTHING  # the change is done all the same
        cookie = SimpleCookie({COOKIE: str(written)})
        morsel = cookie[COOKIE]
        morsel["max-age"], morsel["path"], morsel["httponly"], morsel["samesite"] = KEPT_S, "/api", True, "Strict"
        if self._secure:
            morsel["secure"] = True
        return morsel.OutputString().encode("ascii")
