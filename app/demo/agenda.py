"""What is going to happen in a demo cluster, in order of time.

Controllers and kubelets put actions here instead of sleeping. The agenda never runs anything by itself: the server's
loop or a test calls `run_until`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

Action = Callable[[], None]


class Agenda:
    """Actions with their due times; a key stands for at most one waiting action, the earliest."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, str]] = []
        self._waiting: dict[str, tuple[datetime, int, Action]] = {}
        self._sequence = 0
        self.changed: Callable[[], None] | None = None

    def at(self, moment: datetime, key: str, action: Action) -> None:
        """Have an action run at a moment.

        Args:
            moment: when it is due.
            key: names the action; if one of that name already waits, the earlier of the two stays.
            action: takes nothing and must not block.
        """
        waiting = self._waiting.get(key)
        if waiting is not None and waiting[0] <= moment:
            return
        self._sequence += 1
        self._waiting[key] = (moment, self._sequence, action)
        heapq.heappush(self._heap, (moment, self._sequence, key))
        if self.changed is not None and self._heap[0][2] == key:
            self.changed()

    def cancel(self, key: str) -> None:
        """Forget a waiting action, if there is one."""
        self._waiting.pop(key, None)

    @property
    def next_due(self) -> datetime | None:
        """When the next action is due; None when nothing waits."""
        while self._heap:
            moment, sequence, key = self._heap[0]
            waiting = self._waiting.get(key)
            if waiting is not None and waiting[1] == sequence:
                return moment
            heapq.heappop(self._heap)
        return None

    def run_next(self, limit: datetime) -> datetime | None:
        """Run the next action if it is due by `limit`.

        Returns:
            when it was due, or None if nothing was.
        """
        due = self.next_due
        if due is None or due > limit:
            return None
        _, _, key = heapq.heappop(self._heap)
        _, _, action = self._waiting.pop(key)
        action()
        return due
