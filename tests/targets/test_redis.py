"""Redis is configured, joined and used with the architecture document's figures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from app.infra.redis.client import Redis
from app.stack.servers import redis as server
from app.stack.servers.redis import RedisSettings, slot_ranges
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.redis_nodes import RedisNodes

SESSION = {
    "user_id": "0197c1d2-7c1b-7e3a-9f70-3f1f0d1c2b3a",
    "name": "ann",
    "display_name": "Ann",
    "role": "operator",
    "kind": "browser",
    "expires": "1790000000",
}


def setting(name: str) -> str:
    """What the generated configuration says of one setting."""
    made = server.text(RedisSettings(7000, 17000, "/s/redis/1", 2**30))
    (found,) = [line.partition(" ")[2] for line in made.splitlines() if line.partition(" ")[0] == name]
    return found


@pytest.fixture(scope="module")
def nodes() -> Iterator[RedisNodes]:
    made = RedisNodes()
    yield made
    made.close()


@pytest.fixture
async def redis(nodes: RedisNodes) -> AsyncIterator[Redis]:
    """The client that the gateway uses, which has been told of one node alone."""
    tracing = Tracing("gateway", "test")
    made = Redis([("127.0.0.1", nodes.ports[0])], client_name="test", instruments=Instruments(), tracing=tracing)
    await made.open()
    yield made
    await made.close()
    tracing.close()


async def test_a_session_is_a_hash_that_costs_less_than_a_string_per_field(redis: Redis, nodes: RedisNodes) -> None:
    await redis.hash_set("s:ann", SESSION, 60)
    assert await redis.hash_get_all("s:ann") == {name.encode(): value.encode() for name, value in SESSION.items()}
    holders = nodes.holding("s:ann")
    assert len(holders) == 1
    with nodes.client(holders[0]) as client:
        assert (client.type("s:ann"), client.object("encoding", "s:ann")) == (b"hash", b"listpack")
        for name, value in SESSION.items():
            client.set(f"{{s:ann}}:{name}", value, ex=60)
        strings_bytes = sum(client.memory_usage(f"{{s:ann}}:{name}") for name in SESSION)
        assert client.memory_usage("s:ann") < strings_bytes


def test_snapshots_and_the_base_of_the_append_only_file_are_compressed() -> None:
    assert setting("rdbcompression") == "yes"
    assert setting("aof-use-rdb-preamble") == "yes"


def test_a_full_redis_drops_the_keys_that_were_used_least_recently() -> None:
    assert setting("maxmemory-policy") == "allkeys-lru"


def test_redis_writes_a_snapshot_every_fifteen_minutes() -> None:
    assert setting("save") == "900 1"


def test_the_append_only_file_is_rewritten_when_it_has_doubled() -> None:
    assert setting("auto-aof-rewrite-percentage") == "100"


def test_the_append_only_file_is_forced_to_disk_every_second() -> None:
    assert setting("appendfsync") == "everysec"


def test_every_master_holds_the_same_number_of_slots() -> None:
    sizes = [last - first + 1 for first, last in slot_ranges()]
    assert sum(sizes) == 16_384
    assert max(sizes) - min(sizes) <= 1


def test_every_master_has_one_replica(nodes: RedisNodes) -> None:
    found = nodes.nodes()
    masters = sorted(node.id for node in found if node.master)
    assert sorted(node.follows for node in found if not node.master) == masters


async def test_the_right_node_is_asked_at_once(redis: Redis, nodes: RedisNodes) -> None:
    masters = nodes.masters()
    for port in masters:
        with nodes.client(port) as client:
            client.config_resetstat()
    for number in range(30):
        await redis.hash_set(f"s:{number}", SESSION, 60)
        assert await redis.hash_get_all(f"s:{number}")
    for port in masters:
        with nodes.client(port) as client:
            assert client.keys("s:*"), "this node was asked for nothing"
            assert "errorstat_MOVED" not in client.info("errorstats")
