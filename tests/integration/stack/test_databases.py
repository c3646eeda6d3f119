"""The local stack's two databases: migrated at the start, looked after by their services, and by hand."""

from __future__ import annotations

import json

import pytest

from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack

BOTH = {"kubechat", "kubechat_audit"}


@pytest.mark.full
def test_both_databases_are_migrated_and_their_indexes_are_rebuilt_by_hand(stack: LocalStack) -> None:
    found = json.loads(stack.command("migrate", "--check", "--json").stdout)
    assert {each["database"] for each in found} == BOTH
    assert all(each["applied"] and not each["pending"] for each in found)
    stack.command("reindex", within_s=120)
    shown = json.loads(stack.command("reindex", "--status", "--json").stdout)
    assert {each["database"]: each["runs"][0]["outcome"] for each in shown} == dict.fromkeys(BOTH, "ok")


def test_prometheus_knows_every_databases_tables_and_when_its_indexes_were_rebuilt(stack: LocalStack) -> None:
    def databases(series: str) -> set[str]:
        return {sample["metric"]["database"] for sample in stack.prometheus(series)}

    for series in (
        "kubechat_postgresql_table_live_rows",
        "kubechat_postgresql_table_dead_rows",
        "kubechat_index_rebuild_last_success_timestamp_seconds",
    ):
        wait_for(f"{series} of both databases", lambda series=series: databases(series) == BOTH)  # type: ignore[misc]
    tables = {sample["metric"]["table"] for sample in stack.prometheus("kubechat_postgresql_table_live_rows")}
    assert tables >= {"chat_sessions", "messages", "audit_events"}
