"""The framework's refusals become ours, with the right status."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.gateway.main import _refuse_payload, _refuse_route
from app.gateway.schemas import NewChatSession
from app.infra.body_limit import BodyLimitMiddleware
from app.telemetry.http import TelemetryMiddleware
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing


@pytest.fixture
def app() -> Iterator[FastAPI]:
    tracing = Tracing("gateway", "test")
    made = FastAPI()

    @made.post("/sessions")
    async def post(payload: NewChatSession) -> str:
        return payload.title

    made.add_exception_handler(RequestValidationError, _refuse_payload)
    made.add_exception_handler(HTTPException, _refuse_route)
    made.add_middleware(BodyLimitMiddleware, limit_bytes=100)
    made.add_middleware(TelemetryMiddleware, instruments=Instruments(), tracing=tracing)
    yield made
    tracing.close()


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b'{"title":"' + b"x" * 200 + b'"}', 413, "too_large"),
        (b'{"title":"\xff"}', 422, "malformed_payload"),
        (b"{not json", 422, "malformed_payload"),
    ],
)
async def test_a_body_of_no_declared_length_is_refused_for_what_is_wrong_with_it(
    app: FastAPI, content: bytes, status: int, code: str
) -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as http:
        reply = await http.post("/sessions", content=_chunks(content), headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
