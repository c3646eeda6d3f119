"""Names of clusters, loaded before anybody asks: at the start, and for those who asked most within the last hour.

What was asked for is kept in Redis, where all replicas add to it, and may vanish: then nothing is loaded ahead until it
is known again. Loading ahead costs requests to people's clusters, so it stops as soon as too little of it is used.
A key out of Redis is data: what is loaded under it can be seen under that very identity alone.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import orjson

from app.errors import ForbiddenError, KubeChatError, UnavailableError
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.redis.client import Redis
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from slo.targets.caching import PREDICTIVE_WARMING, STARTUP_WARMING

KEY = "kubechat:asked-for"
MOST = 10  # people times clusters; each load is some fifteen requests to a cluster
MOST_KEPT = 200
JUDGED_FROM = 20  # entries loaded ahead, before their use says anything
Asked = tuple[str, Impersonation]
"""A cluster, and as whom it was asked."""
_log = get_logger(__name__)


class Warming:
    """Loads names ahead.

    Args:
        uses: how often each cluster was asked for, and as whom, since it was asked last.
        load: loads the names of a cluster for an identity.
        redis: where it is kept who asks for what; None where there is none.
        instruments: where the state of loading ahead is shown.
    """

    def __init__(
        self,
        uses: Callable[[], dict[Asked, int]],
        load: Callable[[str, Impersonation], Awaitable[None]],
        redis: Redis | None,
        instruments: Instruments,
    ) -> None:
        self._uses, self._load, self._redis = uses, load, redis
        self._instruments = instruments
        self._ahead = instruments.gauge(catalogue.CACHE_WARMING)
        self._ahead.set(1)
        self._judged_from = (0.0, 0.0)

    async def start(self) -> None:
        """Load what was asked for most, within the catalogue's deadline; the rest is loaded as it is asked for.

        A cluster that does not answer, or a Redis that is away, holds nobody up for longer.
        """
        try:
            async with asyncio.timeout(STARTUP_WARMING.named("deadline").number):
                await self._load_all([asked for asked, _ in (await self._kept()).most_common(MOST)])
        except TimeoutError:
            _log.warning("started before everything was loaded")

    async def remember(self) -> None:
        """Add what was asked for here to what all replicas know of the last hour."""
        uses = self._uses()
        if self._redis is None or not uses:
            return
        kept = await self._kept()
        kept.update(uses)
        rows = [
            [cluster, identity.user, list(identity.groups), count]
            for (cluster, identity), count in kept.most_common(MOST_KEPT)
        ]
        # Each time counts for half the next: what nobody asks for any more sinks, and the whole ends after its hour.
        halved = [[*row[:3], row[3] / 2] for row in rows if row[3] >= 1]  # type: ignore[operator]
        await self._redis.set(KEY, orjson.dumps(halved), PREDICTIVE_WARMING.named("history").whole)

    async def predict(self) -> None:
        """Load what was asked for most, as long as enough of what was loaded is used."""
        if self._is_of_use():
            await self._load_all([asked for asked, _ in (await self._kept()).most_common(MOST)])

    async def resume(self) -> None:
        """Judge anew whether loading ahead is of use; called once an hour."""
        self._judged_from = self._counts()
        self._ahead.set(1)

    def _is_of_use(self) -> bool:
        loaded, used = (now - then for now, then in zip(self._counts(), self._judged_from, strict=True))
        if loaded < JUDGED_FROM or used >= PREDICTIVE_WARMING.named("least_use").number * loaded:
            return True
        self._ahead.set(0)
        return False

    def _counts(self) -> tuple[float, float]:
        value = self._instruments.value
        return (
            value(catalogue.CACHE_WARMED, cache="vocabularies", event="loaded"),
            value(catalogue.CACHE_WARMED, cache="vocabularies", event="used"),
        )

    async def _load_all(self, wanted: list[Asked]) -> None:
        await asyncio.gather(*(self._try(cluster, identity) for cluster, identity in wanted))

    async def _try(self, cluster: str, identity: Impersonation) -> None:
        try:
            await self._load(cluster, identity)
        except KubeChatError as error:
            _log.warning("not loaded ahead", cluster=cluster, code=error.code)

    async def _kept(self) -> Counter[Asked]:
        if self._redis is None:
            return Counter()
        try:
            raw = await self._redis.get(KEY)
            rows = orjson.loads(raw) if raw else []
            return Counter(
                {
                    (str(cluster), Impersonation(str(user), tuple(str(group) for group in groups))): float(count)
                    for cluster, user, groups, count in rows
                }
            )
        except UnavailableError:
            return Counter()
        except (ForbiddenError, orjson.JSONDecodeError, TypeError, ValueError):
            _log.warning("what was asked for cannot be read")
            return Counter()
