"""Cached copies of sign-in sessions never outlive what the database says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.errors import NotSignedInError, UnavailableError
from app.gateway.service.sign_in import SignIns
from app.gateway.store.accounts import SignIn
from app.infra.cache.redis import AT_ONCE
from app.infra.workers import Workers
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

TOKEN = "token"


class FakeAccounts:
    """One session that may end."""

    def __init__(self) -> None:
        self.live = True
        self.revoked: list[bytes] = []
        self.cleared: list[bytes] = []
        self.sessions: list[bytes] = []
        self.groups: tuple[str, ...] = ()
        self.changed: list[UUID] = []
        self.rights_cleared: list[UUID] = []

    async def find_session(self, token_hash: bytes) -> SignIn | None:
        self.sessions.append(token_hash)
        expires_at = datetime.now(UTC) + timedelta(hours=1)
        return SignIn(uuid4(), "ann", "Ann", "operator", "browser", expires_at, self.groups) if self.live else None

    async def revoke(self, token_hash: bytes) -> None:
        self.live = False
        self.revoked.append(token_hash)

    async def revoked_and_cached(self) -> list[bytes]:
        return self.revoked

    async def set_groups(self, _: UUID, groups: Sequence[str]) -> list[bytes]:
        self.groups = tuple(groups)
        self.changed = [UUID(int=1)]
        return self.sessions

    async def rights_changed(self) -> dict[UUID, list[bytes]]:
        return dict.fromkeys(self.changed, self.sessions)

    async def mark_rights_cleared(self, user_ids: list[UUID]) -> None:
        self.rights_cleared += user_ids

    async def mark_cleared(self, token_hashes: list[bytes]) -> None:
        self.cleared += token_hashes  # they stay on the list: they ended just now

    async def live_sessions(self) -> list[bytes]:
        return self.sessions


class FakeRedis:
    """Hashes in memory."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[bytes, bytes]] = {}
        self.away: set[str] = set()  # keys whose master does not answer

    async def hash_get_all(self, key: str) -> dict[bytes, bytes]:
        return self.hashes.get(key, {})

    async def hash_set(self, key: str, fields: Mapping[str, str], _: int) -> None:
        self.hashes[key] = {name.encode(): value.encode() for name, value in fields.items()}

    async def delete(self, key: str) -> None:
        if key in self.away:
            raise UnavailableError("away")
        self.hashes.pop(key, None)


@pytest.fixture
def redis() -> FakeRedis:
    return FakeRedis()


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
def accounts() -> FakeAccounts:
    return FakeAccounts()


@pytest.fixture
def sign_ins(redis: FakeRedis, accounts: FakeAccounts, instruments: Instruments) -> Iterator[SignIns]:
    workers = Workers(instruments, 1)
    rows: Any = accounts
    shared: Any = redis
    yield SignIns(rows, shared, workers, instruments)
    workers.close()


def removed(instruments: Instruments, outcome: str) -> float:
    return instruments.value(catalogue.CACHE_REMOVALS, cache="sessions", outcome=outcome)


async def test_signing_out_removes_the_cached_copy(sign_ins: SignIns, redis: FakeRedis) -> None:
    session = await sign_ins.find(TOKEN)
    assert redis.hashes
    await sign_ins.sign_out(session)
    assert not redis.hashes
    with pytest.raises(NotSignedInError):
        await sign_ins.find(TOKEN)


async def test_a_copy_that_is_cached_after_the_session_ended_is_swept_away(sign_ins: SignIns, redis: FakeRedis) -> None:
    session = await sign_ins.find(TOKEN)
    late = dict(redis.hashes)
    await sign_ins.sign_out(session)
    await sign_ins.sweep()
    redis.hashes.update(late)
    await sign_ins.sweep()
    with pytest.raises(NotSignedInError):
        await sign_ins.find(TOKEN)


async def test_half_a_cached_copy_is_as_good_as_none(sign_ins: SignIns, redis: FakeRedis) -> None:
    await sign_ins.find(TOKEN)
    for fields in redis.hashes.values():
        del fields[b"expires"]
    assert (await sign_ins.find(TOKEN)).person.name == "ann"


async def test_whoever_clears_cached_sessions_is_told_when_redis_has_not_let_go_of_all(
    sign_ins: SignIns, redis: FakeRedis, instruments: Instruments
) -> None:
    for token in ("one", "two", "three"):
        await sign_ins.find(token)
    kept, *others = redis.hashes
    redis.away = {kept}
    with pytest.raises(UnavailableError) as told:
        await sign_ins.clear_cached()
    assert told.value.code == "sessions_not_cleared"
    assert set(redis.hashes) == {kept}, "one master that is away keeps no other from letting go"
    assert (removed(instruments, "ok"), removed(instruments, "failed")) == (len(others), 1)
    redis.away = set()
    await sign_ins.clear_cached()
    assert not redis.hashes
    assert removed(instruments, "failed") == 1


async def test_a_sweep_that_could_not_clear_all_has_failed_and_has_cleared_the_others(
    sign_ins: SignIns, redis: FakeRedis, accounts: FakeAccounts
) -> None:
    sessions = [await sign_ins.find(token) for token in ("one", "two", "three")]
    kept, *_ = redis.hashes
    redis.away = {kept}
    for session in sessions:
        await sign_ins.sign_out(session)  # durable all the same
    assert set(redis.hashes) == {kept}
    with pytest.raises(UnavailableError):
        await sign_ins.sweep()
    assert accounts.cleared == [session.token_hash for session in sessions if session.token_hash.hex() not in kept]
    redis.away = set()
    await sign_ins.sweep()
    assert not redis.hashes


async def test_many_are_cleared_in_turns_and_none_is_left(sign_ins: SignIns, redis: FakeRedis) -> None:
    for number in range(2 * AT_ONCE + 1):
        await sign_ins.find(f"token {number}")
    assert len(redis.hashes) == 2 * AT_ONCE + 1
    await sign_ins.clear_cached()
    assert not redis.hashes


async def test_groups_that_changed_count_at_the_next_request_although_the_session_was_cached(
    accounts: FakeAccounts, sign_ins: SignIns
) -> None:
    assert (await sign_ins.find(TOKEN)).person.groups == ()
    await sign_ins.set_groups(uuid4(), ["team-shop", "approvers"])
    assert (await sign_ins.find(TOKEN)).person.groups == ("team-shop", "approvers")
    assert (await sign_ins.find(TOKEN)).person.groups == ("team-shop", "approvers")  # from the cache


async def test_groups_whose_copies_redis_keeps_are_told_and_swept_until_it_lets_go(
    accounts: FakeAccounts, redis: FakeRedis, sign_ins: SignIns
) -> None:
    session = await sign_ins.find(TOKEN)
    redis.away.add(f"s:{session.token_hash.hex()}")
    with pytest.raises(UnavailableError, match="groups are changed"):
        await sign_ins.set_groups(uuid4(), ["team-shop"])
    with pytest.raises(UnavailableError):
        await sign_ins.sweep()
    assert accounts.rights_cleared == []
    redis.away.clear()
    await sign_ins.sweep()
    assert accounts.rights_cleared == accounts.changed
    assert (await sign_ins.find(TOKEN)).person.groups == ("team-shop",)
