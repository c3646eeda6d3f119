"""What people wait for, loaded before anybody asks: at the start, and for those who asked most within the last hour.

Critical data is a list. Which clusters there are, the roles and the catalogue's figures are in memory from a process'
birth. Loaded here: the names and the resource types of clusters, the answers that were read most, and the sign-in
sessions (with each person's role) of those who are active. What a person may do in a cluster is cached nowhere: the
cluster says so to each request.

What was asked for is kept in Redis, where all replicas add to it, and may vanish: then no names are loaded ahead until
it is known again. Loading ahead costs requests to people's clusters, so it stops as soon as too little of it is used.
A key out of Redis is data: what is loaded under it can be seen under that very identity alone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from app.errors import ForbiddenError, KubeChatError, UnavailableError
from app.gateway.service.answers_ahead import AnswersAhead
from app.infra.cache.memory import REFRESH_FROM
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.redis.client import Redis
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from slo.targets.caching import KUBERNETES_CACHE_TTL, PREDICTIVE_WARMING, STARTUP_WARMING

KEY = "kubechat:asked-for"
MOST = 10  # people times clusters; each load is some fifteen requests to a cluster
MOST_KEPT = 200
JUDGED_FROM = 20  # entries loaded ahead, before their use says anything
CLOCKS_DIFFER_S = 60.0  # between replicas, at most; what is later than that is no time
# Names are loaded anew in the last part of their life. Three runs begin in it, or one and more when each waits as long
# as it may: what is asked for most ends only where loading it anew takes longer than what is left of it then.
PREDICTED_EVERY_S = (1 - REFRESH_FROM) * KUBERNETES_CACHE_TTL.figure.number / 3
HALF_LIVES = 4  # within the hour: a question counts for half of one that was asked a quarter of an hour later
Asked = tuple[str, Impersonation]
"""A cluster, and as whom it was asked."""
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Use:
    """How much something was asked for, as of its last time, in seconds since 1970."""

    weight: float
    at: float

    def weight_at(self, now: float) -> float:
        half_life_s = PREDICTIVE_WARMING.named("history").number / HALF_LIVES
        return float(self.weight * 0.5 ** ((now - self.at) / half_life_s))


class Ahead(Protocol):
    """Something that is known of clusters, as far as it is loaded ahead."""

    @property
    def warmed(self) -> tuple[int, int]:
        """How many were loaded ahead, and how many of those were asked for then."""

    async def warm(self, cluster: str, identity: Impersonation) -> None:
        """Load what is known of a cluster, as an identity; KubeChatError when the cluster does not answer."""


class Names(Ahead, Protocol):
    """The names of clusters, which each identity sees for itself."""

    def uses(self) -> dict[Asked, int]:
        """How often each was asked for, and as whom, since this was called last."""


class People(Protocol):
    """Who is signed in."""

    async def warm_active(self, within_s: float) -> list[Asked]:
        """Cache the sessions of those who were active within so many seconds; where they were, the latest first."""


class Warming:
    """Loads ahead.

    Args:
        names: what loads names, and knows how often they were asked for.
        redis: where it is kept who asks for what; None where there is none.
        instruments: where the state of loading ahead is shown.
        clock: the time that all replicas share, in seconds since 1970.
        types: what loads resource types, which are the same for everybody on a cluster; None loads none.
        people: what caches the sessions of active people at the start; None caches none.
        rules: names the policy that identities were made by: what was kept under another one is not loaded.
        answers: what asks clusters ahead for what is read most; None asks for nothing.
    """

    def __init__(
        self,
        names: Names,
        redis: Redis | None,
        instruments: Instruments,
        clock: Callable[[], float] = time.time,
        *,
        types: Ahead | None = None,
        people: People | None = None,
        rules: str = "",
        answers: AnswersAhead | None = None,
    ) -> None:
        self._answers = answers
        self._key = f"{KEY}:{rules}" if rules else KEY
        self._names, self._types, self._people = names, types, people
        self._redis, self._clock = redis, clock
        self._ahead = instruments.gauge(catalogue.CACHE_WARMING)
        self._ahead.set(1)
        self._judged_from = (0, 0)

    async def start(self) -> None:
        """Load the critical data, within the catalogue's deadline; the rest is loaded as it is asked for.

        A cluster that does not answer, or a Redis that is away, holds nobody up for longer.
        """
        try:
            async with asyncio.timeout(STARTUP_WARMING.named("deadline").number):
                await asyncio.gather(self._load_most_asked(), self._load_active(), self._load_answers())
        except TimeoutError:
            _log.warning("started before everything was loaded")

    async def remember(self) -> None:
        """Add what was asked for here to what all replicas know of the last hour; for nothing when Redis is away."""
        if self._answers is not None:
            await self._answers.remember()
        # Who may see only part of a cluster is another identity than the names in a row would make.
        uses = {asked: count for asked, count in self._names.uses().items() if not asked[1].scope}
        if self._redis is None or not uses:
            return
        now = self._clock()
        try:
            kept = await self._kept(now)
            for asked, count in uses.items():
                before = kept[asked].weight_at(now) if asked in kept else 0.0
                kept[asked] = _Use(before + count, now)
            rows = [
                [
                    cluster,
                    identity.user,
                    list(identity.groups),
                    kept[cluster, identity].weight,
                    kept[cluster, identity].at,
                ]
                for cluster, identity in _most(kept, now, MOST_KEPT)
            ]
            # Two replicas that write at once lose what one has added: an entry is loaded a little later then.
            await self._redis.set(self._key, orjson.dumps(rows), PREDICTIVE_WARMING.named("history").whole)
        except UnavailableError:
            _log.debug("what was asked for is not remembered")

    async def predict(self) -> None:
        """Load what was asked for most, as long as enough of what was loaded is used; called each `PREDICTED_EVERY_S`.

        Nobody waits for a cluster longer than for the next run: what it still loads is used when it comes.
        """
        if self._is_of_use():
            with suppress(TimeoutError):
                async with asyncio.timeout(PREDICTED_EVERY_S):
                    await asyncio.gather(self._load_most_asked(), self._load_answers(often=True))

    async def resume(self) -> None:
        """Judge anew whether loading ahead is of use; called once an hour."""
        self._judged_from = self._warmed()
        self._ahead.set(1)

    def _is_of_use(self) -> bool:
        loaded, used = (now - then for now, then in zip(self._warmed(), self._judged_from, strict=True))
        if loaded < JUDGED_FROM or used >= PREDICTIVE_WARMING.named("least_use").number * loaded:
            return True
        self._ahead.set(0)
        return False

    def _warmed(self) -> tuple[int, int]:
        loaded, used = self._names.warmed
        others = [each.warmed for each in (self._types, self._answers) if each is not None]
        return loaded + sum(each[0] for each in others), used + sum(each[1] for each in others)

    async def _load_answers(self, *, often: bool = False) -> None:
        if self._answers is not None:
            await self._answers.load(often=often)

    async def _load_active(self) -> None:
        """The sessions of active people, and the resource types where they are."""
        if self._people is None:
            return
        try:
            active = await self._people.warm_active(PREDICTIVE_WARMING.named("history").number)
        except KubeChatError as error:
            _log.warning("sessions not loaded ahead", code=error.code)
            return
        await self._load_types(active)

    async def _load_types(self, wanted: Iterable[Asked]) -> None:
        """Once for each cluster, as whoever comes first."""
        if self._types is not None:
            first = dict(reversed(list(wanted)))
            await asyncio.gather(*(self._try(self._types, cluster, identity) for cluster, identity in first.items()))

    async def _load_most_asked(self) -> None:
        now = self._clock()
        try:
            wanted = _most(await self._kept(now), now, MOST)
        except UnavailableError:
            return
        await asyncio.gather(
            self._load_types(wanted), *(self._try(self._names, cluster, identity) for cluster, identity in wanted)
        )

    async def _try(self, ahead: Ahead, cluster: str, identity: Impersonation) -> None:
        try:
            await ahead.warm(cluster, identity)
        except KubeChatError as error:
            _log.warning("not loaded ahead", cluster=cluster, code=error.code)

    async def _kept(self, now: float) -> dict[Asked, _Use]:
        """What was asked for within the last hour, as all replicas know it; UnavailableError without Redis."""
        if self._redis is None:
            return {}
        raw = await self._redis.get(self._key)
        try:
            rows = orjson.loads(raw) if raw else []
        except orjson.JSONDecodeError:
            rows = None
        if not isinstance(rows, list):
            _log.warning("what was asked for cannot be read")
            return {}
        oldest = now - PREDICTIVE_WARMING.named("history").number
        read = (_read(row) for row in rows)
        return {
            asked: use
            for asked, use in (each for each in read if each is not None)
            if oldest < use.at < now + CLOCKS_DIFFER_S
        }


def _most(kept: dict[Asked, _Use], now: float, number: int) -> list[Asked]:
    return sorted(kept, key=lambda asked: kept[asked].weight_at(now), reverse=True)[:number]


def _read(row: Any) -> tuple[Asked, _Use] | None:
    """One row; None for what is none, and for an identity that may not be used."""
    try:
        cluster, user, groups, weight, at = row
        identity = Impersonation(str(user), tuple(str(group) for group in groups))
        return (str(cluster), identity), _Use(float(weight), float(at))
    except (ForbiddenError, OverflowError, TypeError, ValueError):
        _log.warning("an entry of what was asked for cannot be read")
        return None
