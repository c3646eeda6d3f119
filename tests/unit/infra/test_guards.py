"""What stands before every route: the body's limit and the service token."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import InvalidInputError, NotSignedInError, TooLargeError
from app.infra.body_limit import BodyLimitMiddleware
from app.infra.service_token import ServiceTokenMiddleware


async def length(request: Request) -> Response:
    return Response(str(len(await request.body())))


def caller(middleware: Middleware) -> httpx2.AsyncClient:
    app = Starlette(routes=[Route("/", length, methods=["GET", "POST"])], middleware=[middleware])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test")


async def chunks(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b"x" * size


async def test_a_body_up_to_the_limit_is_read() -> None:
    async with caller(Middleware(BodyLimitMiddleware, limit_bytes=100)) as http:
        assert (await http.post("/", content=b"x" * 100)).text == "100"
        assert (await http.post("/", content=chunks(50, 50))).text == "100"


async def test_a_body_over_the_limit_is_refused_by_its_declared_length_and_as_it_arrives() -> None:
    async with caller(Middleware(BodyLimitMiddleware, limit_bytes=100)) as http:
        for content in (b"x" * 101, chunks(60, 60)):
            with pytest.raises(TooLargeError):
                await http.post("/", content=content)
        with pytest.raises(TooLargeError):
            await http.post("/", content=b"x", headers={"content-length": "5000"})


async def test_a_length_that_is_no_number_is_refused() -> None:
    async with caller(Middleware(BodyLimitMiddleware, limit_bytes=100)) as http:
        with pytest.raises(InvalidInputError):
            await http.post("/", content=b"x", headers={"content-length": "-1"})


@pytest.mark.parametrize(
    "shown",
    [None, "", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "bearer secret", "Basic secret", "secret"],
)
async def test_without_the_exact_service_token_nothing_is_reached(shown: str | None) -> None:
    async with caller(Middleware(ServiceTokenMiddleware, token="secret")) as http:
        with pytest.raises(NotSignedInError):
            await http.get("/", headers={} if shown is None else {"authorization": shown})


async def test_with_the_service_token_the_route_answers() -> None:
    async with caller(Middleware(ServiceTokenMiddleware, token="secret")) as http:
        assert (await http.get("/", headers={"authorization": "Bearer secret"})).status_code == 200
