"""What is said of the last command, told by what is new in it."""

from __future__ import annotations

import pytest

from app.nlp.translator.plan import Behaviour, Context, Plan, Turn
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()
SCALES = Turn("kubectl scale deployment cart --replicas=5 -n shop", "pending", before="2")
SCALED = Turn("kubectl scale deployment cart --replicas=5 -n shop", "done", before="2")
BOUNDS = Turn("kubectl autoscale deployment cart --min=2 --max=6 --cpu-percent=80 -n shop", "pending")
IMAGE = Turn("kubectl set image deployment/web web=nginx:1.27 -n shop", "pending", before="nginx:1.25")
LABEL = Turn("kubectl label pod web-5f7c9d6b8-2xkqp tier=silver -n shop", "pending")
LOGS = Turn("kubectl logs deployment/cart --tail=50 -n shop")
PODS = Turn("kubectl get pods -l app=cart -n shop", rows=("cart-6b8f7c5d4-4ncvr", "cart-6b8f7c5d4-t8wlk"))
NODES = Turn("kubectl get nodes", rows=("node-a", "node-b", "node-c"))


def read(text: str, *turns: Turn) -> Plan:
    return translate(text, Context("prod-eu", "shop", turns), VOCABULARY)


@pytest.mark.parametrize(
    ("turns", "text", "command"),
    [
        ((SCALES,), "hmm, make it four", "scale deployment/cart --replicas=4 -n shop"),
        ((SCALES,), "one more than that", "scale deployment/cart --replicas=6 -n shop"),
        ((SCALES,), "sorry, i meant checkout", "scale deployment/checkout --replicas=5 -n shop"),
        ((SCALES,), "wait, wrong cluster, i wanted that on prod-us", "scale deployment/cart --replicas=5 -n shop --context prod-us"),
        ((BOUNDS,), "max 10, rest is fine", "autoscale deployment cart --min=2 --max=10 --cpu-percent=80 -n shop"),
        ((BOUNDS,), "rather between 3 and 9", "autoscale deployment cart --min=3 --max=9 --cpu-percent=80 -n shop"),
        ((IMAGE,), "1.26 not 1.27", "set image deployment/web web=nginx:1.26 -n shop"),
        ((LABEL,), "no hang on, gold not silver", "label pod/web-5f7c9d6b8-2xkqp tier=gold -n shop"),
        ((LOGS,), "that isn't enough, i want 500 lines", "logs deployment/cart --tail=500 -n shop"),
        ((LOGS,), "keep following them please", "logs deployment/cart --tail=50 -f -n shop"),
        ((PODS,), "2nd one is hung del it", "delete pod/cart-6b8f7c5d4-t8wlk -n shop"),
        ((NODES,), "the middle one needs a reboot, move everything off it please", "drain node-b --ignore-daemonsets"),
        ((SCALED,), "hmm, back to what it was", "scale deployment/cart --replicas=2 -n shop"),
        ((SCALED, Turn("kubectl label deployment web tier=gold -n shop", before="none")), "remove that label again", "label deployment/web tier- -n shop"),
        ((Turn("kubectl cordon node-b"),), "undo the cordon", "uncordon node-b"),
        ((Turn("kubectl taint nodes node-b gpu=yes:NoSchedule"),), "taint off again pls", "taint nodes node-b gpu=yes:NoSchedule-"),
        ((Turn("kubectl expose deployment batch-heavy --port=8080 -n shop"),), "changed my mind, undo", "delete service/batch-heavy -n shop"),
        ((Turn("kubectl drain node-b --ignore-daemonsets", "pending"),), "hmm just cordon it, no drain", "cordon node-b"),
        ((Turn("kubectl get pods -n shop"),), "narrow that down to the checkout ones", "get pods -l app=checkout -n shop"),
    ],
)  # fmt: skip
def test_what_is_new_goes_into_the_last_command(turns: tuple[Turn, ...], text: str, command: str) -> None:
    assert read(text, *turns).commands == (f"kubectl {command}",)


@pytest.mark.parametrize("text", ["go ahead", "looks good, ship it", "yeah do it", "that is fine, please proceed"])
def test_a_yes_carries_out_what_waits(text: str) -> None:
    assert read(text, SCALES).action == "execute pending"


@pytest.mark.parametrize(
    "text",
    [
        "yes, but with 4",
        "ok, not now",
        "fine, but wait for bob first",
        "go away",
        "will that cause any downtime?",
        "yes if the queue is empty",
        "looks wrong",
        "ok tomorrow",
        "sure about that?",
        "nice, and what does it do to the jobs?",
        "all good on staging, only there",
    ],
)
def test_no_half_yes_carries_anything_out(text: str) -> None:
    assert read(text, SCALES).action != "execute pending"


@pytest.mark.parametrize(
    "text", ["no thanks, leave it", "forget it, i'll do this after the freeze", "stop, not like that"]
)
def test_a_no_calls_off_what_waits(text: str) -> None:
    assert read(text, SCALES).action == "cancel pending"


def test_all_of_the_last_changes_are_taken_back_where_all_are_meant() -> None:
    other = Turn("kubectl scale deployment checkout --replicas=5 -n shop", before="2")
    lines = tuple(f"kubectl scale deployment/{name} --replicas=2 -n shop" for name in ("cart", "checkout"))
    assert read("please reverse both of those", SCALED, other).commands == lines


def test_the_last_two_are_both_meant() -> None:
    wanted = tuple(f"kubectl delete pod/{name} -n shop" for name in PODS.rows)
    assert read("delete the last two", PODS).commands == wanted


def test_one_of_several_is_not_all_of_them() -> None:
    assert read("one of those should be deleted", PODS).behaviour is Behaviour.CLARIFY


def test_thanks_after_a_change_do_not_take_it_back() -> None:
    assert read("haha nice, that was quick", SCALED).behaviour is Behaviour.ANSWER
