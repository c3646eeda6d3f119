"""What people read most, asked of their clusters before they ask: at a start, and as long as that is of use.

Which reads those were is kept in Redis, where all replicas add to it, and may vanish. A row out of Redis is data: it is
asked in the very identity that it names, which the policy judges anew, and its answer is seen under that one alone.
Only what may be kept is asked for ahead, so no row can make anybody read a Secret.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from app.domain.clusters.answers import Answers, Asked
from app.domain.clusters.places import place_of
from app.errors import ForbiddenError, KubeChatError, UnavailableError
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.redis.client import Redis
from app.telemetry.logs import get_logger
from slo.targets.caching import PREDICTIVE_WARMING

KEY = "kubechat:read-most"
MOST = 20  # reads that are asked ahead; each is one request
MOST_KEPT = 100
OFTEN = 3.0  # reads, each of a quarter of an hour ago counting for half a one
LATELY_S = 120.0
LONGEST_ROW = 2_000  # characters of a path and its query; a selector of thousands is nobody's habit
_HALF_LIFE_S = PREDICTIVE_WARMING.named("history").number / 4  # as with names: what was read lately weighs more
_log = get_logger(__name__)

Kept = dict[Asked, tuple[float, float]]
"""How much each was read, as of when, in seconds since 1970."""


class AnswersAhead:
    """Asks ahead.

    Args:
        answers: what is kept.
        clients: the clusters.
        redis: where it is kept what is read; None where there is none.
        clock: the time that all replicas share, in seconds since 1970.
        rules: names the policy that identities were made by: what was kept under another one is not asked.
    """

    def __init__(
        self,
        answers: Answers,
        clients: Mapping[str, ClusterClient],
        redis: Redis | None,
        clock: Callable[[], float] = time.time,
        rules: str = "",
    ) -> None:
        self._answers, self._clients, self._redis, self._clock = answers, clients, redis, clock
        self._key = f"{KEY}:{rules}" if rules else KEY

    @property
    def warmed(self) -> tuple[int, int]:
        """How many answers were asked for ahead, and how many of them were needed then."""
        return self._answers.warmed

    async def remember(self) -> None:
        """Add what was read here to what all replicas know of the last hour; for nothing when Redis is away."""
        # Who may see only part of a cluster is another identity than the names in a row would make.
        uses = {asked: count for asked, count in self._answers.uses().items() if not asked.identity.scope}
        if self._redis is None or not uses:
            return
        now = self._clock()
        try:
            kept = await self._kept()
            for asked, count in uses.items():
                kept[asked] = (_weight(kept.get(asked), now) + count, now)
            rows = [[*_row(asked), *kept[asked]] for asked in _most(kept, now, MOST_KEPT)]
            await self._redis.set(self._key, orjson.dumps(rows), PREDICTIVE_WARMING.named("history").whole)
        except UnavailableError:
            _log.debug("what was read is not remembered")

    async def load(self, *, often: bool = False) -> None:
        """Ask for what was read most; a cluster that does not answer holds up nothing but itself.

        Args:
            often: only for what is read again and again at this time: nobody else's cluster is asked for nothing.
        """
        now = self._clock()
        try:
            kept = await self._kept()
        except UnavailableError:
            return
        if often:
            kept = {key: use for key, use in kept.items() if _weight(use, now) >= OFTEN and now - use[1] <= LATELY_S}
        await asyncio.gather(*(self._try(asked) for asked in _most(kept, now, MOST)))

    async def _try(self, asked: Asked) -> None:
        client = self._clients.get(asked.cluster)
        if client is None:
            return
        try:
            await self._answers.warm(client, asked)
        except KubeChatError as error:
            _log.info("not asked ahead", cluster=asked.cluster, code=error.code)

    async def _kept(self) -> Kept:
        if self._redis is None:
            return {}
        raw = await self._redis.get(self._key)
        try:
            rows = orjson.loads(raw) if raw else []
        except orjson.JSONDecodeError:
            rows = []
        oldest = self._clock() - PREDICTIVE_WARMING.named("history").number
        read = (_read(row) for row in rows if isinstance(rows, list))
        return {asked: (weight, at) for asked, weight, at in (one for one in read if one is not None) if at > oldest}


def _weight(use: tuple[float, float] | None, now: float) -> float:
    return 0.0 if use is None else float(use[0] * 0.5 ** (max(0.0, now - use[1]) / _HALF_LIFE_S))


def _most(kept: Kept, now: float, number: int) -> list[Asked]:
    return sorted(kept, key=lambda asked: _weight(kept[asked], now), reverse=True)[:number]


def _row(asked: Asked) -> list[Any]:
    identity = asked.identity
    return [
        asked.cluster,
        identity.user,
        list(identity.groups),
        asked.path,
        [list(q) for q in asked.query],
        asked.accept,
    ]


def _read(row: Any) -> tuple[Asked, float, float] | None:
    """One row; None for what is none, for an identity that may not be used, and for what is never kept."""
    try:
        cluster, user, groups, path, query, accept, weight, at = row
        identity = Impersonation(str(user), tuple(str(group) for group in groups))
        pairs = tuple((str(key), str(value)) for key, value in query)
        asked = Asked(str(cluster), identity, str(path), pairs, str(accept))
        found = asked, float(weight), float(at)
    except (ForbiddenError, OverflowError, TypeError, ValueError):
        return None
    too_long = len(asked.path) + sum(len(key) + len(value) for key, value in pairs) > LONGEST_ROW
    return None if too_long or place_of(asked.path) is None else found
