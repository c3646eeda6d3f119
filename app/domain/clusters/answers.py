"""Answers of Kubernetes APIs to reads, kept for a short while for whoever may see exactly the same.

An answer is kept under the cluster, the whole identity (user, groups, what its limits let it see) and the request, so
that nobody is shown what the cluster did not answer to themselves; its limits are asked at each use as well. A change
by KubeChat drops everything of its cluster, on every replica, before anybody is told of it. What changes something,
what a change rests on, watches, logs and Secrets never come from here.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from app.domain.clusters.informer import Changed
from app.domain.clusters.informers import Informers
from app.domain.clusters.places import Place, place_of
from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.infra.kubernetes.client import ClusterClient, Query
from app.infra.kubernetes.impersonation import Impersonation
from app.telemetry.instruments import Instruments
from slo.targets.caching import KUBERNETES_CACHE_MAX_SIZE, KUBERNETES_CACHE_TTL

KEY_BYTES = 1_000  # of a request, an identity and an entry, beside the answer itself
SETTLES_S = 60.0  # after a change a cluster's controllers follow; most rollouts of one workload are over by then
SETTLING_S = 2.0  # so long an answer is kept meanwhile, where nothing tells when it becomes wrong
# A page that goes on from another is asked for once; a watch's list, at a version, is not what is there now.
_NOT_KEPT = frozenset({"continue", "watch", "resourceVersion", "resourceVersionMatch"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of one identity to one cluster: two that are equal have the same answer."""

    cluster: str
    identity: Impersonation
    path: str
    query: tuple[tuple[str, str], ...]
    accept: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer's body, how many objects it holds, and when it was asked for, on the loop's clock."""

    body: bytes
    objects: int
    asked_at: float

    @property
    def size_bytes(self) -> int:
        """About what it occupies."""
        return len(self.body) + KEY_BYTES


def _always() -> bool:
    return True


class Answers:
    """Keeps answers.

    Args:
        instruments: where the cache is measured.
        caches: the process' caches, which share a budget of bytes and of objects.
        is_told: whether this replica hears of the changes of others; while it does not, nothing kept is used.
        informers: tell when objects of what is read often change; None: answers end with their time and with changes.
    """

    def __init__(
        self,
        instruments: Instruments,
        caches: Caches | None = None,
        is_told: Callable[[], bool] = _always,
        informers: Informers | None = None,
    ) -> None:
        self._is_told, self._informers = is_told, informers
        if informers is not None:
            informers.tell(self.forget_objects)
        self._changed_at: dict[str, float] = {}
        self._kept: MemoryCache[Asked, Kept] = MemoryCache(
            "kubernetes_answers",
            ttl_s=KUBERNETES_CACHE_TTL.figure.number,
            max_entries=KUBERNETES_CACHE_MAX_SIZE.figure.whole,
            instruments=instruments,
            caches=Caches() if caches is None else caches,
            own_ttl=True,
            weigh=lambda kept: kept.size_bytes,
            count=lambda kept: kept.objects,
        )

    def reading(self, client: ClusterClient, identity: Impersonation) -> Reading:
        """What one command reads of one cluster."""
        return Reading(self, client, identity)

    def forget_cluster(self, cluster: str) -> None:
        """Something was changed there: drop its answers, and keep new ones shortly until it has settled."""
        self._changed_at[cluster] = asyncio.get_running_loop().time()
        self._kept.forget_where(lambda asked: asked.cluster == cluster)

    def forget_objects(self, cluster: str, kind: tuple[str, str], changed: Changed) -> None:
        """Objects of a type have changed there: drop the answers that hold them."""

        def holds(asked: Asked) -> bool:
            place = place_of(asked.path) if asked.cluster == cluster else None
            return place is not None and place.kind == kind and (changed is None or _concerns(place, changed))

        self._kept.forget_where(holds)

    async def get(self, client: ClusterClient, asked: Asked) -> tuple[Any, float]:
        """A GET request's decoded answer, and for how many seconds it has been known.

        Raises:
            KubeChatError: as `ClusterClient.request` does; failures are not kept.
        """
        place = place_of(asked.path)
        if place is None or not (self._is_told() and may_be_kept(asked)):
            return (await self._ask(client, asked)).json(), 0.0
        client.check(asked.identity, "GET", asked.path)
        if self._informers is not None:
            self._informers.note(client, place)
        fresh: list[Any] = []
        at_most_s = self._at_most_s(asked.cluster, place)
        kept = await self._kept.get(asked, lambda: self._load(client, asked, fresh), at_most_s=at_most_s)
        if fresh:
            return fresh.pop(), 0.0
        return orjson.loads(kept.body), asyncio.get_running_loop().time() - kept.asked_at

    async def warm(self, client: ClusterClient, asked: Asked) -> None:
        """Ask for an answer before anybody needs it; nothing happens for what is never kept.

        Raises:
            KubeChatError: as `get` does.
        """
        if self._is_told() and may_be_kept(asked):
            await self._kept.warm(asked, lambda: self._load(client, asked, []))

    def uses(self) -> dict[Asked, int]:
        """How often each answer was asked for since this was called last."""
        return self._kept.uses()

    @property
    def warmed(self) -> tuple[int, int]:
        """How many answers were asked for ahead, and how many of them were needed then."""
        return self._kept.warmed

    async def _load(self, client: ClusterClient, asked: Asked, fresh: list[Any]) -> Kept:
        """An answer to keep; decoded it goes to whoever waits for this one."""
        asked_at = asyncio.get_running_loop().time()
        answer = await self._ask(client, asked)
        found = answer.json()
        fresh.append(found)
        return Kept(answer.body, _objects_in(found), asked_at)

    def _at_most_s(self, cluster: str, place: Place) -> float:
        changed_at = self._changed_at.get(cluster, -math.inf)
        settles = asyncio.get_running_loop().time() - changed_at < SETTLES_S
        watched = self._informers is not None and self._informers.is_watched(cluster, place)
        return SETTLING_S if settles and not watched else math.inf

    async def _ask(self, client: ClusterClient, asked: Asked) -> Any:
        return await client.request("GET", asked.path, identity=asked.identity, query=asked.query, accept=asked.accept)


class Reading:
    """What one command reads of one cluster, and how old the oldest of it is.

    Args:
        answers: what is kept.
        client: the cluster.
        identity: in whose name.

    Attributes:
        age_s: of the oldest answer that was used; 0 where all were asked for now.
    """

    def __init__(self, answers: Answers, client: ClusterClient, identity: Impersonation) -> None:
        self._answers, self._client, self._identity = answers, client, identity
        self.age_s = 0.0

    async def json(self, path: str, query: Query, accept: str) -> Any:
        """A GET request's decoded answer; KubeChatError as `ClusterClient.request` raises it."""
        asked = Asked(self._client.name, self._identity, path, tuple(query), accept)
        found, age_s = await self._answers.get(self._client, asked)
        self.age_s = max(self.age_s, age_s)
        return found


def may_be_kept(asked: Asked) -> bool:
    """Whether an answer may be kept at all."""
    return place_of(asked.path) is not None and not any(key in _NOT_KEPT for key, _ in asked.query)


def _objects_in(found: Any) -> int:
    """How many objects an answer holds; one that holds none still counts, so that entries are bounded as well."""
    if not isinstance(found, dict):
        return 1
    return max(1, len(found.get("rows") or found.get("items") or ()))


def _concerns(place: Place, changed: Mapping[str, set[str]]) -> bool:
    """Whether any of these objects, names by namespace, is among what a place names."""
    spaces = changed.values() if not place.namespace else [changed.get(place.namespace, set())]
    return any(place.name in names if place.name else bool(names) for names in spaces)
