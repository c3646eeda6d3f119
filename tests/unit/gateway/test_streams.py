"""An output that grows is bounded, counted and written down once, however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.parser import parse
from app.domain.commands.results import Chunk
from app.domain.identities import Person, Role
from app.errors import KubeChatError, NotFoundError, TooManyRequestsError, UnavailableError
from app.gateway.service import streams as module
from app.gateway.service.streams import StreamEnd, Streams, together
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

ANN = Person(uuid4(), "ann", "Ann", Role.OPERATOR)
COMMAND = parse("get pods -w", cluster="prod-eu", namespace="shop", clusters=("prod-eu",))


class Engine:
    """Gives these chunks, then does as it is told: ends, fails, or goes on without a word."""

    def __init__(self, chunks: list[Chunk], then: KubeChatError | None = None, *, goes_on: bool = False) -> None:
        self._chunks, self._then, self._goes_on = chunks, then, goes_on
        self.closed = False

    async def stream(self, *_: Any) -> AsyncGenerator[Chunk]:
        try:
            for chunk in self._chunks:
                yield chunk
            if self._then is not None:
                raise self._then
            if self._goes_on:
                await asyncio.Event().wait()
        finally:
            self.closed = True


class Run:
    """One stream: what was shown, what was recorded, how it ended."""

    def __init__(self, engine: Engine, instruments: Instruments | None = None, streams: Streams | None = None) -> None:
        self.engine = engine
        self.instruments = instruments or Instruments()
        self.streams = streams or Streams(engine, self.instruments)  # type: ignore[arg-type]
        self.shown: list[Chunk] = []
        self.events: list[dict[str, Any]] = []
        self.end = StreamEnd()
        self.begun = asyncio.Event()

    async def __call__(self) -> None:
        async def show(chunk: Chunk) -> None:
            self.shown.append(chunk)
            self.begun.set()

        await self.streams.run(ANN, COMMAND, show, self.events, self.end)

    def ended(self, reason: str) -> float:
        return self.instruments.value(catalogue.STREAMS_ENDED, verb="get", reason=reason)

    def recorded(self) -> tuple[str, str]:
        (event,) = self.events
        return event["outcome"], event["detail"]["stream"]


async def test_one_that_ends_by_itself_is_finished_and_what_came_together_is_shown_together() -> None:
    run = Run(Engine([Chunk("a\n"), Chunk("b\n"), Chunk(notes="no\n", status=1)]))
    await run()
    assert run.shown == [Chunk("a\nb\n", "no\n", 1)]
    assert (run.end.text, run.end.notes, run.end.status, run.end.size_bytes) == ("a\nb\n", "no\n", 1, 4)
    assert (run.ended("finished"), run.recorded()) == (1, ("ok", "finished"))
    assert run.instruments.value(catalogue.COMMANDS, verb="get", risk="read", outcome="ok") == 1
    assert run.instruments.value(catalogue.STREAMS) == 0


@pytest.mark.parametrize(
    ("error", "reason"), [(NotFoundError("There is none."), "refused"), (UnavailableError("Away."), "failed")]
)
async def test_one_that_fails_shows_what_came_before(error: KubeChatError, reason: str) -> None:
    run = Run(Engine([Chunk("a\n")], error))
    with pytest.raises(type(error)):
        await run()
    assert run.shown == [Chunk("a\n")]
    assert (run.ended(reason), run.recorded()) == (1, ("failed", reason))


async def test_one_that_its_person_stops_is_closed_and_written_down() -> None:
    run = Run(Engine([Chunk("a\n")], goes_on=True))
    task = asyncio.create_task(run())
    await run.begun.wait()
    assert run.instruments.value(catalogue.STREAMS) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert run.engine.closed
    assert (run.ended("stopped"), run.recorded()) == (1, ("ok", "stopped"))
    assert run.instruments.value(catalogue.STREAMS) == 0


async def test_one_that_lasts_too_long_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_S", 0.01)
    run = Run(Engine([Chunk("a\n")], goes_on=True))
    await run()
    assert run.shown[-1].notes.startswith("The stream ended after")
    assert (run.ended("time"), run.engine.closed) == (1, True)


async def test_one_that_grows_too_large_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    run = Run(Engine([Chunk("x" * 11)], goes_on=True))
    await run()
    assert "ask for less" in run.shown[-1].notes
    assert (run.ended("size"), run.engine.closed) == (1, True)


async def test_the_history_keeps_the_end_of_it_from_a_lines_beginning() -> None:
    end = StreamEnd()
    for number in range(20_000):
        end.add(Chunk(f"line {number}\n"))
    assert end.is_cut
    assert end.text.startswith("line ")
    assert end.text.endswith("line 19999\n")
    assert len(end.text) <= module.KEPT_BYTES


async def test_one_line_larger_than_what_is_kept_is_kept_in_no_part() -> None:
    end = StreamEnd()
    end.add(Chunk("x" * (module.KEPT_BYTES + 1)))
    assert (end.is_cut, end.text) == (True, "")


@pytest.mark.parametrize(("bound", "most"), [("MOST_OF_A_PERSON", 2), ("MOST_ON_A_REPLICA", 2)])
async def test_more_than_may_be_followed_at_once_are_refused_until_one_ends(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(module, bound, most)
    first = Run(Engine([Chunk("a\n")], goes_on=True))
    runs = [first, *(Run(first.engine, first.instruments, first.streams) for _ in range(most - 1))]
    tasks = [asyncio.create_task(run()) for run in runs]
    for run in runs:
        await run.begun.wait()
    refused = Run(first.engine, first.instruments, first.streams)
    with pytest.raises(TooManyRequestsError):
        await refused()
    assert refused.events == []
    tasks[0].cancel()
    await asyncio.gather(tasks[0], return_exceptions=True)
    again = asyncio.create_task(refused())
    await refused.begun.wait()
    for task in (*tasks, again):
        task.cancel()
    await asyncio.gather(*tasks, again, return_exceptions=True)


async def test_a_first_line_is_not_held_back_for_longer_than_the_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLUSH_S", 0.0)
    engine = Engine([Chunk("a\n"), Chunk("b\n")])
    assert [chunk async for chunk in together(engine.stream())] == [Chunk("a\n"), Chunk("b\n")]
