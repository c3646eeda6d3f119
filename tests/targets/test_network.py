"""Connections are kept, ended and compressed with the architecture document's figures."""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.errors import DeadlineExceededError
from app.gateway.routes.web import web_routes
from app.infra.http import ServiceClient
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.infra.lifecycle import _config
from app.stack.servers import pgbouncer
from app.stack.servers.pgbouncer import PgBouncerSettings
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.kube_api import KubeApi, write_kubeconfig


async def test_a_service_that_is_asked_a_hundred_times_sees_at_most_five_connections() -> None:
    tracing = Tracing("gateway", "test")
    async with KubeApi() as service:
        client = ServiceClient("audit", [service.url], token="t", instruments=Instruments(), tracing=tracing)
        for _ in range(100):
            await client.call("search", "GET", "/v1/events", timeout_s=5)
        await client.close()
    tracing.close()
    assert len(service.received) == 100
    assert service.connections <= 5


def test_the_pooler_keeps_its_connections_alive() -> None:
    parser = configparser.ConfigParser(comment_prefixes=(";",), delimiters=("=",), interpolation=None)
    parser.read_string(pgbouncer.text(PgBouncerSettings(6432, 5432, (), "/s/users.txt", (1, 18, 0))))
    assert parser["pgbouncer"]["tcp_keepalive"] == "1"


async def test_a_request_to_a_cluster_is_given_up_after_30_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float] = []

    async def no_answer(*_: Any, timeout: aiohttp.ClientTimeout, **__: Any) -> None:  # noqa: ASYNC109 - aiohttp's name
        limits.append(timeout.total or 0)
        raise TimeoutError

    monkeypatch.setattr(aiohttp.ClientSession, "request", no_answer)
    config = load_clusters(write_kubeconfig(tmp_path / "kubeconfig", "http://127.0.0.1:1")).clusters[0]
    tracing = Tracing("gateway", "test")
    client = ClusterClient(config, Instruments(), tracing)
    try:
        with pytest.raises(DeadlineExceededError):
            await client.request("GET", "/version", identity=Impersonation("ann", ()))
    finally:
        await client.close()
        tracing.close()
    assert limits == [pytest.approx(30, abs=0.5)]


async def test_a_connection_without_a_frame_for_60_seconds_is_closed_and_sockets_are_pinged_every_25() -> None:
    async def app(*_: Any) -> None:
        return

    server = _config(app)
    assert server.timeout_keep_alive == 60
    assert (server.ws_ping_interval, server.ws_ping_timeout) == (25, 60)


@pytest.mark.parametrize(("size", "encoding"), [(1024, None), (1025, "br")])
def test_a_static_file_over_a_kilobyte_is_compressed_and_a_smaller_one_is_not(
    tmp_path: Path, size: int, encoding: str | None
) -> None:
    (tmp_path / "app.js").write_bytes(b"x" * size)
    client = TestClient(Starlette(routes=web_routes(tmp_path, None)))
    reply = client.get("/app.js", headers={"accept-encoding": "gzip, br"})
    assert reply.headers.get("content-encoding") == encoding
