"""How the end of a turn is told and counted."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from app.domain.identities import Person, Role
from app.gateway.service.chat import ChatService
from app.gateway.service.turn import TurnOutput
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing


class SlowChats:
    """Conversations whose database does not answer."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def find(self, *_: Any) -> None:
        self.asked.set()
        await asyncio.Event().wait()


async def test_a_turn_that_its_person_stopped_is_told_once_as_stopped_and_counts_as_no_error() -> None:
    chats, instruments, tracing = SlowChats(), Instruments(), Tracing("gateway", "test")
    unused: Any = None
    service = ChatService(
        chats=chats,  # type: ignore[arg-type]
        engine=unused,
        fan_out=unused,
        streamed=unused,
        changes=unused,
        language=unused,
        trail=unused,
        refusals=unused,
        tracing=tracing,
        instruments=instruments,
    )
    shown: list[dict[str, Any]] = []

    async def show(event: dict[str, Any]) -> None:
        shown.append(event)

    person = Person(uuid4(), "ann", "Ann", Role.OPERATOR)
    turn = asyncio.create_task(service.say(person, uuid4(), "get pods", TurnOutput(uuid4(), show)))
    await chats.asked.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert [event["stopped"] for event in shown if event["state"] == "done"] == [True]
    assert instruments.value(catalogue.TURNS, operation_class="simple", outcome="error") == 0
    assert instruments.value(catalogue.TURNS, operation_class="simple", outcome="stopped") == 1
    tracing.close()
