"""What was asked for and not allowed, or not offered: counted and written down in one way, however it was asked."""

from __future__ import annotations

from uuid import UUID

from app.domain.commands.redaction import redact_typed
from app.domain.identities import Person
from app.domain.policy.limits import PolicyError
from app.errors import ForbiddenError, KubeChatError, UnsupportedError
from app.gateway.service.audit_trail import AuditTrail, audit_event
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

LONGEST_REFUSED = 2000  # of a refused request's text that is written down
_log = get_logger(__name__)


class Refusals:
    """Counts and records refusals.

    Args:
        trail: the audit trail.
        instruments: where refusals by the policy are counted.
    """

    def __init__(self, trail: AuditTrail, instruments: Instruments) -> None:
        self._trail = trail
        self._refused = instruments.counter(catalogue.POLICY_REFUSALS)

    async def record(
        self,
        person: Person,
        error: KubeChatError,
        text: str,
        *,
        session_id: UUID | None = None,
        cluster: str = "",
        namespace: str = "",
    ) -> None:
        """Write down an error that is a refusal; a slip of the pen is none. Never raises: the error itself is told.

        Args:
            person: who asked.
            error: what they were answered.
            text: what they asked for, in their words.
            session_id: the conversation, where there is one.
            cluster: where it would have been done.
            namespace: of it.
        """
        if isinstance(error, PolicyError):
            self._refused.labels(error.code).inc()
        if error.status not in {ForbiddenError.status, UnsupportedError.status}:
            return
        event = audit_event(
            "refusal",
            person,
            session_id=session_id,
            cluster=cluster,
            namespace=namespace,
            command=redact_typed(text)[:LONGEST_REFUSED],
            outcome="refused",
            detail={"code": error.code},
        )
        try:
            await self._trail.record([event])
        except KubeChatError as lost:
            _log.error("refusal not recorded", code=lost.code)
