"""An in-memory cache with a time to live, least-recently-used eviction, single flight and refresh ahead of time.

For values that can be computed again at any time. Concurrent callers of one missing key wait for one computation; a
failure is given to all of them and not kept. An entry that is asked for near its end is computed anew meanwhile,
so that what is in use is never waited for again.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.errors import KubeChatError
from app.infra.cache.caches import Caches, CacheState
from app.infra.cache.size import size_of
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
REFRESH_FROM = 0.7  # of an entry's life: the rest is time enough to compute it anew, even when that is tried twice
SWEPT_WITHIN_S = 10.0  # it is done each second; an entry is not too old for the part of a second until it goes
_USES_KEPT = 4  # times the entries: of so many keys it is known how often they were asked for


@dataclass(slots=True)
class _Entry(Generic[V]):
    value: V
    size_bytes: int
    objects: int
    made_at: float
    expires_at: float
    refresh_at: float
    warmed: bool
    uses: int = 0


class MemoryCache(Generic[K, V]):
    """One cache.

    Args:
        name: its metric label.
        ttl_s: how long a value is served.
        max_entries: the most it holds.
        instruments: where its metrics live.
        caches: the process' caches, which share a budget; a cache without is on its own.
        own_ttl: a target of its own says how long a value is served; otherwise the one for all caches does.
        weigh: about how many bytes a value occupies.
        count: how many Kubernetes objects a value holds, which are bounded over all caches; None where it holds none.
        prolonged: a value's time begins anew with each use; such a value is never refreshed.
        dropped: told of each value that it let go of, or did not take.
    """

    def __init__(
        self,
        name: str,
        *,
        ttl_s: float,
        max_entries: int,
        instruments: Instruments,
        caches: Caches | None = None,
        own_ttl: bool = False,
        weigh: Callable[[V], int] = size_of,
        count: Callable[[V], int] | None = None,
        prolonged: bool = False,
        dropped: Callable[[V], None] = lambda _: None,
    ) -> None:
        self._name, self._ttl_s, self._max_entries = name, ttl_s, max_entries
        self._weigh, self._count, self._prolonged, self._dropped = weigh, count, prolonged, dropped
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()
        self._loading: dict[K, asyncio.Task[V]] = {}
        # Of the last load: whoever finds an entry need not ask for it, which costs half of a hit.
        self._loop: asyncio.AbstractEventLoop
        self._bytes = self._objects = 0
        self._past_uses: Counter[K] = Counter()
        self._hits = instruments.tally(catalogue.CACHE_LOOKUPS, name, "hit")
        self._misses = instruments.tally(catalogue.CACHE_LOOKUPS, name, "miss")
        evictions = instruments.counter(catalogue.CACHE_EVICTIONS)
        self._evicted = {why: evictions.labels(name, why) for why in ("room", "expired", "invalidated", "too_large")}
        refreshes = instruments.counter(catalogue.CACHE_REFRESHES)
        self._refreshed, self._not_refreshed = refreshes.labels(name, "ok"), refreshes.labels(name, "failed")
        self._warmed = instruments.tally(catalogue.CACHE_WARMED, name, "loaded")
        self._warmed_used = instruments.tally(catalogue.CACHE_WARMED, name, "used")
        self._load_time = instruments.histogram(catalogue.CACHE_LOAD_DURATION).labels(name)
        instruments.gauge(catalogue.CACHE_ENTRIES).labels(name).set_function(lambda: float(len(self._entries)))
        instruments.gauge(catalogue.CACHE_BYTES).labels(name).set_function(lambda: float(self._bytes))
        if count is not None:
            instruments.gauge(catalogue.CACHE_OBJECTS).labels(name).set_function(lambda: float(self._objects))
        self._swept_at, self._age_s = math.inf, 0.0
        instruments.gauge(catalogue.CACHE_OLDEST).labels(name).set_function(self._oldest_age)
        self._caches = Caches(2**62) if caches is None else caches
        self._caches.add(self, own_ttl=own_ttl or caches is None)

    @property
    def state(self) -> CacheState:
        """What it holds."""
        return CacheState(self._name, self._ttl_s, len(self._entries), self._bytes, self._objects)

    async def get(self, key: K, load: Callable[[], Awaitable[V]], *, at_most_s: float = math.inf) -> V:
        """The cached value, else what `load` returns; raises what `load` raises.

        Args:
            key: which value.
            load: computes it.
            at_most_s: a value that is older than this is computed anew.
        """
        entry = self._entries.get(key)
        if entry is not None:
            now = self._loop.time()
            if now < entry.expires_at and now - entry.made_at <= at_most_s:
                self._entries.move_to_end(key)
                entry.uses += 1
                self._hits.count += 1
                if entry.warmed:
                    entry.warmed = False
                    self._warmed_used.count += 1
                if self._prolonged:
                    entry.expires_at = now + self._ttl_s
                elif now >= entry.refresh_at:
                    self._refresh(key, entry, load, now)
                return entry.value
        self._misses.count += 1
        task = self._loading.get(key) or self._begin(key, load)
        # One caller that gives up must not take the value from the others.
        value = await asyncio.shield(task)
        self._add_uses(key, 1)
        return value

    async def warm(self, key: K, load: Callable[[], Awaitable[V]]) -> None:
        """Load a value before anybody asks for it; raises what `load` raises.

        Nothing happens while the value is on its way, or is there and not near its end. Giving up to wait ends no load.
        """
        entry = self._entries.get(key)
        if key in self._loading or (entry and self._loop.time() < entry.refresh_at):
            return
        task = self._begin(key, load)
        task.add_done_callback(lambda done: self._count_warmed(key, done))
        await asyncio.shield(task)

    @property
    def warmed(self) -> tuple[int, int]:
        """How many entries `warm` has loaded, and how many of them were asked for then."""
        return self._warmed.count, self._warmed_used.count

    def latest(self, most: int) -> list[tuple[K, V]]:
        """So many of the entries, those first that were used last; says nothing of whether they have expired."""
        keys = list(self._entries)[::-1][:most]
        return [(key, self._entries[key].value) for key in keys]

    def uses(self) -> dict[K, int]:
        """How often each key was asked for since this was called last, also those whose entries are gone by now."""
        for key, entry in self._entries.items():
            self._add_uses(key, entry.uses)
            entry.uses = 0
        found, self._past_uses = self._past_uses, Counter()
        return dict(found)

    def _add_uses(self, key: K, uses: int) -> None:
        if uses and (key in self._past_uses or len(self._past_uses) < _USES_KEPT * self._max_entries):
            self._past_uses[key] += uses

    def _begin(self, key: K, load: Callable[[], Awaitable[V]]) -> asyncio.Task[V]:
        task = asyncio.ensure_future(self._load(key, load))
        self._loading[key] = task
        task.add_done_callback(lambda done: self._loaded(key, done))
        return task

    async def _load(self, key: K, load: Callable[[], Awaitable[V]]) -> V:
        started = time.perf_counter()
        value = await load()
        self._load_time.observe(time.perf_counter() - started)
        if self._loading.get(key) is asyncio.current_task():
            self._keep(key, value)
        else:
            self._dropped(value)  # it was forgotten while it was computed: it may be old already
        return value

    def _keep(self, key: K, value: V) -> None:
        self._remove(key)
        size_bytes = self._weigh(value)
        objects = 0 if self._count is None else self._count(value)
        if not self._caches.fits(size_bytes, objects):
            self._evicted["too_large"].inc()  # used once and let go: it would push out all others and still not fit
            self._dropped(value)
            return
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        refresh_at = now + REFRESH_FROM * self._ttl_s
        self._entries[key] = _Entry(value, size_bytes, objects, now, now + self._ttl_s, refresh_at, warmed=False)
        self._bytes += size_bytes
        self._objects += objects
        while len(self._entries) > self._max_entries:
            self.evict_oldest()
        self._caches.make_room(self)

    def _refresh(self, key: K, entry: _Entry[V], load: Callable[[], Awaitable[V]], now: float) -> None:
        """Compute a value anew while the present one is served; tried again half-way to its end when that fails."""
        entry.refresh_at = now + (entry.expires_at - now) / 2
        if key not in self._loading:
            self._begin(key, load).add_done_callback(self._count_refresh)

    def _count_refresh(self, task: asyncio.Task[V]) -> None:
        if task.cancelled() or isinstance(task.exception(), KubeChatError):
            self._not_refreshed.inc()
        elif (error := task.exception()) is not None:
            raise error  # a fault of ours: the loop's handler reports it
        else:
            self._refreshed.inc()

    def _count_warmed(self, key: K, task: asyncio.Task[V]) -> None:
        entry = self._entries.get(key)
        if not task.cancelled() and task.exception() is None and entry is not None:
            entry.warmed = True
            self._warmed.count += 1

    def _loaded(self, key: K, task: asyncio.Task[V]) -> None:
        if self._loading.get(key) is task:
            del self._loading[key]
        if not task.cancelled() and isinstance(task.exception(), KubeChatError):
            return  # looked at: who asked may have given up by now, and nobody else would

    def _remove(self, key: K, why: str = "") -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.size_bytes
            self._objects -= entry.objects
            self._add_uses(key, entry.uses)
            self._dropped(entry.value)
            if why:
                self._evicted[why].inc()

    def evict_oldest(self) -> None:
        """Drop the entry that was used least recently."""
        self._remove(next(iter(self._entries)), "room")

    def sweep(self) -> None:
        """Drop what has expired, and say how old the oldest of the rest is."""
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        for key in [key for key, entry in self._entries.items() if entry.expires_at <= now]:
            self._remove(key, "expired")
        ends = (entry.expires_at for entry in self._entries.values())
        self._age_s, self._swept_at = max(0.0, now + self._ttl_s - min(ends, default=math.inf)), now

    def _oldest_age(self) -> float:
        """As the last sweep saw it; when none comes any more it grows, so that somebody notices."""
        if self._swept_at == math.inf:
            return 0.0
        late_s = self._loop.time() - self._swept_at
        return self._age_s + (late_s if late_s > SWEPT_WITHIN_S else 0.0)

    def forget(self, key: K) -> None:
        """Drop one entry, and keep none that is being computed at this moment."""
        self._remove(key, "invalidated")
        self._loading.pop(key, None)

    def forget_where(self, concerns: Callable[[K], bool]) -> None:
        """Drop all entries whose key this is true of, as `forget` does."""
        for key in [key for key in (*self._entries, *self._loading) if concerns(key)]:
            self.forget(key)

    def clear(self) -> None:
        """Drop all entries, as `forget` does."""
        self.forget_where(lambda _: True)
