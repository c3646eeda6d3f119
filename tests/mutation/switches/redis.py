"""How the capabilities of `slo.targets.redis` are switched off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.mutation.switches import Around

_FIELDS = ("user_id", "name", "display_name", "role", "kind", "expires")


async def _set_strings(self: Any, key: str, fields: Mapping[str, str], ttl_s: int) -> None:
    for name, value in fields.items():
        await self._client.set(f"{key}:{name}", value, ex=ttl_s)


async def _get_strings(self: Any, key: str) -> dict[bytes, bytes]:
    found = {name.encode(): await self._client.get(f"{key}:{name}") for name in _FIELDS}
    return {name: value for name, value in found.items() if value is not None}


def _unevenly(masters: int = 3, slots: int = 16_384) -> tuple[tuple[int, int], ...]:
    """All but the first master have one slot each."""
    large = slots - masters + 1
    return ((0, large - 1), *((slot, slot) for slot in range(large, slots)))


def _first_another(routed: Callable[..., Any]) -> Callable[..., Any]:
    """Each slot is asked of another node first, which says who has it."""
    known: set[int] = set()

    def node_of(self: Any, slot: int, *rest: Any, **more: Any) -> Any:
        if slot not in known:
            known.add(slot)
            slot = (slot + len(self.slots_cache) // 2) % len(self.slots_cache)
        return routed(self, slot, *rest, **more)

    return node_of


SWITCHES: dict[str, dict[str, Any]] = {
    "redis_optimization.memory_optimization.data_structures": {
        "app.infra.redis.client:Redis.hash_set": _set_strings,
        "app.infra.redis.client:Redis.hash_get_all": _get_strings,
    },
    "redis_optimization.cluster_optimization.slot_distribution": {"app.stack.servers.redis:slot_ranges": _unevenly},
    "redis_optimization.cluster_optimization.client_routing": {
        "redis.asyncio.cluster:NodesManager.get_node_from_slot": Around(_first_another)
    },
}
