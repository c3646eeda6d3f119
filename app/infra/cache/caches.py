"""All caches of a process: what they may hold together, and what is done to them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from slo.targets.memory import CACHE_TTL, IN_MEMORY_CACHE


@dataclass(frozen=True, slots=True)
class CacheState:
    """What is known of one cache.

    Attributes:
        name: its metric label.
        ttl_s: how long it keeps an entry.
        entries: how many it holds.
        bytes: about what they occupy.
    """

    name: str
    ttl_s: float
    entries: int
    bytes: int


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
    """

    def __init__(self, budget_bytes: int | None = None) -> None:
        self._budget = IN_MEMORY_CACHE.figure.whole if budget_bytes is None else budget_bytes
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

    def fits(self, size_bytes: int) -> bool:
        """Whether an entry of this size may be kept at all."""
        return size_bytes <= self._budget

    def make_room(self, growing: Cached) -> None:
        """Evict until all together are within the budget.

        First from the cache that grew, but for what it was just given, which fits; then from the largest of the others.
        """
        while sum(cache.state.bytes for cache in self._caches.values()) > self._budget:
            victim = growing
            if growing.state.entries <= 1:
                others = (cache for cache in self._caches.values() if cache is not growing)
                victim = max(others, key=lambda cache: cache.state.bytes)
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
