"""A model that fails: one honest sentence, a counted reason, and an endpoint that is left alone when it is its fault."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.infra.breaker import OPENS_AFTER
from app.telemetry import catalogue
from tests.support.model_server import MODEL, ModelServer, Reply, refuses, says
from tests.support.nlp_service import Nlp, service
from tests.support.waiting import until

NO_TOOLS = "registry.ollama.ai/library/gemma:2b does not support tools"
CALL_AS_TEXT = '{"name": "read", "arguments": {"command": "kubectl get pods"}}'

FAILURES = {
    "busy": (refuses(429, "Rate limit reached"), "too much to do"),
    "unavailable": (refuses(500, "boom: the secret stack trace"), "does not work"),
    "key": (refuses(401, "Incorrect API key provided: sk-123"), "key"),
    "unknown": (refuses(404, "model 'scripted' not found"), "no model"),
    "too_long": (refuses(400, "maximum context length is 4096 tokens"), "too long"),
    "refused": (refuses(400, "messages: bad"), "refused"),
    "garbled": (says("a", "b", garbage_after=1), "cannot be read"),
    "truncated": (says("a", "b", finish=""), "broke off"),
    "empty": (says(), "no answer"),
    "no_tools": (refuses(400, NO_TOOLS), "cannot call tools"),
}


@pytest.mark.parametrize("reason", FAILURES)
async def test_a_failure_is_one_sentence_that_holds_nothing_of_the_endpoint_s(
    nlp: Nlp, server: ModelServer, reason: str
) -> None:
    reply, words = FAILURES[reason]
    server.will(reply)
    end = (await nlp.answer())[-1]
    assert (end["event"], end["code"]) == ("error", f"model_{reason}")
    assert words in end["message"]
    assert "secret" not in end["message"]
    assert "sk-123" not in end["message"]
    assert nlp.value(catalogue.MODEL_FAILURES, reason=reason) == 1


@pytest.mark.parametrize(
    "chunk", [[], 5, {"choices": 5}, {"choices": [{"index": 0, "delta": 7}]}, {"error": {"message": "x"}}]
)
async def test_chunks_of_another_shape_are_no_answer(nlp: Nlp, server: ModelServer, chunk: object) -> None:
    server.will(Reply(chunk=chunk))
    end = (await nlp.answer())[-1]
    assert end["event"] == "error"
    assert end["code"] in {"model_garbled", "model_truncated"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(chunk={"choices": [{"index": 0, "delta": {"content": "Half"}}]}),
        Reply(calls=[("read", '{"command": "kubectl get')], finish="length"),
    ],
    ids=["an end without a reason", "calls that are cut at the limit"],
)
async def test_half_an_answer_is_none(nlp: Nlp, server: ModelServer, reply: Reply) -> None:
    server.will(reply)
    assert (await nlp.answer())[-1]["code"] == "model_truncated"


@pytest.mark.parametrize(
    "text", [CALL_AS_TEXT, f"```json\n{CALL_AS_TEXT}\n```", f"<tool_call>{CALL_AS_TEXT}</tool_call>"]
)
async def test_a_model_that_writes_its_calls_as_text_is_said_to_know_no_tools(
    nlp: Nlp, server: ModelServer, text: str
) -> None:
    server.will(says(text[:5], text[5:]))
    events = await nlp.answer()
    assert events[-1]["code"] == "model_no_tools"
    assert not any(event["event"] == "delta" for event in events), "nothing of it was shown as an answer"


async def test_braces_at_the_beginning_of_an_answer_are_an_answer(nlp: Nlp, server: ModelServer) -> None:
    server.will(says("{x} is ", "a placeholder."))
    assert (await nlp.answer())[-1]["say"] == "{x} is a placeholder."


async def test_what_a_model_thinks_aloud_before_its_answer_is_left_out(nlp: Nlp, server: ModelServer) -> None:
    server.will(says("<think>The person ", "wants</think>\n\n", "Cart is busy."))
    events = await nlp.answer()
    assert [event["text"] for event in events if event["event"] == "delta"] == ["Cart is busy."]
    assert events[-1]["say"] == "Cart is busy."


async def test_a_model_that_is_slow_is_given_up_at_its_time(tmp_path: Path, server: ModelServer) -> None:
    async with service(tmp_path, model_url=server.url, model_name=MODEL, model_timeout_s=1) as nlp:
        server.will(says("Cart is", stall_after=2))
        events = await nlp.answer()
    assert [event["event"] for event in events] == ["model", "delta", "error"]
    assert events[-1]["code"] == "model_slow"


async def test_a_deadline_that_travels_with_the_request_ends_it(nlp: Nlp, server: ModelServer) -> None:
    server.will(says("Cart is", stall_after=1))
    end = (await nlp.answer(deadline_ms=300))[-1]
    assert end["code"] == "model_slow"


@pytest.mark.parametrize(
    "reply", [says(*["x" * 500] * 10), Reply(calls=[("ask", "x" * 5_000)])], ids=["words", "calls"]
)
async def test_an_answer_without_an_end_is_broken_off(tmp_path: Path, server: ModelServer, reply: Reply) -> None:
    async with service(tmp_path, model_url=server.url, model_name=MODEL, model_max_tokens=64) as nlp:
        server.will(reply)
        end = (await nlp.answer())[-1]
    assert end["code"] == "model_endless"


async def test_a_request_whose_time_is_over_is_not_started(nlp: Nlp, server: ModelServer) -> None:
    (refused,) = await nlp.answer(deadline_ms=0)
    assert (refused["status"], refused["code"]) == (504, "deadline_exceeded")
    assert server.requests == []
    assert nlp.value(catalogue.MODEL_FAILURES, reason="expired") == 1


async def test_an_endpoint_that_fails_is_left_alone_and_asked_again(
    nlp: Nlp, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.will(refuses(500, "boom"))
    for _ in range(OPENS_AFTER):
        await nlp.answer()
    assert nlp.value(catalogue.MODEL_BREAKER_OPEN) == 1
    asked = len(server.requests)
    (refused,) = await nlp.answer()
    assert (refused["event"], refused["code"]) == ("error", "model_left_alone")
    assert (
        nlp.value(catalogue.HTTP_REQUESTS, method="POST", route="/v1/answer", status="200", operation_class="model") > 0
    )
    assert "asked again in" in refused["message"]
    assert len(server.requests) == asked, "nothing was sent"
    server.will(says("Back."))

    async def answered() -> bool:
        return (await nlp.answer())[-1].get("say") == "Back."

    await until("the endpoint to be asked again", answered)
    assert nlp.value(catalogue.MODEL_BREAKER_OPEN) == 0


@pytest.mark.parametrize("reason", ["busy", "no_tools", "too_long"])
async def test_what_is_no_fault_of_the_endpoint_opens_no_breaker(nlp: Nlp, server: ModelServer, reason: str) -> None:
    server.will(FAILURES[reason][0])
    for _ in range(OPENS_AFTER + 1):
        assert (await nlp.answer())[-1]["code"] == f"model_{reason}"
    assert nlp.value(catalogue.MODEL_BREAKER_OPEN) == 0


async def test_more_people_than_may_ask_at_a_time_are_told_that_it_is_busy(tmp_path: Path, server: ModelServer) -> None:
    settings = {"model_url": server.url, "model_name": MODEL, "model_at_once": 1, "model_timeout_s": 10}
    async with service(tmp_path, **settings) as nlp:
        server.will(says("Cart", stall_after=1))
        first = asyncio.create_task(nlp.answer())

        async def under_way() -> bool:
            return nlp.value(catalogue.MODEL_UNDER_WAY) == 1

        await until("the first to be under way", under_way)
        (refused,) = await nlp.answer()
        assert (refused["status"], refused["code"]) == (503, "model_full")
        server.release()
        assert (await first)[-1]["say"] == "Cart"


async def test_nothing_of_the_environment_and_of_this_machine_is_sent(
    tmp_path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", "canary-of-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "authorization: Bearer canary-of-the-environment\nx-more: 1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with service(tmp_path, model_url=server.url, model_name=MODEL) as nlp:
        assert (await nlp.answer())[-1]["event"] == "plan"
    head = server.raw[0].partition("\r\n\r\n")[0].lower()
    names = {line.partition(":")[0] for line in head.splitlines()[1:]}
    assert "canary" not in head
    assert "authorization: bearer none" in head
    assert names <= {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "authorization",
        "content-type",
        "content-length",
        "user-agent",
    }


async def test_a_model_that_is_away_is_told_at_once(tmp_path: Path) -> None:
    async with service(tmp_path, model_url="http://127.0.0.1:1/v1", model_name=MODEL) as nlp:
        assert (await nlp.answer())[-1]["code"] == "model_unavailable"


async def test_a_key_is_read_from_its_file_anew_when_it_is_not_taken(tmp_path: Path, server: ModelServer) -> None:
    key = tmp_path / "key"
    key.write_text("old-key\n")
    async with service(tmp_path, model_url=server.url, model_name=MODEL, model_key_file=key) as nlp:
        server.will(refuses(401, "Incorrect API key"))
        assert (await nlp.answer())[-1]["code"] == "model_key"
        key.write_text("new-key")
        server.will(says("Yes."))
        assert (await nlp.answer())[-1]["say"] == "Yes."
    heads = [raw.lower() for raw in server.raw]
    assert "authorization: bearer old-key" in heads[0]
    assert "authorization: bearer new-key" in heads[1]
