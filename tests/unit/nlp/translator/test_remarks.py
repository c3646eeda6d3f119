"""What is said beside a request falls away, unless it could turn the request around."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlp.translator.plan import CHANGING, Context
from app.nlp.translator.remarks import without_remarks
from app.nlp.translator.tagger import tag
from app.nlp.translator.tokens import tokenise
from app.nlp.translator.translate import translate
from tests.language.evaluation import CLUSTER, demo_vocabulary

VOCABULARY = demo_vocabulary()
REQUESTS = ["scale web to 5", "restart cart", "drain node-a", "delete deployment web", "roll back checkout"]
TURNED_AROUND = [
    "but only if cart is down",
    "just kidding",
    "when the customers are asleep",
    "tomorrow",
    "bob told me",
    "what would happen?",
    "says the runbook",
    "unless somebody objects",
    "would that help?",
]
ONLY_BEHIND = ["no, do not do that", "or better not"]  # in front of a request it speaks of what was before


def read(text: str):
    return translate(text, Context(CLUSTER, "shop", ()), VOCABULARY)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("restart cart, its gone completely bonkers", "kubectl rollout restart deployment/cart -n shop"),
        ("the queue is growing so scale cart to 4", "kubectl scale deployment/cart --replicas=4 -n shop"),
        ("evacuate node-a, we swap its disk in 10 min", "kubectl drain node-a --ignore-daemonsets"),
        ("node-b is fixed so let it take pods again", "kubectl uncordon node-b"),
        (
            "scale batch-heavy to 0, nobody needs it over the weekend",
            "kubectl scale deployment/batch-heavy --replicas=0 -n shop",
        ),
    ],
)
def test_a_remark_beside_a_request_falls_away(text, command):
    plan = read(text)
    assert plan.behaviour in CHANGING
    assert plan.commands == (command,)


@given(
    st.sampled_from(REQUESTS), st.sampled_from(TURNED_AROUND), st.booleans(), st.sampled_from([", ", ". ", "; ", " - "])
)
def test_what_turns_a_request_around_never_falls_away(request_, remark, before, mark):
    text = f"{remark}{mark}{request_}" if before and remark not in ONLY_BEHIND else f"{request_}{mark}{remark}"
    assert read(text).behaviour not in CHANGING, text


def test_another_request_is_no_remark():
    found = without_remarks(
        "flumox the thing, restart web",
        read,
        lambda part: tag(tokenise(part), VOCABULARY),
    )
    assert found is not None
    assert found.commands == ("kubectl rollout restart deployment/web -n shop",)
    assert (
        without_remarks(
            "delete flumox, restart web",
            read,
            lambda part: tag(tokenise(part), VOCABULARY),
        )
        is None
    )


def test_long_texts_are_not_taken_apart():
    asked: list[str] = []

    def noted(part: str):
        asked.append(part)
        return read(part)

    assert without_remarks(", ".join(f"gibberish {n}" for n in range(40)), noted, lambda part: []) is None
    assert asked == []
