"""A collector that takes spans gets them all; one that is away, hangs or refuses costs spans and holds up nobody."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.span_export import QUEUE
from app.telemetry.tracing import Tracing
from tests.support.waiting import wait_for

Answer = Callable[[], int]


class HttpCollector:
    """Counts the spans of each request, then answers with what it is told to."""

    def __init__(self, answer: Answer) -> None:
        self.spans: list[str] = []
        self.authority = ""
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = trace_service_pb2.ExportTraceServiceRequest()
                request.ParseFromString(self.rfile.read(int(self.headers["content-length"])))
                status = answer()
                if status == 200:
                    collector.spans += names(request)
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class GrpcCollector(trace_service_pb2_grpc.TraceServiceServicer):
    """The same over gRPC, always willing."""

    def __init__(self) -> None:
        self.spans: list[str] = []
        self._server = grpc.server(ThreadPoolExecutor(2))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(self, self._server)
        self.url = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC names it
        self.spans += names(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    def close(self) -> None:
        self._server.stop(None)


def names(request: Any) -> list[str]:
    return [span.name for one in request.resource_spans for scope in one.scope_spans for span in scope.spans]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def traced(tracing: Tracing, number: int) -> None:
    for turn in range(number):
        with tracing.root(f"turn {turn}", always=True):
            pass


def fates(instruments: Instruments) -> list[float]:
    return [instruments.value(catalogue.TRACE_SPANS, outcome=fate) for fate in ("ended", "sent", "failed")]


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_every_span_arrives_and_is_counted(stack: ExitStack, protocol: Any) -> None:
    collector = GrpcCollector() if protocol == "grpc" else HttpCollector(lambda: 200)
    stack.callback(collector.close)
    instruments = Instruments()
    tracing = Tracing("gateway", "gateway-1", collector.url, protocol=protocol, instruments=instruments)
    traced(tracing, 700)
    tracing.close()
    assert sorted(collector.spans) == sorted(f"turn {number}" for number in range(700))
    assert fates(instruments) == [700, 700, 0]


def test_a_collector_that_hangs_holds_nobody_up_and_keeps_no_more_than_the_queue(stack: ExitStack) -> None:
    asked, released = threading.Event(), threading.Event()

    def hang() -> int:
        asked.set()
        released.wait(60)
        return 200

    collector = HttpCollector(hang)
    stack.callback(collector.close)
    instruments = Instruments()
    tracing = Tracing("gateway", "gateway-1", collector.url, instruments=instruments)
    traced(tracing, 600)
    assert asked.wait(30)
    traced(tracing, 3 * QUEUE)  # all of them end, while the collector has not answered once
    assert fates(instruments) == [600 + 3 * QUEUE, 0, 0]
    released.set()
    tracing.close()
    _, sent, failed = fates(instruments)
    assert sent + failed <= 600 + QUEUE
    assert sent == len(collector.spans)


@pytest.mark.parametrize("away", [True, False], ids=["away", "refusing"])
def test_spans_that_a_collector_does_not_take_are_counted(stack: ExitStack, away: bool) -> None:
    collector = HttpCollector(lambda: 400)
    stack.callback(collector.close)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        instruments = Instruments()
        tracing = Tracing("gateway", "gateway-1", nowhere if away else collector.url, instruments=instruments)
        traced(tracing, 3)
        threading.Thread(target=tracing.close, daemon=True).start()
        wait_for("the spans to be given up", lambda: fates(instruments) == [3, 0, 3])
