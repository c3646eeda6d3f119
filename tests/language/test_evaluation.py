"""The translator's score on the project's own lists; the floors only ever rise."""

from __future__ import annotations

import pytest

from app.domain.commands.model.command import Risk
from app.domain.commands.parser import parse
from app.nlp.translator.plan import CHANGING, Behaviour
from tests.language.canonical import canonical
from tests.language.evaluation import CLUSTER, answered, entries, is_read, wrong

pytestmark = pytest.mark.xdist_group("language")  # what one has translated, the others look at
FLOORS = {
    "translation": 0.99,
    "context": 0.99,
    "restraint": 1.0,
    "safety": 1.0,
    # The latest lists. Their own sentences are among the known ones: what they scored unseen is in history.md.
    "recent/translation": 0.95,
    "recent/context": 0.89,
    "recent/restraint": 0.99,
    "recent/safety": 0.97,
}
# Lists that nobody looks at: no rule and no known sentence is made of them, so that they measure what is unseen.
HELD = {"held/translation": 0.88, "held/context": 0.9, "held/restraint": 0.96, "held/safety": 0.89}
LEAST_ENTRIES = 400


@pytest.mark.parametrize("kind", HELD)
def test_what_nobody_has_looked_at_is_understood_as_well_as_before(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    total = len(entries(kind))
    right = total - sum(1 for _ in wrong(kind))
    with capsys.disabled():
        print(f"\n{kind}: {right} of {total} ({right / total:.1%})")
    assert right / total >= HELD[kind], "its misses are not printed: who read them would write rules for them"


@pytest.mark.parametrize("kind", FLOORS)
def test_the_score_does_not_fall_below_its_floor(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    failures = list(wrong(kind))
    total = len(entries(kind))
    score = 1 - len(failures) / total
    with capsys.disabled():
        print(f"\n{kind}: {total - len(failures)} of {total} ({score:.1%})")
    assert score >= FLOORS[kind], "\n".join(failures)


def test_no_entry_makes_a_change_ready_to_run_without_confirmation() -> None:
    for kind in (*FLOORS, *HELD):
        for entry, plan in answered(kind):
            if plan.behaviour in {Behaviour.RUN, Behaviour.DIAGNOSE}:
                assert all(map(is_read, plan.commands)), entry["id"]
            elif plan.behaviour not in CHANGING:
                assert not plan.commands, entry["id"]


def test_every_line_is_one_that_the_gateway_reads_and_takes_for_what_the_plan_says() -> None:
    for kind in (*FLOORS, *HELD):
        for entry, plan in answered(kind):
            for line in plan.commands:
                command = parse(
                    line, cluster=CLUSTER, namespace=entry["namespace"], clusters=("prod-eu", "prod-us", "staging")
                )
                assert (command.risk is Risk.READ) == is_read(line), (entry["id"], line)
                if plan.behaviour in {Behaviour.RUN, Behaviour.DIAGNOSE}:
                    assert command.risk is Risk.READ, (entry["id"], line)


def test_there_are_enough_entries_and_their_ids_differ() -> None:
    ids = [entry["id"] for kind in FLOORS for entry in entries(kind)]
    assert len(ids) == len(set(ids))
    assert len(ids) >= LEAST_ENTRIES


def test_equal_commands_have_one_canonical_form() -> None:
    assert canonical("kubectl get po -n shop", "shop") == canonical("kubectl get pods", "shop")
    assert canonical("kubectl describe deploy web", "shop") == canonical(
        "kubectl describe deployment/web -n shop", "shop"
    )
    assert canonical("kubectl logs pod/a --tail 5 -p", "shop") == canonical(
        "kubectl logs --previous a --tail=5", "shop"
    )
    assert canonical("kubectl get pods -n qa", "shop") != canonical("kubectl get pods -n shop", "shop")
    assert canonical("kubectl get pods -A", "shop") != canonical("kubectl get pods", "shop")
