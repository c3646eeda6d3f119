"""Events that make cached entries wrong, on every replica.

An event is applied here at once and told to the other replicas over Redis. Whoever was not listening when one was told
may have missed it, and drops everything when it listens again; without Redis at all an entry lives no longer than its
own time. No value travels: an event says what to forget, never what to keep.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import orjson

from app.errors import NotFoundError, UnavailableError
from app.infra.cache.caches import Caches
from app.infra.redis.client import Redis
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

CHANNEL = "kubechat:invalidations"
RECONNECT_S = 1.0
_log = get_logger(__name__)


class Invalidations:
    """Says what has to be forgotten, and listens to what others say.

    Args:
        instance: this process' name, to ignore its own events.
        caches: what is forgotten.
        redis: carries events to the other replicas; None where there is one replica only.
        instruments: where events are counted.

    Attributes:
        cleared_at: when an administrator had everything cleared last, in seconds since 1970; 0 for never.
    """

    def __init__(self, instance: str, caches: Caches, redis: Redis | None, instruments: Instruments) -> None:
        self._instance = instance
        self._caches = caches
        self._redis = redis
        events = instruments.counter(catalogue.CACHE_INVALIDATIONS)
        self._counted = {
            source: events.labels(source) for source in ("change", "administrator", "other_replica", "missed")
        }
        self._on_cluster: list[Callable[[str], None]] = []
        self.cleared_at = 0

    def on_cluster(self, forget: Callable[[str], None]) -> None:
        """Have this called with the name of each cluster in which something was changed."""
        self._on_cluster.append(forget)

    async def cluster_changed(self, cluster: str) -> None:
        """Something was changed in a cluster: what is known of it is no longer true, on any replica."""
        self._counted["change"].inc()
        self._forget_cluster(cluster)
        await self._tell({"cluster": cluster})

    async def clear(self, name: str | None) -> list[str]:
        """Drop one cache, or all, on every replica; returns the names of those that were cleared here.

        Raises:
            NotFoundError: there is no cache of this name.
        """
        known = [state.name for state in self._caches.states()]
        if name is not None and name not in known:
            raise NotFoundError(f'There is no cache "{name}"; there are {", ".join(known)}.', code="cache_not_found")
        self._counted["administrator"].inc()
        cleared = self._clear(name)
        await self._tell({"clear": name})
        return cleared

    async def listen(self) -> None:
        """Apply what other replicas say, until cancelled; reconnects when Redis was away."""
        if self._redis is None:
            return
        first = True
        while True:
            try:
                async with self._redis.subscribed(CHANNEL) as messages:
                    if not first:
                        self._counted["missed"].inc()
                        self._caches.clear()
                    first = False
                    async for message in messages:
                        self._receive(message)
            except UnavailableError:
                _log.warning("invalidations are away, trying again")
                await asyncio.sleep(RECONNECT_S)

    async def _tell(self, event: dict[str, str | None]) -> None:
        if self._redis is None:
            return
        try:
            await self._redis.publish(CHANNEL, orjson.dumps({"origin": self._instance, **event}))
        except UnavailableError:
            _log.warning("event not told to the other replicas", **event)

    def _receive(self, message: bytes) -> None:
        try:
            body = orjson.loads(message)
            if body["origin"] == self._instance:
                return
            if "cluster" in body:
                self._forget_cluster(str(body["cluster"]))
            else:
                self._clear(body["clear"])
            self._counted["other_replica"].inc()
        except (orjson.JSONDecodeError, KeyError, TypeError):
            _log.warning("event not understood")

    def _forget_cluster(self, cluster: str) -> None:
        for forget in self._on_cluster:
            forget(cluster)

    def _clear(self, name: str | None) -> list[str]:
        if name is None:
            self.cleared_at = int(time.time())
        return self._caches.clear(name)
