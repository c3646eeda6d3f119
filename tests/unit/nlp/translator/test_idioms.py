"""Idioms, keys that are taken off with their values, and values that nobody said."""

from __future__ import annotations

import pytest

from app.nlp.translator.plan import Behaviour, Context, Plan, Turn
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()


def read(text: str, *turns: Turn) -> Plan:
    return translate(text, Context("prod-eu", "shop", turns=turns), VOCABULARY)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("checkout needs an env variable MODE whose value is fast", "set env deployment/checkout MODE=fast -n shop"),
        ("change LOG_LEVEL from debug to info on checkout", "set env deployment/checkout LOG_LEVEL=info -n shop"),
        ("node-a should be labelled so that its disk says nvme", "label node/node-a disk=nvme"),
        ("the taint dedicated=db:NoSchedule must come off node-a", "taint nodes node-a dedicated=db:NoSchedule-"),
        ("remove the taint dedicated=db:NoSchedule from node-a", "taint nodes node-a dedicated=db:NoSchedule-"),
        ("remove the label tier=gold from web", "label deployment/web tier- -n shop"),
        ("remove label disk=ssd from node-a", "label node/node-a disk-"),
        ("put cart to sleep, no pods at all", "scale deployment/cart --replicas=0 -n shop"),
        ("cart can get by on half of its pods", "scale deployment/cart --replicas=1 -n shop"),
        ("just restart web, thanks", "rollout restart deployment/web -n shop"),
        ("just restart web, nothing else", "rollout restart deployment/web -n shop"),
        (
            "that disk isn't needed any more: do delete the pvc data-orders-db-0",
            "delete persistentvolumeclaim/data-orders-db-0 -n shop",
        ),
        ("logs of web containing 502", "logs deployment/web -n shop"),
        ("look at kube-system for me, are its pods healthy?", "get pods -n kube-system"),
    ],
)
def test_an_idiom_is_read_as_what_it_stands_for(text: str, command: str) -> None:
    plan = read(text)
    assert plan.commands == (f"kubectl {command}",), (plan.say, plan.commands)


@pytest.mark.parametrize(
    "text",
    [
        "web needs the environment variable FEATURE_X with something in it",
        "payments-api needs an environment variable FEATURE_REFUNDS which nobody has set",
    ],
)
def test_a_value_that_nobody_said_is_never_set(text: str) -> None:
    plan = read(text)
    assert plan.behaviour is not Behaviour.CONFIRM or not any("set env" in line for line in plan.commands), (
        plan.commands
    )


ROWS = Turn("kubectl get pods -l app=cart -n shop", rows=("cart-6b8f7c5d4-4ncvr", "cart-6b8f7c5d4-t8wlk"), row_count=2)
SCALED = Turn("kubectl scale deployment web --replicas=9 -n shop", before="3")
ROLLED = Turn("kubectl rollout status deployment web -n shop")
WAITING = Turn("kubectl rollout restart deployment web -n shop", state="pending")
ON_A_NODE = Turn("kubectl get pod orders-db-0 -n shop -o wide", rows=("orders-db-0",), cells={"NODE": "node-c"})


@pytest.mark.parametrize(
    ("turn", "text", "command"),
    [
        (ROWS, "the one at the bottom may be deleted", "delete pod/cart-6b8f7c5d4-t8wlk -n shop"),
        (ROWS, "describe the one on top", "describe pod/cart-6b8f7c5d4-4ncvr -n shop"),
        (
            SCALED,
            "oh, that was more than we can pay for, put it back the way it was",
            "scale deployment/web --replicas=3 -n shop",
        ),
        (
            WAITING,
            "sorry, I mixed up the names, I was thinking of checkout",
            "rollout restart deployment/checkout -n shop",
        ),
        (ROWS, "thanks! now the logs of the first, please", "logs cart-6b8f7c5d4-4ncvr -n shop"),
        (ROWS, "great, that helps. what about web?", "get pods -l app=web -n shop"),
        (ROWS, "neither looks healthy, restart the deployment", "rollout restart deployment/cart -n shop"),
        (ROWS, "delete the deployment web", "delete deployment/web -n shop"),
        (ROLLED, "still hanging, I don't trust this thing, roll it back", "rollout undo deployment/web -n shop"),
        (ROWS, "hm, the first one looks fishy, show me its log", "logs cart-6b8f7c5d4-4ncvr -n shop"),
        (SCALED, "how is it going?", "rollout status deployment/web -n shop"),
        (SCALED, "one more wouldn't hurt", "scale deployment/web --replicas=10 -n shop"),
        (ON_A_NODE, "close the node it sits on for newcomers", "cordon node-c"),
        (ON_A_NODE, "who are its neighbours on that node?", "get pods --field-selector=spec.nodeName=node-c -A"),
        (
            Turn("kubectl describe deployment cart -n shop", rows=("cart",)),
            "it hasn't been restarted for ages, so please do that now",
            "rollout restart deployment/cart -n shop",
        ),
        (
            Turn("kubectl logs deployment/web -n shop --since=10m"),
            "once more, only with checkout's this time",
            "logs deployment/checkout --since=10m -n shop",
        ),
        (
            Turn("kubectl set env deployment/web MODE=fast -n shop", before="slow"),
            "undo that please",
            "set env deployment/web MODE=slow -n shop",
        ),
    ],
)
def test_an_idiom_behind_a_turn(turn: Turn, text: str, command: str) -> None:
    plan = read(text, turn)
    wanted = command.replace("deployment/", "deployment ")
    assert [line.replace("deployment/", "deployment ") for line in plan.commands] == [f"kubectl {wanted}"], plan.say


@pytest.mark.parametrize(
    "text", ["not now, roll it back", "somebody said so, roll it back", "if it hangs, roll it back"]
)
def test_what_stands_before_the_last_part_may_take_it_back(text: str) -> None:
    assert not any("undo" in line for line in read(text, ROLLED).commands)


@pytest.mark.parametrize(
    "text",
    [
        "cart-canary is needed no more",
        "do you think cart gets by with half of its pods?",
        "nobody said that the taint dedicated may come off node-b",
        "when may the taint dedicated come off node-b?",
        "they put cart to sleep last night",
        "he wants to do away with cart-canary",
        "nobody should be able to schedule on node-c, says the runbook",
        "from tomorrow not a single node may take on new pods",
    ],
)
def test_an_idiom_that_is_told_or_asked_is_no_change(text: str) -> None:
    assert read(text).behaviour not in {Behaviour.CONFIRM, Behaviour.STRONG}
