"""Plans and their steps: what was previewed, confirmed once, sent at most once, and what became of it.

The order of states is the promise: a step is `sending` in a committed transaction before its request leaves. A
process that dies leaves rows from which another tells what may have happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.infra.postgres.database import Database
from app.infra.postgres.query import Query

_COLUMNS = """plan_id, session_id, turn, user_id, digest, risk, typed_name, commands, steps, state, request_id,
trace_id,
    created_at, expires_at, owner, deadline, approval, job, epoch, progress, cancel_requested_at, confirmed_at"""
_ADD = Query(
    "plans.add",
    """INSERT INTO plans (plan_id, session_id, turn, user_id, digest, risk, typed_name, commands, steps, request_id,
        trace_id, expires_at, approval, job)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)""",
)
_ADD_STEPS = Query(
    "plans.add_steps",
    """INSERT INTO plan_steps (plan_id, step, intent_id)
    SELECT $1, s.ordinality - 1, s.intent_id FROM unnest($2::uuid[]) WITH ORDINALITY AS s(intent_id, ordinality)""",
)
_FIND = Query("plans.find", f"SELECT {_COLUMNS} FROM plans WHERE plan_id = $1 AND user_id = $2")  # noqa: S608 - columns are a constant
# Whether somebody else has approved it is asked in the statement that takes the confirmation: nothing in between.
_CONFIRM = Query(
    "plans.confirm",
    """UPDATE plans p SET state = 'confirmed', confirmed_at = now(), owner = $4, deadline = $5, steps = $6,
        epoch = p.epoch + 1
    WHERE p.plan_id = $1 AND p.user_id = $2 AND p.digest = $3 AND p.state = 'previewed' AND p.expires_at > now()
    AND (p.approval IS NULL OR EXISTS (
        SELECT FROM plan_approvals a WHERE a.plan_id = p.plan_id AND a.digest = p.digest AND a.decision = 'approved'
        AND a.approver <> p.user_id AND a.expires_at > now()
    ))
    RETURNING p.epoch""",
)
# What is over is not sent any more: of its requests that alone is kept by which they are taken back, and no line or
# body that may hold a Secret's values.
_SPENT = """commands = ARRAY(SELECT DISTINCT s ->> 'command' FROM jsonb_array_elements(steps) AS s),
        steps = (
            SELECT coalesce(jsonb_agg(
                CASE WHEN coalesce(s ->> 'undo', '') = '' THEN s || '{"body": ""}' ELSE s END ORDER BY n
            ), '[]') FROM jsonb_array_elements(steps) WITH ORDINALITY AS each(s, n)
        )"""
# The end and its telling are one commit: no crash leaves a plan that has ended and a history that does not say so.
_CLOSE = Query(
    "plans.close",
    f"""WITH closed AS (
        UPDATE plans SET state = $3, finished_at = now(), {_SPENT}
        WHERE plan_id = $1 AND state = $2 RETURNING session_id
    ), room AS (
        UPDATE chat_sessions c SET last_seq = c.last_seq + 1, updated_at = now() FROM closed
        WHERE c.session_id = closed.session_id RETURNING c.session_id, c.last_seq
    ), told AS (
        INSERT INTO messages (session_id, seq, turn, role, event)
        SELECT session_id, last_seq, $4, 'kubechat', $5 FROM room
    )
    SELECT count(*) AS n FROM closed""",  # noqa: S608 - what is set is a constant
)
_EXPIRE = Query(
    "plans.expire",
    f"""WITH over AS (
        UPDATE plans SET state = 'expired', finished_at = now(), {_SPENT}
        WHERE plan_id IN (SELECT plan_id FROM plans WHERE state = 'previewed' AND expires_at < now() LIMIT 500)
        RETURNING plan_id, approval
    )
    SELECT count(*) FILTER (WHERE approval IS NOT NULL AND NOT EXISTS (
        SELECT FROM plan_approvals a WHERE a.plan_id = over.plan_id
    )) AS unanswered FROM over""",  # noqa: S608 - as above
)
_STEPS = Query(
    "plans.steps",
    "SELECT step, intent_id, state, text, deadline, attempt_of, retry FROM plan_steps WHERE plan_id = $1 ORDER BY step",
)
_STEP_SENDING = Query(
    "plans.step_sending",
    """UPDATE plan_steps s SET state = 'sending', deadline = $5, updated_at = now() FROM plans p
    WHERE s.plan_id = $1 AND s.step = $2 AND s.state = 'pending'
    AND p.plan_id = s.plan_id AND p.owner = $3 AND p.epoch = $4 AND p.state = 'confirmed'
    AND p.cancel_requested_at IS NULL""",
)
_STEP_DONE = Query(
    "plans.step_done",
    """UPDATE plan_steps SET state = $3, text = $4, retry = $5, updated_at = now()
    WHERE plan_id = $1 AND step = $2 AND (state = 'sending' OR (state = 'pending' AND EXISTS (
        SELECT FROM plans p WHERE p.plan_id = $1 AND p.owner = $6 AND p.epoch = $7
    )))""",
)
_ADOPT = Query(
    "plans.adopt",
    f"""WITH left_alone AS (
        SELECT plan_id AS id, deadline AS sent_until FROM plans
        WHERE state = 'confirmed' AND NOT plan_id = ANY($5) AND (deadline < now() OR (owner LIKE $2 AND owner <> $1))
        ORDER BY deadline LIMIT $3 FOR UPDATE SKIP LOCKED
    )
    UPDATE plans SET owner = $1, deadline = now() + make_interval(secs => $4), epoch = epoch + 1
    FROM left_alone WHERE plan_id = id
    RETURNING {_COLUMNS}, sent_until""",  # noqa: S608 - columns are a constant
)


_ADD_ATTEMPT = Query(
    "plans.add_attempt",
    """INSERT INTO plan_steps (plan_id, step, intent_id, attempt_of)
    SELECT p.plan_id, (SELECT max(step) + 1 FROM plan_steps WHERE plan_id = $1), $3, $2 FROM plans p
    WHERE p.plan_id = $1 AND p.owner = $4 AND p.epoch = $5 AND p.state = 'confirmed' AND p.cancel_requested_at IS NULL
    AND (
        SELECT retry FROM plan_steps WHERE plan_id = $1 AND (step = $2 OR attempt_of = $2) ORDER BY step DESC LIMIT 1
    )
    RETURNING step""",
)
_HOLD = Query(
    "plans.hold",
    """UPDATE plans SET deadline = now() + make_interval(secs => $4), progress = $5
    WHERE plan_id = $1 AND owner = $2 AND epoch = $3 AND state = 'confirmed'
    RETURNING cancel_requested_at IS NOT NULL AS stop""",
)
_RELEASE = Query(
    "plans.release",
    "UPDATE plans SET deadline = now() WHERE plan_id = $1 AND owner = $2 AND epoch = $3 AND state = 'confirmed'",
)
_REQUEST_CANCEL = Query(
    "plans.request_cancel",
    """UPDATE plans SET cancel_requested_at = coalesce(cancel_requested_at, now())
    WHERE plan_id = $1 AND user_id = $2 AND state = 'confirmed' AND job""",
)
_OLDEST_JOB = Query(
    "plans.oldest_job",
    """SELECT coalesce(extract(epoch FROM now() - min(confirmed_at)), 0) AS age_s FROM plans
    WHERE state = 'confirmed' AND job""",
)


@dataclass(frozen=True, slots=True)
class Hold:
    """Whether a job is still held by who asked, and whether its person wants it to stop."""

    held: bool
    stop: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A stored plan. `steps` holds one dictionary per mutating request, in the form the command engine reads."""

    plan_id: UUID
    session_id: UUID | None
    turn: UUID
    user_id: UUID
    digest: str
    risk: str
    typed_name: str | None
    commands: list[str]
    steps: list[dict[str, Any]]
    state: str
    request_id: str
    trace_id: str
    created_at: datetime
    expires_at: datetime
    owner: str | None
    deadline: datetime | None
    approval: dict[str, Any] | None = None
    job: bool = False
    epoch: int = 0
    progress: str = ""
    cancel_requested_at: datetime | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """How far one mutating request of a plan has come; `attempt_of` is the step that it is a further attempt of.

    `retry` says that the cluster refused it for now, and so that it was not applied.
    """

    step: int
    intent_id: UUID
    state: str
    text: str
    deadline: datetime | None = None
    attempt_of: int | None = None
    retry: bool = False


class Plans:
    """Rows of plans and plan_steps, on the primary."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        plan_id: UUID,
        *,
        session_id: UUID | None,
        turn: UUID,
        user_id: UUID,
        digest: str,
        risk: str,
        typed_name: str | None,
        commands: Sequence[str],
        steps: Sequence[dict[str, Any]],
        intent_ids: Sequence[UUID],
        request_id: str,
        trace_id: str,
        expires_at: datetime,
        approval: dict[str, Any] | None = None,
        job: bool = False,
    ) -> None:
        """Store a preview with one intent id per step, in one transaction."""
        async with self._database.transaction() as connection:
            await connection.execute(
                _ADD,
                plan_id,
                session_id,
                turn,
                user_id,
                digest,
                risk,
                typed_name,
                list(commands),
                list(steps),
                request_id,
                trace_id,
                expires_at,
                approval,
                job,
            )
            await connection.execute(_ADD_STEPS, plan_id, list(intent_ids))

    async def find(self, plan_id: UUID, user_id: UUID) -> Plan | None:
        """A plan of this person, or None."""
        row = await self._database.fetchrow(_FIND, plan_id, user_id)
        return None if row is None else Plan(**dict(row))

    async def confirm(
        self, plan: Plan, digest: str, owner: str, deadline: datetime, steps: Sequence[dict[str, Any]]
    ) -> int | None:
        """Take the one confirmation a plan has: its epoch; None when it was taken, cancelled, expired or is another's.

        Args:
            plan: as it was found.
            digest: of the preview that the person saw.
            owner: the process that will carry it out.
            deadline: after which nothing of it is sent any more.
            steps: as read again from the clusters, with fresh preconditions.
        """
        row = await self._database.fetchrow(_CONFIRM, plan.plan_id, plan.user_id, digest, owner, deadline, list(steps))
        return None if row is None else int(row["epoch"])

    async def close(self, plan_id: UUID, was: str, state: str, turn: UUID, told: dict[str, Any]) -> bool:
        """Move a plan from one state to its last, and tell it in its conversation; False when it is not in the first.

        Args:
            plan_id: which plan.
            was: the state it must be in.
            state: its last state.
            turn: the turn in which it ends.
            told: the outcome, as the conversation's history shows it; kept where the plan belongs to a conversation.
        """
        row = await self._database.fetchrow(_CLOSE, plan_id, was, state, turn, told)
        return row is not None and row["n"] == 1

    async def expire(self) -> int:
        """Close previews whose time is over; returns how many of them waited for an approval that nobody gave."""
        row = await self._database.fetchrow(_EXPIRE)
        return int(row["unanswered"]) if row else 0

    async def steps(self, plan_id: UUID) -> Sequence[PlanStep]:
        """The steps of a plan in order."""
        return [PlanStep(**dict(row)) for row in await self._database.fetch(_STEPS, plan_id)]

    async def step_sending(self, plan_id: UUID, step: int, owner: str, epoch: int, deadline: datetime) -> bool:
        """Commit that a step is about to be sent.

        Args:
            plan_id: which plan.
            step: which step.
            owner: who sends it.
            epoch: of its hold on the plan.
            deadline: after which its request does not leave any more.

        Returns:
            False when it is not this owner's to send any more, or the plan was cancelled.
        """
        return await self._database.execute(_STEP_SENDING, plan_id, step, owner, epoch, deadline) == 1

    async def step_done(
        self, plan_id: UUID, step: int, state: str, text: str, *, owner: str, epoch: int, retry: bool = False
    ) -> bool:
        """Commit what became of a step; False when that is known already.

        Of one that was sent whoever knows may say it; that one is not sent is for the plan's present holder to decide.
        """
        return await self._database.execute(_STEP_DONE, plan_id, step, state, text, retry, owner, epoch) == 1

    async def add_attempt(self, plan_id: UUID, of: int, intent_id: UUID, owner: str, epoch: int) -> PlanStep | None:
        """Open a further attempt of a step, with an intent of its own; only where the last one was refused for now.

        Returns:
            Its row; None when that is not so, or the plan is not this owner's any more, or was cancelled.
        """
        row = await self._database.fetchrow(_ADD_ATTEMPT, plan_id, of, intent_id, owner, epoch)
        return None if row is None else PlanStep(row["step"], intent_id, "pending", "", None, of)

    async def hold(self, plan_id: UUID, owner: str, epoch: int, lease_s: float, progress: str) -> Hold:
        """Renew the lease on a job and store how far it is; says whether it is still held, and whether to stop."""
        row = await self._database.fetchrow(_HOLD, plan_id, owner, epoch, lease_s, progress)
        return Hold(held=row is not None, stop=row is not None and bool(row["stop"]))

    async def release(self, plan_id: UUID, owner: str, epoch: int) -> None:
        """Give a job back, for another replica to take at once."""
        await self._database.execute(_RELEASE, plan_id, owner, epoch)

    async def request_cancel(self, plan_id: UUID, user_id: UUID) -> bool:
        """Ask whoever carries a job out to stop; False when it is no job under way of this person's."""
        return await self._database.execute(_REQUEST_CANCEL, plan_id, user_id) == 1

    async def oldest_job_s(self) -> float:
        """For how many seconds the oldest job has been under way; 0 when there is none."""
        row = await self._database.fetchrow(_OLDEST_JOB)
        return float(row["age_s"]) if row else 0.0

    async def adopt(
        self, owner: str, instance: str, most: int, for_s: float, under_way: Sequence[UUID]
    ) -> Sequence[Plan]:
        """Take over confirmed plans that nobody carries out: past their deadline, or of this replica's earlier life.

        Args:
            owner: the adopting process, "<instance>/<epoch>".
            instance: the replica's name, whose earlier epochs are dead for certain.
            most: how many at once.
            for_s: how long the adoption is reserved.
            under_way: what the adopting process carries out itself at this moment.

        Returns:
            The plans, each with the deadline that its requests had.
        """
        rows = await self._database.fetch(_ADOPT, owner, f"{_escaped(instance)}/%", most, for_s, list(under_way))
        return [_adopted(dict(row)) for row in rows]


def _adopted(values: dict[str, Any]) -> Plan:
    return Plan(**(values | {"deadline": values.pop("sent_until")}))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
