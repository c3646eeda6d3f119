"""The outermost ASGI middleware: request id, trace, metrics, and the last answer to an error.

Pure ASGI, because a BaseHTTPMiddleware costs two thirds of the throughput. It knows no feature: routes say their
operation class through `set_operation_class`. The clock stops at the last byte, the status is 500 until the answer
says otherwise, the route label is the template.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import orjson
import structlog
from uuid_utils.compat import uuid7

from app.errors import BusyError, InternalError, KubeChatError
from app.telemetry import catalogue
from app.telemetry.conventions import http_answered
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.tracing import Tracing, current_trace_id
from slo.operation_class import OperationClass

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_log = get_logger(__name__)

UNMATCHED: Final = "unmatched"
KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def current_request_id() -> str:
    """The id of the request being served, or an empty string outside of any."""
    return _request_id.get()


def new_request_id() -> str:
    """A fresh request id: a UUIDv7 as text."""
    return str(uuid7())


@contextmanager
def request_scope(request_id: str | None = None) -> Generator[str]:
    """Work under a request id of its own: a message on a WebSocket, a job. Yields the id."""
    request_id = request_id or new_request_id()
    token = _request_id.set(request_id)
    try:
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            yield request_id
    finally:
        _request_id.reset(token)


def error_body(error: KubeChatError, request_id: str) -> bytes:
    """The JSON that every error answer has."""
    return orjson.dumps(
        {
            "error": {
                "code": error.code,
                "message": error.message,
                "request_id": request_id,
                "retryable": error.retryable,
            }
        }
    )


class TelemetryMiddleware:
    """Wraps an ASGI application with request ids, tracing, metrics and the error answer of last resort.

    Args:
        app: the application.
        instruments: where the HTTP metrics live.
        tracing: the process' tracing.
        trust_caller: take `x-request-id` and `traceparent` from the caller; for services behind the gateway only.
        overloaded: says whether new requests are refused at the moment (memory near its limit).
        always_trace: path prefixes whose requests are always sampled.
    """

    def __init__(
        self,
        app: App,
        *,
        instruments: Instruments,
        tracing: Tracing,
        trust_caller: bool = False,
        overloaded: Callable[[], bool] = lambda: False,
        always_trace: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._tracing = tracing
        self._trust_caller = trust_caller
        self._overloaded = overloaded
        self._always_trace = always_trace
        self._requests = instruments.counter(catalogue.HTTP_REQUESTS)
        self._duration = instruments.histogram(catalogue.HTTP_REQUEST_DURATION)
        self._in_flight = instruments.gauge(catalogue.HTTP_REQUESTS_IN_FLIGHT)
        self._errors = instruments.counter(catalogue.ERRORS)
        self._bound: dict[tuple[str, str, str, str], tuple[Any, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request or WebSocket; everything else passes through."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = (
            {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
            if self._trust_caller
            else {}
        )
        request_id = headers.get("x-request-id") or new_request_id()
        token = _request_id.set(request_id)
        scope.setdefault("state", {})["operation_class"] = OperationClass.API
        status = 500
        begun = False
        trace_id = ""

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status = message["status"]
                begun = True
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        self._in_flight.inc()
        path: str = scope["path"]
        try:
            with (
                structlog.contextvars.bound_contextvars(request_id=request_id),
                self._tracing.root(
                    f"{scope['method']} {path}" if not self._tracing.exports else scope["method"],
                    headers=headers,
                    always=path.startswith(self._always_trace) if self._always_trace else False,
                ) as span,
            ):
                try:
                    self._refuse_when_overloaded()
                    await self._app(scope, receive, answer)
                except KubeChatError as error:
                    await self._answer_error(error, request_id, begun, answer)
                except Exception as exc:  # noqa: BLE001 - the last resort: a fault of ours becomes one logged 500
                    _log.exception("request failed", path=path, fault=type(exc).__name__)
                    fault = InternalError(
                        f"Something went wrong on our side. Report the request id {request_id} to your administrator."
                    )
                    await self._answer_error(fault, request_id, begun, answer)
                if span.is_recording():
                    trace_id = current_trace_id()  # an exemplar points at what was recorded only
                    route = _route(scope)
                    span.update_name(f"{scope['method']} {route}")
                    span.set_attributes(
                        {
                            "http.request.method": scope["method"],
                            "http.route": route,
                            "url.path": path,
                            "url.scheme": scope.get("scheme", "http"),
                            "kubechat.request_id": request_id,
                        }
                    )
                    http_answered(span, status, failed_from=500)
        finally:
            _request_id.reset(token)
            self._in_flight.dec()
            self._record(scope, status, time.perf_counter() - started, trace_id)

    def _refuse_when_overloaded(self) -> None:
        if self._overloaded():
            raise BusyError(
                "The server is short of memory and refuses new work; try again in a few seconds.",
                code="short_of_memory",
            )

    async def _answer_error(self, error: KubeChatError, request_id: str, begun: bool, send: Send) -> None:
        self.count_error(error)
        if begun:
            raise error  # half an answer is out: only closing the connection tells the client
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        if error.retry_after_s is not None:
            headers.append((b"retry-after", str(max(1, round(error.retry_after_s))).encode()))
        await send({"type": "http.response.start", "status": error.status, "headers": headers})
        await send({"type": "http.response.body", "body": error_body(error, request_id)})

    def count_error(self, error: KubeChatError) -> None:
        """Count an error that a person was answered with."""
        self._errors.labels(error.code).inc()

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        with request_scope():
            await self._app(scope, receive, send)

    def _record(self, scope: Scope, status: int, duration_s: float, trace_id: str) -> None:
        method = scope["method"] if scope["method"] in KNOWN_METHODS else "other"
        operation_class = scope["state"].get("operation_class", OperationClass.API)
        key = (method, _route(scope), str(status), operation_class)
        bound = self._bound.get(key)
        if bound is None:
            bound = self._bound[key] = (
                self._requests.labels(method, key[1], key[2], operation_class),
                self._duration.labels(method, key[1], operation_class),
            )
        bound[0].inc()
        bound[1].observe(duration_s, {"trace_id": trace_id} if trace_id else None)


def set_operation_class(scope: Scope, operation_class: OperationClass) -> None:
    """Say which promise this request is held to, before its work begins; `API` where nothing is said."""
    scope["state"]["operation_class"] = operation_class


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", UNMATCHED) or UNMATCHED
