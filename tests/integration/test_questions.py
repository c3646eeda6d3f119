"""Questions that no cluster answers are answered from where the answer is kept, as far as the person may look there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.chat import Chat, Person, change, only
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack


def told(chat: Chat, text: str) -> str:
    return str(only(chat.say(text), "text")["text"])


def test_who_did_what_is_told_from_the_audit_log_to_administrators_of_all_and_to_others_of_themselves(
    admin: Person, someone: Callable[[str], Person]
) -> None:
    with admin.chat() as chat:
        assert change(chat, "kubectl label deployment cart asked=yes -n shop --overwrite")["state"] == "applied"
        wait_for(
            "the change in the log", lambda: "label deployment" in told(chat, "who changed cart today?"), within_s=20
        )
        first = told(chat, "who changed cart today?")
        assert first.startswith("From the audit log, newest first:\n")
        assert "admin: kubectl label" in first
        assert "(applied, prod-eu)" in first
        assert told(chat, "who drained node-a today?").startswith("The audit log holds no such change")
    operator = someone("operator")
    with operator.chat() as chat:
        assert told(chat, "who changed cart today?") == (
            "The audit log holds no such change in the last 1d of yours; administrators see everyone's."
        )


@pytest.mark.full
def test_alerts_budgets_and_measurements_are_told_as_they_are(admin: Person) -> None:
    with admin.chat() as chat:
        assert told(chat, "which alerts are firing?").splitlines()[0].endswith("firing.")
        chat.say("show the pods")
        wait_for(
            "events in the books",
            lambda: told(chat, "how much error budget is left?").startswith("Error budgets over 30d"),
            within_s=150,
            every_s=5,
        )
        lines = told(chat, "how much error budget is left?").splitlines()
        assert "% left: " in lines[1]

        def measured_now() -> list[str]:
            admin.http.get("/api/v1/alerts")
            return told(chat, "what is the p99 latency?").splitlines()

        wait_for("requests in the rates", lambda: measured_now()[1] != "no requests", within_s=60, every_s=2)
        measured = measured_now()
        assert measured[0] == "Over the last 5m, of KubeChat itself:"
        assert measured[1].endswith("of them failed")
        assert measured[2].startswith("API, p99: ")
        assert measured[3].startswith("simple questions, p95: ")
        assert "web itself" in told(chat, "p99 latency of web over the last hour")
