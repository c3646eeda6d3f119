"""Events that make cached entries wrong, on every replica.

An event is applied here at once and told to the other replicas over Redis. Whoever was not listening when one was told
may have missed it, and drops everything as soon as it listens; without Redis at all an entry lives no longer than its
own time. No value travels: an event says what to forget, never what to keep.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import orjson

from app.errors import UnavailableError
from app.infra.cache.caches import Caches
from app.infra.redis.client import Redis
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

CHANNEL = "kubechat:invalidations"
LANGUAGE_CACHE = "nlp_vocabularies"  # of the language service, which is told with each question when to clear it
RECONNECT_S = 1.0
LISTENING_WITHIN_S = 2.0  # a start waits no longer; without Redis there is nobody to hear anyway
_log = get_logger(__name__)


class Invalidations:
    """Says what has to be forgotten, and listens to what others say.

    Args:
        instance: this process' name, to ignore its own events.
        caches: what is forgotten.
        redis: carries events to the other replicas; None where there is one replica only.
        instruments: where events are counted.

    Attributes:
        cleared_at: when an administrator had the language service's cache cleared last, in seconds since 1970; 0 for
            never.
        clusters_differ: set when another replica has added or removed a cluster, or may have done so unheard.
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
        self._heard = asyncio.Event()
        self._hears = redis is None
        self.cleared_at = 0
        self.clusters_differ = asyncio.Event()

    @property
    def names(self) -> list[str]:
        """The caches that can be cleared here, and in the language service."""
        return sorted({LANGUAGE_CACHE, *(state.name for state in self._caches.states())})

    def on_cluster(self, forget: Callable[[str], None]) -> None:
        """Have this called with the name of each cluster in which something was changed."""
        self._on_cluster.append(forget)

    async def cluster_changed(self, cluster: str) -> None:
        """Something was changed in a cluster: what is known of it is no longer true, on any replica."""
        self._counted["change"].inc()
        self._forget_cluster(cluster)
        await self._tell({"cluster": cluster})

    async def tell_of_cluster(self, cluster: str) -> None:
        """A cluster was added here or removed: the others look at once, and by themselves where they cannot be told."""
        await self._tell({"came_or_went": cluster})

    def forget_here(self, cluster: str) -> None:
        """Drop what is known of a cluster on this replica: each learns by itself that it came or went."""
        self._forget_cluster(cluster)

    async def clear(self, name: str | None) -> list[str]:
        """Drop one cache, or all, on every replica; returns the names of those that were cleared.

        Raises:
            UnavailableError: it is done here, and the other replicas could not be told.
        """
        self._counted["administrator"].inc()
        self._clear(name)
        if not await self._tell({"clear": name}):
            raise UnavailableError(
                "Only the replica that answered has cleared its cache, because Redis does not answer; "
                "clear it again when Redis is back.",
                code="cleared_here_only",
            )
        return self.names if name is None else [name]

    async def listen(self) -> None:
        """Apply what other replicas say, until cancelled; reconnects when Redis was away."""
        if self._redis is None:
            return
        while True:
            try:
                async with self._redis.subscribed(CHANNEL) as messages:
                    self._begin_listening()
                    async for message in messages:
                        self._receive(message)
            except UnavailableError:
                self._hears = False
                _log.warning("invalidations are away, trying again")
                await asyncio.sleep(RECONNECT_S)

    async def until_listening(self) -> None:
        """Wait until nothing is missed any more, but not for long; what is loaded before is dropped then."""
        if self._redis is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(LISTENING_WITHIN_S):
                    await self._heard.wait()

    @property
    def listening(self) -> bool:
        """Whether this was ever the case."""
        return self._heard.is_set()

    @property
    def hears(self) -> bool:
        """Whether this replica is told at this moment what others change; a lone one has nobody to miss."""
        return self._hears

    def _begin_listening(self) -> None:
        if self._heard.is_set() or any(state.entries for state in self._caches.states()):
            self._counted["missed"].inc()
        self._caches.clear()  # also what is being loaded: it may have been read before the event
        self._heard.set()
        self._hears = True
        self.clusters_differ.set()

    async def _tell(self, event: dict[str, str | None]) -> bool:
        if self._redis is None:
            return True
        try:
            await self._redis.publish(CHANNEL, orjson.dumps({"origin": self._instance, **event}))
        except UnavailableError:
            _log.warning("event not told to the other replicas", **event)
            return False
        return True

    def _receive(self, message: bytes) -> None:
        try:
            body = orjson.loads(message)
            if body["origin"] == self._instance:
                return
            ((kind, name),) = ((key, value) for key, value in body.items() if key != "origin")
        except (AttributeError, KeyError, TypeError, ValueError):
            _log.warning("event not understood")
            return
        if kind == "cluster" and isinstance(name, str):
            self._forget_cluster(name)
        elif kind == "came_or_went":
            self.clusters_differ.set()
        elif kind == "clear" and (name is None or isinstance(name, str)):
            self._clear(name)
        else:
            _log.warning("event not understood")
            return
        self._counted["other_replica"].inc()

    def _forget_cluster(self, cluster: str) -> None:
        for forget in self._on_cluster:
            forget(cluster)

    def _clear(self, name: str | None) -> None:
        if name in {None, LANGUAGE_CACHE}:
            # The language service clears at each later time that it hears of: two within a second are two.
            self.cleared_at = max(self.cleared_at + 1, int(time.time()))
        self._caches.clear(name)
