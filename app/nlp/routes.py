"""The public port of the language service, for the gateway alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse

from app.errors import InternalError, InvalidInputError, KubeChatError
from app.nlp.models.model import ModelError
from app.nlp.queue import Priority
from app.nlp.schemas import encode, read_answer_body, read_body, read_warm_body
from app.nlp.service import PlanService
from app.telemetry.http import current_request_id, set_operation_class
from app.telemetry.logs import get_logger
from slo.operation_class import OperationClass

DEFAULT_DEADLINE_MS = 10_000  # for a caller that names none; the gateway always does
MAX_DEADLINE_MS = 120_000
_log = get_logger(__name__)


class PlanRoute:
    """`POST /v1/plan`.

    Args:
        service: makes the plans.
    """

    def __init__(self, service: PlanService) -> None:
        self._service = service

    async def __call__(self, request: Request) -> StreamingResponse:
        """Answer one request with a stream of events.

        Raises:
            InvalidInputError: a header makes no sense.
            MalformedPayloadError: the body is not what this route reads.
            BusyError, DeadlineExceededError: it was not started.
        """
        deadline_s = asyncio.get_running_loop().time() + _deadline_ms(request) / 1000
        priority = _priority(request)
        self._service.check_room(priority)
        body = read_body(await request.body())
        events = self._service.events(body, priority, deadline_s)
        # What goes wrong before the first event is an HTTP status; afterwards it is an event.
        first = await anext(events)
        return StreamingResponse(_stream(first, events), media_type="application/x-ndjson")


class AnswerRoute:
    """`POST /v1/answer`.

    Args:
        service: asks the model.
    """

    def __init__(self, service: PlanService) -> None:
        self._service = service

    async def __call__(self, request: Request) -> StreamingResponse:
        """Answer one request with a stream of events; the caller who leaves ends it, also before its first word.

        Raises:
            InvalidInputError: a header makes no sense.
            MalformedPayloadError: the body is not what this route reads.
            BusyError, DeadlineExceededError, UnavailableError: it was not started.
        """
        set_operation_class(request.scope, OperationClass.MODEL)
        deadline_s = asyncio.get_running_loop().time() + _deadline_ms(request) / 1000
        events = self._service.answer(read_answer_body(await request.body()), deadline_s)
        try:
            first = await anext(events)
        except ModelError as error:
            # That an endpoint fails is told like what it says: it is no failure of this service's.
            first = {"event": "error", "code": error.code, "message": error.message}
        return StreamingResponse(_stream(first, events), media_type="application/x-ndjson")


class WarmRoute:
    """`GET /v1/warm` and `POST /v1/warm`.

    Args:
        service: makes names ready.
    """

    def __init__(self, service: PlanService) -> None:
        self._service = service

    async def __call__(self, request: Request) -> JSONResponse:
        """Say whether names were made ready ahead since this process started; a POST makes them.

        Raises:
            MalformedPayloadError: the body is not what this route reads.
        """
        if request.method == "POST":
            await self._service.warm(read_warm_body(await request.body()))
        return JSONResponse({"warmed": self._service.warmed})


def _deadline_ms(request: Request) -> int:
    value = request.headers.get("x-deadline-ms")
    if value is None:
        return DEFAULT_DEADLINE_MS
    try:
        return min(int(value), MAX_DEADLINE_MS)
    except ValueError as exc:
        raise InvalidInputError("The header x-deadline-ms is not a number of milliseconds.") from exc


def _priority(request: Request) -> Priority:
    return Priority.WARM_UP if request.headers.get("x-priority") == "warm-up" else Priority.PERSON


async def _stream(first: dict[str, Any], events: AsyncGenerator[dict[str, Any]]) -> AsyncIterator[bytes]:
    try:
        async with aclosing(events):
            yield encode(first)
            async for event in events:
                yield encode(event)
    except KubeChatError as error:
        yield encode({"event": "error", "code": error.code, "message": error.message})
    except Exception as exc:  # noqa: BLE001 - the stream has begun: a fault of ours must still end it with an event
        _log.exception("stream failed", fault=type(exc).__name__)
        message = (
            f"Something went wrong on our side. Report the request id {current_request_id()} to your administrator."
        )
        yield encode({"event": "error", "code": InternalError.code, "message": message})
