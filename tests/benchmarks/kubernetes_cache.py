"""A read that was answered a moment ago, and watches of five thousand pods while nothing changes."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Iterable
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson
import uvloop

from app.domain.clusters.answers import Answers
from app.domain.clusters.informers import Informers
from app.domain.clusters.places import Place
from app.domain.commands.engine import Engine
from app.domain.commands.model.reads import Get
from app.domain.commands.parser import parse
from app.domain.commands.results import TableResult
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.benchmarks.row import Row
from tests.support.known_types import known_types
from tests.support.kube_api import KubeApi, Received, answer, write_kubeconfig
from tests.support.scripted_cluster import ADA
from tests.support.waiting import until

PODS = 100  # of a read
WATCHED = 5_000
READS = 2_000
UNCACHED_READS = 200
WATCH_S = 65.0  # with one reading of the list anew
WITHIN_S = 0.002  # a cached read, the bar
SHARE = 0.05  # of a core, the bar
_BOOKMARK_EVERY_S = 10.0  # an API server sends one a minute
_PAGE = 500
_COLUMNS = [{"name": name, "type": "string"} for name in ("Name", "Ready", "Status", "Restarts", "Age")]


def cached_reads() -> Iterable[Row]:
    """How long a cached read takes at its 95th percentile, and how many times longer the same takes of a cluster."""
    cached_s, uncached_s = _against(PODS, _reads)
    yield Row(
        f"cached get pods of {PODS} pods, 95th percentile",
        cached_s * 1000,
        "ms",
        f"{WITHIN_S * 1000:.0f} ms",
        cached_s / WITHIN_S,
        "<= 1",
        note="From the line to the table, redacted: parsed, found under the identity, its limits asked, decoded, made "
        "into rows. One at a time.",
    )
    yield Row(
        f"cached get pods of {PODS} pods, against the same from a cluster",
        cached_s * 1000,
        "ms",
        f"{uncached_s * 1000:.3g} ms, 95th percentile of a server on loopback, without TLS",
        uncached_s / cached_s,
        ">= 1",
        note="The server does nothing but send a page that it has ready; a cluster takes longer by all of its own time.",
    )


def idle_watches() -> Iterable[Row]:
    """What a watch of many pods costs while nothing changes."""
    share = _against(WATCHED, _watches)
    yield Row(
        f"watch of {WATCHED:,} pods and a live table of them while nothing changes",
        share * 100,
        "% of a core",
        f"{SHARE * 100:.0f} % of a core",
        share / SHARE,
        "<= 1",
        note=f"CPU time of the process over {WATCH_S:.0f} s: the watch that drops kept answers, and a table of the first "
        f"{_PAGE} in a chat, whose ages are written anew every five seconds and whose list is read anew once a minute. "
        f"A bookmark comes every {_BOOKMARK_EVERY_S:.0f} s. The server is a process of its own.",
    )


def _against(pods: int, measure: Any) -> Any:
    """Run `measure` with a client of a server of so many pods."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(pods, theirs), daemon=True)
    server.start()
    try:
        with tempfile.TemporaryDirectory(prefix="kubechat-bench-") as folder:
            path = write_kubeconfig(Path(folder) / "config", str(ours.recv()))
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the gateway runs
                return runner.run(_with_client(path, measure))
    finally:
        server.terminate()
        server.join()


async def _with_client(path: Path, measure: Any) -> Any:
    tracing = Tracing("gateway", "gateway-1")
    (config,) = load_clusters(path).clusters
    client = ClusterClient(config, Instruments(), tracing)
    try:
        return await measure(client)
    finally:
        await client.close()
        tracing.close()


async def _reads(client: ClusterClient) -> tuple[float, float]:
    cached = Engine(
        {client.name: client}, current=client.name, known_types=known_types(), answers=Answers(Instruments())
    )
    asking = Engine({client.name: client}, current=client.name, known_types=known_types())
    return await _p95(cached, READS), await _p95(asking, UNCACHED_READS)


async def _p95(engine: Engine, times: int) -> float:
    taken = []
    for _ in range(times + 10):
        started = time.perf_counter()
        line = parse("kubectl get pods", cluster="prod-eu", namespace="shop", clusters=("prod-eu",))
        (found,) = await engine.read(line, ADA)
        taken.append(time.perf_counter() - started)
        assert isinstance(found, TableResult)
        assert found.shown == PODS
    return sorted(taken[10:])[int(times * 0.95)]


async def _watches(client: ClusterClient) -> float:
    instruments = Instruments()
    informers = Informers(instruments)
    answers = Answers(instruments, informers=informers)
    engine = Engine({client.name: client}, current=client.name, known_types=known_types(), answers=answers)
    line = parse("kubectl get pods -A", cluster="prod-eu", namespace="shop", clusters=("prod-eu",))
    assert isinstance(line, Get)
    for _ in range(3):
        await engine.read(line, ADA)
    async with aclosing(engine.live(line, ADA, None)) as updates:
        first = await anext(updates)
        assert first.total == WATCHED

        async def watched() -> bool:
            return informers.is_watched(client.name, Place("", "v1", "pods"))

        await until("the watch", watched)
        started, before = time.perf_counter(), time.process_time()
        with suppress(TimeoutError):
            async with asyncio.timeout(WATCH_S):
                async for _ in updates:
                    pass
        share = (time.process_time() - before) / (time.perf_counter() - started)
    await informers.close()
    return share


def _serve(pods: int, told: Connection) -> None:
    """An API server of so many pods, in a process of its own."""
    asyncio.run(_served(pods, told))


async def _served(pods: int, told: Connection) -> None:
    pages = [_page(pods, first) for first in range(0, pods, _PAGE)]
    pod = {
        "resource": "pods",
        "responseKind": {"kind": "Pod"},
        "scope": "Namespaced",
        "verbs": ["get", "list", "watch"],
    }
    kind = {"kind": "APIGroupDiscoveryList"}
    known = {
        "/api": {**kind, "items": [{"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [pod]}]}]},
        "/apis": {**kind, "items": []},
    }

    async def script(received: Received, writer: asyncio.StreamWriter) -> bool:
        query = dict(received.query)
        if "watch" not in query:
            return await answer(writer, 200, known.get(received.path) or pages[int(query.get("continue", "0"))])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        mark = orjson.dumps({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "7"}}}) + b"\n"
        while True:
            writer.write(f"{len(mark):x}\r\n".encode() + mark + b"\r\n")
            await writer.drain()
            await asyncio.sleep(_BOOKMARK_EVERY_S)

    async with KubeApi(script) as api:
        told.send(api.url)
        await asyncio.Event().wait()


def _page(pods: int, first: int) -> bytes:
    """Up to a page of pods that were made some minutes ago, one a second."""
    last = min(pods, first + _PAGE)
    left = {"continue": str(last // _PAGE), "remainingItemCount": pods - last} if last < pods else {}
    now = datetime.now(UTC)
    rows = [
        {
            "cells": [f"web-{n:05d}", "1/1", "Running", "0", "5m"],
            "object": {
                "kind": "PartialObjectMetadata",
                "metadata": {
                    "name": f"web-{n:05d}",
                    "namespace": "shop",
                    "uid": f"{n:032x}",
                    "resourceVersion": "7",
                    "creationTimestamp": (now - timedelta(seconds=300 + n)).isoformat(timespec="seconds"),
                    "labels": {"app": "web", "pod-template-hash": "5f7c9d6b8"},
                },
            },
        }
        for n in range(first, last)
    ]
    table = {"kind": "Table", "metadata": {"resourceVersion": "7", **left}, "columnDefinitions": _COLUMNS, "rows": rows}
    return orjson.dumps(table)
