"""A breaker for each cluster: who has not answered several times is left alone for a while, and people hear at once.

It learns from the requests that are made anyway and makes none of its own. A refusal by the API server is an answer;
what counts against a cluster is no connection, no answer in time, or no credentials.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.infra.kubernetes.errors import ClusterAwayError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

OPENS_AFTER = 3  # failures in a row: one is a connection that broke, two are bad luck
FIRST_WAIT_S = 2.0  # an API server that is restarted is back soon
LONGEST_WAIT_S = 15.0  # nobody waits longer for a cluster that is back; one request in that time costs nothing


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a cluster from the requests that were made.

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


class Breaker:
    """The breaker of one cluster.

    Args:
        cluster: its name.
        instruments: where its state is a gauge.
        clock: a monotonic clock, in seconds.
        now: the time of day.
    """

    def __init__(
        self,
        cluster: str,
        instruments: Instruments,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._cluster, self._clock, self._now = cluster, clock, now
        self._open = instruments.gauge(catalogue.CLUSTER_BREAKER_OPEN).labels(cluster)
        self._refused = instruments.counter(catalogue.CLUSTER_BREAKER_REFUSALS).labels(cluster)
        self._open.set(0)
        self._failures = 0
        self._wait_s = FIRST_WAIT_S
        self._until = 0.0
        self._since: datetime | None = None
        self._answered_at: datetime | None = None
        self._latency_s: float | None = None
        self._reason, self._code = "", ""

    @property
    def health(self) -> Health:
        """The cluster as it is known now."""
        left_s = max(0.0, self._until - self._clock()) if self._is_open else 0.0
        return Health(self._is_open, self._answered_at, self._latency_s, self._reason, left_s)

    def admit(self) -> None:
        """Let a request through, or say why not.

        While it is open one request goes through at the end of each wait, and all others are refused until that one
        was answered.

        Raises:
            ClusterAwayError: the cluster is left alone at the moment; nothing was sent.
        """
        if not self._is_open:
            return
        left_s = self._until - self._clock()
        if left_s <= 0:
            self._until = self._clock() + self._wait_s
            return
        self._refused.inc()
        since = (self._since or self._now()).strftime("%H:%M UTC")
        text = f"has not answered since {since} ({self._reason}); next try in {max(1, round(left_s))} s"
        raise ClusterAwayError(
            f"The cluster {self._cluster} {text}.", reason=text, code=self._code, retry_after_s=max(1.0, left_s)
        )

    def answered(self, latency_s: float) -> None:
        """Note an answer, whatever it says."""
        self._answered_at, self._latency_s = self._now(), latency_s
        self._failures, self._wait_s, self._reason, self._since = 0, FIRST_WAIT_S, "", None
        self._open.set(0)

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
        self._open.set(1)

    @property
    def _is_open(self) -> bool:
        return self._failures >= OPENS_AFTER
