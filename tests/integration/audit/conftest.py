"""The audit service as its own process, in front of the tests' own PostgreSQL and PgBouncer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.audit_process import AuditProcess
from tests.support.postgres_server import PostgresServer


@pytest.fixture
def audit(postgres: PostgresServer, tmp_path: Path) -> Iterator[AuditProcess]:
    process = AuditProcess(postgres, postgres.new_database(), tmp_path)
    process.start()
    yield process
    process.end()
