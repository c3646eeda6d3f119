"""Settings of the language service."""

from __future__ import annotations

from pydantic import Field

from app.infra.settings import ProcessSettings


class NlpSettings(ProcessSettings):
    """What docs/architecture.md promises for every process, and this one's own bounds."""

    # At 1 ms a translation a full queue is a quarter of a second: longer, and the person is better served by "busy".
    queue_limit: int = Field(default=256, ge=1, le=100_000)
    max_vocabularies: int = Field(default=200, ge=1, le=10_000)
