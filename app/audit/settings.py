"""The audit service's settings, beside those of every process."""

from __future__ import annotations

from pydantic import Field

from app.infra.settings import ProcessSettings
from slo.pools import AUDIT_POOL
from slo.targets.connections import POOL_SIZE


class AuditSettings(ProcessSettings):
    """What docs/architecture.md promises for the audit service, and its own bounds."""

    postgres_url: str
    postgres_direct_url: str = ""
    # Two for the writers, four for searches, one for the gauge and one for readiness: more would not commit faster.
    pool_size: int = Field(default=AUDIT_POOL, ge=4, le=POOL_SIZE.figure.whole)
    # What waits for a commit: at 20,000 events a second, a second of them; about 60 MB in the worst case.
    queue_limit_events: int = Field(default=20_000, ge=1_000, le=1_000_000)
    queue_limit_bytes: int = Field(default=32 * 2**20, ge=2**20)
