"""asyncpg's connection with an age, and with descriptions of statements that it may keep behind any pooler."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import asyncpg

from slo.targets.connections import MAX_LIFETIME

SPREAD = 0.1  # connections that were opened together are not all replaced in one moment


def now() -> float:
    """The clock by which connections age, in seconds."""
    return asyncio.get_running_loop().time()


class AgeingConnection(asyncpg.Connection):
    """A connection that knows when it was opened and used.

    Without a statement cache, asyncpg asks the server to describe each statement before it sends it: two round trips
    for one answer. The description is kept here instead, and the statement goes out as text every time, parsed and
    executed in one message: no pooler can part what is one message. That rests on the columns of a statement keeping
    their types, which no migration changes in place.
    """

    __slots__ = ("_described", "lifetime_s", "opened_at", "used_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._described: dict[str, Any] = {}
        self.opened_at = self.used_at = now()
        self.lifetime_s = MAX_LIFETIME.figure.number * (1 - SPREAD * random.random())  # noqa: S311 - no secret

    def note_use(self) -> None:
        """Remember that it was used."""
        self.used_at = now()

    # asyncpg calls this for every statement; there is no public way to keep a description without a server's statement.
    async def _get_statement(self, query: str, timeout: float | None, **options: Any) -> Any:  # noqa: ASYNC109
        statement = self._described.get(query)
        if statement is None:
            statement = await super()._get_statement(query, timeout, **options)  # type: ignore[misc]
            if not statement.name and not options.get("ignore_custom_codec"):
                self._described[query] = statement
        return statement
