"""Words can be read in a conversation whose cluster is configured no more, so that it can go on in another."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from app.domain.identities import Person, Role
from app.errors import BusyError, KubeChatError, UnavailableError
from app.gateway.clients.nlp import LanguagePlan
from app.gateway.service.hub import Hub
from app.gateway.service.language import Language
from app.gateway.store.chats import ChatSession
from app.infra.kubernetes.client import ClusterClient
from app.telemetry.instruments import Instruments
from tests.support.scripted_cluster import Asked, ScriptedCluster, refused


class FakeClient:
    """Reads everything as a wish to move."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.words: dict[str, Any] = {}

    async def plan(self, text: str, **more: Any) -> LanguagePlan:
        self.told.append(text)
        self.words = more["vocabulary"]
        return LanguagePlan("session", action="set context prod-eu")


async def ignore(_: str) -> None:
    return


def made(client: Any) -> Language:
    instruments = Instruments()
    return Language(client, {}, Hub("gateway-1", None, instruments), instruments)


async def plan(client: Any, text: str, language: Language | None = None) -> LanguagePlan:
    now = datetime.now(UTC)
    chat = ChatSession(uuid4(), "", "gone", "default", now, now, 0)
    person = Person(uuid4(), "ann", "Ann", Role.VIEWER)
    return await (language or made(client)).plan(person, chat, [], text, ignore)


async def test_a_conversation_can_leave_a_cluster_that_is_configured_no_more() -> None:
    assert (await plan(FakeClient(), "use prod-eu")).action == "set context prod-eu"


class Refuses:
    """The language service, as it refuses."""

    def __init__(self, error: KubeChatError) -> None:
        self.error = error

    async def plan(self, *_: Any, **__: Any) -> LanguagePlan:
        raise self.error


async def test_who_asks_a_busy_service_is_told_so_and_nobody_is_told_that_words_do_not_work() -> None:
    client = Refuses(BusyError("The language service is busy."))
    language = made(client)
    with pytest.raises(BusyError, match="say it again in a few seconds") as refused:
        await plan(client, "show the pods", language)
    assert refused.value.code == "language_busy"
    assert language.available


async def test_words_work_again_when_the_service_answers_that_it_is_busy() -> None:
    client = Refuses(UnavailableError("away"))
    language = made(client)
    with pytest.raises(UnavailableError):
        await plan(client, "show the pods", language)
    await language.probe()
    assert not language.available
    client.error = BusyError("busy")
    await language.probe()
    assert language.available


async def test_names_say_whose_they_are_without_naming_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the language service can let go of names that have changed, and of nobody else's."""
    sent: list[dict[str, Any]] = []

    class Client(FakeClient):
        async def plan(self, text: str, **more: Any) -> LanguagePlan:
            sent.append(more["vocabulary"])
            return await super().plan(text, **more)

    async def names(*_: Any) -> dict[str, Any]:
        return {"version": "1", "namespaces": [], "objects": {}}

    monkeypatch.setattr("app.gateway.service.language.vocabulary", names)
    instruments, now = Instruments(), datetime.now(UTC)
    clusters: Any = {name: SimpleNamespace(name=name) for name in ("prod-eu", "prod-us")}
    language = Language(Client(), clusters, Hub("gateway-1", None, instruments), instruments)  # type: ignore[arg-type]
    ann, bob = (Person(uuid4(), name, name, Role.VIEWER) for name in ("ann", "bob"))
    for person, cluster in ((ann, "prod-eu"), (ann, "prod-eu"), (ann, "prod-us"), (bob, "prod-eu")):
        await language.plan(person, ChatSession(uuid4(), "", cluster, "shop", now, now, 0), [], "pods", ignore)
    first, again, elsewhere, of_bob = (words["whose"] for words in sent)
    assert first == again
    assert len({first, elsewhere, of_bob}) == 3
    assert "ann" not in first
    assert {words["version"] for words in sent} == {"1"}


async def test_a_secret_that_is_pasted_among_words_is_not_told_and_all_else_is() -> None:
    client = FakeClient()
    await plan(client, "please apply this\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: hunter2\n")
    await plan(client, "set API_TOKEN to hunter2 on web")
    of_manifest, of_words = client.told
    assert "hunter2" not in of_manifest
    assert "name: db" in of_manifest
    assert of_words == "set API_TOKEN to hunter2 on web"


@pytest.mark.parametrize("allowed", [True, False, None])
async def test_what_came_since_the_names_were_kept_is_told_where_the_cluster_allows_it(*, allowed: bool | None) -> None:
    def answering(asked: Asked) -> Any:
        if asked.method == "POST":
            return refused(500) if allowed is None else {"status": {"allowed": allowed}}
        here = asked.path.endswith("/pods")
        return {"items": [{"metadata": {"namespace": "shop", "name": "web"}}] if here else []}

    client, instruments = FakeClient(), Instruments()
    clusters: dict[str, ClusterClient] = {"prod-eu": ScriptedCluster(answering)}
    language = Language(
        client,  # type: ignore[arg-type]
        clusters,
        Hub("gateway-1", None, instruments),
        instruments,
        added=lambda _: [(("", "pods"), "shop", "new")],
    )
    now = datetime.now(UTC)
    chat = ChatSession(uuid4(), "", "prod-eu", "shop", now, now, 0)
    await language.plan(Person(uuid4(), "ann", "Ann", Role.VIEWER), chat, [], "describe new", ignore)
    assert client.words["objects"] == {"pods": {"shop": ["new", "web"] if allowed else ["web"]}}
