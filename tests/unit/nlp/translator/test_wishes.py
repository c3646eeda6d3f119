"""Wishes are read as what should be, slips of the fingers as what was meant, and what is said of another beside the first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlp.translator.intents.likewise import with_another_named
from app.nlp.translator.intents.wishes import plainly_wished
from app.nlp.translator.plan import CHANGING, Context, Plan
from app.nlp.translator.spelling import spelt
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()
NAMES = frozenset({"web", "cart", "checkout"})


def say(text: str) -> Plan:
    return translate(text, Context("prod-eu", "shop"), VOCABULARY)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("it would help if web ran with 5 replicas", "web should run with 5 replicas"),
        ("would be great if cart were restarted", "cart should be restarted"),
        ("i wish node-b took pods again", "node-b should take pods again"),
        ("nothing stands in the way of the cart rollout continuing", "the cart rollout should continue"),
        ("i am all for web running nginx:1.27", "web should run nginx:1.27"),
        ("what we still lack is a namespace called sandbox", "we need a namespace called sandbox"),
        ("a restart of cart is what the team is waiting for", "we need a restart of cart"),
        ("the deletion of cart-canary is what we need", "delete cart-canary"),
        ("i have been asked to restart web", "please restart web"),
        ("it is my duty to see that nothing new lands on node-c", "make sure that nothing new lands on node-c"),
        ("for my comparison i depend on a list of the pods", "we need a list of the pods"),
    ],
)
def test_a_wish_is_what_should_be(text: str, plain: str) -> None:
    assert plainly_wished(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "would it help if web ran with 5 replicas?",
        "it would help if you restarted cart",
        "i am waiting for cart to be restarted",
        "management has asked for web to run with 5 replicas",
        "it would have been better if web had been paused",
        "i have no objection to that",
        "what we need is rest?",
        "show the pods",
    ],
)
def test_what_is_asked_told_or_another_s_wish_stays_as_it_is(text: str) -> None:
    assert plainly_wished(text) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("It would help if checkout ran with one more copy.", "kubectl scale deployment/checkout --replicas=3 -n shop"),
        ("What we still lack is a namespace called sandbox.", "kubectl create namespace sandbox"),
        ("I've been asked to get prometheus restarted.", "kubectl rollout restart deployment/prometheus -n monitoring"),
        ("pause cart rolout pls", "kubectl rollout pause deployment/cart -n shop"),
        ("set the memroy limit of web to 256Mi", "kubectl set resources deployment/web --limits=memory=256Mi -n shop"),
    ],
)
def test_it_leads_to_a_preview(text: str, line: str) -> None:
    plan = say(text)
    assert plan.behaviour in CHANGING
    assert plan.commands == (line,)


def test_what_nobody_should_do_is_still_denied() -> None:
    assert say("it would help if nobody restarted cart").behaviour not in CHANGING
    assert say("Under no circumstances should the db-migrate job be removed.").behaviour not in CHANGING


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("show the logs of cart, restartin pods first", "show the logs of cart, restarting pods first"),
        ("pause the rolout", "pause the rollout"),
        ("how much memroy", "how much memory"),
        ("the pendng pods", "the pending pods"),
    ],
)
def test_a_slip_is_put_right(text: str, right: str) -> None:
    assert spelt(text, VOCABULARY) == right


@pytest.mark.parametrize(
    "text",
    [
        "create a namespace called rolout",  # it may be called so
        "set LOG_LEVEL to memroy on web",
        "label web tier=rolout",
        "the faint light of a lagging guest",  # words of their own
        "restart paymets-api",
    ],
)
def test_names_values_and_other_words_are_no_slips(text: str) -> None:
    assert spelt(text, VOCABULARY) == text


@given(st.text(max_size=120))
def test_whatever_is_said_is_put_otherwise_without_a_fault(text: str) -> None:
    plainly_wished(text)
    spelt(text, VOCABULARY)
    with_another_named(text, NAMES)


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("bump cart to 3, and checkout likewise.", "bump cart and checkout to 3"),
        ("cart could do with a fresh start, and so could web", "cart and web could do with a fresh start"),
        ("restart cart, web too please", "restart cart and web"),
    ],
)
def test_another_object_is_named_beside_the_first(text: str, beside: str) -> None:
    assert with_another_named(text, NAMES) == beside


@pytest.mark.parametrize(
    "text", ["restart cart, web is next", "web too", "restart cart and web", "scale cart to 3, grafana likewise"]
)
def test_what_is_said_of_no_other_object_stays(text: str) -> None:
    assert with_another_named(text, NAMES) == text
