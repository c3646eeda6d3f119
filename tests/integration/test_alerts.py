"""From a stopped service to a card in the chat, and its resolution."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.chat import Person
from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.full]  # a browser looks at the same in every run


def test_a_stopped_service_reaches_the_chat_once_and_resolves(stack: LocalStack, admin: Person) -> None:
    with admin.chat() as chat:
        stack.command("stop", "nlp-1")
        try:
            firing = next_alert(chat, "firing")
        finally:
            stack.command("start", "nlp-1")
        resolved = next_alert(chat, "resolved")
    assert firing["severity"] == "page"
    assert "nlp" in firing["description"]
    assert firing["fingerprint"] == resolved["fingerprint"]
    runbook = admin.http.get(firing["runbook_url"])
    assert runbook.status_code == 200
    assert "ServiceDown" in runbook.text

    def listed() -> bool:
        alerts = admin.http.get("/api/v1/alerts").json()["alerts"]
        mine = [alert for alert in alerts if alert["fingerprint"] == firing["fingerprint"]]
        return bool(mine) and all(alert["state"] == "resolved" for alert in mine)

    wait_for("the list to show it resolved", listed)


def next_alert(chat: Any, state: str) -> dict[str, Any]:
    while True:
        event = chat.receive(120)
        if event["type"] == "alert" and event["alert"]["name"] == "ServiceDown" and event["alert"]["state"] == state:
            return dict(event["alert"])
