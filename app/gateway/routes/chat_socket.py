"""The chat's WebSocket: frames in, events out, one queue per socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, assert_never
from uuid import UUID

import orjson
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.errors import ForbiddenError, KubeChatError, MalformedPayloadError, NotSignedInError, TooManyRequestsError
from app.gateway.dependencies import Parts, get_parts, get_session
from app.gateway.schemas import Cancel, Confirm, Follow, Frame, Say, Stop, Undo, Unfollow, client_frame
from app.gateway.service.sign_in import Session
from app.gateway.service.turn import TurnOutput
from app.telemetry import catalogue
from app.telemetry.http import current_request_id, error_body, request_scope
from app.telemetry.logs import get_logger

QUEUE_LENGTH = 1000  # events a slow browser may lag behind before it is cut off; it reconnects and asks for the rest
MOST_TURNS = 8  # turns of one socket at a time
MOST_TABLES = 4  # that one window keeps current; it asks for the newest one
MOST_SOCKETS = 32  # windows of one person on this replica: more is a script, and scripts have REST
RECHECK_S = 30.0  # a session that ended elsewhere without a broadcast closes its sockets within this
CLOSE_S = 2.0  # a browser that reads nothing does not hold up its own end
CLOSED_SIGNED_OUT = 4401
CLOSED_SLOW = 4408
_log = get_logger(__name__)


async def chat_socket(websocket: WebSocket) -> None:
    """Serve one browser window until it goes away or its session ends."""
    parts = get_parts(websocket)
    try:
        session = await get_session(websocket)
        if parts.hub.count(session.person.user_id) >= MOST_SOCKETS:
            raise TooManyRequestsError("You have too many windows open; close one and reload.", code="too_many_windows")
    except KubeChatError as error:
        await _refuse(websocket, parts, error)
        return
    await websocket.accept()
    await _ChatSocket(websocket, session, parts).serve()


async def _refuse(websocket: WebSocket, parts: Parts, error: KubeChatError) -> None:
    """Answer the handshake with the error's status and sentence."""
    parts.instruments.counter(catalogue.WEBSOCKETS_REFUSED).labels(error.code).inc()
    parts.instruments.counter(catalogue.ERRORS).labels(error.code).inc()
    request_id = current_request_id()
    headers = [(b"content-type", b"application/json"), (b"x-request-id", request_id.encode())]
    await websocket.send({"type": "websocket.http.response.start", "status": error.status, "headers": headers})
    await websocket.send({"type": "websocket.http.response.body", "body": error_body(error, request_id)})


class _ChatSocket:
    """One open socket: a reader, a writer, and the turns under way."""

    def __init__(self, websocket: WebSocket, session: Session, parts: Parts) -> None:
        self.session = session
        self._websocket = websocket
        self._parts = parts
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(QUEUE_LENGTH)
        self._turns: dict[UUID, asyncio.Task[None]] = {}
        self._said: set[UUID] = set()
        self._tables: dict[UUID, asyncio.Task[None]] = {}
        self._ended = asyncio.Event()
        self._messages = parts.instruments.counter(catalogue.WEBSOCKET_MESSAGES)
        self._close_code = 1000
        self._close_reason = ""

    def offer(self, event: dict[str, Any]) -> None:
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._finish(CLOSED_SLOW, "This window could not keep up; it will reconnect.")

    def end(self, reason: str) -> None:
        self._finish(CLOSED_SIGNED_OUT, reason)

    def _finish(self, code: int, reason: str) -> None:
        # Not through the queue: a browser that does not read would keep it from being heard, and could go on asking.
        if not self._ended.is_set():
            self._close_code, self._close_reason = code, reason
            self._ended.set()

    async def serve(self) -> None:
        """Run until either side closes."""
        self._parts.hub.join(self)
        self.offer(self._hello())
        works: dict[str, Coroutine[Any, Any, object]] = {
            "read": self._read(),
            "write": self._write(),
            "recheck": self._recheck(),
            "end": self._ended.wait(),
        }
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(work, name=f"socket-{name}") for name, work in works.items()
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._parts.hub.leave(self)
            # Reads of a person who left are cancelled; a confirmed plan runs on by itself.
            tasks += [*self._turns.values(), *self._tables.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._websocket.application_state is WebSocketState.CONNECTED:
                with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                    async with asyncio.timeout(CLOSE_S):
                        await self._websocket.close(self._close_code, self._close_reason)

    def _hello(self) -> dict[str, Any]:
        engine = self._parts.engine
        return {
            "type": "hello",
            "user": self.session.person.name,
            "display_name": self.session.person.display_name,
            "role": self.session.person.role.value,
            "clusters": list(engine.cluster_names),
            "cluster": engine.current_cluster,
            "namespace": engine.default_namespace(engine.current_cluster),
            "language": self._parts.language.available,
            "alerts": self._parts.alerts.firing,
        }

    async def _write(self) -> None:
        while True:
            event = await self._queue.get()
            self._messages.labels("out", event["type"]).inc()
            try:
                await self._websocket.send_text(orjson.dumps(event).decode())
            except (WebSocketDisconnect, RuntimeError):
                return

    async def _recheck(self) -> None:
        """End with the session, also where its end was not broadcast."""
        token = self._websocket.cookies.get(self._parts.settings.cookie_name, "")
        authorization = self._websocket.headers.get("authorization", "")
        token = authorization.partition(" ")[2].strip() or token
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                # What a person may do counts from here on in this window too.
                before, self.session = self.session.person, await self._parts.sign_ins.find(token)
                if self.session.person != before:
                    # What is shown under the rights of before ends; a confirmed plan asks for itself at each request.
                    for turn in self._turns.values():
                        turn.cancel()
                    changed = ForbiddenError("What you may do has changed; ask again.", code="rights_changed")
                    for table in list(self._tables):
                        self._let_go(table)
                        self._tell_over(table, changed)
            except NotSignedInError as error:
                self.end(error.message)
            except KubeChatError as error:
                _log.debug("session not rechecked", code=error.code)

    async def _read(self) -> None:
        while True:
            try:
                text = await self._websocket.receive_text()
            except (WebSocketDisconnect, RuntimeError):
                return
            except KeyError:
                self._tell(MalformedPayloadError("Messages are JSON in text frames; this one was binary."))
                continue
            try:
                frame = client_frame.validate_json(text)
            except ValidationError:
                self._messages.labels("in", "malformed").inc()
                self._tell(MalformedPayloadError("This message is not one that the chat understands; reload the page."))
                continue
            self._messages.labels("in", frame.type).inc()
            self._start(frame)

    def _start(self, frame: Frame) -> None:
        if isinstance(frame, Follow):
            if frame.id not in self._tables and len(self._tables) < MOST_TABLES:
                task = asyncio.create_task(self._follow(frame), name=f"table-{frame.id}")
                self._tables[frame.id] = task
                task.add_done_callback(lambda _: self._tables.pop(frame.id, None))
            return
        if isinstance(frame, Unfollow):
            self._let_go(frame.id)
            return
        if isinstance(frame, Stop):
            # A confirmed plan cannot be stopped, and nobody is told that it was.
            if frame.turn in self._said:
                self._turns[frame.turn].cancel()
            return
        if frame.id in self._turns:
            return
        if len(self._turns) >= MOST_TURNS:
            self._tell(MalformedPayloadError("Too many requests at once; wait for an answer.", code="too_many_turns"))
            return
        task = asyncio.create_task(self._take_turn(frame), name=f"turn-{frame.id}")
        self._turns[frame.id] = task
        if isinstance(frame, Say):
            self._said.add(frame.id)
        task.add_done_callback(lambda _: self._forget(frame.id))

    def _let_go(self, table: UUID) -> None:
        task = self._tables.get(table)
        if task is not None:
            task.cancel()

    async def _follow(self, frame: Follow) -> None:
        """Tell what changes in a table, until the window lets it go."""
        of = {"type": "live", "id": str(frame.id)}
        with request_scope():
            try:
                reason = await self._parts.live.run(
                    self.session.person,
                    frame.command,
                    frame.cluster,
                    frame.namespace,
                    frame.view,
                    lambda body: self.offer(of | body),
                )
                self.offer(of | {"ended": reason, "message": ""})
            except KubeChatError as error:
                self._tell_over(frame.id, error)

    def _tell_over(self, table: UUID, error: KubeChatError) -> None:
        self.offer({"type": "live", "id": str(table), "ended": error.code, "message": error.message})

    def _forget(self, turn: UUID) -> None:
        self._turns.pop(turn, None)
        self._said.discard(turn)

    async def _take_turn(self, frame: Say | Confirm | Cancel | Undo) -> None:
        """Answer under a request id of the turn's own: the socket's says nothing of which message it was."""
        with request_scope():
            await self._answer(frame)

    async def _answer(self, frame: Say | Confirm | Cancel | Undo) -> None:
        person, chat = self.session.person, self._parts.chat

        async def deliver(event: dict[str, Any]) -> None:
            event["chat_session"] = str(frame.chat_session)
            await self._parts.hub.to_person(person.user_id, event)

        output = TurnOutput(frame.id, deliver)
        work: Awaitable[None]
        match frame:
            case Say():
                work = chat.say(person, frame.chat_session, frame.text, output)
            case Confirm():
                work = chat.confirm(person, frame.chat_session, frame.plan, frame.digest, frame.typed, output)
            case Cancel():
                work = chat.cancel(person, frame.chat_session, frame.plan, output)
            case Undo():
                work = chat.undo(person, frame.chat_session, frame.plan, output)
            case _:
                assert_never(frame)
        await work

    def _tell(self, error: KubeChatError) -> None:
        self._parts.instruments.counter(catalogue.ERRORS).labels(error.code).inc()
        self.offer(
            {
                "type": "error",
                "turn": None,
                "code": error.code,
                "message": error.message,
                "request_id": current_request_id(),
                "retryable": error.retryable,
            }
        )
