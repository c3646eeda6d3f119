from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlp.translator.kubectl import Scope, line, read_line


def test_a_line_says_its_namespace_and_only_another_cluster() -> None:
    assert line(["get", "pods"], Scope("shop")) == "kubectl get pods -n shop"
    assert line(["get", "pods"], Scope(None, "staging")) == "kubectl get pods -A --context staging"
    assert line(["get", "nodes"], Scope("")) == "kubectl get nodes"


@pytest.mark.parametrize(
    "command",
    [
        "kubectl get pods -n shop",
        "kubectl get pods -A",
        "kubectl get pods -l app=web -n shop --context staging",
        "kubectl get deployment/web -o wide -n shop",
        "kubectl logs deployment/web --tail=20 --since=1h -f -n shop",
        "kubectl logs web-5f7c9d6b8-2xkqp --previous -n shop",
        "kubectl scale deployment/web --replicas=5 -n shop",
        "kubectl rollout undo deployment/web --to-revision=1 -n shop",
        "kubectl set image deployment/web web=nginx:1.28 -n shop",
        "kubectl delete pod/web-5f7c9d6b8-2xkqp -n shop",
        "kubectl cordon node-b",
        "kubectl drain node-b --ignore-daemonsets",
        "kubectl top pods --sort-by=memory -n shop",
    ],
)
def test_an_earlier_command_is_written_as_it_was_read(command: str) -> None:
    spoken = read_line(command)
    assert spoken is not None
    assert sorted(shlex.split(spoken.write())) == sorted(shlex.split(command))


def test_a_diagnosis_is_known_as_what_was_spoken_of() -> None:
    spoken = read_line("diagnose deployment/web -n shop")
    assert spoken is not None
    assert (spoken.names, spoken.write()) == (("web",), "kubectl diagnose deployment/web -n shop")


@pytest.mark.parametrize("command", ["", "helm list", "kubectl", "kubectl get 'pods"])
def test_what_is_no_kubectl_line_is_none(command: str) -> None:
    assert read_line(command) is None


@given(st.text(max_size=80))
def test_any_earlier_command_is_read_without_failing(command: str) -> None:
    spoken = read_line("kubectl " + command)
    if spoken is not None:
        shlex.split(spoken.write())
