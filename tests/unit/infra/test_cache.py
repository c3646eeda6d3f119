"""The in-memory caches: time to live, refresh, eviction within one budget, single flight, forgetting, loading ahead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from app.errors import UnavailableError
from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.infra.cache.redis import Cache, RedisCache
from app.infra.cache.size import size_of
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.support.clock import Clock

TURNS = 5  # of the event loop: enough for a load that waits for nothing, and for those who wait for it


class Source:
    """Counts how often a value is computed, and can be held or made to fail."""

    def __init__(self) -> None:
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.failing = False

    async def load(self) -> int:
        self.calls += 1
        await self.gate.wait()
        if self.failing:
            raise UnavailableError("away")
        return self.calls


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
async def clock() -> AsyncIterator[Clock]:
    with pytest.MonkeyPatch.context() as patched:
        clock = Clock(patched)
        clock.at(0)
        yield clock


async def settle() -> None:
    """Let what goes on in the background come to its end."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


def make(instruments: Instruments, ttl_s: float = 60, max_entries: int = 2) -> MemoryCache[str, int]:
    return MemoryCache("test", ttl_s=ttl_s, max_entries=max_entries, instruments=instruments)


async def test_a_value_is_computed_once_and_counted_as_hit_and_miss(instruments: Instruments) -> None:
    cache, source = make(instruments), Source()
    assert [await cache.get("a", source.load) for _ in range(3)] == [1, 1, 1]
    assert instruments.value(catalogue.CACHE_LOOKUPS, cache="test", result="hit") == 2
    assert instruments.value(catalogue.CACHE_LOOKUPS, cache="test", result="miss") == 1


async def test_concurrent_callers_of_a_cold_key_share_one_computation(instruments: Instruments) -> None:
    cache, source = make(instruments), Source()
    source.gate.clear()
    callers = [asyncio.create_task(cache.get("a", source.load)) for _ in range(1000)]
    await asyncio.sleep(0)
    callers[0].cancel()
    source.gate.set()
    values = await asyncio.gather(*callers, return_exceptions=True)
    assert source.calls == 1
    assert values[1:] == [1] * 999


async def test_a_failure_reaches_all_callers_and_is_not_kept(instruments: Instruments) -> None:
    cache, source = make(instruments), Source()
    source.failing = True
    results = await asyncio.gather(*(cache.get("a", source.load) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(result, UnavailableError) for result in results)
    source.failing = False
    assert await cache.get("a", source.load) == 2


async def test_an_expired_value_is_computed_again(instruments: Instruments) -> None:
    cache, source = make(instruments, ttl_s=0), Source()
    assert [await cache.get("a", source.load) for _ in range(2)] == [1, 2]


async def test_the_least_recently_used_entry_is_evicted(instruments: Instruments) -> None:
    cache, source = make(instruments), Source()
    for key in ("a", "b", "a", "c"):
        await cache.get(key, source.load)
    calls = source.calls
    await cache.get("a", source.load)
    assert source.calls == calls
    await cache.get("b", source.load)
    assert source.calls == calls + 1


async def test_a_value_that_is_forgotten_while_it_is_computed_is_not_kept(instruments: Instruments) -> None:
    cache, source = make(instruments), Source()
    source.gate.clear()
    early = asyncio.create_task(cache.get("a", source.load))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    cache.forget("a")
    source.gate.set()
    await early
    await cache.get("a", source.load)
    assert source.calls == 2


async def test_what_is_forgotten_by_its_key_is_gone_and_so_is_what_is_being_computed(instruments: Instruments) -> None:
    cache, source = make(instruments, max_entries=10), Source()
    for key in ("prod/a", "test/a"):
        await cache.get(key, source.load)
    source.gate.clear()
    early = asyncio.create_task(cache.get("prod/b", source.load))
    await settle()
    cache.forget_where(lambda key: key.startswith("prod/"))
    late = asyncio.create_task(cache.get("prod/b", source.load))
    await settle()
    source.gate.set()
    assert await early == await late == 4, "whoever asks after the event does not join what was begun before it"
    assert await cache.get("prod/b", source.load) == 4
    assert await cache.get("test/a", source.load) == 2
    assert await cache.get("prod/a", source.load) == 5
    assert instruments.value(catalogue.CACHE_EVICTIONS, cache="test", reason="invalidated") == 1


async def test_an_entry_in_use_is_computed_anew_before_its_end_and_the_old_one_served_meanwhile(
    instruments: Instruments, clock: Clock
) -> None:
    cache, source = make(instruments), Source()
    await cache.get("a", source.load)
    clock.at(41)
    await cache.get("a", source.load)
    await settle()
    assert source.calls == 1, "not near its end yet"
    clock.at(43)
    source.gate.clear()
    assert [await cache.get("a", source.load) for _ in range(3)] == [1, 1, 1]
    await settle()
    assert source.calls == 2
    source.gate.set()
    await settle()
    clock.at(61)
    assert await cache.get("a", source.load) == 2
    assert instruments.value(catalogue.CACHE_LOOKUPS, cache="test", result="miss") == 1
    assert instruments.value(catalogue.CACHE_REFRESHES, cache="test", outcome="ok") == 1


async def test_a_refresh_that_fails_leaves_the_old_value_until_its_end_and_is_tried_again(
    instruments: Instruments, clock: Clock
) -> None:
    cache, source = make(instruments), Source()
    await cache.get("a", source.load)
    source.failing = True
    for seconds, calls in ((43, 2), (44, 2), (52, 3)):
        clock.at(seconds)
        assert await cache.get("a", source.load) == 1
        await settle()
        assert source.calls == calls
    assert instruments.value(catalogue.CACHE_REFRESHES, cache="test", outcome="failed") == 2
    clock.at(60)
    with pytest.raises(UnavailableError):
        await cache.get("a", source.load)
    source.failing = False
    assert await cache.get("a", source.load) == 5


async def test_a_refresh_that_was_overtaken_by_an_event_is_not_kept(instruments: Instruments, clock: Clock) -> None:
    cache, source = make(instruments), Source()
    await cache.get("a", source.load)
    clock.at(43)
    source.gate.clear()
    await cache.get("a", source.load)
    await settle()
    cache.forget("a")
    source.gate.set()
    await settle()
    assert await cache.get("a", source.load) == 3


async def test_a_prolonged_entry_stays_as_long_as_it_is_used_and_is_not_computed_anew(
    instruments: Instruments, clock: Clock
) -> None:
    cache: MemoryCache[str, int] = MemoryCache("test", ttl_s=60, max_entries=2, instruments=instruments, prolonged=True)
    source = Source()
    for seconds in (0, 59, 118):
        clock.at(seconds)
        assert await cache.get("a", source.load) == 1
        await settle()
    clock.at(178)
    assert await cache.get("a", source.load) == 2


async def test_a_caller_may_want_a_value_that_is_younger(instruments: Instruments, clock: Clock) -> None:
    cache, source = make(instruments), Source()
    await cache.get("a", source.load)
    clock.at(10)
    assert await cache.get("a", source.load, at_most_s=10) == 1
    clock.at(10.5)
    source.failing = True
    with pytest.raises(UnavailableError):
        await cache.get("a", source.load, at_most_s=10)
    assert await cache.get("a", source.load) == 1, "the older one is still good for others"
    source.failing = False
    assert await cache.get("a", source.load, at_most_s=10) == 3
    assert await cache.get("a", source.load) == 3


async def test_what_was_loaded_ahead_is_counted_and_so_is_its_first_use(instruments: Instruments, clock: Clock) -> None:
    cache, source = make(instruments), Source()
    await cache.warm("a", source.load)
    clock.at(41)
    await cache.warm("a", source.load)
    assert (source.calls, cache.warmed) == (1, (1, 0)), "it is there"
    for _ in range(2):
        assert await cache.get("a", source.load) == 1
    assert cache.warmed == (1, 1)
    assert instruments.value(catalogue.CACHE_WARMED, cache="test", event="loaded") == 1
    assert instruments.value(catalogue.CACHE_WARMED, cache="test", event="used") == 1
    assert instruments.value(catalogue.CACHE_LOOKUPS, cache="test", result="miss") == 0
    clock.at(43)
    await cache.warm("a", source.load)
    assert (source.calls, cache.warmed) == (2, (2, 1)), "it would end before the next time"


async def test_loading_ahead_joins_nobody_and_says_what_went_wrong(instruments: Instruments) -> None:
    cache, source = make(instruments), Source()
    source.gate.clear()
    asked = asyncio.create_task(cache.get("a", source.load))
    await settle()
    async with asyncio.timeout(5):
        await cache.warm("a", source.load)
    source.gate.set()
    assert (await asked, cache.warmed) == (1, (0, 0))
    source.failing = True
    with pytest.raises(UnavailableError):
        await cache.warm("b", source.load)
    assert cache.warmed == (0, 0)


async def test_every_time_that_a_key_was_asked_for_is_known_also_of_entries_that_are_gone(
    instruments: Instruments, clock: Clock
) -> None:
    cache, source = make(instruments), Source()
    await cache.warm("never", source.load)
    for _ in range(3):
        await cache.get("a", source.load)
    for key in ("b", "c"):
        await cache.get(key, source.load)
    assert cache.uses() == {"a": 3, "b": 1, "c": 1}
    await cache.get("c", source.load)
    clock.at(60)
    cache.sweep()
    await cache.get("c", source.load)
    assert cache.uses() == {"c": 2}
    assert cache.uses() == {}


async def test_what_has_expired_is_dropped_without_being_asked_for_and_the_age_of_the_rest_is_shown(
    instruments: Instruments, clock: Clock
) -> None:
    cache, source = make(instruments), Source()
    caches = Caches()
    caches.add(cache, own_ttl=True)
    await cache.get("a", source.load)
    clock.at(25)
    await cache.get("b", source.load)
    clock.at(59)
    caches.sweep()
    assert instruments.value(catalogue.CACHE_OLDEST, cache="test") == 59
    clock.at(60)
    caches.sweep()
    assert instruments.value(catalogue.CACHE_ENTRIES, cache="test") == 1
    assert instruments.value(catalogue.CACHE_EVICTIONS, cache="test", reason="expired") == 1
    assert instruments.value(catalogue.CACHE_OLDEST, cache="test") == 35
    clock.at(70.5)
    assert instruments.value(catalogue.CACHE_OLDEST, cache="test") == 45.5, "nobody sweeps: that has to show"
    clock.at(85)
    caches.sweep()
    assert instruments.value(catalogue.CACHE_OLDEST, cache="test") == 0


class Sized:
    """Two caches that share 100 bytes, whose values are their own sizes."""

    def __init__(self, instruments: Instruments) -> None:
        self.caches = Caches(100)
        self.instruments = instruments
        self.of = {
            name: MemoryCache[str, int](
                name, ttl_s=600, max_entries=100, instruments=instruments, caches=self.caches, weigh=lambda size: size
            )
            for name in ("one", "two")
        }

    async def put(self, name: str, key: str, size_bytes: int) -> int:
        async def load() -> int:
            return size_bytes

        return await self.of[name].get(key, load)

    @property
    def bytes(self) -> dict[str, int]:
        return {state.name: state.bytes for state in self.caches.states()}

    def evicted(self, name: str, reason: str) -> float:
        return self.instruments.value(catalogue.CACHE_EVICTIONS, cache=name, reason=reason)


async def test_all_caches_together_stay_within_their_budget(instruments: Instruments) -> None:
    sized = Sized(instruments)
    for key in "abc":
        await sized.put("one", key, 20)
    await sized.put("two", "a", 40)
    assert sized.bytes == {"one": 60, "two": 40}
    await sized.put("one", "d", 20)
    assert sized.bytes == {"one": 60, "two": 40}, "the cache that grows gives way first"
    assert sized.evicted("one", "room") == 1
    assert instruments.value(catalogue.CACHE_BYTES, cache="one") == 60


async def test_a_cache_with_one_entry_takes_room_from_the_others_and_keeps_it(instruments: Instruments) -> None:
    sized = Sized(instruments)
    for key in "ab":
        await sized.put("one", key, 30)
    await sized.put("two", "a", 70)
    assert sized.bytes == {"one": 30, "two": 70}
    await sized.put("two", "b", 100)
    assert sized.bytes == {"one": 0, "two": 100}


async def test_what_is_larger_than_all_caches_is_used_once_and_not_kept(instruments: Instruments) -> None:
    sized = Sized(instruments)
    await sized.put("one", "a", 60)
    assert await sized.put("two", "huge", 101) == 101
    assert sized.bytes == {"one": 60, "two": 0}
    assert (sized.evicted("two", "too_large"), sized.evicted("one", "room")) == (1, 0)


def test_two_caches_of_one_name_are_refused(instruments: Instruments) -> None:
    caches = Caches()
    make_in = {"ttl_s": 600, "max_entries": 1, "instruments": instruments, "caches": caches}
    MemoryCache("test", **make_in)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="test"):
        MemoryCache("test", **make_in)  # type: ignore[arg-type]


async def test_one_cache_is_cleared_or_all_of_them(instruments: Instruments) -> None:
    sized = Sized(instruments)
    for name in ("one", "two"):
        await sized.put(name, "a", 10)
    assert sized.caches.clear("one") == ["one"]
    assert sized.bytes == {"one": 0, "two": 10}
    assert sorted(sized.caches.clear()) == ["one", "two"]
    assert sized.bytes == {"one": 0, "two": 0}
    assert sized.caches.clear("three") == []


class Colour(Enum):
    """Something that belongs to the program."""

    RED = "red" * 10_000


@dataclass(frozen=True, slots=True)
class Base:
    """Something with a place for a value."""

    text: str


@dataclass(frozen=True, slots=True)
class Held(Base):
    """Something with more places, also one that its base has."""

    many: tuple[str, ...]
    colour: Colour = Colour.RED


def test_the_size_of_a_value_is_that_of_all_it_holds_and_of_nothing_that_belongs_to_the_program() -> None:
    text, words = "x" * 10_000, tuple("y" * 1_000 + str(number) for number in range(10))
    assert 20_000 < size_of(Held(text, words)) < 25_000
    assert size_of([text, text]) < 11_000, "the same object is counted once"
    assert size_of({"a": {text}, text: []}) > 10_000
    assert size_of(Held) < 5_000


class FakeRedis:
    """Hashes in memory, as long as it is there."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[bytes, bytes]] = {}
        self.available = True

    async def hash_get_all(self, key: str) -> dict[bytes, bytes]:
        self._answer()
        return self.hashes.get(key, {})

    async def hash_set(self, key: str, fields: Mapping[str, str], _: int) -> None:
        self._answer()
        self.hashes[key] = {name.encode(): value.encode() for name, value in fields.items()}

    async def delete(self, key: str) -> None:
        self._answer()
        self.hashes.pop(key, None)

    def _answer(self) -> None:
        if not self.available:
            raise UnavailableError("away")


class Words:
    """A word as a hash with one field."""

    def key(self, key: str) -> str:
        return f"w:{key}"

    def write(self, value: int) -> tuple[dict[str, str], int] | None:
        return {"value": str(value)}, 300

    def read(self, key: str, fields: Mapping[bytes, bytes]) -> int | None:
        return int(fields[b"value"])


async def test_a_cache_in_memory_goes_in_front_of_one_in_redis_that_all_replicas_share() -> None:
    shared: Any = FakeRedis()
    source = Source()

    def replica() -> tuple[Cache[str, int], Cache[str, int], Instruments]:
        counted = Instruments()
        behind: RedisCache[str, int] = RedisCache("words", shared, Words(), counted)
        return make(counted), behind, counted

    (one, behind_one, _), (other, behind_other, counted) = replica(), replica()
    assert await one.get("a", lambda: behind_one.get("a", source.load)) == 1
    assert await other.get("a", lambda: behind_other.get("a", source.load)) == 1
    assert await other.get("a", lambda: behind_other.get("a", source.load)) == 1
    assert source.calls == 1
    assert counted.value(catalogue.CACHE_LOOKUPS, cache="words", result="hit") == 1  # the second came out of memory


@pytest.mark.parametrize("there", ["away", "garbled", "nowhere"])
async def test_a_redis_that_is_away_or_holds_nonsense_is_a_miss(there: str, instruments: Instruments) -> None:
    redis: Any = None if there == "nowhere" else FakeRedis()
    if redis is not None:
        redis.available = there != "away"
        redis.hashes["w:a"] = {b"other": b"1"} if there == "garbled" else {}
    cache: RedisCache[str, int] = RedisCache("words", redis, Words(), instruments)
    source = Source()
    assert await cache.get("a", source.load) == 1
    assert instruments.value(catalogue.CACHE_LOOKUPS, cache="words", result="miss") == 1
    assert await cache.drop(["a"]) == (["a"] if there == "garbled" else [])


async def test_a_shared_cache_is_filled_ahead_only_where_it_is_empty_and_counts_what_was_of_use(
    instruments: Instruments,
) -> None:
    shared: Any = FakeRedis()
    cache: RedisCache[str, int] = RedisCache("words", shared, Words(), instruments)
    source = Source()
    await cache.get("there", source.load)
    await cache.warm({"there": 7, "used": 8, "unused": 9})
    assert [await cache.get(key, source.load) for key in ("there", "used", "used")] == [1, 8, 8]
    assert source.calls == 1
    counted = [instruments.value(catalogue.CACHE_WARMED, cache="words", event=event) for event in ("loaded", "used")]
    assert counted == [2, 1]
    shared.available = False
    await cache.warm({"late": 1})
    assert instruments.value(catalogue.CACHE_WARMED, cache="words", event="loaded") == 2
