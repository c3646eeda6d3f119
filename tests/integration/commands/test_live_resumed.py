"""A live table's watch that dies: taken up where it was, not where it began, and told again when that is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.following import live as following
from app.domain.commands.following import watching
from app.domain.commands.following.live import Update
from app.domain.commands.model.reads import Get
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.integration.commands.conftest import command
from tests.support.known_types import known_types
from tests.support.kube_api import KubeApi, Received, answer, status, write_kubeconfig
from tests.support.scripted_cluster import ADA
from tests.support.waiting import until

COLUMNS = [{"name": name, "type": "string"} for name in ("Name", "Status")]
LISTED_AT, SOON_S = 100, 20.0


def table(version: int, name: str, text: str) -> dict[str, Any]:
    """One row's table, as a watch in table form brings it."""
    metadata = {"name": name, "namespace": "shop", "resourceVersion": str(version)}
    row = {"cells": [name, text], "object": {"metadata": metadata}}
    return {"kind": "Table", "columnDefinitions": COLUMNS, "rows": [row]}


class Pods:
    """An API server with one pod, whose watches say what they are told to."""

    def __init__(self) -> None:
        self.api = KubeApi(self._script)
        self.watched_from: list[str] = []
        self.lists = 0
        self._writer: Any = None
        self._over = asyncio.Event()

    async def _script(self, received: Received, writer: asyncio.StreamWriter) -> bool:
        query = dict(received.query)
        if received.path in {"/api", "/apis"}:
            pods = {
                "resource": "pods",
                "scope": "Namespaced",
                "verbs": ["list", "watch"],
                "responseKind": {"kind": "Pod"},
            }
            core = [{"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [pods]}]}]
            items = core if received.path == "/api" else []
            return await answer(writer, 200, {"kind": "APIGroupDiscoveryList", "items": items})
        if "watch" not in query:
            self.lists += 1
            body = table(7, "web", "Running" if self.lists == 1 else "listed again")
            return await answer(writer, 200, {**body, "metadata": {"resourceVersion": str(LISTED_AT)}})
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        await writer.drain()
        self._writer, self._over = writer, asyncio.Event()
        self.watched_from.append(query["resourceVersion"])
        await self._over.wait()
        return False

    async def watched(self, times: int) -> None:
        async def is_watched() -> bool:
            return len(self.watched_from) == times

        await until(f"watch {times}", is_watched)

    def say(self, kind: str, item: dict[str, Any]) -> None:
        line = orjson.dumps({"type": kind, "object": item})
        self._writer.write(f"{len(line) + 1:x}\r\n".encode() + line + b"\n\r\n")

    def break_off(self) -> None:
        self._over.set()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "EVERY_S", 0.0)
    monkeypatch.setattr(watching, "PAUSE_S", 0.0)


@pytest.fixture
async def pods() -> AsyncIterator[Pods]:
    made = Pods()
    async with made.api:
        yield made
        made.break_off()


@pytest.fixture
async def updates(pods: Pods, tmp_path: Path) -> AsyncIterator[AsyncGenerator[Update]]:
    """The live table, told whole already."""
    tracing = Tracing("gateway", "gateway-1")
    (config,) = load_clusters(write_kubeconfig(tmp_path / "config", pods.api.url)).clusters
    client = ClusterClient(config, Instruments(), tracing)
    engine = Engine({"prod-eu": client}, current="prod-eu", known_types=known_types())
    asked = command("get pods")
    assert isinstance(asked, Get)
    async with aclosing(engine.live(asked, ADA, None)) as found:
        assert (await told(found)).table is not None
        yield found
    await client.close()
    tracing.close()


async def told(updates: AsyncGenerator[Update]) -> Update:
    async with asyncio.timeout(SOON_S):
        return await anext(updates)


async def reading(updates: AsyncGenerator[Update]) -> asyncio.Task[Update]:
    """The next update, waited for beside the test: the table is watched only while somebody waits."""
    return asyncio.create_task(told(updates))


async def test_after_an_event_it_goes_on_from_that_event(pods: Pods, updates: AsyncGenerator[Update]) -> None:
    following_one = await reading(updates)
    await pods.watched(1)
    pods.say("MODIFIED", table(107, "web", "Crashing"))
    assert (await following_one).changed == {"shop/web": ["web", "Crashing"]}
    following_one = await reading(updates)
    pods.break_off()
    await pods.watched(2)
    pods.say("MODIFIED", table(108, "web", "Running"))
    assert (await following_one).changed == {"shop/web": ["web", "Running"]}
    assert (pods.watched_from, pods.lists) == (["100", "107"], 1)


async def test_a_bookmark_moves_it_on_where_nothing_happens(pods: Pods, updates: AsyncGenerator[Update]) -> None:
    following_one = await reading(updates)
    await pods.watched(1)
    pods.say("BOOKMARK", {"kind": "Table", "metadata": {"resourceVersion": "4000"}, "rows": []})
    pods.break_off()
    await pods.watched(2)
    pods.say("ADDED", table(4001, "api", "Running"))
    assert (await following_one).changed == {"shop/api": ["api", "Running"]}
    assert (pods.watched_from, pods.lists) == (["100", "4000"], 1)


async def test_where_the_cluster_knows_no_more_what_lies_between_the_list_is_read_anew(
    pods: Pods, updates: AsyncGenerator[Update]
) -> None:
    following_one = await reading(updates)
    await pods.watched(1)
    pods.say("ERROR", status(410, "Expired", "too old resource version: 100 (4000)"))
    assert (await following_one).changed == {"shop/web": ["web", "listed again"]}
    following_one = await reading(updates)
    await pods.watched(2)
    assert (pods.watched_from, pods.lists) == (["100", "100"], 2)
    pods.say("MODIFIED", table(109, "web", "Running"))
    assert (await following_one).changed == {"shop/web": ["web", "Running"]}
