"""The language service in the tests' own process, with a language model's endpoint behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import orjson

from app.infra.lifecycle import Process
from app.nlp.main import create_process
from app.nlp.settings import NlpSettings
from tests.language.evaluation import sent_vocabulary

TOKEN = "between-services"
SIGNED = {"authorization": f"Bearer {TOKEN}", "x-request-id": "req-1"}
OPEN = "make cart faster"


class Nlp:
    """The service, with an endpoint behind it."""

    def __init__(self, process: Process, http: httpx2.AsyncClient) -> None:
        self.process, self.http = process, http

    def value(self, metric: Any, suffix: str = "", **labels: str) -> float:
        return self.process.runtime.instruments.value(metric, suffix, **labels)

    async def answer(self, text: str = OPEN, deadline_ms: int = 20_000, **more: Any) -> list[dict[str, Any]]:
        body = {
            "text": text,
            "context": {"cluster": "prod-eu", "namespace": "shop"},
            "vocabulary": sent_vocabulary(),
            "scope": "proposals",
            **more,
        }
        headers = {**SIGNED, "x-deadline-ms": str(deadline_ms)}
        reply = await self.http.post("/v1/answer", content=orjson.dumps(body), headers=headers)
        if reply.status_code != 200:
            return [{"event": "status", "status": reply.status_code, **reply.json()["error"]}]
        return [orjson.loads(line) for line in reply.text.splitlines()]

    async def warm(self, *names: dict[str, Any]) -> bool:
        """Whether it was given names; with some, give them first."""
        content = orjson.dumps({"names": names})
        method, content = ("POST", content) if names else ("GET", b"")
        reply = await self.http.request(method, "/v1/warm", content=content, headers=SIGNED)
        assert reply.status_code == 200, reply.text
        return bool(reply.json()["warmed"])

    async def plan(self, text: str) -> dict[str, Any]:
        body = {
            "text": text,
            "context": {"cluster": "prod-eu", "namespace": "shop"},
            "vocabulary": sent_vocabulary(),
        }
        reply = await self.http.post("/v1/plan", content=orjson.dumps(body), headers=SIGNED)
        return dict(orjson.loads(reply.text.splitlines()[-1]))


@asynccontextmanager
async def service(tmp_path: Path, **settings: Any) -> AsyncIterator[Nlp]:
    (tmp_path / "token").write_text(TOKEN)
    process = create_process(NlpSettings(service_token_file=tmp_path / "token", **settings))
    transport = httpx2.ASGITransport(app=process.public)  # type: ignore[arg-type]
    async with process.lifespan(), httpx2.AsyncClient(transport=transport, base_url="http://nlp", timeout=30) as http:
        yield Nlp(process, http)
    process.runtime.workers.close()
