"""How much memory everything may take: processes, caches, Redis."""

from __future__ import annotations

import ast
import gc
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx2
import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis as RedisNode

from alerts.catalogue import rule_files
from app.audit.main import create_process as create_audit
from app.audit.settings import AuditSettings
from app.gateway.main import create_process as create_gateway
from app.gateway.service.hub import Hub
from app.gateway.service.invalidations import Invalidations
from app.gateway.service.language import Language
from app.gateway.service.sign_in import SignIns
from app.gateway.settings import GatewaySettings
from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.infra.cgroup import ControlGroup
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.lifecycle import Process, Runtime
from app.infra.memory import HEAP_EVERY, MemoryGuard
from app.infra.redis.client import Redis
from app.infra.settings import ProcessSettings
from app.infra.workers import Workers
from app.nlp.main import create_process as create_nlp
from app.nlp.settings import NlpSettings
from app.nlp.translator.vocabulary import Vocabulary
from app.nlp.vocabularies import Vocabularies
from app.stack.cgroups import MemoryCgroups
from app.stack.errors import StackError
from app.stack.servers import redis
from app.stack.servers.redis import RedisSettings
from app.stack.settings import StackSettings
from app.stack.spawner import Spawner
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.ports import free_ports
from tests.support.waiting import wait_for
from tests.unit.gateway.test_sign_in import FakeAccounts
from tests.unit.stack.test_plan import planned
from tests.unit.stack.tiny import ME, shell

MEBIBYTE = 2**20
GIBIBYTE = 2**30


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let this process seem to use so many bytes of memory."""

    def use(size_bytes: float) -> None:
        monkeypatch.setattr("app.infra.memory.resident_bytes", lambda: int(size_bytes))

    return use


@pytest.fixture
def own_thresholds() -> list[int]:
    """The collection thresholds of an interpreter that nobody has told anything."""
    asked = [sys.executable, "-I", "-c", "import gc; print(list(gc.get_threshold()))"]
    return list(json.loads(subprocess.run(asked, capture_output=True, check=True).stdout))


async def test_a_process_collects_at_the_interpreters_own_thresholds_and_measures_each_pause(
    own_thresholds: list[int],
) -> None:
    before = gc.get_threshold()
    runtime = Runtime("gateway", ProcessSettings())
    value = runtime.instruments.value
    try:
        async with runtime.background():
            pauses = value(catalogue.GC_PAUSE, "_count")
            gc.collect()
            assert value(catalogue.GC_PAUSE, "_count") > pauses
            in_force = [value(catalogue.GC_THRESHOLD, generation=str(generation)) for generation in range(3)]
        assert list(gc.get_threshold()) == in_force == own_thresholds
    finally:
        gc.set_threshold(*before)


async def test_a_process_is_held_to_its_limit_by_its_cgroup_or_by_itself(
    tmp_path: Path, used: Callable[[float], None]
) -> None:
    service = shell("gateway-1", "exit 0", tmp_path, memory_limit_bytes=512 * MEBIBYTE)
    spawner = Spawner(ME, MemoryCgroups(2, tmp_path))
    process = await spawner.spawn(service, tmp_path / "log")
    await process.wait()
    spawner.forget(process.pid)
    # Where the kernel's files are, it enters a group with its limit before it becomes what it is.
    written = {name: (tmp_path / "gateway-1" / name).read_text() for name in ("memory.max", "cgroup.procs")}
    assert written == {"memory.max": str(512 * MEBIBYTE), "cgroup.procs": str(process.pid)}
    # Where they are not, the status says who watches, and the process refuses work.
    memory = Spawner(ME, None).memory(service)
    assert memory is not None
    assert memory.enforced_by == "watchdog"
    env = planned(tmp_path)["gateway-1"].env
    guard = MemoryGuard(Instruments(), int(env["KUBECHAT_MEMORY_LIMIT_BYTES"]))
    used(512 * MEBIBYTE)
    guard.sample()
    assert guard.shedding


def test_the_heap_budget_is_three_quarters_of_the_limit() -> None:
    instruments = Instruments()
    MemoryGuard(instruments, 100 * MEBIBYTE)
    assert instruments.value(catalogue.HEAP_BUDGET) == 75 * MEBIBYTE


def test_a_gateway_replica_gets_at_most_512_megabytes(tmp_path: Path) -> None:
    assert planned(tmp_path)["gateway-1"].memory_limit_bytes == 512 * MEBIBYTE


def test_a_replica_of_the_language_service_gets_at_most_a_gigabyte(tmp_path: Path) -> None:
    assert planned(tmp_path)["nlp-1"].memory_limit_bytes == 1024 * MEBIBYTE


def test_a_replica_of_the_audit_service_gets_at_most_512_megabytes(tmp_path: Path) -> None:
    assert planned(tmp_path)["audit-1"].memory_limit_bytes == 512 * MEBIBYTE


def test_a_process_measures_its_heap_its_container_and_its_limit(tmp_path: Path, used: Callable[[float], None]) -> None:
    instruments = Instruments()
    group = tmp_path / "gateway-1"
    group.mkdir()
    (group / "memory.current").write_text(str(50 * MEBIBYTE))
    (group / "memory.stat").write_text(f"inactive_file {10 * MEBIBYTE}")
    (tmp_path / "self").write_text("0::/gateway-1")
    used(30 * MEBIBYTE)
    guard = MemoryGuard(instruments, 100 * MEBIBYTE, ControlGroup(tmp_path / "self", tmp_path))

    def heap() -> tuple[float, float]:
        for _ in range(HEAP_EVERY):  # it looks at the heap now and then only
            guard.sample()
        return instruments.value(catalogue.HEAP, part="objects"), instruments.value(catalogue.HEAP, part="malloc")

    objects, malloc = heap()
    small = [str(number) * 10 for number in range(100_000)]  # some hundred bytes each
    more_objects, _ = heap()
    large = [bytes(10_000) for _ in range(1_000)]
    _, more_malloc = heap()
    assert more_objects - objects > 5 * MEBIBYTE
    assert more_malloc - malloc > 9 * MEBIBYTE
    assert (len(small), len(large)) == (100_000, 1_000)
    assert instruments.value(catalogue.CONTAINER_MEMORY) == 40 * MEBIBYTE
    assert instruments.value(catalogue.MEMORY_RESIDENT) == 30 * MEBIBYTE
    assert instruments.value(catalogue.MEMORY_LIMIT) == 100 * MEBIBYTE


def test_somebody_is_told_when_a_process_uses_more_than_85_percent_of_its_limit(tmp_path: Path) -> None:
    rules = {file.path.name: file.text for file in rule_files()}["processes.rules.yaml"]
    (tmp_path / "processes.rules.yaml").write_text(rules)

    def is_told(share: float) -> bool:
        labels = '{job="gateway", instance="gateway-1"}'
        series = {f"kubechat_memory_resident_bytes{labels}": share * 1000, f"kubechat_memory_limit_bytes{labels}": 1000}
        case = {
            "interval": "30s",
            "input_series": [{"series": name, "values": f"{value}x20"} for name, value in series.items()],
            "alert_rule_test": [{"eval_time": "10m", "alertname": "MemoryNearLimit", "exp_alerts": []}],
        }
        file = {"rule_files": ["processes.rules.yaml"], "evaluation_interval": "30s", "tests": [case]}
        (tmp_path / "case.yaml").write_text(json.dumps(file))
        silent = subprocess.run(
            ["promtool", "test", "rules", "case.yaml"], cwd=tmp_path, capture_output=True, check=False
        )
        return silent.returncode != 0

    assert [is_told(share) for share in (0.84, 0.85, 0.86)] == [False, False, True]


@pytest.mark.parametrize("service", ["gateway", "nlp", "audit"])
async def test_every_service_refuses_work_at_90_percent_of_its_memory_and_not_before(
    tmp_path: Path, used: Callable[[float], None], service: str
) -> None:
    limit_bytes = 100 * MEBIBYTE
    process = made(service, tmp_path, limit_bytes)
    transport = httpx2.ASGITransport(app=process.public)  # type: ignore[arg-type]
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        used(0.89 * limit_bytes)
        process.runtime.memory.sample()
        assert (await http.get("/nowhere", headers={"authorization": "Bearer token"})).status_code == 404
        used(0.91 * limit_bytes)
        process.runtime.memory.sample()
        refused = await http.get("/nowhere", headers={"authorization": "Bearer token"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "short_of_memory")
    process.runtime.workers.close()
    process.runtime.tracing.close()


def made(service: str, folder: Path, limit_bytes: int) -> Process:
    """A service as its composition root makes it."""
    token = folder / "token"
    token.write_text("token")
    if service == "nlp":
        return create_nlp(NlpSettings(service_token_file=token, memory_limit_bytes=limit_bytes))
    url = "postgresql://x@127.0.0.1/x"
    if service == "audit":
        return create_audit(AuditSettings(postgres_url=url, service_token_file=token, memory_limit_bytes=limit_bytes))
    return create_gateway(
        GatewaySettings(
            postgres_url=url,
            audit_urls="http://127.0.0.1:1",
            nlp_urls="http://127.0.0.1:2",
            kubeconfig=folder / "config",
            service_token_file=token,
            webhook_token_file=token,
            memory_limit_bytes=limit_bytes,
        )
    )


async def test_redis_fills_70_percent_of_a_nodes_memory_unless_the_customer_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECHAT_REDIS_MEMORY_BYTES", str(10 * GIBIBYTE))
    assert await configured(tmp_path, "maxmemory") == str(7 * GIBIBYTE)
    monkeypatch.setenv("KUBECHAT_REDIS_DATA_BYTES", str(9 * GIBIBYTE))
    assert await configured(tmp_path, "maxmemory") == str(9 * GIBIBYTE)
    monkeypatch.setenv("KUBECHAT_REDIS_DATA_BYTES", str(10 * GIBIBYTE + 1))
    monkeypatch.setenv("KUBECHAT_STATE", str(tmp_path))
    with pytest.raises(StackError, match="KUBECHAT_REDIS_DATA_BYTES"):
        StackSettings.read()


async def test_redis_drops_the_keys_that_were_used_least_recently(tmp_path: Path) -> None:
    assert await configured(tmp_path, "maxmemory-policy") == "allkeys-lru"


async def configured(folder: Path, option: str) -> str:
    """What a Redis node of the stack is started with."""
    node = planned(folder)["redis-1"]
    assert node.prepare is not None
    await node.prepare()
    return setting_in(Path(node.argv[-1]), option)


def setting_in(file: Path, option: str) -> str:
    """The value of one option in a Redis configuration."""
    (found,) = [
        line.removeprefix(f"{option} ") for line in file.read_text().splitlines() if line.startswith(f"{option} ")
    ]
    return found


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    """The port of one Redis node with the stack's configuration, a cluster by itself."""
    port, bus = free_ports(2)
    file = tmp_path / "redis.conf"
    file.write_text(redis.text(RedisSettings(port, bus, str(tmp_path), 64 * MEBIBYTE)))
    with (tmp_path / "redis.log").open("wb") as log:
        server = subprocess.Popen(["redis-server", str(file)], stdout=log, stderr=log)
    wait_for("Redis to listen", lambda: listens(port), every_s=0.01)
    with SyncRedis(port=port) as client:
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
        wait_for("the slots to be served", lambda: client.cluster("INFO")["cluster_state"] == "ok", every_s=0.01)
    yield port
    server.kill()
    server.wait(10)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_a_cached_session_is_a_hash_in_the_compact_encoding(redis_port: int) -> None:
    node = RedisNode(port=redis_port)
    instruments, tracing = Instruments(), Tracing("gateway", "test")
    cache = Redis([("127.0.0.1", redis_port)], client_name="test", instruments=instruments, tracing=tracing)
    workers = Workers(instruments, 1)
    await SignIns(FakeAccounts(), cache, workers, instruments).find("token")  # type: ignore[arg-type]
    workers.close()
    tracing.close()
    await cache.close()
    (key,) = await node.keys("s:*")
    assert await node.type(key) == b"hash"
    assert await node.object("encoding", key) == b"listpack"
    await node.aclose()


async def test_all_caches_of_a_process_together_take_at_most_100_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    of_30_megabytes = Vocabulary(frozenset(), frozenset(), size_bytes=30 * MEBIBYTE)
    monkeypatch.setattr("app.nlp.vocabularies.compile_vocabulary", lambda *_: of_30_megabytes)
    runtime = Runtime("nlp", ProcessSettings())
    vocabularies = Vocabularies(100, runtime.workers, runtime.instruments, runtime.caches)
    other: MemoryCache[str, int] = MemoryCache(
        "other",
        ttl_s=600,
        max_entries=100,
        instruments=runtime.instruments,
        caches=runtime.caches,
        weigh=lambda size_bytes: size_bytes,
    )

    async def keep(megabytes: float) -> None:
        async def load() -> int:
            return int(megabytes * MEBIBYTE)

        await other.get(str(megabytes), load)

    def held() -> dict[str, float]:
        return {state.name: state.bytes / MEBIBYTE for state in runtime.caches.states()}

    for number in range(5):
        await vocabularies.get({"version": str(number)})
    assert held() == {"nlp_vocabularies": 90, "other": 0}
    await keep(10)
    assert held() == {"nlp_vocabularies": 90, "other": 10}, "they fit to the byte"
    await keep(20)
    assert held() == {"nlp_vocabularies": 60, "other": 20}
    await keep(100)
    assert held() == {"nlp_vocabularies": 0, "other": 100}
    await keep(101)
    assert held() == {"nlp_vocabularies": 0, "other": 100}, "larger than all: used, and not kept"
    runtime.workers.close()
    runtime.tracing.close()


def test_a_cache_keeps_an_entry_for_5_minutes_to_an_hour_unless_a_target_of_its_own_says_otherwise() -> None:
    for number, (ttl_s, fits) in enumerate(((300, True), (3600, True), (299.5, False), (3600.5, False))):
        make = partial(MemoryCache, str(number), max_entries=1, instruments=Instruments(), caches=Caches())
        if fits:
            make(ttl_s=ttl_s)
        else:
            with pytest.raises(ValueError, match="300 to 3600"):
                make(ttl_s=ttl_s)
        make(ttl_s=ttl_s, own_ttl=True, caches=Caches())
    kept_s = declared_caches()
    # Names and answers are kept for 30 seconds by a target of their own; sessions, for 24 hours, are in Redis and not among these.
    assert {name: ttl_s for name, ttl_s in kept_s.items() if not 300 <= ttl_s <= 3600} == {
        "vocabularies": 30,
        "kubernetes_answers": 30,
    }
    assert {"resource_types", "nlp_vocabularies"} < kept_s.keys()


def declared_caches() -> dict[str, float]:
    """Every cache in memory that the product makes, and for how long it keeps an entry, as its source says."""
    found = {}
    for path in sorted(Path("app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            made = node.func if isinstance(node, ast.Call) else None
            made = made.value if isinstance(made, ast.Subscript) else made
            if isinstance(node, ast.Call) and isinstance(made, ast.Name) and made.id == "MemoryCache":
                names = vars(import_module(".".join(path.with_suffix("").parts)))
                (ttl,) = (word.value for word in node.keywords if word.arg == "ttl_s")
                found[ast.literal_eval(node.args[0])] = float(eval(ast.unparse(ttl), names))  # our source
    return found


async def test_a_change_drops_the_names_of_its_cluster_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def vocabulary(cluster: Any, _: Impersonation) -> dict[str, Any]:
        asked.append(cluster)
        return {}

    monkeypatch.setattr("app.gateway.service.language.vocabulary", vocabulary)
    instruments = Instruments()
    clusters: Any = {name: name for name in ("prod", "test")}
    nlp: Any = None
    language = Language(nlp, clusters, Hub("gateway-1", None, instruments), instruments)
    invalidations = Invalidations("gateway-1", Caches(), None, instruments)
    invalidations.on_cluster(language.forget_cluster)
    people = [Impersonation(name) for name in ("ann", "bob")]

    async def load() -> list[str]:
        asked.clear()
        for cluster in clusters:
            for person in people:
                await language.warm(cluster, person)
        return asked

    assert await load() == ["prod", "prod", "test", "test"]
    assert await load() == []
    await invalidations.cluster_changed("prod")
    assert await load() == ["prod", "prod"]
