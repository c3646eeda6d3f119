"""On a real Redis Cluster: a change that one replica hears of makes the other forget, also after a master has died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import pytest

from app.gateway.service.invalidations import CHANNEL, Invalidations
from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.infra.redis.client import Redis
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


@dataclass(frozen=True)
class Replica:
    """One replica that listens."""

    invalidations: Invalidations
    names: MemoryCache[str, str]
    instruments: Instruments

    async def fill(self) -> None:
        async def load() -> str:
            return "names"

        for cluster in ("prod", "test"):
            await self.names.get(cluster, load)

    async def forgot(self, left: int) -> None:
        async def look() -> bool:
            return self.names.state.entries == left

        await until(f"{left} entries to be left", look)


@asynccontextmanager
async def replica(name: str, nodes: RedisNodes) -> AsyncIterator[Replica]:
    instruments, tracing, caches = Instruments(), Tracing("gateway", "test"), Caches()
    redis = Redis(
        [("127.0.0.1", port) for port in nodes.ports], client_name=name, instruments=instruments, tracing=tracing
    )
    await redis.open()
    names = MemoryCache[str, str]("names", ttl_s=600, max_entries=10, instruments=instruments, caches=caches)
    invalidations = Invalidations(name, caches, redis, instruments)
    invalidations.on_cluster(names.forget)
    listening = asyncio.create_task(invalidations.listen())

    async def listens() -> bool:
        await invalidations.until_listening()
        return invalidations.listening

    await until("the replica to listen", listens)
    yield Replica(invalidations, names, instruments)
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
    await redis.close()
    tracing.close()


async def test_a_change_on_one_replica_makes_the_other_forget(nodes: RedisNodes) -> None:
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(replica(name, nodes)) for name in ("gateway-1", "gateway-2")]
        for each in (one, other):
            await each.fill()
        await one.invalidations.cluster_changed("prod")
        await other.forgot(1)
        await other.invalidations.clear("names")
        await one.forgot(0)
        assert [each.instruments.value(catalogue.CACHE_INVALIDATIONS, source="missed") for each in (one, other)] == [
            0,
            0,
        ]


@pytest.mark.full
async def test_after_the_master_that_carries_events_has_died_everything_is_dropped_and_events_arrive_again(
    nodes: RedisNodes,
) -> None:
    nodes.wait_copied()
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(replica(name, nodes)) for name in ("gateway-1", "gateway-2")]
        await other.fill()
        nodes.kill(nodes.master_of(CHANNEL))
        await other.forgot(0)

        async def arrives() -> bool:
            await other.fill()
            await one.invalidations.cluster_changed("prod")
            return other.instruments.value(catalogue.CACHE_INVALIDATIONS, source="other_replica") > 0

        await until("an event to arrive", arrives)
