"""Each phase of the way to a peer is told, against servers that answer, refuse, hang up and say something else."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.errors import InternalError
from app.telemetry import exporter_catalogue as more
from exporters.exporter import Exporter
from exporters.network import VITALS, Peer, Probe, peers
from exporters.sheet import Sheet
from tests.support.ports import free_port

Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def saying(answer: bytes) -> Speak:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    return speak


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@asynccontextmanager
async def serving(speak: Speak, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(speak, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def probed(url: str, authority: Path | None = None, deadline_s: float = 2.0) -> Sheet:
    (peer,) = peers(f"peer={url}")
    return await Exporter("network", [Probe(peer, authority)], VITALS, deadline_s=deadline_s).collect()


def phases(sheet: Sheet) -> set[str]:
    return {
        phase
        for phase in ("resolve", "connect", "tls", "first_byte")
        if sheet.value(more.NETWORK_PHASE, peer="peer", phase=phase) is not None
    }


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "30"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "crt.pem")]
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*new, *files, *subject], check=True, capture_output=True)
    return tmp_path / "crt.pem"


def end_of(certificate: Path) -> int:
    """When a certificate ends, as openssl says."""
    asked = ["openssl", "x509", "-in", str(certificate), "-noout", "-enddate"]
    shown = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    return ssl.cert_time_to_seconds(shown.strip().partition("=")[2])


async def test_a_port_that_takes_connections_is_up_and_hears_nothing() -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.read())
        writer.close()

    async with serving(listen) as port:
        sheet = await probed(f"tcp://127.0.0.1:{port}")
        async with asyncio.timeout(5):
            assert await heard.get() == b""
    assert sheet.value(more.NETWORK_UP, peer="peer") == 1
    assert phases(sheet) == {"resolve", "connect"}


async def test_a_name_with_an_address_that_nobody_answers_on_is_up_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(silent) as port:
        ways = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", each)) for each in (free_port(), port)]

        async def both(*_: object, **__: object) -> list[object]:
            return list(ways)

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
        sheet = await probed(f"tcp://two.example:{port}")
    assert sheet.value(more.NETWORK_UP, peer="peer") == 1
    assert phases(sheet) == {"resolve", "connect"}


async def test_an_http_service_tells_the_time_to_its_first_byte() -> None:
    async with serving(saying(b"HTTP/1.1 204 No Content\r\n\r\n")) as port:
        sheet = await probed(f"http://localhost:{port}/healthz")
    assert sheet.value(more.NETWORK_UP, peer="peer") == 1
    assert phases(sheet) == {"resolve", "connect", "first_byte"}


async def test_tls_has_a_phase_of_its_own_and_tells_when_the_certificate_ends(certificate: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, certificate.with_name("key.pem"))
    async with serving(saying(b"HTTP/1.1 200 OK\r\n\r\n"), tls) as port:
        sheet = await probed(f"https://localhost:{port}/", certificate)
        stranger = await probed(f"https://localhost:{port}/")
    assert phases(sheet) == {"resolve", "connect", "tls", "first_byte"}
    assert sheet.value(more.NETWORK_CERTIFICATE_END, peer="peer") == end_of(certificate)
    assert stranger.value(more.NETWORK_UP, peer="peer") == 0, "a certificate that nobody vouches for"


@pytest.mark.parametrize(
    "speak",
    [saying(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"), saying(b"+PONG\r\n"), saying(b""), silent],
    ids=["refuses", "no http", "hangs up", "says nothing"],
)
async def test_what_does_not_answer_as_it_should_is_down_within_the_deadline(speak: Speak) -> None:
    async with serving(speak) as port:
        sheet = await probed(f"http://127.0.0.1:{port}/", deadline_s=0.3)
    assert sheet.value(more.NETWORK_UP, peer="peer") == 0
    assert phases(sheet) == set()


async def test_a_port_where_nobody_listens_is_down() -> None:
    assert (await probed(f"tcp://127.0.0.1:{free_port()}")).value(more.NETWORK_UP, peer="peer") == 0


async def test_a_name_that_nobody_knows_is_down() -> None:
    assert (await probed("tcp://no-such-name.invalid:1")).value(more.NETWORK_UP, peer="peer") == 0


def test_peers_are_named_addresses() -> None:
    assert peers("a=tcp://127.0.0.1:5432, b=https://b.example/readyz?x=1") == [
        Peer("a", "tcp", "127.0.0.1", 5432, "/"),
        Peer("b", "https", "b.example", 443, "/readyz?x=1"),
    ]
    assert peers("") == []


@pytest.mark.parametrize(
    "wrong",
    ["127.0.0.1:1", "a=ftp://b:1", "a=tcp://b", "A b=tcp://c:1", "a=http://u:p@b/", "a=tcp://b:1,a=tcp://c:1"],
)
def test_what_is_no_peer_is_refused(wrong: str) -> None:
    with pytest.raises(InternalError, match="KUBECHAT_EXPORT_NETWORK_PEERS"):
        peers(wrong)
