"""How the capabilities of `slo.targets.memory` are switched off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from tests.mutation.switches import Around


def _without_limit(group: Callable[..., Path]) -> Callable[..., Path]:
    """Makes a process' group and lets it be as large as it likes."""

    def make(self: Any, name: str, _: int) -> Path:
        return group(self, name, 2**60)

    return make


def _as_a_string(_: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Stores a record as one string."""

    async def store(self: Any, key: str, fields: Mapping[str, str], ttl_s: int) -> None:
        await self._client.set(key, repr(fields), ex=ttl_s)

    return store


SWITCHES: dict[str, dict[str, Any]] = {
    "memory_optimization.memory_monitoring.metrics": {
        "app.infra.memory:MemoryGuard._look_at_heap_and_container": lambda _: None,
    },
    "memory_optimization.go_services.memory_limit": {
        "app.stack.cgroups:MemoryCgroups.group": Around(_without_limit),
    },
    "cache_optimization.application_caches.cache_invalidation": {
        "app.gateway.service.invalidations:Invalidations._forget_cluster": lambda *_: None,
    },
    "cache_optimization.redis_memory.memory_efficiency": {
        "app.infra.redis.client:Redis.hash_set": Around(_as_a_string),
    },
}
