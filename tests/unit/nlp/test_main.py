"""The service through its public port, without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from app.errors import InternalError
from app.infra.lifecycle import Process
from app.nlp.main import LARGEST_BODY_BYTES, create_process
from app.nlp.settings import NlpSettings
from app.telemetry import catalogue
from tests.language.evaluation import sent_vocabulary

TOKEN = "between-services"
SIGNED = {"authorization": f"Bearer {TOKEN}", "x-request-id": "req-1"}


@pytest.fixture
def process(tmp_path: Path) -> Process:
    (tmp_path / "token").write_text(TOKEN)
    return create_process(NlpSettings(service_token_file=tmp_path / "token"))


@pytest.fixture
async def client(process: Process) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=process.public)  # type: ignore[arg-type]
    async with process.lifespan(), httpx2.AsyncClient(transport=transport, base_url="http://nlp") as made:
        yield made
    process.runtime.workers.close()


def body(text: str, **more: Any) -> bytes:
    return orjson.dumps(
        {"text": text, "context": {"cluster": "prod-eu", "namespace": "shop"}, "vocabulary": sent_vocabulary(), **more}
    )


async def test_a_plan_is_streamed_as_a_reading_and_then_the_plan(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/plan", content=body("scale cart to 5"), headers=SIGNED)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    reading, plan = map(orjson.loads, answer.text.splitlines())
    assert reading == {"event": "reading", "text": "verb scale, name cart, number 5"}
    assert plan["event"] == "plan"
    assert plan["behaviour"] == "confirm"
    assert plan["commands"] == ["kubectl scale deployment/cart --replicas=5 -n shop"]
    assert plan["backend"] == "embedded"
    assert plan["reading"][0] == {"words": "scale", "part": "verb", "value": "scale"}


async def test_earlier_turns_and_a_view_travel_with_the_request(client: httpx2.AsyncClient) -> None:
    turns = [
        {"command": "kubectl get pods -n shop", "state": "done", "rows": ["orders-db-0"], "cells": {"NODE": "node-b"}}
    ]
    context = {"cluster": "prod-eu", "namespace": "shop", "turns": turns}
    answer = await client.post(
        "/v1/plan", content=body("how many pods are not running there", context=context), headers=SIGNED
    )
    plan = orjson.loads(answer.text.splitlines()[-1])
    assert plan["view"]["count"] is True
    assert plan["view"]["where"][0]["column"] == "STATUS"
    answer = await client.post("/v1/plan", content=body("describe it", context=context), headers=SIGNED)
    assert orjson.loads(answer.text.splitlines()[-1])["commands"] == ["kubectl describe pod/orders-db-0 -n shop"]


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}, {"authorization": "Bearer"}]
)
async def test_nobody_is_answered_without_the_service_token(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post("/v1/plan", content=body("pods"), headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "service_token"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"text": 5}',
        b'{"text": "pods", "context": []}',
        b'{"text": "pods", "vocabulary": {"objects": {"pods": 1}}}',
        b"\xff\xfe",
    ],
)
async def test_a_payload_that_cannot_be_read_is_422_with_one_sentence(
    client: httpx2.AsyncClient, content: bytes
) -> None:
    answer = await client.post("/v1/plan", content=content, headers=SIGNED)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "malformed_payload"
    assert error["request_id"] == "req-1"
    assert error["message"]


async def test_a_body_over_the_limit_is_413(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/plan", content=b"x" * (LARGEST_BODY_BYTES + 1), headers=SIGNED)
    assert answer.status_code == 413


async def test_a_hundred_kilobytes_of_text_are_answered_in_a_sentence(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/plan", content=body("delete " * 15_000), headers=SIGNED)
    plan = orjson.loads(answer.text.splitlines()[-1])
    assert plan["behaviour"] == "clarify"
    assert "characters" in plan["say"]


async def test_an_expired_request_is_504_and_counted(client: httpx2.AsyncClient, process: Process) -> None:
    answer = await client.post("/v1/plan", content=body("pods"), headers={**SIGNED, "x-deadline-ms": "0"})
    assert answer.status_code == 504
    assert answer.json()["error"]["code"] == "deadline_exceeded"
    assert process.runtime.instruments.value(catalogue.NLP_REFUSED, reason="expired") == 1


async def test_a_deadline_that_is_no_number_is_400(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/plan", content=body("pods"), headers={**SIGNED, "x-deadline-ms": "soon"})
    assert answer.status_code == 400


async def test_other_addresses_and_methods_get_the_usual_errors(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/metrics", headers=SIGNED)).status_code == 404
    assert (await client.get("/v1/plan", headers=SIGNED)).status_code == 405
    assert (await client.get("/metrics")).status_code == 401


async def test_an_empty_request_is_answered_so_that_the_service_can_be_probed(client: httpx2.AsyncClient) -> None:
    content = orjson.dumps({"text": "", "context": {}, "vocabulary": {"version": "", "clusters": []}})
    answer = await client.post("/v1/plan", content=content, headers=SIGNED)
    assert answer.status_code == 200


async def test_plans_are_counted_by_behaviour(client: httpx2.AsyncClient, process: Process) -> None:
    await client.post("/v1/plan", content=body("pods"), headers=SIGNED)
    await client.post("/v1/plan", content=body("tell me a joke"), headers=SIGNED)
    value = process.runtime.instruments.value
    assert value(catalogue.NLP_PLANS, behaviour="run", backend="embedded") == 1
    assert value(catalogue.NLP_PLANS, behaviour="refuse", backend="embedded") == 1
    assert value(catalogue.NLP_PROCESSING, "_count", backend="embedded") == 2


def test_it_does_not_start_without_the_service_token() -> None:
    with pytest.raises(InternalError):
        create_process(NlpSettings())
