"""The public port of the audit service: events and intents, for other services alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.audit.schemas import EventsPayload, IntentPayload, IntentsQuery, SearchQuery, read_payload, read_query
from app.audit.service import AuditService
from app.errors import InvalidInputError

DEFAULT_DEADLINE_S = 5.0  # for a caller that names none; the gateway always does
LONGEST_DEADLINE_S = 30.0
ANSWER_SHARE = 0.9  # of the caller's deadline: the rest is for our refusal to reach it before it gives up


def audit_routes(service: AuditService) -> list[Route]:
    """The routes of `/v1`."""

    async def record(request: Request) -> Response:
        within_s = _within_s(request.headers)
        body = await _body(request)
        payload = read_payload(EventsPayload, body)
        receipt = await service.record(payload.entries(), size_bytes=len(body), within_s=within_s)
        return _json({"accepted": receipt.accepted, "duplicates": receipt.duplicates})

    async def open_intent(request: Request) -> Response:
        within_s = _within_s(request.headers)
        body = await _body(request)
        intent = read_payload(IntentPayload, body).entry()
        created = await service.open_intent(intent, size_bytes=len(body), within_s=within_s)
        return _json({"intent_id": str(intent.intent_id)}, 201 if created else 200)

    async def search(request: Request) -> Response:
        query = read_query(SearchQuery, request.query_params)
        page = await service.search(query.search(), limit=query.limit, cursor=query.cursor)
        return _json({"events": page.events, "next": page.next})

    async def open_intents(request: Request) -> Response:
        query = read_query(IntentsQuery, request.query_params)
        return _json({"intents": await service.open_intents(query.before)})

    return [
        Route("/v1/events", record, methods=["POST"]),
        Route("/v1/events", search, methods=["GET"]),
        Route("/v1/intents", open_intent, methods=["POST"]),
        Route("/v1/intents", open_intents, methods=["GET"]),
    ]


async def _body(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect as exc:
        raise InvalidInputError("The request ended before its payload did.", code="incomplete") from exc


def _within_s(headers: Mapping[str, str]) -> float:
    value = headers.get("x-deadline-ms")
    if value is None:
        return DEFAULT_DEADLINE_S
    if not value.isdecimal() or len(value) > 9:
        raise InvalidInputError("The header x-deadline-ms is not a number of milliseconds.")
    return min(int(value) / 1000 * ANSWER_SHARE, LONGEST_DEADLINE_S)


def _json(content: dict[str, Any], status: int = 200) -> Response:
    body = orjson.dumps(content, default=_encode, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return Response(body, status, {"cache-control": "no-store"}, "application/json")


def _encode(value: object) -> str:
    # Times keep their microseconds, so that what is found is what was sent.
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, UUID):  # the database driver has a type of its own for these
        return str(value)
    raise TypeError
