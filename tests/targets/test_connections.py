"""Connections to PostgreSQL are pooled, aged and bounded with the architecture document's figures."""

from __future__ import annotations

import configparser
import math
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from app.infra.postgres import driver
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


class FakeConnection:
    """Notes what it is asked, and how long that may take."""

    def __init__(self) -> None:
        self.opened_at, self.used_at, self.lifetime_s = driver.now(), driver.now(), math.inf
        self.statements = False
        self.timeouts: list[float] = []
        self.tried = 0
        self.ended = False

    async def set_type_codec(self, *_: Any, **__: Any) -> None:
        return

    async def rows(self, sql: str, args: Any, limit: int, timeout_s: float) -> list[Any]:
        self.timeouts.append(timeout_s)
        return []

    async def execute(self, sql: str) -> str:
        self.tried += 1
        return "SELECT 1"

    def is_closed(self) -> bool:
        return self.ended

    def is_clean(self) -> bool:
        return not self.ended

    def cut_if_due(self) -> bool:
        return False

    def terminate(self) -> None:
        self.ended = True


class Server:
    """Connections that were made, with what options, and the pool's clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.made: list[FakeConnection] = []
        self.options: dict[str, Any] = {}

    async def connect(self, url: str, **options: Any) -> FakeConnection:
        self.options = options
        self.made.append(FakeConnection())
        return self.made[-1]


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()

    async def carried(_: str) -> bool:
        return False

    monkeypatch.setattr(asyncpg, "connect", made.connect)
    monkeypatch.setattr(driver, "now", lambda: made.now)
    monkeypatch.setattr("app.infra.postgres.database.carries_statements", carried)
    return made


@pytest.fixture
def database(connected: Server) -> Iterator[Database]:
    tracing = Tracing("gateway", "test")
    yield Database("", name="test", size=1, application_name="test", instruments=Instruments(), tracing=tracing)
    tracing.close()


def test_connections_are_pooled_by_transaction() -> None:
    assert pooler("pool_mode") == "transaction"


def test_a_service_has_25_connections_to_a_server() -> None:
    assert pooler("default_pool_size") == "25"


def test_a_server_takes_200_connections() -> None:
    assert server("max_connections") == "200"


async def test_a_connection_that_nobody_used_for_ten_minutes_is_closed(database: Database, connected: Server) -> None:
    assert pooler("server_idle_timeout") == "600"
    await database.open()
    (connection,) = connected.made
    for connected.now, closed in ((599.9, False), (600.0, True)):
        database._pool._reap()
        assert connection.ended is closed


def test_a_connection_is_replaced_after_an_hour() -> None:
    assert pooler("server_lifetime") == "3600"


async def test_a_connection_that_idled_for_more_than_30_seconds_is_tried_first(
    database: Database, connected: Server
) -> None:
    assert pooler("server_check_delay") == "30"
    await database.open()
    (connection,) = connected.made
    for connected.now, tried in ((30.0, 0), (60.1, 1)):
        await database.fetch(Query("test.all", "SELECT 1"))
        assert connection.tried == tried


async def test_a_query_is_cancelled_after_30_seconds(database: Database, connected: Server) -> None:
    assert postgresql.statement_timeout_ms() == 30_000  # of the services' roles
    assert pooler("query_wait_timeout") == "30"
    await database.open()
    await database.fetch(Query("test.all", "SELECT 1"))
    assert connected.options["command_timeout"] == 30
    assert connected.made[0].timeouts == [30]
