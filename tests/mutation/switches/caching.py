"""How the capabilities of `slo.targets.caching` are switched off."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from app.gateway.store.accounts import SignIn
from tests.mutation.switches import Around


async def _nothing(*_: Any, **__: Any) -> None:
    return None


async def _remember_session(
    self: Any, token_hash: bytes, user_id: UUID, kind: str, name: str, expires_at: datetime
) -> None:
    """Sessions live in the process that made them."""
    account = await self.find_by_id(user_id)
    found = SignIn(user_id, account.name, account.display_name, account.role, kind, expires_at)
    vars(self).setdefault("remembered", {})[token_hash] = found


async def _remembered_session(self: Any, token_hash: bytes) -> SignIn | None:
    found: SignIn | None = vars(self).get("remembered", {}).get(token_hash)
    return found


def _weakly(answer: Callable[..., Any]) -> Callable[..., Any]:
    def answered(*given: Any) -> Any:
        response = answer(*given)
        response.headers["etag"] = f"W/{response.headers['etag']}"
        return response

    return answered


def _for_ever(make: Callable[..., None]) -> Callable[..., None]:
    return lambda *given, **named: make(*given, **(named | {"ttl_s": math.inf}))


def _weightless(make: Callable[..., None]) -> Callable[..., None]:
    return lambda *given, **named: make(*given, **(named | {"weigh": lambda _: 0}))


def _uncounted(remove: Callable[..., None]) -> Callable[..., None]:
    return lambda self, key, _="": remove(self, key)


def _kept_not(self: Any, _: Any, value: Any) -> None:
    self._dropped(value)


def _newest_first(self: Any) -> None:
    self._remove(next(reversed(self._entries)), "room")


async def _asked_each_time(self: Any, client: Any, asked: Any) -> tuple[Any, float]:
    return (await self._ask(client, asked)).json(), 0.0


SWITCHES: dict[str, dict[str, Any]] = {
    "application_caching.kubernetes_api_cache.cache_type": {
        "app.infra.cache.memory:MemoryCache.evict_oldest": _newest_first,
    },
    "application_caching.kubernetes_api_cache.use_case": {
        "app.domain.clusters.answers:Answers.get": _asked_each_time,
    },
    "application_caching.nlp_model_cache.cache_type": {"app.infra.cache.memory:MemoryCache._keep": _kept_not},
    "application_caching.nlp_model_cache.warming": {"app.nlp.service:PlanService.warm_up": _nothing},
    "application_caching.user_session_cache.cache_type": {"app.infra.cache.redis:RedisCache._keep": _nothing},
    "application_caching.user_session_cache.persistence": {
        "app.gateway.store.accounts:Accounts.add_session": _remember_session,
        "app.gateway.store.accounts:Accounts.find_session": _remembered_session,
    },
    "http_caching.kubernetes_data.real_time_updates": {
        "app.domain.commands.following.live:_Live._happened": lambda *_: None,
    },
    "http_caching.static_resources.etag": {"app.gateway.routes.web:_answer": Around(_weakly)},
    "http_caching.static_resources.compression": {"app.gateway.routes.web:_COMPRESSIBLE": frozenset()},
    "cache_management.invalidation_patterns.time_based": {
        "app.infra.cache.memory:MemoryCache.__init__": Around(_for_ever),
    },
    "cache_management.invalidation_patterns.event_driven": {
        "app.gateway.service.invalidations:Invalidations._receive": lambda *_: None,
    },
    "cache_management.invalidation_patterns.manual_invalidation": {
        "app.infra.cache.caches:Caches.clear": lambda *_: [],
    },
    "cache_management.warming_strategies.background_refresh": {
        "app.infra.cache.memory:MemoryCache._refresh": lambda *_: None,
    },
    "cache_management.cache_monitoring.eviction_rate": {
        "app.infra.cache.memory:MemoryCache._remove": Around(_uncounted),
    },
    "cache_management.cache_monitoring.memory_usage": {
        "app.infra.cache.memory:MemoryCache.__init__": Around(_weightless),
    },
}
