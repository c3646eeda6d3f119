"""All caches of a process: what they may hold together, and what is done to them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from slo.targets.caching import KUBERNETES_CACHE_MAX_SIZE
from slo.targets.memory import CACHE_TTL, IN_MEMORY_CACHE


@dataclass(frozen=True, slots=True)
class CacheState:
    """What is known of one cache.

    Attributes:
        name: its metric label.
        ttl_s: how long it keeps an entry.
        entries: how many it holds.
        bytes: about what they occupy.
        objects: how many Kubernetes objects they hold.
    """

    name: str
    ttl_s: float
    entries: int
    bytes: int
    objects: int = 0


class Cached(Protocol):
    """One cache, as the whole of them sees it."""

    @property
    def state(self) -> CacheState:
        """What it holds."""

    def evict_oldest(self) -> None:
        """Drop the entry that was used least recently."""

    def sweep(self) -> None:
        """Drop what has expired."""

    def clear(self) -> None:
        """Drop everything."""


class Caches:
    """The caches of one process.

    Args:
        budget_bytes: what all of them may hold; None takes the catalogue's figure.
        most_objects: so many Kubernetes objects at most, of all clusters together; None takes the catalogue's figure.
    """

    def __init__(self, budget_bytes: int | None = None, most_objects: int | None = None) -> None:
        self._budget = IN_MEMORY_CACHE.figure.whole if budget_bytes is None else budget_bytes
        self._most_objects = KUBERNETES_CACHE_MAX_SIZE.figure.whole if most_objects is None else most_objects
        self._caches: dict[str, Cached] = {}

    def add(self, cache: Cached, *, own_ttl: bool = False) -> None:
        """Register a cache.

        Args:
            cache: the cache.
            own_ttl: a target of its own says how long it keeps an entry.

        Raises:
            ValueError: there is one of that name, or it keeps entries for less or more than a cache may.
        """
        name, ttl_s = cache.state.name, cache.state.ttl_s
        if name in self._caches:
            raise ValueError(f"there are two caches named {name}")
        shortest_s, longest_s = (CACHE_TTL.named(each).number for each in ("minimum", "maximum"))
        if not own_ttl and not shortest_s <= ttl_s <= longest_s:
            raise ValueError(f"{name} keeps entries for {ttl_s:g} s, not for {shortest_s:g} to {longest_s:g} s")
        self._caches[name] = cache

    def states(self) -> list[CacheState]:
        """What each holds, by name."""
        return sorted((cache.state for cache in self._caches.values()), key=lambda state: state.name)

    def fits(self, size_bytes: int, objects: int = 0) -> bool:
        """Whether an entry of this size, which holds so many Kubernetes objects, may be kept at all."""
        return size_bytes <= self._budget and objects <= self._most_objects

    def make_room(self, growing: Cached) -> None:
        """Evict until all together are within the budget and the number of objects.

        First from the cache that grew, but for what it was just given, which fits; then from the largest of the others.
        """
        self._evict(growing, self._budget, lambda state: state.bytes)
        self._evict(growing, self._most_objects, lambda state: state.objects)

    def _evict(self, growing: Cached, most: int, held: Callable[[CacheState], int]) -> None:
        while sum(held(cache.state) for cache in self._caches.values()) > most:
            victim = growing
            if growing.state.entries <= 1:
                others = (cache for cache in self._caches.values() if cache is not growing)
                victim = max(others, key=lambda cache: held(cache.state))
            victim.evict_oldest()

    def sweep(self) -> None:
        """Drop what has expired in every cache."""
        for cache in self._caches.values():
            cache.sweep()

    def clear(self, name: str | None = None) -> list[str]:
        """Drop everything of one cache, or of all; returns the names of those that were cleared."""
        found = [each for each in self._caches if name is None or each == name]
        for each in found:
            self._caches[each].clear()
        return found
