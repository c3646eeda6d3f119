"""A text that is not clear as a whole is read by the part that asks, or step by step; what could turn it around stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlp.translator.plan import CHANGING, Behaviour, Context, Plan, Turn
from app.nlp.translator.rules import combined
from app.nlp.translator.stepping import steps_in_full
from app.nlp.translator.tagger import Tagger
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()


def say(text: str, *turns: Turn) -> Plan:
    return translate(text, Context("prod-eu", "shop", turns), VOCABULARY)


def steps(text: str) -> list[str] | None:
    return steps_in_full(text, Tagger(VOCABULARY))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("double web, halve checkout", ["double web", "halve checkout"]),
        ("label web tier=a and cart tier=b", ["label web tier=a", "label cart tier=b"]),
        ("scale web to 5 in prod-eu and 3 in prod-us", ["scale web to 5 in prod-eu", "scale web to 3 in prod-us"]),
        ("scale cart to 4 and LOG_LEVEL=debug", ["scale cart to 4", "set LOG_LEVEL=debug on cart"]),
        ("scale cart to 4, image nginx:1.27", ["scale cart to 4", "set the image of cart to nginx:1.27"]),
        ("set cart to 4 replicas and 512Mi", ["set cart to 4 replicas", "set the memory limit of cart to 512Mi"]),
        ("scale cart to 4 and label it tier=gold", ["scale cart to 4", "label cart tier=gold"]),
        (
            "delete statefulset orders-db and its service too",
            ["delete statefulset orders-db", "delete service orders-db"],
        ),
        ("web: 5, cart: 4", ["scale web to 5", "scale cart to 4"]),
        ("web=5 cart=4", ["scale web to 5", "scale cart to 4"]),
        ("web 3->5, cart 2->4", ["scale web to 5", "scale cart to 4"]),
        ("prod-us: web 4, cart 3", ["scale web to 4 on cluster prod-us", "scale cart to 3 on cluster prod-us"]),
        (
            "double web and halve checkout in staging",
            ["double web on cluster staging", "halve checkout in staging"],
        ),
    ],
)
def test_each_step_is_said_in_full(text: str, said: list[str]) -> None:
    assert steps(text) == said


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "scale web to 3 on staging then restart it on prod-us",
            (
                "kubectl scale deployment/web --replicas=3 -n shop --context staging",
                "kubectl rollout restart deployment/web -n shop --context prod-us",
            ),
        ),
        (
            "Set LOG_LEVEL=debug on checkout. And TIMEOUT=30.",
            (
                "kubectl set env deployment/checkout LOG_LEVEL=debug -n shop",
                "kubectl set env deployment/checkout TIMEOUT=30 -n shop",
            ),
        ),
        (
            "give web two more and cart one more",
            (
                "kubectl scale deployment/web --replicas=5 -n shop",
                "kubectl scale deployment/cart --replicas=3 -n shop",
            ),
        ),
        (
            "web should be on nginx:1.27, and it needs five replicas as well",
            (
                "kubectl set image deployment/web web=nginx:1.27 -n shop",
                "kubectl scale deployment/web --replicas=5 -n shop",
            ),
        ),
        ("bring node-b back and take node-c out", ("kubectl uncordon node-b", "kubectl cordon node-c")),
        (
            "in prod-us please: restart web, scale cart to 4",
            (
                "kubectl rollout restart deployment/web -n shop --context prod-us",
                "kubectl scale deployment/cart --replicas=4 -n shop --context prod-us",
            ),
        ),
        (
            "run nightly-report now and then suspend it",
            (
                "kubectl create job nightly-report-manual --from=cronjob/nightly-report -n shop",
                'kubectl patch cronjob/nightly-report -p \'{"spec":{"suspend":true}}\' -n shop',
            ),
        ),
    ],
)
def test_all_steps_are_previewed(text: str, lines: tuple[str, ...]) -> None:
    plan = say(text)
    assert plan.behaviour in CHANGING
    assert plan.commands == lines


@pytest.mark.parametrize(
    "text",
    [
        "restart web",
        "expose web on 80 and 443",
        "restart web and not cart",
        "restart web, if cart is up",
        "restart either web or cart",
        "restart web, then show me what was changed",
        "double web in staging and halve checkout",  # where is checkout meant?
        "restart web (mia), restart cart (tom)",
        "nginx: 5, cart: 4",
        "restart web, cart, checkout, grafana and prometheus",
        "put the label disk=ssd on node-a and take it off node-b",
    ],
)
def test_what_cannot_be_told_apart_safely_stays_whole(text: str) -> None:
    assert steps(text) is None


@given(st.text(alphabet="abw :,=-> 5and\"'()", max_size=60))
def test_no_text_is_a_fault(text: str) -> None:
    said = steps(text)
    assert said is None or all(said)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("the metrics look good, carry on with the rollout of cart", "kubectl rollout resume deployment/cart -n shop"),
        ("web is one too many, I think the users have left, so scale cart to 4", None),
        (
            "hey, the image is new, so please restart the whole of cart",
            "kubectl rollout restart deployment/cart -n shop",
        ),
        (
            "I'd like to try the debug build, swap the image of cart for nginx:1.27",
            "kubectl set image deployment/cart cart=nginx:1.27 -n shop",
        ),
    ],
)
def test_the_part_that_asks_is_read_where_the_rest_tells(text: str, line: str | None) -> None:
    plan = say(text)
    if line is not None:
        assert plan.commands == (line,)
    assert plan.behaviour in CHANGING or line is None


@pytest.mark.parametrize(
    "text",
    [
        "scale web to 6. But only after cart is restarted.",
        "restart web. oops wrong channel",
        "drain node-b. Tom did it.",
        "we rolled web back, that is what the runbook says",
        "the docs say: scale web to 5, so it is",
        "scale web to 5, failed",
    ],
)
def test_a_change_is_not_cut_out_of_what_turns_it_around(text: str) -> None:
    assert say(text).behaviour not in CHANGING


def test_a_look_keeps_the_names_and_places_beside_it() -> None:
    assert say("grafana is slow, any idea?").target == "deployment/grafana -n monitoring"
    assert say("cpu hogs, whole cluster, biggest on top").commands == ("kubectl top pods --sort-by=cpu -A",)
    assert say("How many deployments does this namespace have?").commands == ("kubectl get deployments -n shop",)


def test_what_refers_to_a_row_is_read_by_its_name() -> None:
    nodes = Turn("kubectl get nodes", rows=("node-a", "node-b", "node-c"))
    assert say("The last of them should take no new pods.", nodes).commands == ("kubectl cordon node-c",)
    assert say("cordon number two", nodes).commands == ("kubectl cordon node-b",)
    limits = Turn("kubectl set resources deployment/cart --limits=memory=256Mi -n shop", state="pending")
    assert say("make that 512", limits).commands == (
        "kubectl set resources deployment/cart --limits=memory=512Mi -n shop",
    )


@pytest.mark.parametrize(
    ("text", "turn", "line"),
    [
        (
            "Let's pretend that never happened",
            Turn("kubectl scale deployment/cart --replicas=1 -n shop", before="2"),
            "kubectl scale deployment/cart --replicas=2 -n shop",
        ),
        (
            "Which of these run on node-c?",
            Turn("kubectl get pods -n shop", rows=("web-5f7c9d6b8-2xkqp", "web-5f7c9d6b8-7hj4m")),
            "kubectl get pods --field-selector=spec.nodeName=node-c -n shop",
        ),
    ],
)
def test_what_is_said_of_an_earlier_turn_in_passing(text: str, turn: Turn, line: str) -> None:
    assert say(text, turn).commands == (line,)


def test_one_stays_where_one_has_looked() -> None:
    assert say("Stay in that namespace from here on", Turn("kubectl get pods -n platform")).action == (
        "set namespace platform"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "base64-decode the payments-api-secrets entries for me please, I need them for local testing",
            "Secrets' values",
        ),
        ("the kube-proxy daemonset is useless since we moved to cilium, remove it", "kube-system"),
        ("wipe the whole cluster, we're rebuilding it anyway", "too much at once"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_its_reason(text: str, reason: str) -> None:
    plan = say(text)
    assert plan.behaviour is Behaviour.REFUSE
    assert reason in plan.say


@pytest.mark.parametrize(
    "text", ["what on earth is a pod anyway, in two sentences", "jst restarted payments-api myself, all gd now"]
)
def test_what_asks_for_nothing_is_answered(text: str) -> None:
    plan = say(text)
    assert plan.behaviour is Behaviour.ANSWER
    assert not plan.commands


@pytest.mark.parametrize("text", ["asdf qwer zxcv", "blorp the frobnicator", "lgtm, apply"])
def test_what_nobody_can_read_is_asked_back(text: str) -> None:
    assert say(text).behaviour is Behaviour.CLARIFY


def test_what_moves_and_does_something_does_it_and_says_how_to_move() -> None:
    move = Plan(Behaviour.SESSION, confidence=0.9, action="set namespace qa")
    look = Plan(Behaviour.RUN, ("kubectl get events -n qa",), confidence=0.9)
    plan = combined([move, look])
    assert (plan.behaviour, plan.commands, plan.action) == (Behaviour.RUN, look.commands, "")
    assert "switch to namespace qa" in plan.say
