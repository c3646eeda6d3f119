"""Conversations and their messages. Every statement names the owner: nobody reads another's session by its id.

Messages are numbered without a gap, and the conversation's row on the primary says how many there are: a page that a
replica gives is known to be whole, or is read again on the primary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.errors import ConflictError, NotFoundError
from app.infra.postgres.database import Database
from app.infra.postgres.position import Reader
from app.infra.postgres.query import Query

_ADD = Query(
    "chats.add",
    """INSERT INTO chat_sessions (session_id, user_id, title, cluster, namespace) VALUES ($1, $2, $3, $4, $5)
    RETURNING session_id, title, cluster, namespace, created_at, updated_at, last_seq""",
)
_LIST = Query(
    "chats.list",
    """SELECT session_id, title, cluster, namespace, created_at, updated_at, last_seq FROM chat_sessions
    WHERE user_id = $1 AND status = 'active' ORDER BY updated_at DESC LIMIT 200""",
)
_FIND = Query(
    "chats.find",
    """SELECT session_id, title, cluster, namespace, created_at, updated_at, last_seq FROM chat_sessions
    WHERE session_id = $1 AND user_id = $2 AND status = 'active'""",
    often=True,
)
_RENAME = Query(
    "chats.rename", "UPDATE chat_sessions SET title = $3 WHERE session_id = $1 AND user_id = $2 AND status = 'active'"
)
_TITLE_IF_NEW = Query(
    "chats.title_if_new",
    "UPDATE chat_sessions SET title = $2 WHERE session_id = $1 AND title = '' AND status = 'active'",
)
_DELETE = Query(
    "chats.delete",
    "UPDATE chat_sessions SET status = 'deleted' WHERE session_id = $1 AND user_id = $2 AND status = 'active'",
)
_MOVE = Query(
    "chats.move", "UPDATE chat_sessions SET cluster = $2, namespace = $3, updated_at = now() WHERE session_id = $1"
)
_APPEND = Query(
    "chats.append",
    """WITH room AS (
        UPDATE chat_sessions SET last_seq = last_seq + $4, updated_at = now() WHERE session_id = $1 RETURNING last_seq
    )
    INSERT INTO messages (session_id, seq, turn, role, event)
    SELECT $1, room.last_seq - $4 + e.ordinality, $2, $3, e.event
    FROM room, unnest($5::jsonb[]) WITH ORDINALITY AS e(event, ordinality)
    RETURNING seq, at""",
    often=True,
)
_PAGE = Query(
    "chats.page",
    """SELECT seq, turn, role, at, event FROM messages
    WHERE session_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3""",
)
_SINCE = Query(
    "chats.since",
    """SELECT seq, turn, role, at, event FROM messages
    WHERE session_id = $1 AND seq > $2 ORDER BY seq LIMIT $3""",
    often=True,
)
_OF_TURN = Query(
    "chats.of_turn", "SELECT event FROM messages WHERE session_id = $1 AND turn = $2 AND role = 'kubechat' ORDER BY seq"
)
_ACTIVE = Query("chats.active", "SELECT count(*) AS n FROM chat_sessions WHERE status = 'active'")


@dataclass(frozen=True, slots=True)
class ChatSession:
    """One conversation, with the cluster and namespace it is in, and the number of its last message."""

    session_id: UUID
    title: str
    cluster: str
    namespace: str
    created_at: datetime
    updated_at: datetime
    last_seq: int


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message of a conversation: what was said or shown, in its order."""

    seq: int
    turn: UUID
    role: str
    at: datetime
    event: dict[str, Any]


class Chats:
    """Rows of chat_sessions and messages.

    Args:
        database: the primary; conversations are read there, because a person reads what they just wrote.
        reads: gives pages of messages; the primary where there is none.
    """

    def __init__(self, database: Database, reads: Reader | None = None) -> None:
        self._database = database
        self._reads = reads or database

    async def add(self, session_id: UUID, user_id: UUID, title: str, cluster: str, namespace: str) -> ChatSession:
        """Start a conversation."""
        row = await self._database.fetchrow(_ADD, session_id, user_id, title, cluster, namespace)
        if row is None:
            raise ConflictError("The conversation could not be started; try again.")
        return ChatSession(**dict(row))

    async def list(self, user_id: UUID) -> list[ChatSession]:
        """A person's conversations, the last used first; at most 200."""
        return [ChatSession(**dict(row)) for row in await self._database.fetch(_LIST, user_id)]

    async def find(self, session_id: UUID, user_id: UUID) -> ChatSession:
        """One conversation of this person; NotFoundError when it is another's, deleted or unknown."""
        row = await self._database.fetchrow(_FIND, session_id, user_id)
        if row is None:
            raise _no_session()
        return ChatSession(**dict(row))

    async def rename(self, session_id: UUID, user_id: UUID, title: str) -> None:
        """Change a title; NotFoundError as in `find`."""
        if not await self._database.execute(_RENAME, session_id, user_id, title):
            raise _no_session()

    async def title_if_new(self, session_id: UUID, title: str) -> None:
        """Give a conversation its first title."""
        await self._database.execute(_TITLE_IF_NEW, session_id, title)

    async def delete(self, session_id: UUID, user_id: UUID) -> None:
        """Hide a conversation; NotFoundError as in `find`. What was audited stays."""
        if not await self._database.execute(_DELETE, session_id, user_id):
            raise _no_session()

    async def move(self, session_id: UUID, cluster: str, namespace: str) -> None:
        """Go on in another cluster or namespace."""
        await self._database.execute(_MOVE, session_id, cluster, namespace)

    async def append(
        self, session_id: UUID, turn: UUID, role: str, events: Sequence[dict[str, Any]]
    ) -> Sequence[StoredMessage]:
        """Add messages in order, in one statement.

        Raises:
            ConflictError: the person's message of this turn is stored already.
        """
        rows = await self._database.fetch(_APPEND, session_id, turn, role, len(events), list(events))
        rows.sort(key=lambda row: row["seq"])
        return [
            StoredMessage(row["seq"], turn, role, row["at"], event) for row, event in zip(rows, events, strict=True)
        ]

    async def page(self, session_id: UUID, before: int, limit: int) -> Sequence[StoredMessage]:
        """At most `limit` messages before a sequence number, oldest first."""
        rows = await self._database.fetch(_PAGE, session_id, before, limit)
        return [StoredMessage(**dict(row)) for row in reversed(rows)]

    async def page_of(self, chat: ChatSession, before: int, limit: int) -> Sequence[StoredMessage]:
        """As `page`, from a replica where it has all that the conversation had when it was found."""
        rows = await self._reads.fetch(_PAGE, chat.session_id, before, limit)
        newest = min(before - 1, chat.last_seq)
        if len(rows) < min(limit, newest) or (rows and rows[0]["seq"] < newest):
            return await self.page(chat.session_id, before, limit)
        return [StoredMessage(**dict(row)) for row in reversed(rows)]

    async def since(self, session_id: UUID, after: int, limit: int) -> Sequence[StoredMessage]:
        """At most `limit` messages after a sequence number, oldest first."""
        return [StoredMessage(**dict(row)) for row in await self._database.fetch(_SINCE, session_id, after, limit)]

    async def of_turn(self, session_id: UUID, turn: UUID) -> Sequence[dict[str, Any]]:
        """What KubeChat has answered in one turn."""
        return [row["event"] for row in await self._database.fetch(_OF_TURN, session_id, turn)]

    async def active(self) -> int:
        """How many conversations are active."""
        row = await self._reads.fetchrow(_ACTIVE)
        return int(row["n"]) if row else 0


def _no_session() -> NotFoundError:
    return NotFoundError("There is no such conversation; start a new one.", code="chat_session_not_found")
