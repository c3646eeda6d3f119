"""Caches are warmed, refreshed, made to forget and watched as the architecture document says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import yaml
from fastapi import FastAPI

from alerts.catalogue import rule_files
from app.domain.clusters.discovery import Discovery
from app.domain.identities import Person, Role
from app.gateway.clients.nlp import LanguagePlan
from app.gateway.dependencies import Parts
from app.gateway.main import create_process as create_gateway
from app.gateway.routes import caches as cache_routes
from app.gateway.service.hub import Hub
from app.gateway.service.invalidations import Invalidations
from app.gateway.service.language import Language
from app.gateway.service.sign_in import SignIns
from app.gateway.service.warming import Warming
from app.gateway.settings import GatewaySettings
from app.gateway.store.chats import ChatSession
from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.workers import Workers
from app.nlp.vocabularies import Vocabularies
from app.telemetry import catalogue, server_catalogue
from app.telemetry.instruments import Instruments
from tests.support.clock import Clock
from tests.support.known_types import known_types
from tests.support.kube_api import write_kubeconfig
from tests.support.scripted_redis import ScriptedRedis
from tests.targets.test_caching import PASSWORD, FakeAccounts, FakeRedis


@pytest.fixture
async def clock() -> AsyncIterator[Clock]:
    with pytest.MonkeyPatch.context() as patched:
        yield Clock(patched)


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
def workers(instruments: Instruments) -> Iterator[Workers]:
    made = Workers(instruments, 1)
    yield made
    made.close()


class Names:
    """What the language service is told of clusters by one replica, and the clusters that were asked for it."""

    def __init__(self, instruments: Instruments, caches: Caches | None = None) -> None:
        self.asked: list[str] = []
        nlp: Any = self
        clients: Any = {name: name for name in ("prod", "test")}
        hub = Hub("gateway-1", None, instruments)
        self.language = Language(nlp, clients, hub, instruments, caches)

    async def vocabulary(self, cluster: str, _: Impersonation) -> dict[str, Any]:
        self.asked.append(cluster)
        return {"version": "1", "namespaces": [], "objects": {}}

    async def plan(self, *_: Any, **__: Any) -> LanguagePlan:
        """As the language service."""
        return LanguagePlan("answer")

    async def needed(self, *clusters: str) -> list[str]:
        """Which clusters are asked when somebody says something about these."""

        async def ignore(_: str) -> None:
            return

        self.asked.clear()
        now = datetime.now(UTC)
        ann = Person(uuid4(), "ann", "Ann", Role.VIEWER)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("app.gateway.service.language.vocabulary", self.vocabulary)
            for cluster in clusters:
                await self.language.plan(
                    ann, ChatSession(uuid4(), "", cluster, "shop", now, now, 0), [], "pods", ignore
                )
            await settled()
        return list(self.asked)


async def settled() -> None:
    """Let what goes on in the background come to its end."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_replica_loads_critical_data_before_it_is_ready_and_waits_for_10_seconds_at_most(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, loaded = asyncio.Event(), asyncio.Event()

    class NeverLoaded:
        warmed = (0, 0)

        def uses(self) -> dict[Any, int]:
            return {("prod", Impersonation("ann")): 1}

        async def warm(self, *_: object) -> None:
            loading.set()
            await loaded.wait()

    async def opened(*_: object) -> None:
        return

    redis: Any = ScriptedRedis()
    warming = Warming(NeverLoaded(), redis, Instruments())
    await warming.remember()
    clock.at(0)
    starting = asyncio.create_task(warming.start())
    await loading.wait()
    for after_s, started in ((9.5, False), (10.5, True)):
        clock.at(after_s)
        await settled()
        assert starting.done() is started
    await starting
    # The same in a whole replica: nothing is answered before that is over.
    monkeypatch.setattr("app.gateway.main._open_database", opened)
    monkeypatch.setattr("app.gateway.main.AddedClusters.refresh", opened)
    monkeypatch.setattr("app.gateway.main.Warming", lambda *_, **__: warming)
    loading.clear()
    gateway = create_gateway(gateway_settings(tmp_path))
    async with AsyncExitStack() as stack:
        ready = asyncio.create_task(stack.enter_async_context(gateway.lifespan()))
        await loading.wait()
        await settled()
        assert not ready.done()
        loaded.set()
        await ready


def gateway_settings(folder: Path) -> GatewaySettings:
    """Of a replica whose servers are all away."""
    token = folder / "token"
    token.write_text("token")
    return GatewaySettings(
        postgres_url="postgresql://x@127.0.0.1:1/x",
        audit_urls="http://127.0.0.1:1",
        nlp_urls="http://127.0.0.1:2",
        kubeconfig=write_kubeconfig(folder / "config", "https://127.0.0.1:3"),
        service_token_file=token,
        webhook_token_file=token,
    )


async def test_what_was_used_most_in_the_last_hour_is_loaded_ahead_while_a_fifth_of_it_is_used() -> None:
    loaded: list[str] = []

    class FakeNames:
        warmed = (0, 0)

        def uses(self) -> dict[Any, int]:
            return {("prod", Impersonation("ann")): 3, ("test", Impersonation("ann")): 1}

        async def warm(self, cluster: str, _: Impersonation) -> None:
            loaded.append(cluster)

    scripted, names, now_s = ScriptedRedis(), FakeNames(), 1_800_000_000.0
    redis: Any = scripted
    warming = Warming(names, redis, Instruments(), lambda: now_s)
    await warming.remember()
    assert list(scripted.ttls_s.values()) == [3600]
    for later_s, found in ((0.0, ["prod", "test"]), (3599.0, ["prod", "test"]), (1.0, [])):
        now_s += later_s
        loaded.clear()
        await warming.predict()
        assert loaded == found
    await warming.remember()
    for names.warmed, found in (((100, 20), ["prod", "test"]), ((100, 19), [])):
        loaded.clear()
        await warming.predict()
        assert loaded == found


async def test_names_in_use_are_refreshed_before_they_expire_and_nobody_waits_for_them(
    clock: Clock, instruments: Instruments
) -> None:
    names = Names(instruments)
    for after_s, asked in ((0, 1), (15, 0), (28, 1), (45, 0), (56, 1), (70, 0)):
        clock.at(after_s)
        assert len(await names.needed("prod")) == asked
    assert instruments.value(catalogue.CACHE_LOOKUPS, cache="vocabularies", result="miss") == 1


async def test_a_changes_event_invalidates_what_every_replica_has_cached_of_it() -> None:
    redis: Any = ScriptedRedis()
    replicas = []
    for name in ("gateway-1", "gateway-2"):
        made = Instruments()
        names, invalidations = Names(made), Invalidations(name, Caches(), redis, made)
        invalidations.on_cluster(names.language.forget_cluster)
        replicas.append((names, invalidations, asyncio.create_task(invalidations.listen())))
        await invalidations.until_listening()
        assert await names.needed("prod", "test") == ["prod", "test"]
    (here, changed, _), (there, *_) = replicas
    await changed.cluster_changed("prod")
    await settled()
    assert await here.needed("prod", "test") == ["prod"]
    assert await there.needed("prod", "test") == ["prod"]
    for *_, listening in replicas:
        listening.cancel()
    await asyncio.gather(*(listening for *_, listening in replicas), return_exceptions=True)


async def test_an_administrator_clears_every_cache_of_every_replica(workers: Workers) -> None:
    accounts, redis = FakeAccounts(), FakeRedis()
    told: Any = ScriptedRedis()
    replicas = []
    for name in ("gateway-1", "gateway-2"):
        made, caches = Instruments(), Caches()
        names, invalidations = Names(made, caches), Invalidations(name, caches, told, made)
        replicas.append((names, caches, invalidations, asyncio.create_task(invalidations.listen())))
        await invalidations.until_listening()
        await names.needed("prod")
    of_language = Caches()
    vocabularies = Vocabularies(10, workers, Instruments(), of_language)
    first = await vocabularies.get({"version": "1", "objects": {}})
    rows: Any = accounts
    shared: Any = redis
    sign_ins = SignIns(rows, shared, workers, Instruments())
    new = await sign_ins.sign_in("ann", PASSWORD)
    await sign_ins.find(new.token)
    assert (accounts.asked, len(redis.hashes)) == (1, 1)
    accounts.account = replace(accounts.account, role="admin")
    _, caches, invalidations, _ = replicas[0]
    parts = {"caches": caches, "invalidations": invalidations, "sign_ins": sign_ins, "trail": Recorder()}
    app = FastAPI()
    app.include_router(cache_routes.router)
    app.state.parts = Parts(**{field.name: parts.get(field.name) for field in fields(Parts)})  # type: ignore[arg-type]
    admin = await sign_ins.sign_in("ann", PASSWORD, "token")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as http:
        reply = await http.post("/api/v1/caches/clear", json={}, headers={"authorization": f"Bearer {admin.token}"})
    await settled()
    assert reply.json() == {"cleared": ["nlp_vocabularies", "sessions", "vocabularies"]}
    for names, *_ in replicas:
        assert await names.needed("prod") == ["prod"]
    assert redis.hashes == {}
    assert (await sign_ins.find(new.token)).person.name == "ann"
    assert await vocabularies.get({"version": "1", "objects": {}}, invalidations.cleared_at) is not first
    for *_, listening in replicas:
        listening.cancel()
    await asyncio.gather(*(listening for *_, listening in replicas), return_exceptions=True)


class Recorder:
    """An audit trail that takes everything."""

    async def record(self, _: object) -> bool:
        return True


async def test_the_evictions_of_every_cache_are_counted(clock: Clock, instruments: Instruments) -> None:
    async def load() -> str:
        return "x" * 1000

    caches = Caches(1_500)
    made = [
        MemoryCache[str, str](name, ttl_s=300, max_entries=10, instruments=instruments, caches=caches)
        for name in ("one", "two")
    ]
    for cache in made:
        await cache.get("first", load)
        await cache.get("second", load)
        cache.forget("second")
        await cache.get("third", load)
    clock.at(301)
    caches.sweep()
    for name, why, times in (
        ("one", "room", 2),  # for its own second entry, and for the other cache's first
        ("two", "room", 1),
        ("one", "invalidated", 1),
        ("two", "invalidated", 1),
        ("two", "expired", 1),
    ):
        assert instruments.value(catalogue.CACHE_EVICTIONS, cache=name, reason=why) == times, (name, why)
    assert server_catalogue.REDIS_EVICTED_KEYS.jobs == server_catalogue.REDIS_JOB, "Redis counts its own"


async def test_the_memory_that_every_cache_takes_is_measured(instruments: Instruments, workers: Workers) -> None:
    async def load() -> str:
        return "x" * 1000

    memory: MemoryCache[str, str] = MemoryCache("test", ttl_s=300, max_entries=10, instruments=instruments)
    vocabularies = Vocabularies(10, workers, instruments, Caches())
    for key in ("one", "two"):
        await memory.get(key, load)
    vocabulary = await vocabularies.get({"version": "1", "objects": {"deployments": {"shop": ["web"]}}})
    bytes_of = {name: instruments.value(catalogue.CACHE_BYTES, cache=name) for name in ("test", "nlp_vocabularies")}
    assert 2_000 <= bytes_of["test"] <= 2_200
    assert bytes_of["nlp_vocabularies"] == vocabulary.size_bytes > 0
    memory.forget("one")
    assert instruments.value(catalogue.CACHE_BYTES, cache="test") == bytes_of["test"] / 2


async def test_every_cached_entry_expires(clock: Clock, instruments: Instruments, workers: Workers) -> None:
    loaded: list[str] = []

    async def load() -> str:
        loaded.append("entry")
        return "entry"

    class FakeCluster:
        name = "prod-eu"

        async def request(self, _: str, path: str, **__: Any) -> Any:
            loaded.append(path)
            return FakeAnswer()

    class FakeAnswer:
        def json(self) -> dict[str, Any]:
            return {"kind": "APIGroupDiscoveryList"}

    memory: MemoryCache[str, str] = MemoryCache("test", ttl_s=300, max_entries=10, instruments=instruments)
    vocabularies = Vocabularies(10, workers, instruments, Caches())
    cluster: Any = FakeCluster()
    kinds = Discovery(cluster, known_types())
    accounts: Any = FakeAccounts()
    redis: Any = FakeRedis()
    sign_ins = SignIns(accounts, redis, workers, instruments)
    sent = {"version": "1", "objects": {"deployments": {"shop": ["web"]}}}

    async def use_all() -> object:
        await memory.get("key", load)
        await kinds.catalogue(Impersonation("ann", ()))
        return await vocabularies.get(sent)

    compiled = await use_all()
    assert await use_all() is compiled
    assert loaded == ["entry", "/api", "/apis"]
    clock.at(86_400)
    assert await use_all() is not compiled
    assert loaded == ["entry", "/api", "/apis"] * 2
    new = await sign_ins.sign_in("ann", PASSWORD)
    await sign_ins.find(new.token)
    assert [0 < ttl_s <= 86_400 for ttl_s in redis.ttl_s] == [True]


def test_the_caches_objective_is_nine_hits_in_ten() -> None:
    (file,) = [file for file in rule_files() if file.path.name == "slo-cache-hits.rules.yaml"]
    rules = [rule for group in yaml.safe_load(file.text)["groups"] for rule in group["rules"]]
    (objective,) = [rule for rule in rules if rule.get("record") == "slo:objective:ratio"]
    assert objective["expr"] == "vector(0.9)"
    assert "SLOBurnPageSlow" in {rule.get("alert") for rule in rules}
