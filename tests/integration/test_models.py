"""A language model in a chat: asked where the translator is unsure, reading as the person, trusted with nothing."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.for_models import MOST_STEPS
from tests.support.chat import Chat, Person, only
from tests.support.model_server import MODEL, ModelServer, proposes, reads, refuses, says
from tests.support.postgres_server import PostgresServer
from tests.support.talking import Talking
from tests.support.waiting import wait_for

UNSURE = "quibble the frobnicator of cart"
READ_ONLY = "show me the frontend things"
CANARY = "canary-4be1c7"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as made:
        yield made


@pytest.fixture(scope="module")
def talking(
    postgres: PostgresServer, server: ModelServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Talking]:
    folder: Path = tmp_path_factory.mktemp("models")
    nlp = {"model_url": server.url, "model_name": MODEL, "model_timeout_s": "5"}
    with Talking(postgres, folder, nlp=nlp, gateway={"model_daily_tokens": "100000"}) as made:
        yield made


@pytest.fixture
def admin(talking: Talking) -> Iterator[Person]:
    with talking.person() as person:
        yield person


@pytest.fixture
def chat(admin: Person) -> Iterator[Chat]:
    with admin.chat() as opened:
        yield opened


@pytest.fixture
def viewer(talking: Talking, admin: Person) -> Iterator[Chat]:
    name, password = f"viewer-{uuid4().hex[:8]}", uuid4().hex
    reply = admin.http.post("/api/v1/users", json={"name": name, "role": "viewer", "password": password})
    assert reply.status_code == 201, reply.text
    with Person(talking.gateway.url, name, password) as person, person.chat() as opened:
        yield opened


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_a_model_reads_as_the_person_and_its_words_grow_in_the_chat(chat: Chat, server: ModelServer) -> None:
    server.will(reads("kubectl get deployment cart -n shop"), says("Cart has ", "two replicas."))
    events = chat.say(UNSURE)
    assert kinds(events) == ["reading", "table", "delta", "delta", "text", "model"]
    table = only(events, "table")
    assert (table["rows"][0][0], table["by"]) == ("cart", "model")
    answer = only(events, "text")
    assert (answer["text"], answer["by"], answer["model"]) == ("Cart has two replicas.", "model", MODEL)
    assert "".join(event["text"] for event in events if event["type"] == "delta") == answer["text"]
    assert "cart" in server.requests[-1]["messages"][-1]["content"]
    cost = only(events, "model")
    assert (cost["tokens"], cost["reads"], cost["tokens_per_day"]) == (2 * 150, 1, 100_000)
    kept = chat.person.http.get(f"/api/v1/chat-sessions/{chat.session}/messages").json()["messages"]
    assert [each["event"]["type"] for each in kept] == ["say", "table", "text", "model"]


def test_a_change_that_a_model_proposes_is_a_preview_like_any_other(
    chat: Chat, server: ModelServer, talking: Talking
) -> None:
    applied = talking.demo.ledger()
    server.will(proposes("kubectl scale deployment/cart --replicas=5", explanation="More replicas."))
    preview = only(chat.say(UNSURE), "preview")
    assert preview["risk"] == "change"
    assert preview["steps"][0]["command"].startswith("kubectl scale deployment/cart --replicas=5 -n shop")
    server.will(proposes("kubectl delete deployment cart"))
    preview = only(chat.say(UNSURE), "preview")
    assert (preview["risk"], preview["typed_name"]) == ("destructive", "cart")
    assert talking.demo.ledger() == applied, "nothing was done"


@pytest.mark.full
def test_a_change_that_a_model_wants_read_is_refused_to_it(chat: Chat, server: ModelServer, talking: Talking) -> None:
    applied = talking.demo.ledger()
    server.will(reads("kubectl delete deployment cart -n shop"), says("I may not."))
    assert only(chat.say(UNSURE), "text")["text"] == "I may not."
    assert "propose it" in server.requests[-1]["messages"][-1]["content"]
    assert talking.demo.ledger() == applied


def test_a_model_sees_what_the_person_may_see_and_no_more(viewer: Chat, server: ModelServer) -> None:
    server.will(reads("kubectl get secrets -n shop", "kubectl get pods -n shop"), says("Done."))
    events = viewer.say(UNSURE)
    (secrets, pods) = [m["content"] for m in server.requests[-1]["messages"] if m["role"] == "tool"]
    assert "error:" in secrets
    assert "forbidden" in secrets.lower()
    assert "cart" in pods
    assert only(events, "output")["notes"], "the person sees what was refused"
    server.will(proposes("kubectl scale deployment/cart --replicas=5"))
    refused = only(viewer.say(UNSURE), "error")
    assert refused["message"]


@pytest.mark.full
def test_instructions_in_what_was_read_stay_data(chat: Chat, server: ModelServer, talking: Talking) -> None:
    """A model that falls for them still only proposes, in its own preview, and only where a change was asked for."""
    server.will(reads("kubectl get events -n shop"), proposes("kubectl delete namespace shop"), says("No."))
    events = chat.say(READ_ONLY)
    assert "preview" not in kinds(events)
    assert only(events, "text")["text"] == "No."
    content = next(m["content"] for m in server.requests[-1]["messages"] if m["role"] == "tool")
    assert content.startswith("<data>\n")


def test_secrets_never_reach_the_endpoint(chat: Chat, server: ModelServer, talking: Talking) -> None:
    names = ["kubectl get secrets -n shop -o yaml", "kubectl get configmaps -n shop -o yaml"]
    server.will(reads(*names, "kubectl get deployments -n shop -o yaml"), says("Done."))
    chat.say(f"{UNSURE} with API_TOKEN={CANARY}")
    chat.say(f"kubectl set env deployment/cart API_TOKEN={CANARY}")
    server.will(says("Yes."))
    chat.say(UNSURE)
    sent = "".join(server.raw)
    assert CANARY not in sent
    assert "kind: Secret" in sent, "they were read"
    secrets = talking.demo.ask("GET", "/clusters/prod-eu/api/v1/namespaces/shop/secrets")["items"]
    values = {value for secret in secrets for value in (secret.get("data") or {}).values() if len(value) > 8}
    assert values
    for value in values:
        assert value not in sent
        assert b64decode(value).decode(errors="replace") not in sent


def test_a_model_that_fails_leaves_the_translators_answer(chat: Chat, server: ModelServer) -> None:
    server.will(refuses(429, "Rate limit"))
    events = chat.say(UNSURE)
    assert kinds(events) == ["reading", "text", "question"]
    why, question = only(events, "text"), only(events, "question")
    assert (why["code"], why["text"]) == (
        "model_busy",
        f"The model {MODEL} has too much to do; try again in a moment.",
    )
    assert question["choices"]


def test_a_model_that_lies_about_a_result_is_shown_beside_it(chat: Chat, server: ModelServer) -> None:
    server.will(reads("kubectl get deployment cart -n shop"), says("Cart is scaled to 99 replicas; I did it."))
    events = chat.say(UNSURE)
    assert only(events, "table")["rows"][0][1] == "2/2", "what the cluster said stands beside it"
    assert only(events, "text")["by"] == "model"
    assert "preview" not in kinds(events)
    assert "outcome" not in kinds(events)


@pytest.mark.full
def test_reads_end_with_their_budget(chat: Chat, server: ModelServer) -> None:
    server.will(reads("kubectl get deployment cart -n shop"))
    events = chat.say(UNSURE)
    assert kinds(events).count("table") == MOST_STEPS
    assert only(events, "text")["code"] == "model_wrong_calls"
    assert only(events, "question")


def test_a_person_who_leaves_ends_the_models_answer(admin: Person, server: ModelServer, talking: Talking) -> None:
    left = server.left
    server.will(says("Cart ", "is", stall_after=2))
    with admin.chat() as leaving:
        leaving.send({"type": "say", "id": str(uuid4()), "chat_session": leaving.session, "text": UNSURE})
        while leaving.receive()["type"] != "delta":
            pass
    wait_for("the endpoint to be left", lambda: server.left == left + 1)
    wait_for("nothing to be under way", lambda: talking.nlps[0].value("kubechat_model_answers_under_way") == 0)


@pytest.mark.full
def test_a_turn_that_is_stopped_before_the_first_word_ends_the_models_answer(chat: Chat, server: ModelServer) -> None:
    left, asked = server.left, len(server.requests)
    server.will(says("Cart", stall_after=0))
    turn = str(uuid4())
    chat.send({"type": "say", "id": turn, "chat_session": chat.session, "text": UNSURE})
    wait_for("the endpoint to be asked", lambda: len(server.requests) > asked)
    chat.send({"type": "stop", "turn": turn})
    wait_for("the endpoint to be left", lambda: server.left == left + 1)


@pytest.mark.full
def test_turns_with_a_model_are_a_class_of_their_own(chat: Chat, server: ModelServer, talking: Talking) -> None:
    series = 'kubechat_turn_duration_seconds_count{operation_class="model"}'
    before = talking.gateway.value(series)
    server.will(says("Yes."))
    chat.say(UNSURE)
    chat.say("show the pods")
    assert talking.gateway.value(series) == before + 1
    assert talking.nlps[0].value('kubechat_nlp_processing_seconds_count{backend="model"}') > 0


def test_the_days_tokens_end_and_the_rest_goes_on(viewer: Chat, server: ModelServer) -> None:
    server.will(says("Yes.", usage=(100_000, 1)))
    cost = only(viewer.say(UNSURE), "model")
    assert cost["tokens_today"] == 100_001
    asked = len(server.requests)
    events = viewer.say(UNSURE)
    assert "today's 100,000 tokens" in only(events, "text")["text"]
    assert only(events, "question")
    assert only(viewer.say("show the pods"), "table")
    assert len(server.requests) == asked, "it was not asked"


def test_a_terminal_gets_a_plan_and_nothing_is_read(admin: Person, server: ModelServer, talking: Talking) -> None:
    line = "kubectl scale deployment/cart --replicas=5 -n shop"
    server.will(proposes(line, explanation="More replicas."))
    reply = admin.http.post("/api/v1/ask", json={"text": UNSURE}).json()
    assert (reply["behaviour"], reply["commands"], reply["backend"]) == ("confirm", [line], "model")
    assert [tool["function"]["name"] for tool in server.requests[-1]["tools"]] == ["propose", "ask"]
    server.will(refuses(500, "boom"))
    reply = admin.http.post("/api/v1/ask", json={"text": UNSURE}).json()
    assert (reply["behaviour"], reply["backend"]) == ("clarify", "embedded")
    assert reply["say"].startswith(f"The model {MODEL} does not work")


def test_a_typed_line_needs_no_translation(viewer: Chat, admin: Person, server: ModelServer) -> None:
    asked = len(server.requests)
    reply = admin.http.post(
        "/api/v1/ask", json={"text": "k scale deploy cart --replicas=5", "namespace": "shop"}
    ).json()
    assert (reply["behaviour"], reply["commands"]) == (
        "confirm",
        ["kubectl scale deploy/cart --replicas=5 -n shop"],
    )
    reply = admin.http.post("/api/v1/ask", json={"text": "kubectl get secret web-tls -o yaml"}).json()
    assert (reply["behaviour"], reply["commands"]) == ("refuse", [])
    assert len(server.requests) == asked, "no model is asked for a line"


@pytest.mark.full
def test_names_in_use_are_given_to_a_replica_that_started(talking: Talking, chat: Chat) -> None:
    only(chat.say("show the pods"), "table")
    series = 'kubechat_cache_warmed_total{cache="nlp_vocabularies",event="loaded"}'
    talking.nlps[0].stop()
    talking.nlps[0].start().wait()
    only(chat.say("kubectl get pods"), "table")

    def given() -> bool:
        chat.person.http.post("/api/v1/ask", json={"text": ""})
        return talking.nlps[0].value(series) >= 1

    wait_for("names to be given", given, within_s=60)
