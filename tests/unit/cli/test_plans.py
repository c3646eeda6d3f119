"""`kubechat approvals | approve | deny` show a plan before it is decided, and send the hash that was seen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import connection, main

PLAN = "01a21515-cdd5-77db-883f-34c841ce2305"
WAITING = {
    "plan": PLAN,
    "digest": "abc123",
    "by": "ada",
    "display_name": "Ada",
    "yours": False,
    "expires_at": "2026-08-04T14:00:00+00:00",
    "risk": "destructive",
    "commands": ["kubectl delete pod web-1 -n shop --context prod-eu"],
    "consequences": ["Nothing starts it again: no controller owns it."],
    "steps": [
        {
            "command": "kubectl delete pod web-1 -n shop",
            "cluster": "prod-eu",
            "namespace": "shop",
            "summary": "delete pod/web-1",
            "diff": "",
        }
    ],
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    """What the gateway was sent; one plan waits, and what is decided is answered."""
    kept: list[tuple[str, str, Any]] = []

    def call(method: str, path: str, body: Any = None) -> Any:
        kept.append((method, path, body))
        if method == "PUT":
            return {"groups": sorted(body["groups"])}
        if method == "GET":
            return {"approvals": [WAITING, {**WAITING, "plan": "another", "yours": True}]}
        return {"state": "approved", "expires_at": "2026-08-04T14:05:00+00:00"}

    monkeypatch.setattr(connection, "call", call)
    return kept


def kubechat(*args: str) -> Result:
    return CliRunner().invoke(main.build(), [*args], env={"COLUMNS": "200", "TERM": "dumb"})


def test_what_waits_is_listed_with_who_has_to_decide(sent: list[Any]) -> None:
    shown = kubechat("approvals").stdout
    assert PLAN in shown
    assert "somebody else" in shown
    assert len(json.loads(kubechat("approvals", "--json").stdout)) == 2


@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_without_a_hash_a_plan_is_shown_and_nothing_is_decided(sent: list[Any], verb: str) -> None:
    shown = kubechat(verb, PLAN).stdout
    assert "Nothing starts it again" in shown
    assert f"kubechat {verb} {PLAN} --confirm abc123" in shown
    assert [method for method, *_ in sent] == ["GET"]


def test_the_hash_that_was_seen_is_sent(sent: list[Any]) -> None:
    assert kubechat("approve", PLAN, "--confirm", "abc123").stdout.startswith("Approved")
    assert kubechat("deny", PLAN, "--confirm", "abc123", "--reason", "no").stdout == "Denied; nothing was changed.\n"
    assert sent == [
        ("POST", f"/api/v1/plans/{PLAN}/approve", {"digest": "abc123"}),
        ("POST", f"/api/v1/plans/{PLAN}/deny", {"digest": "abc123", "reason": "no"}),
    ]


def test_a_plan_that_waits_for_nobody_here_is_refused(sent: list[Any]) -> None:
    assert kubechat("approve", "01a21515-cdd5-77db-883f-34c841ce2306").exit_code != 0


def test_a_persons_groups_are_replaced(sent: list[Any]) -> None:
    assert kubechat("user", "groups", "Ada", "team-shop", "approvers").stdout == "ada is in approvers, team-shop.\n"
    assert kubechat("user", "groups", "ada").stdout == "ada is in no group.\n"
    assert sent[0] == ("PUT", "/api/v1/users/ada/groups", {"groups": ["team-shop", "approvers"]})
