"""An in-memory cache with a time to live, least-recently-used eviction and single flight.

For values that can be computed again at any time. Concurrent callers of one missing key wait for one computation; a
failure is given to all of them and not kept.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class MemoryCache(Generic[K, V]):
    """One cache.

    Args:
        name: its metric label.
        ttl_s: how long a value is served.
        max_entries: the most it holds.
        instruments: where the hit metric lives.
    """

    def __init__(self, name: str, *, ttl_s: float, max_entries: int, instruments: Instruments) -> None:
        self._ttl_s = ttl_s
        self._max_entries = max_entries
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._loading: dict[K, asyncio.Task[V]] = {}
        lookups = instruments.counter(catalogue.CACHE_LOOKUPS)
        self._hit = lookups.labels(name, "hit")
        self._miss = lookups.labels(name, "miss")

    async def get(self, key: K, load: Callable[[], Awaitable[V]]) -> V:
        """The cached value, else what `load` returns; raises what `load` raises."""
        loop = asyncio.get_running_loop()
        entry = self._entries.get(key)
        if entry is not None and entry[0] > loop.time():
            self._entries.move_to_end(key)
            self._hit.inc()
            return entry[1]
        self._miss.inc()
        task = self._loading.get(key)
        if task is None:
            task = asyncio.ensure_future(self._load(key, load))
            self._loading[key] = task
            task.add_done_callback(lambda done: self._loaded(key, done))
        # One caller that gives up must not take the value from the others.
        return await asyncio.shield(task)

    async def _load(self, key: K, load: Callable[[], Awaitable[V]]) -> V:
        value = await load()
        if self._loading.get(key) is not asyncio.current_task():
            return value  # forgotten while it was computed: it may be old already
        self._entries[key] = (asyncio.get_running_loop().time() + self._ttl_s, value)
        self._entries.move_to_end(key)
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
        return value

    def _loaded(self, key: K, task: asyncio.Task[V]) -> None:
        if self._loading.get(key) is task:
            del self._loading[key]

    def forget(self, key: K) -> None:
        """Drop one entry, and keep none that is being computed at this moment."""
        self._entries.pop(key, None)
        self._loading.pop(key, None)

    def clear(self) -> None:
        """Drop all entries, as `forget` does."""
        self._entries.clear()
        self._loading.clear()
