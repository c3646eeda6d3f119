"""Sign-in sessions on a real PostgreSQL: they expire, end, and are never found again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.resources import files
from uuid import uuid4

import pytest

from app.errors import ConflictError, NotSignedInError, TooManyRequestsError
from app.gateway.service.sign_in import NewSession, SignIns
from app.gateway.store.accounts import Accounts
from app.infra.ids import new_id
from app.infra.migrations import migrate
from app.infra.postgres.database import Database
from app.infra.postgres.query import Query
from app.infra.workers import Workers
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.postgres_server import PostgresServer

PASSWORD = "correct horse battery"


@dataclass
class Door:
    """Sign-ins of one person, and the rows behind them."""

    sign_ins: SignIns
    database: Database
    name: str

    async def enter(self, kind: str = "browser") -> NewSession:
        return await self.sign_ins.sign_in(self.name, PASSWORD, kind)


@pytest.fixture
async def door(postgres: PostgresServer) -> AsyncIterator[Door]:
    database_name = postgres.new_database()
    await migrate(postgres.url(database_name), files("app.gateway.store") / "migrations")
    instruments, tracing = Instruments(), Tracing("gateway", "test")
    database = Database(
        postgres.pooled_url(database_name),
        name="test",
        size=2,
        application_name="test",
        instruments=instruments,
        tracing=tracing,
    )
    await database.open()
    workers = Workers(instruments)
    accounts = Accounts(database)
    sign_ins = SignIns(accounts, None, workers, instruments)
    name = f"p{uuid4().hex[:8]}"
    await accounts.add(new_id(), name, "Person", "operator", await sign_ins.hash_password(PASSWORD))
    yield Door(sign_ins, database, name)
    await database.close()
    workers.close()
    tracing.close()


async def test_a_session_is_found_until_it_expires(door: Door) -> None:
    new = await door.enter()
    assert (await door.sign_ins.find(new.token)).person.name == door.name
    await door.database.execute(Query("test.expire", "UPDATE sign_in_sessions SET expires_at = now()"))
    with pytest.raises(NotSignedInError):
        await door.sign_ins.find(new.token)


async def test_a_session_that_was_ended_is_not_found_and_the_others_are(door: Door) -> None:
    first, second = await door.enter(), await door.enter("token")
    await door.sign_ins.sign_out(first.session)
    with pytest.raises(NotSignedInError):
        await door.sign_ins.find(first.token)
    assert (await door.sign_ins.find(second.token)).kind == "token"


async def test_a_new_password_ends_all_other_sessions_and_the_old_one_opens_nothing(door: Door) -> None:
    kept, other = await door.enter(), await door.enter()
    await door.sign_ins.change_password(kept.session, PASSWORD, "another long password")
    assert await door.sign_ins.find(kept.token)
    with pytest.raises(NotSignedInError):
        await door.sign_ins.find(other.token)
    with pytest.raises(NotSignedInError):
        await door.enter()


async def test_a_token_is_stored_as_its_hash_alone(door: Door) -> None:
    new = await door.enter()
    rows = await door.database.fetch(Query("test.tokens", "SELECT token_hash::text AS hash FROM sign_in_sessions"))
    assert all(new.token not in row["hash"] for row in rows)
    with pytest.raises(NotSignedInError):
        await door.sign_ins.find(new.token[:-1])


async def test_a_person_signs_in_with_an_email_address_and_is_locked_out_by_both_together(door: Door) -> None:
    accounts = Accounts(door.database)
    password_hash = await door.sign_ins.hash_password(PASSWORD)
    await accounts.add(new_id(), "grace", "Grace", "viewer", password_hash, email="grace@example.org")
    new = await door.sign_ins.sign_in("Grace@Example.org", PASSWORD)
    assert new.session.person.name == "grace"
    for tried in ("grace", "grace@example.org", "grace", "grace@example.org", "grace"):
        with pytest.raises(NotSignedInError):
            await door.sign_ins.sign_in(tried, "wrong password")
    for tried in ("grace", "grace@example.org"):
        with pytest.raises(TooManyRequestsError):
            await door.sign_ins.sign_in(tried, PASSWORD)


async def test_an_email_address_belongs_to_one_account_and_an_account_may_have_none(door: Door) -> None:
    accounts = Accounts(door.database)
    await accounts.add(new_id(), "grace", "Grace", "viewer", "x", email="grace@example.org")
    with pytest.raises(ConflictError, match="e-mail address Grace@example") as taken:
        await accounts.add(new_id(), "other", "Other", "viewer", "x", email="Grace@example.org")
    assert taken.value.code == "email_taken"
    with pytest.raises(ConflictError, match='account named "grace"'):
        await accounts.add(new_id(), "grace", "Grace", "viewer", "x", email="another@example.org")
    await accounts.add(new_id(), "heidi", "Heidi", "viewer", "x")
    listed = {account.name: account.email for account in await accounts.all()}
    assert listed == {"grace": "grace@example.org", "heidi": None, door.name: None}
