"""No query of a store reads a large table from end to end: the planner is asked, on tables as large as in life."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.filled_databases import Planner, chat_session, filled, person, planner, store_queries
from tests.support.postgres_server import PostgresServer

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
ONE = person(77)
SESSION = chat_session(70)
PLAN = UUID("00000000-0000-0000-0003-000000000077")
INTENT = UUID("00000000-0000-0000-0006-000000000077")
HASH = b"\x00" * 16

READS_ALL = {
    "accounts.count": "asked once at the start; an index over all rows is all rows as well",
    "accounts.list": "an administrator asked for all accounts",
    "availability.prune": "at most 401 rows for each objective, once in ten minutes",
    "maintenances.recent": "rows that people type one by one",
    "maintenances.lock": "locks; there is no plan",
    "clusters.all": "rows that administrators add one by one, 200 at most",
    "outbox.count": "counts what waits; it is empty but for the time that the audit service is away",
}
"""Queries that may read a table whole, each with the reason."""


def search(**by: Any) -> tuple[Any, ...]:
    places = (
        "user_id",
        "user_name",
        "kind",
        "cluster",
        "namespace",
        "verb",
        "text",
        "since",
        "until",
        "at",
        "event_id",
    )
    return (*(by.get(place) for place in places), 101)


EXAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "accounts.add": [(uuid4(), "new", None, "New", "viewer", "x", ["team-shop"])],
    "accounts.find": [("person-77",)],
    "accounts.find_by_email": [("person-77@example.org",)],
    "accounts.find_by_id": [(ONE,)],
    "accounts.set_password": [(ONE, "x")],
    "accounts.set_groups": [(ONE, ["team-shop"])],
    "accounts.rights_changed": [()],
    "accounts.rights_cleared": [([ONE],)],
    "sign_ins.locked_until": [("tried-7",)],
    "sign_ins.count_failure": [("tried-7", 5, 30.0)],
    "sign_ins.forget_failures": [("tried-7",)],
    "sign_ins.add": [(HASH, ONE, "browser", "", NOW + HOUR)],
    "sign_ins.find": [(HASH,)],
    "sign_ins.live": [()],
    "sign_ins.of_active": [(3600.0, 500)],
    "sign_ins.of_person": [(ONE,)],
    "sign_ins.revoke": [(HASH,)],
    "sign_ins.revoke_others": [(ONE, HASH)],
    "sign_ins.to_clear": [()],
    "sign_ins.cleared": [([HASH],)],
    "sign_ins.active": [()],
    "sign_ins.prune_failures": [()],
    "sign_ins.prune": [()],
    "alerts.upsert": [("f", NOW, "firing", None, "{}", "{}")],
    "alerts.changed": [(NOW - HOUR, "f", 1000)],
    "alerts.now": [()],
    "alerts.newest": [(200,)],
    "availability.upsert": [("gateway-availability", date(2026, 8, 4), 1.0, 0.0, 0.0, NOW)],
    "availability.since": [("gateway-availability", date(2026, 8, 4))],
    "model_tokens.spent": [(ONE, date(2026, 8, 4))],
    "model_tokens.add": [(ONE, date(2026, 8, 4), 100, 10)],
    "model_tokens.prune": [(date(2026, 8, 4),)],
    "availability.first": [("gateway-availability",)],
    "chats.add": [(uuid4(), ONE, "", "prod-eu", "shop")],
    "chats.list": [(ONE,)],
    "chats.find": [(SESSION, ONE)],
    "chats.rename": [(SESSION, ONE, "title")],
    "chats.title_if_new": [(SESSION, "title")],
    "chats.delete": [(SESSION, ONE)],
    "chats.move": [(SESSION, "prod-eu", "shop")],
    "chats.append": [(SESSION, uuid4(), "person", 1, ["{}"])],
    "chats.page": [(SESSION, 1_000_000, 50)],
    "chats.since": [(SESSION, 7, 50)],
    "chats.of_turn": [(SESSION, uuid4())],
    "chats.active": [()],
    "maintenances.now": [()],
    "maintenances.overlapping": [(NOW, NOW + HOUR)],
    "maintenances.add": [(uuid4(), NOW, NOW + HOUR, "disks", ONE, "person-77")],
    "maintenances.find": [(uuid4(),)],
    "maintenances.end": [(uuid4(),)],
    "maintenances.not_over": [()],
    "clusters.all": [()],
    "clusters.add": [("new", "https://new.example", b"sealed", "k1", uuid4(), ONE)],
    "clusters.reseal": [("new", uuid4(), b"sealed", "k2")],
    "clusters.remove": [("new",)],
    "outbox.add": [([uuid4()], ["{}"])],
    "outbox.oldest": [(100,)],
    "outbox.remove": [([uuid4(), uuid4()],)],
    "approvals.decide": [(PLAN, uuid4(), "eve", "d", "approved", "", 300.0)],
    "approvals.of": [(PLAN,)],
    "approvals.find": [(PLAN,)],
    "approvals.waiting": [(100,)],
    "plans.add": [
        (uuid4(), SESSION, uuid4(), ONE, "d", "change", None, ["c"], "[]", "r", "t", NOW + HOUR, None, False)
    ],
    "plans.add_steps": [(PLAN, [uuid4()])],
    "plans.find": [(PLAN, ONE)],
    "plans.confirm": [(PLAN, ONE, "d", "gateway-1/x", NOW + HOUR, "[]")],
    "plans.close": [(PLAN, "confirmed", "applied", uuid4(), "{}")],
    "plans.expire": [()],
    "plans.steps": [(PLAN,)],
    "plans.step_sending": [(PLAN, 0, "gateway-1/x", 1, NOW + HOUR)],
    "plans.step_done": [(PLAN, 0, "applied", "", False, "gateway-1/x", 1)],
    "plans.add_attempt": [(PLAN, 0, uuid4(), "gateway-1/x", 1)],
    "plans.hold": [(PLAN, "gateway-1/x", 1, 20.0, "1 of 3 pods gone")],
    "plans.release": [(PLAN, "gateway-1/x", 1)],
    "plans.request_cancel": [(PLAN, ONE)],
    "plans.oldest_job": [()],
    "plans.adopt": [("gateway-1/y", "gateway-1/%", 10, 60.0, [PLAN])],
    "audit.add_events": [([],) * 18],
    "audit.add_intents": [([],) * 6],
    "audit.stored_intents": [([INTENT],)],
    "audit.close_intents": [([INTENT], ["applied"], [uuid4()])],
    "audit.write_something": [()],
    "audit.open_intents": [(NOW, 500)],
    "audit.count_overdue": [()],
    "audit.search": [
        search(),
        search(user_id=person(77)),
        search(user_name="person-77"),
        search(user_id=person(1)),
        search(since=NOW - 2 * HOUR, until=NOW - HOUR),
        search(cluster="prod-us", namespace="namespace-7"),
        search(kind="sign_in"),
        search(text="%namespace-7%"),
        search(user_id=person(77), at=NOW - HOUR, event_id=uuid4()),
        search(at=NOW - HOUR, event_id=uuid4()),
    ],
}
"""Arguments as the services give them. A query that is missing here fails the test: nobody has looked at its plan."""


@pytest.fixture
async def planners(postgres: PostgresServer) -> AsyncIterator[dict[str, Planner]]:
    gateway, audit = await filled(postgres, "gateway"), await filled(postgres, "audit")
    async with planner(postgres, gateway) as ours, planner(postgres, audit) as theirs:
        yield {"gateway": ours, "audit": theirs}


async def test_no_query_of_a_store_reads_a_large_table_from_end_to_end(planners: dict[str, Planner]) -> None:
    unasked, whole = [], []
    for kind, query in store_queries():
        if query.name in READS_ALL:
            continue
        if query.name not in EXAMPLES:
            unasked.append(query.name)
        for args in EXAMPLES.get(query.name, ()):
            tables = await planners[kind].read_whole(query, *args)
            whole += [f"{query.name}{args} reads all of {table}" for table in sorted(tables)]
    assert unasked == [], "add arguments to EXAMPLES, so that their plans are looked at"
    assert whole == []


async def test_most_tables_are_large_enough_for_the_planner_to_choose(planners: dict[str, Planner]) -> None:
    assert planners["gateway"].large >= {
        *("users", "sign_in_sessions", "sign_in_failures", "chat_sessions", "messages"),
        *("plans", "plan_steps", "audit_outbox", "alerts"),
    }
    assert planners["audit"].large >= {"audit_events", "intents"}


def test_what_is_excused_or_given_arguments_is_there() -> None:
    names = {query.name for _, query in store_queries()}
    assert names == READS_ALL.keys() | EXAMPLES.keys()
