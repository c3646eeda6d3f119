"""The demo clusters without a process or a socket: their server in this test, on a clock that the test steps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.demo.access.identity import AUTHENTICATED, Tokens, User
from app.demo.api.server import Server
from app.demo.clock import SteppedClock
from app.demo.cluster import Cluster, run_for
from app.demo.ledger import Ledger
from app.demo.world import make_cluster

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
JSON = "application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"

ADMIN = "token-of-an-admin"
GATEWAY = "token-of-the-gateway"
VIEWER = "token-of-a-viewer"
OPERATOR = "token-of-an-operator"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def message(self) -> str:
        return str(self.json["message"])


@dataclass
class DemoApi:
    """One cluster behind its API."""

    clock: SteppedClock = field(default_factory=lambda: SteppedClock(NOON))
    name: str = "prod-eu"

    def __post_init__(self) -> None:
        self.cluster: Cluster = self.make()
        self.ledger = Ledger(None)
        users = {
            ADMIN: User("ada", ("system:masters", AUTHENTICATED)),
            GATEWAY: User("kubechat-gateway", ("kubechat:gateway", AUTHENTICATED)),
            VIEWER: User("vera", ("kubechat:viewers", AUTHENTICATED)),
            OPERATOR: User("otto", ("kubechat:operators", AUTHENTICATED)),
        }
        self.server = Server({self.name: self.cluster}, Tokens(users), self.ledger)
        self.aborted = 0

    def make(self) -> Cluster:
        """The cluster with its contents."""
        return make_cluster(self.name, self.clock)

    def step(self, seconds: float) -> None:
        """Let the cluster's time pass."""
        run_for(self.cluster, self.clock, seconds)

    def pods(self, app: str, namespace: str = "shop") -> list[dict[str, Any]]:
        found = self.cluster.store.all("pods", namespace)
        return [pod for pod in found if pod["metadata"].get("labels", {}).get("app") == app]

    def states(self, app: str, namespace: str = "shop") -> list[str]:
        """The STATUS column of a workload's pods."""
        from app.demo.tables.pods import pod_row

        return sorted(pod_row(pod, self.clock.now())[2] for pod in self.pods(app, namespace))

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = ADMIN,
        accept: str = JSON,
        content_type: str = JSON,
        headers: list[tuple[str, str]] | None = None,
        prefix: bool = True,
    ) -> Reply:
        """One complete exchange; a dropped connection has status 0."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        scope = self._scope(method, path, token, accept, content_type if content else "", headers, prefix=prefix)
        sent: list[Any] = []
        waiting = [{"type": "http.request", "body": content, "more_body": False}]

        async def receive() -> Any:
            if waiting:
                return waiting.pop()
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Any) -> None:
            sent.append(message)

        await self.server(scope, receive, send)
        if not sent:
            return Reply(0, {}, b"")
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Reply(sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:]))

    @asynccontextmanager
    async def watch(self, path: str, *, token: str = ADMIN, accept: str = JSON) -> AsyncIterator[Watch]:
        """An open stream, closed at the end."""
        watch = Watch()
        scope = self._scope("GET", path, token, accept, "", None, prefix=True)
        first = True

        async def receive() -> Any:
            nonlocal first
            if first:
                first = False
                return {"type": "http.request", "body": b"", "more_body": False}
            await watch.closed.wait()
            return {"type": "http.disconnect"}

        task = asyncio.create_task(self.server(scope, receive, watch.take))
        try:
            yield watch
        finally:
            watch.closed.set()
            await task

    def _scope(
        self,
        method: str,
        path: str,
        token: str,
        accept: str,
        content_type: str,
        headers: list[tuple[str, str]] | None,
        *,
        prefix: bool,
    ) -> dict[str, Any]:
        def abort() -> None:
            self.aborted += 1

        route, _, query = path.partition("?")
        listed = [("accept", accept), ("user-agent", "test/1"), *(headers or [])]
        if token:
            listed.append(("authorization", f"Bearer {token}"))
        if content_type:
            listed.append(("content-type", content_type))
        return {
            "type": "http",
            "method": method,
            "path": f"/clusters/{self.name}{route}" if prefix else route,
            "query_string": query.encode(),
            "headers": [(key.encode(), value.encode()) for key, value in listed],
            "kubechat.abort": abort,
        }


class Watch:
    """The lines of a stream as they come."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.closed = asyncio.Event()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self.status = 0
        self.headers: dict[str, str] = {}

    async def take(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self.opened.set()
            return
        for line in message.get("body", b"").decode().splitlines():
            self._lines.put_nowait(line)
        if not message.get("more_body"):
            self._lines.put_nowait(None)

    async def line(self) -> str:
        """The next line; the test fails if none comes."""
        async with asyncio.timeout(10):
            found = await self._lines.get()
        assert found is not None, "the stream ended"
        return found

    async def event(self) -> tuple[str, Any]:
        """The next watch event: its type and its object."""
        found = json.loads(await self.line())
        return found["type"], found["object"]

    async def ended(self) -> bool:
        """Whether the stream ends now."""
        async with asyncio.timeout(10):
            return await self._lines.get() is None
