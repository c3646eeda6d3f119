"""A gateway that speaks the web chat's protocol and answers from a script.

It exists so that the pages can be seen and tested without a stack: no cluster, no database, no language. What it answers
is fixed, hostile where that is the point; what it was told is kept for the tests to look at. It is no model of the
gateway's behaviour beyond the protocol of docs/architecture.md.

By hand: `python -m tests.browser.webchat.scripted_gateway 8090`, then sign in as admin with the password "correct horse".
"""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
import socket
import sys
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.browser.webchat.scripted_answers import AUDIT_EVENTS, CLUSTERS, answers_to
from tests.browser.webchat.scripted_promises import promises

DIST = Path(__file__).resolve().parents[3] / "app" / "web" / "dist"
PASSWORD = "correct horse"
FOLLOWED = "kubectl logs deployment/web -f -n shop"
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
Event = dict[str, Any]


class ScriptedGateway:
    """The state behind the routes; the methods without a leading underscore may be called from another thread."""

    def __init__(self) -> None:
        self.received: list[Event] = []
        self.preview_lifetime = timedelta(minutes=5)
        self.hold_outcomes = False
        self.deaf_answers = False
        self.tokens: set[str] = set()
        self.alerts: dict[str, Event] = {}
        self.promises: Any = promises()
        self.promises_asked = 0
        self.loads: list[Event] = []
        self._followed: dict[str, str] = {}
        self._chats: dict[str, Event] = {}
        self._messages: dict[str, list[Event]] = defaultdict(list)
        self._sockets: set[WebSocket] = set()
        self._plans: dict[str, tuple[str, Event]] = {}
        self._refusing = False
        self._loop: asyncio.AbstractEventLoop | None = None

    # What tests do to it.

    def said(self) -> list[Event]:
        """The messages received, each as often as it came."""
        return [frame for frame in self.received if frame["type"] == "say"]

    def of_type(self, kind: str) -> list[Event]:
        """The frames of one type received."""
        return [frame for frame in self.received if frame["type"] == kind]

    def chats(self) -> list[Event]:
        """The conversations there are."""
        return list(self._chats.values())

    def drop_connections(self) -> None:
        """Close every WebSocket, as a restart would."""
        self._in_loop(self._close_all)

    def refuse_connections(self, *, refusing: bool) -> None:
        """Let no WebSocket in, and close those that are, until told otherwise."""
        self._refusing = refusing
        if refusing:
            self.drop_connections()

    def end_sessions(self) -> None:
        """Forget every sign-in."""
        self.tokens.clear()
        self.drop_connections()

    def tell_everyone(self, event: Event) -> None:
        """Send an event to every socket."""
        if event["type"] == "alert":
            alert = event["alert"]
            self.alerts[alert["fingerprint"]] = alert

        async def send() -> None:
            await self._send_all(event)

        self._in_loop(send)

    def finish(self, plan: str, state: str = "applied", text: str = "web: 3 → 5 replicas") -> None:
        """Tell the end of a confirmed plan that is held back."""
        chat, _ = self._plans[plan]

        async def send() -> None:
            await self._emit(chat, str(uuid4()), _outcome(plan, state, text))

        self._in_loop(send)

    def _in_loop(self, work: Callable[[], Any]) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work(), self._loop).result(5)

    # Routes.

    def app(self) -> Starlette:
        """The application."""
        api = "/api/v1"
        routes = [
            Route(f"{api}/sign-in", self._sign_in, methods=["POST"]),
            Route(f"{api}/sign-out", self._signed_in(self._sign_out), methods=["POST"]),
            Route(f"{api}/me", self._signed_in(self._me)),
            Route(f"{api}/me/password", self._signed_in(self._password), methods=["POST"]),
            Route(f"{api}/clusters", self._signed_in(self._clusters)),
            Route(f"{api}/alerts", self._signed_in(self._alerts)),
            Route(f"{api}/audit/events", self._signed_in(self._audit)),
            Route(f"{api}/promises", self._signed_in(self._promises)),
            Route(f"{api}/web-load", self._signed_in(self._web_load), methods=["POST"]),
            Route(f"{api}/chat-sessions", self._signed_in(self._chat_sessions), methods=["GET", "POST"]),
            Route(f"{api}/chat-sessions/{{id}}", self._signed_in(self._chat_session), methods=["PATCH", "DELETE"]),
            Route(f"{api}/chat-sessions/{{id}}/messages", self._signed_in(self._history)),
            WebSocketRoute(f"{api}/chat", self._socket),
            Route("/{path:path}", _static),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> Any:
        self._loop = asyncio.get_running_loop()
        yield

    def _signed_in(self, handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Any]:
        async def guarded(request: Request) -> Response:
            if request.cookies.get("kubechat_session") not in self.tokens:
                return _error(401, "not_signed_in", "You are not signed in.")
            return await handler(request)

        return guarded

    async def _sign_in(self, request: Request) -> Response:
        payload = await request.json()
        if payload["password"] != PASSWORD:
            return _error(401, "wrong_credentials", "The name or the password is wrong.")
        token = uuid4().hex
        self.tokens.add(token)
        response = JSONResponse(_me())
        response.set_cookie("kubechat_session", token, httponly=True, samesite="strict")
        return response

    async def _sign_out(self, request: Request) -> Response:
        self.tokens.discard(request.cookies["kubechat_session"])
        return Response(status_code=204)

    async def _me(self, _: Request) -> Response:
        return JSONResponse(_me())

    async def _password(self, request: Request) -> Response:
        payload = await request.json()
        if payload["current"] != PASSWORD:
            return _error(400, "wrong_password", "The current password is wrong.")
        return Response(status_code=204)

    async def _clusters(self, _: Request) -> Response:
        return JSONResponse({"current": "prod-eu", "clusters": CLUSTERS})

    async def _alerts(self, _: Request) -> Response:
        return JSONResponse({"alerts": list(self.alerts.values())})

    async def _audit(self, request: Request) -> Response:
        user = request.query_params.get("user")
        start, limit = int(request.query_params.get("cursor", 0)), int(request.query_params.get("limit", 50))
        found = [event for event in AUDIT_EVENTS if user in {None, event["user_name"]}]
        more = str(start + limit) if start + limit < len(found) else None
        return JSONResponse({"events": found[start : start + limit], "next": more})

    async def _promises(self, _: Request) -> Response:
        self.promises_asked += 1
        if self.promises is None:
            return _error(503, "not_ready", "KubeChat is starting; this page asks again.")
        return JSONResponse(self.promises)

    async def _web_load(self, request: Request) -> Response:
        self.loads.append(await request.json())
        return Response(status_code=204)

    async def _chat_sessions(self, request: Request) -> Response:
        if request.method == "GET":
            newest = sorted(self._chats.values(), key=lambda chat: str(chat["updated_at"]), reverse=True)
            return JSONResponse({"sessions": newest})
        chat = {"id": str(uuid4()), "title": "", "cluster": "prod-eu", "namespace": "shop"}
        chat |= {"created_at": _now(), "updated_at": _now()}
        self._chats[chat["id"]] = chat
        return JSONResponse(chat, status_code=201)

    async def _chat_session(self, request: Request) -> Response:
        chat_id = request.path_params["id"]
        if chat_id not in self._chats:
            return _error(404, "chat_session_not_found", "There is no such conversation; start a new one.")
        if request.method == "DELETE":
            del self._chats[chat_id]
        else:
            self._chats[chat_id] |= await request.json()
        return Response(status_code=204)

    async def _history(self, request: Request) -> Response:
        chat_id = request.path_params["id"]
        if chat_id not in self._chats:
            return _error(404, "chat_session_not_found", "There is no such conversation; start a new one.")
        messages = self._messages[chat_id]
        limit = int(request.query_params.get("limit", 200))
        if "after" in request.query_params:
            after = int(request.query_params["after"])
            return JSONResponse({"messages": [m for m in messages if m["seq"] > after][:limit], "next": None})
        before = int(request.query_params.get("before", 2**62))
        page = [m for m in messages if m["seq"] < before][-limit:]
        more = page[0]["seq"] if page and page[0]["seq"] > 1 else None
        return JSONResponse({"messages": page, "next": more})

    # The WebSocket.

    async def _socket(self, websocket: WebSocket) -> None:
        if self._refusing or websocket.cookies.get("kubechat_session") not in self.tokens:
            await websocket.close()
            return
        await websocket.accept()
        self._sockets.add(websocket)
        firing = [alert for alert in self.alerts.values() if alert["state"] == "firing"]
        hello = {"type": "hello", **_me(), "clusters": [cluster["name"] for cluster in CLUSTERS]}
        hello |= {"cluster": "prod-eu", "namespace": "shop", "language": True, "alerts": firing}
        try:
            await websocket.send_json(hello)
            while True:
                await self._take(await websocket.receive_json())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self._sockets.discard(websocket)

    async def _take(self, frame: Event) -> None:
        self.received.append(frame)
        if frame["type"] == "stop":
            await self._stop(str(frame["turn"]))
            return
        chat, turn = str(frame["chat_session"]), str(frame["id"])
        UUID(turn)
        await self._send_all({"type": "turn", "turn": turn, "chat_session": chat, "state": "started", **_ids()})
        if frame["type"] == "say" and frame["text"] == FOLLOWED:
            await self._follow(chat, turn)
            return
        if frame["type"] == "say":
            await self._say(chat, turn, frame["text"])
        elif frame["type"] == "cancel":
            await self._emit(chat, turn, _outcome(frame["plan"], "cancelled", "Cancelled; nothing was changed."))
        else:
            await self._confirm(chat, turn, frame)
            if self.hold_outcomes:
                return
        done = {"type": "turn", "turn": turn, "chat_session": chat, "state": "done", "duration_s": 0.084, **_ids()}
        await self._send_all(done)

    async def _say(self, chat: str, turn: str, text: str) -> None:
        earlier = [message for message in self._messages[chat] if message["turn"] == turn]
        if earlier:
            for message in earlier[1:]:
                await self._send_all({**message["event"], "turn": turn, "chat_session": chat})
            return
        self._store(chat, turn, "person", {"type": "say", "turn": turn, "text": text})
        if not self._chats[chat]["title"]:
            self._chats[chat]["title"] = text[:60]
        for event in answers_to(text, self.preview_lifetime):
            if event["type"] == "preview":
                self._plans[event["plan"]] = (chat, event)
            await self._emit(chat, turn, event)

    async def _follow(self, chat: str, turn: str) -> None:
        """An output that grows until it is stopped."""
        self._store(chat, turn, "person", {"type": "say", "turn": turn, "text": FOLLOWED})
        self._followed[turn] = chat
        of = {"type": "chunk", "turn": turn, "chat_session": chat, "command": FOLLOWED, "cluster": "prod-eu"}
        for chunk in ({"text": "", "notes": "Found 3 pods\n"}, {"text": "GET /one\n", "notes": ""}):
            await self._send_all({**of, **chunk})

    async def _stop(self, turn: str) -> None:
        chat = self._followed.pop(turn)
        output = {"type": "output", "command": FOLLOWED, "cluster": "prod-eu", "language": "log", "truncated": False}
        await self._emit(chat, turn, {**output, "text": "GET /one\nGET /two\n", "notes": "Found 3 pods\n", "status": 0})
        done = {"type": "turn", "turn": turn, "chat_session": chat, "state": "done", "duration_s": 1.0, "stopped": True}
        await self._send_all({**done, **_ids()})

    async def _confirm(self, chat: str, turn: str, frame: Event) -> None:
        plan = frame["plan"]
        _, preview = self._plans[plan]
        if preview["typed_name"] is not None and frame.get("typed") != preview["typed_name"]:
            sentence = f'Type "{preview["typed_name"]}" to confirm.'
            error = {"type": "error", "code": "wrong_name", "message": sentence, "retryable": False, **_ids()}
            await self._send_all({**error, "turn": turn, "chat_session": chat})
            return
        progress = {"type": "progress", "plan": plan, "step": 0, "text": preview["steps"][0]["summary"]}
        await self._send_all({**progress, "turn": turn, "chat_session": chat})
        if not self.hold_outcomes:
            await self._emit(chat, turn, _outcome(plan, "applied", preview["steps"][0]["summary"]))

    async def _emit(self, chat: str, turn: str, event: Event) -> None:
        if event["type"] != "progress":
            self._store(chat, turn, "kubechat", {**event, "turn": turn})
        await self._send_all({**event, "turn": turn, "chat_session": chat})

    def _store(self, chat: str, turn: str, role: str, event: Event) -> None:
        messages = self._messages[chat]
        messages.append({"seq": len(messages) + 1, "turn": turn, "at": _now(), "role": role, "event": event})

    async def _send_all(self, event: Event) -> None:
        if self.deaf_answers:
            return
        for websocket in tuple(self._sockets):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await websocket.send_json(event)

    async def _close_all(self) -> None:
        for websocket in tuple(self._sockets):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await websocket.close(1012)


@contextlib.contextmanager
def serving(gateway: ScriptedGateway) -> Iterator[str]:
    """Serve it on a free port of loopback from a thread of its own; gives its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # before the thread runs, so that nobody is turned away
    config = uvicorn.Config(gateway.app(), log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        gateway.drop_connections()
        server.should_exit = True
        thread.join(5)
        listener.close()


async def _static(request: Request) -> Response:
    path = (DIST / request.path_params["path"]).resolve()
    if not path.is_file() or not path.is_relative_to(DIST):
        path = DIST / "index.html"
    cached = "no-cache" if path.name == "index.html" else "public, max-age=31536000, immutable"
    headers = {"content-security-policy": POLICY, "x-content-type-options": "nosniff", "cache-control": cached}
    return Response(path.read_bytes(), media_type=mimetypes.guess_type(path.name)[0], headers=headers)


def _me() -> Event:
    ends = datetime.now(UTC) + timedelta(hours=24)
    return {"user": "admin", "display_name": "Ada", "role": "admin", "session_expires_at": ends.isoformat()}


def _error(status: int, code: str, message: str) -> Response:
    body = {"code": code, "message": message, "request_id": "req-7f3a9c", "retryable": False}
    return JSONResponse({"error": body}, status_code=status)


def _outcome(plan: str, state: str, text: str) -> Event:
    events = [] if state == "cancelled" else ["0193a1f0-7c1e-7d2a-9b1e-2f6a8c1d4e90"]
    return {"type": "outcome", "plan": plan, "state": state, "text": text, "events": events}


def _ids() -> Event:
    return {"request_id": "req-7f3a9c", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}


def _now() -> str:
    return datetime.now(UTC).isoformat()


if __name__ == "__main__":
    uvicorn.run(ScriptedGateway().app(), host="127.0.0.1", port=int(sys.argv[1]), ws="websockets-sansio")
