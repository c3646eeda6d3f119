"""One chat turn's output: events in order, sent as they come and stored together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from slo.operation_class import OperationClass

Deliver = Callable[[dict[str, Any]], Awaitable[None]]


class TurnOutput:
    """Collects a turn's events and hands each to its reader at once.

    Args:
        turn: the turn's id, put into every event.
        deliver: sends one event; must not raise.

    Attributes:
        operation_class: which promise the turn is held to; set as soon as its plan is known, before it is carried out.
    """

    def __init__(self, turn: UUID, deliver: Deliver) -> None:
        self.turn = turn
        self.operation_class = OperationClass.SIMPLE
        self._deliver = deliver
        self._unstored: list[dict[str, Any]] = []

    async def emit(self, event: dict[str, Any]) -> None:
        """Send an event that belongs to the conversation's history."""
        event = {**event, "turn": str(self.turn)}
        self._unstored.append(event)
        await self._deliver(event)

    async def show(self, event: dict[str, Any]) -> None:
        """Send an event that is of the moment only: progress, a turn's start and end."""
        await self._deliver({**event, "turn": str(self.turn)})

    def take_unstored(self) -> list[dict[str, Any]]:
        """The events emitted since the last call, for storing."""
        taken, self._unstored = self._unstored, []
        return taken
