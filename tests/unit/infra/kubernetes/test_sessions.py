"""What becomes of connections that are not used again, against a server that never says goodbye."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest

from app.demo import certificates
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.kube_api import write_kubeconfig

ADA = Impersonation("kubechat:ada")
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
BEGUN = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{"type":"ADDED"}\n'


@contextmanager
def answering(made: certificates.Certificates, words: bytes) -> Iterator[int]:
    """A TLS server that gives every connection these words and does not read on, nor close; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    with socket.create_server(("127.0.0.1", 0)) as listening, ExitStack() as taken:

        def serve() -> None:
            while True:
                try:
                    raw, _ = listening.accept()
                except OSError:
                    return
                connection = taken.enter_context(context.wrap_socket(raw, server_side=True))
                connection.recv(65536)
                connection.sendall(words)

        thread = Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def held(port: int) -> list[object]:
    """The sockets of this process whose peer is that port."""
    return [each for each in psutil.Process().net_connections("tcp4") if each.raddr and each.raddr.port == port]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.ensure(tmp_path_factory.mktemp("certificates"))


def client_of(folder: Path, port: int, made: certificates.Certificates) -> ClusterClient:
    authority: dict[str, Any] = {"certificate-authority-data": base64.b64encode(made.authority.read_bytes()).decode()}
    path = write_kubeconfig(folder / "config", f"https://127.0.0.1:{port}", **authority)
    return ClusterClient(load_clusters(path).clusters[0], Instruments(), Tracing("gateway", "gateway-1"))


async def test_the_connection_of_a_change_is_cut_once_it_is_answered(
    tmp_path: Path, made: certificates.Certificates
) -> None:
    with answering(made, WHOLE) as port:
        client = client_of(tmp_path, port, made)
        await client.request("PATCH", "/api", identity=ADA, body=b"{}")
        await asyncio.sleep(0)
        assert not held(port)
        await client.close()


async def test_the_connection_of_a_stream_that_is_left_is_cut(tmp_path: Path, made: certificates.Certificates) -> None:
    with answering(made, BEGUN) as port:
        client = client_of(tmp_path, port, made)
        async with client.stream("/api/v1/pods", identity=ADA, idle_timeout_s=60, timeout_s=60) as lines:
            assert await anext(lines) == b'{"type":"ADDED"}'
            assert held(port)
        await asyncio.sleep(0)
        assert not held(port)
        await client.close()


async def test_a_kept_connection_is_used_again_and_closed_with_the_client(
    tmp_path: Path, made: certificates.Certificates
) -> None:
    with answering(made, WHOLE) as port:
        client = client_of(tmp_path, port, made)
        await client.request("GET", "/api", identity=ADA)
        assert len(held(port)) == 1
        await client.close()
        await asyncio.sleep(0)
        assert not held(port)
