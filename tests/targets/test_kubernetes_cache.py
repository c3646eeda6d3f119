"""What clusters answered is kept, bounded and kept current with the architecture document's figures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import orjson
import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient

from app.domain.clusters.answers import Answers
from app.domain.commands.engine import Engine
from app.domain.commands.parser import parse
from app.domain.commands.results import TableResult
from app.domain.identities import Person, Role
from app.gateway.clients.nlp import LanguagePlan
from app.gateway.dependencies import Parts
from app.gateway.routes.chat_socket import chat_socket
from app.gateway.service.hub import Hub
from app.gateway.service.language import Language
from app.gateway.service.live import LiveTables
from app.gateway.service.sign_in import Session
from app.gateway.store.chats import ChatSession
from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.support.clock import Clock
from tests.support.known_types import known_types
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster

ANSWERS = "kubernetes_answers"
PODS = "/api/v1/namespaces/shop/pods"


@pytest.fixture
async def clock() -> AsyncIterator[Clock]:
    with pytest.MonkeyPatch.context() as patched:
        yield Clock(patched)


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


def pods(number: int) -> Callable[[Asked], Any]:
    """A cluster of so many pods."""
    rows = [{"cells": [f"web-{each}"], "object": {"metadata": {"name": f"web-{each}"}}} for each in range(number)]
    return lambda _: {"kind": "Table", "columnDefinitions": [{"name": "Name", "type": "string"}], "rows": rows}


def discovered(answering: Callable[[Asked], Any]) -> Callable[[Asked], Any]:
    """The same cluster, which also says that it has pods."""
    pod = {"resource": "pods", "responseKind": {"kind": "Pod"}, "scope": "Namespaced", "verbs": ["get", "list"]}
    core = {"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [pod]}]}
    kind = {"kind": "APIGroupDiscoveryList"}
    types = {"/api": {**kind, "items": [core]}, "/apis": {**kind, "items": []}}
    return lambda asked: types.get(asked.path) or answering(asked)


async def test_words_and_answers_of_a_cluster_are_asked_again_after_30_seconds(
    clock: Clock, instruments: Instruments, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def vocabulary(*_: object) -> dict[str, Any]:
        asked.append("vocabulary")
        return {"version": "1", "namespaces": [], "objects": {}}

    class FakeNlp:
        async def plan(self, *_: Any, **__: Any) -> LanguagePlan:
            return LanguagePlan("answer")

    async def ignore(_: str) -> None:
        return

    monkeypatch.setattr("app.gateway.service.language.vocabulary", vocabulary)
    nlp: Any = FakeNlp()
    clusters: Any = {"prod-eu": object()}
    language = Language(nlp, clusters, Hub("gateway-1", None, instruments), instruments)
    now = datetime.now(UTC)
    chat = ChatSession(uuid4(), "", "prod-eu", "shop", now, now, 0)
    ann = Person(uuid4(), "ann", "Ann", Role.VIEWER)
    cluster = ScriptedCluster(pods(1))
    reading = Answers(instruments).reading(cluster, ADA)
    for after_s, questions in ((0, 1), (29.5, 1), (30.5, 2)):
        clock.at(after_s)
        await language.plan(ann, chat, [], "pods", ignore)
        assert len(asked) == questions
        await reading.json(PODS, (), "application/json")
        assert len(cluster.asked) == questions


async def test_answers_are_kept_in_memory_and_the_one_used_least_recently_goes_first(instruments: Instruments) -> None:
    cluster = ScriptedCluster(pods(4_000))
    reading = Answers(instruments).reading(cluster, ADA)
    for namespace in ("one", "two", "one", "three"):
        await reading.json(f"/api/v1/namespaces/{namespace}/pods", (), "application/json")
    asked = len(cluster.asked)
    assert asked == 3
    assert instruments.value(catalogue.CACHE_EVICTIONS, cache=ANSWERS, reason="room") == 1
    for namespace, more in (("one", 0), ("three", 0), ("two", 1)):
        await reading.json(f"/api/v1/namespaces/{namespace}/pods", (), "application/json")
        assert len(cluster.asked) == asked + more


async def test_answers_and_words_of_all_clusters_together_hold_10000_objects_at_most(
    instruments: Instruments,
) -> None:
    caches = Caches()
    answers = Answers(instruments, caches)
    # What is held is the sum over all clusters, and over what they answered and what people may name.
    words: MemoryCache[str, int] = MemoryCache(
        "vocabularies", ttl_s=600, max_entries=10, instruments=instruments, caches=caches, count=lambda names: names
    )

    async def named(number: int) -> int:
        async def load() -> int:
            return number

        return await words.get("prod-eu", load)

    def held() -> dict[str, float]:
        return {each: instruments.value(catalogue.CACHE_OBJECTS, cache=each) for each in (ANSWERS, "vocabularies")}

    for name in ("prod-eu", "prod-us", "staging"):
        await answers.reading(ScriptedCluster(pods(2_000), name), ADA).json(PODS, (), "application/json")
    await named(4_000)
    assert held() == {ANSWERS: 6_000, "vocabularies": 4_000}, "they fit to the object"
    await answers.reading(ScriptedCluster(pods(1), "test"), ADA).json(PODS, (), "application/json")
    assert held() == {ANSWERS: 4_001, "vocabularies": 4_000}
    large = ScriptedCluster(pods(10_001), "large")
    for _ in range(2):
        await answers.reading(large, ADA).json(PODS, (), "application/json")
    assert len(large.asked) == 2, "more than all may hold: used, and not kept"
    assert held() == {ANSWERS: 4_001, "vocabularies": 4_000}
    largest = ScriptedCluster(pods(10_000), "largest")
    await answers.reading(largest, ADA).json(PODS, (), "application/json")
    assert held() == {ANSWERS: 10_000, "vocabularies": 0}


async def test_what_is_read_again_comes_from_the_cache(instruments: Instruments) -> None:
    cluster = ScriptedCluster(discovered(pods(3)))
    engine = Engine(
        {"prod-eu": cluster}, current="prod-eu", known_types=known_types(), answers=Answers(instruments, Caches())
    )
    line = parse("kubectl get pods", cluster="prod-eu", namespace="shop", clusters=("prod-eu",))
    (first,) = await engine.read(line, ADA)
    (again,) = await engine.read(line, ADA)
    assert isinstance(first, TableResult)
    assert isinstance(again, TableResult)
    assert first.rows == again.rows
    assert len(first.rows) == 3
    assert [asked.path for asked in cluster.asked].count("/api/v1/namespaces/shop/pods") == 1
    assert instruments.value(catalogue.CACHE_LOOKUPS, cache=ANSWERS, result="hit") == 1


class WatchedCluster(ScriptedCluster):
    """A cluster whose watch tells of one more pod."""

    @asynccontextmanager
    async def stream(self, path: str, **_: Any) -> AsyncIterator[AsyncIterator[bytes]]:
        async def lines() -> AsyncIterator[bytes]:
            row = {"cells": ["web-9"], "object": {"metadata": {"name": "web-9", "resourceVersion": "8"}}}
            yield orjson.dumps({"type": "ADDED", "object": {"kind": "Table", "rows": [row]}})
            await asyncio.Event().wait()

        assert path == PODS
        yield lines()


def test_what_changes_in_a_cluster_reaches_the_browser_over_its_websocket(instruments: Instruments) -> None:
    class Recorder:
        async def record(self, _: Any) -> bool:
            return True

    engine = Engine({"prod-eu": WatchedCluster(discovered(pods(2)))}, current="prod-eu", known_types=known_types())
    ann = Person(uuid4(), "ann", "Ann", Role.VIEWER)
    session = Session(ann, b"hash", datetime.now(UTC) + timedelta(hours=1), "token")

    class People:
        async def find(self, _: str) -> Session:
            return session

    trail: Any = Recorder()
    given = {
        "instruments": instruments,
        "settings": SimpleNamespace(cookie_name="c"),
        "sign_ins": People(),
        "hub": Hub("gateway-1", None, instruments),
        "engine": engine,
        "language": SimpleNamespace(available=True),
        "alerts": SimpleNamespace(firing=[]),
        "live": LiveTables(engine, trail, instruments),
    }
    app = Starlette(routes=[WebSocketRoute("/api/v1/chat", chat_socket)])
    app.state.parts = Parts(**{field.name: given.get(field.name) for field in fields(Parts)})  # type: ignore[arg-type]
    table = {"command": "kubectl get pods -n shop", "cluster": "prod-eu", "namespace": "shop", "view": None}
    with (
        TestClient(app) as browser,
        browser.websocket_connect("/api/v1/chat", headers={"authorization": "Bearer x"}) as chat,
    ):
        assert chat.receive_json()["type"] == "hello"
        chat.send_json({"type": "follow", "id": str(uuid4()), **table})
        told = [chat.receive_json() for _ in range(2)]
    assert [event["type"] for event in told] == ["live", "live"]
    assert told[0]["rows"] == [["/web-0", ["web-0"]], ["/web-1", ["web-1"]]]
    assert told[1]["changed"] == [["/web-9", ["web-9"]]]
