"""Which steps of a plan are taken back, and what a person gets when an object is no longer as it was shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.commands.model.command import Command, Risk
from app.domain.commands.model.undo import Undo
from app.domain.commands.preview import Preview, Step, StepOutcome
from app.errors import ConflictError, NotFoundError
from app.gateway.service.changes import Changes
from app.gateway.service.turn import TurnOutput
from app.gateway.service.undo import undo_of
from app.gateway.store.plans import PlanStep
from app.telemetry.instruments import Instruments
from tests.unit.gateway.test_changes import PERSON, STEP, FakePlans, FakeTrail

UNDO = b'[{"op":"add","path":"/spec/replicas","value":3}]'


def rows(*states: str) -> list[PlanStep]:
    return [PlanStep(number, uuid4(), state, "") for number, state in enumerate(states)]


def plan_of(*steps: Step) -> Any:
    return replace(FakePlans().plan, steps=[step.to_dict() for step in steps])


def test_only_what_was_done_and_can_be_taken_back_is() -> None:
    first = replace(STEP, name="a", undo=UNDO)
    second = replace(STEP, name="b", cluster="staging", undo=UNDO)
    third = replace(STEP, name="c", undo=UNDO)
    plan = plan_of(first, second, third, replace(STEP, name="d"))
    undone = undo_of(plan, rows("applied", "applied", "failed", "applied"))
    assert [(each.cluster, [step.name for step in each.steps]) for each in undone] == [
        ("staging", ["b"]),
        ("prod-eu", ["a"]),
    ]
    assert {each.full_line() for each in undone} == {f"kubechat undo {plan.plan_id}"}
    assert {each.risk for each in undone} == {Risk.CHANGE}


@pytest.mark.parametrize(
    ("step", "state", "part"),
    [
        (replace(STEP, undo=UNDO), "failed", "Nothing of this plan was done"),
        (replace(STEP, undo=UNDO), "pending", "Nothing of this plan was done"),
        (STEP, "applied", "cannot be taken back"),
    ],
)
def test_what_cannot_be_taken_back_is_said(step: Step, state: str, part: str) -> None:
    with pytest.raises(ConflictError, match=part):
        undo_of(plan_of(step), rows(state))


class Engine:
    """A cluster where the object changes between the last look and the request."""

    cluster_names = ("prod-eu",)

    def __init__(self, again: Preview | Exception) -> None:
        self.again = again
        self.previewed: list[Command] = []

    async def recheck(self, step: Step, _: object) -> Step:
        return step

    async def send(self, step: Step, _: object, *, intent_id: UUID, deadline_s: float) -> StepOutcome:
        return StepOutcome("failed", f"{step.summary}: it changed at the same moment.", 422, stale=True)

    async def preview(self, command: Command, _: object) -> Preview:
        self.previewed.append(command)
        if isinstance(self.again, Exception):
            raise self.again
        return replace(self.again, command=command)


class Plans(FakePlans):
    """Remembers what is stored as a new plan."""

    def __init__(self) -> None:
        super().__init__()
        self.added: list[dict[str, Any]] = []

    async def add(self, _: UUID, **fields: Any) -> None:
        self.added.append(fields)


async def confirmed(plans: Plans, engine: Engine) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []

    async def show(event: dict[str, Any]) -> None:
        shown.append(event)

    changes = Changes(plans, engine, FakeTrail(), "gateway-1/1", Instruments())  # type: ignore[arg-type]
    await changes.confirm(PERSON, plans.plan.plan_id, "d", None, TurnOutput(uuid4(), show))
    return shown


async def test_an_object_that_changed_at_the_last_moment_gives_a_new_preview() -> None:
    plans = Plans()
    engine = Engine(Preview(Undo(cluster="", plan=uuid4(), steps=()), Risk.CHANGE, None, (STEP,)))
    shown = await confirmed(plans, engine)
    assert [event["type"] for event in shown if event["type"] != "progress"] == ["outcome", "preview"]
    assert [event["state"] for event in shown if event["type"] == "outcome"] == ["failed"]
    assert [command.line() for command in engine.previewed] == [STEP.command]
    assert [fields["commands"] for fields in plans.added] == [[f"{STEP.command} --context prod-eu"]]


async def test_where_there_is_no_new_preview_the_reason_is_told() -> None:
    shown = await confirmed(Plans(), Engine(NotFoundError("web is gone.")))
    assert (shown[-1]["type"], shown[-1]["text"]) == ("text", "There is no new preview: web is gone.")
