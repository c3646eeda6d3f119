"""Waiting for clusters is measured once, however many requests wait at a time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from app.telemetry.stages import StageClock, cluster_clock, waiting_for_cluster


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_time_counts_while_something_is_under_way() -> None:
    now = Clock()
    clock = StageClock(now)
    with clock.running():
        now.now = 2.0
    now.now = 5.0
    with clock.running():
        now.now = 6.0
    assert clock.spent_s == 3.0


def test_requests_beside_one_another_count_once() -> None:
    now = Clock()
    clock = StageClock(now)
    with clock.running():
        now.now = 1.0
        with clock.running():
            now.now = 3.0
        now.now = 4.0
        assert clock.spent_s == 4.0
    assert clock.spent_s == 4.0


def test_a_failure_ends_the_stage_as_well() -> None:
    now = Clock()
    clock = StageClock(now)
    with suppress(TimeoutError), clock.running():
        now.now = 1.0
        await_nothing()
    now.now = 9.0
    assert clock.spent_s == 1.0


def await_nothing() -> None:
    raise TimeoutError


async def test_tasks_of_a_turn_share_its_clock_and_other_turns_do_not() -> None:
    async def turn() -> float:
        with cluster_clock() as clock:

            async def request() -> None:
                with waiting_for_cluster():
                    await asyncio.sleep(0)

            await asyncio.gather(request(), request())
            return clock.spent_s

    spent = await asyncio.gather(turn(), turn())
    assert all(each > 0 for each in spent)
    with waiting_for_cluster():
        pass  # nobody measures: nothing happens
