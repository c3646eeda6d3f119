"""asyncpg's connection with an age, and with descriptions of statements that it may keep behind any pooler."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import asyncpg
from asyncpg.protocol.protocol import NO_TIMEOUT

from slo.targets.connections import MAX_LIFETIME

SPREAD = 0.1  # connections that were opened together are not all replaced in one moment


def now() -> float:
    """The clock by which connections age, in seconds."""
    return time.monotonic()


class AgeingConnection(asyncpg.Connection):
    """A connection that knows when it was opened and used.

    Without a statement cache, asyncpg asks the server to describe each statement before it sends it: two round trips
    for one answer. The description is kept here instead, and the statement goes out as text every time, parsed and
    executed in one message: no pooler can part what is one message. That rests on the columns of a statement keeping
    their types, which no migration changes in place.

    Attributes:
        opened_at: when it was opened.
        used_at: when it was given back last.
        lifetime_s: the age at which it is replaced.
        due_at: when the statement that is under way has to have been answered.
        statements: whether it keeps prepared statements.
    """

    __slots__ = ("_described", "due_at", "lifetime_s", "opened_at", "statements", "used_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._described: dict[str, Any] = {}
        self.opened_at = self.used_at = now()
        self.statements = False
        self.due_at = math.inf
        self.lifetime_s = MAX_LIFETIME.figure.number * (1 - SPREAD * random.random())  # noqa: S311 - no secret

    async def rows(self, sql: str, args: tuple[Any, ...], limit: int, timeout_s: float) -> list[asyncpg.Record]:
        """What a statement answers; at once where it is described already, past what asyncpg does for other uses.

        Args:
            sql: the statement.
            args: its parameters.
            limit: the most rows; 0 for all.
            timeout_s: how long the answer may take. A timer for each statement costs as much as handing out its
                connection: the pool looks after all that are under way instead, once a second.

        Raises:
            TimeoutError: it took longer.
        """
        statement = self._described.get(sql)
        if statement is None:
            asking: Any = self._execute  # type: ignore[attr-defined]
            found: list[asyncpg.Record] = await asking(sql, args, limit, timeout_s)
            return found
        protocol: Any = self._protocol  # type: ignore[attr-defined]
        self.due_at = due_at = now() + timeout_s
        try:
            found = await protocol.bind_execute(statement, args, "", limit, False, NO_TIMEOUT)
        except asyncpg.ConnectionDoesNotExistError as exc:
            if now() >= due_at:
                raise TimeoutError from exc
            raise
        finally:
            self.due_at = math.inf
        return found

    def cut_if_due(self) -> bool:
        """End the connection when its statement is overdue; returns whether it was."""
        if now() < self.due_at:
            return False
        self.terminate()
        return True

    @property
    def transport(self) -> Any:
        """What its bytes go through; None once it is closed."""
        transport: Any = self._transport  # type: ignore[attr-defined]
        return transport

    def is_clean(self) -> bool:
        """Whether the next caller may have it at once: open, outside of a transaction, and nothing is under way."""
        protocol: Any = self._protocol  # type: ignore[attr-defined]
        return not (self.is_closed() or protocol._is_cancelling() or self.is_in_transaction())  # noqa: SLF001

    async def settle(self) -> None:
        """Wait until the server has ended what was cancelled; raises as asyncpg does when it does not."""
        protocol: Any = self._protocol  # type: ignore[attr-defined]
        await protocol._wait_for_cancellation(None)  # noqa: SLF001 - asyncpg's own pool does the same

    # asyncpg calls this for every statement; there is no public way to keep a description without a server's statement.
    async def _get_statement(self, query: str, timeout: float | None, **options: Any) -> Any:  # noqa: ASYNC109
        statement = self._described.get(query)
        if statement is None:
            statement = await super()._get_statement(query, timeout, **options)  # type: ignore[misc]
            if not statement.name and not options.get("ignore_custom_codec"):
                self._described[query] = statement
        return statement
