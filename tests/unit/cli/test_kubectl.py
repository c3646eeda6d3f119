"""`kubechat kubectl`: the line goes to the gateway as it was typed, and a manifest below it only where it asks for one."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import connection
from app.cli.kubectl import takes_manifest
from app.cli.main import build
from app.domain.commands.model.command import Risk
from app.domain.commands.parser import parse

PLAN = "01890a5d-ac96-774b-bcce-b302099a8057"
STEP = {"command": "kubectl scale …", "summary": "web: 3 → 5 replicas", "diff": "-3\n+5"}
PREVIEW = {
    "type": "preview", "plan": PLAN, "digest": "abc", "typed_name": None, "steps": [STEP], "consequences": ["2 start."]
}  # fmt: skip
OUTCOME = {"type": "outcome", "plan": PLAN, "state": "applied", "text": "web scaled", "undo": True}
Calls = list[tuple[str, str, Any]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Calls:
    found: Calls = []

    def call(method: str, path: str, body: Any = None) -> Any:
        found.append((method, path, body))
        if path.endswith("/undo"):
            return {"events": [PREVIEW]}
        return {"events": [OUTCOME] if path.endswith("/confirm") else [{"type": "text", "text": "said"}]}

    monkeypatch.setattr(connection, "call", call)
    return found


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--", "label", "deploy/web", "note=two words"], "label deploy/web 'note=two words'"),
        (["label", "deploy/web", "note=it's $5"], "label deploy/web 'note=it'\"'\"'s $5'"),
        (
            ["--", "run", "x", "--image=busybox", "--", "sh", "-c", "sleep 5"],
            "run x --image=busybox -- sh -c 'sleep 5'",
        ),
    ],
)
def test_words_reach_the_gateway_as_one_line_that_means_the_same(asked: Calls, words: list[str], line: str) -> None:
    ran = CliRunner().invoke(build(), ["kubectl", *words])
    assert ran.exit_code == 0, ran.output
    assert asked == [("POST", "/api/v1/commands", {"line": line, "cluster": ""})]
    assert ran.output == "said\n"
    parse(line, cluster="c", namespace="shop", clusters=["c"])


def test_a_manifest_comes_from_standard_input(asked: Calls) -> None:
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    ran = CliRunner().invoke(build(), ["kubectl", "--", "apply", "-f", "-"], input=manifest)
    assert ran.exit_code == 0, ran.output
    line = asked[0][2]["line"]
    assert line == f"apply -f -\n{manifest}"
    assert parse(line, cluster="c", namespace="shop", clusters=["c"]).risk is Risk.CHANGE


@pytest.mark.parametrize(("content", "part"), [(b"a: b\n" * 4_000_000, "too large"), (b"a: \xff\xfe", "UTF-8")])
def test_a_manifest_that_cannot_be_one_is_not_sent(asked: Calls, content: bytes, part: str) -> None:
    ran = CliRunner().invoke(build(), ["kubectl", "--", "apply", "-f", "-"], input=content)
    assert ran.exit_code != 0
    assert part in str(ran.exception)
    assert asked == []


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["apply", "-f", "-"], True),
        (["apply", "-f-"], True),
        (["apply", "--filename=-"], True),
        (["apply", "--filename", "-"], True),
        (["logs", "-f", "web"], False),
        (["apply", "-f", "web.yaml"], False),
        (["get", "pods"], False),
    ],
)
def test_nothing_is_read_from_standard_input_unless_it_is_asked_for(words: list[str], wanted: bool) -> None:
    assert takes_manifest(words) == wanted


def test_taking_back_shows_and_carries_out(asked: Calls) -> None:
    ran = CliRunner().invoke(build(), ["undo", PLAN, "--yes"])
    assert ran.exit_code == 0, ran.output
    assert "web: 3 → 5 replicas" in ran.output
    assert f"kubechat undo {PLAN}" in ran.output
    assert [(method, path) for method, path, _ in asked] == [
        ("POST", f"/api/v1/plans/{PLAN}/undo"),
        ("POST", f"/api/v1/plans/{PLAN}/confirm"),
    ]
    assert asked[1][2] == {"digest": "abc", "typed": None}
