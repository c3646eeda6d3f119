"""Identifiers that sort by time."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: unique, and sorted by its creation within a process. It is no secret: never use it as a token."""
    return uuid7()
