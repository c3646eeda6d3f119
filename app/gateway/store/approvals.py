"""Approvals of plans by a second person: one decision for each plan, on the digest that was seen, for a time.

That nobody approves their own, and that a plan is decided once, is held by the statement and the table's key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.infra.postgres.database import Database
from app.infra.postgres.query import Query

MOST_WAITING = 100
# The plan lives on for as long as its approval: its person confirms within that time.
_DECIDE = Query(
    "approvals.decide",
    """WITH given AS (
        INSERT INTO plan_approvals (plan_id, approver, approver_name, digest, decision, reason, expires_at)
        SELECT p.plan_id, $2, $3, p.digest, $5, $6, now() + make_interval(secs => $7) FROM plans p
        WHERE p.plan_id = $1 AND p.digest = $4 AND p.state = 'previewed' AND p.expires_at > now()
        AND p.approval IS NOT NULL AND p.user_id <> $2
        ON CONFLICT (plan_id) DO NOTHING
        RETURNING plan_id, expires_at
    )
    UPDATE plans p SET expires_at = given.expires_at FROM given
    WHERE p.plan_id = given.plan_id AND p.state = 'previewed' RETURNING p.expires_at""",
)
_OF = Query(
    "approvals.of",
    "SELECT approver, approver_name, decision, reason, decided_at, expires_at FROM plan_approvals WHERE plan_id = $1",
)
_WAITING = """SELECT p.plan_id, p.session_id, p.turn, p.user_id, u.name, u.display_name, p.digest, p.risk, p.typed_name,
    p.commands, p.steps, p.state, p.approval, p.created_at, p.expires_at
    FROM plans p CROSS JOIN LATERAL (SELECT name, display_name FROM users WHERE user_id = p.user_id LIMIT 1) u"""
_FIND = Query("approvals.find", f"{_WAITING} WHERE p.plan_id = $1 AND p.approval IS NOT NULL")
_LIST = Query(
    "approvals.waiting",
    f"""{_WAITING} WHERE p.state = 'previewed' AND p.approval IS NOT NULL AND p.expires_at > now()
    AND NOT EXISTS (SELECT FROM plan_approvals a WHERE a.plan_id = p.plan_id) ORDER BY p.expires_at LIMIT $1""",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan that demands an approval, as those who may give it are shown it."""

    plan_id: UUID
    session_id: UUID | None
    turn: UUID
    user_id: UUID
    name: str
    display_name: str
    digest: str
    risk: str
    typed_name: str | None
    commands: list[str]
    steps: list[dict[str, Any]]
    state: str
    approval: dict[str, Any]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What a second person decided, and until when it counts."""

    approver: UUID
    approver_name: str
    decision: str
    reason: str
    decided_at: datetime
    expires_at: datetime


class ApprovalRows:
    """Rows of plan_approvals, on the primary."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def decide(
        self,
        plan_id: UUID,
        approver: UUID,
        approver_name: str,
        digest: str,
        decision: str,
        *,
        reason: str,
        counts_s: float,
    ) -> datetime | None:
        """Store the one decision on a plan.

        Args:
            plan_id: which plan.
            approver: who decides.
            approver_name: their name.
            digest: of the preview that they saw.
            decision: approved or denied.
            reason: theirs, may be empty.
            counts_s: for how many seconds it counts.

        Returns:
            Until when it counts; None when the plan is decided, over, another one, or the approver's own.
        """
        row = await self._database.fetchrow(
            _DECIDE, plan_id, approver, approver_name, digest, decision, reason, counts_s
        )
        return None if row is None else row["expires_at"]

    async def of(self, plan_id: UUID) -> Decision | None:
        """The decision on a plan, or None."""
        row = await self._database.fetchrow(_OF, plan_id)
        return None if row is None else Decision(**dict(row))

    async def find(self, plan_id: UUID) -> Asked | None:
        """A plan that demands an approval, whosever it is."""
        row = await self._database.fetchrow(_FIND, plan_id)
        return None if row is None else Asked(**dict(row))

    async def waiting(self) -> Sequence[Asked]:
        """Plans that nobody has decided on, those that expire first."""
        return [Asked(**dict(row)) for row in await self._database.fetch(_LIST, MOST_WAITING)]
