"""Thins out log lines that come in floods, so that a fault on every request fills no disk and holds nobody up.

Of lines that say the same, the first of each second are written and of the rest some; what was left out is counted,
and the next line that is written says how many. A line that says something else is never held against them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, MutableMapping
from typing import Any, Final

import structlog

FIRST: Final = 50  # lines that say the same, in one second: more than anybody reads
THEN_EACH: Final = 100
MOST_KINDS: Final = 1000  # of lines, in one second; beyond it they count as one kind


class Sampler:
    """Says which lines are written.

    Args:
        left_out: called for each line that is left out.
        clock: seconds, never going back.
    """

    def __init__(self, left_out: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._left_out = left_out
        self._clock = clock
        self._second = 0
        self._seen: dict[tuple[str, str], int] = {}
        self._missing: dict[tuple[str, str], int] = {}

    def admits(self, module: str, event: str) -> int | None:
        """None for a line that is left out, else how many of its kind were since the last one that was written."""
        second = int(self._clock())
        if second != self._second:
            self._second = second
            self._seen.clear()
            if len(self._missing) > MOST_KINDS:
                self._missing.clear()
        kind = (module, event)
        seen = self._seen.get(kind)
        if seen is None and len(self._seen) >= MOST_KINDS:
            kind = ("", "")
            seen = self._seen.get(kind)
        seen = self._seen[kind] = (seen or 0) + 1
        if seen > FIRST and (seen - FIRST) % THEN_EACH:
            self._left_out()
            self._missing[kind] = self._missing.get(kind, 0) + 1
            return None
        return self._missing.pop(kind, 0)

    def processor(self, _: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The same for structlog."""
        left_out = self.admits(str(event.get("module", "")), str(event.get("event", "")))
        if left_out is None:
            raise structlog.DropEvent
        if left_out:
            event["left_out"] = left_out
        return event

    def filter(self, record: logging.LogRecord) -> bool:
        """The same for the standard library's loggers, by the line without its values."""
        return self.admits(record.name, str(record.msg)) is not None
