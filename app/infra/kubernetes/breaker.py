"""A breaker for each cluster: who has not answered several times is left alone for a while, and people hear at once.

A refusal by the API server is an answer; what counts against a cluster is no connection, no answer in time, or no
credentials.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from app.infra import breaker
from app.infra.breaker import FIRST_WAIT_S, LONGEST_WAIT_S, OPENS_AFTER, Health, Refusal
from app.infra.kubernetes.errors import ClusterAwayError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

__all__ = ["FIRST_WAIT_S", "LONGEST_WAIT_S", "OPENS_AFTER", "Breaker", "Health"]


class Breaker(breaker.Breaker):
    """The breaker of one cluster, which refuses with `ClusterAwayError`.

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
        self._cluster = cluster
        self._refused = instruments.counter(catalogue.CLUSTER_BREAKER_REFUSALS).labels(cluster)
        super().__init__(self._away, instruments.gauge(catalogue.CLUSTER_BREAKER_OPEN).labels(cluster).set, clock, now)

    def _away(self, refusal: Refusal) -> ClusterAwayError:
        self._refused.inc()
        since, next_s = refusal.since.strftime("%H:%M UTC"), round(refusal.next_try_s)
        text = f"has not answered since {since} ({refusal.reason}); next try in {max(1, next_s)} s"
        return ClusterAwayError(
            f"The cluster {self._cluster} {text}.", reason=text, code=refusal.code, retry_after_s=refusal.next_try_s
        )
