"""Tables that stay true: as the person who looks, row by row, and right again whatever the watch missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.following import live as following
from app.domain.commands.following.live import Keep, Update
from app.domain.commands.model.reads import Get
from app.errors import InvalidInputError
from app.gateway.service.view import Condition, View
from app.infra.kubernetes.errors import KubernetesForbiddenError
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.support.demo import DemoProcess

MAPS = "/clusters/prod-eu/api/v1/namespaces/qa/configmaps"
SOON_S = 20.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "EVERY_S", 0.05)
    monkeypatch.setattr(following, "AGES_S", 60.0)


@pytest.fixture
async def made(demo: DemoProcess) -> AsyncIterator[Any]:
    """Makes and labels ConfigMaps of the test's own."""
    names: set[str] = set()

    def make(name: str) -> None:
        names.add(name)
        demo.ask("POST", MAPS, {"metadata": {"name": name}})

    yield make
    for name in names:
        _delete(demo, name)


def _delete(demo: DemoProcess, name: str) -> None:
    if name in {item["metadata"]["name"] for item in demo.ask("GET", MAPS)["items"]}:
        demo.ask("DELETE", f"{MAPS}/{name}")


def looking(
    engine: Engine, line: str, who: Impersonation, keep: Keep | None = None
) -> aclosing[AsyncGenerator[Update]]:
    asked = command(line)
    assert isinstance(asked, Get)
    return aclosing(engine.live(asked, who, keep))


async def following_one(updates: AsyncGenerator[Update]) -> Update:
    async with asyncio.timeout(SOON_S):
        return await anext(updates)


async def test_a_table_is_told_whole_and_then_by_the_rows_that_change(
    engine: Engine, admin: Impersonation, demo: DemoProcess, made: Any
) -> None:
    made("live-b")
    async with looking(engine, "get configmaps -n qa -l '!nothing'", admin) as updates:
        first = await following_one(updates)
        assert first.table is not None
        assert [column.name for column in first.table.columns] == ["NAME", "DATA", "AGE"]
        assert "qa/live-b" in first.keys
        total = first.total
        made("live-a")
        added = await following_one(updates)
        assert (list(added.changed), added.removed, added.total) == (["qa/live-a"], (), total + 1)
        assert added.changed["qa/live-a"][:2] == ["live-a", "0"]
        found = demo.ask("GET", f"{MAPS}/live-b")
        demo.ask("PUT", f"{MAPS}/live-b", {**found, "data": {"one": "1"}})
        changed = await following_one(updates)
        assert changed.changed["qa/live-b"][:2] == ["live-b", "1"]
        demo.ask("DELETE", f"{MAPS}/live-a")
        removed = await following_one(updates)
        assert (removed.changed, removed.removed, removed.total) == ({}, ("qa/live-a",), total)


async def test_what_changes_at_once_is_told_at_once(
    engine: Engine, admin: Impersonation, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVERY_S", 1.0)
    async with looking(engine, "get configmaps -n qa", admin) as updates:
        await following_one(updates)
        for number in range(6):
            made(f"live-{number}")
        told = [await following_one(updates)]
        while sum(len(update.changed) for update in told) < 6:
            told.append(await following_one(updates))
        assert len(told) <= 3


async def test_rows_that_were_not_chosen_are_not_told(engine: Engine, admin: Impersonation, made: Any) -> None:
    view = View((Condition("name", "!=", "live-hidden"),))
    async with looking(engine, "get configmaps -n qa", admin, view.apply) as updates:  # type: ignore[arg-type]
        await following_one(updates)
        made("live-hidden")
        made("live-shown")
        told = await following_one(updates)
        assert list(told.changed) == ["qa/live-shown"]


async def test_ages_grow_without_an_event(
    engine: Engine, admin: Impersonation, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made("live-young")
    monkeypatch.setattr(following, "AGES_S", 0.5)
    async with looking(engine, "get configmaps -n qa", admin) as updates:
        first = await following_one(updates)
        assert first.table is not None
        told = await following_one(updates)
        at = first.keys.index("qa/live-young")
        assert told.changed["qa/live-young"][-1] != first.table.rows[at][-1]


async def test_a_list_that_is_read_anew_puts_right_what_the_watch_kept_to_itself(
    engine: Engine, admin: Impersonation, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: Any) -> AsyncGenerator[Any]:
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(following, "watch", silent)
    monkeypatch.setattr(following, "RELIST_S", 0.2)
    monkeypatch.setattr(following, "AGES_S", 60.0)
    async with looking(engine, "get configmaps -n qa", admin) as updates:
        await following_one(updates)
        made("live-missed")
        told = await following_one(updates)
        assert "qa/live-missed" in told.changed


async def test_after_410_the_list_is_read_anew_and_only_what_differs_is_told(
    engine: Engine, admin: Impersonation, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def expired(*_: Any) -> AsyncGenerator[Any]:
        made("live-between")
        monkeypatch.undo()
        raise following.ExpiredError
        yield

    monkeypatch.setattr(following, "watch", expired)
    async with looking(engine, "get configmaps -n qa", admin) as updates:
        await following_one(updates)
        told = await following_one(updates)
        assert list(told.changed) == ["qa/live-between"]
        assert told.removed == ()


async def test_who_may_not_look_is_refused(engine: Engine, viewer: Impersonation) -> None:
    async with looking(engine, "get clusterrolebindings", viewer) as updates:
        with pytest.raises(KubernetesForbiddenError):
            await anext(updates)


@pytest.mark.parametrize(
    "line", ["get pods,services", "get pods --sort-by=.metadata.name", "get pods -o yaml", "get all"]
)
async def test_what_is_no_table_of_one_type_cannot_stay_current(
    engine: Engine, admin: Impersonation, line: str
) -> None:
    async with looking(engine, line, admin) as updates:
        with pytest.raises(InvalidInputError):
            await anext(updates)
