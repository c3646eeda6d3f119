"""The in-memory cache: time to live, eviction, single flight."""

from __future__ import annotations

import asyncio

import pytest

from app.errors import UnavailableError
from app.infra.cache.memory import MemoryCache
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments


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
