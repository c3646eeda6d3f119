"""Plans that take longer than a request: carried out under a lease, step by step, by whichever replica holds it.

    confirmed -> (per step: intent stored -> sending -> applied | failed | not_sent | unknown) -> closed

A replica that dies leaves rows from which the next one goes on: what is `pending` is sent, what is `sending` is
resolved from evidence and sent by nobody again. Only an eviction that the cluster refused for now (429, which proves
that it was not applied) is followed by another one, under an intent of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from app.domain.commands.changing.draining import is_eviction
from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Command
from app.domain.commands.model.drain import Drain
from app.domain.commands.parser import parse
from app.domain.commands.preview import Step, StepOutcome
from app.domain.identities import Person
from app.domain.policy.policy import Policy
from app.errors import KubeChatError
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.carrying_out import CarryingOut, Claim, now
from app.gateway.service.plan_events import overall, progress, step_event
from app.gateway.service.turn import TurnOutput
from app.gateway.store.plans import Plan, Plans, PlanStep
from app.infra.ids import new_id
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from slo.targets.network import REQUEST_TIMEOUT

MOST_STEPS_AT_ONCE = 10  # of a plan that is no job: three seconds for each, with its records, fit into a request's time
LEASE_S = 20.0  # so long a job stands still when its replica dies; several renewals may be lost in it
RENEW_S = 5.0
SEND_WITHIN_S = REQUEST_TIMEOUT.figure.number  # of a step, from its record on
LOOK_EVERY_S = 1.0  # at what is to be gone: as often as kubectl looks
RETRY_AFTER_S = 5.0  # after a 429 that names no time, as kubectl drain
NO_NAMESPACE = "default"  # a line that is complete needs none; the parser wants one
_TOO_MANY_REQUESTS = 429
_log = get_logger(__name__)


Known = Callable[[UUID], Awaitable[Person | None]]


class _StoppedError(Exception):
    """The job is not this process' to carry out any more: lost, or handed over."""


@dataclass(slots=True)
class _Item:
    """One step of the plan, with its attempts."""

    number: int
    step: Step
    row: PlanStep
    gone: bool = False
    due: float = 0.0  # monotonic; before that no further attempt

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of an eviction."""
        return self.gone or (self.row.state in {"failed", "unknown", "not_sent"} and not self.row.retry)

    @property
    def waits(self) -> bool:
        """Whether an eviction was accepted and its pod is still there."""
        return is_eviction(self.step) and self.row.state == "applied" and not self.gone


@dataclass(slots=True)
class _Job:
    person: Person
    plan: Plan
    claim: Claim
    output: TurnOutput
    items: list[_Item]
    sent: list[tuple[Step, PlanStep]] = field(default_factory=list)
    told: str = ""
    stop: bool = False
    why: str = "the step before it did not succeed"

    def progress(self) -> str:
        pods = [item for item in self.items if is_eviction(item.step)]
        if pods:
            return f"{sum(item.gone for item in pods)} of {len(pods)} pods gone"
        done = sum(item.row.state == "applied" for item in self.items)
        return f"{done} of {len(self.items)} done"


class JobRunner:
    """Carries out jobs.

    Args:
        plans: the rows.
        engine: what talks to the clusters.
        trail: the audit trail.
        policy: as whom people go to clusters.
        carrying: sends steps and tells ends.
        instruments: where jobs are counted.
        known: the person of an account as they are now; None where there is none any more.
    """

    def __init__(
        self,
        plans: Plans,
        engine: Engine,
        trail: AuditTrail,
        policy: Policy,
        carrying: CarryingOut,
        instruments: Instruments,
        known: Known | None = None,
    ) -> None:
        self._known = known
        self._plans, self._engine, self._trail, self._policy, self._carrying = plans, engine, trail, policy, carrying
        self._running = instruments.gauge(catalogue.JOBS_RUNNING)
        self._steps = instruments.counter(catalogue.JOB_STEPS)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Hand every job over after the step that it is at."""
        self._stopping.set()

    async def run(self, person: Person, plan: Plan, claim: Claim, output: TurnOutput) -> None:
        """Carry a job out, from wherever it is, until its end is told or it is somebody else's.

        Args:
            person: whose plan it is.
            plan: the plan, confirmed.
            claim: this process' hold on it.
            output: where progress and its end are told.
        """
        rows = await self._plans.steps(plan.plan_id)
        steps = [Step.from_dict(stored) for stored in plan.steps]
        job = _Job(person, plan, claim, output, _items(steps, rows))
        job.sent = [(steps[row.attempt_of if row.attempt_of is not None else row.step], row) for row in rows]
        self._running.inc()
        work = asyncio.create_task(self._work(job), name=f"job-{plan.plan_id}")
        try:
            await self._leased(job, work)
        finally:
            self._running.dec()
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _leased(self, job: _Job, work: asyncio.Task[None]) -> None:
        """Renew the lease while the work goes on; end the work when it is lost or cannot be renewed in time."""
        until = time.monotonic() + LEASE_S
        while True:
            done, _ = await asyncio.wait({work}, timeout=RENEW_S)
            if done:
                try:
                    work.result()
                except _StoppedError:
                    _log.info("job goes on elsewhere", plan=str(job.plan.plan_id))
                return
            try:
                async with asyncio.timeout(RENEW_S):
                    await self._hold(job)
                until = time.monotonic() + LEASE_S
            except _StoppedError:
                _log.warning("job was taken over", plan=str(job.plan.plan_id))
                return
            except (KubeChatError, TimeoutError) as error:
                if time.monotonic() > until:
                    fault = type(error).__name__
                    _log.error("lease not renewed; left to another", plan=str(job.plan.plan_id), fault=fault)
                    return

    async def _hold(self, job: _Job) -> None:
        hold = await self._plans.hold(
            job.plan.plan_id, job.claim.owner, job.claim.epoch, LEASE_S, job.told or job.progress()
        )
        if not hold.held:
            raise _StoppedError
        job.stop = job.stop or hold.stop

    async def _work(self, job: _Job) -> None:
        await self._hold(job)
        await self._resolve_sending(job)
        await self._tell(job)
        # In the order that was shown: what stands behind a node's pods, in a plan of several commands, waits for them.
        for are_evictions, part in groupby(job.items, lambda item: is_eviction(item.step)):
            carry_out = self._drain if are_evictions else self._in_order
            if not await carry_out(job, list(part)):
                break
        await self._end(job)

    async def _resolve_sending(self, job: _Job) -> None:
        """What the last holder was sending when it died: never sent again, looked for on the cluster."""
        for item in job.items:
            row = item.row
            if row.state == "sending":
                deadline = row.deadline or now()
                state, text = await self._carrying.resolve(job.person, item.step, row.intent_id, deadline)
                await self._done(job, item, StepOutcome(state, text))

    async def _in_order(self, job: _Job, items: Sequence[_Item]) -> bool:
        """One after another; False where one does not succeed, which ends the job."""
        for item in items:
            if item.row.state == "pending" and await self._may_go_on(job):
                await self._send(job, item)
            if item.row.state != "applied":
                return False
        return True

    async def _drain(self, job: _Job, evictions: Sequence[_Item]) -> bool:
        """All pods at once, as disruption budgets let them go; False where one of them is not gone in the end."""
        until = self._until(job.plan)
        while await self._may_go_on(job):
            if until is not None and now() >= until:
                job.why = "the time that --timeout gave is over"
                return False
            for item in evictions:
                if not await self._evict(job, item):
                    return False
            await self._look(job, evictions)
            if all(item.is_over for item in evictions):
                return all(item.gone for item in evictions)
            await self._pause(LOOK_EVERY_S)
        return False

    def _until(self, plan: Plan) -> datetime | None:
        """When a drain gives up, by its --timeout; several together have the sum of theirs."""
        drains = [each for each in commands_of(plan, self._engine.cluster_names) if isinstance(each, Drain)]
        if not drains or not all(each.timeout_s for each in drains) or plan.confirmed_at is None:
            return None
        return plan.confirmed_at + timedelta(seconds=sum(each.timeout_s for each in drains))

    async def _evict(self, job: _Job, item: _Item) -> bool:
        """Send an eviction that is due; False when the job is to stop."""
        if item.gone:
            return True
        if item.row.state == "failed" and item.row.retry and time.monotonic() >= item.due:
            if await self._is_gone(job, item):
                return True
            attempt = await self._plans.add_attempt(
                job.plan.plan_id, item.number, new_id(), job.claim.owner, job.claim.epoch
            )
            if attempt is None:
                return await self._may_go_on(job)
            item.row = attempt
            job.sent.append((item.step, attempt))
        if item.row.state != "pending":
            return True
        if await self._is_gone(job, item):
            return True
        if not await self._may_go_on(job):
            return False
        await self._send(job, item)
        return True

    async def _look(self, job: _Job, evictions: Sequence[_Item]) -> None:
        for item in evictions:
            if item.waits:
                await self._is_gone(job, item)
        await self._tell(job)

    async def _is_gone(self, job: _Job, item: _Item) -> bool:
        try:
            identity = self._policy.identity(job.person, item.step.cluster)
            item.gone = await self._engine.is_gone(item.step, identity)
        except KubeChatError as error:
            _log.warning("not known whether a pod is gone", plan=str(job.plan.plan_id), code=error.code)
        return item.gone

    async def _send(self, job: _Job, item: _Item) -> None:
        if self._known is not None:
            # A job may go on for hours: it has the rights that its person has now.
            person = await self._known(job.person.user_id)
            if person is None:
                job.stop = True
                return
            job.person = person
        deadline = now() + timedelta(seconds=SEND_WITHIN_S)
        sent = await self._carrying.send(job.person, job.plan, job.claim, item.step, item.row, deadline)
        await self._done(job, item, sent)
        await self._tell(job)

    async def _done(self, job: _Job, item: _Item, sent: StepOutcome) -> None:
        retry = is_eviction(item.step) and sent.http_status == _TOO_MANY_REQUESTS and sent.state == "failed"
        owner, epoch = job.claim.owner, job.claim.epoch
        await self._plans.step_done(
            job.plan.plan_id, item.row.step, sent.state, sent.text, owner=owner, epoch=epoch, retry=retry
        )
        await self._hold(job)  # what was not sent because another has the job is that one's to tell
        row = PlanStep(
            item.row.step, item.row.intent_id, sent.state, sent.text, item.row.deadline, item.row.attempt_of, retry
        )
        job.sent = [(step, row if each.step == row.step else each) for step, each in job.sent]
        item.row = row
        item.due = time.monotonic() + (sent.retry_after_s or RETRY_AFTER_S)
        self._steps.labels("refused_for_now" if retry else sent.state).inc()
        await self._trail.record([self._event(job, item.step, row)])

    def _event(self, job: _Job, step: Step, row: PlanStep) -> dict[str, Any]:
        return step_event(
            "outcome",
            job.person,
            step,
            plan=job.plan,
            intent_id=row.intent_id,
            outcome=row.state,
            detail={"text": row.text},
        )

    async def _may_go_on(self, job: _Job) -> bool:
        """Whether the job is still ours and its person wants it to go on.

        Raises:
            _StoppedError: it is another process', or this one ends and has given it back.
        """
        if self._stopping.is_set():
            await self._plans.release(job.plan.plan_id, job.claim.owner, job.claim.epoch)
            raise _StoppedError
        await self._hold(job)
        return not job.stop

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _tell(self, job: _Job) -> None:
        text = job.progress()
        if text != job.told:
            job.told = text
            await self._hold(job)
            await job.output.show(progress(job.plan.plan_id, 0, text, job=True))

    async def _end(self, job: _Job) -> None:
        """Say what became of each step, and close the plan."""
        why = "it was stopped" if job.stop else job.why
        lines, states = [], []
        for item in job.items:
            state, text = _result(item, why)
            if item.row.state == "pending":
                await self._plans.step_done(
                    job.plan.plan_id, item.row.step, "not_sent", text, owner=job.claim.owner, epoch=job.claim.epoch
                )
            states.append(state)
            lines.append(text)
        events = [self._event(job, step, row) for step, row in job.sent if row.state not in {"pending", "sending"}]
        state = "failed" if job.stop and "applied" in states and "not_sent" in states else overall(states)
        clusters = {item.step.cluster for item in job.items if item.row.state != "pending"}
        text = "\n".join([f"{job.progress()}.", *lines])
        undo = any(item.step.undo and item.row.state == "applied" for item in job.items)
        await self._carrying.tell_end(job.plan, state, text, events, clusters, job.output, undo=undo)


def _items(steps: Sequence[Step], rows: Sequence[PlanStep]) -> list[_Item]:
    """Each step with its last attempt."""
    last = {row.attempt_of if row.attempt_of is not None else row.step: row for row in rows}
    return [_Item(number, step, last[number]) for number, step in enumerate(steps)]


def commands_of(plan: Plan, clusters: Sequence[str]) -> list[Command]:
    """The commands of a plan, from their complete lines: each names its own namespace, where it has one."""
    cluster = str(plan.steps[0]["cluster"])
    return [parse(line, cluster=cluster, namespace=NO_NAMESPACE, clusters=clusters) for line in plan.commands]


def is_job(steps: Sequence[Step]) -> bool:
    """Whether a plan takes longer than a request may: it waits for pods, or is of many requests."""
    return len(steps) > MOST_STEPS_AT_ONCE or any(is_eviction(step) for step in steps)


def _result(item: _Item, why: str) -> tuple[str, str]:
    if item.gone:
        return "applied", f"{item.step.summary}: gone."
    if item.row.state == "pending":
        return "not_sent", f"{item.step.summary}: not sent, because {why}."
    if item.waits:
        return "failed", f"{item.step.summary}: asked to go, and still there when {why}."
    return item.row.state, item.row.text
