"""Commands on a real Redis Cluster: gathered, bounded, each with its own answer, deadline and error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from redis import Redis as SyncRedis
from redis.asyncio.cluster import ClusterPubSub
from redis.crc import key_slot

from app.errors import UnavailableError
from app.infra.redis.client import Redis
from app.infra.redis.keys import together
from app.infra.redis.link import MOST_PENDING
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.redis_nodes import RedisNodes
from tests.support.waiting import until


@pytest.fixture(scope="module")
def nodes() -> Iterator[RedisNodes]:
    made = RedisNodes()
    yield made
    made.close()


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about slowness, and the machine that tests may be slow."""
    monkeypatch.setattr("app.infra.redis.router.COMMAND_TIMEOUT_S", 20)


@pytest.fixture
async def redis(nodes: RedisNodes, instruments: Instruments) -> AsyncIterator[Redis]:
    tracing = Tracing("gateway", "test")
    made = Redis([("127.0.0.1", nodes.ports[0])], client_name="test", instruments=instruments, tracing=tracing)
    await made.open()
    yield made
    await made.close()
    tracing.close()


def asked(instruments: Instruments, operation: str, outcome: str) -> float:
    """How many calls had this outcome."""
    return instruments.value(catalogue.DEPENDENCY_REQUESTS, dependency="redis", operation=operation, outcome=outcome)


def connections(client: SyncRedis) -> set[str]:
    """The ids of the tested client's connections to a node."""
    return {each["id"] for each in client.client_list() if each["name"] == "test"}


def test_keys_that_belong_together_land_in_one_slot() -> None:
    slots = {key_slot(together("session:1", *parts).encode()) for parts in (("a",), ("b", "c"), ())}
    assert len(slots) == 1
    assert key_slot(together("session:2", "a").encode()) not in slots
    for tag in ("", "a}b", "{a"):
        with pytest.raises(ValueError, match="hash tag"):
            together(tag, "a")


async def test_a_client_that_was_not_opened_finds_the_cluster_with_its_first_commands(
    nodes: RedisNodes, instruments: Instruments, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign_loops: list[object] = []
    monkeypatch.setattr("asyncio.run", foreign_loops.append)  # what redis-py's cluster transactions are carried out by
    tracing = Tracing("gateway", "test")
    redis = Redis([("127.0.0.1", nodes.ports[3])], client_name="test", instruments=instruments, tracing=tracing)
    await redis.hash_set("first", {"a": "1"}, 60)
    assert await redis.hash_get_all("first") == {b"a": b"1"}
    for number in range(20):
        await redis.set(f"first:{number}", b"%d" % number, 60)
    assert [await redis.get(f"first:{number}") for number in range(20)] == [b"%d" % number for number in range(20)]
    assert not foreign_loops
    await redis.close()
    tracing.close()


async def test_values_live_for_their_time_and_all_keys_of_a_call_are_deleted(redis: Redis, nodes: RedisNodes) -> None:
    keys = [f"value:{number}" for number in range(12)]
    for key in keys:
        await redis.set(key, b"\x00\r\n\xff", 60)
    await redis.hash_set("hash", {"a": "1"}, 60)
    for key in (*keys, "hash"):
        with nodes.client(nodes.master_of(key)) as client:
            assert 0 < client.ttl(key) <= 60
    assert await redis.get(keys[0]) == b"\x00\r\n\xff"
    await redis.delete(*keys, "never there")
    assert [await redis.get(key) for key in keys] == [None] * len(keys)


async def test_commands_of_one_moment_leave_for_a_node_in_one_write(redis: Redis, instruments: Instruments) -> None:
    keys = [together("one slot", str(number)) for number in range(40)]
    await asyncio.gather(*(redis.set(key, key.encode(), 60) for key in keys))
    value = instruments.value
    before = [value(catalogue.REDIS_PIPELINE_COMMANDS, suffix) for suffix in ("_count", "_sum")]
    assert await asyncio.gather(*(redis.get(key) for key in keys)) == [key.encode() for key in keys]
    after = [value(catalogue.REDIS_PIPELINE_COMMANDS, suffix) for suffix in ("_count", "_sum")]
    assert [late - early for late, early in zip(after, before, strict=True)] == [1, 40]


async def test_a_caller_that_gives_up_takes_no_answer_from_the_others(
    redis: Redis, nodes: RedisNodes, instruments: Instruments
) -> None:
    keys = [together("given up", str(number)) for number in range(30)]
    await asyncio.gather(*(redis.set(key, key.encode(), 60) for key in keys))
    with nodes.client(nodes.master_of(keys[0])) as client:
        before = connections(client)
        readers = [asyncio.create_task(redis.get(key)) for key in keys]
        await asyncio.sleep(0)
        for reader in readers[::3]:
            reader.cancel()
        found = await asyncio.gather(*readers, return_exceptions=True)
        assert connections(client) == before
    for number, answer in enumerate(found):
        if number % 3 == 0:
            assert isinstance(answer, asyncio.CancelledError)
        else:
            assert answer == keys[number].encode()
    assert asked(instruments, "get", "cancelled") == 10
    assert asked(instruments, "get", "ok") == 20


async def test_one_commands_error_is_its_own(redis: Redis) -> None:
    plain, text = together("mixed", "hash"), together("mixed", "text")
    await redis.hash_set(plain, {"a": "1"}, 60)
    await redis.set(text, b"no hash", 60)
    right, wrong, again = await asyncio.gather(
        redis.hash_get_all(plain), redis.hash_get_all(text), redis.hash_get_all(plain), return_exceptions=True
    )
    assert right == again == {b"a": b"1"}
    assert isinstance(wrong, UnavailableError)
    with pytest.raises(UnavailableError):
        await redis.hash_set(text, {"a": "1"}, 60)
    assert await redis.get(text) == b"no hash"


async def test_more_than_a_node_can_keep_up_with_is_refused_and_counted(
    redis: Redis, nodes: RedisNodes, instruments: Instruments
) -> None:
    await redis.set("full", b"1", 60)
    with nodes.client(nodes.master_of("full")) as client:
        client.client_pause(100)
        found = await asyncio.gather(*(redis.get("full") for _ in range(MOST_PENDING + 7)), return_exceptions=True)
        client.client_unpause()
    assert sum(isinstance(answer, UnavailableError) for answer in found) == 7
    assert found.count(b"1") == MOST_PENDING
    assert asked(instruments, "get", "refused") == 7


async def test_a_connection_that_breaks_loses_no_command_that_may_be_asked_twice(
    redis: Redis, nodes: RedisNodes, instruments: Instruments
) -> None:
    await redis.set("cut", b"1", 60)
    with nodes.client(nodes.master_of("cut")) as client:
        client.client_pause(20_000, all=False)  # writes wait
        written = instruments.value(catalogue.REDIS_PIPELINE_COMMANDS, "_sum")
        writing = asyncio.gather(*(redis.set("cut", b"2", 60) for _ in range(5)))

        async def sent() -> bool:
            return instruments.value(catalogue.REDIS_PIPELINE_COMMANDS, "_sum") == written + 5

        await until("the commands to be sent", sent)
        for number in connections(client):
            client.client_kill_filter(_id=number)
        client.client_unpause()
    await writing

    async def connected() -> bool:
        return instruments.value(catalogue.REDIS_NODES_AVOIDED) == 0

    await until("the connections to be back", connected)
    assert await redis.get("cut") == b"2"
    assert asked(instruments, "set", "failed") == 0


async def test_a_slot_that_has_moved_is_followed(redis: Redis, nodes: RedisNodes, instruments: Instruments) -> None:
    key = "moved"
    await redis.set(key, b"1", 60)
    source = nodes.master_of(key)
    target = next(port for port in nodes.masters() if port != source)
    nodes.move_slot(key_slot(key.encode()), source, target)
    assert await redis.get(key) == b"1"
    await redis.hash_set(together(key, "hash"), {"a": "1"}, 60)
    assert await redis.hash_get_all(together(key, "hash")) == {b"a": b"1"}
    with nodes.client(source) as client:
        client.config_resetstat()
        assert await redis.get(key) == b"1"
        assert "errorstat_MOVED" not in client.info("errorstats")
    assert asked(instruments, "get", "failed") == 0


async def test_a_sampled_request_shows_its_commands_and_another_makes_no_span(nodes: RedisNodes) -> None:
    spans = InMemorySpanExporter()
    tracing = Tracing("gateway", "test", exporter=spans, ratio=0)
    redis = Redis([("127.0.0.1", nodes.ports[0])], client_name="test", instruments=Instruments(), tracing=tracing)
    await redis.open()
    with tracing.root("GET /", always=True):
        await redis.get("a")
    with tracing.root("GET /"):
        await redis.set("a", b"1", 60)
    await redis.close()
    tracing.close()
    assert [span.name for span in spans.get_finished_spans()] == ["redis get", "GET /"]


async def test_a_subscription_that_the_client_loses_track_of_is_away(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object, **__: object) -> None:
        raise RuntimeError("pubsub connection not set")  # as it says of one that it is just moving to another node

    async with redis.subscribed("news") as messages:
        monkeypatch.setattr(ClusterPubSub, "get_sharded_message", lost)
        with pytest.raises(UnavailableError):
            await anext(aiter(messages))


async def test_a_message_reaches_the_subscribers_of_its_channel(redis: Redis) -> None:
    async with redis.subscribed("news") as messages, asyncio.timeout(10):
        await redis.publish("news", b"\x00 here")
        assert await anext(aiter(messages)) == b"\x00 here"


@pytest.fixture(scope="module")
def guest(nodes: RedisNodes) -> int:
    """A master of nothing, which gets the slot of the key "guest" and keeps those who ask for it waiting for the rest."""
    added = nodes.add_master()
    nodes.begin_moving(key_slot(b"guest"), nodes.master_of("guest"), added)
    return added


async def asks_guest(redis: Redis, instruments: Instruments) -> bool:
    """Whether a read is carried out by the guest over a connection of our own: redis-py's are not counted."""
    before = instruments.value(catalogue.REDIS_PIPELINE_COMMANDS, "_sum")
    try:
        await redis.get("guest")
    except UnavailableError:
        return False
    return instruments.value(catalogue.REDIS_PIPELINE_COMMANDS, "_sum") == before + 2


async def test_a_node_that_a_slot_is_moving_to_is_asked_again_after_its_connection_broke(
    redis: Redis, nodes: RedisNodes, guest: int, instruments: Instruments
) -> None:
    await redis.set("guest", b"1", 60)
    assert await asks_guest(redis, instruments)
    with nodes.client(guest) as client:
        for number in connections(client):
            client.client_kill_filter(_id=number)
    await until("the guest to be asked again", lambda: asks_guest(redis, instruments))
    assert await redis.get("guest") == b"1"


@pytest.mark.full
async def test_nobody_waits_twice_for_a_node_that_a_slot_is_moving_to_and_it_is_asked_again_when_it_is_back(
    redis: Redis, nodes: RedisNodes, guest: int, instruments: Instruments
) -> None:
    await redis.set("guest", b"1", 60)
    nodes.kill(guest)
    try:

        async def short_cut() -> bool:
            with pytest.raises(UnavailableError):
                await redis.get("guest")
            return asked(instruments, "get", "short_cut") >= 50

        await until("the guest to be avoided", short_cut)
        assert asked(instruments, "get", "failed") <= 2, "as its connection broke, and before it was known to be dead"
    finally:
        nodes.restart(guest)
    await until("the guest to be asked again", lambda: asks_guest(redis, instruments))
