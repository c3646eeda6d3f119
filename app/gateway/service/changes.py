"""Changes: shown, confirmed once, recorded before they are sent, sent at most once, and never left untold.

    previewed -> confirmed -> (per step: intent stored -> sending -> applied | failed | not_sent | unknown) -> closed

A step's request leaves only after its intent is durable in the audit store and the row says `sending`. Nobody sends a
step again by
themselves: what a crash or a broken connection leaves open is resolved from evidence on the cluster, by this process
    or by another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.commands.changing.draining import is_eviction
from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Command
from app.domain.commands.model.undo import plan_undone_by
from app.domain.commands.preview import NOT_NOW, Step, digest
from app.domain.identities import Person
from app.domain.policy.policy import Policy, open_policy, places_of
from app.errors import ConflictError, GoneError, InvalidInputError, KubeChatError, NotFoundError
from app.gateway.service.approvals import CONFIRM_WITHIN, demanded
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.carrying_out import GRACE_S, CarryingOut, Claim
from app.gateway.service.job_runner import LEASE_S, JobRunner, Known, commands_of, is_job
from app.gateway.service.plan_events import decided, outcome, progress, step_event
from app.gateway.service.previews import consequences_of, previews_of, risk_of, typed_name_of
from app.gateway.service.turn import TurnOutput
from app.gateway.service.undo import undo_of
from app.gateway.store.approvals import ApprovalRows
from app.gateway.store.plans import Plan, Plans
from app.infra.ids import new_id
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.tracing import current_trace_id
from slo.targets.network import REQUEST_TIMEOUT

_log = get_logger(__name__)


class Changes:
    """Previews, confirms, carries out and recovers changes.

    Args:
        plans: the rows.
        engine: what talks to the clusters.
        trail: the audit trail.
        owner: this process, "<instance>/<epoch>".
        instruments: where previews, confirmations and changes are counted.
        changed: told the name of each cluster in which something was changed.
        policy: who may change what, and as whom; that of no file when missing.
        approvals: what second persons decided; None where no plan demands it.
        asked: told the rules of a plan that waits for an approval.
        known: the person of an account as they are now, for jobs; whoever confirmed, when missing.
    """

    def __init__(
        self,
        plans: Plans,
        engine: Engine,
        trail: AuditTrail,
        owner: str,
        instruments: Instruments,
        changed: Callable[[str], Awaitable[None]] | None = None,
        policy: Policy | None = None,
        approvals: ApprovalRows | None = None,
        asked: Callable[[Sequence[Sequence[str]]], Awaitable[None]] | None = None,
        known: Known | None = None,
    ) -> None:
        self._approvals, self._asked = approvals, asked
        self._policy = policy or open_policy()
        self.carrying = CarryingOut(plans, engine, trail, self._policy, instruments, changed)
        self._jobs = JobRunner(plans, engine, trail, self._policy, self.carrying, instruments, known)
        self._oldest_job = instruments.gauge(catalogue.JOB_OLDEST_AGE)
        self._handing_over = False
        self._plans = plans
        self._engine = engine
        self._trail = trail
        self._owner = owner
        self._unanswered = instruments.counter(catalogue.APPROVALS).labels("expired")
        self._previews = instruments.counter(catalogue.PREVIEWS)
        self._confirmations = instruments.counter(catalogue.CONFIRMATIONS)
        self._running: dict[asyncio.Task[None], UUID] = {}

    async def preview(
        self,
        person: Person,
        commands: Sequence[Command],
        output: TurnOutput,
        *,
        session_id: UUID | None,
        request_id: str,
    ) -> None:
        """Show what commands would change, and store it as a plan that waits for one confirmation.

        Raises:
            ForbiddenError: this person may not change anything, by KubeChat's role or the cluster's RBAC.
            KubeChatError: a command names nothing that exists, or a cluster does not answer.
        """
        previews = await previews_of(self._engine, self._policy, person, commands)
        steps = [step for preview in previews for step in preview.steps]
        self._require_changer(person, steps)
        refused = next((step for step in steps if step.dry_run != "ok" and not step.dry_run.startswith(NOT_NOW)), None)
        if refused is not None:
            await self._trail.record(
                [
                    step_event(
                        "refusal",
                        person,
                        refused,
                        session_id=session_id,
                        outcome="refused",
                        detail={"reason": refused.dry_run},
                    )
                ]
            )
            where = "The cluster" if len(previews) == 1 else f"The cluster {refused.cluster}"
            raise InvalidInputError(f"{where} would refuse this: {refused.dry_run}", code="dry_run_refused")
        if not steps:
            said = consequences_of(previews, steps)
            await output.emit({"type": "text", "text": "\n".join(["Nothing would change.", *said])})
            return
        risk, typed_name, consequences = (
            risk_of(previews),
            typed_name_of(previews, steps),
            consequences_of(previews, steps),
        )
        rules = demanded(self._policy, risk.value, steps)
        by = [list(rule.by) for rule in rules]
        approval = {"rules": by, "consequences": consequences} if by else None
        plan_id, plan_digest = new_id(), digest(steps)
        expires_at = datetime.now(UTC) + min([rule.within for rule in rules], default=CONFIRM_WITHIN)
        await self._plans.add(
            plan_id,
            session_id=session_id,
            turn=output.turn,
            user_id=person.user_id,
            digest=plan_digest,
            risk=risk.value,
            typed_name=typed_name,
            commands=[command.full_line() for command in commands],
            steps=[step.to_dict() for step in steps],
            intent_ids=[new_id() for _ in steps],
            request_id=request_id,
            trace_id=current_trace_id(),
            expires_at=expires_at,
            approval=approval,
            job=is_job(steps),
        )
        self._previews.labels(risk.value).inc()
        await output.emit(
            {
                "type": "preview",
                "plan": str(plan_id),
                "digest": plan_digest,
                "expires_at": expires_at.isoformat(),
                "risk": risk.value,
                "typed_name": typed_name,
                "steps": [step.to_view() for step in steps],
                "consequences": consequences,
                "approval": {"by": by} if by else None,
            }
        )
        if by and self._asked is not None:
            await self._asked(by)

    async def undo(
        self, person: Person, plan_id: UUID, output: TurnOutput, *, session_id: UUID | None, request_id: str
    ) -> None:
        """Show what takes a plan back, as a plan of its own.

        Raises:
            NotFoundError: it is not this person's plan.
            ConflictError: nothing of it can be taken back, or it has changed again since.
        """
        plan = await self._find(person, plan_id)
        commands = undo_of(plan, await self._plans.steps(plan_id))
        await self.preview(person, commands, output, session_id=session_id, request_id=request_id)

    async def cancel(self, person: Person, plan_id: UUID, output: TurnOutput) -> None:
        """Close a preview without doing anything; ask a job that is under way to stop.

        Raises:
            NotFoundError: it is not this person's plan.
            ConflictError: it is decided already.
        """
        plan = await self._find(person, plan_id)
        if plan.job and await self._plans.request_cancel(plan_id, person.user_id):
            self._confirmations.labels("stopped").inc()
            await output.emit(progress(plan_id, 0, "Stopping after the step it is at.", job=True))
            return
        told = outcome(plan_id, "cancelled", "Cancelled; nothing was changed.")
        if not await self.carrying.close(plan, "previewed", told, output):
            raise decided(plan)
        self._confirmations.labels("cancelled").inc()

    async def state(self, person: Person, plan_id: UUID) -> dict[str, Any]:
        """A plan's state, how far it is, and what became of each request; NotFoundError for somebody else's."""
        plan = await self._find(person, plan_id)
        rows = await self._plans.steps(plan_id)
        return {
            "plan": str(plan_id),
            "state": plan.state,
            "job": plan.job,
            "progress": plan.progress,
            "steps": [
                {"step": row.step, "attempt_of": row.attempt_of, "state": row.state, "text": row.text} for row in rows
            ],
        }

    async def confirm(
        self, person: Person, plan_id: UUID, seen_digest: str, typed: str | None, output: TurnOutput
    ) -> None:
        """Carry out a plan; returns when its end is known and stored.

        The work goes on when the caller goes away; what it fails at is left to `recover`.

        Raises:
            NotFoundError: it is not this person's plan.
            ConflictError: it is decided already, or the digest is not that of the stored preview.
            GoneError: its time is over.
            InvalidInputError: the name was not typed right.
        """
        plan = await self._find(person, plan_id)
        self._check_confirmation(person, plan, seen_digest, typed)
        stored = [Step.from_dict(each) for each in plan.steps]
        self._require_changer(person, stored)
        wanted = [list(rule.by) for rule in demanded(self._policy, plan.risk, stored)]
        if wanted and wanted != (plan.approval or {}).get("rules"):
            await self._replace(person, plan, output)  # a rule came in between: its second person has seen nothing
            return
        await self._require_approval(plan)
        fresh = [
            # A pod may go by itself meanwhile; each is looked at again right before it is asked to.
            step if is_eviction(step) else await self._engine.recheck(step, self._policy.identity(person, step.cluster))
            for step in stored
        ]
        current = [step for step in fresh if step is not None]
        if len(current) != len(fresh):
            await self._replace(person, plan, output)
            return
        # The confirmation belongs to the task too: between its commit and its answer the caller may go away.
        task = asyncio.create_task(self._take(person, plan, seen_digest, current, output), name=f"plan-{plan_id}")
        self._running[task] = plan_id
        task.add_done_callback(self._ended)
        await asyncio.shield(task)

    async def drain(self, timeout_s: float) -> None:
        """Hand jobs over, and wait for plans under way; what is not done in time is left for recovery."""
        self._handing_over = True
        self._jobs.stop()
        if self._running:
            await asyncio.wait(list(self._running), timeout=timeout_s)

    def _ended(self, task: asyncio.Task[None]) -> None:
        plan_id = self._running.pop(task)
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or not (error is None or isinstance(error, ConflictError)):
            # The caller may be gone, and nobody else looks at the task.
            _log.error("plan is left to recovery", plan=str(plan_id), fault=type(error).__name__)

    def _check_confirmation(self, person: Person, plan: Plan, seen_digest: str, typed: str | None) -> None:
        if plan.state != "previewed":
            raise decided(plan)
        if plan.expires_at <= datetime.now(UTC):
            self._confirmations.labels("expired").inc()
            raise GoneError(
                "This preview has expired and nothing was changed; ask again to get a fresh one.", code="plan_expired"
            )
        if seen_digest != plan.digest:
            self._confirmations.labels("wrong_digest").inc()
            raise ConflictError("This is not the preview that is stored; ask again.", code="wrong_digest")
        if plan.typed_name is not None and (typed or "").strip() != plan.typed_name:
            self._confirmations.labels("wrong_name").inc()
            raise InvalidInputError(f'Type "{plan.typed_name}" to confirm.', code="wrong_name")

    async def _require_approval(self, plan: Plan) -> None:
        """Say what is missing; whether it counts is asked again by the statement that takes the confirmation."""
        if plan.approval is None:
            return
        given = None if self._approvals is None else await self._approvals.of(plan.plan_id)
        if given is None or given.decision != "approved":
            self._confirmations.labels("unapproved").inc()
            who = " and ".join(" or ".join(rule) for rule in plan.approval["rules"])
            raise ConflictError(
                f"This plan waits for the approval of a second person ({who}).", code="approval_missing"
            )

    async def _replace(self, person: Person, plan: Plan, output: TurnOutput) -> None:
        """The objects changed since the preview: close it and show a new one."""
        self._confirmations.labels("stale").inc()
        told = outcome(
            plan.plan_id,
            "refused",
            "What this would change, or who has to approve it, has changed since the preview; nothing was done. Here is"
            " a new one.",
        )
        if not await self.carrying.close(plan, "previewed", told, output):
            raise decided(plan)
        await self._preview_again(person, plan, output)

    async def _preview_again(self, person: Person, plan: Plan, output: TurnOutput) -> None:
        undone = plan_undone_by(plan.commands[0])
        if undone is not None:
            await self.undo(person, undone, output, session_id=plan.session_id, request_id=plan.request_id)
            return
        commands = commands_of(plan, self._engine.cluster_names)
        await self.preview(person, commands, output, session_id=plan.session_id, request_id=plan.request_id)

    async def _take(
        self, person: Person, plan: Plan, seen_digest: str, steps: Sequence[Step], output: TurnOutput
    ) -> None:
        takes_s = LEASE_S if plan.job else REQUEST_TIMEOUT.figure.number
        deadline = datetime.now(UTC) + timedelta(seconds=takes_s)
        fresh = [step.to_dict() for step in steps]
        epoch = await self._plans.confirm(plan, seen_digest, self._owner, deadline, fresh)
        if epoch is None:
            raise decided(await self._find(person, plan.plan_id))
        self._confirmations.labels("confirmed").inc()
        claim = Claim(self._owner, epoch)
        if plan.job:
            await output.emit(progress(plan.plan_id, 0, "Started.", job=True))
            self._start_job(person, replace(plan, steps=fresh, confirmed_at=datetime.now(UTC)), claim, output)
        elif await self.carrying.all_steps(person, plan, claim, steps, deadline, output):
            try:
                await self._preview_again(person, plan, output)
            except KubeChatError as error:
                await output.emit({"type": "text", "text": f"There is no new preview: {error.message}"})

    def _start_job(self, person: Person, plan: Plan, claim: Claim, output: TurnOutput) -> None:
        """Carry a job out beside whoever asked for it; what it fails at is left to the next replica."""
        task = asyncio.create_task(self._jobs.run(person, plan, claim, output), name=f"job-{plan.plan_id}")
        self._running[task] = plan.plan_id
        task.add_done_callback(self._ended)

    async def recover(self, plan: Plan, person: Person, output: TurnOutput) -> None:
        """Tell the end of a confirmed plan whose process is gone, sending nothing; go on with it where it is a job.

        Args:
            plan: as adopted.
            person: whose plan it is.
            output: where its outcome goes.
        """
        claim = Claim(self._owner, plan.epoch)
        if plan.job:
            self._start_job(person, plan, claim, output)
        else:
            await self.carrying.recover(plan, claim, person, output)

    async def adopt(self, instance: str, most: int) -> Sequence[Plan]:
        """Confirmed plans that nobody carries out any more, now ours to tell the end of."""
        if self._handing_over:
            return []
        reserved_s = REQUEST_TIMEOUT.figure.number + 2 * GRACE_S  # longer than `recover` may take
        return await self._plans.adopt(self._owner, instance, most, reserved_s, list(self._running.values()))

    async def count_jobs(self) -> None:
        """Set the gauge of the oldest job."""
        self._oldest_job.set(await self._plans.oldest_job_s())

    async def expire(self) -> None:
        """Close previews whose time is over."""
        self._unanswered.inc(await self._plans.expire())

    def _require_changer(self, person: Person, steps: Sequence[Step]) -> None:
        for cluster, namespace in places_of(steps):
            self._policy.require_change(person, cluster, namespace)

    async def _find(self, person: Person, plan_id: UUID) -> Plan:
        plan = await self._plans.find(plan_id, person.user_id)
        if plan is None:
            raise NotFoundError("There is no such plan of yours.", code="plan_not_found")
        return plan
