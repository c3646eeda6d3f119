"""Questions to a Prometheus: one instant query, one answer. Knows its HTTP interface and no metric."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
import orjson
from opentelemetry.trace import SpanKind

from app.errors import DeadlineExceededError, InvalidInputError, UnavailableError
from app.infra.traffic import Traffic
from app.telemetry import catalogue
from app.telemetry.conventions import http_answered, http_request, server_of
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing

CONNECT_TIMEOUT_S = 2.0
CONNECTIONS = 8  # a report asks some dozens of questions; more at once would only queue in Prometheus
_DEPENDENCY = "prometheus"


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an answer: its labels, and its value, which may be NaN."""

    labels: dict[str, str]
    value: float


class Prometheus:
    """One Prometheus.

    Args:
        url: its base address.
        instruments: where the dependency metrics live.
        tracing: client spans.
    """

    def __init__(self, url: str, *, instruments: Instruments, tracing: Tracing) -> None:
        self.url = url.rstrip("/")
        self._server = server_of(self.url)
        self._tracing = tracing
        self._requests = instruments.counter(catalogue.DEPENDENCY_REQUESTS)
        self._duration = instruments.histogram(catalogue.DEPENDENCY_DURATION)
        self._traffic = Traffic(instruments, _DEPENDENCY)
        self._places = asyncio.Semaphore(CONNECTIONS)
        self._client = httpx2.AsyncClient(
            limits=httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def query(self, text: str, *, at: datetime | None = None, timeout_s: float = 10.0) -> list[Sample]:
        """Ask for the value of an expression.

        Args:
            text: PromQL.
            at: the moment that is asked about; now when left out.
            timeout_s: deadline for the whole call, from the moment it is sent.

        Raises:
            InvalidInputError: it does not take the query.
            UnavailableError: it does not answer, or something else answers.
            DeadlineExceededError: it took too long.
        """
        form = {"query": text, "timeout": f"{timeout_s:g}s"}
        if at is not None:
            form["time"] = f"{at.timestamp():.3f}"
        async with self._places:
            return _samples(await self._post("/api/v1/query", form, timeout_s))

    async def _post(self, path: str, form: dict[str, str], timeout_s: float) -> Any:
        started, outcome = time.perf_counter(), "unavailable"
        try:
            async with asyncio.timeout(timeout_s):
                attributes = http_request("POST", f"{self.url}{path}", self._server)
                with self._tracing.span("prometheus query", kind=SpanKind.CLIENT, attributes=attributes) as span:
                    timeout = httpx2.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))
                    reply = await self._client.post(f"{self.url}{path}", data=form, timeout=timeout)
                    if span.is_recording():
                        http_answered(span, reply.status_code)
            self._traffic.sent.count += len(reply.request.content)
            self._traffic.received.count += reply.num_bytes_downloaded
            answer = _answer(reply)
            outcome = "ok"
        except (httpx2.ReadTimeout, TimeoutError) as exc:
            outcome = "timeout"
            raise DeadlineExceededError("Prometheus took too long to answer.", code="prometheus_timeout") from exc
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as exc:
            raise UnavailableError("Prometheus does not answer.", code="prometheus_unavailable") from exc
        except InvalidInputError:
            outcome = "refused"
            raise
        else:
            return answer
        finally:
            self._duration.labels(_DEPENDENCY, "query").observe(time.perf_counter() - started)
            self._requests.labels(_DEPENDENCY, "query", outcome).inc()


def _answer(reply: httpx2.Response) -> Any:
    try:
        body = orjson.loads(reply.content)
        state = body["status"]
        if state == "success":
            return body["data"]
        kind, message = str(body["errorType"]), str(body["error"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as exc:
        raise UnavailableError("What answers there is not a Prometheus.", code="prometheus_garbled") from exc
    if kind in {"bad_data", "execution"}:
        raise InvalidInputError(f"Prometheus does not take the query: {message}", code="query_refused")
    raise UnavailableError("Prometheus could not answer.", code=f"prometheus_{kind}")


def _samples(data: Any) -> list[Sample]:
    try:
        if data["resultType"] == "scalar":
            return [Sample({}, float(data["result"][1]))]
        return [Sample(dict(series["metric"]), float(series["value"][1])) for series in data["result"]]
    except (KeyError, TypeError, ValueError, IndexError) as exc:
        raise UnavailableError("Prometheus gave an answer that cannot be read.", code="prometheus_garbled") from exc


def single(samples: list[Sample]) -> float | None:
    """The value of an answer that is one number; None when there is none, or it is no number."""
    values = [sample.value for sample in samples if not math.isnan(sample.value)]
    return values[0] if len(values) == 1 else None
