"""The event loop's time, moved by hand: what expires does so without waiting."""

from __future__ import annotations

import asyncio

import pytest


class Clock:
    """The time of the running loop, from when this is made."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self._loop = asyncio.get_running_loop()
        self._start = self._loop.time()
        self._patched = patched

    def at(self, seconds: float) -> None:
        """Let it be so long after the start."""
        self._patched.setattr(self._loop, "time", lambda: self._start + seconds)
