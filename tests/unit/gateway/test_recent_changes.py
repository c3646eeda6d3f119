"""What a diagnosis is told of the audit log: an administrator everybody's part, others their own, and nothing late."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.domain.identities import Person, Role
from app.errors import UnavailableError
from app.gateway.service import recent_changes
from app.gateway.service.recent_changes import RecentlyChanged

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
APPLIED = {
    "timestamp": "2026-03-01T11:50:00+00:00", "outcome": "applied", "user_name": "ada", "namespace": "shop",
    "command": "kubectl set image deployment/web web=nginx:2", "resource": "deployments", "name": "web",
}  # fmt: skip


class Trail:
    def __init__(self, error: Exception | None = None, *, hangs: bool = False) -> None:
        self.recorded: list[dict[str, Any]] = []
        self.searched: list[dict[str, str]] = []
        self._error, self._hangs = error, hangs
        self.client = self

    async def record(self, events: list[dict[str, Any]]) -> None:
        self.recorded += events

    async def search(self, filters: dict[str, str]) -> dict[str, Any]:
        if self._hangs:
            await asyncio.Event().wait()
        if self._error is not None:
            raise self._error
        self.searched.append(filters)
        return {"events": [APPLIED, {**APPLIED, "outcome": "failed"}, {"timestamp": "never"}]}


def person(role: Role) -> Person:
    return Person(uuid4(), "somebody", "Somebody", role)


async def told(trail: Trail, who: Person, namespace: str = "shop") -> list[str]:
    known = RecentlyChanged(trail, lambda: NOW).known_to(who)  # type: ignore[arg-type]
    return [f"{change.by}: {change.command}" for change in await known("prod-eu", namespace)]


async def test_others_than_administrators_are_told_their_own_changes() -> None:
    trail, who = Trail(), person(Role.OPERATOR)
    assert await told(trail, who) == ["ada: kubectl set image deployment/web web=nginx:2"]
    assert trail.searched[0] | {"limit": ""} == {
        "kind": "outcome", "cluster": "prod-eu", "namespace": "shop", "since": "2026-02-27T12:00:00+00:00", "limit": "",
        "user": str(who.user_id),
    }  # fmt: skip
    assert trail.recorded == []


async def test_an_administrator_sees_everybodys_and_has_looked() -> None:
    trail = Trail()
    assert len(await told(trail, person(Role.ADMIN), namespace="")) == 1
    assert trail.searched[0].keys().isdisjoint({"user", "namespace"})
    assert [(event["kind"], event["verb"]) for event in trail.recorded] == [("administration", "search audit")]


async def test_without_the_audit_service_a_diagnosis_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await told(Trail(UnavailableError("Away.")), person(Role.VIEWER)) == []
    monkeypatch.setattr(recent_changes, "DEADLINE_S", 0.01)
    assert await told(Trail(hangs=True), person(Role.VIEWER)) == []
