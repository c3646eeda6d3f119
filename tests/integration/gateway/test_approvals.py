"""A second person's approval, on a real PostgreSQL: on record before it counts, by somebody else, once, for a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.identities import Person, Role
from app.domain.policy.file import read_policy_file
from app.domain.policy.policy import Policy
from app.errors import ConflictError, ForbiddenError, GoneError, NotFoundError, UnavailableError
from app.gateway.service.approvals import Approvals
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.hub import Hub
from app.gateway.store.approvals import ApprovalRows
from app.gateway.store.chats import Chats
from app.gateway.store.outbox import Outbox
from app.gateway.store.plans import Plan
from app.infra.ids import new_id
from app.infra.postgres.query import Query
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.integration.gateway.test_changes import House
from tests.integration.gateway.test_changes import house as house  # noqa: PLC0414 - a fixture

RULES = """
clusters:
  prod-eu:
    impersonate: {users: ["kubechat:*"], groups: ["kubechat:all"]}
    groups: {role:viewer: [all], role:operator: [all], role:admin: [all]}
    approval: {by: [role:operator, approvers]}
    namespaces: {closed: {read: [role:admin]}}
"""
DEMAND = {"rules": [["role:operator", "approvers"]], "consequences": ["1 pod will be stopped."]}


@dataclass
class Two:
    """A plan's person, and those who may or may not approve it."""

    house: House
    rows: ApprovalRows
    second: Person
    third: Person
    approvals: Approvals

    async def confirm(self, plan: Plan) -> None:
        await self.house.life().confirm(self.house.person, plan.plan_id, plan.digest, None, self.house.output())

    def value(self, result: str) -> float:
        return self.house.instruments.value(catalogue.APPROVALS, result=result)


async def person(house: House, name: str, role: Role, *groups: str) -> Person:
    made = Person(new_id(), f"{name}{uuid4().hex[:8]}", name.title(), role, groups)
    await house.database.execute(
        Query(
            "test.someone",
            "INSERT INTO users (user_id, name, display_name, role, password_hash) VALUES ($1, $2, $3, $4, 'x')",
        ),
        made.user_id,
        made.name,
        made.display_name,
        role.value,
    )
    return made


@pytest.fixture
async def two(house: House) -> Two:
    house.policy = Policy(read_policy_file(RULES, "rules"))
    rows, hub = ApprovalRows(house.database), Hub("gateway-1", None, Instruments())
    return Two(
        house,
        rows,
        await person(house, "eve", Role.OPERATOR),
        await person(house, "vera", Role.VIEWER),
        Approvals(
            rows=rows,
            policy=house.policy,
            trail=AuditTrail(house.audit, Outbox(house.database), Instruments()),  # type: ignore[arg-type]
            carrying=house.life().carrying,
            chats=Chats(house.database),
            hub=hub,
            instruments=house.instruments,
        ),
    )


async def waiting(two: Two, **more: Any) -> Plan:
    return await two.house.previewed(risk="destructive", approval=DEMAND, **more)


async def test_a_plan_runs_after_its_person_and_a_second_one_have_agreed(two: Two) -> None:
    plan = await waiting(two)
    with pytest.raises(ConflictError, match="role:operator or approvers"):
        await two.confirm(plan)
    (shown,) = await two.approvals.waiting(two.second)
    assert (shown["plan"], shown["digest"], shown["yours"]) == (str(plan.plan_id), plan.digest, False)
    assert shown["consequences"] == ["1 pod will be stopped."]
    assert shown["steps"][0]["summary"] == "web-0: 3 → 5 replicas"
    await two.approvals.decide(two.second, plan.plan_id, shown["digest"], "approved")
    assert await two.approvals.waiting(two.second) == []
    assert two.house.cluster.applied == []
    await two.confirm(plan)
    assert len(two.house.cluster.applied) == 1
    assert two.value("approved") == 1


async def test_an_approval_by_a_rule_that_was_changed_since_carries_nothing_out(two: Two) -> None:
    plan = await waiting(two)
    await two.approvals.decide(two.second, plan.plan_id, plan.digest, "approved")
    stricter = RULES.replace("by: [role:operator, approvers]", "by: [role:admin]")
    two.house.policy = Policy(read_policy_file(stricter, "rules"))
    await two.confirm(plan)
    assert two.house.cluster.applied == []
    found = await two.house.plans.find(plan.plan_id, two.house.person.user_id)
    assert found is not None
    assert found.state == "refused"


async def test_the_statement_that_confirms_wants_the_approval_whoever_calls_it(two: Two) -> None:
    plan = await waiting(two)
    soon = (await two.house.database.fetch(Query("test.soon", "SELECT now() + interval '30 s' AS at")))[0]["at"]
    assert await two.house.plans.confirm(plan, plan.digest, "gateway-1/x", soon, plan.steps) is None
    await two.rows.decide(plan.plan_id, two.second.user_id, "eve", plan.digest, "denied", reason="", counts_s=300)
    assert await two.house.plans.confirm(plan, plan.digest, "gateway-1/x", soon, plan.steps) is None


@pytest.mark.parametrize(("own", "until"), [(True, "5 minutes"), (False, "-1 seconds")])
async def test_an_approval_of_ones_own_or_of_yesterday_confirms_nothing_however_it_got_there(
    two: Two, own: bool, until: str
) -> None:
    plan = await waiting(two)
    await two.house.database.execute(
        Query(
            "test.approval",
            """INSERT INTO plan_approvals (plan_id, approver, approver_name, digest, decision, expires_at)
            VALUES ($1, $2, 'x', $3, 'approved', now() + $4::text::interval)""",
        ),
        plan.plan_id,
        two.house.person.user_id if own else two.second.user_id,
        plan.digest,
        until,
    )
    with pytest.raises(ConflictError):
        await two.confirm(plan)
    assert two.house.cluster.applied == []


async def test_nobody_approves_their_own(two: Two) -> None:
    plan, person_ = await waiting(two), two.house.person
    with pytest.raises(ForbiddenError, match="Nobody approves their own"):
        await two.approvals.decide(replace(person_, role=Role.OPERATOR), plan.plan_id, plan.digest, "approved")
    assert (
        await two.rows.decide(plan.plan_id, person_.user_id, "x", plan.digest, "approved", reason="", counts_s=9)
        is None
    )
    assert two.value("own") == 1
    assert [each["yours"] for each in await two.approvals.waiting(person_)] == [True]


async def test_an_approval_belongs_to_the_digest_that_was_seen(two: Two) -> None:
    plan = await waiting(two)
    with pytest.raises(ConflictError, match="not the preview"):
        await two.approvals.decide(two.second, plan.plan_id, "another", "approved")
    assert (
        await two.rows.decide(plan.plan_id, two.second.user_id, "eve", "another", "approved", reason="", counts_s=9)
        is None
    )
    with pytest.raises(ConflictError):
        await two.confirm(plan)


async def test_an_approval_counts_for_its_time_only(two: Two) -> None:
    plan = await waiting(two)
    assert await two.rows.decide(
        plan.plan_id, two.second.user_id, "eve", plan.digest, "approved", reason="", counts_s=0
    )
    with pytest.raises(GoneError):
        await two.confirm(plan)
    assert two.house.cluster.applied == []


async def test_who_may_not_approve_sees_nothing_and_decides_nothing(two: Two) -> None:
    plan = await waiting(two)
    assert await two.approvals.waiting(two.third) == []
    with pytest.raises(NotFoundError):
        await two.approvals.decide(two.third, plan.plan_id, plan.digest, "approved")
    helper = replace(two.third, groups=("approvers",))
    assert len(await two.approvals.waiting(helper)) == 1


async def test_an_approver_is_not_shown_what_they_may_not_read(two: Two) -> None:
    plan = await waiting(two)
    inside = [{**stored, "namespace": "closed"} for stored in plan.steps]
    await two.house.database.execute(
        Query("test.closed", "UPDATE plans SET steps = $2 WHERE plan_id = $1"), plan.plan_id, inside
    )
    assert await two.approvals.waiting(two.second) == []
    with pytest.raises(NotFoundError):
        await two.approvals.decide(two.second, plan.plan_id, plan.digest, "approved")


async def test_many_who_decide_at_once_decide_once(two: Two) -> None:
    plan = await waiting(two)
    people = [await person(two.house, "op", Role.OPERATOR) for _ in range(20)]
    decisions = ["approved", "denied"] * 10
    results = await asyncio.gather(
        *(
            two.approvals.decide(each, plan.plan_id, plan.digest, decision)
            for each, decision in zip(people, decisions, strict=True)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, ConflictError) for result in results) == 19
    assert two.value("approved") + two.value("denied") == 1


async def test_an_approval_is_on_record_before_it_counts(two: Two) -> None:
    plan, seen = await waiting(two), []

    async def record(events: list[dict[str, Any]]) -> None:
        seen.append((events[0]["verb"], events[0]["plan_digest"], await two.rows.of(plan.plan_id)))

    two.house.audit.record = record  # type: ignore[method-assign]
    await two.approvals.decide(two.second, plan.plan_id, plan.digest, "approved")
    assert seen == [("approve plan", plan.digest, None)]


async def test_without_a_record_there_is_no_approval(two: Two) -> None:
    plan = await waiting(two)
    two.house.audit.away = True
    with pytest.raises(UnavailableError):
        await two.approvals.decide(two.second, plan.plan_id, plan.digest, "approved")
    assert await two.rows.of(plan.plan_id) is None


async def test_a_denial_ends_the_plan(two: Two) -> None:
    plan = await waiting(two)
    await two.approvals.decide(two.second, plan.plan_id, plan.digest, "denied", "not on a Friday")
    found = await two.house.plans.find(plan.plan_id, two.house.person.user_id)
    assert found is not None
    assert found.state == "refused"
    with pytest.raises(ConflictError):
        await two.confirm(plan)


async def test_what_changes_between_wants_a_new_approval(two: Two) -> None:
    plan = await waiting(two)
    await two.approvals.decide(two.second, plan.plan_id, plan.digest, "approved")
    two.house.cluster.changed = True
    await two.confirm(plan)
    assert two.house.cluster.applied == []
    (preview,) = [event for event in two.house.shown if event["type"] == "preview"]
    assert preview["approval"] == {"by": [["role:operator", "approvers"]]}
    fresh = await two.house.plans.find(UUID(preview["plan"]), two.house.person.user_id)
    assert fresh is not None
    with pytest.raises(ConflictError, match="waits for the approval"):
        await two.confirm(fresh)


async def test_a_rule_that_came_after_the_preview_counts(two: Two) -> None:
    plan = await two.house.previewed(risk="destructive")
    await two.confirm(plan)
    assert two.house.cluster.applied == []
    assert [event["type"] for event in two.house.shown] == ["outcome", "preview"]


async def test_a_change_that_destroys_nothing_needs_no_second_person(two: Two) -> None:
    plan = await two.house.previewed()
    await two.confirm(plan)
    assert len(two.house.cluster.applied) == 1


async def test_what_nobody_answered_is_counted_when_its_time_is_over(two: Two) -> None:
    await waiting(two, expires="-1 seconds")
    await two.house.previewed(expires="-1 seconds")
    await two.house.life().expire()
    assert two.value("expired") == 1
    assert await two.approvals.waiting(two.second) == []
