from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from app.errors import BusyError, DeadlineExceededError
from app.nlp.queue import Priority, TranslationQueue
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

FAR = 1e9


class Bench:
    """A queue with a request at the translator, and a note of the order in which others get there."""

    def __init__(self, limit: int = 8) -> None:
        self.instruments = Instruments()
        self.queue = TranslationQueue(limit, self.instruments)
        self.order: list[str] = []
        self.release = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def occupy(self) -> None:
        holding = asyncio.Event()

        async def hold() -> None:
            async with self.queue.turn(Priority.PERSON, FAR):
                holding.set()
                await self.release.wait()

        self.tasks.append(asyncio.create_task(hold()))
        await holding.wait()

    async def wait(
        self, name: str, priority: Priority = Priority.PERSON, deadline_s: float = FAR
    ) -> asyncio.Task[None]:
        depth = self.queue.depth

        async def ask() -> None:
            async with self.queue.turn(priority, deadline_s):
                self.order.append(name)

        task = asyncio.create_task(ask())
        self.tasks.append(task)
        for _ in range(10):
            if self.queue.depth != depth or task.done():
                break
            await asyncio.sleep(0)
        return task

    async def finish(self) -> list[BaseException | None]:
        self.release.set()
        return await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_requests_are_served_in_the_order_in_which_they_came() -> None:
    bench = Bench()
    await bench.occupy()
    for name in "abc":
        await bench.wait(name)
    await bench.finish()
    assert bench.order == ["a", "b", "c"]


async def test_a_person_goes_before_a_warm_up() -> None:
    bench = Bench()
    await bench.occupy()
    await bench.wait("warm", Priority.WARM_UP)
    await bench.wait("person")
    await bench.finish()
    assert bench.order == ["person", "warm"]


async def test_only_one_request_is_let_through_at_a_time() -> None:
    bench = Bench()
    inside = 0
    most = 0

    async def ask() -> None:
        nonlocal inside, most
        async with bench.queue.turn(Priority.PERSON, FAR):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(ask() for _ in range(8)))
    assert most == 1


async def test_who_comes_while_nothing_inside_ever_waits_waits_and_is_counted() -> None:
    """A translation does not give the loop back: without the queue's help all would be in front of it, unseen."""
    bench = Bench(limit=5)
    inside: list[int] = []

    async def ask(priority: Priority) -> None:
        async with bench.queue.turn(priority, FAR):
            inside.append(bench.queue.depth)

    asked = [Priority.WARM_UP, Priority.WARM_UP, Priority.PERSON, Priority.PERSON, Priority.PERSON, Priority.PERSON]
    results = await asyncio.gather(*map(ask, asked), return_exceptions=True)
    assert inside == [0, 4, 3, 2, 1, 0]
    assert results == [None] * 6
    assert bench.instruments.value(catalogue.NLP_QUEUE_WAIT, "_count") == 6
    too_many = await asyncio.gather(*map(ask, [Priority.PERSON] * 8), return_exceptions=True)
    assert [type(each) for each in too_many] == [type(None)] * 6 + [BusyError] * 2


async def test_the_loop_goes_round_between_two_requests() -> None:
    bench = Bench(limit=20)
    order: list[str] = []

    async def ask() -> None:
        async with bench.queue.turn(Priority.PERSON, FAR):
            order.append("plan")

    async def beat() -> None:
        while len(order) < 40:
            order.append("beat")
            await asyncio.sleep(0)

    await asyncio.gather(*(ask() for _ in range(20)), beat())
    assert order.count("plan") == 20
    assert ("plan", "plan") not in pairwise(order)


async def test_who_is_going_to_be_refused_can_be_refused_before_it_is_read() -> None:
    bench = Bench(limit=1)
    await bench.occupy()
    bench.queue.check_room(Priority.PERSON)
    await bench.wait("warm", Priority.WARM_UP)
    bench.queue.check_room(Priority.PERSON)  # takes the place of the warm-up, when its turn is asked for
    with pytest.raises(BusyError):
        bench.queue.check_room(Priority.WARM_UP)
    assert bench.queue.depth == 1
    assert bench.instruments.value(catalogue.NLP_REFUSED, reason="full") == 1
    assert bench.instruments.value(catalogue.NLP_REFUSED, reason="displaced") == 0
    await bench.finish()


async def test_a_full_queue_refuses() -> None:
    bench = Bench(limit=1)
    await bench.occupy()
    await bench.wait("a")
    with pytest.raises(BusyError):
        async with bench.queue.turn(Priority.PERSON, FAR):
            pass
    assert bench.instruments.value(catalogue.NLP_REFUSED, reason="full") == 1
    await bench.finish()
    assert bench.order == ["a"]


async def test_a_person_takes_the_place_of_a_warm_up_in_a_full_queue() -> None:
    bench = Bench(limit=1)
    await bench.occupy()
    await bench.wait("warm", Priority.WARM_UP)
    await bench.wait("person")
    results = await bench.finish()
    assert bench.order == ["person"]
    assert sum(isinstance(result, BusyError) for result in results) == 1


async def test_an_expired_request_is_not_started() -> None:
    bench = Bench()
    with pytest.raises(DeadlineExceededError):
        async with bench.queue.turn(Priority.PERSON, asyncio.get_running_loop().time() - 1):
            bench.order.append("late")
    assert bench.order == []
    assert bench.instruments.value(catalogue.NLP_REFUSED, reason="expired") == 1


async def test_a_request_whose_deadline_passes_in_the_queue_is_dropped() -> None:
    bench = Bench()
    await bench.occupy()
    late = await bench.wait("late", deadline_s=asyncio.get_running_loop().time() + 0.01)
    with pytest.raises(DeadlineExceededError):
        await late
    assert bench.queue.depth == 0
    await bench.wait("next")
    await bench.finish()
    assert bench.order == ["next"]


async def test_a_caller_that_leaves_gives_up_its_place() -> None:
    bench = Bench()
    await bench.occupy()
    gone = await bench.wait("gone")
    await bench.wait("stays")
    gone.cancel()
    await bench.finish()
    assert bench.order == ["stays"]


async def test_a_caller_that_leaves_as_its_turn_comes_passes_it_on() -> None:
    bench = Bench()
    await bench.occupy()
    gone = await bench.wait("gone")
    await bench.wait("stays")
    bench.release.set()
    await asyncio.sleep(0)  # the translator is free and handed to the first waiter, which has not run yet
    gone.cancel()
    await bench.finish()
    assert bench.order[-1] == "stays"
    async with asyncio.timeout(1), bench.queue.turn(Priority.PERSON, FAR):
        pass


async def test_depth_limit_and_age_are_measured() -> None:
    bench = Bench(limit=5)
    await bench.occupy()
    await bench.wait("a")
    assert bench.instruments.value(catalogue.NLP_QUEUE_DEPTH) == 1
    assert bench.instruments.value(catalogue.NLP_QUEUE_LIMIT) == 5
    assert bench.instruments.value(catalogue.NLP_OLDEST_AGE) >= 0
    await bench.finish()
    assert bench.instruments.value(catalogue.NLP_QUEUE_DEPTH) == 0
    assert bench.instruments.value(catalogue.NLP_QUEUE_WAIT, "_count") == 2
