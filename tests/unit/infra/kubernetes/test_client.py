"""One request to a cluster: in whose name, what is told when it breaks, and that no change is ever sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.errors import DeadlineExceededError, ForbiddenError, UnavailableError
from app.infra.kubernetes import client as client_module
from app.infra.kubernetes.client import AnswerTooLargeError, ClusterClient, path_of
from app.infra.kubernetes.errors import (
    KubernetesBusyError,
    KubernetesConflictError,
    KubernetesCredentialsError,
    KubernetesForbiddenError,
    KubernetesInvalidError,
    KubernetesNotFoundError,
    KubernetesStatusError,
    OutcomeUnknownError,
)
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.kube_api import KubeApi, Received, answer, status, write_kubeconfig

ADA = Impersonation("kubechat:ada", ("kubechat:operators", "team:web", "team:db"))
MUTATIONS = ["POST", "PUT", "PATCH", "DELETE"]


@asynccontextmanager
async def opened(path: Path, server: str, **kubeconfig: Any) -> AsyncIterator[ClusterClient]:
    config = load_clusters(write_kubeconfig(path / "kubeconfig", server, **kubeconfig)).clusters[0]
    tracing = Tracing("gateway", "gateway-1")
    client = ClusterClient(config, Instruments(), tracing)
    try:
        yield client
    finally:
        await client.close()
        tracing.close()


async def drop(received: Received, writer: asyncio.StreamWriter) -> bool:
    return False


async def hang(received: Received, writer: asyncio.StreamWriter) -> bool:
    await asyncio.sleep(3600)
    return False


async def half(received: Received, writer: asyncio.StreamWriter) -> bool:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half')
    await writer.drain()
    return False


def counted(client: ClusterClient, verb: str, result: str) -> float:
    return client.instruments.value(catalogue.KUBERNETES_REQUESTS, cluster="prod-eu", verb=verb, status=result)


async def test_a_request_carries_the_person_each_of_their_groups_and_our_credentials(tmp_path: Path) -> None:
    async with KubeApi() as api, opened(tmp_path, api.url) as client:
        await client.request(
            "GET", "/api/v1/pods", identity=ADA, query=[("labelSelector", "app in (a,b)"), ("limit", "5")]
        )
        (got,) = api.received
        assert got.header("Impersonate-User") == ["kubechat:ada"]
        assert got.header("Impersonate-Group") == ["kubechat:operators", "team:web", "team:db"]
        assert got.header("Authorization") == ["Bearer t0p"]
        assert got.query == [("labelSelector", "app in (a,b)"), ("limit", "5")]
        assert counted(client, "get", "200") == 1


async def test_a_servers_path_is_kept_in_front(tmp_path: Path) -> None:
    async with KubeApi() as api, opened(tmp_path, f"{api.url}/clusters/prod-eu") as client:
        await client.request("GET", "/version", identity=ADA)
        assert api.received[0].path == "/clusters/prod-eu/version"


def test_a_name_cannot_leave_its_place_in_a_path() -> None:
    assert path_of("api", "v1", "pods", "../../secrets?x=1#y") == "/api/v1/pods/..%2F..%2Fsecrets%3Fx%3D1%23y"


@pytest.mark.parametrize(
    "name", ["system:masters", "System:admin", "", "a\r\nImpersonate-User: root", "ä", "a b", "x" * 254]
)
def test_a_name_that_may_not_be_impersonated_is_no_identity(name: str) -> None:
    with pytest.raises(ForbiddenError):
        Impersonation(name)
    with pytest.raises(ForbiddenError):
        Impersonation("kubechat:ada", ("kubechat:admins", name))


@pytest.mark.parametrize("header", ["Impersonate-User", "impersonate-extra-x", "AUTHORIZATION"])
async def test_an_identity_given_as_a_header_is_refused_and_nothing_is_sent(tmp_path: Path, header: str) -> None:
    async with KubeApi() as api, opened(tmp_path, api.url) as client:
        with pytest.raises(ForbiddenError):
            await client.request("GET", "/version", identity=ADA, headers=[(header, "root")])
        assert api.received == []


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (403, "Forbidden", KubernetesForbiddenError),
        (404, "NotFound", KubernetesNotFoundError),
        (409, "Conflict", KubernetesConflictError),
        (422, "Invalid", KubernetesInvalidError),
        (429, "TooManyRequests", KubernetesBusyError),
        (401, "Unauthorized", KubernetesCredentialsError),
        (500, "InternalError", KubernetesStatusError),
        (302, "", KubernetesStatusError),
    ],
)
async def test_a_refusal_keeps_the_api_servers_words(
    tmp_path: Path, code: int, reason: str, kind: type[KubernetesStatusError]
) -> None:
    causes = [{"field": "spec.replicas", "message": "must not be negative", "reason": "FieldValueInvalid"}]
    said = f"Error from server ({reason}): these are its words" if reason else "Error from server: these are its words"
    if code == 422:
        said = "The request is invalid: spec.replicas: must not be negative"

    async def refuse(received: Received, writer: asyncio.StreamWriter) -> bool:
        body = status(code, reason, "these are its words", causes=causes, retryAfterSeconds=7)
        return await answer(writer, code, body, {"Location": "/elsewhere"})

    async with KubeApi(refuse) as api, opened(tmp_path, api.url) as client:
        with pytest.raises(kind) as caught:
            await client.request("DELETE", "/api/v1/pods/a", identity=ADA)
        assert caught.value.http_status == code
        assert caught.value.reason == reason
        assert caught.value.causes[0].field == "spec.replicas"
        assert caught.value.retry_after_s == 7
        if code != 401:
            assert caught.value.message == said
        assert len(api.received) == 1
        assert counted(client, "delete", str(code)) == 1


async def test_an_answer_that_is_no_status_is_told_by_its_number(tmp_path: Path) -> None:
    async def proxy(received: Received, writer: asyncio.StreamWriter) -> bool:
        return await answer(writer, 502, b"<html>bad gateway</html>")

    async with KubeApi(proxy) as api, opened(tmp_path, api.url) as client:
        with pytest.raises(KubernetesStatusError, match="502") as caught:
            await client.request("GET", "/version", identity=ADA)
        assert "html" not in caught.value.message


async def test_a_cluster_that_is_away_is_unavailable_for_reads_and_changes(tmp_path: Path) -> None:
    async with KubeApi() as api:
        url = api.url
    async with opened(tmp_path, url) as client:
        for method in ("GET", "DELETE"):
            with pytest.raises(UnavailableError) as caught:
                await client.request(method, "/api/v1/pods/a", identity=ADA)
            assert caught.value.code == "cluster_unavailable"
            assert "prod-eu" in caught.value.message


@pytest.mark.parametrize("method", MUTATIONS)
@pytest.mark.parametrize("broken", [drop, half, hang], ids=["dropped", "half an answer", "no answer"])
async def test_a_change_whose_answer_is_lost_is_unknown_and_is_sent_once(
    tmp_path: Path, method: str, broken: Callable[[Received, asyncio.StreamWriter], Coroutine[Any, Any, bool]]
) -> None:
    async with KubeApi(broken) as api, opened(tmp_path, api.url) as client:
        with pytest.raises(OutcomeUnknownError):
            await client.request(method, "/api/v1/pods/a", identity=ADA, body=b"{}", timeout_s=0.3)
        assert len(api.received) == 1
        assert counted(client, method.lower(), "unknown") == 1


async def test_changes_use_a_connection_of_their_own_and_reads_keep_theirs(tmp_path: Path) -> None:
    async with KubeApi() as api, opened(tmp_path, api.url) as client:
        for method in ("GET", "GET", "DELETE", "PATCH", "GET"):
            await client.request(method, "/api/v1/pods/a", identity=ADA)
        assert [got.connection for got in api.received] == [1, 1, 2, 3, 1]


async def test_a_read_on_a_kept_connection_that_died_is_repeated_once(tmp_path: Path) -> None:
    died = 0

    async def die_second(received: Received, writer: asyncio.StreamWriter) -> bool:
        nonlocal died
        if len(api.received) == 2:
            died += 1
            return False
        return await answer(writer, 200, {"n": len(api.received)})

    async with KubeApi(die_second) as api, opened(tmp_path, api.url) as client:
        await client.request("GET", "/version", identity=ADA)
        again = await client.request("GET", "/version", identity=ADA)
        assert (died, again.json()) == (1, {"n": 3})


async def test_a_read_that_keeps_breaking_is_given_up_after_the_second_time(tmp_path: Path) -> None:
    async with KubeApi(drop) as api, opened(tmp_path, api.url) as client:
        with pytest.raises(UnavailableError):
            await client.request("GET", "/version", identity=ADA)
        assert len(api.received) == 2


async def test_a_read_without_an_answer_ends_at_its_deadline(tmp_path: Path) -> None:
    async with KubeApi(hang) as api, opened(tmp_path, api.url) as client:
        with pytest.raises(DeadlineExceededError) as caught:
            await client.request("GET", "/version", identity=ADA, timeout_s=0.2)
        assert caught.value.code == "cluster_timeout"
        assert counted(client, "get", "timeout") == 1


async def test_a_dry_run_that_breaks_is_no_lost_change(tmp_path: Path) -> None:
    async with KubeApi(hang) as api, opened(tmp_path, api.url) as client:
        with pytest.raises(DeadlineExceededError):
            await client.request("PATCH", "/x", identity=ADA, body=b"{}", timeout_s=0.2, mutates=False)


async def test_an_answer_over_the_limit_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "LARGEST_ANSWER_BYTES", 1000)

    async def large(received: Received, writer: asyncio.StreamWriter) -> bool:
        return await answer(writer, 200, b"x" * 200_000)

    async with KubeApi(large) as api, opened(tmp_path, api.url) as client:
        with pytest.raises(AnswerTooLargeError):
            await client.request("GET", "/version", identity=ADA)
        with pytest.raises(OutcomeUnknownError):
            await client.request("DELETE", "/version", identity=ADA)


async def test_garbled_json_is_the_clusters_fault(tmp_path: Path) -> None:
    async def garbled(received: Received, writer: asyncio.StreamWriter) -> bool:
        return await answer(writer, 200, b"{nope")

    async with KubeApi(garbled) as api, opened(tmp_path, api.url) as client:
        found = await client.request("GET", "/version", identity=ADA)
        with pytest.raises(UnavailableError):
            found.json()


async def test_a_token_that_was_replaced_is_read_again_after_a_401(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")

    async def expects_new(received: Received, writer: asyncio.StreamWriter) -> bool:
        if received.header("Authorization") == ["Bearer new"]:
            return await answer(writer, 200, {"ok": True})
        token.write_text("new")
        return await answer(writer, 401, status(401, "Unauthorized", "Unauthorized"))

    async with KubeApi(expects_new) as api, opened(tmp_path, api.url, user={"tokenFile": str(token)}) as client:
        assert (await client.request("GET", "/version", identity=ADA)).json() == {"ok": True}


async def test_lines_of_a_stream_come_as_they_are_sent(tmp_path: Path) -> None:
    more = asyncio.Event()

    async def slowly(received: Received, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirst\nsec")
        await writer.drain()
        await more.wait()
        writer.write(b"ond\nrest")
        await writer.drain()
        return False

    async with KubeApi(slowly) as api, opened(tmp_path, api.url) as client:
        async with client.stream("/log", identity=ADA) as lines:
            assert await anext(lines) == b"first"
            more.set()
            assert [line async for line in lines] == [b"second", b"rest"]
        assert counted(client, "stream", "200") == 1


async def test_a_stream_that_is_refused_says_why(tmp_path: Path) -> None:
    async def refuse(received: Received, writer: asyncio.StreamWriter) -> bool:
        return await answer(writer, 403, status(403, "Forbidden", "not you"))

    async with KubeApi(refuse) as api, opened(tmp_path, api.url) as client:
        with pytest.raises(KubernetesForbiddenError, match="not you"):
            async with client.stream("/log", identity=ADA):
                pass
