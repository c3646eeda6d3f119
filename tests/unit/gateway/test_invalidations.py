"""Events that make cached entries wrong: applied here, told to the others, and made up for where they were missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import orjson
import pytest

from app.errors import UnavailableError
from app.gateway.service import invalidations
from app.gateway.service.invalidations import CHANNEL, Invalidations
from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.support.scripted_redis import ScriptedRedis
from tests.support.waiting import until


class Replica:
    """One replica, with the names of clusters and something else in its caches."""

    def __init__(self, name: str, redis: ScriptedRedis | None) -> None:
        self.instruments = Instruments()
        caches = Caches()
        self.names, self.others = (
            MemoryCache[str, str](each, ttl_s=600, max_entries=10, instruments=self.instruments, caches=caches)
            for each in ("names", "others")
        )
        shared: Any = redis
        self.invalidations = Invalidations(name, caches, shared, self.instruments)
        self.invalidations.on_cluster(self.names.forget)
        self.listening = asyncio.create_task(self.invalidations.listen())

    async def fill(self) -> None:
        """Cache something of two clusters, and something else."""
        for cache, key in ((self.names, "prod"), (self.names, "test"), (self.others, "prod")):
            await cache.get(key, self._load)

    async def _load(self) -> str:
        return "cached"

    @property
    def held(self) -> tuple[int, int]:
        """Names, and others."""
        return self.names.state.entries, self.others.state.entries

    def counted(self, source: str) -> float:
        return self.instruments.value(catalogue.CACHE_INVALIDATIONS, source=source)

    async def end(self) -> None:
        self.listening.cancel()
        with suppress(asyncio.CancelledError):
            await self.listening


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> ScriptedRedis:
    monkeypatch.setattr(invalidations, "RECONNECT_S", 0)
    return ScriptedRedis()


@pytest.fixture
async def replicas(redis: ScriptedRedis) -> AsyncIterator[tuple[Replica, Replica]]:
    made = Replica("gateway-1", redis), Replica("gateway-2", redis)
    for each in made:
        await each.invalidations.until_listening()
        await each.fill()
    yield made
    for each in made:
        await each.end()


async def holds(replica: Replica, names: int, others: int) -> None:
    async def look() -> bool:
        return replica.held == (names, others)

    await until(f"{names} and {others} entries, not {replica.held}", look, within_s=5)


async def test_a_change_in_a_cluster_is_forgotten_by_all_and_nothing_else_is(
    replicas: tuple[Replica, Replica],
) -> None:
    one, other = replicas
    await one.invalidations.cluster_changed("prod")
    assert one.held == (1, 1), "here it is forgotten at once"
    await holds(other, 1, 1)
    assert (one.counted("change"), other.counted("other_replica")) == (1, 1)
    assert (one.counted("other_replica"), other.counted("change")) == (0, 0)


async def test_a_replicas_own_events_are_ignored_when_they_come_back(replicas: tuple[Replica, Replica]) -> None:
    one, other = replicas
    await one.invalidations.clear(None)
    await one.fill()
    await holds(other, 0, 0)
    # Told and heard in order: when the next event has arrived, the own one has come back.
    await other.invalidations.cluster_changed("prod")
    await holds(one, 1, 1)
    assert one.counted("other_replica") == 1


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b'"text"',
        b"null",
        b"{}",
        b'{"clear": null}',
        b'{"origin": "gateway-9"}',
        b'{"origin": "gateway-9", "cluster": 5}',
        b'{"origin": "gateway-9", "cluster": null}',
        b'{"origin": "gateway-9", "clear": {}}',
        b'{"origin": "gateway-9", "clear": "names", "cluster": "prod"}',
        b'{"origin": "gateway-9", "keep": "names"}',
        b'{"origin": "gateway-9", "clear": "no such cache"}',
        b'{"origin": "gateway-9", "cluster": "no such cluster"}',
    ],
)
async def test_what_cannot_be_understood_changes_nothing_and_ends_nothing(
    redis: ScriptedRedis, replicas: tuple[Replica, Replica], message: bytes
) -> None:
    one, _ = replicas
    await redis.publish(CHANNEL, message)
    await redis.publish(CHANNEL, orjson.dumps({"origin": "gateway-9", "cluster": "test"}))
    await holds(one, 1, 1)


async def test_one_cache_is_cleared_everywhere_or_all_are(replicas: tuple[Replica, Replica]) -> None:
    one, other = replicas
    assert one.invalidations.names == ["names", "nlp_vocabularies", "others"]
    assert await one.invalidations.clear("others") == ["others"]
    assert one.held == (2, 0)
    await holds(other, 2, 0)
    assert one.invalidations.cleared_at == other.invalidations.cleared_at == 0
    assert await one.invalidations.clear(None) == ["names", "nlp_vocabularies", "others"]
    await holds(other, 0, 0)
    assert one.counted("administrator") == 2


async def test_the_language_service_hears_of_each_time_that_its_cache_is_cleared_by_any_replica(
    replicas: tuple[Replica, Replica],
) -> None:
    one, other = replicas
    heard = []
    for name in (None, "nlp_vocabularies", None):
        await one.invalidations.clear(name)
        heard.append(one.invalidations.cleared_at)
    assert heard == sorted(set(heard)), "a later time each time, also within one second"

    async def told() -> bool:
        return other.invalidations.cleared_at >= heard[0] + 2

    await until("the other replica to have heard", told, within_s=5)


async def test_whoever_did_not_listen_drops_everything_when_it_listens_again(
    redis: ScriptedRedis, replicas: tuple[Replica, Replica]
) -> None:
    one, other = replicas
    redis.away = True
    redis.cut()

    async def cut() -> bool:
        return redis.listeners == 0

    await until("the subscriptions to be gone", cut, within_s=5)
    assert one.held == (2, 1), "what is cached is served until it is known that something was missed"
    redis.away = False
    await holds(one, 0, 0)
    await holds(other, 0, 0)
    assert one.counted("missed") == 1


async def test_whoever_listens_for_the_first_time_only_later_drops_what_it_has_cached_by_then(
    redis: ScriptedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invalidations, "LISTENING_WITHIN_S", 0.01)
    redis.away = True
    late = Replica("gateway-3", redis)
    await late.invalidations.until_listening()
    await late.fill()
    redis.away = False
    await holds(late, 0, 0)
    assert late.counted("missed") == 1
    await late.end()


async def test_a_start_misses_nothing(redis: ScriptedRedis) -> None:
    replica = Replica("gateway-3", redis)
    await replica.invalidations.until_listening()
    assert (redis.listeners, replica.counted("missed")) == (1, 0)
    await replica.end()


async def test_without_redis_an_event_is_applied_here_and_an_administrator_is_told_so(
    redis: ScriptedRedis, replicas: tuple[Replica, Replica]
) -> None:
    one, other = replicas
    redis.away = True
    await one.invalidations.cluster_changed("prod")
    assert (one.held, other.held) == ((1, 1), (2, 1))
    with pytest.raises(UnavailableError) as refused:
        await one.invalidations.clear(None)
    assert refused.value.code == "cleared_here_only"
    assert (one.held, other.held) == ((0, 0), (2, 1))


async def test_a_single_replica_needs_no_redis() -> None:
    alone = Replica("gateway-1", None)
    await alone.invalidations.until_listening()
    await alone.fill()
    await alone.invalidations.cluster_changed("prod")
    assert alone.held == (1, 1)
    await alone.invalidations.clear(None)
    assert alone.held == (0, 0)
    await alone.end()
