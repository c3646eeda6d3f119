"""What the migrations say of each table to autovacuum and to the planner is what the catalogue promises."""

from __future__ import annotations

import pytest

from slo.targets.postgresql import AUTO_VACUUM
from tests.support.filled_databases import filled
from tests.support.postgres_server import PostgresServer

BUSY = {
    "gateway": {"chat_sessions", "messages", "plans", "plan_steps", "sign_in_sessions", "audit_outbox"},
    "audit": {"audit_events", "intents"},
}
ONLY_ADDED_TO = {"messages", "audit_events"}
SKEWED = {
    "gateway": {"chat_sessions.user_id", "chat_sessions.status", "plans.state", "alerts.state"},
    "audit": {f"audit_events.{name}" for name in ("user_id", "user_name", "cluster", "namespace", "kind", "verb")},
}
DEFAULT_STATISTICS = 100


@pytest.mark.parametrize("kind", ["gateway", "audit"])
async def test_busy_tables_carry_the_catalogues_figures_for_autovacuum(postgres: PostgresServer, kind: str) -> None:
    options = postgres.psql(
        await filled(postgres, kind),
        "SELECT relname, unnest(reloptions) FROM pg_class WHERE relkind = 'r' AND reloptions IS NOT NULL",
    )
    found: dict[str, dict[str, float]] = {}
    for line in options.splitlines():
        table, _, option = line.partition("|")
        name, _, value = option.partition("=")
        found.setdefault(table, {})[name] = float(value)
    changed = AUTO_VACUUM.named("scale_factor").number
    both = {"autovacuum_vacuum_scale_factor": changed, "autovacuum_analyze_scale_factor": changed}
    added = {"autovacuum_vacuum_insert_scale_factor": AUTO_VACUUM.named("insert_scale_factor").number}
    assert found == {table: both | (added if table in ONLY_ADDED_TO else {}) for table in BUSY[kind]}


@pytest.mark.parametrize("kind", ["gateway", "audit"])
async def test_the_planner_knows_more_values_of_the_columns_that_are_skewed(
    postgres: PostgresServer, kind: str
) -> None:
    rows = postgres.psql(
        await filled(postgres, kind),
        "SELECT attrelid::regclass || '.' || attname, attstattarget FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
        " WHERE c.relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND attstattarget > 0",
    )
    targets = dict(line.split("|") for line in rows.splitlines())
    assert targets.keys() == SKEWED[kind]
    assert all(int(target) > DEFAULT_STATISTICS for target in targets.values())


async def test_a_rare_person_among_the_events_is_known_as_rare(postgres: PostgresServer) -> None:
    known = postgres.psql(
        await filled(postgres, "audit"),
        "SELECT array_length(most_common_vals, 1) FROM pg_stats WHERE tablename = 'audit_events' AND attname = 'user_name'",
    )
    assert int(known) > DEFAULT_STATISTICS
