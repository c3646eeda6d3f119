"""Clients of models are made ahead, made anew within the hour, and closed when nobody is answered by them any more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from app.infra.cache.caches import Caches
from app.infra.workers import Workers
from app.nlp.models.client_cache import Models
from app.telemetry.instruments import Instruments
from tests.support.waiting import until


class FakeModel:
    name = "fake"

    def __init__(self) -> None:
        self.closed = False

    async def close(self) -> None:
        self.closed = True


class Bench:
    def __init__(self, workers: Workers, budget_bytes: int | None = None) -> None:
        self.made: list[FakeModel] = []
        self.models = Models("fake", self._make, workers, Instruments(), Caches(budget_bytes))

    def _make(self) -> Any:
        self.made.append(FakeModel())
        return self.made[-1]


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(Instruments(), 1)
    yield made
    made.close()


@pytest.fixture
async def bench(workers: Workers) -> AsyncIterator[Bench]:
    made = Bench(workers)
    yield made
    await made.models.close()
    assert all(model.closed for model in made.made)


async def test_one_is_made_and_used_again(bench: Bench) -> None:
    await bench.models.warm()
    for _ in range(3):
        async with bench.models.use() as model:
            assert model is bench.made[0]
    assert len(bench.made) == 1


async def test_one_that_is_forgotten_is_closed_when_its_answer_has_ended(bench: Bench) -> None:
    async with bench.models.use() as old:
        bench.models.forget()
        async with bench.models.use() as new:
            assert new is not old
        assert not bench.made[0].closed

    async def closed() -> bool:
        return bench.made[0].closed

    await until("the old one to be closed", closed)
    assert not bench.made[1].closed


async def test_one_for_which_there_is_no_room_is_closed_after_its_use(workers: Workers) -> None:
    bench = Bench(workers, budget_bytes=10)
    async with bench.models.use():
        assert not bench.made[0].closed

    async def closed() -> bool:
        return bench.made[0].closed

    await until("it to be closed", closed)
    await bench.models.close()
