"""Runs one process: its public and private listeners on one event loop, its start, and its orderly end.

A composition root hands over two ASGI applications; this module knows nothing about what they do. SIGTERM and SIGINT
drain: readiness turns false, listeners close, requests in flight get `DRAIN_S`, then the lifespan closes what it
opened.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass

import uvicorn
import uvloop
from prometheus_client import ProcessCollector

from app.infra.cache.caches import Caches
from app.infra.health import Health
from app.infra.memory import MemoryGuard
from app.infra.settings import ProcessSettings
from app.infra.workers import Workers
from app.telemetry import catalogue
from app.telemetry.http import App
from app.telemetry.instruments import Instruments
from app.telemetry.log_meter import LogMeter
from app.telemetry.log_sampling import Sampler
from app.telemetry.logs import configure_logs, get_logger
from app.telemetry.tracing import Tracing
from slo.targets.memory import GARBAGE_COLLECTION
from slo.targets.network import IDLE_TIMEOUT

DRAIN_S = 5  # a request may take longer only if it is a stream, and streams reconnect
LOOP_PROBE_S = 0.25  # a stall as long as the alert's bound cannot hide between two probes
_log = get_logger(__name__)


class Runtime:
    """What every process has, made before its own parts.

    Attributes:
        service: the scrape job and service name.
        settings: the process' settings.
        instruments: its metrics.
        tracing: its tracer.
        health: its registered pings.
        memory: its memory guard.
        caches: its caches in memory.
        workers: its threads for work that would hold the event loop.
    """

    def __init__(self, service: str, settings: ProcessSettings) -> None:
        self.service = service
        self.settings = settings
        self.instruments = Instruments()
        self.tracing = Tracing(
            service,
            settings.instance or service,
            settings.otlp_endpoint,
            protocol=settings.otlp_protocol,
            instruments=self.instruments,
        )
        self.health = Health()
        self.workers = Workers(self.instruments)
        self.caches = Caches()
        self.memory = MemoryGuard(self.instruments, settings.memory_limit_bytes)
        self.instruments.register(ProcessCollector(registry=None))
        self.instruments.gauge(catalogue.BUILD_INFO).labels(settings.version).set(1)

    @asynccontextmanager
    async def background(self) -> AsyncIterator[None]:
        """Sample the event loop's lag, garbage collection and memory while the process runs."""
        lag = self.instruments.histogram(catalogue.EVENT_LOOP_LAG)
        pauses = self.instruments.histogram(catalogue.GC_PAUSE)
        watch = _collection_timer(pauses.observe)
        thresholds = self.instruments.gauge(catalogue.GC_THRESHOLD)
        gc.set_threshold(*_collection_thresholds())
        for generation, threshold in enumerate(gc.get_threshold()):
            thresholds.labels(str(generation)).set(threshold)
        gc.callbacks.append(watch)
        task = asyncio.create_task(self._probe(lag.observe), name="loop-probe")
        try:
            yield
        finally:
            gc.callbacks.remove(watch)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self.workers.run_always(self.tracing.close)
            self.workers.close()

    async def _probe(self, observe: Callable[[float], None]) -> None:
        loop = asyncio.get_running_loop()
        next_sample = 0.0
        while True:
            before = loop.time()
            await asyncio.sleep(LOOP_PROBE_S)
            after = loop.time()
            observe(max(0.0, after - before - LOOP_PROBE_S))
            if after >= next_sample:
                next_sample = after + 1.0
                self.caches.sweep()
                try:
                    self.memory.sample()
                except OSError as exc:
                    # Out of file descriptors, say: the probe must not end, or shedding would stay as it is for ever.
                    _log.warning("memory not sampled", fault=type(exc).__name__)


@contextmanager
def kept_for_good() -> Iterator[None]:
    """Leave what is there by now out of collections of garbage.

    What a process loads to start lives as long as it does, and is most of what it holds: to look at it again and again
    finds nothing, takes a twentieth of the language service's time, and holds the event loop each time.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _collection_thresholds() -> tuple[int, int, int]:
    """The interpreter's own thresholds, the first at the catalogue's share of them, in percent as Go's GOGC counts."""
    base = {"default": gc.get_threshold}[GARBAGE_COLLECTION.named("thresholds").word]
    young, middle, old = base()
    return young * GARBAGE_COLLECTION.named("gogc").whole // 100, middle, old


def _collection_timer(observe: Callable[[float], None]) -> Callable[[str, dict[str, int]], None]:
    started = 0.0

    def watch(phase: str, _: dict[str, int]) -> None:
        nonlocal started
        if phase == "start":
            started = time.perf_counter()
        else:
            observe(time.perf_counter() - started)

    return watch


@dataclass(frozen=True, slots=True)
class Process:
    """A composition root's result.

    Attributes:
        runtime: what `Runtime` made.
        public: the application on the public listener, None for a process that has none.
        private: the application on the private listener.
        lifespan: opens what both need before they listen, and closes it in reverse after they stopped.
    """

    runtime: Runtime
    public: App | None
    private: App
    lifespan: Callable[[], AbstractAsyncContextManager[None]]


class _Server(uvicorn.Server):
    """A uvicorn server whose signals are handled by `serve`, which runs two of them."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # theirs is a generator
        return nullcontext()


def serve(process: Process) -> None:
    """Run a process until SIGTERM or SIGINT; returns after everything is closed.

    Raises:
        OSError: a listener cannot be bound.
    """
    runtime = process.runtime
    configure_logs(
        runtime.service,
        runtime.settings.instance or runtime.service,
        runtime.settings.log_level,
        LogMeter(sys.stderr, runtime.instruments),
        Sampler(runtime.instruments.counter(catalogue.LOG_SAMPLED_OUT).inc),
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(process))


async def _serve(process: Process) -> None:
    runtime, lifespan = process.runtime, process.lifespan
    stop = asyncio.Event()
    started = asyncio.Event()
    loop = asyncio.get_running_loop()
    starting = asyncio.current_task()
    assert starting is not None

    def end() -> None:
        if not started.is_set() and not stop.is_set():
            starting.cancel()  # a start that waits for its database would wait for ever
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    with _listen(runtime.settings.private_host, runtime.settings.private_port) as private_socket:
        try:
            async with runtime.background(), lifespan():
                started.set()
                with kept_for_good():
                    await _answer_until(stop, process, private_socket)
        except asyncio.CancelledError:
            if started.is_set() or not stop.is_set():
                raise
            _log.info("stopped before it had started")


async def _answer_until(stop: asyncio.Event, process: Process, private_socket: socket.socket) -> None:
    runtime, public, private = process.runtime, process.public, process.private
    settings = runtime.settings
    private_server = _Server(_config(private))
    tasks = [asyncio.create_task(private_server.serve(sockets=[private_socket]), name="private")]
    public_server: _Server | None = None
    if public is not None:
        public_socket = (
            _inherit(settings.listen_fd) if settings.listen_fd is not None else _listen(settings.host, settings.port)
        )
        public_server = _Server(_config(public))
        tasks.append(asyncio.create_task(public_server.serve(sockets=[public_socket]), name="public"))
        _log.info("listening", address=public_socket.getsockname(), private=private_socket.getsockname())
    stopped = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Also when a background task has failed: what is being answered still needs what the lifespan will close.
        _log.info("stopping")
        stopped.cancel()
        runtime.health.draining = True
        # The public side drains first; the private one answers probes and scrapes until the end.
        if public_server is not None:
            public_server.should_exit = True
            await tasks[1]
        private_server.should_exit = True
        await tasks[0]


def _config(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=int(IDLE_TIMEOUT.named("").number),
        timeout_graceful_shutdown=DRAIN_S,
        ws_max_size=4 * 2**20,
        ws_ping_interval=IDLE_TIMEOUT.named("ping").number,
        ws_ping_timeout=IDLE_TIMEOUT.named("").number,
        backlog=2048,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(2048)
    listener.setblocking(False)
    return listener


def _inherit(fd: int) -> socket.socket:
    listener = socket.socket(fileno=fd)
    listener.setblocking(False)
    return listener
