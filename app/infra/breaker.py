"""A breaker: who has not answered several times is left alone for a while, and people hear at once.

It learns from the requests that are made anyway and makes none of its own. What counts as an answer its user decides;
what a refusal says, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.errors import KubeChatError

OPENS_AFTER = 3  # failures in a row: one is a connection that broke, two are bad luck
FIRST_WAIT_S = 2.0  # what is restarted is back soon
LONGEST_WAIT_S = 8.0  # nobody waits longer for what is back; one request in that time costs nothing


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of the other side from the requests that were made.

    Attributes:
        is_open: whether requests are refused before they are sent.
        answered_at: when it answered last; None when it never did since this process started.
        latency_s: how long its last answer took, in seconds; None when there was none.
        reason: why its last request had no answer; empty when it had one.
        next_try_s: seconds until the next request is let through; 0 where it is let through at once.
    """

    is_open: bool = False
    answered_at: datetime | None = None
    latency_s: float | None = None
    reason: str = ""
    next_try_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request was not let through.

    Attributes:
        since: when the other side answered last, as far as that is known, else when it failed first.
        reason: why its last request had no answer, in a few words.
        code: of the error that said so.
        next_try_s: seconds until the next request is let through.
    """

    since: datetime
    reason: str
    code: str
    next_try_s: float


class Breaker:
    """One breaker.

    Args:
        refused: makes the error of a request that is not let through.
        set_open: told 1 when it opens and 0 when it closes.
        clock: a monotonic clock, in seconds.
        now: the time of day.
    """

    def __init__(
        self,
        refused: Callable[[Refusal], KubeChatError],
        set_open: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._make_error, self._set_open, self._clock, self._now = refused, set_open, clock, now
        set_open(0)
        self._failures = 0
        self._wait_s = FIRST_WAIT_S
        self._until = 0.0
        self._since: datetime | None = None
        self._answered_at: datetime | None = None
        self._latency_s: float | None = None
        self._reason, self._code = "", ""

    @property
    def health(self) -> Health:
        """The other side as it is known now."""
        left_s = max(0.0, self._until - self._clock()) if self._is_open else 0.0
        return Health(self._is_open, self._answered_at, self._latency_s, self._reason, left_s)

    def admit(self) -> None:
        """Let a request through, or say why not.

        While it is open one request goes through at the end of each wait, and all others are refused until that one
        was answered.

        Raises:
            KubeChatError: the other side is left alone at the moment; nothing was sent.
        """
        if not self._is_open:
            return
        left_s = self._until - self._clock()
        if left_s <= 0:
            self._until = self._clock() + self._wait_s
            return
        raise self._make_error(Refusal(self._since or self._now(), self._reason, self._code, max(1.0, left_s)))

    def answered(self, latency_s: float) -> None:
        """Note an answer, whatever it says."""
        self._answered_at, self._latency_s = self._now(), latency_s
        self._failures, self._wait_s, self._reason, self._since = 0, FIRST_WAIT_S, "", None
        self._set_open(0)

    def failed(self, reason: str, code: str) -> None:
        """Note that there was no answer.

        Args:
            reason: why, in a few words.
            code: of the error that said so.
        """
        self._since = self._since or self._answered_at or self._now()
        was_open = self._is_open
        self._failures += 1
        self._reason, self._code = reason, code
        if not self._is_open:
            return
        if was_open:
            self._wait_s = min(LONGEST_WAIT_S, self._wait_s * 2)
        self._until = self._clock() + self._wait_s
        self._set_open(1)

    def retire(self) -> None:
        """End: nobody is to be told of what is no longer there."""
        self._set_open(0)

    @property
    def _is_open(self) -> bool:
        return self._failures >= OPENS_AFTER
