"""Every name that a target points at leads somewhere, and every target has a way to tell whether it holds."""

from dataclasses import replace

import pytest

from slo.catalogue import all_targets
from slo.panels import PanelName
from slo.promql import select
from slo.proofs import State, fingerprint, recorded, state
from slo.reference import AlertRule, Comparison, Gate, Limit, ManifestValue, Part, Planned, ServerSetting, Sli
from slo.target import Kind, Target, Unit, count, seconds
from tests.mutation.source import fingerprint_of
from tests.support.references import faults

PLANNED = 102
"""So many targets wait for a later part. Write a smaller number whenever one of them is done; it never rises."""
UNPROVED = 0
"""So many targets are complete and their test has not been seen red: `make targets-mutate` says which."""

WHOLE = Target(
    "a.b",
    "A promise that is kept in every way.",
    Kind.LIMIT,
    (seconds(0.5),),
    sli=Sli("kubechat_http_requests_total", select("kubechat_http_requests_total").query, Comparison.AT_MOST),
    enforced_by=(Limit("app.infra.memory:MemoryGuard"), ServerSetting("postgresql", "work_mem")),
    alert="ServiceDown",
    panel=PanelName("kubechat-system-overview", 1),
    test="tests/unit/slo/test_references.py::test_a_whole_target_has_no_faults",
)


@pytest.mark.parametrize("target", all_targets(), ids=lambda target: target.path)
def test_every_name_of_a_target_leads_somewhere(target):
    assert faults(target) == []


def test_no_more_targets_are_planned_than_before():
    planned = [target.path for target in all_targets() if state(target) is State.PLANNED]
    assert len(planned) == PLANNED, "write the new number above; it may only fall"


def test_every_complete_target_is_proved():
    unproved = [target.path for target in all_targets() if state(target) is State.UNPROVED]
    assert len(unproved) == UNPROVED, f"run `make targets-mutate`: {unproved}"


@pytest.mark.parametrize("path", sorted(recorded()))
def test_a_proof_is_of_the_target_and_of_the_test_as_they_are(path):
    (target,) = (target for target in all_targets() if target.path == path)
    assert recorded()[path]["target"] == fingerprint(target), "run `make targets-mutate`"
    assert recorded()[path]["test"] == fingerprint_of(target.test), "run `make targets-mutate`"


def test_each_proof_rests_on_a_test_of_its_own():
    named = [target.test for target in all_targets() if target.test and state(target) is State.PROVED]
    assert len(named) == len(set(named))


def test_a_whole_target_has_no_faults():
    assert faults(WHOLE) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sli": Sli("no_such_metric", select("no_such_metric").query, Comparison.BELOW)}, "no metric no_such_metric"),
        (
            {"sli": Sli("kubechat_websockets", select("kubechat_typo").query, Comparison.BELOW)},
            "asks for kubechat_typo",
        ),
        ({"sli": Sli("kubechat_websockets", select("up").query, Comparison.BELOW)}, "does not ask for its metric"),
        (
            {"sli": Sli("kubechat_websockets", select("kubechat_websockets").query, Comparison.BELOW, "size")},
            "no figure named 'size'",
        ),
        (
            {
                "sli": Sli("kubechat_websockets", select("kubechat_websockets").query, Comparison.BELOW),
                "figures": (count(1, "a"), count(2, "b")),
            },
            "the SLI names none of its 2 figures",
        ),
        ({"enforced_by": (Limit("app.infra.memory:Nothing"),)}, "no limit app.infra.memory:Nothing"),
        ({"enforced_by": (Limit("app.infra.nowhere:Nothing"),)}, "no limit app.infra.nowhere:Nothing"),
        ({"enforced_by": (Limit("slo.target:Target"),)}, "is no running code"),
        ({"enforced_by": (ServerSetting("postgresql", "work_men"),)}, "postgresql is not given work_men"),
        ({"enforced_by": (ServerSetting("oracle", "work_mem"),)}, "no server oracle"),
        ({"enforced_by": (ManifestValue("deploy/none.yaml", "spec.replicas"),)}, "no manifest deploy/none.yaml"),
        ({"enforced_by": (AlertRule("NoSuchAlert"),)}, "no alert NoSuchAlert"),
        ({"enforced_by": (Gate("kubechat no-such-command"),)}, "no gate `kubechat no-such-command`"),
        ({"enforced_by": (Gate("make no-such-target"),)}, "no gate `make no-such-target`"),
        ({"alert": "NoSuchAlert"}, "no alert NoSuchAlert"),
        ({"panel": PanelName("kubechat-system-overview", 999)}, "no panel"),
        ({"test": "tests/unit/slo/test_references.py::test_nothing"}, "there is no test"),
        ({"test": "tests/unit/nowhere.py::test_nothing"}, "there is no test"),
        ({"test": "", "sli": None}, "nothing tells whether it holds"),
        ({"alert": ""}, "lacks alert, and no part is named that will bring it"),
        ({"planned": Planned(Part.DATA, "soon")}, "its reason is no sentence"),
    ],
)
def test_a_name_that_leads_nowhere_is_a_fault(change, sentence):
    assert any(sentence in fault for fault in faults(replace(WHOLE, **change))), faults(replace(WHOLE, **change))


def test_a_target_that_waits_may_lack_ends_but_not_point_at_nothing():
    waiting = replace(WHOLE, sli=None, alert="", planned=Planned(Part.DATA, "The metric comes with the schema."))
    assert faults(waiting) == []
    assert faults(replace(waiting, alert="NoSuchAlert")) != []


def test_an_sli_is_held_against_a_number():
    target = replace(WHOLE, figures=(replace(count(1), value="word", unit=Unit.CHOICE),))
    assert any("held against a word" in fault for fault in faults(target))
