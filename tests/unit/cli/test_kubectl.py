"""`kubechat kubectl`: the line goes to the gateway as it was typed, and a manifest below it only where it asks for one."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import connection
from app.cli.kubectl import lines_of, wants_manifest
from app.cli.main import build
from app.domain.commands.model.command import Risk
from app.domain.commands.parser import parse

PLAN = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    found: list[tuple[str, str, Any]] = []

    def call(method: str, path: str, body: Any = None) -> Any:
        found.append((method, path, body))
        return {"events": [{"type": "text", "text": "said"}]}

    monkeypatch.setattr(connection, "call", call)
    return found


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--", "get", "pods", "-n", "shop"], "get pods -n shop"),
        (["get", "pods", "-l", "app in (a,b)"], "get pods -l 'app in (a,b)'"),
        (["label", "deploy/web", "note=two words"], "label deploy/web 'note=two words'"),
        (
            ["--", "run", "x", "--image=busybox", "--", "sh", "-c", "sleep 5"],
            "run x --image=busybox -- sh -c 'sleep 5'",
        ),
    ],
)
def test_words_reach_the_gateway_as_one_line_that_means_the_same(
    asked: list[tuple[str, str, Any]], words: list[str], line: str
) -> None:
    ran = CliRunner().invoke(build(), ["kubectl", *words])
    assert ran.exit_code == 0, ran.output
    assert asked == [("POST", "/api/v1/commands", {"line": line})]
    assert ran.output == "said\n"
    parse(line, cluster="c", namespace="shop", clusters=["c"])


def test_a_manifest_comes_from_standard_input(asked: list[tuple[str, str, Any]]) -> None:
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    ran = CliRunner().invoke(build(), ["kubectl", "--", "apply", "-f", "-"], input=manifest)
    assert ran.exit_code == 0, ran.output
    ((_, _, body),) = asked
    assert body == {"line": f"apply -f -\n{manifest}"}
    assert parse(body["line"], cluster="c", namespace="shop", clusters=["c"]).risk is Risk.CHANGE


def test_a_manifest_that_is_far_too_large_is_not_sent(asked: list[tuple[str, str, Any]]) -> None:
    large = io.BytesIO(b"a: b\n" * 4_000_000).read().decode()
    ran = CliRunner().invoke(build(), ["kubectl", "--", "apply", "-f", "-"], input=large)
    assert ran.exit_code != 0
    assert "too large" in str(ran.exception)
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
    assert wants_manifest(words) == wanted


def test_a_preview_ends_with_the_line_that_confirms_it() -> None:
    step = {"summary": "web: 3 → 5 replicas", "cluster": "prod-eu", "namespace": "shop", "diff": "-3\n+5"}
    preview = {
        "type": "preview", "plan": PLAN, "digest": "abc", "typed_name": "web", "steps": [step], "consequences": ["2 start."]
    }  # fmt: skip
    assert lines_of(preview) == [
        "web: 3 → 5 replicas [prod-eu/shop]",
        "  -3",
        "  +5",
        "- 2 start.",
        f"kubechat confirm {PLAN} abc --typed web",
    ]
    done = {"type": "outcome", "plan": PLAN, "state": "applied", "text": "done", "undo": True}
    assert lines_of(done)[-1].startswith(f"kubechat undo {PLAN}")


def test_undo_and_confirm_name_their_plan(asked: list[tuple[str, str, Any]]) -> None:
    assert CliRunner().invoke(build(), ["undo", PLAN]).exit_code == 0
    ran = CliRunner().invoke(build(), ["confirm", PLAN, "abc", "--typed", "web", "--events"])
    assert json.loads(ran.output) == [{"type": "text", "text": "said"}]
    assert [(method, path) for method, path, _ in asked] == [
        ("POST", f"/api/v1/plans/{PLAN}/undo"),
        ("POST", f"/api/v1/plans/{PLAN}/confirm"),
    ]
    assert asked[1][2] == {"digest": "abc", "typed": "web"}
