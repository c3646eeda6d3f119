"""The routes of clusters: who may add and remove, what is written down of who may not, and what a kubeconfig tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import yaml
from fastapi import FastAPI

from app.domain.identities import Person, Role
from app.gateway.dependencies import Parts
from app.gateway.routes import clusters
from app.gateway.service.refusals import Refusals
from app.gateway.service.sign_in import Session
from app.telemetry.http import TelemetryMiddleware
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing

PATH = "/api/v1/clusters"
CANARY = "canary-token-of-a-kubeconfig"
KUBECONFIG: dict[str, Any] = {
    "current-context": "good",
    "clusters": [{"name": "c", "cluster": {"server": "https://c.example:6443"}}],
    "contexts": [
        {"name": "good", "context": {"cluster": "c", "user": "u", "namespace": "shop"}},
        {"name": "no-user", "context": {"cluster": "c", "user": "nobody"}},
        {"name": "a-program", "context": {"cluster": "c", "user": "program"}},
    ],
    "users": [
        {"name": "u", "user": {"token": CANARY}},
        {"name": "program", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": CANARY}}},
    ],
}


class House:
    """What the routes are given; a token is the role of whom it belongs to."""

    def __init__(self) -> None:
        self.done: list[tuple[str, ...]] = []
        self.events: list[dict[str, Any]] = []

    async def find(self, token: str) -> Session:
        return Session(Person(uuid4(), token, token, Role(token)), b"", datetime.now(UTC), "token")

    async def record(self, events: list[dict[str, Any]]) -> bool:
        self.events += events
        return True

    async def add(self, person: Person, name: str, *_: str) -> dict[str, str]:
        self.done.append(("add", person.name, name))
        return {"name": name}

    async def remove(self, person: Person, name: str) -> None:
        self.done.append(("remove", person.name, name))


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def http(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    instruments, tracing = Instruments(), Tracing("gateway", "test")
    trail: Any = house
    given = {"added_clusters": house, "sign_ins": house, "refusals": Refusals(trail, instruments)}
    app = FastAPI()
    app.include_router(clusters.router)
    app.state.parts = Parts(**{field.name: given.get(field.name) for field in fields(Parts)})  # type: ignore[arg-type]
    app.add_middleware(TelemetryMiddleware, instruments=instruments, tracing=tracing)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
        yield client
    tracing.close()


async def asked(http: httpx2.AsyncClient, role: str) -> list[httpx2.Response]:
    """Everything that is an administrator's, asked by somebody of a role."""
    headers, text = {"authorization": f"Bearer {role}"}, yaml.safe_dump(KUBECONFIG)
    return [
        await http.post(PATH, json={"name": "new", "kubeconfig": text}, headers=headers),
        await http.post(f"{PATH}/contexts", json={"kubeconfig": text}, headers=headers),
        await http.delete(f"{PATH}/new", headers=headers),
    ]


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_nobody_but_an_administrator_adds_or_removes_and_each_attempt_is_written_down(
    http: httpx2.AsyncClient, house: House, role: str
) -> None:
    for reply in await asked(http, role):
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "not_an_administrator")
    assert house.done == []
    written = [
        (each["kind"], each["user_name"], each["outcome"], each["cluster"], each["command"]) for each in house.events
    ]
    assert written == [
        ("refusal", role, "refused", "new", "add cluster new"),
        ("refusal", role, "refused", "", "read kubeconfig"),
        ("refusal", role, "refused", "new", "remove cluster new"),
    ]
    assert CANARY not in str(house.events)


async def test_an_administrator_does(http: httpx2.AsyncClient, house: House) -> None:
    assert [reply.status_code for reply in await asked(http, "admin")] == [201, 200, 204]
    assert house.done == [("add", "admin", "new"), ("remove", "admin", "new")]


async def test_a_kubeconfig_tells_its_contexts_what_is_wrong_with_each_and_no_credential(
    http: httpx2.AsyncClient,
) -> None:
    reply = (await asked(http, "admin"))[1]
    assert CANARY not in reply.text
    found = reply.json()
    assert found["current"] == "good"
    good, no_user, program = found["contexts"]
    assert good == {"name": "good", "server": "https://c.example:6443", "namespace": "shop", "fault": ""}
    assert (no_user["name"], no_user["server"], no_user["fault"]) == (
        "no-user",
        "",
        "it names a user that does not exist",
    )
    assert "start a program" in program["fault"]


async def test_a_kubeconfig_that_is_none_is_told_in_a_sentence(http: httpx2.AsyncClient) -> None:
    headers = {"authorization": "Bearer admin"}
    for text, said in (
        ("a: [", "The kubeconfig is no YAML."),
        ("1", "The kubeconfig cannot be used: it is no kubeconfig."),
    ):
        reply = await http.post(f"{PATH}/contexts", json={"kubeconfig": text}, headers=headers)
        assert (reply.status_code, reply.json()["error"]["message"]) == (400, said)
