from __future__ import annotations

import shlex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.nlp.translator.lexicon.phrases import PHRASES
from app.nlp.translator.plan import CHANGING, Behaviour, Context, Plan, Turn
from app.nlp.translator.translate import translate
from app.nlp.translator.vocabulary import Vocabulary, compile_vocabulary
from tests.language.evaluation import demo_vocabulary, is_read

DEMO = demo_vocabulary()


def say(text: str, *turns: Turn, namespace: str = "shop", vocabulary: Vocabulary = DEMO) -> Plan:
    return translate(text, Context("prod-eu", namespace, turns), vocabulary)


def well_formed(plan: Plan) -> None:
    assert 0.0 <= plan.confidence <= 1.0
    for command in plan.commands:
        assert shlex.split(command)[0] == "kubectl"
        assert command.isascii()
        assert command.isprintable()
    if plan.behaviour in {Behaviour.RUN, Behaviour.DIAGNOSE}:
        assert plan.commands
        assert all(map(is_read, plan.commands))
    elif plan.behaviour in CHANGING:
        assert not all(map(is_read, plan.commands))
    else:
        assert not plan.commands
    if plan.behaviour in {Behaviour.CLARIFY, Behaviour.REFUSE, Behaviour.ANSWER}:
        assert plan.say


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=200)
def test_any_text_gives_a_plan_of_the_right_shape(text: str) -> None:
    well_formed(say(text))


WORDS = sorted(
    {word for words in PHRASES for word in words}
    | {"web", "cart", "shop", "staging", "it", "5", "?", ",", "checkout", "node-a", "-", "2x", '"'}
)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9), st.booleans())
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_any_words_in_any_order_never_make_a_change_that_runs_by_itself(words: list[str], talked_before: bool) -> None:
    turns = [Turn("kubectl scale deployment/web --replicas=5 -n shop", "done", before="3")] if talked_before else []
    well_formed(say(" ".join(words), *turns))


@given(st.sampled_from(["delete {}", "restart {}", "scale {} to 3", "drain {}"]), st.text(max_size=12))
@settings(deadline=None, max_examples=200)
def test_no_name_but_a_known_one_becomes_part_of_a_change(pattern: str, name: str) -> None:
    plan = say(pattern.format(name))
    for command in plan.commands:
        for word in shlex.split(command)[2:]:
            _, slash, found = word.partition("/")
            assert not slash or found in DEMO.names, command


@pytest.mark.parametrize("name", ["wеb", "ｗｅｂ", "w\u0301eb", "ωeb"])
def test_a_name_in_letters_that_look_alike_is_no_name(name: str) -> None:
    plan = say(f"delete deployment {name}")
    assert plan.behaviour in {Behaviour.CLARIFY, Behaviour.REFUSE}


def test_the_reading_says_which_word_became_which_part() -> None:
    plan = say("scale web to 5")
    assert [(r.words, r.part, r.value) for r in plan.reading] == [
        ("scale", "verb", "scale"),
        ("web", "name", "web"),
        ("5", "number", "5"),
    ]


def test_what_kubectl_cannot_filter_is_a_condition_on_the_table() -> None:
    view = say("pods that restarted more than 5 times").view
    assert [(c.column, c.op, c.value) for c in view.where] == [("RESTARTS", ">", "5")]
    assert say("which pods are not running").view.where[0].column == "STATUS"
    assert say("how many pods are there").view.count
    assert say("top 3 pods by cpu").view.limit == 3


def test_a_near_miss_is_said_and_less_sure() -> None:
    plan = say("restart chekout")
    assert plan.commands == ("kubectl rollout restart deployment/checkout -n shop",)
    assert "chekout" in plan.say
    assert plan.confidence < say("restart checkout").confidence


def test_a_name_in_two_other_namespaces_leads_to_a_question() -> None:
    vocabulary = compile_vocabulary([], ["a", "b", "c"], {"deployments": {"a": ["web"], "b": ["web"]}})
    plan = say("restart web", namespace="c", vocabulary=vocabulary)
    assert plan.behaviour is Behaviour.CLARIFY
    assert plan.choices == ("restart web in a", "restart web in b")


def test_a_name_in_the_current_namespace_wins_over_others() -> None:
    vocabulary = compile_vocabulary([], ["a", "b"], {"deployments": {"a": ["web"], "b": ["web"]}})
    assert say("restart web", namespace="b", vocabulary=vocabulary).commands == (
        "kubectl rollout restart deployment/web -n b",
    )


def test_a_name_that_several_kinds_carry_is_not_deleted_by_a_guess() -> None:
    plan = say("delete web")
    assert plan.behaviour is Behaviour.CLARIFY
    assert "delete deployment web" in plan.choices


def test_each_choice_of_a_question_is_understood_when_it_is_said() -> None:
    for text in (
        "delete web",
        "kill a web pod",
        "restart",
        "scale web",
        "delete the checkout pod",
        "what if i restart cart",
        "stop cart",
    ):
        plan = say(text)
        assert plan.choices, text
        for choice in plan.choices:
            answered = say(choice)
            assert answered.behaviour in {Behaviour.CONFIRM, Behaviour.STRONG, Behaviour.RUN}, (text, choice, answered)


@pytest.mark.parametrize("namespace", ["kube-system"])
def test_nothing_is_deleted_where_the_cluster_itself_runs(namespace: str) -> None:
    assert say("delete deployment coredns", namespace=namespace).behaviour is Behaviour.REFUSE
    assert say("restart coredns", namespace=namespace).behaviour is Behaviour.STRONG


def test_an_autoscaler_is_mentioned_when_its_workload_is_scaled() -> None:
    assert "autoscaler" in say("scale web to 5").say
    assert "autoscaler" not in say("scale cart to 5").say


def test_a_wish_to_skip_the_confirmation_is_answered_and_not_granted() -> None:
    plan = say("restart web without asking me")
    assert plan.behaviour is Behaviour.CONFIRM
    assert "always ask" in plan.say


@pytest.mark.parametrize(
    ("text", "replicas"),
    [
        ("add two replicas to cart", 4),
        ("scale cart up by 3", 5),
        ("one more replica for cart", 3),
        ("remove one replica from cart", 1),
        ("scale cart down by 9", 0),
        ("halve web", 2),
        ("triple cart", 6),
        ("scale cart to zero", 0),
        ("scale cart from 2 to 4", 4),
    ],
)
def test_a_relative_number_follows_from_the_present_one(text: str, replicas: int) -> None:
    (command,) = say(text).commands
    assert f"--replicas={replicas} " in command


def test_the_present_number_is_what_this_conversation_set_last() -> None:
    turn = Turn("kubectl scale deployment/cart --replicas=7 -n shop", "done", before="2")
    assert "--replicas=8 " in say("scale cart up by one", turn).commands[0]


@pytest.mark.parametrize(
    "text",
    [
        "restarting web",
        "restarts web",
        "deleted cart-canary",
        "to restart web",
        "cart restart checkout",
        "web the restart",
        "restart delete web",
        "i restart web",
        "is restart web",
        "restart web or cart-canary",
        "scale web to 5 maybe",
        "restart web when possible, if you think so",
    ],
)
def test_what_is_no_plain_request_for_a_change_makes_none(text: str) -> None:
    assert say(text).behaviour not in CHANGING


@pytest.mark.parametrize(
    "text",
    [
        "restart web",
        "Restart web!",
        "please restart web now",
        "could you restart web for me",
        "would you mind restarting web",
        "hey kubechat, restart the web deployment please",
        "in shop, restart web",
        "web restart",
        "web: restart it",
        "go ahead and restart web",
        "restart web because it leaks memory",
        "restart web, it hangs",
        "web hangs. restart it",
    ],
)
def test_a_request_is_understood_however_politely_it_is_put(text: str) -> None:
    assert say(text).commands == ("kubectl rollout restart deployment/web -n shop",)


def test_a_pending_change_is_replaced_by_a_corrected_one() -> None:
    turn = Turn("kubectl scale deployment/cart --replicas=7 -n shop", "pending")
    assert say("no, 6", turn).commands == ("kubectl scale deployment/cart --replicas=6 -n shop",)
    assert say("yes", turn).action == "execute pending"
    assert say("yes").behaviour is Behaviour.CLARIFY


def test_a_change_that_did_not_happen_is_not_taken_back() -> None:
    for state in ("failed", "cancelled", "refused"):
        turn = Turn("kubectl scale deployment/cart --replicas=7 -n shop", state, before="2")
        assert say("undo that", turn).behaviour is Behaviour.CLARIFY


def test_a_row_of_a_table_may_be_meant_by_its_place() -> None:
    turn = Turn("kubectl get pods -n shop", rows=("web-5f7c9d6b8-2xkqp", "orders-db-0"))
    assert say("logs of the second one", turn).commands == ("kubectl logs orders-db-0 -n shop",)
    assert "only 2" in say("describe the fifth one", turn).say


def test_it_keeps_the_cluster_of_what_it_stands_for() -> None:
    turn = Turn("kubectl describe deployment/web -n shop --context staging")
    assert say("restart it", turn).commands == ("kubectl rollout restart deployment/web -n shop --context staging",)


def test_a_row_that_is_no_name_never_becomes_part_of_a_command() -> None:
    turn = Turn("kubectl get pods -n shop", rows=("x; kubectl delete ns shop", "$(id)", "--all"))
    for text in (
        "describe the first one",
        "delete the second one",
        "logs of the third one",
        "restart it",
        "describe them",
    ):
        assert say(text, turn).commands == ()


def test_a_step_that_is_not_clear_keeps_the_others_from_being_done() -> None:
    plan = say("scale web to 5 and restart frontend")
    assert plan.behaviour is Behaviour.CLARIFY
    assert not plan.commands


def test_a_request_beside_a_reported_one_is_not_done() -> None:
    assert say("the ticket says it hangs; restart web").behaviour in {Behaviour.CLARIFY, Behaviour.ANSWER}


def test_without_names_reads_still_work() -> None:
    empty = compile_vocabulary([], [], {})
    assert say("show the pods", vocabulary=empty).commands == ("kubectl get pods -n shop",)
    assert say("restart web", vocabulary=empty).behaviour is Behaviour.CLARIFY
