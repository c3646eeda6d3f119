"""No callback of a service holds its event loop for 100 ms, with asyncio's debugging on, under the largest of requests.

What is measured is the processor time of each callback, so that a machine that is busy otherwise makes none look long.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import orjson
import pytest

from app.audit.main import create_process as create_audit
from app.audit.settings import AuditSettings
from app.domain.commands.reading.get import MOST_ROWS
from app.infra.lifecycle import Process
from app.nlp.main import create_process as create_nlp
from app.nlp.settings import NlpSettings
from app.telemetry import catalogue
from tests.language.evaluation import entries, sent_vocabulary
from tests.support.audit_process import AuditProcess
from tests.support.gateway_replica import gateway_house
from tests.support.postgres_server import PostgresServer
from tests.support.redis_nodes import RedisNodes

pytestmark = pytest.mark.full
LONGEST_S = 0.1
NAMES = 1_000


class Callbacks:
    """How long each callback of the running loop kept the processor."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.longest: tuple[float, str] = (0.0, "")
        self.number = 0
        run = asyncio.Handle._run

        def timed(handle: asyncio.Handle) -> None:
            began = time.thread_time()
            run(handle)
            took = time.thread_time() - began
            self.number += 1
            if took > self.longest[0]:
                self.longest = took, repr(handle)

        monkeypatch.setattr(asyncio.Handle, "_run", timed)
        asyncio.get_running_loop().set_debug(True)

    async def forget(self) -> None:
        """What comes from here on is measured: a start may load what it needs, and tests before it left objects behind."""
        gc.collect()
        gc.freeze()
        await asyncio.sleep(0)  # the callback that cleared up is none of what is measured
        self.longest, self.number = (0.0, ""), 0

    def assert_short(self) -> None:
        assert self.number > 10, "nothing was measured"
        assert self.longest[0] < LONGEST_S, self.longest


@asynccontextmanager
async def running(process: Process) -> AsyncIterator[httpx2.AsyncClient]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(process.runtime.background())
        await stack.enter_async_context(process.lifespan())
        http = httpx2.AsyncClient(transport=httpx2.ASGITransport(process.public), base_url="http://test", timeout=60)
        yield await stack.enter_async_context(http)


@pytest.fixture(scope="module")
def nodes() -> Iterator[RedisNodes]:
    made = RedisNodes()
    yield made
    made.close()


async def test_a_callback_that_computes_for_too_long_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    callbacks = Callbacks(monkeypatch)

    def compute() -> None:
        until = time.thread_time() + LONGEST_S
        while time.thread_time() < until:
            pass

    asyncio.get_running_loop().call_soon(compute)
    for _ in range(20):
        await asyncio.sleep(0)
    with pytest.raises(AssertionError, match="compute"):
        callbacks.assert_short()


async def test_the_gateway_shows_a_table_of_all_that_it_shows_at_once(
    postgres: PostgresServer, nodes: RedisNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gateway_house(postgres, nodes, tmp_path, pods=MOST_ROWS) as house:
        token = await house.someone_active()
        async with house.replica() as replica:
            await replica.ask(token)
            callbacks = Callbacks(monkeypatch)
            for _ in range(3):
                (table,) = await replica.ask(token)
                assert table["total"] == MOST_ROWS
            callbacks.assert_short()


async def test_audit_stores_a_thousand_events_at_once(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = postgres.new_database()
    caller = AuditProcess(postgres, database, tmp_path)
    settings = AuditSettings(
        postgres_url=postgres.pooled_url(database),
        postgres_direct_url=postgres.url(database),
        service_token_file=tmp_path / "token",
    )
    process = create_audit(settings)
    async with running(process) as http:
        headers = {**caller.http.headers, "content-type": "application/json"}
        batches = [
            orjson.dumps({"events": [caller.event(detail={"number": number}) for number in range(1_000)]})
            for _ in range(4)
        ]

        async def store(batch: bytes) -> httpx2.Response:
            return await http.post("/v1/events", content=batch, headers=headers)

        callbacks = Callbacks(monkeypatch)
        async with asyncio.timeout(30):
            while (await store(batches[0])).status_code == 503:  # noqa: ASYNC110 - its database opens beside it
                await asyncio.sleep(0.05)
        await callbacks.forget()
        replies = await asyncio.gather(*(store(batch) for batch in batches[1:]))
        assert [reply.json()["accepted"] for reply in replies] == [1_000] * 3
        callbacks.assert_short()


async def test_a_thousand_requests_at_once_are_answered_or_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("token")
    texts = [str(entry["text"]) for kind in ("translation", "safety", "restraint") for entry in entries(kind)]
    headers = {"authorization": "Bearer token", "content-type": "application/json"}
    settings = NlpSettings(service_token_file=tmp_path / "token")
    process = create_nlp(settings)
    async with running(process) as http:

        async def ask(number: int) -> httpx2.Response:
            body = {
                "text": texts[number % len(texts)],
                "context": {"cluster": "prod-eu", "namespace": "shop"},
                "vocabulary": sent_vocabulary(),
            }
            return await http.post("/v1/plan", content=orjson.dumps(body), headers=headers)

        await ask(0)
        callbacks = Callbacks(monkeypatch)
        await callbacks.forget()
        tasks = []
        for number in range(1_000):
            tasks.append(asyncio.create_task(ask(number)))
            if number % 50 == 0:
                await asyncio.sleep(0)  # that this test itself takes the loop for a moment is none of what is measured
        replies = await asyncio.gather(*tasks)
        callbacks.assert_short()
        answered = [reply for reply in replies if reply.status_code == 200]
        refused = [reply.json()["error"] for reply in replies if reply.status_code == 503]
        assert len(answered) + len(refused) == 1_000
        assert len(answered) >= settings.queue_limit
        assert all(orjson.loads(reply.text.splitlines()[-1])["event"] == "plan" for reply in answered)
        assert refused
        assert all(error["code"] == "busy" and "try again" in error["message"] for error in refused)
        assert process.runtime.instruments.value(catalogue.NLP_REFUSED, reason="full") == len(refused)
        assert (await ask(0)).status_code == 200


async def test_words_are_translated_with_a_thousand_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("token")
    pods = [f"shop-service-{number:04}-7d9f" for number in range(NAMES)]
    vocabulary = {
        "version": "1",
        "clusters": ["prod"],
        "namespaces": ["shop"],
        "objects": {"shop": {"pods": pods}},
    }
    body = {
        "text": "show the logs of shop-service-0420-7d9f",
        "context": {"cluster": "prod", "namespace": "shop"},
        "vocabulary": vocabulary,
    }
    async with running(create_nlp(NlpSettings(service_token_file=tmp_path / "token"))) as http:
        callbacks = Callbacks(monkeypatch)
        for _ in range(3):
            reply = await http.post("/v1/plan", json=body, headers={"authorization": "Bearer token"})
            assert reply.status_code == 200
            assert "shop-service-0420-7d9f" in reply.text
        callbacks.assert_short()
