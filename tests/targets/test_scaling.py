"""How many of what run: what the local stack starts and refuses, and where its services' data goes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from configparser import ConfigParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from redis.crc import key_slot
from typer.testing import CliRunner

from alerts.catalogue import rule_sources
from app.cli import main
from app.gateway.main import create_process
from app.gateway.service.sign_in import SignIns
from app.gateway.settings import GatewaySettings
from app.gateway.store.accounts import Accounts
from app.gateway.store.chats import Chats, ChatSession
from app.infra.ids import new_id
from app.infra.postgres.database import Database
from app.infra.postgres.position import Reader
from app.infra.postgres.query import Query
from app.infra.workers import Workers
from app.nlp.queue import Priority, TranslationQueue
from app.stack import control
from app.stack.errors import StackError
from app.stack.parts import stores
from app.stack.servers import postgresql, redis
from app.stack.servers.postgresql import PostgresSettings
from app.stack.service import Service
from app.stack.settings import Options, StackSettings
from app.telemetry.instruments import Instruments
from slo.rule import RecordingRule
from tests.unit.gateway.test_sign_in import FakeAccounts, FakeRedis
from tests.unit.stack.test_plan import planned

GIBIBYTE = 2**30
PRIMARY_URL = "postgresql://kubechat_gateway@127.0.0.1:18130/kubechat"


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Options | None]:
    """`kubechat up` with these arguments, as far as what it would start; None when it refuses."""

    def run(*args: str) -> Options | None:
        asked: list[Options] = []

        def start(_: StackSettings, options: Options, *__: object) -> None:
            asked.append(options)
            raise StackError("This is far enough.")

        monkeypatch.setenv("KUBECHAT_STATE", str(tmp_path / "state"))
        monkeypatch.setattr(control, "start_detached", start)
        CliRunner().invoke(main.build(), ("up", "--detach", *args))
        return asked[0] if asked else None

    return run


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], bool]:
    """Whether the stack refuses to start with this setting."""

    def ask(name: str, value: int) -> bool:
        monkeypatch.setenv(name, str(value))
        try:
            StackSettings.read()
        except StackError as error:
            return name in error.message
        return False

    return ask


async def pooler(found: dict[str, Service], monkeypatch: pytest.MonkeyPatch) -> ConfigParser:
    """The configuration that the stack's PgBouncer is started with."""
    monkeypatch.setattr(stores, "_pgbouncer_version", lambda _: (1, 21, 0))
    service = found["pgbouncer"]
    assert service.prepare is not None
    await service.prepare()
    parser = ConfigParser(interpolation=None, comment_prefixes=(";",))
    parser.read(service.argv[-1])
    return parser


async def redis_options(service: Service) -> dict[str, str]:
    """The configuration that one of the stack's Redis nodes is started with."""
    assert service.prepare is not None
    await service.prepare()
    return options_in(Path(service.argv[-1]))


def options_in(file: Path) -> dict[str, str]:
    """The options of a Redis configuration."""
    return dict(line.split(" ", 1) for line in file.read_text().splitlines() if not line.startswith("#"))


def test_the_gateway_starts_with_two_replicas(up: Callable[..., Options | None]) -> None:
    options = up()
    assert options is not None
    assert options.replicas == 2


def test_a_twenty_first_replica_of_the_gateway_is_refused(up: Callable[..., Options | None]) -> None:
    options = up("--replicas", "20")
    assert options is not None
    assert options.replicas == 20
    assert up("--replicas", "21") is None


def test_the_language_service_has_one_replica_and_never_none(
    tmp_path: Path, refused: Callable[[str, int], bool]
) -> None:
    assert [name for name in planned(tmp_path) if name.startswith("nlp-")] == ["nlp-1"]
    assert refused("KUBECHAT_NLP_REPLICAS", 0)
    assert not refused("KUBECHAT_NLP_REPLICAS", 1)


def test_an_eleventh_replica_of_the_language_service_is_refused(refused: Callable[[str, int], bool]) -> None:
    assert not refused("KUBECHAT_NLP_REPLICAS", 10)
    assert refused("KUBECHAT_NLP_REPLICAS", 11)


async def test_requests_that_wait_for_the_translator_are_counted_as_nlp_queue_depth() -> None:
    instruments = Instruments()
    queue = TranslationQueue(10, instruments)
    later = asyncio.get_running_loop().time() + 60

    async def ask() -> None:
        async with queue.turn(Priority.PERSON, later):
            pass

    async with queue.turn(Priority.PERSON, later):
        waiting = [asyncio.create_task(ask()) for _ in range(3)]
        await asyncio.sleep(0)
        assert instruments.registry.get_sample_value("nlp_queue_depth") == 3
    await asyncio.gather(*waiting)


def test_a_ninth_replica_of_the_audit_service_is_refused(refused: Callable[[str, int], bool]) -> None:
    assert not refused("KUBECHAT_AUDIT_REPLICAS", 8)
    assert refused("KUBECHAT_AUDIT_REPLICAS", 9)


def test_every_server_but_one_streams_from_that_one(tmp_path: Path) -> None:
    found = planned(tmp_path)
    alone, following = [], []
    for name, service in found.items():
        if name.startswith("postgres-"):
            *_, settings = cast("Any", service.prepare).args
            assert isinstance(settings, PostgresSettings)
            text = postgresql.text(settings)
            streams = f"primary_conninfo = 'host=127.0.0.1 port={found['postgres-primary'].port} " in text
            (following if streams else alone).append(name)
    assert alone == ["postgres-primary"]
    assert following == ["postgres-replica-1", "postgres-replica-2"]


def test_one_read_replica_is_refused_and_so_are_nine(up: Callable[..., Options | None]) -> None:
    for number in (2, 8):
        options = up("--read-replicas", str(number))
        assert options is not None
        assert options.read_replicas == number
    assert up("--read-replicas", "1") is None
    assert up("--read-replicas", "9") is None


def test_the_read_load_asks_for_two_replicas_at_least_and_for_eight_at_most() -> None:
    (rule,) = (
        rule
        for source in rule_sources()
        for group in source.groups
        for rule in group.group.rules
        if isinstance(rule, RecordingRule) and rule.record == "kubechat:postgres_read_replicas:wanted"
    )
    assert rule.query.text == "clamp(kubechat:postgres_read_replicas:needed, 2, 8)"


async def test_the_pooler_takes_500_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await pooler(planned(tmp_path), monkeypatch))["pgbouncer"]["max_client_conn"] == "500"


async def test_what_the_services_write_to_leads_to_the_primary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = planned(tmp_path)
    databases = (await pooler(found, monkeypatch))["databases"]
    for service in ("gateway-1", "gateway-2", "audit-1"):
        pooled, direct = (urlsplit(found[service].env[f"KUBECHAT_POSTGRES_{way}URL"]) for way in ("", "DIRECT_"))
        assert pooled.port == found["pgbouncer"].port
        assert f" port={found['postgres-primary'].port} " in databases[pooled.path.lstrip("/")]
        assert direct.port == found["postgres-primary"].port


def gateway_settings(folder: Path) -> GatewaySettings:
    return GatewaySettings(
        postgres_url=PRIMARY_URL,
        audit_urls="http://127.0.0.1:1",
        nlp_urls="http://127.0.0.1:2",
        kubeconfig=folder / "config",
        service_token_file=folder / "token",
        webhook_token_file=folder / "token",
    )


async def test_sign_in_sessions_are_written_read_and_ended_on_the_primary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    made: list[Accounts] = []

    class Asked(Database):
        """A database that only notes what it is asked."""

        async def execute(self, query: Query, *_: object) -> int:
            asked.append((query.name, self._url))
            return 1

        async def fetch(self, query: Query, *_: object) -> list[Any]:
            asked.append((query.name, self._url))
            return []

        async def fetchrow(self, query: Query, *_: object) -> None:
            asked.append((query.name, self._url))

    class Made(Accounts):
        """The accounts that the gateway makes for itself."""

        def __init__(self, database: Database, reads: Reader | None = None) -> None:
            super().__init__(database, reads)
            made.append(self)

    monkeypatch.setattr("app.gateway.main.Database", Asked)
    monkeypatch.setattr("app.gateway.main.Accounts", Made)
    monkeypatch.setenv("KUBECHAT_POSTGRES_REPLICA_URLS", f"{PRIMARY_URL}_replica_1")
    (tmp_path / "token").write_text("token")
    process = create_process(gateway_settings(tmp_path))
    (accounts,) = made
    await accounts.add_session(b"hash", new_id(), "browser", "", datetime.now(UTC))
    await accounts.find_session(b"hash")
    await accounts.revoke(b"hash")
    process.runtime.workers.close()
    process.runtime.tracing.close()
    assert [name for name, _ in asked] == ["sign_ins.add", "sign_ins.find", "sign_ins.revoke"]
    assert {url for _, url in asked} == {PRIMARY_URL}


async def test_reads_that_may_lag_are_answered_by_the_read_replicas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    made: dict[type, Any] = {}
    now = datetime.now(UTC)
    chat = ChatSession(new_id(), "", "prod-eu", "shop", now, now, last_seq=0)
    replica = {"in_recovery": True, "replayed": "0/1", "written": "0/1", "n": 1}

    class Asked(Database):
        """A database that only notes what it is asked; as a replica it is in step."""

        async def open_like(self, primary: Database) -> None:
            return

        async def fetch(self, query: Query, *_: object, **__: object) -> list[Any]:
            asked.append((query.name, self.name))
            return []

        async def fetchrow(self, query: Query, *_: object, **__: object) -> Any:
            asked.append((query.name, self.name))
            return replica

    def kept(store: type) -> Any:
        def make(*given: Any) -> Any:
            made[store] = store(*given)
            return made[store]

        return make

    monkeypatch.setattr("app.gateway.main.Database", Asked)
    for store in (Accounts, Chats):
        monkeypatch.setattr(f"app.gateway.main.{store.__name__}", kept(store))
    monkeypatch.setenv("KUBECHAT_POSTGRES_REPLICA_URLS", f"{PRIMARY_URL}_replica_1,{PRIMARY_URL}_replica_2")
    (tmp_path / "token").write_text("token")
    process = create_process(gateway_settings(tmp_path))
    watching = asyncio.create_task(made[Chats]._reads.watch())
    for _ in range(10):  # a look at each replica takes no time here, and a few turns of the loop
        await asyncio.sleep(0)
    # Twice each, so that both replicas have a turn.
    for _ in range(2):
        await made[Chats].page_of(chat, 100, 10)
        await made[Accounts].all()
    watching.cancel()
    process.runtime.workers.close()
    process.runtime.tracing.close()
    lists = [server for name, server in asked if name in {"chats.page", "accounts.list"}]
    assert len(lists) == 4
    assert set(lists) == {"kubechat_replica_1", "kubechat_replica_2"}


async def test_redis_is_six_nodes_of_one_cluster(tmp_path: Path) -> None:
    nodes = [service for name, service in planned(tmp_path).items() if name.startswith("redis-")]
    assert len(nodes) == 6
    for node in nodes:
        assert (await redis_options(node))["cluster-enabled"] == "yes"


def test_a_redis_node_has_1_to_64_gigabytes(refused: Callable[[str, int], bool]) -> None:
    for size_bytes in (GIBIBYTE, 64 * GIBIBYTE):
        assert not refused("KUBECHAT_REDIS_MEMORY_BYTES", size_bytes)
    for size_bytes in (GIBIBYTE - 1, 64 * GIBIBYTE + 1):
        assert refused("KUBECHAT_REDIS_MEMORY_BYTES", size_bytes)


async def test_redis_writes_an_append_only_file_and_snapshots(tmp_path: Path) -> None:
    options = await redis_options(planned(tmp_path)["redis-1"])
    assert options["appendonly"] == "yes"
    after_s, changes = options["save"].split()
    assert int(after_s) > 0
    assert int(changes) > 0


async def test_cached_sessions_are_spread_over_all_masters_by_the_hash_of_their_key() -> None:
    cache, instruments = FakeRedis(), Instruments()
    workers = Workers(instruments, 1)
    sign_ins = SignIns(FakeAccounts(), cache, workers, instruments)  # type: ignore[arg-type]
    for number in range(600):
        await sign_ins.find(f"token {number}")
    workers.close()
    ranges = redis.slot_ranges()
    assert [slot for first, last in ranges for slot in range(first, last + 1)] == list(range(16_384))
    held = Counter(
        master
        for key in cache.hashes
        for master, (first, last) in enumerate(ranges)
        if first <= key_slot(key.encode()) <= last
    )
    assert sum(held.values()) == 600
    assert len(held) == len(ranges) == 3
    assert min(held.values()) > 100


async def test_cached_data_makes_room_by_dropping_what_was_used_least_recently(tmp_path: Path) -> None:
    for name, service in planned(tmp_path).items():
        if name.startswith("redis-"):
            assert (await redis_options(service))["maxmemory-policy"] == "allkeys-lru"
