"""A followed output as the lines of one answer: its end, a fault, a session that ends, a caller who leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import orjson
import pytest

from app.domain.commands.parser import parse
from app.domain.commands.results import Chunk
from app.domain.identities import Person, Role
from app.errors import NotFoundError, NotSignedInError
from app.gateway.routes import streams as module
from app.gateway.routes.streams import _Stream
from app.gateway.service.streams import StreamEnd

ANN = Person(uuid4(), "ann", "Ann", Role.OPERATOR)
COMMAND = parse("get pods -w", cluster="prod-eu", namespace="shop", clusters=("prod-eu",))
Run = Callable[[Callable[[Chunk], Awaitable[None]], list[dict[str, Any]], StreamEnd], Awaitable[None]]


class Parts:
    """What the route uses, with a stream that does as it is told."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.streams = self.refusals = self.trail = self
        self.recorded: list[Any] = []

    async def run(self, _person: Any, _command: Any, show: Any, events: Any, end: StreamEnd) -> None:
        try:
            await self._run(show, events, end)
        finally:
            events.append("the stream's event")

    async def record(self, *what: Any, **_: Any) -> None:
        self.recorded.append(what[0] if len(what) == 1 else what[1])


def stream(parts: Parts) -> _Stream:
    session, request = SimpleNamespace(person=ANN), SimpleNamespace()
    return _Stream(request, "get pods -w", COMMAND, session, parts)  # type: ignore[arg-type]


async def lines(of: _Stream) -> list[dict[str, Any]]:
    async with asyncio.timeout(10), aclosing(of.lines()) as found:
        return [orjson.loads(line) async for line in found]


async def test_every_line_comes_and_the_end_last() -> None:
    async def run(show: Any, _events: Any, end: StreamEnd) -> None:
        for number in range(40):  # more than may wait
            await show(Chunk(f"{number}\n"))
        end.reason, end.status = "finished", 1

    parts = Parts(run)
    *chunks, last = await lines(stream(parts))
    assert [chunk["text"] for chunk in chunks] == [f"{number}\n" for number in range(40)]
    assert last == {"end": "finished", "status": 1}
    assert parts.recorded == [["the stream's event"]]


async def test_a_refusal_is_the_last_line_and_written_down() -> None:
    refused = NotFoundError("There is none.")

    async def run(show: Any, *_: Any) -> None:
        await show(Chunk("a\n"))
        raise refused

    parts = Parts(run)
    first, last = await lines(stream(parts))
    assert (first["text"], last["error"], last["message"], last["status"]) == ("a\n", "not_found", "There is none.", 1)
    assert parts.recorded == [refused, ["the stream's event"]]


async def test_a_fault_of_ours_ends_the_answer() -> None:
    async def run(*_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await lines(stream(Parts(run)))


async def test_a_session_that_was_ended_ends_what_it_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(*_: Any) -> None:
        await asyncio.Event().wait()

    async def ended(_: Any) -> None:
        raise NotSignedInError("You are not signed in; sign in first.")

    monkeypatch.setattr(module, "RECHECK_S", 0.0)
    monkeypatch.setattr(module, "get_session", ended)
    parts = Parts(run)
    (last,) = await lines(stream(parts))
    assert last["error"] == "not_signed_in"
    assert parts.recorded == [["the stream's event"]]


async def test_someone_whose_rights_change_goes_on_under_the_new_ones_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(*_: Any) -> None:
        await asyncio.Event().wait()

    async def demoted(_: Any) -> Any:
        return SimpleNamespace(person=replace(ANN, role=Role.VIEWER))

    monkeypatch.setattr(module, "RECHECK_S", 0.0)
    monkeypatch.setattr(module, "get_session", demoted)
    parts = Parts(run)
    (last,) = await lines(stream(parts))
    assert (last["error"], last["status"]) == ("rights_changed", 1)
    assert parts.recorded == [["the stream's event"]]


async def test_a_caller_who_leaves_ends_the_stream() -> None:
    async def run(show: Any, *_: Any) -> None:
        await show(Chunk("a\n"))
        await asyncio.Event().wait()

    parts = Parts(run)
    async with asyncio.timeout(10), aclosing(stream(parts).lines()) as found:
        await anext(found)
    assert parts.recorded == [["the stream's event"]]
