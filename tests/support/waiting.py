"""Waiting for a condition, with a deadline; the only way tests wait."""

from __future__ import annotations

import time
from collections.abc import Callable
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
