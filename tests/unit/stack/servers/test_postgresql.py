from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stack.errors import StackError
from app.stack.servers import postgresql
from app.stack.servers.postgresql import PostgresSettings, Primary
from slo import server_settings

GIB = 2**30


def settings(memory_bytes: int = 2 * GIB, primary: Primary | None = None) -> PostgresSettings:
    return PostgresSettings(
        port=18120, memory_bytes=memory_bytes, hba_file="/s/pg_hba.conf", name="kubechat primary", primary=primary
    )


def parsed(text: str) -> dict[str, str]:
    return dict(re.findall(r"^(\w+) = '(.*)'$", text, re.MULTILINE))


def test_the_document_s_tuning_is_generated_from_the_catalogue() -> None:
    found = parsed(postgresql.text(settings()))
    assert {name: found[name] for name in DOCUMENT} == DOCUMENT


# The document's words, so that a change of the catalogue that moves away from them is seen here.
DOCUMENT = {
    "shared_buffers": "512MB",
    "effective_cache_size": "1536MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "checkpoint_completion_target": "0.9",
    "wal_buffers": "16MB",
    "checkpoint_timeout": "300s",
    "effective_io_concurrency": "200",
    "random_page_cost": "1.1",
    "seq_page_cost": "1.0",
    "max_connections": "200",
    "autovacuum": "on",
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
    "autovacuum_vacuum_cost_limit": "2000",
    "shared_preload_libraries": "pg_stat_statements",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "data_sync_retry": "off",
    "listen_addresses": "127.0.0.1",
}


@given(st.integers(min_value=128 * 2**20, max_value=512 * GIB))
def test_a_size_is_refused_exactly_when_buffers_and_sorts_exceed_three_quarters_of_it(memory_bytes: int) -> None:
    fits = memory_bytes / 4 + server_settings.active_connections() * 16 * 2**20 <= memory_bytes * 0.75
    if fits:
        postgresql.text(settings(memory_bytes))
    else:
        with pytest.raises(StackError, match="needs at least"):
            postgresql.text(settings(memory_bytes))


def test_the_least_size_that_a_refusal_names_is_accepted() -> None:
    with pytest.raises(StackError) as refused:
        postgresql.require_room(GIB)
    named = re.search(r"at least (\d+) MiB", refused.value.message)
    assert named is not None
    postgresql.require_room(int(named[1]) * 2**20)


def test_a_replica_streams_by_its_own_slot_and_reads_its_password_from_a_file() -> None:
    found = parsed(postgresql.text(settings(primary=Primary(18120, "kubechat_replica_1", "/s/passfile"))))
    assert found["primary_slot_name"] == "kubechat_replica_1"
    assert "passfile=''/s/passfile''" in found["primary_conninfo"]
    assert "password=" not in found["primary_conninfo"]


def test_a_path_with_a_quote_cannot_end_its_setting() -> None:
    text = postgresql.text(PostgresSettings(1, 2 * GIB, "/it's", "n", None))
    assert "hba_file = '/it''s'\n" in text


def test_every_way_in_is_loopback_with_a_password_and_no_service_reaches_the_other_s_database() -> None:
    rows = [line.split() for line in postgresql.access_text().splitlines() if not line.startswith("#")]
    assert {(row[0], row[3], row[4]) for row in rows} == {("host", "127.0.0.1/32", "scram-sha-256")}
    assert [row[1] for row in rows if row[2] == "kubechat_gateway"] == ["kubechat"]
    assert [row[1] for row in rows if row[2] == "kubechat_audit"] == ["kubechat_audit"]
    assert [row[1] for row in rows if row[2] == "kubechat_maintenance"] == ["kubechat"]
    assert [row[1] for row in rows if row[2] == "kubechat_audit_maintenance"] == ["kubechat_audit"]


def test_a_password_with_a_colon_stays_one_field_of_the_password_file() -> None:
    assert postgresql.passfile_text(5432, "a:b\\c") == "127.0.0.1:5432:*:kubechat_replication:a\\:b\\\\c\n"
