"""Tracing: OpenTelemetry's SDK, with the sampling decision taken before a span is made.

An unsampled request costs one pair of ids: its context is still passed on (W3C traceparent), so that logs, audit
events and a sampled neighbour agree on the trace id. Chat turns, changes and alerts are always sampled; plain API
reads are sampled at a ratio.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from app.telemetry.instruments import Instruments
from app.telemetry.span_export import Ended, Protocol, exporter_to, in_batches
from slo.targets.network import ISTIO

READ_SAMPLING_RATIO = ISTIO.named(
    "trace_sampling"
).number  # plain API reads; turns, changes and alerts are always sampled


class Tracing:
    """Starts root and child spans for one process.

    Args:
        service: service.name of the resource.
        instance: service.instance.id of the resource.
        endpoint: base URL of an OTLP collector; spans are dropped when it is empty.
        protocol: of OTLP.
        instruments: where the fates of spans are counted.
        exporter: takes the place of the OTLP exporter, for tests.
        ratio: share of plain requests that are sampled.
    """

    def __init__(
        self,
        service: str,
        instance: str,
        endpoint: str = "",
        *,
        protocol: Protocol = "http/protobuf",
        instruments: Instruments | None = None,
        exporter: SpanExporter | None = None,
        ratio: float = READ_SAMPLING_RATIO,
    ) -> None:
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": service, "service.instance.id": instance})
        )
        self.exports = bool(endpoint) or exporter is not None
        if exporter is None and endpoint:
            exporter = exporter_to(endpoint, protocol)
        if exporter is not None:
            if instruments is not None:
                self._provider.add_span_processor(Ended(instruments))
            self._provider.add_span_processor(in_batches(exporter, instruments))
        self._tracer = self._provider.get_tracer("kubechat")
        self._propagator = TraceContextTextMapPropagator()
        self._ratio = ratio

    @contextmanager
    def root(
        self,
        name: str,
        *,
        kind: SpanKind = SpanKind.SERVER,
        headers: Mapping[str, str] | None = None,
        always: bool = False,
        attributes: Mapping[str, AttributeValue] | None = None,
    ) -> Generator[Span]:
        """A request's outermost span, sampled by its parent's decision, by `always`, or by the ratio.

        Args:
            name: span name, e.g. "POST /v1/plan".
            kind: the span's kind.
            headers: carrier with `traceparent`, if the caller sent one.
            always: sample whatever the ratio says.
            attributes: set when the span is recorded.
        """
        parent = self._propagator.extract(dict(headers or {}), context=otel_context.Context())
        remote = trace.get_current_span(parent).get_span_context()
        drawn = random.random() < self._ratio  # noqa: S311 - sampling is no secret
        sampled = always or (remote.trace_flags.sampled if remote.is_valid else drawn)
        if not (sampled and self.exports):
            ids = self._provider.id_generator
            passed_on = SpanContext(
                remote.trace_id if remote.is_valid else ids.generate_trace_id(),
                ids.generate_span_id(),
                is_remote=False,
                trace_flags=TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT),
            )
            with trace.use_span(NonRecordingSpan(passed_on)) as span:
                yield span
            return
        if remote.is_valid and not remote.trace_flags.sampled:
            # The SDK would follow the parent's "no"; this request is worth a span all the same.
            parent = trace.set_span_in_context(
                NonRecordingSpan(
                    SpanContext(
                        remote.trace_id, remote.span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
                    )
                )
            )
        with self._tracer.start_as_current_span(
            name,
            context=parent,
            kind=kind,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield from _failing(span)

    def recording(self) -> bool:
        """Whether a span made now would be recorded; hot paths ask, rather than make one for nothing."""
        return trace.get_current_span().is_recording()

    @contextmanager
    def span(
        self, name: str, *, kind: SpanKind = SpanKind.INTERNAL, attributes: Mapping[str, AttributeValue] | None = None
    ) -> Generator[Span]:
        """A child span where the request is sampled, else nothing but the present context."""
        current = trace.get_current_span()
        if not current.is_recording():
            yield current
            return
        with self._tracer.start_as_current_span(
            name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            yield from _failing(span)

    def inject(self, headers: MutableMapping[str, str]) -> None:
        """Add `traceparent` for the present context to outgoing headers."""
        self._propagator.inject(headers)

    def close(self) -> None:
        """Send what is queued and stop the exporter's thread; blocks for at most its timeout."""
        self._provider.shutdown()


def _failing(span: Span) -> Generator[Span]:
    """Mark the span as failed by the exception's type alone: messages may hold what must not leave the process."""
    try:
        yield span
    except BaseException as exc:
        span.set_status(Status(StatusCode.ERROR, type(exc).__name__))
        if span.is_recording() and "error.type" not in (getattr(span, "attributes", None) or {}):
            span.set_attribute("error.type", type(exc).__name__)
        raise


def recording() -> bool:
    """Whether the present request is sampled: where it is not, a span costs more than it tells."""
    return trace.get_current_span().is_recording()


def current_trace_id() -> str:
    """The present trace's id as 32 hexadecimal digits, or an empty string outside of any."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""
