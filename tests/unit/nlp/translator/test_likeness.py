"""Sentences that no rule reads, read like the nearest known one: what they name, and never more than they ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.nlp.translator.likeness.reading import READ_AS
from app.nlp.translator.likeness.sentences import BLOCKS, FOLLOWS, MEANS, Examples, examples
from app.nlp.translator.plan import CHANGING, Behaviour, Context, Plan, Turn
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary
from tests.language.examples import SAMPLES, SOURCE, TARGET

VOCABULARY = demo_vocabulary()
PARAPHRASES = [
    " ".join(SAMPLES.get(word, word) for word in line.partition(MEANS)[0].split())
    for line in SOURCE.read_text(encoding="utf-8").splitlines()
    if MEANS in line and not line.startswith((BLOCKS, FOLLOWS))
]


def read(text: str, *turns: Turn) -> Plan:
    return translate(text, Context("prod-eu", "shop", turns), VOCABULARY)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("node-b back in rotation", "kubectl uncordon node-b"),
        ("batch-heavy down to nothing", "kubectl scale deployment/batch-heavy --replicas=0 -n shop"),
        ("no new workloads on node-c until further notice", "kubectl cordon node-c"),
        (
            "on staging, let web run with five instances",
            "kubectl scale deployment/web --replicas=5 -n shop --context staging",
        ),
        (
            "restart counts, worst first",
            "kubectl get pods '--sort-by=.status.containerStatuses[0].restartCount' -n shop",
        ),
        ("we need a namespace by the name of blue-team", "kubectl create namespace blue-team"),
    ],
)
def test_what_no_rule_reads_is_read_like_its_nearest_with_its_own_names_and_says_as_what(
    text: str, command: str
) -> None:
    plan = read(text)
    assert plan.commands == (command,)
    assert READ_AS in plan.say
    assert plan.confidence < 0.98


def test_a_follow_up_means_something_behind_a_turn_alone() -> None:
    turn = Turn("kubectl scale deployment/web --replicas=5 -n shop", state="pending")
    assert read("lgtm, apply", turn).action == "execute pending"
    assert read("lgtm, apply").behaviour is Behaviour.CLARIFY


@pytest.mark.parametrize(
    "text",
    [
        "show the horizontalpodautoscaler of web",
        "is the volume claim of the orders db bound?",
        "was web labelled tier=gold?",
        "Delete all pods in every namespace.",
        "force delete anything that isn't Running, in all namespaces",
        "don't take node-b out of rotation",
        "what would happen if web went back to what it had before",
        "the runbook says web should be down to nothing",
    ],
)
def test_who_looks_asks_denies_or_tells_gets_no_change_and_who_wants_one_no_look(text: str) -> None:
    plan = read(text)
    assert plan.behaviour not in CHANGING
    if text.lower().startswith(("delete", "force")):
        assert not plan.commands


@pytest.mark.parametrize("text", ["stop cart", "describe the payments pod"])
def test_a_question_with_choices_and_a_sure_reading_stay(text: str) -> None:
    assert READ_AS not in read(text).say


@given(
    st.sampled_from(PARAPHRASES),
    st.sampled_from(
        [
            "don't {}",
            "please do not {}",
            "did anybody {}",
            "what would happen if i {}",
            "tomorrow morning {}",
            'the runbook says "{}"',
            "yesterday somebody said {}",
            "ada told me to {}",
        ]
    ),
)
def test_no_known_sentence_becomes_a_change_where_it_is_denied_asked_put_off_or_told(sentence: str, frame: str) -> None:
    assert read(frame.format(sentence)).behaviour not in CHANGING


@given(st.sampled_from(PARAPHRASES))
def test_a_paraphrase_is_understood(sentence: str) -> None:
    assert read(sentence).behaviour is not Behaviour.REFUSE


def test_the_examples_are_those_of_the_lists_and_the_paraphrases() -> None:
    lines = TARGET.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    assert len(lines) > 8_000


def test_neighbours_vote_for_what_they_mean_wherever_and_of_whatever_they_say_it() -> None:
    few = Examples(
        [
            "bring <workload> to <number> => scale <workload> to <number>",
            "take <workload> to <number> on <cluster> => scale <workload> to <number> on cluster <cluster>",
            "bring <node> back => uncordon <node>",
            "! bring back the old days",
            "~ bring it to <number> => scale it to <number>",
        ]
    )
    (score, nearest), *_ = few.nearest(["bring", "<workload>", "to", "<number>"])
    assert nearest.tokens == ("bring", "<workload>", "to", "<number>")
    assert score == pytest.approx(1.0)
    first, *_ = few.meanings(["bring", "<workload>", "to", "<number>"])
    assert (first.blocks, len(first.examples)) == (False, 2)
    assert first.near == pytest.approx(1.0)
    assert few.meanings(["bring", "back", "the", "old", "days"])[0].blocks
    assert sum(each.share for each in few.meanings(["bring", "<node>", "back"])) == pytest.approx(1.0)
    assert few.meanings(["bring", "it", "to", "<number>"], follows=True)[0].examples[0][1].plainer[1] == "it"


def test_all_examples_are_loaded_once() -> None:
    assert examples() is examples()
