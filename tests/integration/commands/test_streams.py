"""Outputs that grow, from real watches and followed logs of the demo clusters: taken up again, bounded, ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import partial

import orjson
import pytest

from app.domain.clusters.discovery import Discovery
from app.domain.commands.access import Access
from app.domain.commands.engine import Engine
from app.domain.commands.following import watching
from app.domain.commands.following.watching import ExpiredError, watch
from app.domain.commands.results import Chunk
from app.errors import InternalError, KubeChatError
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.telemetry import catalogue
from tests.integration.commands.conftest import command
from tests.support import waiting
from tests.support.known_types import known_types

SOON_S = 30.0
MERGE = "application/merge-patch+json"


async def label(client: ClusterClient, who: Impersonation, path: str, value: str | None) -> None:
    body = orjson.dumps({"metadata": {"labels": {"seen": value}}})
    await client.request("PATCH", path, identity=who, body=body, content_type=MERGE)


async def watches_ended(client: ClusterClient, least: int) -> bool:
    counted = {"cluster": "prod-eu", "verb": "stream", "status": "200"}
    return client.instruments.value(catalogue.KUBERNETES_REQUESTS, **counted) >= least


async def until(chunks: AsyncIterator[Chunk], found: Callable[[str], bool]) -> str:
    """What was printed until something was found in it."""
    text = ""
    async with asyncio.timeout(SOON_S):
        async for chunk in chunks:
            text += chunk.text
            if found(text):
                return text
    return text


async def all_of(engine: Engine, line: str, who: Impersonation) -> tuple[str, str, int]:
    async with asyncio.timeout(SOON_S), aclosing(engine.stream(command(line), who)) as chunks:
        found = [chunk async for chunk in chunks]
    text, notes = "".join(chunk.text for chunk in found), "".join(chunk.notes for chunk in found)
    return text, notes, max((chunk.status for chunk in found), default=0)


async def test_a_watch_shows_what_is_there_and_then_each_change(
    engine: Engine, clients: dict[str, ClusterClient], admin: Impersonation
) -> None:
    config_map = "/api/v1/namespaces/shop/configmaps/web-config"
    async with aclosing(engine.stream(command("get cm -w -L seen"), admin)) as chunks:
        first = await until(chunks, lambda text: "web-config" in text)
        assert first.splitlines()[0].split() == ["NAME", "DATA", "AGE", "SEEN"]
        await label(clients["prod-eu"], admin, config_map, "once")
        (line,) = (await until(chunks, lambda text: "once" in text)).splitlines()
        assert line.split()[0] == "web-config"
    await label(clients["prod-eu"], admin, config_map, None)


async def test_a_watch_of_changes_alone_says_nothing_of_what_is_there(
    engine: Engine, clients: dict[str, ClusterClient], admin: Impersonation
) -> None:
    path = "/api/v1/namespaces/shop/services/web"
    async with aclosing(engine.stream(command("get svc web --watch-only -o name"), admin)) as chunks:
        following = asyncio.ensure_future(anext(chunks))
        await asyncio.wait([following], timeout=0.5)
        assert not following.done()
        await label(clients["prod-eu"], admin, path, "once")
        async with asyncio.timeout(SOON_S):
            assert await following == Chunk("service/web\n")
    await label(clients["prod-eu"], admin, path, None)


async def test_a_followed_log_begins_with_its_tail_and_goes_on(engine: Engine, admin: Impersonation) -> None:
    async with aclosing(engine.stream(command("logs deployment/web -f --tail=2"), admin)) as chunks:
        async with asyncio.timeout(SOON_S):
            assert (await anext(chunks)).notes.startswith("Found 3 pods, using pod/web-")
        assert (await until(chunks, lambda text: text.count("\n") >= 3)).count("GET ") >= 2


async def test_logs_of_several_pods_are_prefixed_as_kubectls(engine: Engine, admin: Impersonation) -> None:
    async with aclosing(engine.stream(command("logs -l app=web -f --prefix --tail=1"), admin)) as chunks:
        text = await until(chunks, lambda text: text.count("[pod/web-") >= 3)
    assert len({line.split()[0] for line in text.splitlines()}) == 3


async def test_more_logs_than_may_be_followed_at_once_are_refused_in_kubectls_words(
    engine: Engine, admin: Impersonation
) -> None:
    with pytest.raises(KubeChatError, match="attempting to follow 3 log streams, but maximum allowed concurrency is 2"):
        await all_of(engine, "logs -l app=web -f --max-log-requests=2", admin)


async def test_the_log_of_a_container_that_has_ended_ends(engine: Engine, admin: Impersonation) -> None:
    text, _, status = await all_of(engine, "logs orders-db-0 -c init-schema -f", admin)
    assert (bool(text), status) == (True, 0)


async def test_a_rollout_is_followed_to_its_end(
    engine: Engine, clients: dict[str, ClusterClient], admin: Impersonation
) -> None:
    path = "/apis/apps/v1/namespaces/shop/deployments/checkout"
    body = orjson.dumps({"spec": {"template": {"metadata": {"annotations": {"again": "1"}}}}})
    await clients["prod-eu"].request("PATCH", path, identity=admin, body=body, content_type=MERGE)
    async with aclosing(engine.stream(command("rollout status deployment/checkout"), admin)) as chunks:
        async with asyncio.timeout(60):
            lines = [chunk.text async for chunk in chunks]
    assert lines[0].startswith("Waiting for deployment")
    assert lines[-1] == 'deployment "checkout" successfully rolled out\n'


@pytest.mark.parametrize(
    ("line", "out", "err", "status"),
    [
        ("wait pod/orders-db-0 --for=condition=Ready", "pod/orders-db-0 condition met\n", "", 0),
        ("wait pod/orders-db-0 --for=condition=ready=true", "pod/orders-db-0 condition met\n", "", 0),
        ("wait pod/orders-db-0 --for=jsonpath='{.status.phase}'=Running", "pod/orders-db-0 condition met\n", "", 0),
        ("wait pod/nosuch --for=delete", "", "", 0),
        ("wait svc/web --for=create", "service/web condition met\n", "", 0),
        ("wait pods -l app=nobody --for=delete", "", "error: no matching resources found\n", 1),
        (
            "wait deployment/cart --for=condition=Nothing --timeout=0",
            "",
            "error: timed out waiting for the condition on deployments/cart\n",
            1,
        ),
        (
            "wait deployment/cart --for=condition=Nothing --timeout=1s",
            "",
            "error: timed out waiting for the condition on deployments/cart\n",
            1,
        ),
    ],
)
async def test_what_is_waited_for_is_told_in_kubectls_words(
    engine: Engine, admin: Impersonation, line: str, out: str, err: str, status: int
) -> None:
    assert await all_of(engine, line, admin) == (out, err, status)


async def test_what_does_not_exist_ends_a_stream_before_it_begins(engine: Engine, admin: Impersonation) -> None:
    for line in ("get pod web-1 -w", "logs nosuch -f", "wait pod/nosuch --for=condition=Ready"):
        with pytest.raises(KubeChatError, match="not found"):
            await all_of(engine, line, admin)


async def test_what_ends_by_itself_is_no_stream(engine: Engine, admin: Impersonation) -> None:
    with pytest.raises(InternalError):
        await all_of(engine, "get pods", admin)


async def test_a_watch_is_taken_up_again_where_the_cluster_ended_it(
    clients: dict[str, ClusterClient], admin: Impersonation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PAUSE_S", 0.0)
    client = clients["prod-eu"]
    access = Access(client, Discovery(client, known_types()), admin)
    path, one = "/api/v1/namespaces/shop/configmaps", "/api/v1/namespaces/shop/configmaps/web-config"
    version = (await access.json(path))["metadata"]["resourceVersion"]
    asked = [("timeoutSeconds", "1")]
    async with aclosing(watch(access, path, asked, "application/json", version)) as events, asyncio.timeout(SOON_S):
        for number, value in ((1, "a"), (2, "b")):
            following = asyncio.ensure_future(anext(events))
            # The cluster ends this watch after a second: the event comes from another.
            await waiting.until("the watch's end", partial(watches_ended, client, number))
            await label(client, admin, one, value)
            assert (await following).object["metadata"]["labels"]["seen"] == value
    await label(client, admin, one, None)


async def test_a_version_that_the_cluster_no_longer_knows_is_told(
    clients: dict[str, ClusterClient], admin: Impersonation
) -> None:
    client = clients["prod-eu"]
    access = Access(client, Discovery(client, known_types()), admin)
    path = "/api/v1/namespaces/shop/pods"
    async with aclosing(watch(access, path, [], "application/json", "1")) as events, asyncio.timeout(SOON_S):
        with pytest.raises(ExpiredError):
            await anext(events)
