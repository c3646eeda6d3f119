"""Accounts, sign-in sessions and failed attempts. Tokens are known here by their SHA-256 alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from app.domain.identities import Person, Role
from app.errors import ConflictError
from app.infra.postgres.database import Database
from app.infra.postgres.position import Position, Reader
from app.infra.postgres.query import Query

_EMAIL = "users_email"  # the unique index that refuses an address for the second time
_ADD_USER = Query(
    "accounts.add",
    """INSERT INTO users (user_id, name, email, display_name, role, password_hash, groups)
    VALUES ($1, $2, $3, $4, $5, $6, $7)""",
)
_COUNT_USERS = Query("accounts.count", "SELECT count(*) AS n FROM users")
_LIST_USERS = Query(
    "accounts.list",
    "SELECT user_id, name, email, display_name, role, groups, password_hash, disabled_at FROM users ORDER BY name",
)
_FIND_USER = Query(
    "accounts.find",
    "SELECT user_id, name, email, display_name, role, groups, password_hash, disabled_at FROM users WHERE name = $1",
)
_FIND_BY_EMAIL = Query(
    "accounts.find_by_email",
    """SELECT user_id, name, email, display_name, role, groups, password_hash, disabled_at
    FROM users WHERE lower(email) = $1""",
)
_FIND_BY_ID = Query(
    "accounts.find_by_id",
    "SELECT user_id, name, email, display_name, role, groups, password_hash, disabled_at FROM users WHERE user_id = $1",
)
_SET_PASSWORD = Query(
    "accounts.set_password",
    "UPDATE users SET password_hash = $2, password_changed_at = now() WHERE user_id = $1",
)
_SET_GROUPS = Query("accounts.set_groups", "UPDATE users SET groups = $2, rights_changed_at = now() WHERE user_id = $1")
_RIGHTS_CHANGED = Query(
    "accounts.rights_changed", "SELECT user_id FROM users WHERE rights_changed_at IS NOT NULL LIMIT 100"
)
# As with ended sessions: a request that had read the session before the change may cache it after.
_RIGHTS_CLEARED = Query(
    "accounts.rights_cleared",
    """UPDATE users SET rights_changed_at = NULL
    WHERE user_id = ANY($1) AND rights_changed_at < now() - interval '2 minutes'""",
)
_LOCKED_UNTIL = Query(
    "sign_ins.locked_until", "SELECT locked_until FROM sign_in_failures WHERE name = $1 AND locked_until > now()"
)
_COUNT_FAILURE = Query(
    "sign_ins.count_failure",
    """INSERT INTO sign_in_failures AS f (name, failures, locked_until) VALUES ($1, 1, now())
    ON CONFLICT (name) DO UPDATE SET failures = f.failures + 1,
    locked_until = CASE WHEN f.failures + 1 >= $2 THEN now() + make_interval(secs => $3) ELSE f.locked_until END""",
)
_FORGET_FAILURES = Query("sign_ins.forget_failures", "DELETE FROM sign_in_failures WHERE name = $1")
_ADD_SESSION = Query(
    "sign_ins.add",
    "INSERT INTO sign_in_sessions (token_hash, user_id, kind, name, expires_at) VALUES ($1, $2, $3, $4, $5)",
)
_FIND_SESSION = Query(
    "sign_ins.find",
    """SELECT u.user_id, u.name, u.display_name, u.role, u.groups, s.expires_at, s.kind
    FROM sign_in_sessions s JOIN users u USING (user_id)
    WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now() AND u.disabled_at IS NULL""",
    often=True,
)
_LIVE = Query(
    "sign_ins.live", "SELECT token_hash FROM sign_in_sessions WHERE revoked_at IS NULL AND expires_at > now()"
)
# From the sessions that live to each one's last conversation, and from the latest of them to whom they belong: all by
# an index, the last because LIMIT keeps it from becoming a join that reads all accounts.
_OF_ACTIVE = Query(
    "sign_ins.of_active",
    """SELECT a.token_hash, u.user_id, u.name, u.display_name, u.role, u.groups, a.expires_at, a.kind, a.cluster
    FROM (
        SELECT s.token_hash, s.user_id, s.expires_at, s.kind, s.created_at, c.cluster, c.updated_at
        FROM sign_in_sessions s CROSS JOIN LATERAL (
            SELECT cluster, updated_at FROM chat_sessions WHERE user_id = s.user_id AND status = 'active'
            AND updated_at > now() - make_interval(secs => $1) ORDER BY updated_at DESC LIMIT 1
        ) c
        WHERE s.revoked_at IS NULL AND s.expires_at > now() ORDER BY c.updated_at DESC, s.created_at DESC LIMIT $2
    ) a CROSS JOIN LATERAL (
        SELECT user_id, name, display_name, role, groups FROM users
        WHERE user_id = a.user_id AND disabled_at IS NULL LIMIT 1
    ) u
    ORDER BY a.updated_at DESC, a.created_at DESC""",
)
_OF_PERSON = Query(
    "sign_ins.of_person",
    "SELECT token_hash FROM sign_in_sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()",
)
_REVOKE = Query(
    "sign_ins.revoke", "UPDATE sign_in_sessions SET revoked_at = now() WHERE token_hash = $1 AND revoked_at IS NULL"
)
_REVOKE_OTHERS = Query(
    "sign_ins.revoke_others",
    """UPDATE sign_in_sessions SET revoked_at = now()
    WHERE user_id = $1 AND token_hash <> $2 AND revoked_at IS NULL AND expires_at > now() RETURNING token_hash""",
)
_TO_CLEAR = Query(
    "sign_ins.to_clear",
    """SELECT token_hash FROM sign_in_sessions WHERE revoked_at IS NOT NULL AND NOT cache_cleared
    ORDER BY revoked_at DESC LIMIT 500""",
)
# Cleared again and again for two minutes: a request that had read the session before its end may cache it after, and a
# Redis node that takes over may not have heard of the removal.
_CLEARED = Query(
    "sign_ins.cleared",
    """UPDATE sign_in_sessions SET cache_cleared = true
    WHERE token_hash = ANY($1) AND revoked_at < now() - interval '2 minutes'""",
)
_ACTIVE = Query(
    "sign_ins.active",
    "SELECT count(DISTINCT user_id) AS n FROM sign_in_sessions WHERE revoked_at IS NULL AND expires_at > now()",
)
# Any name may be tried: what nobody has tried for a day is forgotten.
_PRUNE_FAILURES = Query(
    "sign_ins.prune_failures", "DELETE FROM sign_in_failures WHERE locked_until < now() - interval '1 day'"
)
_PRUNE = Query("sign_ins.prune", "DELETE FROM sign_in_sessions WHERE expires_at < now() - interval '7 days'")


@dataclass(frozen=True, slots=True)
class Account:
    """One local account, with its Argon2 hash."""

    user_id: UUID
    name: str
    display_name: str
    role: str
    password_hash: str
    disabled: bool
    email: str | None = None
    groups: tuple[str, ...] = ()

    def person(self) -> Person:
        """Whose account it is."""
        return Person(self.user_id, self.name, self.display_name, Role(self.role), self.groups)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Whom a live sign-in session belongs to, and until when it lives."""

    user_id: UUID
    name: str
    display_name: str
    role: str
    kind: str
    expires_at: datetime
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """A live sign-in session of somebody who is in a conversation, and on which cluster that is."""

    token_hash: bytes
    sign_in: SignIn
    cluster: str


class Accounts:
    """Rows of users, sign_in_sessions and sign_in_failures; whom a session belongs to is always read on the primary.

    Args:
        database: the primary.
        reads: answers what may be read from a replica; the primary where there is none.
    """

    def __init__(self, database: Database, reads: Reader | None = None) -> None:
        self._database = database
        self._reads = reads or database

    async def add(
        self,
        user_id: UUID,
        name: str,
        display_name: str,
        role: str,
        password_hash: str,
        *,
        email: str | None = None,
        groups: Sequence[str] = (),
    ) -> None:
        """Create an account; ConflictError when the name or the (lower-case) e-mail address is taken."""
        try:
            await self._database.execute(
                _ADD_USER, user_id, name, email, display_name, role, password_hash, list(groups)
            )
        except ConflictError as exc:
            if isinstance(exc.__cause__, asyncpg.UniqueViolationError) and exc.__cause__.constraint_name == _EMAIL:
                raise ConflictError(
                    f"Another account has the e-mail address {email} already.", code="email_taken"
                ) from exc
            raise ConflictError(f'There is already an account named "{name}".', code="account_exists") from exc

    async def count(self) -> int:
        """How many accounts there are."""
        row = await self._database.fetchrow(_COUNT_USERS)
        return int(row["n"]) if row else 0

    async def all(self, after: Position | None = None) -> list[Account]:
        """All accounts by name, with everything that was written up to `after`."""
        return [_account(row) for row in await self._reads.fetch(_LIST_USERS, after=after)]

    async def find(self, name: str) -> Account | None:
        """The account of this (lower-case) name."""
        row = await self._database.fetchrow(_FIND_USER, name)
        return None if row is None else _account(row)

    async def find_by_email(self, email: str) -> Account | None:
        """The account with this (lower-case) e-mail address."""
        row = await self._database.fetchrow(_FIND_BY_EMAIL, email)
        return None if row is None else _account(row)

    async def find_by_id(self, user_id: UUID) -> Account | None:
        """The account of this id."""
        row = await self._database.fetchrow(_FIND_BY_ID, user_id)
        return None if row is None else _account(row)

    async def person(self, user_id: UUID) -> Person | None:
        """The person of an account as they are now; None for one that is disabled, or that there is not."""
        account = await self.find_by_id(user_id)
        return None if account is None or account.disabled else account.person()

    async def set_password(self, user_id: UUID, password_hash: str) -> None:
        """Replace a password's hash."""
        await self._database.execute(_SET_PASSWORD, user_id, password_hash)

    async def set_groups(self, user_id: UUID, groups: Sequence[str]) -> list[bytes]:
        """Replace an account's groups; returns its live sessions, whose copies hold the former ones."""
        await self._database.execute(_SET_GROUPS, user_id, list(groups))
        return [row["token_hash"] for row in await self._database.fetch(_OF_PERSON, user_id)]

    async def rights_changed(self) -> dict[UUID, list[bytes]]:
        """People whose groups changed not long ago, each with their live sessions."""
        people = [row["user_id"] for row in await self._database.fetch(_RIGHTS_CHANGED)]
        return {
            user_id: [row["token_hash"] for row in await self._database.fetch(_OF_PERSON, user_id)]
            for user_id in people
        }

    async def mark_rights_cleared(self, user_ids: list[UUID]) -> None:
        """Say that no copy with the former groups is left; those that changed just now stay on the list."""
        await self._database.execute(_RIGHTS_CLEARED, user_ids)

    async def locked_until(self, name: str) -> datetime | None:
        """Until when sign-in under this name is refused, or None."""
        row = await self._database.fetchrow(_LOCKED_UNTIL, name)
        return None if row is None else row["locked_until"]

    async def count_failure(self, name: str, most: int, lock_s: float) -> None:
        """Count a failed attempt; from `most` on, lock the name for `lock_s`."""
        await self._database.execute(_COUNT_FAILURE, name, most, lock_s)

    async def forget_failures(self, name: str) -> None:
        """Start counting anew after a success."""
        await self._database.execute(_FORGET_FAILURES, name)

    async def add_session(self, token_hash: bytes, user_id: UUID, kind: str, name: str, expires_at: datetime) -> None:
        """Store a sign-in session."""
        await self._database.execute(_ADD_SESSION, token_hash, user_id, kind, name, expires_at)

    async def find_session(self, token_hash: bytes) -> SignIn | None:
        """The live session of this token, or None when it is unknown, expired or revoked."""
        row = await self._database.fetchrow(_FIND_SESSION, token_hash)
        return None if row is None else _sign_in(row)

    async def sessions_of_active(self, within_s: float, most: int) -> list[ActiveSession]:
        """Live sessions of those whose last conversation went on within so many seconds, the latest first."""
        rows = await self._database.fetch(_OF_ACTIVE, within_s, most)
        return [ActiveSession(row["token_hash"], _sign_in(row), row["cluster"]) for row in rows]

    async def live_sessions(self) -> list[bytes]:
        """All that have neither ended nor expired."""
        return [row["token_hash"] for row in await self._database.fetch(_LIVE)]

    async def revoke(self, token_hash: bytes) -> None:
        """End one session; durable when this returns."""
        await self._database.execute(_REVOKE, token_hash)

    async def revoke_others(self, user_id: UUID, kept: bytes) -> list[bytes]:
        """End all sessions of a person but one; returns those that ended."""
        return [row["token_hash"] for row in await self._database.fetch(_REVOKE_OTHERS, user_id, kept)]

    async def revoked_and_cached(self) -> list[bytes]:
        """Revoked sessions whose cached copies may still exist."""
        return [row["token_hash"] for row in await self._database.fetch(_TO_CLEAR)]

    async def mark_cleared(self, token_hashes: list[bytes]) -> None:
        """Say that the cached copies of these were removed; those that ended just now stay on the list."""
        await self._database.execute(_CLEARED, token_hashes)

    async def active(self) -> int:
        """How many people have a live session."""
        row = await self._reads.fetchrow(_ACTIVE)
        return int(row["n"]) if row else 0

    async def prune(self) -> None:
        """Remove sessions that ended a week ago, and failures of yesterday."""
        await self._database.execute(_PRUNE)
        await self._database.execute(_PRUNE_FAILURES)


def _sign_in(row: asyncpg.Record) -> SignIn:
    return SignIn(
        row["user_id"],
        row["name"],
        row["display_name"],
        row["role"],
        row["kind"],
        row["expires_at"],
        tuple(row["groups"]),
    )


def _account(row: asyncpg.Record) -> Account:
    values = dict(row)
    return Account(
        values["user_id"],
        values["name"],
        values["display_name"],
        values["role"],
        values["password_hash"],
        values["disabled_at"] is not None,
        values["email"],
        tuple(values["groups"]),
    )
