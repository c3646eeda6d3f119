"""A language model in a chat: asked where the translator is unsure, reading as the person, trusted with nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chat import Chat, only
from tests.support.model_server import MODEL, ModelServer, proposes, reads, says
from tests.support.postgres_server import PostgresServer
from tests.support.talking import Talking

UNSURE = "quibble the frobnicator of cart"


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
    with Talking(postgres, folder, nlp=nlp, gateway={"public_url": "http://127.0.0.1"}) as made:
        yield made


@pytest.fixture
def chat(talking: Talking) -> Iterator[Chat]:
    with talking.person() as person, person.chat() as opened:
        yield opened


def test_a_model_reads_as_the_person_and_its_words_grow_in_the_chat(chat: Chat, server: ModelServer) -> None:
    server.will(reads("kubectl get deployment cart -n shop"), says("Cart has ", "two replicas."))
    events = chat.say(UNSURE)
    assert [event["type"] for event in events] == ["reading", "table", "delta", "delta", "text", "model"]
    assert only(events, "table")["rows"][0][0] == "cart"
    answer = only(events, "text")
    assert (answer["text"], answer["by"], answer["model"]) == ("Cart has two replicas.", "model", MODEL)
    assert "".join(event["text"] for event in events if event["type"] == "delta") == answer["text"]
    assert "cart" in server.requests[-1]["messages"][-1]["content"]
    cost = only(events, "model")
    assert cost["tokens"] == 2 * 150
    assert cost["reads"] == 1


def test_a_change_that_a_model_proposes_is_a_preview_like_any_other(chat: Chat, server: ModelServer) -> None:
    server.will(proposes("kubectl scale deployment/cart --replicas=5", explanation="More replicas."))
    events = chat.say(UNSURE)
    preview = only(events, "preview")
    assert preview["risk"] == "change"
    assert preview["steps"][0]["command"].startswith("kubectl scale deployment/cart --replicas=5 -n shop")
