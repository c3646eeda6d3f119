"""Tables of a running chat: current by the rows that change, after one's own change at once, and over with the session."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.support.chat import Chat, Person, change, only
from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack


def live(chat: Chat, fits: Callable[[dict[str, Any]], bool], within_s: float = 30.0) -> dict[str, Any]:
    """The next `live` event that fits."""
    deadline = time.monotonic() + within_s
    while True:
        event = chat.receive(max(0.1, deadline - time.monotonic()))
        if event["type"] == "live" and fits(event):
            return event


def follow(chat: Chat, table: dict[str, Any]) -> str:
    table_id = str(uuid4())
    of = {key: table[key] for key in ("command", "cluster", "namespace")}
    chat.send({"type": "follow", "id": table_id, **of, "view": table["live"]})
    return table_id


def test_a_table_in_a_chat_stays_current_and_ones_own_change_is_never_hidden_by_what_was_kept(
    stack: LocalStack, admin: Person
) -> None:
    line = "kubectl get deployment web -n shop"

    def wanted(row: list[str]) -> str:
        return row[1].rpartition("/")[2]

    with admin.chat() as chat, admin.chat() as window:
        for _ in range(3):
            table = only(chat.say(line), "table")
        assert wanted(table["rows"][0]) == "3"
        followed = follow(window, table)
        whole = live(window, lambda event: "rows" in event)
        assert (whole["id"], whole["rows"][0][0]) == (followed, "shop/web")
        assert change(chat, "scale web to 4")["state"] == "applied"
        assert wanted(only(chat.say(line), "table")["rows"][0]) == "4", "what was kept is gone on every replica"
        told = live(window, lambda event: bool(event.get("changed")))
        assert [key for key, _ in told["changed"]] == ["shop/web"]
        live(window, lambda event: [row[1] for _, row in event.get("changed", [])] == ["4/4"])
        assert stack.gateway_counter("kubechat_live_tables") == 1
        window.send({"type": "unfollow", "id": followed})
        wait_for("it to end", lambda: stack.gateway_counter("kubechat_live_tables") == 0)
        assert change(chat, "scale web to 3")["state"] == "applied"
    events = admin.http.get("/api/v1/audit/events", params={"kind": "read", "limit": "20"}).json()["events"]
    assert any(event["detail"].get("live") == "stopped" and event["command"] == line for event in events)
