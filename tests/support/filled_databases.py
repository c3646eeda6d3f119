"""Databases that hold what an installation holds after some months, and what the planner makes of a store's query.

Rows are skewed as they are in life: most sessions have ended, most plans are applied, most events are reads of a few
people. Ids follow from numbers, so that a test can name a row.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.resources import files
from typing import Any
from uuid import UUID

import asyncpg

import app.audit.store
import app.gateway.store
from app.infra.migrations import migrate
from app.infra.postgres.query import Query
from slo.targets.postgresql import RANDOM_PAGE_COST, WORK_MEM
from tests.support.postgres_server import PostgresServer

LARGE_ROWS = 5_000  # a table of so many rows is not read whole by any query that people wait for

_GATEWAY = """
INSERT INTO users (user_id, name, email, display_name, role, password_hash)
SELECT ('00000000-0000-0000-0001-' || lpad(i::text, 12, '0'))::uuid, 'person-' || i, 'Person-' || i || '@example.org',
    'Person ' || i, 'operator', 'x' FROM generate_series(1, 10000) i;
INSERT INTO sign_in_sessions (token_hash, user_id, kind, created_at, expires_at, revoked_at, cache_cleared)
SELECT decode(md5(i::text), 'hex'), ('00000000-0000-0000-0001-' || lpad((i % 10000 + 1)::text, 12, '0'))::uuid, 'browser',
    now() - interval '7 days' + i * interval '15 seconds', now() - interval '6 days' + i * interval '15 seconds',
    CASE WHEN i % 3 = 0 THEN now() - interval '6 days' + i * interval '14 seconds' END, i < 39900
FROM generate_series(1, 40000) i;
INSERT INTO sign_in_failures (name, failures, locked_until)
SELECT 'tried-' || i, 1, now() - i * interval '4 seconds' FROM generate_series(1, 20000) i;
INSERT INTO chat_sessions (session_id, user_id, title, status, cluster, namespace, created_at, updated_at)
SELECT ('00000000-0000-0000-0002-' || lpad(i::text, 12, '0'))::uuid,
    ('00000000-0000-0000-0001-' || lpad((1 + i % 10000)::text, 12, '0'))::uuid, 'a conversation of some length ' || i,
    CASE WHEN i % 10 = 0 THEN 'active' WHEN i % 2 = 0 THEN 'deleted' ELSE 'archived' END, 'prod-eu', 'shop',
    now() - i * interval '5 minutes', now() - i * interval '5 minutes' FROM generate_series(1, 40000) i;
INSERT INTO messages (session_id, seq, turn, role, event)
SELECT ('00000000-0000-0000-0002-' || lpad((1 + i % 2000)::text, 12, '0'))::uuid, 1 + i / 2000, gen_random_uuid(),
    CASE WHEN i / 2000 % 2 = 0 THEN 'person' ELSE 'kubechat' END, '{"type": "text"}' FROM generate_series(0, 39999) i;
INSERT INTO plans (plan_id, session_id, turn, user_id, digest, risk, commands, steps, state, request_id, trace_id,
    expires_at, deadline, owner)
SELECT ('00000000-0000-0000-0003-' || lpad(i::text, 12, '0'))::uuid,
    ('00000000-0000-0000-0002-' || lpad((1 + i % 40000)::text, 12, '0'))::uuid, gen_random_uuid(),
    ('00000000-0000-0000-0001-' || lpad((1 + i % 10000)::text, 12, '0'))::uuid, md5(i::text), 'change',
    '{kubectl scale deployment/web --replicas=5}', '[]', CASE WHEN i % 1000 = 0 THEN 'confirmed' WHEN i % 100 = 1
    THEN 'previewed' WHEN i % 5 = 0 THEN 'expired' ELSE 'applied' END, 'r', 't', now() - i * interval '1 minute' + interval
    '10 minutes', now() - i * interval '1 minute', 'gateway-1/x' FROM generate_series(1, 30000) i;
INSERT INTO plan_steps (plan_id, step, intent_id, state)
SELECT plan_id, 0, gen_random_uuid(), 'applied' FROM plans;
INSERT INTO audit_outbox (event_id, event, created_at)
SELECT ('00000000-0000-0000-0004-' || lpad(i::text, 12, '0'))::uuid, jsonb_build_object('command', repeat('x', 300)),
    now() - i * interval '1 second' FROM generate_series(1, 20000) i;
INSERT INTO alerts (fingerprint, starts_at, state, labels, annotations, changed_at)
SELECT md5(i::text), now() - i * interval '20 minutes', CASE WHEN i % 2000 = 1 THEN 'firing' ELSE 'resolved' END,
    jsonb_build_object('alertname', 'ServiceDown'), jsonb_build_object('summary', repeat('x', 200)),
    now() - i * interval '20 minutes' FROM generate_series(1, 20000) i;
INSERT INTO availability_days (slo, day, events, bad_events, unanswered_seconds, recorded_at)
SELECT 'gateway-availability', current_date - i, 1, 0, 0, now() FROM generate_series(0, 399) i;
INSERT INTO model_tokens (user_id, day, prompt_tokens, completion_tokens)
SELECT ('00000000-0000-0000-0001-' || lpad((1 + i % 500)::text, 12, '0'))::uuid, current_date - i / 500, 1000, 100
    FROM generate_series(0, 19999) i;
INSERT INTO maintenances (maintenance_id, starts_at, ends_at, reason, declared_by, declared_by_name)
SELECT gen_random_uuid(), now() - i * interval '1 day', now() - i * interval '1 day' + interval '1 hour', 'disks',
    '00000000-0000-0000-0001-000000000001', 'person-1' FROM generate_series(1, 200) i;
"""
_AUDIT = """
INSERT INTO audit_events (event_id, timestamp, kind, user_id, user_name, request_id, trace_id, cluster, namespace, verb,
    resource, name, command, intent_id, outcome, detail)
SELECT ('00000000-0000-0000-0005-' || lpad(i::text, 12, '0'))::uuid, now() - i * interval '30 seconds',
    CASE WHEN i % 20 = 0 THEN 'intent' WHEN i % 50 = 1 THEN 'sign_in' ELSE 'read' END,
    ('00000000-0000-0000-0001-' || lpad(person::text, 12, '0'))::uuid, 'person-' || person, 'r', 't',
    CASE WHEN i % 10 = 0 THEN 'prod-us' ELSE 'prod-eu' END, 'namespace-' || (1 + i % 40), 'get', 'pods', 'web',
    'kubectl get pods -n namespace-' || (1 + i % 40), CASE WHEN i % 20 = 0 THEN gen_random_uuid() END, NULL, '{}'
FROM generate_series(1, 40000) i, LATERAL (SELECT CASE WHEN i % 4 = 0 THEN 1 + i % 500 ELSE 1 + i % 3 END) AS p (person);
INSERT INTO intents (intent_id, plan_id, step, digest, deadline, event_id, outcome, closed_at)
SELECT ('00000000-0000-0000-0006-' || lpad(i::text, 12, '0'))::uuid, gen_random_uuid(), 0, md5(i::text),
    now() - i * interval '1 minute', gen_random_uuid(), CASE WHEN i % 3000 <> 0 THEN 'applied' END,
    CASE WHEN i % 3000 <> 0 THEN now() END FROM generate_series(1, 30000) i;
"""
_MADE: dict[tuple[int, str], str] = {}
_KINDS = {"gateway": ("app.gateway.store", _GATEWAY), "audit": ("app.audit", _AUDIT)}


def person(number: int) -> UUID:
    """The id of a person, from 1."""
    return UUID(f"00000000-0000-0000-0001-{number:012}")


def chat_session(number: int) -> UUID:
    """The id of a chat session, from 1."""
    return UUID(f"00000000-0000-0000-0002-{number:012}")


def store_queries() -> Iterator[tuple[str, Query]]:
    """Every query of the gateway's and the audit service's stores, with the kind of database it is for."""
    folder = app.gateway.store
    for found in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}."):
        module = import_module(found.name)
        yield from (("gateway", value) for value in vars(module).values() if isinstance(value, Query))
    yield from (("audit", value) for value in vars(app.audit.store).values() if isinstance(value, Query))


async def filled(postgres: PostgresServer, kind: str) -> str:
    """The name of a database of this kind (gateway, audit), migrated and filled; made once for each server."""
    key = (postgres.port, kind)
    if key not in _MADE:
        package, rows = _KINDS[kind]
        name = postgres.new_database()
        await migrate(postgres.url(name), files(package) / "migrations")
        postgres.psql(name, f"SET session_replication_role = replica; {rows}")  # the rows' references are right
        postgres.psql(name, "VACUUM ANALYZE")
        _MADE[key] = name
    return _MADE[key]


class Planner:
    """What the planner of one filled database makes of queries, with the settings that the local stack gives it."""

    def __init__(self, connection: asyncpg.Connection, large: frozenset[str]) -> None:
        self._connection = connection
        self.large = large

    async def plan(self, query: Query, *args: Any) -> dict[str, Any]:
        """The plan of a query with these arguments."""
        explained = await self._connection.fetchval(f"EXPLAIN (FORMAT JSON) {query.sql}", *args)
        found: dict[str, Any] = json.loads(explained)[0]["Plan"]
        return found

    async def indexes(self, query: Query, *args: Any) -> set[str]:
        """The indexes that a query uses."""
        return {node["Index Name"] for node in nodes(await self.plan(query, *args)) if "Index Name" in node}

    async def index(self, name: str) -> tuple[str, bool, list[str], str | None]:
        """An index: its method, whether it is unique, its columns, and its condition."""
        row = await self._connection.fetchrow(
            """SELECT amname, indisunique, pg_get_expr(indpred, indrelid) AS condition,
                array(SELECT attname::text FROM pg_attribute WHERE attrelid = indexrelid ORDER BY attnum) AS columns
            FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
            WHERE relname = $1""",
            name,
        )
        assert row is not None, f"there is no index {name}"
        return row["amname"], row["indisunique"], row["columns"], row["condition"]

    async def read_whole(self, query: Query, *args: Any) -> set[str]:
        """The large tables that a query reads from end to end."""
        found = nodes(await self.plan(query, *args))
        return {node["Relation Name"] for node in found if node["Node Type"] == "Seq Scan"} & self.large


@asynccontextmanager
async def planner(postgres: PostgresServer, database: str) -> AsyncIterator[Planner]:
    """Asks one database's planner."""
    settings = {
        "random_page_cost": str(RANDOM_PAGE_COST.figure.number),
        "work_mem": f"{WORK_MEM.figure.whole // 1024}kB",
        "enable_seqscan": "on",
    }
    connection = await asyncpg.connect(postgres.url(database), server_settings=settings)
    try:
        rows = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND reltuples >= $1",
            LARGE_ROWS,
        )
        yield Planner(connection, frozenset(row["relname"] for row in rows))
    finally:
        await connection.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's nodes, itself first."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)
