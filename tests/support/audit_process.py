"""The audit service as a process of its own, and a caller of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from app.infra.ids import new_id
from tests.support.ports import free_ports
from tests.support.postgres_server import PostgresServer
from tests.support.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "service-token-of-the-tests"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class AuditProcess:
    """One replica; `start` returns once it is ready."""

    def __init__(self, postgres: PostgresServer, database: str, home: Path) -> None:
        self.postgres = postgres
        self.database = database
        self._token_file = home / "token"
        self._token_file.write_text(TOKEN)
        self._log = home / "audit.log"
        self.port, self.private_port = free_ports(2)
        self.process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self.port}"
        self.person = ""
        self.new_person()
        self.http = httpx2.Client(
            base_url=self.url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=20, trust_env=False
        )

    def new_person(self) -> None:
        """From here on `event` makes another person's events, and `rows` counts those."""
        self.person = str(new_id())

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, *, ready: bool = True, **settings: str) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "KUBECHAT_PORT": str(self.port),
            "KUBECHAT_PRIVATE_PORT": str(self.private_port),
            "KUBECHAT_INSTANCE": "audit-test",
            "KUBECHAT_SERVICE_TOKEN_FILE": str(self._token_file),
            "KUBECHAT_POSTGRES_URL": self.postgres.pooled_url(self.database),
            "KUBECHAT_POSTGRES_DIRECT_URL": self.postgres.url(self.database),
            **settings,
        }
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.audit.main"], env=environment, cwd=ROOT, stdout=log, stderr=log
            )
        wait_for("the audit service to be ready", lambda: self.readiness() in ({200} if ready else {200, 503}))

    def readiness(self) -> int:
        """The status of /readyz, 0 when nothing answers; fails when the process ended by itself."""
        assert self.process is not None
        assert self.process.poll() is None, self.log
        try:
            return httpx2.get(f"http://127.0.0.1:{self.private_port}/readyz", timeout=5, trust_env=False).status_code
        except httpx2.HTTPError:
            return 0

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def end(self) -> int:
        """SIGTERM; returns the exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    @property
    def log(self) -> str:
        return self._log.read_text()

    def metric(self, line: str) -> float:
        """The value of a series of /metrics, 0.0 when it is not there."""
        text = httpx2.get(f"http://127.0.0.1:{self.private_port}/metrics", timeout=5, trust_env=False).text
        for found in text.splitlines():
            name, _, value = found.rpartition(" ")
            if name == line:
                return float(value)
        return 0.0

    def record(self, *events: dict[str, Any], **headers: str) -> httpx2.Response:
        return self.http.post("/v1/events", json={"events": list(events)}, headers=headers)

    def search(self, **filters: Any) -> dict[str, Any]:
        """A page of this person's events, unless the filters say otherwise."""
        filters = {"user": self.person, **filters}
        reply = self.http.get("/v1/events", params={name: str(value) for name, value in filters.items()})
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def rows(self) -> int:
        return int(self.sql(f"SELECT count(*) FROM audit_events WHERE user_id = '{self.person}'"))

    def sql(self, statement: str, user: str = "postgres") -> str:
        return self.postgres.psql(self.database, statement, user=user)

    def event(self, **changes: Any) -> dict[str, Any]:
        """An event of this test's person."""
        return event(**{"user_id": self.person, **changes})

    def intent(self, **changes: Any) -> dict[str, Any]:
        """An intent of this test's person."""
        made = intent(**changes)
        return {**made, "event": {**made["event"], "user_id": self.person}}


def event(**changes: Any) -> dict[str, Any]:
    """An event as the gateway makes them."""
    return {
        "event_id": str(new_id()),
        "timestamp": NOON.isoformat(timespec="microseconds"),
        "kind": "read",
        "user_id": str(new_id()),
        "user_name": "admin",
        "session_id": str(uuid4()),
        "request_id": "request-1",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "cluster": "prod-eu",
        "namespace": "shop",
        "verb": "get",
        "resource": "pods",
        "name": "",
        "command": "kubectl get pods -n shop",
        "intent_id": None,
        "plan_digest": None,
        "outcome": "ok",
        "detail": {"rows": 11},
        **changes,
    }


def intent(**changes: Any) -> dict[str, Any]:
    """An intent with its event, as the gateway makes them."""
    intent_id = changes.pop("intent_id", str(new_id()))
    return {
        "intent_id": intent_id,
        "plan_id": str(new_id()),
        "step": 0,
        "digest": "d" * 64,
        "deadline": (NOON + timedelta(minutes=1)).isoformat(),
        "event": event(kind="intent", verb="scale", intent_id=intent_id, outcome=None),
        **changes,
    }
