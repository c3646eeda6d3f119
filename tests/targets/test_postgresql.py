"""PostgreSQL is started with the architecture document's figures, here for a server of 2 GiB, and indexed as it says."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from uuid import uuid4

import pytest

from alerts.catalogue import alerting_rules
from app.audit import store as audit_store
from app.errors import ConflictError
from app.gateway.store import accounts, chats
from app.gateway.store.accounts import Accounts
from app.infra.index_rebuilds import IndexRebuilds
from app.infra.migrations import migrate
from app.infra.postgres.database import Database
from app.infra.postgres.query import Query
from app.stack.servers import postgresql
from app.stack.servers.postgresql import PostgresSettings
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.filled_databases import Planner, chat_session, filled, person, planner
from tests.support.postgres_server import PostgresServer

MEMORY_BYTES = 2 * 2**30


def setting(name: str) -> str:
    """What the generated configuration says of one setting."""
    made = postgresql.text(
        PostgresSettings(port=5432, memory_bytes=MEMORY_BYTES, hba_file="/etc/pg_hba.conf", name="primary")
    )
    found = re.search(rf"^{name} = '(.*)'$", made, re.MULTILINE)
    assert found, f"{name} is not set"
    return found[1]


def test_shared_buffers_are_a_quarter_of_the_servers_memory() -> None:
    assert setting("shared_buffers") == "512MB"


def test_the_planner_reckons_with_three_quarters_of_the_memory_as_cache() -> None:
    assert setting("effective_cache_size") == "1536MB"


def test_a_sort_takes_16_megabytes() -> None:
    assert setting("work_mem") == "16MB"


def test_maintenance_takes_256_megabytes() -> None:
    assert setting("maintenance_work_mem") == "256MB"


def test_a_checkpoint_is_spread_over_nine_tenths_of_the_time_to_the_next() -> None:
    assert setting("checkpoint_completion_target") == "0.9"


def test_16_megabytes_buffer_the_write_ahead_log() -> None:
    assert setting("wal_buffers") == "16MB"


def test_there_is_a_checkpoint_every_five_minutes() -> None:
    assert setting("checkpoint_timeout") == "300s"


def test_200_reads_may_be_under_way_at_once() -> None:
    assert setting("effective_io_concurrency") == "200"


def test_a_random_read_costs_a_tenth_more_than_a_sequential_one() -> None:
    assert setting("random_page_cost") == "1.1"


def test_a_sequential_read_is_the_planners_unit() -> None:
    assert setting("seq_page_cost") == "1.0"


def test_autovacuum_starts_at_two_percent_and_works_ten_times_as_hard() -> None:
    assert setting("autovacuum") == "on"
    assert setting("autovacuum_vacuum_scale_factor") == "0.02"
    assert setting("autovacuum_vacuum_insert_scale_factor") == "0.05"
    assert setting("autovacuum_vacuum_cost_limit") == "2000"


def test_statistics_are_collected() -> None:
    assert setting("track_counts") == "on"


NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
async def gateway(postgres: PostgresServer) -> AsyncIterator[Planner]:
    async with planner(postgres, await filled(postgres, "gateway")) as asked:
        yield asked


@pytest.fixture
async def audit(postgres: PostgresServer) -> AsyncIterator[Planner]:
    async with planner(postgres, await filled(postgres, "audit")) as asked:
        yield asked


async def test_chat_sessions_are_found_by_their_id_and_by_person_and_time(gateway: Planner) -> None:
    assert await gateway.index("chat_sessions_pkey") == ("btree", True, ["session_id"], None)
    assert await gateway.indexes(chats._MOVE, chat_session(70), "prod-eu", "shop") == {"chat_sessions_pkey"}
    of_a_week = Query("test.week", "SELECT * FROM chat_sessions WHERE user_id = $1 AND created_at > $2")
    assert await gateway.index("chat_sessions_user_created") == ("btree", False, ["user_id", "created_at"], None)
    assert await gateway.indexes(of_a_week, person(71), NOW - timedelta(days=7)) == {"chat_sessions_user_created"}


async def test_audit_events_are_found_by_their_id_and_by_person_and_time(audit: Planner) -> None:
    assert await audit.index("audit_events_pkey") == ("btree", True, ["event_id"], None)
    one = Query("test.one", "SELECT * FROM audit_events WHERE event_id = $1")
    assert await audit.indexes(one, uuid4()) == {"audit_events_pkey"}
    # What comes after the two columns makes a page of a search begin where the last one ended.
    method, _, columns, _ = await audit.index("audit_events_user_timestamp")
    assert (method, columns[:2]) == ("btree", ["user_id", "timestamp"])
    search = (person(77), *(None,) * 6, NOW - timedelta(days=7), None, None, None, 101)
    assert await audit.indexes(audit_store._SEARCH, *search) == {"audit_events_user_timestamp"}


async def test_people_are_found_by_their_id_and_by_an_email_address_that_nobody_else_has(
    gateway: Planner, postgres: PostgresServer
) -> None:
    assert await gateway.indexes(accounts._FIND_BY_ID, person(77)) == {"users_pkey"}
    assert await gateway.indexes(accounts._FIND_BY_EMAIL, "person-77@example.org") == {"users_email"}
    tracing = Tracing("test", "test")
    database = Database(
        postgres.pooled_url(await filled(postgres, "gateway")),
        name="test",
        size=1,
        application_name="test",
        instruments=Instruments(),
        tracing=tracing,
    )
    await database.open()
    try:
        people = Accounts(database)
        found = await people.find_by_email("person-77@example.org")
        assert found is not None
        assert found.user_id == person(77)
        with pytest.raises(ConflictError, match=r"has the e-mail address person-77@example\.org already"):
            await people.add(uuid4(), "another", "Another", "viewer", "x", email="person-77@example.org")
    finally:
        await database.close()
        tracing.close()


async def test_a_span_of_time_among_the_audit_events_is_found_by_a_btree(audit: Planner) -> None:
    method, _, columns, _ = await audit.index("audit_events_timestamp")
    assert (method, columns[0]) == ("btree", "timestamp")
    search = (*(None,) * 7, NOW - timedelta(hours=2), NOW - timedelta(hours=1), None, None, 101)
    assert await audit.indexes(audit_store._SEARCH, *search) == {"audit_events_timestamp"}


async def test_active_chat_sessions_have_an_index_that_holds_them_alone(gateway: Planner) -> None:
    _, _, columns, condition = await gateway.index("chat_sessions_active")
    assert (columns[0], condition) == ("user_id", "(status = 'active'::text)")
    assert await gateway.indexes(chats._LIST, person(71)) == {"chat_sessions_active"}
    assert await gateway.indexes(chats._ACTIVE) == {"chat_sessions_active"}


async def test_indexes_are_rebuilt_every_month_and_overdue_after_35_days(postgres: PostgresServer) -> None:
    name = postgres.new_database()
    await migrate(postgres.url(name), files("app.gateway.store") / "migrations")
    rebuilds = IndexRebuilds(postgres.url(name), database="kubechat", started_by="test", instruments=Instruments())
    month = timedelta(days=30)
    assert rebuilds.period == month

    async def after(since: timedelta) -> str:
        postgres.psql(name, f"UPDATE index_rebuilds SET ended_at = now() - interval '{since.total_seconds()} s'")
        run = await rebuilds.rebuild_if_due()
        return "nothing" if run is None else run.outcome

    assert await after(month - timedelta(hours=1)) == "nothing"
    assert await after(month + timedelta(hours=1)) == "ok"
    assert await after(timedelta(hours=1)) == "nothing"
    state = await rebuilds.state()
    assert state.last_success is not None
    assert state.overdue_at == state.last_success + timedelta(days=35)
    (alert,) = (rule for rule in alerting_rules() if rule.alert == "IndexRebuildOverdue")
    assert alert.query.text.endswith("- time()) < -3024000")
