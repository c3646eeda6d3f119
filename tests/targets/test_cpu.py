"""How CPU time is bounded and spread."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from app.audit.batches import Batches
from app.audit.entries import Event, Intent
from app.audit.store import Stored
from app.domain.clusters.answers import Answers
from app.domain.clusters.informer import METADATA_KIND, Changed, Informer
from app.domain.clusters.places import Place
from app.domain.commands.engine import Engine
from app.domain.commands.parser import parse
from app.domain.commands.results import TableResult
from app.errors import BusyError
from app.infra.workers import Workers
from app.stack.spawner import Spawner
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.support.known_types import known_types
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster
from tests.unit.stack.tiny import ME, shell


async def test_replicas_may_run_on_every_core_and_are_pinned_to_none(tmp_path: Path) -> None:
    spawner = Spawner(ME, None)
    for name in ("gateway-1", "gateway-2"):
        says = shell(name, f"grep Cpus_allowed_list /proc/self/status > {tmp_path}/{name}", tmp_path)
        process = await spawner.spawn(says, tmp_path / f"{name}.log")
        assert await process.wait() == 0
        spawner.forget(process.pid)
        assert cores_in((tmp_path / name).read_text().split()[1]) == os.sched_getaffinity(0)


def cores_in(ranges: str) -> set[int]:
    """The cores of a list such as `0-3,8`."""
    found: set[int] = set()
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


async def test_heavy_work_has_one_thread_per_core_and_a_queue_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    instruments = Instruments()
    workers = Workers(instruments)
    assert workers.size == instruments.value(catalogue.WORKER_SIZE) == 3
    gate = threading.Event()
    running = [asyncio.create_task(workers.run(gate.wait, 10)) for _ in range(3 * 17)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await workers.run(int)
    gate.set()
    assert all(await asyncio.gather(*running))
    workers.close()


def test_a_lag_of_50_milliseconds_and_one_beyond_it_are_told_apart() -> None:
    instruments = Instruments()
    lag = instruments.histogram(catalogue.EVENT_LOOP_LAG)
    for lag_s in (0.05, 0.0501):
        lag.observe(lag_s)
    assert instruments.value(catalogue.EVENT_LOOP_LAG, "_bucket", le="0.05") == 1


class WatchedCluster(ScriptedCluster):
    """Eight pods, all of which a watch tells of at once."""

    def __init__(self) -> None:
        super().__init__(self._answer)

    def _answer(self, asked: Asked) -> Any:
        kind = {"kind": "APIGroupDiscoveryList"}
        if asked.path == "/api":
            pod = {"resource": "pods", "responseKind": {"kind": "Pod"}, "scope": "Namespaced", "verbs": ["get", "list"]}
            return {**kind, "items": [{"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [pod]}]}]}
        if asked.path == "/apis":
            return {**kind, "items": []}
        rows = [{"cells": [f"web-{n}"], "object": {"metadata": {"name": f"web-{n}"}}} for n in range(8)]
        columns = [{"name": "Name", "type": "string"}]
        return {"kind": "Table", "columnDefinitions": columns, "rows": rows, "metadata": {"resourceVersion": "1"}}

    @asynccontextmanager
    async def stream(self, *_: Any, **__: Any) -> AsyncIterator[AsyncIterator[bytes]]:
        async def lines() -> AsyncIterator[bytes]:
            for number in range(8):
                metadata = {"name": f"web-{number}", "namespace": "shop", "resourceVersion": str(2 + number)}
                yield orjson.dumps({"type": "MODIFIED", "object": {"kind": METADATA_KIND, "metadata": metadata}})
            await asyncio.Event().wait()

        yield lines()


async def test_calls_to_kubernetes_and_to_the_databases_are_batched() -> None:
    instruments, cluster = Instruments(), WatchedCluster()
    path = "/api/v1/namespaces/shop/pods"
    # Identical reads in flight are one call.
    reading = Answers(instruments).reading(cluster, ADA)
    await asyncio.gather(*(reading.json(path, (), "application/json") for _ in range(10)))
    assert [asked.path for asked in cluster.asked] == [path]
    # Names of one type become one list.
    engine = Engine({"prod-eu": cluster}, current="prod-eu", known_types=known_types())
    names = [f"web-{number}" for number in (5, 1, 4, 2, 3)]
    line = parse(f"kubectl get pods {' '.join(names)}", cluster="prod-eu", namespace="shop", clusters=("prod-eu",))
    cluster.asked.clear()
    (table,) = await engine.read(line, ADA)
    assert isinstance(table, TableResult)
    assert [row[0] for row in table.rows] == names
    assert [asked.path for asked in cluster.asked if "pods" in asked.path] == [path]
    assert cluster.instruments.value(catalogue.KUBERNETES_BATCH_ITEMS, "_sum", of="names") == 5
    # What a watch tells at once is applied at once.
    applied: asyncio.Queue[Changed] = asyncio.Queue()
    informer = Informer(cluster, Place("", "v1", "pods"), applied.put_nowait, instruments)
    watching = asyncio.create_task(informer.run())
    async with asyncio.timeout(10):
        assert await applied.get() is None
        assert await applied.get() == {"shop": {f"web-{number}" for number in range(8)}}
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert instruments.value(catalogue.KUBERNETES_BATCH_ITEMS, "_sum", of="watch events") == 8
    # Events that come during a commit share the next one.
    await events_share_commits(instruments)


async def events_share_commits(instruments: Instruments) -> None:
    commits: list[int] = []
    go_on = asyncio.Event()

    class Table:
        async def add(self, events: Sequence[Event], _: Sequence[Intent]) -> Stored:
            commits.append(len(events))
            await go_on.wait()
            return Stored({event.event_id for event in events}, set(), set())

    batches = Batches(Table(), instruments, limit_events=100, limit_bytes=10_000)
    writing = asyncio.create_task(batches.run())
    now = datetime.now(UTC)

    def event() -> Event:
        return Event(
            uuid4(), now, "read", uuid4(), "a", None, "", "", "", "", "get", "pods", "", "", None, None, None, "{}"
        )

    adding = [asyncio.create_task(batches.add([event()], None, size_bytes=10, within_s=10)) for _ in range(20)]
    for _ in range(10):
        await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*adding)
    assert len(commits) < 5
    assert sum(commits) == 20
    await batches.close(5)
    await asyncio.gather(writing, return_exceptions=True)
