"""Live tables: bounded, as the person who looks, written down, and over with the window or its rights."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.following.live import Update
from app.domain.identities import Person, Role
from app.errors import InvalidInputError, TooManyRequestsError, UnavailableError
from app.gateway.service import live as service
from app.gateway.service.live import MOST_OF_A_PERSON, LiveTables
from app.infra.kubernetes.impersonation import Impersonation
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

LINE = "kubectl get pods -n shop"


class Engine:
    """Tells one update, then nothing, or fails."""

    cluster_names = ("prod-eu",)

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.asked: list[tuple[str, Impersonation, bool]] = []
        self.closed = 0

    async def live(self, command: Any, identity: Impersonation, keep: Any) -> AsyncGenerator[Update]:
        self.asked.append((command.line(), identity, keep is not None))
        try:
            if self.failure is not None:
                raise self.failure
            yield Update(changed={"shop/web": ["web"]}, total=1)
            await asyncio.Event().wait()
        finally:
            self.closed += 1


class Trail:
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    async def record(self, events: list[dict[str, Any]]) -> bool:
        self.events += events
        return True


class Room:
    """Live tables with all that they need."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.engine, self.trail, self.instruments = Engine(failure), Trail(), Instruments()
        engine: Any = self.engine
        trail: Any = self.trail
        self.live = LiveTables(engine, trail, self.instruments)
        self.told: list[dict[str, Any]] = []

    def look(self, person: Person, line: str = LINE, view: dict[str, Any] | None = None) -> asyncio.Task[str]:
        return asyncio.create_task(self.live.run(person, line, "prod-eu", "shop", view, self.told.append))

    def ended(self, reason: str) -> float:
        return self.instruments.value(catalogue.LIVE_TABLES_ENDED, reason=reason)


def person(name: str = "ann") -> Person:
    return Person(uuid4(), name, name.title(), Role.VIEWER)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def over(*tasks: asyncio.Task[str]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_it_is_watched_as_the_person_who_looks_until_they_look_away_and_written_down() -> None:
    room, ann = Room(), person()
    looking = room.look(ann)
    await settled()
    ((line, identity, chosen),) = room.engine.asked
    assert (line, identity.user, identity.groups, chosen) == (LINE, "kubechat:ann", ("kubechat:viewers",), False)
    assert room.told == [{"changed": [("shop/web", ["web"])], "removed": [], "total": 1}]
    assert room.instruments.value(catalogue.LIVE_TABLES) == 1
    await over(looking)
    assert room.engine.closed == 1
    assert room.instruments.value(catalogue.LIVE_TABLES) == 0
    (event,) = room.trail.events
    assert (event["user_name"], event["command"], event["outcome"]) == ("ann", LINE, "ok")
    assert event["detail"]["live"] == "stopped"


@pytest.mark.parametrize(
    ("line", "view"),
    [
        ("kubectl delete pod web -n shop", None),
        ("kubectl get pods -w", None),
        ("kubectl get pods -o yaml", None),
        ("kubectl logs web -f", None),
        (LINE, {"limit": 3}),
        (LINE, {"count": True}),
    ],
)
async def test_nothing_but_a_table_of_one_type_can_stay_current(line: str, view: dict[str, Any] | None) -> None:
    room = Room()
    with pytest.raises(InvalidInputError):
        await room.look(person(), line, view)
    assert room.engine.asked == []


async def test_what_was_chosen_of_a_table_is_chosen_of_what_changes() -> None:
    room = Room()
    looking = room.look(person(), view={"where": [{"column": "STATUS", "op": "!=", "value": "Running"}]})
    await settled()
    assert [chosen for *_, chosen in room.engine.asked] == [True]
    await over(looking)


async def test_a_person_has_so_many_at_once_and_another_one_has_theirs() -> None:
    room, ann = Room(), person()
    looking = [room.look(ann) for _ in range(MOST_OF_A_PERSON)]
    await settled()
    with pytest.raises(TooManyRequestsError):
        await room.look(ann)
    other = room.look(person("bob"))
    await settled()
    assert len(room.engine.asked) == MOST_OF_A_PERSON + 1
    await over(looking[0])
    again = room.look(ann)
    await settled()
    assert len(room.engine.asked) == MOST_OF_A_PERSON + 2
    assert room.ended("not_begun") == 1
    await over(*looking[1:], other, again)


async def test_a_replica_has_so_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ON_A_REPLICA", 2)
    room = Room()
    looking = [room.look(person(name)) for name in ("ann", "bob")]
    await settled()
    with pytest.raises(TooManyRequestsError):
        await room.look(person("eve"))
    await over(*looking)


async def test_it_ends_by_itself_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LONGEST_S", 0.01)
    room = Room()
    assert await room.look(person()) == "time"
    assert (room.ended("time"), room.engine.closed) == (1, 1)


async def test_a_cluster_that_goes_away_ends_it_and_that_is_told() -> None:
    room = Room(UnavailableError("The cluster prod-eu does not answer.", code="cluster_unavailable"))
    with pytest.raises(UnavailableError):
        await room.look(person())
    assert room.ended("failed") == 1
    assert room.trail.events[0]["outcome"] == "failed"
