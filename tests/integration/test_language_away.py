"""The language service goes and comes back: one of two costs nobody anything, without any the rest goes on as usual."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.chat import Chat, only
from tests.support.postgres_server import PostgresServer
from tests.support.stack import LocalStack
from tests.support.talking import Talking
from tests.support.waiting import wait_for


@pytest.fixture
def talking(postgres: PostgresServer, tmp_path: Path) -> Iterator[Talking]:
    with Talking(postgres, tmp_path, nlps=2) as made:
        yield made


def notice(chat: Chat) -> dict[str, Any]:
    """The next notice about language; whatever else comes is passed over."""
    while True:
        event = chat.receive()
        if event["type"] == "notice" and event["code"] == "language":
            return event


def notices(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] == "notice"]


def everything(chat: Chat, text: str) -> list[dict[str, Any]]:
    """All that comes until the turn of some words has ended, notices among it."""
    turn = str(uuid4())
    chat.send({"type": "say", "id": turn, "chat_session": chat.session, "text": text})
    events = []
    while True:
        event = chat.receive()
        events.append(event)
        if event["type"] == "turn" and event["turn"] == turn and event["state"] == "done":
            return events


@pytest.mark.full
def test_one_of_two_replicas_costs_nobody_an_answer_and_without_both_each_window_is_told_once(
    talking: Talking,
) -> None:
    with talking.person() as person, person.chat() as chat, person.chat() as other:
        only(chat.say("show the pods"), "table")
        talking.nlps[0].stop(signal.SIGKILL)
        for _ in range(6):
            only(chat.say("show the deployments"), "table")
        talking.nlps[1].stop(signal.SIGKILL)
        told = everything(chat, "show the pods")
        assert [each["language"] for each in notices(told)] == [False]
        assert only([each for each in told if each["type"] == "error"], "error")["code"] == "language_unavailable"
        again = everything(chat, "show the services")
        assert notices(again) == [], "once"
        assert notice(other)["language"] is False
        assert only(chat.say("kubectl get pods -n shop"), "table")["rows"]
        preview = only(chat.say("kubectl scale deployment/cart --replicas=3 -n shop"), "preview")
        assert only(chat.cancel(preview), "outcome")["state"] == "cancelled"
        history = person.http.get(f"/api/v1/chat-sessions/{chat.session}/messages")
        assert history.status_code == 200
        with person.chat() as late:
            assert late.hello["language"] is False, "a window that opens now knows it too"
        talking.nlps[1].start()
        assert notice(chat)["language"] is True
        assert notice(other)["language"] is True
        only(chat.say("show the pods"), "table")


@pytest.mark.stack
@pytest.mark.full
def test_without_language_changes_history_alerts_and_audit_go_on(stack: LocalStack, admin: Any) -> None:
    with admin.chat() as chat:
        stack.command("stop", "nlp-1")
        try:
            told = everything(chat, "show me the pods of shop")
            assert [each["language"] for each in notices(told)] == [False]
            preview = only(chat.say("kubectl scale deployment/cart --replicas=3 -n shop"), "preview")
            assert only(chat.confirm(preview), "outcome")["state"] == "applied"
            undone = only(chat.turn({"type": "undo", "plan": preview["plan"]}), "preview")
            assert only(chat.confirm(undone), "outcome")["state"] == "applied"
            for path in (f"/api/v1/chat-sessions/{chat.session}/messages", "/api/v1/alerts", "/api/v1/audit/events"):
                assert admin.http.get(path).status_code == 200, path
            found = admin.http.get("/api/v1/audit/events", params={"kind": "intent", "limit": "20"}).json()["events"]
            assert any(event["session_id"] == chat.session for event in found)
        finally:
            stack.command("start", "nlp-1")
        assert notice(chat)["language"] is True

        def understood() -> bool:
            return any(event["type"] == "table" for event in chat.say("show me the pods"))

        wait_for("words to be understood in the same window", understood)
