"""What a typed line would do, as `kubechat ask` tells it."""

from __future__ import annotations

import pytest

from app.domain.commands.typed import Typed, is_surely_typed, read_typed

CLUSTERS = ("prod-eu", "prod-us", "staging")


def read(line: str) -> Typed:
    return read_typed(line, cluster="prod-eu", namespace="shop", clusters=CLUSTERS)


@pytest.mark.parametrize(
    ("line", "behaviour", "commands"),
    [
        ("kubectl get pods", "run", ("kubectl get pods -n shop",)),
        ("k get pvc -A", "run", ("kubectl get pvc -A",)),
        ("kubectl scale deploy/web --replicas 2", "confirm", ("kubectl scale deploy/web --replicas=2 -n shop",)),
        ("kubectl delete deployment web", "strong", ("kubectl delete deployment/web -n shop",)),
        (
            "kubectl get pods --context prod-us,staging",
            "run",
            ("kubectl get pods -n shop --context prod-us", "kubectl get pods -n shop --context staging"),
        ),
    ],
)
def test_a_line_is_told_by_its_risk_and_written_in_full(line: str, behaviour: str, commands: tuple[str, ...]) -> None:
    typed = read(line)
    assert (typed.behaviour, typed.commands) == (behaviour, commands)


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("kubectl config set-context --current --namespace=qa", "set namespace qa"),
        ("kubectl config use-context staging", "set context staging"),
    ],
)
def test_what_moves_the_conversation_is_no_command(line: str, action: str) -> None:
    assert read(line) == Typed("session", action=action)


def test_a_diagnosis_names_its_target() -> None:
    assert read("kubectl diagnose deployment/web").target == "deployment/web -n shop"
    assert read("kubectl diagnose -A").target == "cluster"


@pytest.mark.parametrize(
    ("line", "behaviour"),
    [
        ("kubectl gt pods", "clarify"),
        ("kubectl exec -it web-1 -- sh", "refuse"),
        ("kubectl get pods --as=admin", "refuse"),
        ("k get secret payments -o jsonpath='{.data}' | base64 -d", "refuse"),
        ("kubectl get secret payments -o yaml", "refuse"),
        ("kubectl get pods | wc -l", "clarify"),
    ],
)
def test_what_is_no_command_or_none_of_ours_says_why(line: str, behaviour: str) -> None:
    typed = read(line)
    assert typed.behaviour == behaviour
    assert typed.say
    assert not typed.commands


@pytest.mark.parametrize(
    ("text", "surely"),
    [
        ("kubectl get pods", True),
        ("K get pods", True),
        ("get pods -o wide", True),
        ("get pods", False),
        ("k thanks", False),
        ("scale web to 5 - please", False),
    ],
)
def test_only_what_nobody_would_say_is_surely_typed(text: str, surely: bool) -> None:
    assert is_surely_typed(text) is surely
