"""What a key of a real Redis node takes, by what it holds."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from app.gateway.service.sign_in import _key
from app.telemetry import server_catalogue
from exporters.redis import RedisNode
from exporters.redis_keys import SAMPLED_KEYS, kind_of
from exporters.sheet import Sheet
from tests.support.ports import free_port
from tests.support.waiting import until, wait_for


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    port = free_port()
    options = f"--port {port} --maxmemory 64mb --maxmemory-policy allkeys-lru --dir {tmp_path} --save ''"
    server = subprocess.Popen(["redis-server", *options.split()], stdout=subprocess.DEVNULL)
    asked = ["redis-cli", "-p", str(port), "ping"]
    wait_for(
        "Redis to answer",
        lambda: subprocess.run(asked, capture_output=True, check=False).stdout == b"PONG\n",
        every_s=0.02,
    )
    with Redis(port=port) as client:
        yield client
    server.terminate()
    server.wait(10)


def test_a_cached_session_is_known_by_its_key() -> None:
    assert kind_of(_key(b"\x01" * 32).encode()) == "session"
    assert kind_of(b"something else") == "other"


async def test_the_size_of_keys_is_told_by_what_they_hold_and_looking_is_bounded(redis: Redis) -> None:
    session = _key(b"\x01" * 32)
    redis.hset(session, mapping={"user_id": "0197c1d2-7c1b-7e3a-9f70-3f1f0d1c2b3a", "name": "ann"})
    redis.set("large", b"x" * 100_000)
    name = f"127.0.0.1:{redis.connection_pool.connection_kwargs['port']}"
    node = RedisNode("127.0.0.1", redis.connection_pool.connection_kwargs["port"], {})

    async def told() -> dict[str, float | None] | None:
        sheet = Sheet()
        redis.config_resetstat()
        await node.read(sheet)
        looked = redis.info("commandstats")
        assert looked["cmdstat_randomkey"]["calls"] == SAMPLED_KEYS
        assert looked["cmdstat_memory|usage"]["calls"] <= SAMPLED_KEYS
        found = {
            kind: sheet.value(server_catalogue.REDIS_KEY_BYTES, node=name, kind=kind) for kind in ("session", "other")
        }
        return found if all(found.values()) else None

    found = await until("both keys to be met", told)
    assert found == {"session": redis.memory_usage(session), "other": redis.memory_usage("large")}
    redis.flushall()
    sheet = Sheet()
    await node.read(sheet)
    assert sheet.value(server_catalogue.REDIS_KEY_BYTES, node=name, kind="session") is None
    assert sheet.value(server_catalogue.REDIS_MASTER, node=name) == 1
    await node.drop()
