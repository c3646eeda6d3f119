"""The demo process: the Kubernetes API of three clusters over TLS on one listener.

`python -m app.demo.main`. The probes `/healthz`, `/livez` and `/readyz` are on that listener too; with a private port
set they are also there, without TLS.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any, Final

import uvicorn
import uvloop
from pydantic import ValidationError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.demo import certificates
from app.demo.access.identity import Tokens
from app.demo.api.exchange import Receive, Scope, Send
from app.demo.api.server import Server
from app.demo.clock import SystemClock
from app.demo.cluster import Cluster
from app.demo.ledger import Ledger
from app.demo.settings import DemoSettings
from app.demo.world import live, make_world
from app.errors import KubeChatError
from app.telemetry.logs import configure_logs, get_logger

CERTIFICATES: Final = "tls"  # folder in the state directory; `ca.crt` in it is what clients need
LEDGER: Final = "ledger.jsonl"
_DRAIN_S: Final = 3  # watches never end by themselves, so there is little to wait for
_KEEP_ALIVE_S: Final = 120
_log = get_logger(__name__)


class _Protocol(HttpToolsProtocol):
    """HTTP whose requests can close their connection without an answer."""

    def on_headers_complete(self) -> None:
        """Give the request a way to do so."""
        self.scope["kubechat.abort"] = self.transport.abort  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()


class _Uvicorn(uvicorn.Server):
    """A uvicorn server whose signals are handled by `_serve`, which runs two of them."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # theirs is a generator
        return nullcontext()


async def probes(scope: Scope, receive: Receive, send: Send) -> None:
    """The application of the private listener: it answers while the process lives."""
    if scope["type"] != "http":
        return
    known = scope["path"] in {"/healthz", "/livez", "/readyz"}
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200 if known else 404, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok\n" if known else b"not found\n"})


@asynccontextmanager
async def open_server(settings: DemoSettings) -> AsyncIterator[Server]:
    """The application with its clusters alive.

    Args:
        settings: the process' settings.

    Raises:
        InternalError: a file that it needs cannot be used.
        OSError: the ledger cannot be opened.
    """
    tokens = Tokens.read(settings.demo_tokens_file)
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(settings.state_dir / LEDGER)
    clusters = make_world(SystemClock())
    tasks = [asyncio.create_task(_live(cluster), name=f"cluster-{name}") for name, cluster in clusters.items()]
    try:
        yield Server(clusters, tokens, ledger)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        ledger.close()


async def _live(cluster: Cluster) -> None:
    while True:
        try:
            await live(cluster)
        except Exception:  # noqa: BLE001 - one bad object must not stop a cluster's time; the log has the reason
            _log.exception("a controller failed", cluster=cluster.name)


def serve(settings: DemoSettings) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        InternalError: a file that it needs cannot be used.
        OSError: a listener cannot be bound.
    """
    configure_logs("demo", settings.instance or "demo", settings.log_level)
    made = certificates.ensure(settings.state_dir / CERTIFICATES)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, made))


async def _serve(settings: DemoSettings, made: certificates.Certificates) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_server(settings) as server:
        listener = (
            socket.socket(fileno=settings.listen_fd)
            if settings.listen_fd is not None
            else _listen(settings.host, settings.port)
        )
        running = [(_Uvicorn(_config(server, made)), listener)]
        if settings.private_port:
            running.append((_Uvicorn(_config(probes, None)), _listen(settings.private_host, settings.private_port)))
        tasks = [asyncio.create_task(entry.serve(sockets=[place])) for entry, place in running]
        _log.info("listening", address=listener.getsockname())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for entry, _ in running:
            entry.should_exit = True
        for task in tasks:
            await task
        stopped.cancel()


def _config(app: Any, made: certificates.Certificates | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_DRAIN_S,
        ssl_certfile=str(made.certificate) if made else None,
        ssl_keyfile=str(made.key) if made else None,
    )


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(512)
    listener.setblocking(False)
    return listener


def main() -> int:
    """Read the settings and serve.

    Returns:
        exit status: 2 when the process cannot start.
    """
    try:
        settings = DemoSettings()
        serve(settings)
    except ValidationError as exc:
        names = ", ".join(f"KUBECHAT_{str(error['loc'][0]).upper()}" for error in exc.errors() if error["loc"])
        sys.stderr.write(f"demo: these settings are missing or wrong: {names}\n")
        return os.EX_USAGE if not names else 2
    except (KubeChatError, OSError) as exc:
        sys.stderr.write(f"demo: {exc}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
