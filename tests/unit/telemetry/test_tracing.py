"""Sampling is decided before a span is made, and the context is passed on either way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.telemetry.tracing import Tracing, current_trace_id

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def never(exporter: InMemorySpanExporter) -> Iterator[Tracing]:
    tracing = Tracing("gateway", "gateway-1", exporter=exporter, ratio=0.0)
    yield tracing
    tracing.close()


def names(tracing: Tracing, exporter: InMemorySpanExporter) -> list[str]:
    tracing.close()
    return [span.name for span in exporter.get_finished_spans()]


def test_an_unsampled_request_has_a_trace_id_and_no_span(never: Tracing, exporter: InMemorySpanExporter) -> None:
    carried: dict[str, str] = {}
    with never.root("GET /"), never.span("postgres"):
        trace_id = current_trace_id()
        never.inject(carried)
    assert carried["traceparent"].split("-")[1] == trace_id
    assert int(carried["traceparent"].split("-")[3], 16) & 1 == 0
    assert names(never, exporter) == []


def test_a_turn_is_always_sampled_with_its_children(never: Tracing, exporter: InMemorySpanExporter) -> None:
    with never.root("chat turn", always=True), never.span("postgres"):
        pass
    assert names(never, exporter) == ["postgres", "chat turn"]
    inner, outer = exporter.get_finished_spans()
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id
    assert outer.resource.attributes["service.name"] == "gateway"


@pytest.mark.parametrize(("flags", "expected"), [("01", ["POST /v1/plan"]), ("00", [])])
def test_a_callers_decision_is_followed(
    never: Tracing, exporter: InMemorySpanExporter, flags: str, expected: list[str]
) -> None:
    with never.root("POST /v1/plan", headers={"traceparent": PARENT + flags}):
        assert current_trace_id() == "0af7651916cd43dd8448eb211c80319c"
    assert names(never, exporter) == expected


def test_a_turn_is_sampled_even_where_its_caller_was_not(never: Tracing, exporter: InMemorySpanExporter) -> None:
    with never.root("chat turn", headers={"traceparent": PARENT + "00"}, always=True):
        pass
    assert names(never, exporter) == ["chat turn"]
    assert f"{exporter.get_finished_spans()[0].context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"


def test_a_failing_span_says_the_kind_of_failure_and_nothing_of_its_text(
    never: Tracing, exporter: InMemorySpanExporter
) -> None:
    with pytest.raises(ValueError, match="password"), never.root("chat turn", always=True):
        raise ValueError("password=hunter2")
    never.close()
    (span,) = exporter.get_finished_spans()
    assert span.status.description == "ValueError"
    assert "hunter2" not in span.to_json()


def test_requests_do_not_share_a_trace(never: Tracing) -> None:
    seen = set()
    for _ in range(3):
        with never.root("GET /"):
            seen.add(current_trace_id())
    assert len(seen) == 3
    assert current_trace_id() == ""
