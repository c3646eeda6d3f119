"""A gateway on real servers starts warm: who was active before waits for no discovery and no look-up of their session."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.gateway.main import create_process
from app.gateway.settings import GatewaySettings
from app.infra.lifecycle import Process
from app.telemetry import catalogue
from tests.support.kube_api import KubeApi, Received, answer, write_kubeconfig
from tests.support.postgres_server import PostgresServer
from tests.support.redis_nodes import RedisNodes

PASSWORD = "correct horse battery"
DISCOVERY = {"/api", "/apis"}


@pytest.fixture(scope="module")
def nodes() -> Iterator[RedisNodes]:
    made = RedisNodes()
    yield made
    made.close()


async def offers_pods(received: Received, writer: asyncio.StreamWriter) -> bool:
    """A cluster whose API has pods, of which there are none."""
    pods = {"resource": "pods", "scope": "Namespaced", "verbs": ["list"], "responseKind": {"kind": "Pod"}}
    core = {"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [pods]}]}
    if received.path in DISCOVERY:
        items = [core] if received.path == "/api" else []
        return await answer(writer, 200, {"kind": "APIGroupDiscoveryList", "items": items})
    return await answer(writer, 200, {"kind": "Table", "columnDefinitions": [], "rows": [], "items": []})


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


@dataclass(frozen=True)
class House:
    """What outlives a replica, and how one is started."""

    cluster: KubeApi
    nodes: RedisNodes
    settings: Callable[[], GatewaySettings]

    @asynccontextmanager
    async def replica(self) -> AsyncIterator[Replica]:
        process = create_process(self.settings())
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


@pytest.fixture
async def house(postgres: PostgresServer, nodes: RedisNodes, tmp_path: Path) -> AsyncIterator[House]:
    for name, secret in (("token", "token"), ("password", PASSWORD)):
        (tmp_path / name).write_text(secret)
    database, thresholds = postgres.new_database(), gc.get_threshold()
    async with KubeApi(offers_pods) as cluster:
        settings = partial(
            GatewaySettings,
            postgres_url=postgres.pooled_url(database),
            postgres_direct_url=postgres.url(database),
            redis_nodes=",".join(f"127.0.0.1:{port}" for port in nodes.ports),
            audit_urls="http://127.0.0.1:1",
            nlp_urls="http://127.0.0.1:2",
            kubeconfig=write_kubeconfig(tmp_path / "config", cluster.url),
            service_token_file=tmp_path / "token",
            webhook_token_file=tmp_path / "token",
            admin_password_file=tmp_path / "password",
        )
        yield House(cluster, nodes, settings)
    gc.set_threshold(*thresholds)


async def test_after_a_restart_an_active_persons_first_question_finds_resource_types_and_session_in_their_caches(
    house: House,
) -> None:
    token = await house.someone_active()
    house.nodes.forget_everything()
    house.cluster.received.clear()
    async with house.replica() as replica:
        assert set(house.asked()) == DISCOVERY
        house.cluster.received.clear()
        for cache in ("resource_types", "sessions"):
            assert replica.counted(cache, event="loaded") == 1
        await replica.ask(token)
        assert DISCOVERY.isdisjoint(house.asked())
        for cache in ("resource_types", "sessions"):
            assert replica.counted(cache, result="miss") == 0
            assert replica.counted(cache, event="used") == 1
