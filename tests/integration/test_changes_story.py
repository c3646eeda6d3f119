"""Changes through the public ways: a pasted manifest in the chat and from a terminal, and what was done taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.chat import Chat, Person, change, only
from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack
MANIFEST = """apiVersion: v1
kind: ConfigMap
metadata:
  name: pasted
data:
  colour: blue
---
apiVersion: v1
kind: Secret
metadata:
  name: pasted
stringData:
  password: canary-hunter22
"""


def undo(chat: Chat, plan: str) -> list[dict[str, Any]]:
    return chat.turn({"type": "undo", "id": str(uuid4()), "chat_session": chat.session, "plan": plan})


def test_a_pasted_manifest_is_shown_applied_and_told_without_its_secrets(admin: Person) -> None:
    with admin.chat() as chat:
        preview = only(chat.say(f"kubectl apply -f - -n shop\n{MANIFEST}"), "preview")
        assert [step["summary"] for step in preview["steps"]] == ["create configmap/pasted", "create secret/pasted"]
        assert "colour: blue" in preview["steps"][0]["diff"]
        outcome = only(chat.confirm(preview), "outcome")
        assert outcome["state"] == "applied", outcome
        assert outcome["undo"] is False
        again = only(chat.say(f"apply -f -\n{MANIFEST}"), "text")
        assert again["text"].splitlines()[1:] == ["configmap/pasted unchanged", "secret/pasted unchanged"]
        assert "canary" not in str(preview) + str(outcome) + str(again)
        wrong = only(chat.say("kubectl apply -f -\nkind: ConfigMap\nkind: Secret\n"), "error")
        assert "line 2, column 1" in wrong["message"]
    events = admin.http.get("/api/v1/audit/events", params={"verb": "apply", "limit": "20"}).json()["events"]
    assert {event["outcome"] for event in events if event["kind"] == "outcome"} == {"applied"}
    assert "canary" not in str(events)


def test_a_change_is_taken_back_from_its_outcome(admin: Person) -> None:
    with admin.chat() as chat:
        outcome = change(chat, "kubectl label deployment web tier=gold -n shop")
        assert (outcome["state"], outcome["undo"]) == ("applied", True)
        back = only(undo(chat, outcome["plan"]), "preview")
        assert (back["steps"][0]["before"], back["steps"][0]["after"]) == ("tier=gold", "none")
        undone = only(chat.confirm(back), "outcome")
        assert undone["state"] == "applied", undone
        refused = only(undo(chat, outcome["plan"]), "error")
        assert (refused["code"], "has changed again since" in refused["message"]) == ("changed_since", True)
    events = admin.http.get("/api/v1/audit/events", params={"verb": "undo", "limit": "20"}).json()["events"]
    done = [event for event in events if event["event_id"] in undone["events"]]
    assert [event["command"] for event in done] == [f"kubechat undo {outcome['plan']}"]


def test_an_object_that_changed_since_the_preview_gives_a_new_one(admin: Person) -> None:
    with admin.chat() as chat:
        preview = only(chat.say("kubectl annotate deployment cart note=mine -n shop"), "preview")
        assert change(chat, "kubectl annotate deployment cart note=theirs -n shop")["state"] == "applied"
        told = chat.confirm(preview)
        assert only(told, "outcome")["state"] == "refused"
        # What was asked would overwrite it now, and says so.
        assert only(told, "error")["code"] == "needs_overwrite"


@pytest.mark.full
def test_the_command_line_changes_and_takes_back(stack: LocalStack, tmp_path: Path) -> None:
    def run(*words: str, typed: str | None = None) -> list[str]:
        said = stack.command(*words, typed=typed, XDG_CONFIG_HOME=str(tmp_path)).stdout
        return said.strip().splitlines()

    name, password = stack.admin
    run("login", "--url", stack.url, "--user", name, "--password-stdin", typed=f"{password}\n")
    done = run("kubectl", "--yes", "--", "scale", "deployment/cart", "--replicas=3", "-n", "shop")
    assert any("deployment.apps/cart scaled" in line for line in done)
    assert done[-1].startswith("kubechat undo ")
    undone = run(*done[-1].partition("  #")[0].split()[1:], "--yes")
    assert any("deployment.apps/cart scaled" in line for line in undone)

    def back() -> bool:
        rows = run("kubectl", "--", "get", "deployment", "cart", "-n", "shop")
        return rows[1].split()[1] == "2/2"

    wait_for("two replicas again", back)
    text = MANIFEST.replace("pasted", "piped")
    applied = run("kubectl", "--yes", "--", "apply", "-f", "-", "-n", "shop", typed=text)
    assert any(line.startswith("configmap/piped created") for line in applied)
