"""What is asked of alerts, budgets, measurements and the audit log reaches the gateway as what it is about."""

from __future__ import annotations

import pytest

from app.nlp.schemas import plan_event
from app.nlp.translator.plan import Behaviour, Context, Question
from app.nlp.translator.translate import translate
from tests.language.evaluation import CLUSTER, demo_vocabulary

VOCABULARY = demo_vocabulary()
DAY_S = 86_400


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("which alerts are firing?", Question("alerts")),
        ("how much error budget is left", Question("budgets")),
        ("p99 latency over the last 2 hours", Question("metrics", since_s=7200)),
        ("who scaled web yesterday?", Question("audit", ("web",), "scale", DAY_S)),
        ("who drained node-a last week?", Question("audit", ("node-a",), "drain", 7 * DAY_S)),
        ("what did people change in shop today", Question("audit", since_s=DAY_S)),
        ("who deleted the cart pod", Question("audit", ("cart",), "delete")),
    ],
)
def test_a_question_names_its_topic_objects_action_and_time(text, question):
    plan = translate(text, Context(CLUSTER, "shop", ()), VOCABULARY)
    assert plan.behaviour is Behaviour.ANSWER
    assert plan.commands == ()
    assert plan.question == question
    assert plan_event(plan, "embedded")["question"] == {
        "topic": question.topic,
        "objects": question.objects,
        "action": question.action,
        "since_s": question.since_s,
    }


def test_a_plan_of_commands_asks_nothing_elsewhere():
    plan = translate("show the pods", Context(CLUSTER, "shop", ()), VOCABULARY)
    assert plan.question is None
    assert "question" not in plan_event(plan, "embedded")
