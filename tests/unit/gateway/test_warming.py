"""Names are loaded ahead for those who asked most within the hour, as long as that is of use, and hold nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import orjson
import pytest

from app.errors import UnavailableError
from app.gateway.jobs import start_warming
from app.gateway.service.hub import Hub
from app.gateway.service.language import Language
from app.gateway.service.warming import JUDGED_FROM, KEY, MOST, Asked, Warming
from app.infra.cache.caches import Caches
from app.infra.kubernetes.impersonation import Impersonation
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.support.clock import Clock
from tests.support.scripted_redis import ScriptedRedis

NOW = 1_800_000_000.0
MINUTE = 60


def asked(cluster: str = "prod", user: str = "ann") -> Asked:
    return (cluster, Impersonation(user, ("operators",)))


def row(cluster: str = "prod", user: str = "ann", weight: float = 5, at: float = NOW) -> list[Any]:
    return [cluster, user, ["operators"], weight, at]


class FakeTypes:
    """Keeps for which clusters resource types were loaded ahead, and as whom."""

    def __init__(self) -> None:
        self.warmed = (0, 0)
        self.loaded: list[Asked] = []

    async def warm(self, cluster: str, identity: Impersonation) -> None:
        if cluster == "broken":
            raise UnavailableError("away")
        self.loaded.append((cluster, identity))


class FakePeople:
    """Who was active, and within which time that was asked."""

    def __init__(self, *active: Asked, away: bool = False) -> None:
        self.active, self.away = list(active), away
        self.within_s: list[float] = []

    async def warm_active(self, within_s: float) -> list[Asked]:
        self.within_s.append(within_s)
        if self.away:
            raise UnavailableError("away")
        return self.active


class FakeNames:
    """Keeps what was loaded ahead."""

    def __init__(self) -> None:
        self.asked: dict[Asked, int] = {}
        self.warmed = (0, 0)
        self.loaded: list[Asked] = []
        self.broken = ""
        self.never = ""

    def uses(self) -> dict[Asked, int]:
        found, self.asked = self.asked, {}
        return found

    async def warm(self, cluster: str, identity: Impersonation) -> None:
        if cluster == self.broken:
            raise UnavailableError("away")
        if cluster == self.never:
            await asyncio.Event().wait()
        self.loaded.append((cluster, identity))


class Replica:
    """One replica that loads ahead; all share what was asked for."""

    def __init__(self, redis: ScriptedRedis | None, people: FakePeople | None = None) -> None:
        self.names, self.types, self.instruments, self.now = FakeNames(), FakeTypes(), Instruments(), NOW
        shared: Any = redis
        self.warming = Warming(self.names, shared, self.instruments, lambda: self.now, types=self.types, people=people)

    async def ask(self, *those: Asked, times: int = 1) -> None:
        self.names.asked = dict.fromkeys(those, times)
        await self.warming.remember()

    async def predicted(self) -> list[Asked]:
        self.names.loaded = []
        await self.warming.predict()
        return self.names.loaded

    @property
    def ahead(self) -> float:
        return self.instruments.value(catalogue.CACHE_WARMING)


@pytest.fixture
def redis() -> ScriptedRedis:
    return ScriptedRedis()


@pytest.fixture
def replica(redis: ScriptedRedis) -> Replica:
    return Replica(redis)


def keep(redis: ScriptedRedis, *rows: Any) -> None:
    redis.values[KEY] = orjson.dumps(rows)


async def test_a_replica_starts_with_what_was_asked_of_any_replica(redis: ScriptedRedis, replica: Replica) -> None:
    await replica.ask(asked("prod"), asked("test", "bob"))
    new = Replica(redis)
    await new.warming.start()
    assert set(new.names.loaded) == {asked("prod"), asked("test", "bob")}


async def test_only_what_was_asked_for_most_is_loaded_most_first(redis: ScriptedRedis, replica: Replica) -> None:
    for number in range(MOST + 5):
        await replica.ask(asked(user=f"person-{number}"), times=number + 1)
    assert await replica.predicted() == [asked(user=f"person-{number}") for number in range(MOST + 4, 4, -1)]


async def test_a_start_waits_no_longer_than_its_deadline(
    redis: ScriptedRedis, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines: list[float | None] = []
    timeout = asyncio.timeout

    def soon(delay: float | None) -> asyncio.Timeout:
        deadlines.append(delay)
        return timeout(0.01)

    monkeypatch.setattr("app.gateway.service.warming.asyncio.timeout", soon)
    keep(redis, row("slow"), row("prod"))
    replica.names.never = "slow"
    await replica.warming.start()
    assert (replica.names.loaded, deadlines) == ([asked("prod")], [10])


async def test_a_cluster_that_does_not_answer_holds_up_none_of_the_others(
    redis: ScriptedRedis, replica: Replica
) -> None:
    keep(redis, row("broken", weight=9), row("prod"))
    replica.names.broken = "broken"
    await replica.warming.start()
    assert await replica.predicted() == [asked("prod")]


@pytest.mark.parametrize(
    "broken",
    [
        [],
        5,
        None,
        {},
        ["prod", "ann", ["operators"], 5],
        [*row(), 1],
        row(weight="many"),  # type: ignore[arg-type]
        row(at=None),  # type: ignore[arg-type]
        ["prod", "ann", None, 5, NOW],
        row(user="system:admin"),
        ["prod", "ann", ["system:masters"], 5, NOW],
        row(user="ann\r\nx-injected: 1"),
        row(user=""),
        row(at=NOW - 3600),
        row(at=NOW + 3600),
    ],
)
async def test_an_entry_that_is_none_or_may_not_be_is_left_out_and_the_others_are_not(
    redis: ScriptedRedis, replica: Replica, broken: Any
) -> None:
    keep(redis, broken, row("test"))
    await replica.warming.start()
    assert replica.names.loaded == [asked("test")]


@pytest.mark.parametrize("broken", [b"{", b"", b"null", b"{}", b"5", b'"text"', b"\xff"])
async def test_what_cannot_be_read_is_as_good_as_nothing(redis: ScriptedRedis, replica: Replica, broken: bytes) -> None:
    redis.values[KEY] = broken
    await replica.warming.start()
    assert replica.names.loaded == []
    await replica.ask(asked())
    assert await replica.predicted() == [asked()]


async def test_without_redis_nothing_is_loaded_ahead_and_nothing_fails(redis: ScriptedRedis) -> None:
    redis.away = True
    for replica in (Replica(redis), Replica(None)):
        await replica.warming.start()
        await replica.ask(asked())
        assert await replica.predicted() == []


async def test_what_was_asked_for_lately_counts_more_and_after_an_hour_it_counts_no_more(
    redis: ScriptedRedis, replica: Replica
) -> None:
    await replica.ask(asked("old"), times=5)
    replica.now += 30 * MINUTE
    await replica.ask(asked("new"), times=2)
    assert await replica.predicted() == [asked("new"), asked("old")], "a quarter of five is less than two"
    replica.now += 29 * MINUTE
    assert asked("old") in await replica.predicted()
    replica.now += MINUTE
    assert await replica.predicted() == [asked("new")]
    await replica.ask(asked("third"))
    assert "old" not in redis.values[KEY].decode()
    assert redis.ttls_s[KEY] == 3600


async def test_how_many_replicas_remember_changes_nothing_about_how_long(redis: ScriptedRedis) -> None:
    replicas = [Replica(redis) for _ in range(5)]
    await replicas[0].ask(asked("prod"), times=2)
    for each in replicas:
        await each.ask(asked("test"))
    assert orjson.loads(redis.values[KEY]) == [
        ["test", "ann", ["operators"], 5, NOW],
        ["prod", "ann", ["operators"], 2, NOW],
    ]


async def test_another_replicas_clock_may_be_a_little_ahead(redis: ScriptedRedis, replica: Replica) -> None:
    keep(redis, row(at=NOW + 2))
    assert await replica.predicted() == [asked()]


async def test_loading_ahead_stops_when_under_a_fifth_of_it_is_used_and_is_tried_again(
    redis: ScriptedRedis, replica: Replica
) -> None:
    keep(redis, row())
    for loaded, used, of_use in ((JUDGED_FROM - 1, 0, True), (100, 20, True), (100, 19, False)):
        replica.names.warmed = (loaded, used)
        assert (await replica.predicted(), replica.ahead) == ([asked()] if of_use else [], of_use)
    await replica.warming.resume()
    assert replica.ahead == 1
    assert await replica.predicted() == [asked()]
    replica.names.warmed = (200, 38)
    assert await replica.predicted() == [], "what was judged before does not count again"


async def test_a_start_loads_the_resource_types_of_the_clusters_where_people_were_active_once_for_each(
    redis: ScriptedRedis,
) -> None:
    people = FakePeople(asked("prod", "ann"), asked("broken"), asked("prod", "bob"), asked("test", "bob"))
    replica = Replica(redis, people)
    await replica.warming.start()
    assert replica.types.loaded == [asked("test", "bob"), asked("prod", "ann")], "as whoever was active last"
    assert people.within_s == [3600]
    assert replica.names.loaded == [], "fifteen requests each are for those who asked"


async def test_where_sessions_cannot_be_read_the_rest_is_loaded(redis: ScriptedRedis) -> None:
    replica = Replica(redis, FakePeople(away=True))
    keep(redis, row("prod"))
    await replica.warming.start()
    assert replica.names.loaded == replica.types.loaded == [asked("prod")]


async def test_resource_types_are_loaded_ahead_with_the_names_and_their_use_is_judged_with_theirs(
    redis: ScriptedRedis, replica: Replica
) -> None:
    keep(redis, row(user="ann", weight=9), row(user="bob"))
    assert len(await replica.predicted()) == 2
    assert replica.types.loaded == [asked(user="ann")]
    replica.names.warmed, replica.types.warmed = (80, 10), (20, 10)
    assert await replica.predicted()
    replica.types.warmed = (21, 10)
    assert not await replica.predicted()


@pytest.mark.parametrize("others", ["none", "one that never answers"])
async def test_what_is_asked_for_most_never_ends_between_two_runs_and_is_loaded_no_more_often_than_that_takes(
    redis: ScriptedRedis, monkeypatch: pytest.MonkeyPatch, others: str
) -> None:
    loaded: list[str] = []

    async def vocabulary(cluster: str, _: Impersonation) -> dict[str, Any]:
        if cluster == "slow":
            await asyncio.Event().wait()
        loaded.append(cluster)
        return {"version": "1"}

    monkeypatch.setattr("app.gateway.service.language.vocabulary", vocabulary)
    keep(redis, row("prod"), *([row("slow")] if others != "none" else []))
    instruments, caches, clock = Instruments(), Caches(), Clock(monkeypatch)
    unasked: Any = {name: name for name in ("prod", "slow")}
    language = Language(unasked, unasked, Hub("gateway-1", None, instruments), instruments, caches)
    shared: Any = redis
    running: list[asyncio.Task[Any]] = []

    def start(name: str, work: Coroutine[Any, Any, None]) -> None:
        running.append(asyncio.create_task(work, name=name))

    clock.at(0)
    start_warming(start, Warming(language, shared, instruments, lambda: NOW), instruments)
    for half_seconds in range(1, 4 * 60):
        clock.at(half_seconds / 2)
        for _ in range(20):
            await asyncio.sleep(0)
        caches.sweep()
        assert [state.entries for state in caches.states()] == [1], f"after {half_seconds / 2} s"
    assert 4 <= len(loaded) <= 1 + 120 // 21
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
