from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from app.errors import MalformedPayloadError
from app.infra.cache.caches import Caches
from app.infra.workers import Workers
from app.nlp.vocabularies import Vocabularies
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.targets.caching import NLP_CACHE_TTL


def sent(name: str = "web", count: int = 1, version: str = "1") -> dict[str, Any]:
    return {"version": version, "objects": {"deployments": {"shop": [f"{name}-{i}" for i in range(count)]}}}


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
def workers(instruments: Instruments) -> Iterator[Workers]:
    made = Workers(instruments, size=1)
    yield made
    made.close()


async def test_the_same_vocabulary_is_compiled_once(instruments: Instruments, workers: Workers) -> None:
    cache = Vocabularies(10, workers, instruments, Caches())
    first = await cache.get(sent())
    assert await cache.get(sent()) is first
    assert instruments.value(catalogue.NLP_VOCABULARY_COMPILE, "_count") == 1


async def test_callers_at_the_same_time_wait_for_one_compilation(instruments: Instruments, workers: Workers) -> None:
    cache = Vocabularies(10, workers, instruments, Caches())
    made = await asyncio.gather(*(cache.get(sent(count=3000)) for _ in range(5)))
    assert all(one is made[0] for one in made)
    assert instruments.value(catalogue.NLP_VOCABULARY_COMPILE, "_count") == 1


async def test_other_names_under_the_same_version_are_never_mixed_up(
    instruments: Instruments, workers: Workers
) -> None:
    cache = Vocabularies(10, workers, instruments, Caches())
    mine, yours = await cache.get(sent("mine")), await cache.get(sent("yours"))
    assert "yours-0" not in mine.names
    assert "mine-0" not in yours.names


async def test_the_oldest_gives_way_when_there_are_too_many(instruments: Instruments, workers: Workers) -> None:
    cache = Vocabularies(2, workers, instruments, Caches())
    first = await cache.get(sent("a"))
    await cache.get(sent("b"))
    assert await cache.get(sent("a")) is first
    await cache.get(sent("c"))
    assert await cache.get(sent("a")) is first
    assert instruments.value(catalogue.CACHE_ENTRIES, cache="nlp_vocabularies") == 2


async def test_what_all_occupy_stays_within_its_bound(instruments: Instruments, workers: Workers) -> None:
    one = (await Vocabularies(1, workers, Instruments(), Caches()).get(sent("a", 50))).size_bytes
    cache = Vocabularies(100, workers, instruments, Caches(3 * one))
    for name in "abcdef":
        await cache.get(sent(name, 50))
    assert instruments.value(catalogue.CACHE_BYTES, cache="nlp_vocabularies") <= 3 * one
    await cache.get(sent("huge", 500))
    assert instruments.value(catalogue.CACHE_BYTES, cache="nlp_vocabularies") <= 3 * one


async def test_what_nobody_asks_for_is_dropped_after_its_time(
    instruments: Instruments, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Vocabularies(10, workers, instruments, Caches())
    first = await cache.get(sent())
    loop = asyncio.get_running_loop()
    later = loop.time() + NLP_CACHE_TTL.figure.number + 1
    with monkeypatch.context() as patched:
        patched.setattr(loop, "time", lambda: later)
        assert await cache.get(sent()) is not first


async def test_a_vocabulary_of_another_shape_is_refused_and_not_kept(
    instruments: Instruments, workers: Workers
) -> None:
    cache = Vocabularies(10, workers, instruments, Caches())
    with pytest.raises(MalformedPayloadError):
        await cache.get({"version": "1", "objects": {"pods": ["web"]}})
    assert instruments.value(catalogue.CACHE_ENTRIES, cache="nlp_vocabularies") == 0


async def test_names_that_changed_take_the_place_of_those_before(instruments: Instruments, workers: Workers) -> None:
    outdated: list[object] = []
    cache = Vocabularies(10, workers, instruments, Caches(), outdated.append)

    def entries() -> float:
        return instruments.value(catalogue.CACHE_ENTRIES, cache="nlp_vocabularies")

    before, _ = await cache.keyed({**sent("web"), "whose": "ann in prod-eu"})
    assert await cache.keyed({**sent("web"), "whose": "bob in prod-eu"}) == (before, await cache.get(sent("web")))
    await cache.keyed({**sent("cart"), "whose": "ann in prod-eu"})
    assert (entries(), outdated) == (2, []), "somebody still has them"
    await cache.keyed({**sent("cart"), "whose": "bob in prod-eu"})
    assert (entries(), outdated) == (1, [before])
    assert instruments.value(catalogue.CACHE_EVICTIONS, cache="nlp_vocabularies", reason="invalidated") == 1


async def test_of_people_who_are_not_seen_any_more_nothing_is_remembered(
    instruments: Instruments, workers: Workers
) -> None:
    cache = Vocabularies(2, workers, instruments, Caches())
    for number in range(100):
        await cache.keyed({**sent("web"), "whose": f"person {number}"})
    assert len(cache._holds) == 8
    assert sum(map(len, cache._holders.values())) == 8
