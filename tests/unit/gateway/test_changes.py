"""A confirmed plan goes on without its caller, its end is stored with its telling, and what fails is left to recovery."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.commands.preview import Step, StepOutcome
from app.domain.identities import Person, Role
from app.errors import UnavailableError
from app.gateway.jobs import Jobs
from app.gateway.service.changes import Changes
from app.gateway.service.turn import TurnOutput
from app.gateway.store.accounts import Account
from app.gateway.store.plans import Plan, PlanStep
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing

PERSON = Person(uuid4(), "ann", "Ann", Role.OPERATOR)
STEP = Step(
    command="kubectl scale deployment/web --replicas=5 -n shop",
    cluster="prod-eu",
    namespace="shop",
    verb="scale",
    kind="Deployment",
    resource="deployments",
    object="deployment.apps/web",
    name="web",
    uid="u",
    generation=1,
    resource_version="1",
    object_path="/x",
    method="PATCH",
    path="/x/scale",
    query=(),
    content_type="application/merge-patch+json",
    body=b"{}",
    summary="web: 3 to 5 replicas",
    done="scaled",
    before="3",
    after="5",
    diff="",
    dry_run="ok",
)


class FakePlans:
    """One plan in memory, with the store's conditions."""

    def __init__(self) -> None:
        self.plan = Plan(
            plan_id=uuid4(),
            session_id=uuid4(),
            turn=uuid4(),
            user_id=PERSON.user_id,
            digest="d",
            risk="change",
            typed_name=None,
            commands=[STEP.command],
            steps=[STEP.to_dict()],
            state="previewed",
            request_id="r",
            trace_id="t",
            created_at=datetime.now(UTC),
            expires_at=datetime.now(UTC) + timedelta(minutes=5),
            owner=None,
            deadline=None,
        )
        self.state = "previewed"
        self.told: list[dict[str, Any]] = []
        self.under_way: Sequence[UUID] = ()
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()
        self.broken = False

    async def find(self, plan_id: UUID, user_id: UUID) -> Plan | None:
        return self.plan if (plan_id, user_id) == (self.plan.plan_id, self.plan.user_id) else None

    async def confirm(self, *_: Any) -> int | None:
        taken, self.state = self.state == "previewed", "confirmed"
        self.asked.set()
        await self.answers.wait()
        return 1 if taken else None

    async def steps(self, _: UUID) -> list[PlanStep]:
        if self.broken:
            raise UnavailableError("away")
        return [PlanStep(0, uuid4(), "pending", "")]

    async def step_sending(self, *_: Any) -> bool:
        return True

    async def step_done(self, *_: Any, **__: Any) -> bool:
        return True

    async def close(self, _: UUID, was: str, state: str, __: UUID, told: dict[str, Any]) -> bool:
        if self.state != was:
            return False
        self.state = state
        self.told.append(told)
        return True

    async def adopt(self, _: str, __: str, ___: int, ____: float, under_way: Sequence[UUID]) -> list[Plan]:
        self.under_way = under_way
        return []


class FakeEngine:
    """A cluster that answers when it is let."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.reached = asyncio.Event()

    async def recheck(self, step: Step, _: object) -> Step:
        return step

    async def send(self, *_: Any, **__: Any) -> StepOutcome:
        self.reached.set()
        await self.answers.wait()
        return StepOutcome("applied", "scaled")


class FakeTrail:
    """An audit trail that takes everything."""

    def __init__(self) -> None:
        self.client = self

    async def open_intent(self, *_: Any, **__: Any) -> None:
        return

    async def record(self, _: Any) -> bool:
        return True


async def _nowhere(_: dict[str, Any]) -> None:
    return


@pytest.fixture
def plans() -> FakePlans:
    return FakePlans()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def changes(plans: FakePlans, engine: FakeEngine) -> Changes:
    return Changes(plans, engine, FakeTrail(), "gateway-1/1", Instruments())  # type: ignore[arg-type]


def confirming(changes: Changes, plans: FakePlans) -> asyncio.Task[None]:
    output = TurnOutput(uuid4(), _nowhere)
    return asyncio.create_task(changes.confirm(PERSON, plans.plan.plan_id, "d", None, output))


async def test_a_window_that_closes_while_a_plan_runs_does_not_swallow_its_outcome(
    changes: Changes, plans: FakePlans, engine: FakeEngine
) -> None:
    caller = confirming(changes, plans)
    await engine.reached.wait()
    caller.cancel()
    await asyncio.wait([caller])
    engine.answers.set()
    await changes.drain(5)
    assert [event["state"] for event in plans.told] == ["applied"]
    assert plans.told[0]["turn"]
    assert plans.told[0]["chat_session"] == str(plans.plan.session_id)


async def test_a_confirmation_that_commits_while_its_caller_leaves_is_carried_out(
    changes: Changes, plans: FakePlans, engine: FakeEngine
) -> None:
    plans.answers.clear()
    engine.answers.set()
    caller = confirming(changes, plans)
    await plans.asked.wait()
    caller.cancel()
    await asyncio.wait([caller])
    plans.answers.set()
    await changes.drain(5)
    assert plans.state == "applied"


async def test_a_plan_under_way_is_not_adopted_by_its_own_process_and_a_broken_one_is(
    changes: Changes, plans: FakePlans, engine: FakeEngine
) -> None:
    caller = confirming(changes, plans)
    await engine.reached.wait()
    await changes.adopt("gateway-1", 10)
    assert plans.under_way == [plans.plan.plan_id]
    engine.answers.set()
    await caller
    plans.state, plans.broken = "previewed", True
    with pytest.raises(UnavailableError):
        await confirming(changes, plans)
    await changes.adopt("gateway-1", 10)
    assert plans.under_way == []


async def test_a_plan_that_cannot_be_told_holds_up_no_other() -> None:
    poisoned, sound = FakePlans().plan, FakePlans().plan
    told: list[UUID] = []

    class Recovering:
        async def adopt(self, _: str, __: int) -> list[Plan]:
            return [poisoned, sound]

        async def recover(self, plan: Plan, _: Person, __: TurnOutput) -> None:
            if plan is poisoned:
                raise KeyError("a cluster that is configured no more")
            told.append(plan.plan_id)

    class People:
        async def find_by_id(self, user_id: UUID) -> Any:
            return Account(user_id, "ann", "Ann", "operator", "", disabled=False)

    tracing = Tracing("gateway", "test")
    anything: Any = None
    jobs = Jobs(
        instance="gateway-1",
        accounts=People(),  # type: ignore[arg-type]
        chats=anything,
        changes=Recovering(),  # type: ignore[arg-type]
        approvals=anything,
        trail=anything,
        sign_ins=anything,
        language=anything,
        hub=anything,
        tracing=tracing,
        instruments=Instruments(),
    )
    await jobs._recover()
    assert told == [sound.plan_id]
    tracing.close()
