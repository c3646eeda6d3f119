"""kubectl lines from a terminal whose output grows: one JSON object per line, until it ends or nobody listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from app.domain.commands.model.streaming import streams
from app.domain.commands.parser import parse
from app.domain.commands.results import Chunk
from app.errors import InvalidInputError, KubeChatError
from app.gateway.dependencies import PartsOf, SessionOf
from app.gateway.schemas import CommandLine
from app.gateway.service.streams import StreamEnd
from app.telemetry.http import current_request_id, set_operation_class
from slo.operation_class import OperationClass

MEDIA_TYPE = "application/x-ndjson"
WAITING_CHUNKS = 16  # told and not yet taken; a terminal that reads nothing holds up its own stream alone
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
    command = parse(payload.line, cluster=cluster, namespace=namespace, clusters=engine.cluster_names)
    if not streams(command):
        raise InvalidInputError("This command ends by itself; send it to /api/v1/commands.", code="not_a_stream")
    queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(WAITING_CHUNKS)
    request_id = current_request_id()

    async def show(chunk: Chunk) -> None:
        await queue.put({"text": chunk.text, "notes": chunk.notes})

    async def follow() -> None:
        end = StreamEnd()
        events: list[dict[str, Any]] = []
        last: dict[str, Any] = {}
        try:
            await parts.streams.run(session.person, command, show, events, end)
            last = {"end": end.reason, "status": end.status}
        except KubeChatError as error:
            last = {"error": error.code, "message": error.message, "request_id": request_id, "status": 1}
        finally:
            await parts.trail.record(events)
        await queue.put(last)
        await queue.put(None)

    async def lines() -> AsyncGenerator[bytes]:
        task = asyncio.create_task(follow(), name="stream")
        try:
            while True:
                following = asyncio.ensure_future(queue.get())
                await asyncio.wait([following, task], return_when=asyncio.FIRST_COMPLETED)
                if not following.done() and queue.empty():
                    following.cancel()
                    await task  # a fault of ours: it ends the answer
                    return
                found = await following
                if found is None:
                    return
                yield orjson.dumps(found) + b"\n"
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return StreamingResponse(lines(), media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})
