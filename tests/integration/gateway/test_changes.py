"""Crash points of a change, on a real PostgreSQL: whatever dies where, nothing is sent twice, nothing unrecorded, every end is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Command
from app.domain.commands.preview import Preview, Step, StepOutcome, digest
from app.domain.commands.risk import Risk
from app.domain.identities import Person, Role
from app.domain.policy.policy import open_policy
from app.errors import ConflictError, GoneError, UnavailableError
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.changes import Changes
from app.gateway.service.turn import TurnOutput
from app.gateway.store.approvals import ApprovalRows
from app.gateway.store.outbox import Outbox
from app.gateway.store.plans import Plan, Plans
from app.infra.ids import new_id
from app.infra.migrations import migrate
from app.infra.postgres.database import Database
from app.infra.postgres.query import Query
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.postgres_server import PostgresServer


class Died(BaseException):
    """The process ends here, as by kill -9: nothing after this line runs."""


class Cluster:
    """The one cluster of these tests: applies what reaches it and keeps a ledger."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.applied: list[UUID] = []
        self.dies = ""
        self.changed = False

    cluster_names = ("prod-eu",)

    async def preview(self, command: Command, _: object) -> Preview:
        return Preview(command, Risk.DESTRUCTIVE, None, (step(0),))

    async def recheck(self, step: Step, _: object) -> Step | None:
        return None if self.changed else step

    async def send(self, step: Step, _: object, *, intent_id: UUID, deadline_s: float) -> StepOutcome:
        assert deadline_s > 0
        self.log.append("send")
        if self.dies == "before it arrives":
            raise Died
        self.applied.append(intent_id)
        if self.dies == "after it was applied":
            raise Died
        if self.dies == "the answer is lost":
            return StepOutcome("unknown", "lost")
        return StepOutcome("applied", "done", 200, "2")

    async def resolve(self, step: Step, _: object, *, intent_id: UUID) -> str:
        return "applied" if intent_id in self.applied else "absent"


class Audit:
    """The audit service: keeps what it is told, may be away, may die with the caller."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.intents: dict[UUID, dict[str, Any]] = {}
        self.events: dict[str, dict[str, Any]] = {}
        self.away = False
        self.dies = ""

    async def open_intent(self, intent_id: UUID, **fields: Any) -> None:
        if self.away:
            raise UnavailableError("away")
        self.log.append("intent")
        self.intents[intent_id] = fields
        if self.dies == "after the intent":
            raise Died

    async def record(self, events: list[dict[str, Any]]) -> None:
        if self.away:
            raise UnavailableError("away")
        if self.dies == "before the outcome":
            raise Died
        self.log.append("record")
        for event in events:
            self.events.setdefault(event["event_id"], event)
        if self.dies == "after the outcome":
            raise Died


class House:
    """The gateway's change machinery on real rows, with one life after another."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.plans = Plans(database)
        self.policy = open_policy()
        self.instruments = Instruments()
        self.log: list[str] = []
        self.cluster = Cluster(self.log)
        self.audit = Audit(self.log)
        self.person = Person(new_id(), "admin", "Administrator", Role.ADMIN)
        self.person_now: Person | None = self.person
        self.shown: list[dict[str, Any]] = []

    def life(self, instance: str = "gateway-1") -> Changes:
        trail = AuditTrail(self.audit, Outbox(self.database), Instruments())  # type: ignore[arg-type]
        engine: Engine = self.cluster  # type: ignore[assignment]
        return Changes(
            self.plans,
            engine,
            trail,
            f"{instance}/{uuid4()}",
            self.instruments,
            policy=self.policy,
            approvals=ApprovalRows(self.database),
            known=self.known,
        )

    async def known(self, user_id: UUID) -> Person | None:
        """The plan's person as they are now."""
        return self.person_now

    def output(self) -> TurnOutput:
        async def show(event: dict[str, Any]) -> None:
            self.shown.append(event)

        return TurnOutput(uuid4(), show)

    async def previewed(
        self,
        steps: int = 1,
        expires: str = "5 minutes",
        *,
        risk: str = "change",
        approval: dict[str, Any] | None = None,
        job: bool = False,
    ) -> Plan:
        made = [step(number) for number in range(steps)]
        plan_id = new_id()
        rows = await self.database.fetch(Query("test.expiry", "SELECT now() + $1::text::interval AS at"), expires)
        await self.plans.add(
            plan_id,
            session_id=None,
            turn=uuid4(),
            user_id=self.person.user_id,
            digest=digest(made),
            risk=risk,
            approval=approval,
            job=job,
            typed_name=None,
            commands=[one.command for one in made],
            steps=[one.to_dict() for one in made],
            intent_ids=[new_id() for _ in made],
            request_id="r",
            trace_id="t",
            expires_at=rows[0]["at"],
        )
        plan = await self.plans.find(plan_id, self.person.user_id)
        assert plan is not None
        return plan

    async def recovered(self) -> list[dict[str, Any]]:
        """The next life of the same replica tells the end of what the last one left."""
        life = self.life()
        self.cluster.dies = self.audit.dies = ""
        for plan in await life.adopt("gateway-1", 10):
            await life.recover(plan, self.person, self.output())
        return [event for event in self.shown if event["type"] == "outcome"]


def step(number: int) -> Step:
    name = f"web-{number}"
    path = f"/apis/apps/v1/namespaces/shop/deployments/{name}"
    return Step(
        command=f"kubectl scale deployment/{name} --replicas=5 -n shop",
        cluster="prod-eu",
        namespace="shop",
        verb="scale",
        kind="Deployment",
        resource="deployments",
        object=f"deployment.apps/{name}",
        name=name,
        uid=str(uuid4()),
        generation=1,
        resource_version="1",
        object_path=path,
        method="PATCH",
        path=f"{path}/scale",
        query=(),
        content_type="application/merge-patch+json",
        body=b'{"spec":{"replicas":5}}',
        summary=f"{name}: 3 → 5 replicas",
        done=f"deployment.apps/{name} scaled",
        before="3",
        after="5",
        diff="",
        dry_run="ok",
    )


@pytest.fixture
async def house(postgres: PostgresServer) -> AsyncIterator[House]:
    name = postgres.new_database()
    await migrate(postgres.url(name), files("app.gateway.store") / "migrations")
    tracing = Tracing("gateway", "test")
    database = Database(
        postgres.pooled_url(name),
        name="test",
        size=4,
        application_name="test",
        instruments=Instruments(),
        tracing=tracing,
    )
    await database.open()
    made = House(database)
    await database.execute(
        Query(
            "test.person",
            "INSERT INTO users (user_id, name, display_name, role, password_hash) VALUES ($1, $2, $3, $4, $5)",
        ),
        made.person.user_id,
        f"p{uuid4().hex}",
        "x",
        "admin",
        "x",
    )
    yield made
    await database.close()
    tracing.close()


async def test_intent_comes_before_sending_and_the_outcome_before_the_telling(house: House) -> None:
    plan = await house.previewed()
    await house.life().confirm(house.person, plan.plan_id, plan.digest, None, house.output())
    assert house.log == ["intent", "send", "record"]
    assert [event["state"] for event in house.shown if event["type"] == "outcome"] == ["applied"]


async def test_a_hundred_racing_confirmations_send_once(house: House) -> None:
    plan = await house.previewed()
    lives = [house.life(f"gateway-{number % 4}") for number in range(100)]
    results = await asyncio.gather(
        *(life.confirm(house.person, plan.plan_id, plan.digest, None, house.output()) for life in lives),
        return_exceptions=True,
    )
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, ConflictError) for result in results) == 99
    assert len(house.cluster.applied) == 1


@pytest.mark.parametrize(
    ("where", "applied", "told"),
    [
        ("audit: after the intent", 0, "not_sent"),
        ("cluster: after it was applied", 1, "applied"),
        ("audit: before the outcome", 1, "applied"),
        ("audit: after the outcome", 1, "applied"),
    ],
)
async def test_a_death_at_any_point_is_told_by_the_next_life(house: House, where: str, applied: int, told: str) -> None:
    plan = await house.previewed()
    part, _, point = where.partition(": ")
    (house.audit if part == "audit" else house.cluster).dies = point
    with pytest.raises(Died):
        await house.life().confirm(house.person, plan.plan_id, plan.digest, None, house.output())
    outcomes = await house.recovered()
    assert [outcome["state"] for outcome in outcomes] == [told]
    assert len(house.cluster.applied) == applied
    assert house.log.count("send") == applied
    kinds = [event["outcome"] for event in house.audit.events.values() if event["kind"] == "outcome"]
    assert kinds == [told]


async def test_an_answer_that_was_lost_is_resolved_from_evidence(house: House) -> None:
    plan = await house.previewed()
    house.cluster.dies = "the answer is lost"
    await house.life().confirm(house.person, plan.plan_id, plan.digest, None, house.output())
    assert [event["state"] for event in house.shown if event["type"] == "outcome"] == ["applied"]
    assert len(house.cluster.applied) == 1


async def test_without_audit_nothing_is_sent_and_the_end_is_recorded_later(house: House) -> None:
    plan = await house.previewed(steps=2)
    house.audit.away = True
    await house.life().confirm(house.person, plan.plan_id, plan.digest, None, house.output())
    assert house.cluster.applied == []
    assert [event["state"] for event in house.shown if event["type"] == "outcome"] == ["not_sent"]
    house.audit.away = False
    trail = AuditTrail(house.audit, Outbox(house.database), Instruments())  # type: ignore[arg-type]
    await trail.deliver()
    assert [event["outcome"] for event in house.audit.events.values()] == ["not_sent", "not_sent"]


async def test_a_living_owner_keeps_its_plan(house: House) -> None:
    plan = await house.previewed()
    owner = house.life("gateway-2")
    fresh = [Step.from_dict(stored) for stored in plan.steps]
    rows = await house.database.fetch(Query("test.soon", "SELECT now() + interval '30 s' AS at"))
    assert await house.plans.confirm(plan, plan.digest, owner._owner, rows[0]["at"], [one.to_dict() for one in fresh])
    assert await house.life("gateway-1").adopt("gateway-1", 10) == []


async def test_an_expired_preview_is_gone(house: House) -> None:
    plan = await house.previewed(expires="-1 seconds")
    with pytest.raises(GoneError):
        await house.life().confirm(house.person, plan.plan_id, plan.digest, None, house.output())
    assert house.cluster.applied == []


@pytest.mark.parametrize("expires", ["5 minutes", "-1 seconds"])
async def test_of_a_plan_that_is_over_no_line_and_no_body_is_kept_that_may_hold_a_secret(
    house: House, expires: str
) -> None:
    """But what takes it back is."""
    plan = await house.previewed(steps=2, expires=expires)
    stored = [
        {**one, "body": '{"data":{"k":"c4n4ry"}}', "undo": undo}
        for one, undo in zip(plan.steps, ("", "[]"), strict=True)
    ]
    await house.database.execute(
        Query("test.secret", "UPDATE plans SET steps = $2, commands = $3 WHERE plan_id = $1"),
        plan.plan_id,
        stored,
        ["kubectl apply -f -\nkind: Secret\nstringData: {k: c4n4ry}\n"],
    )
    if expires.startswith("-"):
        await house.plans.expire()
    else:
        await house.life().confirm(house.person, plan.plan_id, plan.digest, None, house.output())
    over = await house.plans.find(plan.plan_id, house.person.user_id)
    assert over is not None
    assert over.state == ("expired" if expires.startswith("-") else "applied")
    assert "c4n4ry" not in str(over.commands)
    assert [one["body"] for one in over.steps] == ["", stored[1]["body"]]
    assert [one["summary"] for one in over.steps] == [one["summary"] for one in stored]
