"""kubectl lines from a terminal whose output grows: one JSON object per line, until it ends or nobody listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from app.domain.commands.model.command import Command
from app.domain.commands.model.streaming import streams
from app.domain.commands.parser import parse_aside
from app.domain.commands.results import Chunk
from app.errors import ForbiddenError, InvalidInputError, KubeChatError, NotSignedInError
from app.gateway.dependencies import Parts, PartsOf, SessionOf, get_session
from app.gateway.schemas import CommandLine
from app.gateway.service.sign_in import Session
from app.gateway.service.streams import StreamEnd
from app.telemetry.http import current_request_id, set_operation_class
from app.telemetry.logs import get_logger
from slo.operation_class import OperationClass

MEDIA_TYPE = "application/x-ndjson"
WAITING_CHUNKS = 16  # told and not yet taken; a terminal that reads nothing holds up its own stream alone
RECHECK_S = 30.0  # a session that was ended ends what it follows within this, as it ends a window of the chat
_log = get_logger(__name__)
router = APIRouter(prefix="/api/v1")


@router.post("/commands/stream")
async def stream_command(
    request: Request, payload: CommandLine, session: SessionOf, parts: PartsOf
) -> StreamingResponse:
    """Follow an output: lines `{"text", "notes"}`, and at last `{"end", "status"}` or `{"error", "message", …}`."""
    set_operation_class(request.scope, OperationClass.STREAM)
    engine = parts.engine
    cluster = payload.cluster or engine.current_cluster
    namespace = payload.namespace or engine.default_namespace(cluster)
    try:
        command = await parse_aside(payload.line, cluster=cluster, namespace=namespace, clusters=engine.cluster_names)
    except KubeChatError as error:
        await parts.refusals.record(session.person, error, payload.line, cluster=cluster, namespace=namespace)
        raise
    if not streams(command):
        raise InvalidInputError("This command ends by itself; send it to /api/v1/commands.", code="not_a_stream")
    stream = _Stream(request, payload.line, command, session, parts)
    return StreamingResponse(stream.lines(), media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})


class _Stream:
    """One answer: what is followed, and what watches whether it may go on."""

    def __init__(self, request: Request, line: str, command: Command, session: Session, parts: Parts) -> None:
        self._request = request
        self._line = line
        self._command = command
        self._session = session
        self._parts = parts
        self._request_id = current_request_id()
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(WAITING_CHUNKS)

    async def lines(self) -> AsyncGenerator[bytes]:
        """The answer's lines; closing them ends the stream."""
        works = (self._follow(), self._recheck())
        tasks: list[asyncio.Task[None]] = [asyncio.create_task(work, name="stream") for work in works]
        try:
            while True:
                following = asyncio.ensure_future(self._queue.get())
                await asyncio.wait([following, *tasks], return_when=asyncio.FIRST_COMPLETED)
                if not following.done() and self._queue.empty():
                    following.cancel()
                    for task in tasks:
                        if task.done():
                            task.result()  # a fault of ours ends the answer
                    return
                yield orjson.dumps(await following) + b"\n"
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        parts, command, person = self._parts, self._command, self._session.person
        end = StreamEnd()
        events: list[dict[str, Any]] = []
        try:
            await parts.streams.run(person, command, self._show, events, end)
            last = {"end": end.reason, "status": end.status}
        except KubeChatError as error:
            await parts.refusals.record(person, error, self._line, cluster=command.cluster, namespace=command.namespace)
            last = self._error(error)
        finally:
            await parts.trail.record(events)
        await self._queue.put(last)

    async def _show(self, chunk: Chunk) -> None:
        await self._queue.put({"text": chunk.text, "notes": chunk.notes})

    async def _recheck(self) -> None:
        """End what somebody follows who has signed out meanwhile, or whose session was ended."""
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                session = await get_session(self._request)
            except NotSignedInError as error:
                await self._queue.put(self._error(error))
                return
            except KubeChatError as error:
                _log.debug("session not rechecked", code=error.code)
                continue
            if session.person != self._session.person:
                changed = ForbiddenError("What you may do has changed; ask again.", code="rights_changed")
                await self._queue.put(self._error(changed))
                return

    def _error(self, error: KubeChatError) -> dict[str, Any]:
        return {"error": error.code, "message": error.message, "request_id": self._request_id, "status": 1}
