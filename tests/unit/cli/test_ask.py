"""`kubechat ask --batch`: many requests from a file, without a stack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.batch import answers
from app.cli.main import build
from app.errors import InvalidInputError

KEYS = {"id", "behaviour", "commands", "target", "action", "say", "confidence"}


def written(folder: Path, *entries: object) -> Path:
    path = folder / "requests.jsonl"
    path.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    return path


def test_each_request_of_a_file_is_answered_by_the_plan_for_its_words_and_turns(tmp_path: Path) -> None:
    shown = {"command": "kubectl get pods -n shop", "rows": ["orders-db-0", "web-5f7c9d6b8-2xkqp"], "row_count": 2}
    path = written(
        tmp_path,
        {"id": "a", "text": "show me the pods", "namespace": "monitoring"},
        {"id": "b", "text": "describe the first one", "namespace": "shop", "turns": [shown]},
        {"id": 3, "text": "scale web to 5"},
        {"id": "d", "text": "why is payments-api failing?"},
        {"id": "e", "text": ""},
    )
    done = CliRunner().invoke(build(), ["ask", "--batch", str(path)])
    assert done.exit_code == 0, done.output
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [set(answer) for answer in found] == [KEYS] * 5
    assert [(answer["id"], answer["behaviour"], answer["commands"]) for answer in found[:3]] == [
        ("a", "run", ["kubectl get pods -n monitoring"]),
        ("b", "run", ["kubectl describe pod/orders-db-0 -n shop"]),
        (3, "confirm", ["kubectl scale deployment/web --replicas=5 -n shop"]),
    ]
    assert (found[3]["behaviour"], found[3]["target"]) == ("diagnose", "deployment/payments-api -n shop")
    assert found[4]["behaviour"] in {"answer", "clarify"}
    assert all(0 <= answer["confidence"] <= 1 for answer in found)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2: it is no JSON"),
        ('{"id": "b"}', "line 2: look at text"),
        ('["b"]', "line 2: look at the line"),
        ('{"id": "b", "text": "x", "turns": [{"state": "done"}]}', "line 2: look at turns.0.command"),
    ],
)
def test_a_line_that_is_no_request_is_named(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_text(f'{{"id": "a", "text": "pods"}}\n{line}\n')
    with pytest.raises(InvalidInputError, match=told):
        list(answers(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"nosuch\.jsonl cannot be read: No such file"):
        list(answers(tmp_path / "nosuch.jsonl"))


def test_a_plan_that_a_language_model_made_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "kubectl scale deployment/cart --replicas=5 -n shop"
    plan = {
        "behaviour": "confirm",
        "commands": [line],
        "target": "",
        "action": "",
        "say": "More replicas.",
        "confidence": 0.0,
        "choices": [],
        "reading": [],
        "view": {},
        "backend": "model",
    }
    monkeypatch.setattr("app.cli.connection.call", lambda *_: plan)
    done = CliRunner().invoke(build(), ["ask", "make cart faster"])
    assert line in done.output
    assert "A language model says so" in done.output
    monkeypatch.setattr("app.cli.connection.call", lambda *_: {**plan, "backend": "embedded"})
    assert "language model" not in CliRunner().invoke(build(), ["ask", "make cart faster"]).output


@pytest.mark.parametrize("words", [["ask"], ["ask", "  "], ["ask", "pods", "--batch", "x.jsonl"]])
def test_words_and_a_file_are_not_given_together_and_one_of_them_is(words: list[str]) -> None:
    done = CliRunner().invoke(build(), words)
    assert isinstance(done.exception, InvalidInputError)
