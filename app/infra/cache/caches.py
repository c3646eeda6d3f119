"""All caches of a process: what they may hold together, and what is done to them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from slo.targets.memory import IN_MEMORY_CACHE


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

    def add(self, cache: Cached) -> None:
        """Register a cache; ValueError when there is one of that name."""
        name = cache.state.name
        if name in self._caches:
            raise ValueError(f"there are two caches named {name}")
        self._caches[name] = cache

    def states(self) -> list[CacheState]:
        """What each holds, by name."""
        return sorted((cache.state for cache in self._caches.values()), key=lambda state: state.name)

    def fits(self, size_bytes: int) -> bool:
        """Whether an entry of this size may be kept at all."""
        return size_bytes <= self._budget

    def make_room(self, growing: Cached) -> None:
        """Evict until all together are within the budget: first from the cache that grew, then from the largest."""
        while sum(cache.state.bytes for cache in self._caches.values()) > self._budget:
            victim: Any = growing
            if growing.state.entries <= 1:
                victim = max(self._caches.values(), key=lambda cache: cache.state.bytes)
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
