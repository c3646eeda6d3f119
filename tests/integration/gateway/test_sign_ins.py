"""Sign-in sessions on a real PostgreSQL: they expire, end, and are never found again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.errors import ConflictError, NotSignedInError, TooManyRequestsError
from app.gateway.service.sign_in import NewSession, SignIns
from app.gateway.store.accounts import Accounts
from app.gateway.store.chats import Chats
from app.infra.ids import new_id
from app.infra.postgres.database import Database
from app.infra.postgres.query import Query
from tests.support.postgres_server import PostgresServer
from tests.support.sign_ins import sign_ins_on

PASSWORD = "correct horse battery"
_LET_PASS = Query(
    "test.let_pass",
    "UPDATE chat_sessions SET updated_at = now() - make_interval(mins => $2) WHERE session_id = $1",
)


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
    async with sign_ins_on(postgres) as made:
        name = f"p{uuid4().hex[:8]}"
        password_hash = await made.sign_ins.hash_password(PASSWORD)
        await made.accounts.add(new_id(), name, "Person", "operator", password_hash)
        yield Door(made.sign_ins, made.database, name)


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


async def test_those_who_were_active_are_found_with_their_cluster_the_latest_first_and_nobody_else_is(
    door: Door,
) -> None:
    accounts, chats = Accounts(door.database), Chats(door.database)
    minutes_ago = {"late": (1, 50), "early": (30, 50), "disabled": (40,), "left": (2,), "deleted": (2,)}
    minutes_ago |= {"silent": (), "yesterday": (1440, 1450)}
    tokens = {name: name.encode() for name in minutes_ago}
    for name, of_chats in minutes_ago.items():
        user_id = new_id()
        await accounts.add(user_id, name, name, "viewer", "x")
        await accounts.add_session(tokens[name], user_id, "browser", "", datetime.now(UTC) + timedelta(hours=1))
        for cluster, minutes in zip(("prod", "old"), of_chats, strict=False):
            chat = await chats.add(new_id(), user_id, "", cluster, "shop")
            await door.database.execute(_LET_PASS, chat.session_id, minutes)
            if name == "deleted":
                await chats.delete(chat.session_id, user_id)
    await accounts.revoke(tokens["left"])
    disable = Query("test.disable", "UPDATE users SET disabled_at = now() WHERE name = 'disabled'")
    await door.database.execute(disable)
    found = await accounts.sessions_of_active(3600, 10)
    assert [(each.sign_in.name, each.cluster, each.token_hash) for each in found] == [
        ("late", "prod", b"late"),
        ("early", "prod", b"early"),
    ]
    assert [each.sign_in.name for each in await accounts.sessions_of_active(3600, 1)] == ["late"]
