"""Sends spans to a collector: on a thread of its own, out of a bounded queue, each span's fate counted.

A collector that is away, slow or refusing costs spans, never a request. Nothing here decides what is sampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

QUEUE: Final = 2048  # spans; some seconds of a busy replica, a few megabytes
EVERY_S: Final = 1.0
TIMEOUT_S: Final = 5
Protocol = Literal["http/protobuf", "grpc"]


def exporter_to(endpoint: str, protocol: Protocol) -> SpanExporter:
    """What sends to a collector; its library is loaded only where it is used.

    Args:
        endpoint: its base URL, as http://collector:4318; for gRPC http://collector:4317, in the clear unless https.
        protocol: of OTLP.
    """
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc

        return grpc.OTLPSpanExporter(endpoint=endpoint, insecure=endpoint.startswith("http://"), timeout=TIMEOUT_S)
    from opentelemetry.exporter.otlp.proto.http import trace_exporter as http

    return http.OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=TIMEOUT_S)


def in_batches(exporter: SpanExporter, instruments: Instruments | None) -> SpanProcessor:
    """What takes ended spans and hands them to an exporter, with their fates counted where there are instruments."""
    sent = exporter if instruments is None else _Counted(exporter, instruments)
    return BatchSpanProcessor(sent, max_queue_size=QUEUE, schedule_delay_millis=EVERY_S * 1000)


class Ended(SpanProcessor):
    """Counts the spans that ended: those that were neither sent nor failed were dropped or still wait."""

    def __init__(self, instruments: Instruments) -> None:
        self._ended = instruments.counter(catalogue.TRACE_SPANS).labels("ended")

    def on_end(self, span: ReadableSpan) -> None:
        """Count it."""
        self._ended.inc()


class _Counted(SpanExporter):
    def __init__(self, exporter: SpanExporter, instruments: Instruments) -> None:
        self._exporter = exporter
        spans = instruments.counter(catalogue.TRACE_SPANS)
        self._sent, self._failed = spans.labels("sent"), spans.labels("failed")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        taken = SpanExportResult.FAILURE
        try:
            taken = self._exporter.export(spans)
        finally:
            (self._sent if taken is SpanExportResult.SUCCESS else self._failed).inc(len(spans))
        return taken

    def shutdown(self) -> None:
        self._exporter.shutdown()
