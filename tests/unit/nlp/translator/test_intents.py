"""What clauses want changed: told by values and telling words, among remarks, in whatever mood it is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlp.translator.intents.moods import Mood, mood_of
from app.nlp.translator.likeness.reading import READ_AS
from app.nlp.translator.plan import CHANGING, Context, Plan
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()


def read(text: str) -> Plan:
    return translate(text, Context("prod-eu", "shop"), VOCABULARY)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("with the traffic we are seeing, web really ought to be at six replicas", "scale deployment/web --replicas=6 -n shop"),
        ("two copies of web are enough for us", "scale deployment/web --replicas=2 -n shop"),
        ("cart is struggling, i'd like two more of it", "scale deployment/cart --replicas=4 -n shop"),
        ("batch-heavy should not have a single pod running", "scale deployment/batch-heavy --replicas=0 -n shop"),
        ("one of the two checkout replicas can be spared", "scale deployment/checkout --replicas=1 -n shop"),
        ("stick web on nginx:1.26.2 will ya, 1.27 is giving me grief", "set image deployment/web web=nginx:1.26.2 -n shop"),
        ("batch-heavy must never be granted more than 768Mi of memory", "set resources deployment/batch-heavy --limits=memory=768Mi -n shop"),
        ("don't let cart use more than half a core", "set resources deployment/cart --limits=cpu=500m -n shop"),
        ("cart: cpu request 200m, limit 500m", "set resources deployment/cart --requests=cpu=200m --limits=cpu=500m -n shop"),
        ("the variable CACHE_TTL should no longer be set on web", "set env deployment/web CACHE_TTL- -n shop"),
        ("the web deployment should carry an annotation owner with the value storefront", "annotate deployment/web owner=storefront -n shop"),
        ("yank the gpu taint off node-c again, turns out dibs don't count", "taint nodes node-c gpu-"),
        ("nothing new should be scheduled on node-a until its disk has been replaced", "cordon node-a"),
        ("node-c has been repaired, so pods may land there again", "uncordon node-c"),
        ("the nightly-report cronjob must not fire any more", "patch cronjob/nightly-report -p '{\"spec\":{\"suspend\":true}}' -n shop"),
        ("we'd be grateful if cart could be brought to five replicas", "scale deployment/cart --replicas=5 -n shop"),
        ("the previous version of payments-api was fine, can we have it back", "rollout undo deployment/payments-api -n shop"),
        ("the dashboards have frozen, which means that grafana has to be started anew", "rollout restart deployment/grafana -n monitoring"),
        ("let checkout scale itself, 2 to 8, 60% cpu", "autoscale deployment/checkout --min=2 --max=8 --cpu-percent=60 -n shop"),
        ("web's autoscaler may go up to 12", "patch horizontalpodautoscaler/web --type=merge -p '{\"spec\":{\"maxReplicas\":12}}' -n shop"),
        ("label all checkout pods with incident=4711", "label pods -l app=checkout incident=4711 -n shop"),
        ("in the us, restart cart", "rollout restart deployment/cart -n shop --context prod-us"),
        ("need a configmap, name it greetings, with hello=world in it", "create configmap greetings --from-literal=hello=world -n shop"),
        ("disk on node-b dying cordon pls", "cordon node-b"),
        ("kill the web pod ending in 7hj4m, it's a zombie", "delete pod/web-5f7c9d6b8-7hj4m -n shop"),
    ],
)  # fmt: skip
def test_a_change_is_told_by_what_stands_in_a_clause(text: str, command: str) -> None:
    plan = read(text)
    assert plan.commands == (f"kubectl {command}",)
    assert plan.behaviour in CHANGING


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        (
            "web to nginx:1.28, and while you're at it scale it to 5",
            ("set image deployment/web web=nginx:1.28 -n shop", "scale deployment/web --replicas=5 -n shop"),
        ),
        (
            "restart grafana in monitoring and then tell me when it's through",
            ("rollout restart deployment/grafana -n monitoring", "rollout status deployment/grafana -n monitoring"),
        ),
        (
            "cart up to six and checkout up to four, the sale is on",
            ("scale deployment/cart --replicas=6 -n shop", "scale deployment/checkout --replicas=4 -n shop"),
        ),
        (
            "checkout to 6 on eu, us and staging",
            tuple(
                f"scale deployment/checkout --replicas=6 -n shop{place}"
                for place in ("", " --context prod-us", " --context staging")
            ),
        ),
    ],
)
def test_every_step_and_every_place_is_in_the_plan(text: str, commands: tuple[str, ...]) -> None:
    assert read(text).commands == tuple(f"kubectl {command}" for command in commands)


def test_a_plan_says_what_its_text_was_read_as() -> None:
    assert READ_AS in read("web really ought to be standing at six replicas").say


@pytest.mark.parametrize(
    "text",
    [
        "web runs with 3 replicas",
        "cart is on nginx:1.27 now",
        "cart got scaled to 4 this morning",
        "somebody set cart to 5 replicas, or am i misreading that?",
        "the update of web to nginx:1.27 went through without a hitch",
        "rolled payments-api back to the previous version at around 3, seemed to help",
        "ok node-b uncordoned, pods are coming back",
        "i've been restarting coredns every day this week",
        "quick one - how many replicas is cart running with",
        "is the web deploy through yet? the release call starts in five",
        "fyi: set LOG_LEVEL=debug on checkout during the incident",
        "next thursday, not earlier, cart is to be raised to five replicas",
        "let's wait with the rollback of web until jana has answered",
        "if cart misbehaves, it should go back to 2 replicas",
        "the runbook says that node-a should be drained",
        "bob thinks web ought to have five replicas",
        "we could scale web to 5",
        "imagine web had 20 replicas",
        "restart web or cart",
        "nobody should restart checkout",
        "whatever we do, orders-db must never go to zero replicas",
    ],
)
def test_what_is_told_asked_supposed_or_not_clear_as_a_whole_changes_nothing(text: str) -> None:
    assert read(text).behaviour not in CHANGING


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("<workload> ought to be at <number> replicas", Mood.REQUEST),
        ("could you please restart <workload>", Mood.REQUEST),
        ("two more <workload> pods on top", Mood.SHORT),
        ("did anybody restart <workload>", Mood.QUESTION),
        ("<workload> was restarted", Mood.PAST),
        ("i restarted <workload>", Mood.PAST),
        ("if <workload> is down restart it", Mood.CONDITION),
        ("<workload> should be restarted said bob", Mood.REPORT),
        ("do not restart <workload>", Mood.DENIAL),
        ("do not let <workload> use more than <bytes>", Mood.LETS_NOT),
        ("we will restart <workload> tomorrow", Mood.LATER),
        ("we might restart <workload>", Mood.REMARK),
        ("<workload> is slow", Mood.REMARK),
    ],
)
def test_moods(text: str, mood: Mood) -> None:
    assert mood_of(text) is mood


STATED = ["web runs on nginx:1.27", "cart has 2 replicas", "node-a takes pods", "checkout uses 512Mi of memory"]
BESIDE = ["yesterday", "as far as i know", "bob told me", "according to grafana", "i think", "since last week"]


@given(st.sampled_from(STATED), st.sampled_from(BESIDE), st.booleans())
def test_no_statement_becomes_a_change(stated: str, beside: str, before: bool) -> None:
    text = f"{beside} {stated}" if before else f"{stated} {beside}"
    assert read(text).behaviour not in CHANGING, text
