"""A socket ends with its session, whether or not its browser reads."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import orjson
import pytest
from starlette.websockets import WebSocketState

from app.domain.identities import Person, Role
from app.gateway.routes.chat_socket import CLOSED_SIGNED_OUT, CLOSED_SLOW, QUEUE_LENGTH, _ChatSocket
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


class Window:
    """One open socket with all that it needs."""

    def __init__(self) -> None:
        person = Person(uuid4(), "ann", "Ann", Role.OPERATOR)
        self.session = Session(person, b"hash", datetime.now(UTC) + timedelta(hours=1), "browser")
        instruments = Instruments()
        self.hub = Hub("gateway-1", None, instruments)
        self.browser, self.chat = DeafBrowser(), Chat()
        parts = SimpleNamespace(
            instruments=instruments,
            hub=self.hub,
            chat=self.chat,
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
