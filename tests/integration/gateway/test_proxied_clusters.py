"""A cluster behind an HTTP proxy: everything passes its tunnel, and a proxy that is wrong is one clear sentence."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.demo import certificates
from app.errors import UnavailableError
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.connect_proxy import ConnectProxy
from tests.support.kube_api import KubeApi, Received, answer, write_kubeconfig

ANN = Impersonation("kubechat:ann", ("kubechat:admins",))
AWAY = "The cluster prod-eu does not answer: its proxy does not let the connection through."
SAID = b'{"type": "ADDED", "object": {}}'


async def serve(received: Received, writer: asyncio.StreamWriter) -> bool:
    """Answers as what it was asked for; a watch with one event."""
    if ("watch", "true") not in received.query:
        return await answer(writer, 200, {"asked": received.path})
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head + f"{len(SAID) + 1:x}\r\n".encode() + SAID + b"\n\r\n0\r\n\r\n")
    await writer.drain()
    return True


class Place:
    """An API server over TLS, with its certificates."""

    def __init__(self, folder: Path, made: certificates.Certificates) -> None:
        self.folder = folder
        self.made = made
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(self.made.certificate, self.made.key)
        self.api = KubeApi(serve, tls=self.tls)

    @asynccontextmanager
    async def client(self, proxy: str, **cluster: str) -> AsyncIterator[ClusterClient]:
        authority = base64.b64encode(self.made.authority.read_bytes()).decode()
        more = {"certificate-authority-data": authority, "proxy-url": proxy, **cluster}
        path = write_kubeconfig(self.folder / "config", f"https://127.0.0.1:{self.api.port}", **more)
        (config,) = load_clusters(path).clusters
        tracing = Tracing("gateway", "gateway-1")
        client = ClusterClient(config, Instruments(), tracing)
        try:
            yield client
        finally:
            await client.close()
            tracing.close()


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.ensure(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def place(tmp_path: Path, made_once: certificates.Certificates) -> AsyncIterator[Place]:
    made = Place(tmp_path, made_once)
    async with made.api:
        yield made


async def asked(client: ClusterClient, path: str = "/version") -> str:
    answer = await client.request("GET", path, identity=ANN)
    return str(answer.json()["asked"])


async def test_reads_changes_and_watches_pass_the_tunnel_and_nothing_passes_beside_it(place: Place) -> None:
    async with ConnectProxy() as proxy, place.client(f"http://127.0.0.1:{proxy.port}") as client:
        assert await asked(client) == "/version"
        await client.request("DELETE", "/api/v1/pods/a", identity=ANN)
        async with client.stream("/api/v1/pods", identity=ANN, query=[("watch", "true")]) as lines:
            assert [line async for line in lines if line] == [SAID]
        assert await asked(client, "/api/v1/pods") == "/api/v1/pods"
        assert set(proxy.tunnels) == {f"127.0.0.1:{place.api.port}"}
        assert len(proxy.tunnels) == place.api.connections, "every connection came through the tunnel"
        # The credentials and the person are for the cluster: they are inside TLS, where the proxy reads nothing.
        assert place.api.received[0].header("impersonate-user") == [ANN.user]
        assert place.api.received[0].header("proxy-authorization") == []


async def test_the_password_of_a_proxy_and_the_clusters_own_name_for_tls_are_kept_to(place: Place) -> None:
    async with ConnectProxy(password="ann:secret") as proxy:
        url = f"http://ann:secret@127.0.0.1:{proxy.port}"
        async with place.client(url, **{"tls-server-name": "localhost"}) as client:
            assert await asked(client) == "/version"
        async with place.client(url, **{"tls-server-name": "elsewhere.example"}) as client:
            with pytest.raises(UnavailableError, match="certificate of the cluster prod-eu is not trusted"):
                await asked(client)


async def test_a_proxy_that_is_spoken_to_over_tls_leads_there_as_well(place: Place) -> None:
    async with ConnectProxy(tls=place.tls) as proxy, place.client(f"https://127.0.0.1:{proxy.port}") as client:
        assert await asked(client) == "/version"
        assert len(proxy.tunnels) == 1


@pytest.mark.parametrize(("refuses", "password"), [(403, ""), (502, ""), (0, "ann:another")])
async def test_a_proxy_that_refuses_is_told_in_one_sentence_and_a_change_was_not_sent(
    place: Place, refuses: int, password: str
) -> None:
    async with (
        ConnectProxy(refuses=refuses, password=password) as proxy,
        place.client(f"http://ann:secret@127.0.0.1:{proxy.port}") as client,
    ):
        for method in ("GET", "DELETE"):
            with pytest.raises(UnavailableError) as caught:
                await client.request(method, "/api/v1/pods/a", identity=ANN)
            assert (caught.value.message, caught.value.code) == (AWAY, "cluster_unavailable")
            assert "secret" not in caught.value.message
    assert place.api.connections == 0


async def test_what_is_no_proxy_at_all_is_told_in_one_sentence(place: Place) -> None:
    async with KubeApi() as no_proxy, place.client(f"http://127.0.0.1:{no_proxy.port}") as client:
        with pytest.raises(UnavailableError) as caught:
            await asked(client)
    assert caught.value.message.startswith("The cluster prod-eu does not answer: ")
    assert place.api.connections == 0
