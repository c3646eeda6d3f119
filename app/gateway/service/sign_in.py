"""Signing in and out: passwords, sessions, and their cached copies.

A session is a row in PostgreSQL, found by the SHA-256 of a 256-bit random token. Redis holds copies for speed; a
revocation is committed to PostgreSQL first, then the copy is cleared, and a sweep clears those that could not be.
Without Redis everything works, a little slower.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import argon2

from app.domain.identities import Person, Role
from app.domain.policy.policy import Policy, open_policy
from app.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotSignedInError,
    TooManyRequestsError,
    UnavailableError,
)
from app.gateway.store.accounts import Accounts, SignIn
from app.infra.cache.redis import RedisCache
from app.infra.ids import new_id
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.redis.client import Redis
from app.infra.workers import Workers
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from slo.targets.caching import SESSION_CACHE_TTL

MOST_FAILURES = 5  # wrong passwords in a row before a name is locked
LOCK_S = 30.0  # long enough to make guessing useless, short enough not to lock a person out of an incident
TOKEN_LIFETIME = timedelta(days=30)  # of a command line's token
SHORTEST_PASSWORD = 10
MOST_WARMED = 500  # sessions that are cached at a start: of more people than a replica serves
CACHE = "sessions"
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """A live sign-in session."""

    person: Person
    token_hash: bytes
    expires_at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just made; the only moment at which its token is known."""

    session: Session
    token: str


class SignIns:
    """Checks passwords, makes sessions, finds them again.

    Args:
        accounts: the rows.
        redis: the cache, None where there is none.
        workers: where passwords are hashed.
        instruments: where sign-ins are counted.
        lifetime_s: how long a browser's session lasts, and a cached copy at most.
        policy: as whom people go to clusters; that of no file when missing.
    """

    def __init__(
        self,
        accounts: Accounts,
        redis: Redis | None,
        workers: Workers,
        instruments: Instruments,
        lifetime_s: int = SESSION_CACHE_TTL.figure.whole,
        policy: Policy | None = None,
    ) -> None:
        self._policy = policy or open_policy()
        self._lifetime_s = lifetime_s
        self._accounts = accounts
        self._redis = redis
        self._workers = workers
        self._hasher = argon2.PasswordHasher()
        self._results = instruments.counter(catalogue.SIGN_INS)
        self._duration = instruments.histogram(catalogue.SIGN_IN_DURATION)
        fields = _SessionFields(lifetime_s)
        self._cached: RedisCache[bytes, Session | None] = RedisCache(CACHE, redis, fields, instruments)
        # Checked when no such account exists, so that the answer takes as long as for a wrong password.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    async def ensure_admin(self, password: str) -> bool:
        """Create the account "admin" when there is no account at all; True when it was created."""
        if await self._accounts.count():
            return False
        password_hash = await self._workers.run(self._hasher.hash, password)
        try:
            await self._accounts.add(new_id(), "admin", "Administrator", Role.ADMIN.value, password_hash)
        except ConflictError:
            return False  # another replica was quicker
        _log.info("created the first account", account="admin")
        return True

    async def sign_in(self, name: str, password: str, kind: str = "browser", label: str = "") -> NewSession:
        """Check a password and start a session.

        Raises:
            NotSignedInError: no such account, or the wrong password; which of them is not said.
            TooManyRequestsError: too many wrong passwords for this name.
            BusyError: too many people sign in at this moment.
        """
        name = name.strip().lower()
        account = await self._accounts.find(name)
        if account is None and "@" in name:
            account = await self._accounts.find_by_email(name)
        # Attempts by name and by e-mail address are attempts at one account.
        tried = account.name if account else name[:64]
        if await self._accounts.locked_until(tried) is not None:
            self._results.labels("locked").inc()
            raise TooManyRequestsError(
                f"Too many wrong passwords for this name; wait {LOCK_S:.0f} seconds and try again.",
                code="sign_in_locked",
                retry_after_s=LOCK_S,
            )
        usable = account is not None and not account.disabled
        with self._duration.time():
            right = await self._workers.run(self._check, account.password_hash if account else self._nobody, password)
        if account is None or not usable or not right:
            await self._accounts.count_failure(tried, MOST_FAILURES, LOCK_S)
            self._results.labels("refused").inc()
            _log.warning("sign-in refused", account=account.name if account else "unknown")
            raise NotSignedInError("The name or the password is wrong.", code="wrong_credentials")
        await self._accounts.forget_failures(tried)
        lifetime = TOKEN_LIFETIME if kind == "token" else timedelta(seconds=self._lifetime_s)
        token = secrets.token_urlsafe(32)
        token_hash = hashlib.sha256(token.encode()).digest()
        expires_at = datetime.now(UTC) + lifetime
        await self._accounts.add_session(token_hash, account.user_id, kind, label[:80], expires_at)
        self._results.labels("ok").inc()
        return NewSession(Session(account.person(), token_hash, expires_at, kind), token)

    def _check(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    async def find(self, token: str) -> Session:
        """The live session of a token.

        Raises:
            NotSignedInError: it is unknown, expired or revoked.
            UnavailableError: neither the cache nor the database answers.
        """
        token_hash = hashlib.sha256(token.encode()).digest()

        async def load() -> Session | None:
            found = await self._accounts.find_session(token_hash)
            return None if found is None else _session(token_hash, found)

        session = await self._cached.get(token_hash, load)
        if session is None:
            raise NotSignedInError("You are not signed in, or your session has ended; sign in again.")
        return session

    async def sign_out(self, session: Session) -> None:
        """End a session: durable first, then out of the cache; what cannot be cleared now is cleared by `sweep`."""
        await self._accounts.revoke(session.token_hash)
        await self._uncache([session.token_hash])

    async def change_password(self, session: Session, current: str, new: str) -> None:
        """Replace one's own password and end all other sessions.

        Raises:
            ForbiddenError: the current password is wrong.
            InvalidInputError: the new one is too short.
        """
        account = await self._accounts.find(session.person.name)
        if account is None or not await self._workers.run(self._check, account.password_hash, current):
            raise ForbiddenError("The current password is wrong.", code="wrong_password")
        await self.set_password(account.user_id, await self.hash_password(new), kept=session.token_hash)

    async def set_password(self, user_id: UUID, password_hash: str, *, kept: bytes) -> None:
        """Replace a password and end the person's sessions, but the one that asked for it."""
        await self._accounts.set_password(user_id, password_hash)
        await self._uncache(await self._accounts.revoke_others(user_id, kept))

    async def hash_password(self, password: str) -> str:
        """The Argon2 hash of a new password; InvalidInputError when it is too short."""
        if len(password) < SHORTEST_PASSWORD:
            raise InvalidInputError(f"A password needs at least {SHORTEST_PASSWORD} characters.", code="weak_password")
        return await self._workers.run(self._hasher.hash, password)

    async def clear_cached(self) -> None:
        """Drop every cached copy; the sessions themselves go on, and are read from the database again.

        Raises:
            UnavailableError: Redis did not answer for some; those may be served from it until their time is over.
        """
        if self._redis is None:
            return
        live = await self._accounts.live_sessions()
        left = len(live) - len(await self._uncache(live))
        if left:
            _log.warning("cached sessions not cleared", sessions=left)
            raise UnavailableError(
                "Not all cached sign-in sessions were cleared, because Redis does not answer; "
                "clear them again when Redis is back.",
                code="sessions_not_cleared",
            )

    async def sweep(self) -> None:
        """Clear cached copies of revoked sessions and of former groups; what cannot be cleared stays on the list.

        Raises:
            UnavailableError: some could not be cleared: until they are, who was signed out may still be let in.
        """
        if self._redis is None:
            return
        revoked = await self._accounts.revoked_and_cached()
        cleared = await self._uncache(revoked)
        if cleared:
            await self._accounts.mark_cleared(cleared)
        left = len(revoked) - len(cleared)
        done: list[UUID] = []
        for user_id, sessions in (await self._accounts.rights_changed()).items():
            missing = len(sessions) - len(await self._uncache(sessions))
            left += missing
            if not missing:
                done.append(user_id)
        if done:
            await self._accounts.mark_rights_cleared(done)
        if left:
            raise UnavailableError("Cached copies of ended sessions were not cleared.", code="sessions_not_cleared")

    async def set_groups(self, user_id: UUID, groups: Sequence[str]) -> None:
        """Replace an account's groups: durable first, then cached copies are dropped.

        Raises:
            UnavailableError: Redis did not drop all; until `sweep` succeeds the former groups may count.
        """
        live = await self._accounts.set_groups(user_id, groups)
        if self._redis is not None and len(await self._uncache(live)) < len(live):
            raise UnavailableError(
                "The groups are changed, but not all cached sign-in sessions were dropped, because Redis does not"
                " answer; the former groups may count until it does.",
                code="sessions_not_cleared",
            )

    async def warm_active(self, within_s: float) -> list[tuple[str, Impersonation]]:
        """Cache the sessions, and with them the roles, of those who were active within so many seconds.

        A session that ends meanwhile may be cached after its end, as by any request; `sweep` clears it then.

        Returns:
            The cluster of each one's last conversation, and as whom they ask it, the latest first.
        """
        active = await self._accounts.sessions_of_active(within_s, MOST_WARMED)
        sessions = {each.token_hash: _session(each.token_hash, each.sign_in) for each in active}
        await self._cached.warm(sessions)
        asked: dict[tuple[str, Impersonation], None] = {}
        for each in active:
            with suppress(ForbiddenError):  # a name that this cluster is not asked as
                asked[each.cluster, self._policy.identity(sessions[each.token_hash].person, each.cluster)] = None
        return list(asked)

    async def _uncache(self, token_hashes: list[bytes]) -> list[bytes]:
        return await self._cached.drop(token_hashes)


class _SessionFields:
    """A session as a small hash; kept until it ends, and no longer than a browser's session lasts."""

    def __init__(self, lifetime_s: int) -> None:
        self._lifetime_s = lifetime_s

    def key(self, token_hash: bytes) -> str:
        return _key(token_hash)

    def write(self, session: Session | None) -> tuple[dict[str, str], int] | None:
        if session is None:
            return None
        ttl_s = min(self._lifetime_s, int((session.expires_at - datetime.now(UTC)).total_seconds()))
        if ttl_s <= 0:
            return None
        person = session.person
        fields = {
            "user_id": str(person.user_id),
            "name": person.name,
            "display_name": person.display_name,
            "role": person.role.value,
            "groups": ",".join(person.groups),
            "kind": session.kind,
            "expires": str(int(session.expires_at.timestamp())),
        }
        return fields, ttl_s

    def read(self, token_hash: bytes, fields: Mapping[bytes, bytes]) -> Session | None:
        session = _cached_session(token_hash, fields)
        return session if session.expires_at > datetime.now(UTC) else None


def _key(token_hash: bytes) -> str:
    return f"s:{token_hash.hex()}"


def _cached_session(token_hash: bytes, fields: Mapping[bytes, bytes]) -> Session:
    person = Person(
        UUID(fields[b"user_id"].decode()),
        fields[b"name"].decode(),
        fields[b"display_name"].decode(),
        Role(fields[b"role"].decode()),
        tuple(filter(None, fields[b"groups"].decode().split(","))),
    )
    expires_at = datetime.fromtimestamp(int(fields[b"expires"]), UTC)
    return Session(person, token_hash, expires_at, fields[b"kind"].decode())


def _session(token_hash: bytes, found: SignIn) -> Session:
    person = Person(found.user_id, found.name, found.display_name, Role(found.role), found.groups)
    return Session(person, token_hash, found.expires_at, found.kind)
