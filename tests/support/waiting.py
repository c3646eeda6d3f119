"""Waiting for a condition, with a deadline; the only way tests wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(what: str, look: Callable[[], T | None], *, within_s: float = 30.0, every_s: float = 0.2) -> T:
    """The first truthy thing that `look` returns; fails with `what` after `within_s`."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise AssertionError(f"waited {within_s:.0f} s for {what}; last saw {found!r}")
        time.sleep(every_s)


async def until(what: str, look: Callable[[], Awaitable[T | None]], *, within_s: float = 30.0) -> T:
    """As `wait_for`, for what has to be awaited; the event loop goes on meanwhile."""
    deadline = time.monotonic() + within_s
    while True:
        found = await look()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise AssertionError(f"waited {within_s:.0f} s for {what}; last saw {found!r}")
        await asyncio.sleep(0.02)
