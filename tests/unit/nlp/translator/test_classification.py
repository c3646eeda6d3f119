"""What the model takes a text for, what it lends words to, and when it is believed."""

from __future__ import annotations

import random

import pytest

from app.nlp.translator.classification.labels import NOTHING, REFUSED, UNCLEAR, label_of, label_of_commands
from app.nlp.translator.classification.model import Model, model
from app.nlp.translator.likeness.reading import READ_AS
from app.nlp.translator.plan import CHANGING, Behaviour, Context, Plan, Question, answer, ask, refuse
from app.nlp.translator.restraint import TOLD
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()


def read(text: str) -> Plan:
    return translate(text, Context("prod-eu", "shop"), VOCABULARY)


@pytest.mark.parametrize(
    ("commands", "numbers", "label"),
    [
        (["kubectl scale deployment/web --replicas=5 -n shop"], ["5"], "scale to"),
        (["kubectl scale deployment/web --replicas=5 -n shop"], ["2"], "scale up"),
        (["kubectl scale deployment web --replicas=2 -n shop"], ["1"], "scale down"),
        (["kubectl scale deployment/web --replicas=0 -n shop"], ["0"], "scale zero"),
        (["kubectl set env deployment/web DEBUG=1 -n shop"], [], "env set"),
        (["kubectl set env deployment/web DEBUG- -n shop"], [], "env unset"),
        (["kubectl set env deployment/web --list -n shop"], [], "env list"),
        (["kubectl taint nodes node-a gpu=yes:NoSchedule-"], [], "taint off"),
        (["kubectl label pod/x tier- -n shop"], [], "label off"),
        (["kubectl get ev -n shop"], [], "events"),
        (["kubectl get po -n shop", "kubectl get svc -n shop"], [], "get"),
        (["kubectl top po -n shop"], [], "top pods"),
        (["kubectl rollout undo deployment/web -n shop"], [], "rollout undo"),
        (['kubectl patch cronjob n -p {"spec":{"suspend":false}} -n shop'], [], "resume"),
        (["kubectl get pods -n shop", "kubectl logs web -n shop"], [], None),
        ([], [], None),
    ],
)
def test_commands_have_the_label_of_what_they_do(commands: list[str], numbers: list[str], label: str | None) -> None:
    assert label_of_commands(commands, numbers, {"web": 3}) == label


def test_plans_without_commands_have_labels_of_their_own() -> None:
    asked = answer("x", question=Question("audit"))
    assert [label_of(plan) for plan in (answer("x"), ask("x"), refuse("x"), asked)] == [
        NOTHING,
        UNCLEAR,
        REFUSED,
        "question audit",
    ]
    assert label_of(Plan(Behaviour.SESSION, action="set namespace qa")) == "session set namespace"
    assert label_of(Plan(Behaviour.DIAGNOSE, target="cluster")) == "diagnose"


def test_a_model_adds_the_weights_of_what_it_knows_and_says_by_how_much_one_label_leads() -> None:
    lines = ["stop\tstart", "0\t-20", "halt\t0:40 1:-20", "again\t1:60"]
    halted = Model(lines).likeliest(["halt"])  # of its features, "halt" alone is known
    assert (halted.label, halted.margin) == ("stop", pytest.approx(halted.score + 1.0 + 1.0 / 2, abs=0.6))
    assert Model(lines).likeliest(["again"]).label == "start"
    assert Model(lines).likeliest(["unheard", "of"]).label == "stop"  # by its bias


def test_every_weight_is_of_a_label_and_the_same_text_is_always_taken_for_the_same() -> None:
    tokens = ["would", "it", "be", "possible", "for", "<workload>", "to", "have", "<number>", "replicas"]
    first = model().likeliest(tokens)
    assert first.label == "scale to"
    assert all(model().likeliest(tokens) == first for _ in range(20))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (
            "six pods are what the web deployment ought to consist of",
            "kubectl scale deployment/web --replicas=6",
        ),
        ("it'd put my mind at ease to have node-c closed for anything new", "kubectl cordon node-c"),
        ("checkout has been on its last legs since noon, a fresh start for it, please", "kubectl rollout restart"),
    ],
)
def test_what_is_said_as_nobody_said_it_before_is_read_by_what_it_asks_for(text: str, command: str) -> None:
    plan = read(text)
    assert [line for line in plan.commands if line.startswith(command)] == list(plan.commands), plan
    assert plan.behaviour in CHANGING


def test_what_tells_something_is_answered_and_no_question_back() -> None:
    plan = read("my mother in law restarted her telly this morning and it was a great success")
    assert (plan.behaviour, plan.commands) == (Behaviour.ANSWER, ())


def test_the_model_never_makes_a_change_of_a_text_that_lacks_its_object() -> None:
    """Whatever words it takes for which request: a change holds a name that the text holds, or there is none."""
    words = random.Random(7)
    vocabulary = [
        "please",
        "could",
        "you",
        "scale",
        "restart",
        "delete",
        "drain",
        "cordon",
        "the",
        "a",
        "to",
        "more",
        "replicas",
        "pods",
        "logs",
        "now",
        "never",
        "if",
    ]
    for _ in range(400):
        text = " ".join(words.choices(vocabulary, k=words.randint(2, 9)))
        plan = read(text)
        assert plan.behaviour not in CHANGING, (text, plan.commands)


def test_a_plan_that_the_model_lends_words_to_says_as_what_it_was_read() -> None:
    plan = read("it'd put my mind at ease to have node-c closed for anything new")
    assert READ_AS in plan.say
    assert plan.confidence < 0.98
    assert TOLD not in plan.say
