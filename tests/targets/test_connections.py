"""Connections to PostgreSQL are pooled, aged and bounded with the architecture document's figures."""

from __future__ import annotations

import configparser
import math
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from app.infra.postgres.database import Database
from app.infra.postgres.query import Query
from app.stack.servers import pgbouncer, postgresql
from app.stack.servers.pgbouncer import PgBouncerSettings
from app.stack.servers.postgresql import PostgresSettings
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing


def pooler(name: str) -> str:
    """What PgBouncer's generated configuration says of one setting."""
    parser = configparser.ConfigParser(comment_prefixes=(";",), delimiters=("=",), interpolation=None)
    parser.read_string(pgbouncer.text(PgBouncerSettings(6432, 5432, (5433,), "/s/users.txt", (1, 18, 0))))
    return parser["pgbouncer"][name]


def server(name: str) -> str:
    """What PostgreSQL's generated configuration says of one setting."""
    made = postgresql.text(PostgresSettings(port=5432, memory_bytes=2**31, hba_file="/etc/pg_hba.conf", name="primary"))
    found = re.search(rf"^{name} = '(.*)'$", made, re.MULTILINE)
    assert found, f"{name} is not set"
    return found[1]


class FakePool:
    """Notes how a pool was made, and how long its queries may take."""

    opened_at = used_at = 0.0
    lifetime_s = math.inf

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}
        self.timeouts: list[float] = []
        self.executed: list[str] = []

    async def made(self, url: str, **options: Any) -> FakePool:
        self.options = options
        return self

    async def acquire(self, *, timeout: float) -> FakePool:  # noqa: ASYNC109 - asyncpg's own name
        return self

    async def release(self, connection: FakePool, *, timeout: float) -> None:  # noqa: ASYNC109 - asyncpg's own name
        return

    async def fetch(self, sql: str, *args: Any, timeout: float) -> list[Any]:  # noqa: ASYNC109 - asyncpg's own name
        self.timeouts.append(timeout)
        return []

    async def execute(self, sql: str) -> str:
        self.executed.append(sql)
        return "SELECT 1"

    def is_closed(self) -> bool:
        return False

    def note_use(self) -> None:
        return

    async def close(self) -> None:
        return


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> FakePool:
    made = FakePool()
    monkeypatch.setattr(asyncpg, "create_pool", made.made)
    monkeypatch.setattr("app.infra.postgres.driver.now", lambda: 0.0)

    async def carried(_: str) -> bool:
        return False

    monkeypatch.setattr("app.infra.postgres.database.carries_statements", carried)
    return made


@pytest.fixture
def database(pool: FakePool) -> Iterator[Database]:
    tracing = Tracing("gateway", "test")
    yield Database("", name="test", size=1, application_name="test", instruments=Instruments(), tracing=tracing)
    tracing.close()


def test_connections_are_pooled_by_transaction() -> None:
    assert pooler("pool_mode") == "transaction"


def test_a_service_has_25_connections_to_a_server() -> None:
    assert pooler("default_pool_size") == "25"


def test_a_server_takes_200_connections() -> None:
    assert server("max_connections") == "200"


async def test_a_connection_that_nobody_used_for_ten_minutes_is_closed(database: Database, pool: FakePool) -> None:
    assert pooler("server_idle_timeout") == "600"
    await database.open()
    assert pool.options["max_inactive_connection_lifetime"] == 600


def test_a_connection_is_replaced_after_an_hour() -> None:
    assert pooler("server_lifetime") == "3600"


async def test_a_connection_that_idled_for_more_than_30_seconds_is_tried_first(
    database: Database, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pooler("server_check_delay") == "30"
    await database.open()
    for now, tried in ((30.0, []), (30.1, ["SELECT 1"])):
        monkeypatch.setattr("app.infra.postgres.driver.now", lambda now=now: now)
        await database.fetch(Query("test.all", "SELECT 1"))
        assert pool.executed == tried


async def test_a_query_is_cancelled_after_30_seconds(database: Database, pool: FakePool) -> None:
    assert postgresql.statement_timeout_ms() == 30_000  # of the services' roles
    assert pooler("query_wait_timeout") == "30"
    await database.open()
    await database.fetch(Query("test.all", "SELECT 1"))
    assert pool.options["command_timeout"] == 30
    assert pool.timeouts == [30]
