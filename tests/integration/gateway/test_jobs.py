"""Jobs on a real PostgreSQL, carried out by one replica after another: each request leaves once, and the end is told."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.commands.preview import Step, StepOutcome
from app.domain.identities import Role
from app.errors import NotFoundError, UnavailableError
from app.gateway.service import carrying_out, changes, job_runner
from app.gateway.service.changes import Changes
from app.gateway.store.plans import Plan
from app.infra.postgres.query import Query
from app.telemetry import catalogue
from tests.integration.gateway.test_changes import Cluster, House, step
from tests.integration.gateway.test_changes import house as house  # noqa: PLC0414 - a fixture


class Node(Cluster):
    """A cluster with a node of pods, which go when they are evicted, as far as its budget lets them."""

    def __init__(self, log: list[str]) -> None:
        super().__init__(log)
        self.evicted: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.stays: set[str] = set()
        self.present: set[str] = set()
        self.frozen = asyncio.Event()
        self.reached = asyncio.Event()
        self.freezes_at = ""
        self.intents: list[UUID] = []

    async def send(self, step: Step, _: object, *, intent_id: UUID, deadline_s: float) -> StepOutcome:
        assert deadline_s > 0
        assert intent_id not in self.intents, "sent twice"
        self.intents.append(intent_id)
        self.log.append(f"send {step.name}")
        if step.name == self.freezes_at and self.dies != "after it was applied":
            self.reached.set()
            await self.frozen.wait()
        if self.refusals[step.name]:
            self.refusals[step.name] -= 1
            return StepOutcome("failed", "not now", 429, retry_after_s=0.05)
        self.applied.append(intent_id)
        if step.method == "POST":
            self.evicted[step.name] += 1
            if step.name not in self.stays:
                self.present.discard(step.name)
        if step.name == self.freezes_at:
            self.reached.set()
            await self.frozen.wait()
        return StepOutcome("applied", f"{step.name} done", 201)

    async def is_gone(self, step: Step, _: object) -> bool:
        return step.name not in self.present

    async def resolve(self, step: Step, _: object, *, intent_id: UUID) -> str:
        return "applied" if intent_id in self.applied else "absent"


def eviction(name: str) -> Step:
    path = f"/api/v1/namespaces/shop/pods/{name}"
    return replace(
        step(0),
        command="kubectl drain node-a --ignore-daemonsets",
        verb="drain",
        kind="Pod",
        resource="pods",
        object=f"pod/{name}",
        name=name,
        object_path=path,
        method="POST",
        path=f"{path}/eviction",
        content_type="application/json",
        summary=f"evict pod shop/{name}",
    )


CORDON = replace(
    step(0), command="kubectl drain node-a --ignore-daemonsets", verb="drain", kind="Node", resource="nodes",
    object="node/node-a", name="node-a", namespace="", object_path="/api/v1/nodes/node-a", path="/api/v1/nodes/node-a",
    summary="cordon node node-a",
)  # fmt: skip


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (job_runner, changes):
        monkeypatch.setattr(module, "LEASE_S", 1.5)
    monkeypatch.setattr(job_runner, "SEND_WITHIN_S", 2.0)
    monkeypatch.setattr(carrying_out, "GRACE_S", 0.0)
    monkeypatch.setattr(job_runner, "RENEW_S", 0.2)
    monkeypatch.setattr(job_runner, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(carrying_out, "RESOLVE_EVERY_S", 0.02)


@pytest.fixture
def node(house: House) -> Node:
    house.cluster = Node(house.log)
    return house.cluster


async def previewed(house: House, steps: list[Step], command: str = "") -> Plan:
    plan = await house.previewed(steps=len(steps), risk="destructive", job=True)
    stored = [one.to_dict() for one in steps]
    await house.database.execute(
        Query("test.steps", "UPDATE plans SET steps = $2, commands = $3 WHERE plan_id = $1"),
        plan.plan_id,
        stored,
        [command or steps[0].command],
    )
    return replace(plan, steps=stored)


async def drain(house: House, node: Node, *names: str, command: str = "") -> Plan:
    node.present = set(names)
    return await previewed(house, [CORDON, *(eviction(name) for name in names)], command)


async def confirm(house: House, life: Changes, plan: Plan) -> None:
    await life.confirm(house.person, plan.plan_id, plan.digest, None, house.output())


async def until(what: str, holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 10
    while True:
        found = holds()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.01)


def outcomes(house: House) -> list[dict[str, Any]]:
    return [event for event in house.shown if event["type"] == "outcome"]


def told(house: House) -> list[str]:
    return [event["text"] for event in house.shown if event["type"] == "progress"]


async def kill(life: Changes) -> None:
    """The replica is gone, as by kill -9: its tasks do nothing more, and nothing is given back."""
    for task in list(life._running):
        task.cancel()
    await asyncio.gather(*life._running, return_exceptions=True)


async def adopted(house: House, life: Changes, instance: str) -> None:
    """Another replica finds the job when its lease is over, as its job that recovers plans does."""

    async def take() -> bool:
        plans = await life.adopt(instance, 10)
        for plan in plans:
            await life.recover(plan, house.person, house.output())
        return bool(plans)

    await until("adopted", take)


async def test_a_drain_cordons_first_asks_every_pod_to_go_and_ends_when_all_are_gone(house: House, node: Node) -> None:
    plan = await drain(house, node, "a", "b", "c")
    await confirm(house, house.life(), plan)
    await until("told", lambda: outcomes(house))
    assert [line for line in house.log if line.startswith("send")] == ["send node-a", "send a", "send b", "send c"]
    assert outcomes(house)[0]["state"] == "applied"
    assert outcomes(house)[0]["text"].startswith("3 of 3 pods gone.")
    assert told(house)[0] == "Started."
    assert "3 of 3 pods gone" in told(house)
    sent = {event["outcome"] for event in house.audit.events.values() if event["kind"] == "outcome"}
    assert sent == {"applied"}
    assert len(house.audit.intents) == 4
    assert house.instruments.value(catalogue.JOB_STEPS, outcome="applied") == 4
    await until("none runs any more", lambda: house.instruments.value(catalogue.JOBS_RUNNING) == 0)


@pytest.mark.parametrize("refused", [False, True])
async def test_what_a_plan_does_after_a_drain_waits_until_every_pod_is_gone(
    house: House, node: Node, refused: bool
) -> None:
    node.present = {"a", "b"}
    node.stays = {"b"} if refused else set()
    deletion = replace(CORDON, command="kubectl delete node/node-a", name="node-a-gone", method="DELETE", body=b"{}")
    command = "kubectl drain node-a --ignore-daemonsets --timeout=1s"
    plan = await previewed(house, [CORDON, eviction("a"), eviction("b"), deletion], command)
    await confirm(house, house.life(), plan)
    await until("told", lambda: outcomes(house))
    sent = [line for line in house.log if line.startswith("send")]
    assert sent == ["send node-a", "send a", "send b", *([] if refused else ["send node-a-gone"])]
    assert outcomes(house)[0]["state"] == ("failed" if refused else "applied")


@pytest.mark.parametrize("gone", [False, True])
async def test_a_job_has_the_rights_that_its_person_has_now(house: House, node: Node, gone: bool) -> None:
    plan = await drain(house, node, "a", "b")
    node.freezes_at = "a"
    await confirm(house, house.life(), plan)
    await node.reached.wait()
    house.person_now = None if gone else replace(house.person, role=Role.VIEWER)
    node.frozen.set()
    await until("told", lambda: outcomes(house))
    assert [line for line in house.log if line.startswith("send")] == ["send node-a", "send a"]
    assert outcomes(house)[0]["state"] == "failed"


async def test_only_after_a_429_an_eviction_is_asked_for_again_under_an_intent_of_its_own(
    house: House, node: Node
) -> None:
    plan = await drain(house, node, "a", "b")
    node.refusals["a"] = 3
    await confirm(house, house.life(), plan)
    await until("told", lambda: outcomes(house))
    assert house.log.count("send a") == 4
    assert house.log.count("send b") == 1
    assert node.evicted == {"a": 1, "b": 1}
    assert len(house.audit.intents) == 6
    steps = [(fields["plan_id"], fields["step"]) for fields in house.audit.intents.values()]
    assert len(set(steps)) == 6, "the audit log takes one intent for each step of a plan"
    rows = await house.plans.steps(plan.plan_id)
    assert [(row.step, row.state, row.attempt_of) for row in rows] == [
        (0, "applied", None), (1, "failed", None), (2, "applied", None),
        (3, "failed", 1), (4, "failed", 1), (5, "applied", 1),
    ]  # fmt: skip
    assert outcomes(house)[0]["state"] == "applied"
    assert house.instruments.value(catalogue.JOB_STEPS, outcome="refused_for_now") == 3
    asked = await house.life().state(house.person, plan.plan_id)
    assert (asked["state"], asked["progress"], len(asked["steps"])) == ("applied", "2 of 2 pods gone", 6)


async def test_another_refusal_than_429_is_not_followed(house: House, node: Node) -> None:
    plan = await drain(house, node, "a", "b")

    async def send(step: Step, _: object, **__: Any) -> StepOutcome:
        house.log.append(f"send {step.name}")
        node.present.discard("b")
        return StepOutcome("failed", "forbidden", 403) if step.name == "a" else StepOutcome("applied", "done", 201)

    node.send = send  # type: ignore[method-assign]
    await confirm(house, house.life(), plan)
    await until("told", lambda: outcomes(house))
    assert house.log.count("send a") == 1
    assert outcomes(house)[0]["state"] == "failed"
    assert "1 of 2 pods gone" in outcomes(house)[0]["text"]


async def test_a_cluster_that_goes_away_in_the_middle_ends_the_drain_and_the_person_is_told_how_far_it_came(
    house: House, node: Node
) -> None:
    plan = await drain(house, node, "a", "b", "c", command="kubectl drain node-a --ignore-daemonsets --timeout=1s")
    send, is_gone, away = node.send, node.is_gone, asyncio.Event()

    async def send_or_not(step: Step, identity: object, **given: Any) -> StepOutcome:
        if away.is_set():
            house.log.append(f"lost {step.name}")
            return StepOutcome("not_sent", "Not sent: the cluster does not answer.")
        if step.name == "a":
            away.set()
        return await send(step, identity, **given)

    async def look(step: Step, identity: object) -> bool:
        if away.is_set():
            raise UnavailableError("The cluster does not answer.", code="cluster_unavailable")
        return await is_gone(step, identity)

    node.send, node.is_gone = send_or_not, look  # type: ignore[method-assign]
    await confirm(house, house.life(), plan)
    await until("told", lambda: outcomes(house))
    assert [line for line in house.log if line.startswith("send")] == ["send node-a", "send a"]
    (outcome,) = outcomes(house)
    assert outcome["state"] == "failed"
    assert "pods gone" in outcome["text"]
    assert "does not answer" in outcome["text"]
    rows = await house.plans.steps(plan.plan_id)
    assert [row.state for row in rows][:2] == ["applied", "applied"]
    assert {row.state for row in rows[2:]} == {"not_sent"}
    assert len({event["intent_id"] for event in house.audit.events.values() if event["kind"] == "outcome"}) == len(
        house.audit.intents
    )


@pytest.mark.parametrize("applied", [True, False])
async def test_a_drain_whose_replica_is_killed_in_the_middle_is_finished_by_another(
    house: House, node: Node, applied: bool
) -> None:
    plan = await drain(house, node, "a", "b", "c", "d")
    node.freezes_at = "b"
    node.dies = "after it was applied" if applied else ""
    first, second = house.life("gateway-1"), house.life("gateway-2")
    await confirm(house, first, plan)
    await node.reached.wait()
    await kill(first)
    rows = await house.plans.steps(plan.plan_id)
    assert [row.state for row in rows] == ["applied", "applied", "sending", "pending", "pending"]
    node.freezes_at = ""
    await adopted(house, second, "gateway-2")
    await until("told", lambda: outcomes(house))
    assert len(node.intents) == len(set(node.intents)) == 5
    assert house.log.count("send b") == 1, "what was being sent is looked for, never sent again"
    assert [house.log.count(f"send {name}") for name in ("a", "c", "d")] == [1, 1, 1]
    (end,) = outcomes(house)
    assert end["state"] == ("applied" if applied else "failed")
    assert end["text"].startswith(f"{4 if applied else 3} of 4 pods gone.")


async def test_a_replica_that_wakes_after_its_lease_sends_nothing_more(house: House, node: Node) -> None:
    plan = await drain(house, node, "a", "b", "c")
    node.freezes_at = "a"
    first, second = house.life("gateway-1"), house.life("gateway-2")
    await confirm(house, first, plan)
    await node.reached.wait()
    first._jobs._hold = _hangs  # type: ignore[method-assign] - no renewal gets through any more
    node.freezes_at = ""
    await adopted(house, second, "gateway-2")
    await until("told", lambda: outcomes(house))
    node.frozen.set()
    await until("the first gives up by itself", lambda: not first._running)
    assert node.evicted == {"b": 1, "c": 1}
    assert house.log.count("send a") == 1
    assert outcomes(house)[0]["state"] == "failed"


async def _hangs(_: Any) -> None:
    await asyncio.Event().wait()


async def test_an_older_epoch_can_send_nothing_although_its_process_took_the_plan_again(
    house: House, node: Node
) -> None:
    plan = await drain(house, node, "a")
    soon = (await house.database.fetch(Query("test.soon", "SELECT now() + interval '30 s' AS at")))[0]["at"]
    epoch = await house.plans.confirm(plan, plan.digest, "gateway-1/x", soon, plan.steps)
    assert epoch == 1
    await house.plans.release(plan.plan_id, "gateway-1/x", 1)
    (again,) = await house.plans.adopt("gateway-1/x", "gateway-1", 1, 30.0, [])
    assert again.epoch == 2
    assert not await house.plans.step_sending(plan.plan_id, 0, "gateway-1/x", 1, soon)
    assert not (await house.plans.hold(plan.plan_id, "gateway-1/x", 1, 30.0, "")).held
    assert not await house.plans.step_done(plan.plan_id, 0, "not_sent", "", owner="gateway-1/x", epoch=1)
    assert await house.plans.add_attempt(plan.plan_id, 1, uuid4(), "gateway-1/x", 2) is None, "it was not refused"
    assert await house.plans.step_sending(plan.plan_id, 0, "gateway-1/x", 2, soon)
    assert not await house.plans.step_sending(plan.plan_id, 0, "gateway-1/x", 2, soon)


async def test_a_job_is_stopped_by_its_person_and_says_what_was_done(house: House, node: Node) -> None:
    plan = await drain(house, node, "a", "b", "c")
    node.stays = {"a"}
    node.refusals["b"] = 10**6
    life = house.life()
    await confirm(house, life, plan)
    await until("c is gone", lambda: "c" not in node.present)
    stranger = replace(house.person, user_id=uuid4())
    with pytest.raises(NotFoundError):
        await life.cancel(stranger, plan.plan_id, house.output())
    await life.cancel(house.person, plan.plan_id, house.output())
    await until("told", lambda: outcomes(house))
    (end,) = outcomes(house)
    assert end["state"] == "failed"
    assert end["text"].startswith("1 of 3 pods gone.")
    assert "evict pod shop/a: asked to go, and still there when it was stopped." in end["text"]
    sent = len(node.intents)
    await life.drain(5)
    assert len(node.intents) == sent


async def test_a_drain_gives_up_when_its_timeout_is_over(house: House, node: Node) -> None:
    command = "kubectl drain node-a --ignore-daemonsets --timeout=1s"
    plan = await drain(house, node, "a", command=command)
    node.stays = {"a"}
    await confirm(house, house.life(), plan)
    await until("told", lambda: outcomes(house))
    assert "still there when the time that --timeout gave is over" in outcomes(house)[0]["text"]


async def test_a_replica_that_ends_hands_its_jobs_over_at_once(
    house: House, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (job_runner, changes):
        monkeypatch.setattr(module, "LEASE_S", 3600.0)  # nobody waits for its end
    plan = await drain(house, node, "a", "b")
    node.stays = {"a", "b"}
    first, second = house.life("gateway-1"), house.life("gateway-2")
    await confirm(house, first, plan)
    await until("both are asked to go", lambda: node.evicted.total() == 2)
    await first.drain(5)
    assert outcomes(house) == []
    assert await first.adopt("gateway-1", 10) == []
    await adopted(house, second, "gateway-2")
    node.present.clear()
    await until("told", lambda: outcomes(house))
    assert outcomes(house)[0]["state"] == "applied"
    assert node.evicted == {"a": 1, "b": 1}


async def test_a_pod_that_went_by_itself_is_not_asked_to_go(house: House, node: Node) -> None:
    plan = await drain(house, node, "a", "b")
    node.present.discard("b")
    await confirm(house, house.life(), plan)
    await until("told", lambda: outcomes(house))
    assert house.log.count("send b") == 0
    assert outcomes(house)[0]["state"] == "applied"


async def test_without_audit_a_drain_sends_nothing(house: House, node: Node) -> None:
    plan = await drain(house, node, "a")
    house.audit.away = True
    await confirm(house, house.life(), plan)
    await until("told", lambda: outcomes(house))
    assert node.intents == []
    assert outcomes(house)[0]["state"] == "not_sent"


async def test_many_objects_are_a_job_that_another_replica_finishes(house: House, node: Node) -> None:
    steps = [step(number) for number in range(30)]
    assert job_runner.is_job(steps)
    assert not job_runner.is_job(steps[:10])
    plan = await previewed(house, steps)
    node.freezes_at = "web-12"
    node.dies = "after it was applied"
    first, second = house.life("gateway-1"), house.life("gateway-2")
    await confirm(house, first, plan)
    await node.reached.wait()
    await kill(first)
    node.freezes_at = ""
    await adopted(house, second, "gateway-2")
    await until("told", lambda: outcomes(house))
    assert len(node.applied) == len(set(node.applied)) == 30
    assert outcomes(house)[0]["state"] == "applied"
    assert "30 of 30 done" in outcomes(house)[0]["text"]


async def test_the_age_of_the_oldest_job_is_known_on_every_replica(house: House, node: Node) -> None:
    plan = await drain(house, node, "a")
    node.stays = {"a"}
    life, other = house.life(), house.life("gateway-2")
    await other.count_jobs()
    assert house.instruments.value(catalogue.JOB_OLDEST_AGE) == 0
    await confirm(house, life, plan)
    await other.count_jobs()
    assert house.instruments.value(catalogue.JOB_OLDEST_AGE) > 0
    await until("it runs here", lambda: house.instruments.value(catalogue.JOBS_RUNNING) == 1)
    await life.drain(5)
