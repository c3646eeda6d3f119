"""A Redis Cluster that fails, in whole or in part: everything in it may vanish, and nobody waits for it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from redis.crc import key_slot

from app.errors import UnavailableError
from app.gateway.service.sign_in import SignIns
from app.infra.ids import new_id
from app.infra.redis.client import Redis
from app.infra.redis.keys import together
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.postgres_server import PostgresServer
from tests.support.redis_nodes import RedisNodes
from tests.support.sign_ins import sign_ins_on
from tests.support.waiting import until, wait_for

PEOPLE = 24


@pytest.fixture
def nodes() -> Iterator[RedisNodes]:
    made = RedisNodes()
    yield made
    made.close()


@dataclass
class Door:
    """Live sessions in PostgreSQL, cached in Redis, and how they are found."""

    sign_ins: SignIns
    redis: Redis
    instruments: Instruments
    tokens: list[str]

    def key(self, number: int) -> str:
        return f"s:{hashlib.sha256(self.tokens[number].encode()).hexdigest()}"

    async def all_found(self) -> bool:
        """Find everybody, one after another; whether Redis knew them all. NotSignedInError when one is lost."""
        before = self.looked_up("miss")
        for token in self.tokens:
            await self.sign_ins.find(token)
        return self.looked_up("miss") == before

    def looked_up(self, result: str) -> float:
        return self.instruments.value(catalogue.CACHE_LOOKUPS, cache="sessions", result=result)

    def reads(self, outcome: str) -> float:
        return self.instruments.value(
            catalogue.DEPENDENCY_REQUESTS, dependency="redis", operation="hgetall", outcome=outcome
        )


@pytest.fixture
async def door(postgres: PostgresServer, nodes: RedisNodes) -> AsyncIterator[Door]:
    async with sign_ins_on(postgres, (nodes.ports[0],)) as on:
        assert on.redis is not None
        user_id, tokens = new_id(), [secrets.token_urlsafe(32) for _ in range(PEOPLE)]
        await on.accounts.add(user_id, "ann", "Ann", "operator", "no hash")
        for token in tokens:
            expires_at = datetime.now(UTC) + timedelta(hours=1)
            await on.accounts.add_session(hashlib.sha256(token.encode()).digest(), user_id, "browser", "", expires_at)
        made = Door(on.sign_ins, on.redis, on.instruments, tokens)
        await until("all sessions to be cached", made.all_found)
        yield made


async def test_a_master_that_is_killed_is_replaced_and_everybody_stays_signed_in(nodes: RedisNodes, door: Door) -> None:
    master = nodes.master_of(door.key(0))
    victims = [number for number in range(PEOPLE) if nodes.master_of(door.key(number)) == master]
    await asyncio.to_thread(nodes.wait_copied)
    nodes.kill(master)
    assert not await door.all_found()  # in PostgreSQL, all the same
    await until("the replica to have taken over", door.all_found)
    assert door.reads("short_cut") > 0
    assert door.reads("failed") <= len(victims)  # the connection broke once; whoever came then was told at once
    assert door.instruments.value(catalogue.REDIS_NODES_AVOIDED) == 0


@pytest.mark.full
async def test_a_frozen_node_costs_those_their_time_who_were_asking_it_and_nobody_after(
    nodes: RedisNodes, door: Door
) -> None:
    master = nodes.master_of(door.key(0))
    victims = [door.tokens[number] for number in range(PEOPLE) if nodes.master_of(door.key(number)) == master]
    nodes.freeze(master)
    try:
        await asyncio.gather(*(door.sign_ins.find(token) for token in victims))
        assert door.reads("failed") == len(victims)
        for _ in range(10):
            await asyncio.gather(*(door.sign_ins.find(token) for token in victims))
        assert door.reads("failed") == len(victims)
        assert door.reads("short_cut") > 0
    finally:
        nodes.thaw(master)
    await until("all sessions to be found in Redis", door.all_found)


@pytest.mark.full
async def test_without_any_redis_everything_works_and_it_comes_back_by_itself(nodes: RedisNodes, door: Door) -> None:
    for port in nodes.ports:
        nodes.kill(port)
    for _ in range(3):
        assert not await door.all_found()
    with pytest.raises(UnavailableError):
        await door.redis.ping()
    with pytest.raises(UnavailableError):
        async with door.redis.subscribed("news"):
            pass
    session = await door.sign_ins.find(door.tokens.pop())
    await door.sign_ins.sign_out(session)
    assert door.reads("failed") <= PEOPLE
    assert door.reads("short_cut") >= PEOPLE
    for port in nodes.ports:
        nodes.restart(port)
    await until("all sessions to be found in Redis", door.all_found, within_s=60)

    async def heard() -> bool:
        try:
            async with door.redis.subscribed("news") as messages, asyncio.timeout(5):
                await door.redis.publish("news", b"back")
                return await anext(aiter(messages)) == b"back"
        except UnavailableError:
            return False

    await until("messages to pass again", heard)


@pytest.mark.full
async def test_whoever_does_nothing_but_subscribe_finds_the_master_that_took_over(nodes: RedisNodes) -> None:
    tracing = Tracing("gateway", "test")
    everywhere = [("127.0.0.1", port) for port in nodes.ports]
    listener, speaker = (
        Redis(everywhere, client_name=name, instruments=Instruments(), tracing=tracing) for name in ("ear", "mouth")
    )

    async def heard() -> bool:
        try:
            async with listener.subscribed("news") as messages, asyncio.timeout(5):
                await speaker.publish("news", b"here")
                return await anext(aiter(messages)) == b"here"
        except (UnavailableError, TimeoutError):
            return False

    assert await heard()
    await asyncio.to_thread(nodes.wait_copied)
    async with listener.subscribed("news") as messages:
        nodes.kill(nodes.master_of("news"))
        with pytest.raises(UnavailableError):
            await anext(aiter(messages))
    await until("messages to pass again", heard, within_s=60)
    for each in (listener, speaker):
        await each.close()
    tracing.close()


@pytest.mark.full
async def test_a_subscription_that_hears_nothing_asks_now_and_again_and_goes_on(nodes: RedisNodes) -> None:
    tracing = Tracing("gateway", "test")
    listener = Redis([("127.0.0.1", nodes.ports[0])], client_name="ear", instruments=Instruments(), tracing=tracing)
    with nodes.client(nodes.master_of("news")) as master:

        def asked() -> int:
            return int(master.info("commandstats").get("cmdstat_ping", {"calls": 0})["calls"])

        await listener.ping()
        async with listener.subscribed("news") as messages:
            before = asked()
            heard = asyncio.ensure_future(anext(aiter(messages)))
            await until("it to have asked three times", lambda: asyncio.to_thread(lambda: asked() >= before + 3))
            await listener.publish("news", b"here")
            assert await heard == b"here"
    await listener.close()
    tracing.close()


@pytest.mark.full
async def test_a_subscription_ends_when_its_master_freezes_or_its_connection_is_cut(nodes: RedisNodes) -> None:
    tracing = Tracing("gateway", "test")
    listener = Redis([("127.0.0.1", nodes.ports[0])], client_name="ear", instruments=Instruments(), tracing=tracing)
    master = nodes.master_of("news")
    async with listener.subscribed("news") as messages, asyncio.timeout(20):
        with nodes.client(master) as client:
            client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        with pytest.raises(UnavailableError):  # what was said until it is made again is lost
            await anext(aiter(messages))
    async with listener.subscribed("news") as messages, asyncio.timeout(20):
        nodes.freeze(master)
        try:
            with pytest.raises(UnavailableError):
                await anext(aiter(messages))
            with pytest.raises(UnavailableError):
                async with listener.subscribed("news"):
                    pass
        finally:
            nodes.thaw(master)
    await listener.close()
    tracing.close()


@pytest.mark.full
async def test_a_session_that_was_evicted_is_found_in_postgresql_and_cached_anew(nodes: RedisNodes, door: Door) -> None:
    key = door.key(0)
    with nodes.client(nodes.master_of(key)) as client:
        client.config_set("maxmemory", client.info("memory")["used_memory"] + 4 * 2**20)
        numbers = count()

        def evicted() -> bool:
            client.set(together(key, str(next(numbers))), secrets.token_bytes(10_000))
            return not client.exists(key)

        wait_for("the session to be evicted", evicted, every_s=0)
        assert client.info("stats")["evicted_keys"] > 0
        client.config_set("maxmemory", 64 * 2**20)
        misses = door.looked_up("miss")
        assert (await door.sign_ins.find(door.tokens[0])).person.name == "ann"
        assert door.looked_up("miss") == misses + 1
        assert client.exists(key)
    hits = door.looked_up("hit")
    await door.sign_ins.find(door.tokens[0])
    assert door.looked_up("hit") == hits + 1


@pytest.mark.full
async def test_a_master_that_is_added_takes_the_slots_it_is_given_and_no_session_is_lost(
    nodes: RedisNodes, door: Door
) -> None:
    keys = [door.key(number) for number in range(PEOPLE)]
    before = {key: nodes.master_of(key) for key in keys}
    added = await asyncio.to_thread(nodes.add_master)
    moving = {key_slot(key.encode()) for key in keys[::3]}
    lost: list[str] = []
    done = asyncio.Event()

    async def read_on() -> None:
        while not done.is_set():
            for key, fields in zip(
                keys, await asyncio.gather(*(door.redis.hash_get_all(key) for key in keys)), strict=True
            ):
                if not fields:
                    lost.append(key)

    reading = asyncio.create_task(read_on())
    for slot in sorted(moving):
        source = next(port for key, port in before.items() if key_slot(key.encode()) == slot)
        await asyncio.to_thread(nodes.move_slot, slot, source, added)
    done.set()
    await reading
    assert lost == []
    for key in keys:
        wanted = added if key_slot(key.encode()) in moving else before[key]
        assert nodes.holding(key) == [wanted]
    assert await door.all_found()
