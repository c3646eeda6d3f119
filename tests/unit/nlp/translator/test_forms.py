"""Requests that are told by their whole wording, and what keeps a form of words from fitting."""

from __future__ import annotations

import pytest

from app.nlp.translator.plan import CHANGING, Behaviour, Context, Plan, Turn
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()


def say(text: str, *turns: Turn) -> Plan:
    return translate(text, Context("prod-eu", "shop", turns), VOCABULARY)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("label web with tier=gold", "kubectl label deployment/web tier=gold -n shop"),
        ("please put the label tier=gold on web", "kubectl label deployment/web tier=gold -n shop"),
        ("in staging, label web tier=gold", "kubectl label deployment/web tier=gold -n shop --context staging"),
        ("take the tier label off web", "kubectl label deployment/web tier- -n shop"),
        ("annotate web with owner=shop-team", "kubectl annotate deployment/web owner=shop-team -n shop"),
        ("set LOG_LEVEL=debug on checkout", "kubectl set env deployment/checkout LOG_LEVEL=debug -n shop"),
        ("set LOG_LEVEL to debug on checkout", "kubectl set env deployment/checkout LOG_LEVEL=debug -n shop"),
        ("unset LOG_LEVEL on checkout", "kubectl set env deployment/checkout LOG_LEVEL- -n shop"),
        ("set the cpu limit of cart to 500m", "kubectl set resources deployment/cart --limits=cpu=500m -n shop"),
        (
            "bump memory request of cart to 2 gigs",
            "kubectl set resources deployment/cart --requests=memory=2Gi -n shop",
        ),
        ("autoscale cart from 2 to 6", "kubectl autoscale deployment/cart --min=2 --max=6 -n shop"),
        ("expose web on port 80 as a nodeport", "kubectl expose deployment/web --port=80 --type=NodePort -n shop"),
        ("pause the rollout of web", "kubectl rollout pause deployment/web -n shop"),
        ("resume the web rollout", "kubectl rollout resume deployment/web -n shop"),
        ("roll web back to revision 2", "kubectl rollout undo deployment/web --to-revision=2 -n shop"),
        ("taint node-a with gpu=yes:NoSchedule", "kubectl taint nodes node-a gpu=yes:NoSchedule"),
        ("remove the taint gpu from node-a", "kubectl taint nodes node-a gpu-"),
        ("mark node-b as unschedulable", "kubectl cordon node-b"),
        ("create a namespace called load-test", "kubectl create namespace load-test"),
        (
            "create a deployment hello with image nginx:1.27",
            "kubectl create deployment hello --image=nginx:1.27 -n shop",
        ),
        ("take two pods off web", "kubectl scale deployment/web --replicas=1 -n shop"),
        ("bring web down to zero", "kubectl scale deployment/web --replicas=0 -n shop"),
        ("web needs a restart", "kubectl rollout restart deployment/web -n shop"),
        ("traffic is spiking, double checkout", "kubectl scale deployment/checkout --replicas=4 -n shop"),
    ],
)
def test_a_change_is_asked_for_by_a_form_of_words(text: str, line: str) -> None:
    plan = say(text)
    assert (plan.behaviour, plan.commands) == (Behaviour.CONFIRM, (line,))


@pytest.mark.parametrize(
    "text",
    [
        "was web labelled tier=gold?",
        "did you label web tier=gold",
        "should we label web tier=gold?",
        "what would happen if i set LOG_LEVEL=debug on checkout",
        "don't label web tier=gold",
        "do not create a namespace called load-test",
        '"create a namespace called load-test"',
        "my boss said label web tier=gold",
        "the runbook says set LOG_LEVEL=debug on checkout",
        "label web tier=gold if it fails",
        "label web tier=gold tomorrow",
        "why did LOG_LEVEL=debug on checkout",
        "taint node-a with gpu=yes:NoSchedule unless it is busy",
        "does web need a restart?",
        "would web be better off with two pods less",
        "set LOG_LEVEL=debug everywhere",
        "create a namespace called Load_Test",
        "create a secret called db with password=hunter2",
    ],
)
def test_what_stands_beside_it_or_asks_keeps_it_from_being_a_change(text: str) -> None:
    assert not CHANGING & {say(text).behaviour}


POD = Turn(
    "kubectl get pod web-5f7c9d6b8-2xkqp -n shop -o wide", rows=("web-5f7c9d6b8-2xkqp",), cells={"NODE": "node-b"}
)
PODS = Turn("kubectl get pods -n shop", rows=("orders-db-0", "web-5f7c9d6b8-2xkqp"), row_count=2)


@pytest.mark.parametrize(
    ("text", "turn", "behaviour", "lines"),
    [
        ("cordon the node it runs on", POD, Behaviour.CONFIRM, ("kubectl cordon node-b",)),
        ("drain its node", POD, Behaviour.STRONG, ("kubectl drain node-b --ignore-daemonsets",)),
        (
            "what else runs on that node?",
            POD,
            Behaviour.RUN,
            ("kubectl get pods --field-selector=spec.nodeName=node-b -A",),
        ),
        ("how many are those?", PODS, Behaviour.ANSWER, ()),
        (
            "only those on node-a",
            PODS,
            Behaviour.RUN,
            ("kubectl get pods --field-selector=spec.nodeName=node-a -n shop",),
        ),
        (
            "set it back to info",
            Turn("kubectl set env deployment/web LOG_LEVEL=debug -n shop"),
            Behaviour.CONFIRM,
            ("kubectl set env deployment/web LOG_LEVEL=info -n shop",),
        ),
        (
            "scale cart there to 1",
            Turn("kubectl get deployments -n shop --context staging"),
            Behaviour.CONFIRM,
            ("kubectl scale deployment/cart --replicas=1 -n shop --context staging",),
        ),
    ],
)
def test_what_was_shown_before_gives_the_rest(
    text: str, turn: Turn, behaviour: Behaviour, lines: tuple[str, ...]
) -> None:
    plan = say(text, turn)
    assert (plan.behaviour, plan.commands) == (behaviour, lines)


def test_a_cell_that_is_no_name_never_becomes_part_of_a_command() -> None:
    turn = Turn("kubectl get pod a -n shop -o wide", rows=("a",), cells={"NODE": "node-b --force; rm -rf /"})
    plan = say("cordon the node it runs on", turn)
    assert not any("rm" in line for line in plan.commands)
