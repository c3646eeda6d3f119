"""What leaves a doubt is asked back: places, exceptions, denials, times, parts, told things, and anything but a yes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlp.translator.doubts.agreement import agrees
from app.nlp.translator.plan import CHANGING, Behaviour, Context, Plan, Turn
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()
SCALES = Turn("kubectl scale deployment/cart --replicas=5 -n shop", "pending", before="2")
SCALED = (
    Turn("kubectl scale deployment/web --replicas=5 -n shop", before="3"),
    Turn("kubectl scale deployment/cart --replicas=4 -n shop", before="2"),
)
IMAGE = Turn("kubectl set image deployment/web web=nginx:1.27 -n shop", "pending", before="nginx:1.26")
DELETED = Turn("kubectl delete deployment/cart-canary -n shop")
SHOWN = Turn("kubectl get deployments -n shop", rows=("web", "cart", "checkout"))


def read(text: str, *turns: Turn) -> Plan:
    return translate(text, Context("prod-eu", "shop", turns), VOCABULARY)


@pytest.mark.parametrize(
    "text",
    [
        # A place that nobody knows, that is ruled out, or that only a remark names.
        "restart web in dev",
        "delete cart-canary in dev",
        "drain node-a in production",
        "restart web in prod-asia",
        "restart web everywhere",
        "restart web in shopp",
        "restart web in sh\u043ep",
        "restart sh\u043ep web",
        "restart web here, not in staging",
        "restart web not in prod-us but in staging",
        "restart web in staging instead of prod-us",
        "restart web in all clusters except prod-eu",
        "restart web in staging, prod-us is fine",
        "works on staging, roll web back",
        "staging web to 5 as prod-us has 5",
        # An object that is excepted or compared with.
        "restart everything but web",
        "drain all but node-a",
        "restart web without touching cart and cart-canary, not web",
        "restart web, cart, checkout. no, not checkout",
        "cart needs 2 more replicas than web",
        "restart web, cart and checkout but not payments-api",
        # The opposite of what is said, or taken back.
        "web must not be restarted",
        "make sure cart is never shut down",
        "node-a should never be drained",
        "i do not want cart scaled to 5",
        "let nobody restart web",
        "please no restart of web",
        "restart web... nah",
        "scale web to 5, cancel that",
        # Amounts that are none, or not the one that would be set.
        "cart should have fewer than 5 replicas",
        "3 web pods are not enough",
        "scale cart to twenty five",
        "scale cart to half a dozen",
        "scale cart to 3 times the current",
        "web should run on 3 nodes",
        "set memory limit of checkout to half a gig",
        "raise memory limit of checkout by 512Mi",
        "set web to nginx:1.26 and 4 replicas",
        "scale web to 5 then back to 3",
        # Later, on a condition, to a part of it.
        "restart web at 17:00",
        "restart web each morning",
        "restart web upon approval",
        "restart one of the web pods",
        "give cart 10 minutes then restart it",
        # Told, quoted or asked.
        "they put checkout on nginx:1.27",
        "2 cart pods crashed",
        "cart has 5 replicas",
        "web restarted",
        "restart web failed",
        "ticket 123: delete cart-canary",
        "tell me how to restart web",
        "web should have 5 replicas?",
        "cart-canary must perform",
        "@kubechat restart web",
    ],
)
def test_a_doubtful_change_is_asked_back(text: str) -> None:
    assert read(text).behaviour not in CHANGING


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("cart is fine, restart web", ["kubectl rollout restart deployment/web -n shop"]),
        ("web is slow in prod-us, restart it", ["kubectl rollout restart deployment/web -n shop --context prod-us"]),
        ("the demo is at noon, scale web to 5", ["kubectl scale deployment/web --replicas=5 -n shop"]),
        ("i'd like web to have 5 replicas", ["kubectl scale deployment/web --replicas=5 -n shop"]),
        ("batch-heavy should not run any replicas", ["kubectl scale deployment/batch-heavy --replicas=0 -n shop"]),
        (
            "restart web in staging and cart in prod-us",
            [
                "kubectl rollout restart deployment/web -n shop --context staging",
                "kubectl rollout restart deployment/cart -n shop --context prod-us",
            ],
        ),
        ("change cart from nginx:1.27 to nginx:1.26", ["kubectl set image deployment/cart cart=nginx:1.26 -n shop"]),
        (
            "set web to nginx:1.26 and cart to nginx:1.27",
            [
                "kubectl set image deployment/web web=nginx:1.26 -n shop",
                "kubectl set image deployment/cart cart=nginx:1.27 -n shop",
            ],
        ),
        (
            "restart web in staging and prod-us",
            [
                "kubectl rollout restart deployment/web -n shop --context staging",
                "kubectl rollout restart deployment/web -n shop --context prod-us",
            ],
        ),
    ],
)
def test_what_leaves_none_is_still_read(text: str, commands: list[str]) -> None:
    assert list(read(text).commands) == commands


@pytest.mark.parametrize(
    ("turn", "text"),
    [
        (SCALES, "does web have 5 too"),
        (SCALES, "web is fine too"),
        (SCALES, "not web"),
        (SCALES, "not more than 4"),
        (SCALES, "4 people complained"),
        (SCALES, "4 tomorrow"),
        (SCALES, "it had 3 before"),
        (IMAGE, "anything but nginx:1.28"),
        (IMAGE, "nginx:1.28 comes tomorrow"),
        (IMAGE, "it failed on staging"),
        (IMAGE, "never on prod-us"),
        (DELETED, "is cart also gone"),
        (DELETED, "does staging still have it"),
        (DELETED, "bring it back"),
        (SHOWN, "delete both"),
        (SHOWN, "restart all but the first"),
    ],
)
def test_what_is_said_of_the_last_command_is_no_new_one(turn: Turn, text: str) -> None:
    assert read(text, turn).behaviour not in CHANGING


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("undo the first", "kubectl scale deployment/web --replicas=3 -n shop"),
        ("undo web", "kubectl scale deployment/web --replicas=3 -n shop"),
        ("put cart back", "kubectl scale deployment/cart --replicas=2 -n shop"),
    ],
)
def test_the_change_that_is_named_is_taken_back(text: str, command: str) -> None:
    assert read(text, *SCALED).commands == (command,)


def test_rows_are_named_by_their_places() -> None:
    plan = read("delete the last one and scale the first to 3", SHOWN)
    assert plan.commands == (
        "kubectl delete deployment/checkout -n shop",
        "kubectl scale deployment/web --replicas=3 -n shop",
    )


@pytest.mark.parametrize(
    "text",
    [
        "can a deployment be paused halfway through a rollout?",
        "had we deleted that pvc, would the orders be gone for good?",
        "the runbook says 'kubectl drain node-b --force' under step 4, what does --force do there?",
        "don't touch web, ok?",
    ],
)
def test_what_asks_or_tells_of_a_change_is_answered_that_nothing_is_changed(text: str) -> None:
    plan = read(text)
    assert plan.behaviour is Behaviour.ANSWER
    assert "othing is changed" in plan.say


NO_YES = [
    "ok hold on", "ok wait", "ok wrong cluster", "ok what does it do", "right, that's wrong", "yes undo it", "yes on monday",
    "sure, do nothing", "go away", "run it by anna", "send it back", "do it tonight", "carry on as before", "exactly the opposite",
    "approved by nobody", "that is what i want to avoid", "all good, leave it", "ok sure?", "proceed?", "of course, but later",
    "by all means wait", "yes but", "ok show me the pods", "all good on staging, only there",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_YES)
def test_anything_beside_a_yes_leaves_it_waiting(text: str) -> None:
    assert read(text, SCALES).action != "execute pending"


YES = ["yes", "ok go ahead", "looks good, ship it", "sure, do it", "confirmed, please run it", "yep, off you go"]
BESIDE = [
    "but",
    "wait",
    "not",
    "later",
    "if",
    "web",
    "staging",
    "5",
    "cancel",
    "why",
    "tomorrow",
    "unless",
    "no",
    "stop",
]


@given(st.sampled_from(YES), st.sampled_from(BESIDE), st.booleans())
def test_no_word_more_makes_a_yes_of_it(yes: str, word: str, before: bool) -> None:
    assert agrees(yes)
    assert not agrees(f"{word} {yes}" if before else f"{yes} {word}")


PLACES = ["in dev", "on production", "not in prod-eu", "except in prod-eu", "in prod-asia", "outside prod-eu"]
REQUESTS = [
    "restart web",
    "scale cart to 4",
    "delete cart-canary",
    "drain node-a",
    "set checkout to nginx:1.27",
    "roll back web",
]


@given(st.sampled_from(REQUESTS), st.sampled_from(PLACES))
def test_no_change_falls_back_to_the_current_cluster(request: str, place: str) -> None:
    assert read(f"{request} {place}").behaviour not in CHANGING
