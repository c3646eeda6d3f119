"""A person's client: REST with a session cookie, and the chat's WebSocket."""

from __future__ import annotations

import json
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx2
from websockets.sync.client import ClientConnection, connect


class Person:
    """Someone who signed in."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self.http = httpx2.Client(base_url=url, headers={"origin": url}, timeout=30, trust_env=False)
        try:
            reply = self.http.post("/api/v1/sign-in", json={"user": user, "password": password})
            assert reply.status_code == 200, reply.text
        except BaseException:
            self.http.close()  # nobody gets hold of a person who could not sign in
            raise
        self.cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    def new_chat(self) -> str:
        reply = self.http.post("/api/v1/chat-sessions", json={})
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    def chat(self, session: str | None = None) -> Chat:
        return Chat(self, session or self.new_chat())

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def handshake(url: str, **headers: str) -> Any:
    """The chat's WebSocket at a gateway, with these headers; a context manager."""
    address = url.replace("http", "ws", 1) + "/api/v1/chat"
    return connect(address, additional_headers=headers, max_size=2**24, proxy=None)


class Chat:
    """One open WebSocket in one conversation."""

    def __init__(self, person: Person, session: str) -> None:
        self.person = person
        self.session = session
        self._opened = ExitStack()
        self.socket: ClientConnection = self._opened.enter_context(
            handshake(person.url, origin=person.url, cookie=person.cookie)
        )
        try:
            self.hello = self.receive()
            assert self.hello["type"] == "hello", self.hello
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._opened.close()

    def receive(self, within_s: float = 30.0) -> dict[str, Any]:
        return dict(json.loads(self.socket.recv(timeout=within_s)))

    def send(self, frame: dict[str, Any]) -> None:
        self.socket.send(json.dumps(frame))

    def turn(self, frame: dict[str, Any], within_s: float = 60.0) -> list[dict[str, Any]]:
        """Send a frame and return its turn's events, without the turn's start and end."""
        frame = {"id": str(uuid4()), "chat_session": self.session, **frame}
        self.send(frame)
        events: list[dict[str, Any]] = []
        while True:
            event = self.receive(within_s)
            if event.get("turn") != frame["id"]:
                continue
            if event["type"] == "turn":
                if event["state"] == "done":
                    return events
                continue
            events.append(event)

    def say(self, text: str) -> list[dict[str, Any]]:
        return self.turn({"type": "say", "text": text})

    def confirm(self, preview: dict[str, Any], typed: str | None = None) -> list[dict[str, Any]]:
        return self.turn({"type": "confirm", "plan": preview["plan"], "digest": preview["digest"], "typed": typed})

    def cancel(self, preview: dict[str, Any]) -> list[dict[str, Any]]:
        return self.turn({"type": "cancel", "plan": preview["plan"]})


def only(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The one event of a type; fails with all of them when there is none or more."""
    found = [event for event in events if event["type"] == kind]
    assert len(found) == 1, events
    return found[0]


def change(chat: Chat, text: str) -> dict[str, Any]:
    """Ask for a change, confirm it, and return its outcome.

    Asks again, as the answer tells a person to, when a controller wrote to the object at the very moment it was sent.
    """
    for _ in range(5):
        outcome = only(chat.confirm(only(chat.say(text), "preview")), "outcome")
        if "at the same moment" not in outcome["text"]:
            break
    return outcome
