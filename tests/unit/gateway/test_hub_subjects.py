"""What only some people are told reaches their windows on every replica, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from app.domain.identities import Person, Role
from app.gateway.service.hub import Hub
from app.gateway.service.sign_in import Session
from app.telemetry.instruments import Instruments


class Window:
    def __init__(self, role: Role, *groups: str) -> None:
        self.session = Session(Person(uuid4(), "p", "P", role, groups), b"", datetime.now(UTC), "browser")
        self.events: list[dict[str, Any]] = []

    def offer(self, event: dict[str, Any]) -> None:
        self.events.append(event)

    def end(self, reason: str) -> None:
        raise AssertionError(reason)


class Redis:
    """Carries what is published to the other replica."""

    def __init__(self) -> None:
        self.others: list[Hub] = []

    async def publish(self, _: str, message: bytes) -> None:
        for hub in self.others:
            hub._receive(message)


async def test_one_of_each_list_is_told_wherever_their_window_is_open() -> None:
    redis = Redis()
    here, there = (Hub(name, redis, Instruments()) for name in ("gateway-1", "gateway-2"))  # type: ignore[arg-type]
    redis.others = [here, there]
    told = [Window(Role.ADMIN, "approvers"), Window(Role.OPERATOR, "approvers")]
    others = [Window(Role.VIEWER, "approvers"), Window(Role.ADMIN)]
    for window, hub in zip((*told, *others), (here, there, here, there), strict=True):
        hub.join(window)
    await here.to_subjects([["approvers"], ["role:admin", "role:operator"]], {"type": "approvals"})
    assert [window.events for window in told] == [[{"type": "approvals"}]] * 2
    assert [window.events for window in others] == [[], []]
