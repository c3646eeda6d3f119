"""The audit service as its own process, in front of the tests' own PostgreSQL and PgBouncer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.audit_process import AuditProcess
from tests.support.postgres_server import PostgresServer
from tests.support.waiting import wait_for


@pytest.fixture(scope="package")
def one_audit(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditProcess]:
    process = AuditProcess(postgres, postgres.new_database(), tmp_path_factory.mktemp("audit"))
    yield process
    process.end()
    process.http.close()


@pytest.fixture
def audit(one_audit: AuditProcess) -> AuditProcess:
    """A running service with a person of the test's own; started again where the last test ended it."""
    one_audit.new_person()
    if not one_audit.runs:
        one_audit.start()
    wait_for("the audit service to be ready", lambda: one_audit.readiness() == 200)
    return one_audit
