"""A model's answers through the service's public port, from an endpoint that speaks the real protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from app.infra.lifecycle import Process
from app.nlp.main import create_process
from app.nlp.settings import NlpSettings
from tests.language.evaluation import sent_vocabulary
from tests.support.model_server import MODEL, ModelServer, proposes, reads, says

TOKEN = "between-services"
SIGNED = {"authorization": f"Bearer {TOKEN}", "x-request-id": "req-1"}
OPEN = "make cart faster"


class Nlp:
    """The service, with an endpoint behind it."""

    def __init__(self, process: Process, http: httpx2.AsyncClient) -> None:
        self.process, self.http = process, http

    def value(self, metric: Any, suffix: str = "", **labels: str) -> float:
        return self.process.runtime.instruments.value(metric, suffix, **labels)

    async def answer(self, text: str = OPEN, **more: Any) -> list[dict[str, Any]]:
        body = {
            "text": text,
            "context": {"cluster": "prod-eu", "namespace": "shop"},
            "vocabulary": sent_vocabulary(),
            "scope": "proposals",
            **more,
        }
        reply = await self.http.post("/v1/answer", content=orjson.dumps(body), headers=SIGNED)
        if reply.status_code != 200:
            return [{"event": "status", "status": reply.status_code, **reply.json()["error"]}]
        return [orjson.loads(line) for line in reply.text.splitlines()]


@asynccontextmanager
async def service(tmp_path: Path, **settings: Any) -> AsyncIterator[Nlp]:
    (tmp_path / "token").write_text(TOKEN)
    process = create_process(NlpSettings(service_token_file=tmp_path / "token", **settings))
    transport = httpx2.ASGITransport(app=process.public)  # type: ignore[arg-type]
    async with process.lifespan(), httpx2.AsyncClient(transport=transport, base_url="http://nlp", timeout=30) as http:
        yield Nlp(process, http)
    process.runtime.workers.close()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as made:
        yield made


@pytest.fixture
async def nlp(tmp_path: Path, server: ModelServer) -> AsyncIterator[Nlp]:
    async with service(tmp_path, model_url=server.url, model_name=MODEL, model_timeout_s=5) as made:
        yield made


async def test_words_are_streamed_as_they_come_and_end_as_an_answer(nlp: Nlp, server: ModelServer) -> None:
    server.will(says("Cart is ", "busy."))
    begun, *deltas, usage, plan = await nlp.answer()
    assert begun["name"] == MODEL
    assert [delta["text"] for delta in deltas] == ["Cart is ", "busy."]
    assert usage == {"event": "usage", "prompt": 120, "completion": 30, "estimated": False}
    assert (plan["behaviour"], plan["say"], plan["backend"]) == ("answer", "Cart is busy.", "model")


async def test_a_read_is_handed_out_as_a_checked_line_and_its_result_goes_back(nlp: Nlp, server: ModelServer) -> None:
    server.will(reads("kubectl -n shop get pods"), says("Three pods."))
    calls = (await nlp.answer())[-1]
    assert [call["command"] for call in calls["calls"]] == ["kubectl get pods -n shop"]
    step = {"said": calls["said"], "calls": [{**call, "result": "NAME\nweb-1"} for call in calls["calls"]]}
    plan = (await nlp.answer(steps=[step]))[-1]
    assert plan["say"] == "Three pods."
    called, result = server.requests[-1]["messages"][-2:]
    assert called["tool_calls"][0]["function"]["name"] == "read"
    assert result == {
        "role": "tool",
        "tool_call_id": called["tool_calls"][0]["id"],
        "content": "<data>\nNAME\nweb-1\n</data>",
    }


async def test_a_proposal_ends_the_turn_with_its_lines(nlp: Nlp, server: ModelServer) -> None:
    server.will(proposes("kubectl scale deployment/cart --replicas=5 -n shop", explanation="More replicas."))
    plan = (await nlp.answer())[-1]
    assert plan["commands"] == ["kubectl scale deployment/cart --replicas=5 -n shop"]
    assert (plan["behaviour"], plan["say"]) == ("confirm", "More replicas.")
