"""Jobs go on after a failure, and a rare one does not wait its whole time to try again."""

from __future__ import annotations

import asyncio
import time

import pytest

from app.errors import UnavailableError
from app.infra.jobs import RETRY_S, repeat
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments


class EnoughError(Exception):
    """The test has seen what it wanted to see."""


@pytest.mark.parametrize(
    ("every_s", "pauses"),
    [
        (600.0, [RETRY_S, RETRY_S, 600.0]),
        (5.0, [5.0, 5.0, 5.0]),
    ],
)
async def test_a_job_that_fails_runs_again_soon_and_in_its_own_time_once_it_succeeds(
    monkeypatch: pytest.MonkeyPatch, every_s: float, pauses: list[float]
) -> None:
    runs, seen, instruments = 0, list[float](), Instruments()

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs <= 2:
            raise UnavailableError("away")

    async def pause(seconds: float) -> None:
        seen.append(seconds)
        if len(seen) == len(pauses):
            raise EnoughError

    monkeypatch.setattr(asyncio, "sleep", pause)
    with pytest.raises(EnoughError):
        await repeat("a job", every_s, work, instruments)
    assert (runs, seen) == (3, pauses)
    assert instruments.value(catalogue.TASK_RUNS, task="a job", outcome="failed") == 2
    assert instruments.value(catalogue.TASK_RUNS, task="a job", outcome="ok") == 1


async def test_a_job_is_due_from_its_start_and_only_a_success_puts_that_off(monkeypatch: pytest.MonkeyPatch) -> None:
    now, fails, due = [1000.0], [False, True, True], list[float]()
    instruments = Instruments()

    async def work() -> None:
        now[0] += 100
        if fails.pop(0):
            raise UnavailableError("away")

    async def pause(_: float) -> None:
        due.append(instruments.value(catalogue.TASK_DUE, task="a job"))
        if not fails:
            raise EnoughError

    monkeypatch.setattr(asyncio, "sleep", pause)
    monkeypatch.setattr(time, "time", lambda: now[0])
    with pytest.raises(EnoughError):
        await repeat("a job", 600.0, work, instruments)
    assert due == [1100 + 3 * 600 + 60] * 3
