"""Cached copies of sign-in sessions never outlive what the database says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.errors import NotSignedInError
from app.gateway.service.sign_in import SignIns
from app.gateway.store.accounts import SignIn
from app.infra.workers import Workers
from app.telemetry.instruments import Instruments

TOKEN = "token"


class FakeAccounts:
    """One session that may end."""

    def __init__(self) -> None:
        self.live = True
        self.revoked: list[bytes] = []

    async def find_session(self, _: bytes) -> SignIn | None:
        expires_at = datetime.now(UTC) + timedelta(hours=1)
        return SignIn(uuid4(), "ann", "Ann", "operator", "browser", expires_at) if self.live else None

    async def revoke(self, token_hash: bytes) -> None:
        self.live = False
        self.revoked.append(token_hash)

    async def revoked_and_cached(self) -> list[bytes]:
        return self.revoked

    async def mark_cleared(self, _: list[bytes]) -> None:
        return  # it ended just now


class FakeRedis:
    """Hashes in memory."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[bytes, bytes]] = {}

    async def hash_get_all(self, key: str) -> dict[bytes, bytes]:
        return self.hashes.get(key, {})

    async def hash_set(self, key: str, fields: Mapping[str, str], _: int) -> None:
        self.hashes[key] = {name.encode(): value.encode() for name, value in fields.items()}

    async def delete(self, key: str) -> None:
        self.hashes.pop(key, None)


@pytest.fixture
def redis() -> FakeRedis:
    return FakeRedis()


@pytest.fixture
def sign_ins(redis: FakeRedis) -> Iterator[SignIns]:
    instruments = Instruments()
    workers = Workers(instruments, 1)
    accounts: Any = FakeAccounts()
    yield SignIns(accounts, redis, workers, instruments)  # type: ignore[arg-type]
    workers.close()


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
