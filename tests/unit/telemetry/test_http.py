"""The HTTP middleware's measurements."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from app.telemetry import catalogue
from app.telemetry.http import TelemetryMiddleware
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing


async def _page(_: Any) -> Response:
    return Response(b"ok")


@pytest.mark.parametrize(("ratio", "expected"), [(1.0, 1), (0.0, 0)])
async def test_a_duration_points_at_its_trace_where_one_was_recorded(ratio: float, expected: int) -> None:
    exporter, instruments = InMemorySpanExporter(), Instruments()
    tracing = Tracing("gateway", "test", exporter=exporter, ratio=ratio)
    app = TelemetryMiddleware(Starlette(routes=[Route("/page", _page)]), instruments=instruments, tracing=tracing)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(_: Any) -> None:
        return

    scope = {"type": "http", "method": "GET", "path": "/page", "headers": [], "query_string": b"", "root_path": ""}
    await app(scope, receive, send)
    tracing.close()
    (family,) = [
        family for family in instruments.registry.collect() if family.name == catalogue.HTTP_REQUEST_DURATION.name
    ]
    exemplars = [sample.exemplar.labels["trace_id"] for sample in family.samples if sample.exemplar]
    assert exemplars == [f"{span.context.trace_id:032x}" for span in exporter.get_finished_spans()]
    assert len(exemplars) == expected
