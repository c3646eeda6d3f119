"""Watches that make kept answers wrong: told, resumed, begun anew, lied to, and for nobody to see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.domain.clusters import informer as watching
from app.domain.clusters import informers as watched
from app.domain.clusters.answers import Answers
from app.domain.clusters.informer import METADATA, METADATA_KIND, State
from app.domain.clusters.informers import Informers
from app.domain.clusters.places import Place
from app.domain.commands.engine import Engine
from app.domain.commands.results import TableResult
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.integration.commands.conftest import command
from tests.support import waiting
from tests.support.clock import Clock
from tests.support.demo import DemoProcess
from tests.support.known_types import known_types
from tests.support.kube_api import KubeApi, Received, answer, status, write_kubeconfig
from tests.support.scripted_cluster import ADA

PODS = Place("", "v1", "pods")
SHOP = "/api/v1/namespaces/shop/pods"
QA = "/api/v1/namespaces/qa/pods"


class Cluster:
    """An API server of pods whose watches say what they are told to."""

    def __init__(self) -> None:
        self.api = KubeApi(self._script)
        self.watches: list[Received] = []
        self.lists = 0
        self.reads: list[str] = []
        self.forbidden = False
        self._writer: Any = None

    async def _script(self, received: Received, writer: Any) -> bool:
        query = dict(received.query)
        if received.header("impersonate-user"):
            self.reads.append(received.path)
            return await answer(writer, 200, {"items": [{"metadata": {"name": "web"}}]})
        if self.forbidden:
            return await answer(writer, 403, status(403, "Forbidden", "no"))
        if "watch" not in query:
            self.lists += 1
            return await answer(writer, 200, {"metadata": {"resourceVersion": "100"}, "items": []})
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        await writer.drain()
        self._writer = writer
        self._over = asyncio.Event()
        self.watches.append(received)
        await self._over.wait()
        return False

    def say(self, line: bytes) -> None:
        self._writer.write(f"{len(line) + 1:x}\r\n".encode() + line + b"\n\r\n")

    def tell(self, version: int, name: str = "web", space: str = "shop", **more: Any) -> None:
        metadata = {"name": name, "namespace": space, "resourceVersion": str(version)}
        self.say(orjson.dumps({"type": "MODIFIED", "object": {"kind": METADATA_KIND, "metadata": metadata}} | more))

    def end(self) -> None:
        """The connection breaks."""
        self._over.set()


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    found = Cluster()
    async with found.api:
        yield found


@pytest.fixture
async def client(cluster: Cluster, tmp_path: Path, instruments: Instruments) -> AsyncIterator[ClusterClient]:
    tracing = Tracing("gateway", "gateway-1")
    (config,) = load_clusters(write_kubeconfig(tmp_path / "config", cluster.api.url)).clusters
    made = ClusterClient(config, instruments, tracing)
    yield made
    await made.close()
    tracing.close()


@pytest.fixture
async def informers(instruments: Instruments) -> AsyncIterator[Informers]:
    made = Informers(instruments)
    yield made
    await made.close()


@pytest.fixture
def answers(instruments: Instruments, informers: Informers) -> Answers:
    return Answers(instruments, informers=informers)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PAUSE_S", 0.0)
    monkeypatch.setattr(watching, "BATCH_S", 0.0)


async def soon(what: str, look: Callable[[], bool]) -> None:
    async def looked() -> bool:
        return look()

    await waiting.until(what, looked)


async def read(answers: Answers, client: ClusterClient, path: str = SHOP) -> Any:
    return await answers.reading(client, ADA).json(path, (), "application/json")


async def warm(answers: Answers, client: ClusterClient, informers: Informers, *paths: str) -> None:
    """Read until the type is watched, and everything is kept again."""
    for _ in range(2):
        await read(answers, client)
    await soon("the watch", lambda: informers.is_watched(client.name, PODS))
    for path in paths or (SHOP,):
        await read(answers, client, path)


def outcomes(instruments: Instruments, outcome: str) -> float:
    return instruments.value(catalogue.KUBERNETES_WATCH_EVENTS, cluster="prod-eu", outcome=outcome)


def batches(instruments: Instruments) -> float:
    return instruments.value(catalogue.KUBERNETES_BATCH_ITEMS, "_count", of="watch events")


def starts(instruments: Instruments, reason: str) -> float:
    return instruments.value(catalogue.KUBERNETES_WATCH_STARTS, cluster="prod-eu", reason=reason)


async def test_what_is_read_twice_is_watched_by_its_metadata_alone_and_as_nobody(
    cluster: Cluster, client: ClusterClient, answers: Answers, informers: Informers
) -> None:
    await read(answers, client)
    assert cluster.watches == []
    await warm(answers, client, informers)
    (asked,) = cluster.watches
    assert asked.path == "/api/v1/pods"
    assert asked.header("accept") == [METADATA]
    assert asked.header("impersonate-user") == []
    assert dict(asked.query)["resourceVersion"] == "100"


async def test_secrets_are_never_watched(
    cluster: Cluster, client: ClusterClient, answers: Answers, instruments: Instruments
) -> None:
    for _ in range(5):
        await read(answers, client, "/api/v1/namespaces/shop/secrets")
    assert cluster.watches == []
    assert starts(instruments, "new") == 0


async def test_an_event_drops_the_answers_that_hold_its_object_and_no_others(
    cluster: Cluster, client: ClusterClient, answers: Answers, informers: Informers, instruments: Instruments
) -> None:
    one, other, everywhere = f"{SHOP}/web", f"{SHOP}/db", "/api/v1/pods"
    paths = [SHOP, QA, one, other, everywhere, "/api/v1/namespaces/shop/services"]
    await warm(answers, client, informers, *paths)
    cluster.reads.clear()
    cluster.tell(101)
    await soon("the event", lambda: batches(instruments) == 1)
    for path in paths:
        await read(answers, client, path)
    assert cluster.reads == [SHOP, one, everywhere]


async def test_events_that_come_together_are_applied_together(
    cluster: Cluster,
    client: ClusterClient,
    answers: Answers,
    informers: Informers,
    instruments: Instruments,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "BATCH_S", 0.2)
    await warm(answers, client, informers)
    for number in range(50):
        cluster.tell(101 + number, f"web-{number}")
    await soon("the batch", lambda: batches(instruments) > 0)
    assert batches(instruments) == 1
    assert outcomes(instruments, "applied") == 50


async def test_a_watch_that_dies_goes_on_from_where_it_was(
    cluster: Cluster, client: ClusterClient, answers: Answers, informers: Informers, instruments: Instruments
) -> None:
    await warm(answers, client, informers)
    cluster.tell(107)
    await soon("the event", lambda: outcomes(instruments, "applied") == 1)
    cluster.end()
    await soon("another watch", lambda: len(cluster.watches) == 2)
    assert dict(cluster.watches[1].query)["resourceVersion"] == "107"
    assert cluster.lists == 1
    await soon("it to watch", lambda: informers.is_watched(client.name, PODS))


async def test_the_names_of_what_came_lately_are_remembered_for_who_may_list_them(
    cluster: Cluster, client: ClusterClient, answers: Answers, informers: Informers, instruments: Instruments
) -> None:
    await warm(answers, client, informers)
    cluster.tell(101, "changed")
    cluster.tell(102, "new", type="ADDED")
    await soon("the events", lambda: outcomes(instruments, "applied") == 2)
    assert informers.added(client.name, 30.0) == [(("", "pods"), "shop", "new")]
    assert informers.added(client.name, 0.0) == []
    assert informers.added("another", 30.0) == []


async def test_after_410_it_lists_again_and_drops_everything_of_its_type(
    cluster: Cluster, client: ClusterClient, answers: Answers, informers: Informers
) -> None:
    await warm(answers, client, informers, SHOP, QA)
    cluster.reads.clear()
    cluster.say(orjson.dumps({"type": "ERROR", "object": status(410, "Expired", "too old resource version")}))
    await soon("another watch", lambda: len(cluster.watches) == 2)
    await soon("it to watch", lambda: informers.is_watched(client.name, PODS))
    assert cluster.lists == 2
    for path in (SHOP, QA):
        await read(answers, client, path)
    assert cluster.reads == [SHOP, QA]


async def test_a_watch_that_is_silent_for_too_long_is_begun_anew(
    cluster: Cluster,
    client: ClusterClient,
    answers: Answers,
    informers: Informers,
    instruments: Instruments,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "SILENT_S", 0.05)
    for _ in range(2):
        await read(answers, client)
    await soon("another watch", lambda: len(cluster.watches) >= 2)
    assert cluster.lists >= 2
    assert starts(instruments, "silent") >= 1


async def test_what_a_watch_says_that_cannot_be_true_is_counted_and_changes_nothing(
    cluster: Cluster, client: ClusterClient, answers: Answers, informers: Informers, instruments: Instruments
) -> None:
    await warm(answers, client, informers)
    cluster.reads.clear()
    cluster.tell(99)
    cluster.tell(100)
    cluster.say(orjson.dumps({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "soon"}}}))
    secret = {"kind": "Secret", "metadata": {"name": "db", "namespace": "shop", "resourceVersion": "101"}}
    cluster.tell(101, object=secret)
    cluster.tell(101, type="EXPLODED")
    await soon("all of them", lambda: outcomes(instruments, "unexpected") == 2)
    assert outcomes(instruments, "stale") == 3
    await read(answers, client)
    assert cluster.reads == []
    cluster.tell(101)
    await soon("the event", lambda: outcomes(instruments, "applied") == 1)


async def test_a_line_that_cannot_be_read_drops_everything_of_its_type(
    cluster: Cluster, client: ClusterClient, answers: Answers, informers: Informers, instruments: Instruments
) -> None:
    await warm(answers, client, informers)
    cluster.reads.clear()
    cluster.say(b'{"type": "MODIFIED", "object": {"metad')
    await soon("the line", lambda: outcomes(instruments, "unreadable") == 1)
    await read(answers, client)
    assert cluster.reads == [SHOP]
    assert informers.is_watched(client.name, PODS)


async def test_where_kubechat_itself_may_not_watch_answers_end_with_their_time_alone(
    cluster: Cluster, client: ClusterClient, answers: Answers, informers: Informers, instruments: Instruments
) -> None:
    cluster.forbidden = True
    for _ in range(2):
        await read(answers, client)

    def forbidden() -> bool:
        return instruments.value(catalogue.KUBERNETES_WATCHES, state=State.FORBIDDEN.value) == 1

    await soon("the refusal", forbidden)
    cluster.reads.clear()
    await read(answers, client)
    assert cluster.reads == [], "kept all the same"
    assert not informers.is_watched(client.name, PODS)


async def test_what_nobody_asks_for_any_more_is_watched_no_longer(
    cluster: Cluster, client: ClusterClient, answers: Answers, informers: Informers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await warm(answers, client, informers)
    clock = Clock(monkeypatch)
    clock.at(watched.COLD_S - 1)
    await informers.tend()
    assert informers.is_watched(client.name, PODS)
    clock.at(watched.COLD_S + 1)
    await informers.tend()
    assert not informers.is_watched(client.name, PODS)


async def test_no_more_types_are_watched_than_a_replica_may(
    cluster: Cluster,
    client: ClusterClient,
    answers: Answers,
    informers: Informers,
    instruments: Instruments,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watched, "MOST_WATCHES", 3)
    for number in range(5):
        for _ in range(2):
            await read(answers, client, f"/apis/example.com/v1/kind{number}")
    states = (instruments.value(catalogue.KUBERNETES_WATCHES, state=state.value) for state in State)
    assert sum(states) == 3


async def test_a_change_that_somebody_else_made_is_seen_by_the_next_question(
    clients: dict[str, ClusterClient], demo: DemoProcess, admin: Impersonation, instruments: Instruments
) -> None:
    informers = Informers(instruments)
    engine = Engine(
        clients, current="prod-eu", known_types=known_types(), answers=Answers(instruments, informers=informers)
    )
    path = "/clusters/prod-eu/api/v1/namespaces/shop/configmaps"

    async def names() -> list[str]:
        (result,) = await engine.read(command("get configmaps -n shop"), admin)
        assert isinstance(result, TableResult)
        return [row[0] for row in result.rows]

    try:
        before = await names()
        await names()
        place = Place("", "v1", "configmaps")
        await soon("the watch", lambda: informers.is_watched("prod-eu", place))
        assert await names() == before
        demo.ask("POST", path, {"metadata": {"name": "new"}})
        try:
            await waiting.until("the new one", lambda: _has(names))
        finally:
            demo.ask("DELETE", f"{path}/new")
    finally:
        await informers.close()


async def _has(names: Any) -> bool:
    return "new" in await names()
