"""Many clusters behind one loopback listener, each under a path of its own, and a kubeconfig with a context for each.

Each answers discovery and lists of pods; what a test says of one happens to that one alone.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from app.domain.clusters.discovery import KEPT_S, Catalogue
from app.domain.commands.engine import Engine
from app.infra.cache.memory import MemoryCache
from app.infra.kubernetes.breaker import Breaker
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.kube_api import KubeApi, Received, answer

Behaviour = Callable[[Received, asyncio.StreamWriter], Awaitable[bool]]
PODS_OF_EACH = 5
COLUMNS = ("Name", "Ready", "Status", "Restarts", "Age")


def names(number: int) -> tuple[str, ...]:
    """So many cluster names."""
    return tuple(f"c-{index:03}" for index in range(number))


def table(rows: Iterable[Sequence[str]], columns: Sequence[str] = COLUMNS) -> dict[str, Any]:
    """A server-side table."""
    definitions = [{"name": name, "type": "string", "priority": 0} for name in columns]
    return {"kind": "Table", "columnDefinitions": definitions, "rows": [{"cells": list(row)} for row in rows]}


def pods(cluster: str, number: int = PODS_OF_EACH) -> dict[str, Any]:
    """The table of a cluster's pods."""
    return table((f"web-{cluster}-{index}", "1/1", "Running", "0", "5d") for index in range(number))


async def hangs(_: Received, __: asyncio.StreamWriter) -> bool:
    """Never answers."""
    await asyncio.Event().wait()
    return False


@dataclass
class Fleet:
    """Answers for every cluster; `behaviours` holds what is special about some."""

    clusters: tuple[str, ...]
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    refusing: frozenset[str] = frozenset()
    pods_of_each: int = PODS_OF_EACH

    def kubeconfig(self, path: Path, url: str) -> Path:
        """A kubeconfig with a context for each; those of `refusing` name a port on which nobody listens."""
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        servers = {name: nobody if name in self.refusing else f"{url}/{name}" for name in self.clusters}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": self.clusters[0],
            "clusters": [{"name": name, "cluster": {"server": server}} for name, server in servers.items()],
            "contexts": [
                {"name": name, "context": {"cluster": name, "user": "u", "namespace": "shop"}} for name in self.clusters
            ],
            "users": [{"name": "u", "user": {"token": "t0p"}}],
        }
        path.write_text(yaml.safe_dump(content))
        return path

    async def serve(self, received: Received, writer: asyncio.StreamWriter) -> bool:
        """The script of the listener."""
        _, cluster, *rest = received.path.split("/")
        behaviour = self.behaviours.get(cluster)
        if behaviour is not None:
            return await behaviour(received, writer)
        return await self.answer(cluster, "/" + "/".join(rest), writer)

    async def answer(self, cluster: str, path: str, writer: asyncio.StreamWriter) -> bool:
        """What a healthy cluster says."""
        if path in {"/api", "/apis"}:
            resource = {"resource": "pods", "scope": "Namespaced", "verbs": ["list"], "responseKind": {"kind": "Pod"}}
            core = {"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [resource]}]}
            items = [core] if path == "/api" else []
            return await answer(writer, 200, {"kind": "APIGroupDiscoveryList", "items": items})
        if path == "/version":
            return await answer(writer, 200, {"gitVersion": "v1.32.0"})
        return await answer(writer, 200, pods(cluster, self.pods_of_each))


@asynccontextmanager
async def engine_of(kubeconfig: Path, instruments: Instruments | None = None) -> AsyncIterator[Engine]:
    """An engine of a kubeconfig's clusters."""
    found, measured = load_clusters(kubeconfig), instruments or Instruments()
    tracing = Tracing("gateway", "gateway-1")
    async with AsyncExitStack() as stack:
        stack.callback(tracing.close)
        clients = {
            config.name: ClusterClient(config, measured, tracing, breaker=Breaker(config.name, measured))
            for config in found.clusters
        }
        for client in clients.values():
            stack.push_async_callback(client.close)
        types: MemoryCache[str, Catalogue] = MemoryCache(
            "resource_types", ttl_s=KEPT_S, max_entries=len(clients), instruments=measured
        )
        yield Engine(clients, current=found.current, known_types=types)


@asynccontextmanager
async def running(fleet: Fleet, folder: Path) -> AsyncIterator[tuple[KubeApi, Path]]:
    """The listener, and its kubeconfig."""
    async with KubeApi(fleet.serve) as api:
        yield api, fleet.kubeconfig(folder / "fleet", api.url)
