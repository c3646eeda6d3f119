"""Calls to our own services: one client per service, several replicas, bearer token, trace, deadline, metrics.

Each call goes to the replica with the fewest calls under way; one that did not answer a moment ago is asked last. Only
calls marked as safe to repeat are sent to another replica after a failure. The HTTP library is chosen here and named
nowhere else, but for the client of language models, which is made of it.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson
from opentelemetry.trace import SpanKind

from app.errors import (
    BusyError,
    ConflictError,
    DeadlineExceededError,
    InternalError,
    InvalidInputError,
    KubeChatError,
    NotFoundError,
    UnavailableError,
)
from app.infra.round_trip import watch
from app.infra.traffic import Traffic
from app.telemetry import catalogue
from app.telemetry.conventions import http_answered, http_request, server_of
from app.telemetry.http import current_request_id
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing

CONNECT_TIMEOUT_S = 1.0
ASKED_LAST_S = 2.0  # a replica that did not answer fails at once, and would always have the fewest calls under way
_BY_STATUS: dict[int, type[KubeChatError]] = {
    400: InvalidInputError,
    404: NotFoundError,
    409: ConflictError,
    503: BusyError,
    504: DeadlineExceededError,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A service's answer: HTTP status and decoded JSON (None for an empty body)."""

    status: int
    body: Any


class ServiceClient:
    """Calls one of our services.

    Args:
        service: its name, the metric label ("audit", "nlp").
        urls: base URL of each replica.
        token: the service token.
        instruments: where the dependency metrics live.
        tracing: client spans, and the context that is passed on.
        connections: most connections to all replicas together.
    """

    def __init__(
        self,
        service: str,
        urls: list[str],
        *,
        token: str,
        instruments: Instruments,
        tracing: Tracing,
        connections: int = 100,
    ) -> None:
        if not urls:
            raise InternalError(f"no address is set for {service}", code="configuration")
        self._service = service
        self._urls = [url.rstrip("/") for url in urls]
        self._servers = {url: server_of(url) for url in self._urls}
        self._next = itertools.count()
        self._under_way = dict.fromkeys(self._urls, 0)
        self._failed_at = dict.fromkeys(self._urls, -ASKED_LAST_S)
        self._tracing = tracing
        self._requests = instruments.counter(catalogue.DEPENDENCY_REQUESTS)
        self._duration = instruments.histogram(catalogue.DEPENDENCY_DURATION)
        self._traffic = Traffic(instruments, service)
        self._socket: Any = None
        watch(instruments, service, lambda: [self._socket])
        self._client = httpx2.AsyncClient(
            headers={"authorization": f"Bearer {token}"},
            limits=httpx2.Limits(
                max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30
            ),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        timeout_s: float,
        repeatable: bool = False,
        at: str = "",
    ) -> Reply:
        """One request, one JSON answer.

        Args:
            operation: metric label: what the call does.
            method: HTTP method.
            path: path below the base URL.
            json: the body.
            params: the query.
            timeout_s: deadline for the whole call.
            repeatable: whether another replica may be asked after a failure (reads, and writes that carry their own
                id).
            at: the replica that is meant, by its base URL; any when empty.

        Raises:
            UnavailableError: no replica answers.
            DeadlineExceededError: none answered in time.
            KubeChatError: what the service said, by its status.
        """
        attempts = len(self._urls) if repeatable else 1
        deadline = time.monotonic() + timeout_s
        tried: list[str] = []
        for attempt in range(attempts):
            tried.append(at or self._choose(tried))
            left_s = deadline - time.monotonic()
            try:
                async with self._sent(tried[-1], operation, method, path, json, params, left_s) as response:
                    content = await response.aread()
                    return Reply(response.status_code, self._decode(response.status_code, content))
            except (UnavailableError, BusyError):
                if attempt + 1 == attempts or time.monotonic() >= deadline:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    @property
    def urls(self) -> list[str]:
        """Base URL of each replica."""
        return list(self._urls)

    @asynccontextmanager
    async def lines(
        self, operation: str, path: str, *, json: Any, timeout_s: float, repeatable: bool = False
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """Post a request whose answer is NDJSON; yields each line decoded as it comes.

        Args:
            operation: metric label: what the call does.
            path: path below the base URL.
            json: the body.
            timeout_s: deadline for the whole call, the reading of its lines among it.
            repeatable: whether one other replica may be asked, within the deadline, when there is no first line.

        Raises:
            KubeChatError: as `call` does.
        """
        deadline = time.monotonic() + timeout_s
        attempts = min(2, len(self._urls)) if repeatable else 1
        tried: list[str] = []
        async with AsyncExitStack() as stack:
            while True:
                tried.append(self._choose(tried))
                begun = self._begun(tried[-1], operation, path, json, deadline - time.monotonic())
                try:
                    lines = await stack.enter_async_context(begun)
                    break
                except (UnavailableError, BusyError):
                    if len(tried) == attempts or time.monotonic() >= deadline:
                        raise
            yield lines

    @asynccontextmanager
    async def _begun(
        self, base: str, operation: str, path: str, json: Any, timeout_s: float
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """An answer whose first line is there."""
        async with self._sent(base, operation, "POST", path, json, None, timeout_s) as response:
            if response.status_code >= 400:
                self._decode(response.status_code, await response.aread())
            lines = self._read_lines(response)
            first = await anext(lines, None)
            if first is None:
                raise UnavailableError(
                    f"The {self._service} service broke off its answer.", code=f"{self._service}_garbled"
                )
            yield _behind(first, lines)

    def _choose(self, tried: Collection[str]) -> str:
        """The replica to ask: the fewest calls under way, after what was not tried yet and did not just fail."""
        now, turn = time.monotonic(), next(self._next)

        def rank(at: int) -> tuple[bool, bool, int, int]:
            url = self._urls[at]
            failed = now - self._failed_at[url] < ASKED_LAST_S
            return url in tried, failed, self._under_way[url], (at - turn) % len(self._urls)

        return self._urls[min(range(len(self._urls)), key=rank)]

    async def _read_lines(self, response: httpx2.Response) -> AsyncIterator[Any]:
        async for line in response.aiter_lines():
            if line.strip():
                try:
                    yield orjson.loads(line)
                except orjson.JSONDecodeError as exc:
                    raise UnavailableError(
                        f"The {self._service} service gave an answer that cannot be read.",
                        code=f"{self._service}_garbled",
                    ) from exc

    @asynccontextmanager
    async def _sent(
        self,
        base: str,
        operation: str,
        method: str,
        path: str,
        json: Any,
        params: Mapping[str, str] | None,
        timeout_s: float,
    ) -> AsyncIterator[httpx2.Response]:
        headers = {"x-request-id": current_request_id(), "x-deadline-ms": str(max(0, int(timeout_s * 1000)))}
        content = None
        if json is not None:
            content = orjson.dumps(json)
            headers["content-type"] = "application/json"
        started = time.perf_counter()
        outcome = "ok"
        self._under_way[base] += 1
        try:
            # The client's own limits are per read: an answer that drips would go on for ever.
            async with asyncio.timeout(max(0.001, timeout_s)):
                with self._tracing.span(
                    f"{self._service} {operation}",
                    kind=SpanKind.CLIENT,
                    attributes=http_request(method, f"{base}{path}", self._servers[base]),
                ) as span:
                    self._tracing.inject(headers)
                    timeout = httpx2.Timeout(
                        max(0.001, timeout_s), connect=min(CONNECT_TIMEOUT_S, max(0.001, timeout_s))
                    )
                    async with self._client.stream(
                        method, f"{base}{path}", content=content, params=params, headers=headers, timeout=timeout
                    ) as response:
                        if span.is_recording():
                            http_answered(span, response.status_code)
                        if response.status_code >= 500:
                            outcome = "refused"
                        self._traffic.sent.count += len(content or b"")
                        stream = response.extensions.get("network_stream")
                        self._socket = None if stream is None else stream.get_extra_info("socket")
                        try:
                            yield response
                        finally:
                            self._traffic.received.count += response.num_bytes_downloaded
        except httpx2.ConnectTimeout as exc:
            outcome = "unavailable"
            raise self._unavailable() from exc
        except (httpx2.TimeoutException, TimeoutError) as exc:
            outcome = "timeout"
            raise DeadlineExceededError(
                f"The {self._service} service took too long to answer.", code=f"{self._service}_timeout"
            ) from exc
        except (httpx2.HTTPError, OSError) as exc:
            outcome = "unavailable"
            raise self._unavailable() from exc
        finally:
            self._under_way[base] -= 1
            if outcome in {"unavailable", "timeout"}:
                self._failed_at[base] = time.monotonic()
            self._duration.labels(self._service, operation).observe(time.perf_counter() - started)
            self._requests.labels(self._service, operation, outcome).inc()

    def _decode(self, status: int, content: bytes) -> Any:
        try:
            body = orjson.loads(content) if content else None
        except orjson.JSONDecodeError as exc:
            raise UnavailableError(
                f"The {self._service} service gave an answer that cannot be read.", code=f"{self._service}_garbled"
            ) from exc
        if status < 400:
            return body
        error = body.get("error", {}) if isinstance(body, dict) else {}
        message = error.get("message") or f"The {self._service} service refused the request."
        kind = _BY_STATUS.get(status, UnavailableError if status >= 500 else InternalError)
        raise kind(str(message), code=str(error.get("code") or f"{self._service}_refused"))

    def _unavailable(self) -> UnavailableError:
        return UnavailableError(f"The {self._service} service does not answer.", code=f"{self._service}_unavailable")


async def _behind(first: Any, rest: AsyncIterator[Any]) -> AsyncIterator[Any]:
    yield first
    async for one in rest:
        yield one
