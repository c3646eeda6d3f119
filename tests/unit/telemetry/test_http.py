"""The outermost middleware: every answer has a request id and is measured; every error has its shape and tells no secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.errors import BusyError, NotFoundError
from app.telemetry import catalogue
from app.telemetry.http import TelemetryMiddleware, current_request_id, set_operation_class
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing, current_trace_id

TRACE = "0af7651916cd43dd8448eb211c80319c"


class House:
    def __init__(self, **options: Any) -> None:
        self.instruments = Instruments()
        self.tracing = Tracing("test", "test")
        self.overloaded = False
        self.seen: list[tuple[str, str]] = []
        options.setdefault("overloaded", lambda: self.overloaded)
        app = Starlette(
            routes=[Route("/things/{name}", self.thing, methods=["GET", "POST"]), Route("/stream", self.stream)],
            middleware=[Middleware(TelemetryMiddleware, instruments=self.instruments, tracing=self.tracing, **options)],
        )
        self.http = TestClient(app, raise_server_exceptions=False)

    async def thing(self, request: Request) -> Response:
        self.seen.append((current_request_id(), current_trace_id()))
        match request.path_params["name"]:
            case "busy":
                raise BusyError("Come back.", retry_after_s=2.4)
            case "gone":
                raise NotFoundError("There is no such thing.")
            case "broken":
                raise ValueError("password=hunter2")
            case "simple":
                set_operation_class(request.scope, "simple")
        return Response(b"here")

    async def stream(self, _: Request) -> Response:
        async def words() -> Any:
            yield b"half"
            await asyncio.sleep(0)
            raise NotFoundError("The rest is gone.")

        return StreamingResponse(words())

    def requests(self, status: int, operation_class: str = "api", route: str = "/things/{name}") -> float:
        labels = {"method": "GET", "route": route, "status": str(status), "operation_class": operation_class}
        return self.instruments.value(catalogue.HTTP_REQUESTS, **labels)


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Any:
    made = House(**getattr(request, "param", {}))
    yield made
    made.http.close()
    made.tracing.close()


def test_an_answer_is_counted_under_its_routes_template(house: House) -> None:
    for name in ("a", "b", "c"):
        assert house.http.get(f"/things/{name}").status_code == 200
    assert house.requests(200) == 3
    assert (
        house.instruments.value(
            catalogue.HTTP_REQUEST_DURATION, "_count", method="GET", route="/things/{name}", operation_class="api"
        )
        == 3
    )


def test_addresses_that_do_not_exist_share_one_label(house: House) -> None:
    for number in range(3):
        house.http.get(f"/nothing/{number}")
    assert house.requests(404, route="unmatched") == 3


def test_a_method_that_nobody_knows_shares_one_label(house: House) -> None:
    house.http.request("BREW", "/things/a")
    assert (
        sum(
            sample.value
            for metric in house.instruments.registry.collect()
            for sample in metric.samples
            if sample.name == catalogue.HTTP_REQUESTS.name and sample.labels["method"] == "other"
        )
        == 1
    )


def test_a_route_says_its_operation_class(house: House) -> None:
    house.http.get("/things/simple")
    assert house.requests(200, "simple") == 1


def test_an_error_of_ours_has_its_shape_status_and_retry_time(house: House) -> None:
    reply = house.http.get("/things/busy")
    assert reply.status_code == 503
    assert reply.headers["retry-after"] == "2"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.json() == {
        "error": {
            "code": "busy",
            "message": "Come back.",
            "request_id": reply.headers["x-request-id"],
            "retryable": True,
        }
    }
    assert house.instruments.value(catalogue.ERRORS, code="busy") == 1


def test_a_fault_becomes_a_500_that_tells_nothing_but_the_request_id(house: House) -> None:
    reply = house.http.get("/things/broken")
    assert reply.status_code == 500
    assert reply.json()["error"]["code"] == "internal"
    assert reply.headers["x-request-id"] in reply.json()["error"]["message"]
    assert "hunter2" not in reply.text
    assert house.requests(500) == 1
    assert house.instruments.value(catalogue.ERRORS, code="internal") == 1


def test_a_stream_that_breaks_is_cut_and_counted(house: House) -> None:
    with pytest.raises(NotFoundError):
        TestClient(house.http.app).get("/stream")
    assert house.instruments.value(catalogue.ERRORS, code="not_found") == 1
    assert house.instruments.value(catalogue.HTTP_REQUESTS_IN_FLIGHT) == 0


def test_when_memory_is_short_requests_are_refused(house: House) -> None:
    house.overloaded = True
    assert house.http.get("/things/a").json()["error"]["code"] == "short_of_memory"
    house.overloaded = False
    assert house.http.get("/things/a").status_code == 200


HEADERS = {"x-request-id": "mine", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


def test_a_strangers_request_id_and_trace_are_ignored(house: House) -> None:
    reply = house.http.get("/things/a", headers=HEADERS)
    assert reply.headers["x-request-id"] != "mine"
    assert house.seen[0][0] == reply.headers["x-request-id"]
    assert house.seen[0][1] != TRACE


@pytest.mark.parametrize("house", [{"trust_caller": True}], indirect=True)
def test_a_services_request_id_and_trace_are_kept(house: House) -> None:
    assert house.http.get("/things/a", headers=HEADERS).headers["x-request-id"] == "mine"
    assert house.seen == [("mine", TRACE)]


def test_requests_do_not_see_each_others_ids(house: House) -> None:
    ask: Callable[[int], str] = lambda n: house.http.get(f"/things/{n}").headers["x-request-id"]  # noqa: E731
    ids = [ask(number) for number in range(5)]
    assert len(set(ids)) == 5
    assert [seen for seen, _ in house.seen] == ids
    assert current_request_id() == ""
