"""Replicas of the gateway in the tests' own process, on real servers and a cluster that has pods."""

from __future__ import annotations

import asyncio
import gc
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from app.gateway.main import create_process
from app.gateway.settings import GatewaySettings
from app.infra.lifecycle import Process
from app.telemetry import catalogue
from tests.support.kube_api import KubeApi, Received, answer, write_kubeconfig
from tests.support.postgres_server import PostgresServer
from tests.support.redis_nodes import RedisNodes

PASSWORD = "correct horse battery"
DISCOVERY = {"/api", "/apis"}


def pods_of(rows: int) -> Callable[[Received, asyncio.StreamWriter], Awaitable[bool]]:
    """A cluster whose API has pods, and so many of them."""
    columns = [{"name": name, "type": "string"} for name in ("Name", "Ready", "Status", "Restarts", "Age")]
    cells = [[f"web-{number:05}", "1/1", "Running", "0", "5d"] for number in range(rows)]
    table = {"kind": "Table", "columnDefinitions": columns, "rows": [{"cells": each} for each in cells]}
    return partial(_answer, table)


async def _answer(table: dict[str, Any], received: Received, writer: asyncio.StreamWriter) -> bool:
    pods = {"resource": "pods", "scope": "Namespaced", "verbs": ["list"], "responseKind": {"kind": "Pod"}}
    core = {"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [pods]}]}
    if received.path in DISCOVERY:
        items = [core] if received.path == "/api" else []
        return await answer(writer, 200, {"kind": "APIGroupDiscoveryList", "items": items})
    return await answer(writer, 200, table)


@dataclass(frozen=True)
class Replica:
    """One replica, ready."""

    process: Process
    http: httpx2.AsyncClient

    def counted(self, cache: str, **of: str) -> float:
        metric = catalogue.CACHE_WARMED if "event" in of else catalogue.CACHE_LOOKUPS
        return self.process.runtime.instruments.value(metric, cache=cache, **of)

    async def ask(self, token: str) -> list[dict[str, Any]]:
        headers = {"authorization": f"Bearer {token}"}
        reply = await self.http.post("/api/v1/commands", json={"line": "kubectl get pods"}, headers=headers)
        assert reply.status_code == 200, reply.text
        return list(reply.json()["events"])


_REPLICAS = itertools.count(1)


@dataclass(frozen=True)
class House:
    """What outlives a replica, and how one is started."""

    cluster: KubeApi
    nodes: RedisNodes
    settings: Callable[..., GatewaySettings]

    @asynccontextmanager
    async def replica(self) -> AsyncIterator[Replica]:
        process = create_process(self.settings(instance=f"gateway-{next(_REPLICAS)}"))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(process.runtime.background())
            await stack.enter_async_context(process.lifespan())
            http = httpx2.AsyncClient(transport=httpx2.ASGITransport(process.public), base_url="http://test")
            yield Replica(process, await stack.enter_async_context(http))

    async def someone_active(self) -> str:
        """The token of somebody who has a conversation."""
        async with self.replica() as replica:
            signing_in = {"user": "admin", "password": PASSWORD}
            reply = await replica.http.post("/api/v1/tokens", json=signing_in)
            assert reply.status_code == 201, reply.text
            token = str(reply.json()["token"])
            headers = {"authorization": f"Bearer {token}"}
            started = await replica.http.post("/api/v1/chat-sessions", json={}, headers=headers)
            assert started.status_code == 201, started.text
        return token

    def asked(self) -> list[str]:
        return [received.path for received in self.cluster.received]


@asynccontextmanager
async def gateway_house(
    postgres: PostgresServer, nodes: RedisNodes, folder: Path, *, pods: int = 0
) -> AsyncIterator[House]:
    """Servers for replicas of the gateway, a cluster with so many pods among them."""
    for name, secret in (("token", "token"), ("password", PASSWORD)):
        (folder / name).write_text(secret)
    database, thresholds = postgres.new_database(), gc.get_threshold()
    async with KubeApi(pods_of(pods)) as cluster:
        settings = partial(
            GatewaySettings,
            postgres_url=postgres.pooled_url(database),
            postgres_direct_url=postgres.url(database),
            redis_nodes=",".join(f"127.0.0.1:{port}" for port in nodes.ports),
            audit_urls="http://127.0.0.1:1",
            nlp_urls="http://127.0.0.1:2",
            kubeconfig=write_kubeconfig(folder / "config", cluster.url),
            service_token_file=folder / "token",
            webhook_token_file=folder / "token",
            admin_password_file=folder / "password",
        )
        yield House(cluster, nodes, settings)
    gc.set_threshold(*thresholds)
