"""Where an engine under test remembers resource types."""

from __future__ import annotations

from app.domain.clusters.discovery import KEPT_S, Catalogue
from app.infra.cache.memory import MemoryCache
from app.telemetry.instruments import Instruments


def known_types(instruments: Instruments | None = None) -> MemoryCache[str, Catalogue]:
    """A cache of its own, as the gateway makes one."""
    return MemoryCache("resource_types", ttl_s=KEPT_S, max_entries=10, instruments=instruments or Instruments())
