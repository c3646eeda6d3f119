"""kill -9 of any one child: it comes back, the chat goes on or says what is missing, nothing confirmed is lost."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.chat import Person, change, only
from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack

ANY = [
    "gateway-1",
    *(
        pytest.param(name, marks=pytest.mark.full)
        for name in (
            "postgres-primary",
            "nlp-1",
            "postgres-replica-1",
            "pgbouncer",
            "redis-1",
            "audit-1",
            "demo",
            "exporters",
            "prometheus",
            "alertmanager",
        )
    ),
]


def pods_answer(person: Person) -> bool:
    """Whether a person gets a table again; one sentence of error is the only other thing they may get."""
    with person.chat() as chat:
        events = chat.say("kubectl get pods -n shop")
    if any(event["type"] == "table" for event in events):
        return True
    assert only(events, "error")["message"]
    return False


@pytest.mark.parametrize("name", ANY)
def test_a_killed_process_comes_back_and_the_chat_answers(stack: LocalStack, name: str) -> None:
    pid = stack.kill(name)
    stack.wait_back(name, pid)
    user, password = stack.admin

    def answered() -> bool:
        try:
            with Person(stack.url, user, password) as person:
                return pods_answer(person)
        except (AssertionError, httpx2.TransportError, ConnectionClosed):
            return False

    wait_for("the chat to answer", answered, within_s=60)


def test_without_language_direct_commands_go_on_and_the_person_is_told(stack: LocalStack, admin: Person) -> None:
    with admin.chat() as chat:
        pid = stack.kill("nlp-1")
        told = only(chat.say("show me the pods"), "error")
        table = only(chat.say("kubectl get pods -n shop"), "table")
        stack.wait_back("nlp-1", pid)

        def understood() -> bool:
            return any(event["type"] == "table" for event in chat.say("show me the pods"))

        wait_for("language to be back", understood)
    assert told["code"] == "language_unavailable"
    assert "kubectl" in told["message"]
    assert table["rows"]


def test_without_audit_changes_are_refused_and_reads_go_on_and_are_recorded_later(
    stack: LocalStack, admin: Person
) -> None:
    with admin.chat() as chat:
        preview = only(chat.say("kubectl scale deployment/web --replicas=4 -n shop"), "preview")
        stack.command("stop", "audit-1")
        try:
            refused = only(chat.confirm(preview), "outcome")
            table = only(chat.say("kubectl get deployment web -n shop"), "table")
        finally:
            stack.command("start", "audit-1")
        assert refused["state"] == "not_sent"
        assert "audit" in refused["text"]
        assert table["rows"][0][1] == "3/3"

        def recorded() -> bool:
            reply = admin.http.get("/api/v1/audit/events", params={"kind": "read", "limit": "20"})
            return reply.status_code == 200 and any(
                event["command"] == "kubectl get deployment web -n shop" and event["session_id"] == chat.session
                for event in reply.json()["events"]
            )

        wait_for("the read to be recorded", recorded)


def test_a_confirmed_change_survives_the_death_of_its_gateway(stack: LocalStack, admin: Person) -> None:
    """Killed in the middle of a confirmation: the outcome is told afterwards, and the cluster agrees with it."""
    pids = {name: int(stack.process(name)["pid"]) for name in stack.replicas("gateway")}
    with admin.chat() as chat:
        preview = only(chat.say("kubectl scale deployment/cart --replicas=3 -n shop"), "preview")
        session = chat.session
        killers = [threading.Timer(0.03, os.kill, [pid, signal.SIGKILL]) for pid in pids.values()]
        for killer in killers:
            killer.start()
        with suppress(ConnectionClosed):
            chat.confirm(preview)
    for name, pid in pids.items():
        stack.wait_back(name, pid)

    def told() -> dict[str, Any] | None:
        with Person(stack.url, *stack.admin) as person:
            messages = person.http.get(f"/api/v1/chat-sessions/{session}/messages").json()["messages"]
        outcomes = [m["event"] for m in messages if m["event"]["type"] == "outcome"]
        return outcomes[0] if outcomes else None

    with Person(stack.url, *stack.admin) as person, person.chat(session) as chat:
        retried = chat.confirm(preview)
        if any(event["type"] == "outcome" for event in retried):
            outcome = only(retried, "outcome")  # the kill came before the confirmation was taken
        else:
            outcome = wait_for("the outcome to be told", told, within_s=60)
        replicas = only(chat.say("kubectl get deployment cart -n shop -o yaml"), "output")["text"]
        assert outcome["state"] in {"applied", "not_sent", "failed"}
        assert ("replicas: 3" in replicas) == (outcome["state"] == "applied"), outcome
        if outcome["state"] == "applied":
            assert change(chat, "kubectl scale deployment/cart --replicas=2 -n shop")["state"] == "applied"
