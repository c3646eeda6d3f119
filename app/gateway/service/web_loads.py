"""How long the web chat took to load, as browsers measured it: each window tells it once, and nobody can flood it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from app.errors import TooManyRequestsError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

CACHES: Final = ("cold", "warm")
APART_S: Final = 1.0  # one session's windows, opened by hand, are further apart
MOST_AT_ONCE: Final = 10_000  # sessions that are remembered: ten for each person who may be signed in


class WebLoads:
    """Takes reports, at most one per session and second.

    Args:
        instruments: where they are observed.
        clock: seconds that only grow.
    """

    def __init__(self, instruments: Instruments, clock: Callable[[], float] = time.monotonic) -> None:
        histogram = instruments.histogram(catalogue.WEB_LOAD_DURATION)
        self._observed = {cache: histogram.labels(cache) for cache in CACHES}
        self._clock = clock
        self._last: OrderedDict[bytes, float] = OrderedDict()  # oldest first

    def report(self, session: bytes, seconds: float, cache: str) -> None:
        """Observe one load.

        Args:
            session: whose it is.
            seconds: from navigation until the composer was usable.
            cache: "cold" or "warm".

        Raises:
            TooManyRequestsError: this session, or too many at once, told one a moment ago.
        """
        now = self._clock()
        while self._last and next(iter(self._last.values())) <= now - APART_S:
            self._last.popitem(last=False)
        if session in self._last or len(self._last) >= MOST_AT_ONCE:
            raise TooManyRequestsError(
                "A page load was reported a moment ago; wait a second.", code="web_load_repeated", retry_after_s=APART_S
            )
        self._last[session] = now
        self._observed[cache].observe(seconds)
