"""A cache in Redis: what one replica has loaded, all have, and any of it may vanish.

Behind the same Protocol as a cache in memory; one in memory goes in front of it by loading from it. A failure of Redis
is a miss. Callers do not share a load: what was revoked between two questions is not given to the second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from app.errors import UnavailableError
from app.infra.redis.client import Redis
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

K = TypeVar("K")
V = TypeVar("V")
K_contra = TypeVar("K_contra", contravariant=True)
AT_ONCE = 500  # commands that one caller issues together: half of what may wait for a node, so that others get through
_log = get_logger(__name__)


class Cache(Protocol[K_contra, V]):
    """Values by key, loaded when they are not there."""

    async def get(self, key: K_contra, load: Callable[[], Awaitable[V]]) -> V:
        """The cached value, else what `load` returns; raises what `load` raises."""


class Fields(Protocol[K_contra, V]):
    """How a value is written as a small hash."""

    def key(self, key: K_contra) -> str:
        """The key in Redis."""

    def write(self, value: V) -> tuple[Mapping[str, str], int] | None:
        """Its fields and for how many seconds they are kept; None for what is not to be kept."""

    def read(self, key: K_contra, fields: Mapping[bytes, bytes]) -> V | None:
        """The value; None when it is past its time; KeyError or ValueError when not all of it is there."""


class RedisCache(Generic[K, V]):
    """One cache.

    Args:
        name: its metric label.
        redis: where it is; None where there is none, and then everything is loaded each time.
        fields: how a value is written.
        instruments: where look-ups are counted.
    """

    def __init__(self, name: str, redis: Redis | None, fields: Fields[K, V], instruments: Instruments) -> None:
        self._redis, self._fields = redis, fields
        self._hits = instruments.tally(catalogue.CACHE_LOOKUPS, name, "hit")
        self._misses = instruments.tally(catalogue.CACHE_LOOKUPS, name, "miss")
        self._load_time = instruments.histogram(catalogue.CACHE_LOAD_DURATION).labels(name)
        self._warmed = instruments.tally(catalogue.CACHE_WARMED, name, "loaded")
        self._warmed_used = instruments.tally(catalogue.CACHE_WARMED, name, "used")
        self._unused: set[K] = set()  # of those that were loaded ahead here
        removals = instruments.counter(catalogue.CACHE_REMOVALS)
        self._removed, self._not_removed = removals.labels(name, "ok"), removals.labels(name, "failed")

    async def get(self, key: K, load: Callable[[], Awaitable[V]]) -> V:
        """The cached value, else what `load` returns; raises what `load` raises."""
        found = await self._found(key)
        if found is not None:
            self._hits.count += 1
            if key in self._unused:
                self._unused.discard(key)
                self._warmed_used.count += 1
            return found
        self._misses.count += 1
        started = time.perf_counter()
        value = await load()
        self._load_time.observe(time.perf_counter() - started)
        await self._keep(key, value)
        return value

    async def warm(self, values: Mapping[K, V]) -> None:
        """Keep values before anybody asks for them; what is there already stays as it is.

        Each replica counts those that it has put there, and of them those that it was asked for itself.
        """
        await _in_turns(list(values), lambda key: self._added(key, values[key]))

    async def _added(self, key: K, value: V) -> bool:
        if await self._found(key) is not None or not await self._keep(key, value):
            return False
        self._unused.add(key)
        self._warmed.count += 1
        return True

    async def drop(self, keys: Sequence[K]) -> list[K]:
        """Remove entries; returns those that are gone for certain, as far as Redis answered.

        All are tried: where one master is away, the others still let go of theirs.
        """
        return await _in_turns(keys, self._dropped)

    async def _dropped(self, key: K) -> bool:
        if self._redis is None:
            return False
        try:
            await self._redis.delete(self._fields.key(key))
        except UnavailableError:
            self._not_removed.inc()
            return False
        self._removed.inc()
        return True

    async def _found(self, key: K) -> V | None:
        if self._redis is None:
            return None
        try:
            fields = await self._redis.hash_get_all(self._fields.key(key))
            return self._fields.read(key, fields) if fields else None
        except (UnavailableError, KeyError, ValueError):
            return None  # away, or not all of it is there: as good as nothing

    async def _keep(self, key: K, value: V) -> bool:
        written = None if self._redis is None else self._fields.write(value)
        if self._redis is None or written is None:
            return False
        fields, ttl_s = written
        try:
            await self._redis.hash_set(self._fields.key(key), fields, ttl_s)
        except UnavailableError:
            _log.debug("not cached")
            return False
        return True


async def _in_turns(keys: Sequence[K], done: Callable[[K], Awaitable[bool]]) -> list[K]:
    """Those of the keys for which something could be done; many are tried together, but not all."""
    found: list[K] = []
    for first in range(0, len(keys), AT_ONCE):
        turn = keys[first : first + AT_ONCE]
        for key, success in zip(turn, await asyncio.gather(*map(done, turn)), strict=True):
            if success:
                found.append(key)
    return found
