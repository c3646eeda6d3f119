"""What waits for the audit service gets there, whatever waits beside it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson

from app.errors import InternalError
from app.gateway.service.audit_trail import AuditTrail
from app.telemetry.instruments import Instruments


class FakeAudit:
    """Refuses requests over 1 MiB, and one event for its form."""

    def __init__(self, refused: str = "") -> None:
        self.refused = refused
        self.kept: list[str] = []

    async def record(self, events: list[dict[str, Any]]) -> None:
        if len(orjson.dumps(events)) > 2**20 or any(event["event_id"] == self.refused for event in events):
            raise InternalError("refused", code="audit_refused")
        self.kept += [event["event_id"] for event in events]


class FakeOutbox:
    """Events in memory."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self.events = events

    async def oldest(self, most: int) -> list[dict[str, Any]]:
        return self.events[:most]

    async def remove(self, events: list[dict[str, Any]]) -> None:
        self.events = [event for event in self.events if event not in events]

    async def count(self) -> int:
        return len(self.events)


def waiting(count: int, size: int = 10) -> list[dict[str, Any]]:
    return [{"event_id": str(uuid4()), "command": "x" * size} for _ in range(count)]


async def test_an_event_that_is_refused_for_its_form_keeps_no_other_waiting() -> None:
    events = waiting(5)
    audit, outbox = FakeAudit(refused=events[2]["event_id"]), FakeOutbox(list(events))
    await AuditTrail(audit, outbox, Instruments()).deliver()  # type: ignore[arg-type]
    assert audit.kept == [event["event_id"] for event in events if event is not events[2]]
    assert outbox.events == [events[2]]


async def test_large_events_go_in_as_many_requests_as_they_need() -> None:
    events = waiting(60, size=2**16)
    audit, outbox = FakeAudit(), FakeOutbox(list(events))
    await AuditTrail(audit, outbox, Instruments()).deliver()  # type: ignore[arg-type]
    assert audit.kept == [event["event_id"] for event in events]
    assert outbox.events == []
