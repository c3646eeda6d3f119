"""Administrators see and clear caches; what is cleared is recorded first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from app.domain.identities import Person, Role
from app.errors import UnavailableError
from app.gateway.dependencies import Parts
from app.gateway.routes import caches
from app.gateway.service.invalidations import Invalidations
from app.gateway.service.sign_in import Session
from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.telemetry.http import TelemetryMiddleware
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.scripted_redis import ScriptedRedis

PATH = "/api/v1/caches"


class House:
    """One replica's caches behind its routes, and in which order things happened to them."""

    def __init__(self) -> None:
        self.redis = ScriptedRedis()
        self.happened: list[str] = []
        self.sessions_stay = False
        self.events: list[dict[str, Any]] = []
        self.instruments = Instruments()
        self.caches = Caches()
        self.names, self.types = (
            MemoryCache[str, str](each, ttl_s=ttl_s, max_entries=9, instruments=self.instruments, caches=self.caches)
            for each, ttl_s in (("names", 300), ("types", 600))
        )

    async def fill(self) -> None:
        async def load() -> str:
            return "cached"

        for cache in (self.names, self.types):
            await cache.get("key", load)

    @property
    def entries(self) -> list[int]:
        return [state.entries for state in self.caches.states()]

    # What the routes are given as the trail and as sign-ins; a token is the role of whom it belongs to.

    async def record(self, events: list[dict[str, Any]]) -> bool:
        self.events += events
        self.happened.append(f"recorded with {sum(self.entries)} entries")
        return True

    async def find(self, token: str) -> Session:
        return Session(Person(uuid4(), token, token, Role(token)), b"", datetime.now(UTC), "token")

    async def clear_cached(self) -> None:
        if self.sessions_stay:
            raise UnavailableError("not all", code="sessions_not_cleared")
        self.happened.append("cleared sessions")


@pytest.fixture
async def house() -> House:
    made = House()
    await made.fill()
    return made


@pytest.fixture
async def http(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    redis: Any = house.redis
    tracing = Tracing("gateway", "test")
    invalidations = Invalidations("gateway-1", house.caches, redis, house.instruments)
    given = {"caches": house.caches, "invalidations": invalidations, "trail": house, "sign_ins": house}
    app = FastAPI()
    app.include_router(caches.router)
    app.state.parts = Parts(**{field.name: given.get(field.name) for field in fields(Parts)})  # type: ignore[arg-type]
    app.add_middleware(TelemetryMiddleware, instruments=house.instruments, tracing=tracing)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
        yield client
    tracing.close()


def as_a(role: str) -> dict[str, str]:
    return {"authorization": f"Bearer {role}"}


async def test_an_administrator_sees_what_is_cached(http: httpx2.AsyncClient) -> None:
    reply = await http.get(PATH, headers=as_a("admin"))
    shown = [(each["name"], each["ttl_seconds"], each["entries"]) for each in reply.json()["caches"]]
    assert shown == [("names", 300, 1), ("types", 600, 1)]
    assert all(each["bytes"] > 0 for each in reply.json()["caches"])


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_nobody_else_sees_or_clears_anything(http: httpx2.AsyncClient, house: House, role: str) -> None:
    for asked in (http.get(PATH, headers=as_a(role)), http.post(f"{PATH}/clear", json={}, headers=as_a(role))):
        reply = await asked
        assert (reply.status_code, reply.json()["error"]["code"]) == (403, "not_an_administrator")
    assert (house.entries, house.events) == ([1, 1], [])


async def test_all_caches_are_cleared_after_it_was_recorded(http: httpx2.AsyncClient, house: House) -> None:
    reply = await http.post(f"{PATH}/clear", json={}, headers=as_a("admin"))
    assert reply.json() == {"cleared": ["names", "nlp_vocabularies", "sessions", "types"]}
    assert house.happened == ["recorded with 2 entries", "cleared sessions"]
    assert house.entries == [0, 0]
    (event,) = house.events
    assert (event["kind"], event["verb"], event["user_name"]) == ("administration", "clear cache", "admin")


@pytest.mark.parametrize(
    ("name", "left", "happened"),
    [("names", [0, 1], []), ("sessions", [1, 1], ["cleared sessions"]), ("nlp_vocabularies", [1, 1], [])],
)
async def test_one_cache_is_cleared_alone(
    http: httpx2.AsyncClient, house: House, name: str, left: list[int], happened: list[str]
) -> None:
    reply = await http.post(f"{PATH}/clear", json={"name": name}, headers=as_a("admin"))
    assert reply.json() == {"cleared": [name]}
    assert (house.entries, house.happened[1:]) == (left, happened)
    assert house.events[0]["name"] == name


async def test_a_cache_that_there_is_not_is_answered_with_those_that_there_are(
    http: httpx2.AsyncClient, house: House
) -> None:
    reply = await http.post(f"{PATH}/clear", json={"name": "name"}, headers=as_a("admin"))
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "cache_not_found")
    assert "names, nlp_vocabularies, sessions, types" in reply.json()["error"]["message"]
    assert (len(house.events), house.entries) == (1, [1, 1]), "also the attempt is on record"


async def test_who_cannot_reach_the_other_replicas_is_told_so(http: httpx2.AsyncClient, house: House) -> None:
    house.redis.away = True
    reply = await http.post(f"{PATH}/clear", json={"name": "names"}, headers=as_a("admin"))
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "cleared_here_only")
    assert house.entries == [0, 1]


@pytest.mark.parametrize(
    ("told", "let_go", "code", "happened"),
    [
        (False, True, "cleared_here_only", ["cleared sessions"]),
        (True, False, "sessions_not_cleared", []),
        (False, False, "cleared_here_only", []),
    ],
)
async def test_whatever_part_of_redis_is_away_the_rest_is_cleared_and_the_answer_says_what_is_left(
    http: httpx2.AsyncClient, house: House, told: bool, let_go: bool, code: str, happened: list[str]
) -> None:
    house.redis.away, house.sessions_stay = not told, not let_go
    reply = await http.post(f"{PATH}/clear", json={}, headers=as_a("admin"))
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, code)
    assert (house.entries, house.happened[1:]) == ([0, 0], happened)
    assert ("sessions" in reply.json()["error"]["message"]) is (not told and not let_go)


async def test_who_clears_sessions_alone_is_told_that_some_are_cached_still(
    http: httpx2.AsyncClient, house: House
) -> None:
    house.sessions_stay = True
    reply = await http.post(f"{PATH}/clear", json={"name": "sessions"}, headers=as_a("admin"))
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "sessions_not_cleared")
