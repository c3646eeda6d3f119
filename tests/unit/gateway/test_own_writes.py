"""What a person has just written is in what they read next, whichever server reads it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.errors import UnavailableError
from app.gateway.own_writes import COOKIE, KEPT_S, OwnWritesMiddleware, read_after
from app.gateway.store.chats import Chats, ChatSession
from app.infra.postgres.position import EVERYTHING, Position, read_position
from slo.promises import REPLICA_LAG_S

HERE = Position(0x16_B374D848)


class ScriptedReplicas:
    """Replicas whose primary is at one place, or away."""

    def __init__(self) -> None:
        self.away = False

    async def written(self) -> Position:
        if self.away:
            raise UnavailableError("away")
        return HERE


@pytest.fixture
def replicas() -> ScriptedReplicas:
    return ScriptedReplicas()


@pytest.fixture
def http(replicas: ScriptedReplicas) -> Iterator[TestClient]:
    async def answer(request: Request) -> PlainTextResponse:
        after = read_after(request)
        return PlainTextResponse(str(after), status_code=int(request.query_params.get("status", 200)))

    app = Starlette(
        routes=[Route("/api/things", answer, methods=["GET", "POST"])],
        middleware=[Middleware(OwnWritesMiddleware, replicas=replicas, secure=True)],
    )
    with TestClient(app, base_url="https://kubechat.test") as client:
        yield client


def test_a_change_is_followed_by_reads_that_include_it(http: TestClient) -> None:
    assert http.get("/api/things").text == "None"
    changed = http.post("/api/things")
    morsel = SimpleCookie(changed.headers["set-cookie"])[COOKIE]
    assert read_position(morsel.value) == HERE
    assert (morsel["httponly"], morsel["secure"], morsel["samesite"], morsel["path"]) == (True, True, "Strict", "/api")
    assert int(morsel["max-age"]) == KEPT_S > 2 * REPLICA_LAG_S.number
    assert http.get("/api/things").text == str(HERE)


def test_what_was_refused_changed_nothing(http: TestClient) -> None:
    assert "set-cookie" not in http.post("/api/things?status=409").headers
    assert http.get("/api/things").text == "None"


def test_where_the_log_cannot_be_asked_the_primary_answers_the_next_reads(
    http: TestClient, replicas: ScriptedReplicas
) -> None:
    replicas.away = True
    assert http.post("/api/things").status_code == 200
    assert http.get("/api/things").text == str(EVERYTHING)


def test_a_command_line_reads_from_the_primary_and_so_does_who_sends_nonsense(http: TestClient) -> None:
    assert http.get("/api/things", headers={"authorization": "Bearer x"}).text == str(EVERYTHING)
    for value in ("", "x", "1/2/3", "123456789/0", "-1/-1"):
        assert http.get("/api/things", headers={"cookie": f"{COOKIE}={value}"}).text in {str(EVERYTHING), "None"}
        assert http.get("/api/things", headers={"cookie": f"{COOKIE}={value}"}).status_code == 200


class LateReader:
    """A replica that has the messages up to a number."""

    def __init__(self, has: int) -> None:
        self.has = has

    async def fetch(
        self, query: object, session_id: object, before: int, limit: int, **_: object
    ) -> list[dict[str, object]]:
        newest = min(before - 1, self.has)
        return [message(seq) for seq in range(newest, max(0, newest - limit), -1)]


class Primary(LateReader):
    """Has them all, and notes when it is asked."""

    asked = 0

    async def fetch(self, *given: object, **named: object) -> list[dict[str, object]]:  # type: ignore[override]
        self.asked += 1
        return await super().fetch(*given, **named)  # type: ignore[arg-type]


def message(seq: int) -> dict[str, object]:
    return {"seq": seq, "turn": uuid4(), "role": "person", "at": None, "event": {}}


@pytest.mark.parametrize(
    ("replica_has", "before", "limit", "asks_primary"),
    [
        (20, 2**62, 10, False),  # the replica has all there is
        (19, 2**62, 10, True),  # the last message is missing
        (19, 15, 10, False),  # an older page, which it has
        (4, 15, 10, True),  # not even that
        (0, 2**62, 50, True),
        (20, 1, 10, False),  # there is nothing before the first
    ],
)
async def test_a_page_that_a_replica_has_not_whole_is_read_on_the_primary(
    replica_has: int, before: int, limit: int, *, asks_primary: bool
) -> None:
    primary = Primary(20)
    chats = Chats(primary, LateReader(replica_has))  # type: ignore[arg-type]
    now = datetime.now(UTC)
    page = await chats.page_of(ChatSession(uuid4(), "", "prod-eu", "shop", now, now, last_seq=20), before, limit)
    newest = min(before - 1, 20)
    assert [one.seq for one in page] == list(range(max(1, newest - limit + 1), newest + 1))
    assert bool(primary.asked) is asks_primary
