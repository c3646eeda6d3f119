"""How far the write-ahead log has come, and a read that has to include what was written up to there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg

from app.infra.postgres.query import Query

_WRITTEN_AS = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """A position in the write-ahead log, in bytes from its beginning."""

    bytes: int

    def __str__(self) -> str:
        return f"{self.bytes >> 32:X}/{self.bytes & 0xFFFFFFFF:X}"


EVERYTHING = Position(2**64 - 1)
"""No replica is known to be there: the primary answers."""


def read_position(text: str) -> Position:
    """What PostgreSQL writes as a `pg_lsn`, such as "16/B374D848"; ValueError for anything else."""
    found = _WRITTEN_AS.fullmatch(text)
    if found is None:
        raise ValueError("this is no position in a write-ahead log")
    return Position((int(found[1], 16) << 32) + int(found[2], 16))


class Reader(Protocol):
    """What a store reads with: replicas, or the primary itself, which has everything."""

    async def fetch(self, query: Query, *args: Any, after: Position | None = None) -> list[asyncpg.Record]:
        """All rows; they include what was written up to `after`."""

    async def fetchrow(self, query: Query, *args: Any, after: Position | None = None) -> asyncpg.Record | None:
        """The first row or None, as `fetch`."""
