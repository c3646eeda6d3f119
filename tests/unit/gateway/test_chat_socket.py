"""A socket ends with its session, whether or not its browser reads."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import orjson
import pytest
from starlette.websockets import WebSocketState

from app.domain.identities import Person, Role
from app.gateway.routes import chat_socket
from app.gateway.routes.chat_socket import CLOSED_SIGNED_OUT, CLOSED_SLOW, MOST_TABLES, QUEUE_LENGTH, _ChatSocket
from app.gateway.service.hub import Hub
from app.gateway.service.sign_in import Session
from app.telemetry.instruments import Instruments


class DeafBrowser:
    """A WebSocket whose browser sends frames and reads none."""

    def __init__(self) -> None:
        self.application_state = WebSocketState.CONNECTED
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.blocked = asyncio.Event()
        self.frames: asyncio.Queue[str] = asyncio.Queue()
        self.closed: list[int] = []

    async def receive_text(self) -> str:
        return await self.frames.get()

    async def send_text(self, _: str) -> None:
        self.blocked.set()
        await asyncio.Event().wait()

    async def close(self, code: int, _: str) -> None:
        self.closed.append(code)


class Chat:
    """Counts the turns that reach it; a message is answered until it is stopped."""

    def __init__(self) -> None:
        self.said, self.stop_heard = asyncio.Event(), asyncio.Event()
        self.stopped: list[str] = []

    async def say(self, *_: Any) -> None:
        self.said.set()
        await self._answer("say")

    async def confirm(self, *_: Any) -> None:
        await self._answer("confirm")

    async def _answer(self, kind: str) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.stopped.append(kind)
            self.stop_heard.set()
            raise


class Tables:
    """Keeps tables current until they are let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open = 0
        self.changed = asyncio.Event()

    async def run(self, _: Person, line: str, *__: Any) -> str:
        self.asked.append(line)
        self.open += 1
        self.changed.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.open -= 1
            self.changed.set()
        return "time"

    async def until(self, number: int) -> None:
        async with asyncio.timeout(5):
            while self.open != number:
                self.changed.clear()
                await self.changed.wait()


class People:
    """Who a session's person is now."""

    def __init__(self, session: Session) -> None:
        self.session = session

    async def find(self, _: str) -> Session:
        return self.session


class Window:
    """One open socket with all that it needs."""

    def __init__(self) -> None:
        person = Person(uuid4(), "ann", "Ann", Role.OPERATOR)
        self.session = Session(person, b"hash", datetime.now(UTC) + timedelta(hours=1), "browser")
        instruments = Instruments()
        self.hub = Hub("gateway-1", None, instruments)
        self.browser, self.chat, self.tables = DeafBrowser(), Chat(), Tables()
        self.people = People(self.session)
        parts = SimpleNamespace(
            instruments=instruments,
            hub=self.hub,
            chat=self.chat,
            live=self.tables,
            sign_ins=self.people,
            settings=SimpleNamespace(cookie_name="c"),
            engine=SimpleNamespace(cluster_names=(), current_cluster="", default_namespace=lambda _: "default"),
            language=SimpleNamespace(available=True),
            alerts=SimpleNamespace(firing=[]),
        )
        self.socket = _ChatSocket(self.browser, self.session, parts)  # type: ignore[arg-type]
        self.served = asyncio.create_task(self.socket.serve())

    def send(self, **frame: Any) -> None:
        self.browser.frames.put_nowait(orjson.dumps(frame, default=str).decode())


@pytest.fixture
async def window() -> Window:
    opened = Window()
    await opened.browser.blocked.wait()
    return opened


async def test_a_browser_that_reads_nothing_does_not_outlive_its_session(window: Window) -> None:
    await window.hub.end_session(window.session)
    async with asyncio.timeout(5):
        await window.served
    assert window.browser.closed == [CLOSED_SIGNED_OUT]
    assert window.hub.sockets() == []


async def test_a_browser_that_lags_too_far_behind_is_cut_off(window: Window) -> None:
    for _ in range(QUEUE_LENGTH + 1):
        window.hub.to_all({"type": "notice"})
    async with asyncio.timeout(5):
        await window.served
    assert window.browser.closed == [CLOSED_SLOW]


async def test_a_message_can_be_stopped_and_a_confirmed_plan_cannot(window: Window) -> None:
    confirmed, said, chat_session = uuid4(), uuid4(), uuid4()
    window.send(type="confirm", id=confirmed, chat_session=chat_session, plan=uuid4(), digest="d")
    window.send(type="say", id=said, chat_session=chat_session, text="get pods")
    window.send(type="stop", turn=confirmed)
    await window.chat.said.wait()
    window.send(type="stop", turn=said)
    async with asyncio.timeout(5):
        await window.chat.stop_heard.wait()
    assert window.chat.stopped == ["say"]
    await window.hub.end_session(window.session)
    await window.served


async def test_a_new_password_closes_the_windows_of_all_other_sessions(window: Window) -> None:
    await window.hub.end_other_sessions(window.session.person.user_id, window.session.token_hash)
    assert not window.served.done()
    await window.hub.end_other_sessions(window.session.person.user_id, b"another session")
    async with asyncio.timeout(5):
        await window.served
    assert window.browser.closed == [CLOSED_SIGNED_OUT]


def follow(window: Window) -> Any:
    table = uuid4()
    window.send(type="follow", id=table, command="kubectl get pods", cluster="prod-eu", namespace="shop")
    return table


async def test_a_table_stays_current_until_the_window_lets_it_go_or_closes(window: Window) -> None:
    first = follow(window)
    follow(window)
    await window.tables.until(2)
    window.send(type="unfollow", id=first)
    await window.tables.until(1)
    await window.hub.end_session(window.session)
    await window.served
    assert window.tables.open == 0
    assert window.tables.asked == ["kubectl get pods"] * 2


async def test_a_window_keeps_no_more_tables_current_than_it_may(window: Window) -> None:
    for _ in range(MOST_TABLES + 3):
        follow(window)
    await window.tables.until(MOST_TABLES)
    window.send(type="say", id=uuid4(), chat_session=uuid4(), text="get pods")
    await window.chat.said.wait()
    assert len(window.tables.asked) == MOST_TABLES
    await window.hub.end_session(window.session)
    await window.served


async def test_tables_end_when_what_their_person_may_do_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_socket, "RECHECK_S", 0.01)
    window = Window()
    await window.browser.blocked.wait()
    follow(window)
    await window.tables.until(1)
    window.people.session = replace(window.session, person=replace(window.session.person, role=Role.VIEWER))
    await window.tables.until(0)
    await window.hub.end_session(window.session)
    await window.served
