"""Questions about Kubernetes itself and about what a change would do are answered; what is asked of objects is looked up."""

from __future__ import annotations

import pytest

from app.nlp.translator.plan import Behaviour, Context, Plan, Turn
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()


def read(text: str) -> Plan:
    return translate(text, Context("prod-eu", "shop"), VOCABULARY)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("what's the difference between cordon and drain?", ("Cordoning", "Draining")),
        ("does a rollback restore the configmap?", ("rollback brings back", "Config maps")),
        ("what would happen if i drained node-b right now?", ("evicts its pods",)),
        ("what does CrashLoopBackOff mean", ("ends again and again",)),
        ("deployment vs statefulset, when do i use which?", ("interchangeable", "lasting name")),
        ("would i lose data if the pvc of orders-db goes away?", ("may delete what it holds",)),
        ("what's maxSurge for?", ("more than wanted",)),
        ("is it dangerous to restart a database during the day", ("one after another",)),
    ],
)
def test_what_is_asked_about_kubernetes_is_told_in_a_sentence(text: str, told: tuple[str, ...]) -> None:
    plan = read(text)
    assert plan.behaviour is Behaviour.ANSWER
    assert not plan.commands
    assert all(part in plan.say for part in told), plan.say


@pytest.mark.parametrize("state", ["done", "pending"])
def test_it_is_told_behind_an_earlier_turn_as_well(state: str) -> None:
    context = Context("prod-eu", "shop", turns=(Turn("kubectl scale deployment/web --replicas=5 -n shop", state),))
    plan = translate("what would happen if i delete cart?", context, VOCABULARY)
    assert plan.behaviour is Behaviour.ANSWER
    assert "What is deleted is gone" in plan.say
    of_it = translate("and if i delete it?", context, VOCABULARY)
    assert "What is deleted is gone" not in of_it.say


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("what is wrong with cart", "kubectl get pods -l app=cart"),
        ("is the rollout of web through already?", "kubectl rollout status"),
        ("what is the status of the nodes", "kubectl get nodes"),
        ("can i delete pods in qa?", "kubectl auth can-i delete pods"),
        ("how many replicas does cart have", "kubectl get deployment"),
    ],
)
def test_what_is_asked_of_objects_is_looked_up(text: str, start: str) -> None:
    assert read(text).commands[0].startswith(start)


@pytest.mark.parametrize(
    "text",
    [
        "thanks, that was really helpful!",
        "morning! slept well?",
        "i restarted web about ten minutes ago, just so you know",
        "tomorrow at nine we'll roll back payments-api, just planning",
        "hands off kube-proxy please",
        "are you a human?",
    ],
)
def test_what_asks_for_nothing_is_answered_and_not_asked_back(text: str) -> None:
    assert read(text).behaviour is Behaviour.ANSWER


@pytest.mark.parametrize("text", ["frobnicate the flux capacitor", "make it faster", "fix it"])
def test_what_asks_for_something_unclear_is_asked_back(text: str) -> None:
    assert read(text).behaviour is Behaviour.CLARIFY
