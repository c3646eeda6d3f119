"""How load is spread: health checks, and which database server the services write to, through which pool."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from app.audit.main import create_process as create_audit
from app.audit.settings import AuditSettings
from app.audit.store import AuditStore
from app.errors import UnavailableError
from app.gateway.main import create_process as create_gateway
from app.gateway.settings import GatewaySettings
from app.gateway.store.alerts import Alerts
from app.gateway.store.chats import Chats
from app.infra.ids import new_id
from app.infra.lifecycle import Process, Runtime
from app.infra.postgres.database import Database
from app.infra.postgres.query import Query
from app.infra.private import private_app
from app.infra.settings import ProcessSettings
from tests.unit.audit.test_batches import event
from tests.unit.stack.test_plan import planned

PRIMARY_URL = "postgresql://service@127.0.0.1:18130/primary"


def test_a_replica_says_by_http_whether_it_lives_and_whether_it_is_ready() -> None:
    runtime = Runtime("gateway", ProcessSettings())

    async def away() -> None:
        raise UnavailableError("away")

    with TestClient(private_app(runtime)) as http:
        assert [http.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
        runtime.health.register("postgres", away)
        assert [http.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 503]
    runtime.tracing.close()
    runtime.workers.close()


async def test_the_stores_write_to_the_primary_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[str, str]] = []
    stores: dict[type, Any] = {}

    class Noted(Database):
        """A database that only notes what it is asked."""

        async def execute(self, query: Query, *_: object) -> int:
            written.append((query.name, self._url))
            return 1

        async def fetch(self, query: Query, *_: object) -> list[Any]:
            written.append((query.name, self._url))
            return []

        async def fetchrow(self, query: Query, *_: object) -> None:
            written.append((query.name, self._url))

        @asynccontextmanager
        async def transaction(self, **_: object) -> AsyncIterator[Self]:  # type: ignore[override]
            yield self

    def kept(store: type) -> Any:
        def make(database: Database, *reads: Any) -> Any:
            stores[store] = store(database, *reads)
            return stores[store]

        return make

    for module, store in (("gateway", Chats), ("gateway", Alerts), ("audit", AuditStore)):
        monkeypatch.setattr(f"app.{module}.main.Database", Noted)
        monkeypatch.setattr(f"app.{module}.main.{store.__name__}", kept(store))
    monkeypatch.setenv("KUBECHAT_POSTGRES_REPLICA_URLS", f"{PRIMARY_URL}_replica_1")
    for process in processes(tmp_path):
        process.runtime.tracing.close()
        process.runtime.workers.close()
    await stores[Chats].rename(new_id(), new_id(), "A conversation")
    await stores[Alerts].upsert("f", datetime.now(UTC), "firing", None, {}, {})
    await stores[AuditStore].add([event()], [])
    assert {"chats.rename", "alerts.upsert", "audit.add_events"} <= {name for name, _ in written}
    assert {url for _, url in written} == {PRIMARY_URL}


def processes(folder: Path) -> list[Process]:
    """The processes that write to PostgreSQL, as their composition roots make them."""
    token = folder / "token"
    token.write_text("token")
    gateway = GatewaySettings(
        postgres_url=PRIMARY_URL,
        audit_urls="http://127.0.0.1:1",
        nlp_urls="http://127.0.0.1:2",
        kubeconfig=folder / "config",
        service_token_file=token,
        webhook_token_file=token,
    )
    return [create_gateway(gateway), create_audit(AuditSettings(postgres_url=PRIMARY_URL, service_token_file=token))]


def test_each_service_has_a_connection_pool_of_its_own(tmp_path: Path) -> None:
    # PgBouncer keeps a pool for each pair of a database and a user.
    pools: dict[str, set[tuple[str, str | None]]] = {}
    for name, service in planned(tmp_path).items():
        if url := service.env.get("KUBECHAT_POSTGRES_URL"):
            parts = urlsplit(url)
            pools.setdefault(name.partition("-")[0], set()).add((parts.path, parts.username))
    assert pools.keys() == {"gateway", "audit"}
    assert all(len(pool) == 1 for pool in pools.values())
    assert not pools["gateway"] & pools["audit"]
