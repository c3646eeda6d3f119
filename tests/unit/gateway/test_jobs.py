"""Jobs go on after a failure, and a rare one does not wait its whole time to try again."""

from __future__ import annotations

import asyncio

import pytest

from app.errors import UnavailableError
from app.gateway.jobs import RETRY_S, repeat


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
    runs, seen = 0, list[float]()

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
        await repeat("a job", every_s, work)
    assert (runs, seen) == (3, pauses)
