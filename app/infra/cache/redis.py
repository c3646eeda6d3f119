"""A cache in Redis: what one replica has loaded, all have, and any of it may vanish.

Behind the same Protocol as a cache in memory; one in memory goes in front of it by loading from it. A failure of Redis
is a miss. Callers do not share a load: what was revoked between two questions is not given to the second.
"""

from __future__ import annotations

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

    async def get(self, key: K, load: Callable[[], Awaitable[V]]) -> V:
        """The cached value, else what `load` returns; raises what `load` raises."""
        found = await self._found(key)
        if found is not None:
            self._hits.count += 1
            return found
        self._misses.count += 1
        started = time.perf_counter()
        value = await load()
        self._load_time.observe(time.perf_counter() - started)
        await self._keep(key, value)
        return value

    async def drop(self, keys: Sequence[K]) -> list[K]:
        """Remove entries; returns those that are gone for certain, as far as Redis answered."""
        gone: list[K] = []
        if self._redis is None:
            return gone
        for key in keys:
            try:
                await self._redis.delete(self._fields.key(key))
            except UnavailableError:
                break
            gone.append(key)
        return gone

    async def _found(self, key: K) -> V | None:
        if self._redis is None:
            return None
        try:
            fields = await self._redis.hash_get_all(self._fields.key(key))
            return self._fields.read(key, fields) if fields else None
        except (UnavailableError, KeyError, ValueError):
            return None  # away, or not all of it is there: as good as nothing

    async def _keep(self, key: K, value: V) -> None:
        written = None if self._redis is None else self._fields.write(value)
        if self._redis is None or written is None:
            return
        fields, ttl_s = written
        try:
            await self._redis.hash_set(self._fields.key(key), fields, ttl_s)
        except UnavailableError:
            _log.debug("not cached")
