"""A model's turn in the gateway: nothing that the language service passes on of it is trusted, and nobody pays unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.results import OutputResult
from app.domain.identities import Person, Role
from app.errors import InvalidInputError, UnavailableError
from app.gateway.clients.nlp import LanguagePlan
from app.gateway.service.models import ModelAnswers, Turn
from app.gateway.service.turn import TurnOutput
from app.gateway.store.chats import ChatSession
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

NOW = datetime(2026, 8, 4, tzinfo=UTC)
BEGUN = {"event": "model", "name": "llama", "prompt_tokens": 40}
USAGE = {"event": "usage", "prompt": 100, "completion": 20}
EMBEDDED = LanguagePlan("clarify", say="I did not understand that.", model="proposals")
ANSWER = {"event": "plan", "behaviour": "answer", "say": "Fine."}


def wants(line: str) -> dict[str, Any]:
    return {"event": "calls", "calls": [{"id": "1", "name": "read", "arguments": "{}", "command": line}]}


def proposal(*lines: str) -> dict[str, Any]:
    return {"event": "plan", "behaviour": "run", "commands": list(lines), "say": "Do it."}


class House:
    """The service with everything around it made up; `script` is what the language service answers, one by one."""

    def __init__(self, *script: list[dict[str, Any]], daily: int = 0, turn_s: float = 60, away: bool = False) -> None:
        self.script, self.away, self.stalled = list(script), away, False
        self.told: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.recorded: list[dict[str, Any]] = []
        self.spending: list[tuple[int, int]] = []
        self.instruments = Instruments()
        self.began = asyncio.Event()
        of: Any = self
        self.models = ModelAnswers(
            language=of,
            fan_out=of,
            trail=of,
            refusals=_Refusals(),  # type: ignore[arg-type]
            tokens=of,
            cluster_names=lambda: ["prod-eu"],
            instruments=self.instruments,
            daily_tokens=daily,
            turn_s=turn_s,
            now=lambda: NOW,
        )

    async def answer(self, *_: Any, **__: Any) -> AsyncIterator[dict[str, Any]]:
        for event in self.script.pop(0):
            yield event
        if self.stalled:
            self.began.set()
            await asyncio.Event().wait()

    async def run(self, _: Any, commands: Any, show: Any, events: list[Any], **__: Any) -> None:
        self.asked.append(commands[0].line())
        events.append({"kind": "read", "command": commands[0].line()})
        await show(OutputResult(commands[0].line(), "prod-eu", "cart password=canary-1"))

    async def record(self, events: list[dict[str, Any]]) -> None:
        self.recorded += events

    async def spent(self, *_: Any) -> int:
        if self.away:
            raise UnavailableError("The database is away.")
        return sum(prompt + completion for prompt, completion in self.spending)

    async def add(self, _: Any, __: Any, prompt: int, completion: int) -> None:
        if self.away:
            raise UnavailableError("The database is away.")
        self.spending.append((prompt, completion))

    async def prune(self, _: Any) -> int:
        return 0

    async def turn(self, scope: str = "proposals") -> LanguagePlan | None:
        async def deliver(event: dict[str, Any]) -> None:
            self.told.append(event)

        person = Person(uuid4(), "ann", "Ann", Role.OPERATOR)
        chat = ChatSession(uuid4(), "", "prod-eu", "shop", NOW, NOW, 0)
        turn = Turn(person, chat, [], "make cart faster", scope)
        return await self.models.instead_of(EMBEDDED, turn, TurnOutput(uuid4(), deliver))

    def counted(self, outcome: str) -> float:
        return self.instruments.value(catalogue.MODEL_TURNS, outcome=outcome)


class _Refusals:
    async def record(self, *_: Any, **__: Any) -> None:
        return


async def test_an_answer_in_words_leaves_nothing_to_follow() -> None:
    house = House([BEGUN, USAGE, ANSWER])
    assert await house.turn() is None
    assert house.spending == [(100, 20)]
    assert house.counted("answered") == 1


@pytest.mark.parametrize(
    ("lines", "behaviour"),
    [
        (["kubectl get pods"], "run"),
        (["kubectl get pods", "kubectl scale deployment/cart --replicas=3"], "confirm"),
        (["kubectl scale deployment/cart --replicas=3", "kubectl delete deployment cart"], "strong"),
    ],
)
async def test_what_a_proposal_is_its_commands_say_and_not_its_maker(lines: list[str], behaviour: str) -> None:
    plan = await House([BEGUN, USAGE, proposal(*lines)]).turn()
    assert plan is not None
    assert (plan.behaviour, plan.backend) == (behaviour, "model")


@pytest.mark.parametrize(
    "end",
    [
        proposal("kubectl delete deployment cart"),
        {**ANSWER, "commands": ["kubectl delete deployment cart"]},
        {**ANSWER, "behaviour": "run", "commands": ["kubectl frobnicate"]},
    ],
)
async def test_a_change_that_was_not_asked_for_is_not_taken(end: dict[str, Any]) -> None:
    house = House([BEGUN, USAGE, end])
    assert await house.turn("reads") is EMBEDDED
    assert house.counted("failed") == 1


@pytest.mark.parametrize(
    "line",
    ["kubectl delete deployment cart", "kubectl logs cart -f", "kubectl config use-context prod-eu", "ls", ""],
)
async def test_what_is_no_read_is_not_run_whoever_passed_it_on(line: str) -> None:
    house = House([BEGUN, USAGE, wants(line)], [BEGUN, USAGE, ANSWER])
    await house.turn()
    assert house.asked == []
    assert house.recorded == []


async def test_reads_are_written_down_as_the_persons_and_as_a_models_wish() -> None:
    house = House([BEGUN, USAGE, wants("kubectl get pods")], [BEGUN, USAGE, ANSWER])
    await house.turn()
    assert house.asked == ["kubectl get pods -n shop"]
    assert [event["detail"] for event in house.recorded] == [{"asked_by": "model"}]
    assert house.instruments.value(catalogue.MODEL_STEPS, "_sum") == 1


async def test_a_turn_without_an_end_is_given_up() -> None:
    rounds = [[BEGUN, USAGE, wants("kubectl get pods")] for _ in range(20)]
    house = House(*rounds)
    assert await house.turn() is EMBEDDED
    assert len(house.asked) == 6
    assert house.told[-1]["code"] == "model_steps"


async def test_a_turn_that_takes_too_long_is_given_up_and_said() -> None:
    house = House([BEGUN], turn_s=0.05)
    house.stalled = True
    assert await house.turn() is EMBEDDED
    assert house.told[-1]["code"] == "model_turn_timeout"


async def test_who_leaves_pays_for_what_was_said_until_then() -> None:
    house = House([BEGUN, {"event": "delta", "text": "Cart is busy, and so on."}])
    house.stalled = True
    turn = asyncio.create_task(house.turn())
    await house.began.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert house.spending == [(40, 7)]
    assert house.counted("stopped") == 1


async def test_nobody_pays_for_an_answer_that_failed_before_its_first_word() -> None:
    house = House()

    async def failing(*_: Any, **__: Any) -> AsyncIterator[dict[str, Any]]:
        yield BEGUN
        raise UnavailableError("The model does not work.", code="model_unavailable")

    house.answer = failing  # type: ignore[method-assign]
    assert await house.turn() is EMBEDDED
    assert house.spending == []


async def test_a_day_s_tokens_end_between_two_rounds_too() -> None:
    house = House([BEGUN, USAGE, wants("kubectl get pods")], [BEGUN, USAGE, ANSWER], daily=120)
    assert await house.turn() is EMBEDDED
    assert house.told[-1]["code"] == "model_tokens_spent"
    assert house.counted("over_limit") == 1


async def test_a_database_that_is_away_costs_no_answer_where_there_is_no_limit() -> None:
    house = House([BEGUN, USAGE, ANSWER], away=True)
    assert await house.turn() is None
    assert house.told[-1]["tokens_today"] is None
    limited = House([BEGUN, USAGE, ANSWER], away=True, daily=10)
    assert await limited.turn() is EMBEDDED, "closed where it is not known"


async def test_an_answer_that_holds_neither_words_nor_commands_is_none() -> None:
    assert await House([BEGUN, USAGE, {"event": "plan", "behaviour": "confirm"}]).turn() is EMBEDDED


async def test_a_fault_on_the_way_leaves_the_embedded_plan() -> None:
    house = House([])

    async def broken(*_: Any, **__: Any) -> AsyncIterator[dict[str, Any]]:
        raise InvalidInputError("no")
        yield {}

    house.answer = broken  # type: ignore[method-assign]
    assert await house.turn() is EMBEDDED
