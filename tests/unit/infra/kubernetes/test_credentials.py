"""Credentials of every kind, against real files, programs and servers; what fails is told without what it holds."""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest

from app.demo import certificates
from app.errors import UnavailableError
from app.infra.kubernetes import credentials as under_test
from app.infra.kubernetes.credentials import Credentials
from app.infra.kubernetes.kubeconfig import load_clusters
from app.infra.kubernetes.plugins import run_plugin
from tests.support.kube_api import KubeApi, Received, answer, write_kubeconfig
from tests.support.waiting import wait_for

V1 = "client.authentication.k8s.io/v1"
SERVER = "https://127.0.0.1:1"


def of(tmp_path: Path, user: dict[str, Any], server: str = SERVER, **cluster: Any) -> Credentials:
    return Credentials(
        load_clusters(write_kubeconfig(tmp_path / "kubeconfig", server, user=user, **cluster)).clusters[0]
    )


def plugin(tmp_path: Path, script: str, **more: Any) -> dict[str, Any]:
    path = tmp_path / "plugin"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(stat.S_IRWXU)
    return {"exec": {"apiVersion": V1, "command": "./plugin", **more}}


def printing(status: dict[str, Any], version: str = V1) -> str:
    said = orjson.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status}).decode()
    return f"echo '{said}'"


async def refused(credentials: Credentials) -> str:
    with pytest.raises(UnavailableError) as found:
        await credentials.proof()
    assert found.value.code == "cluster_credentials"
    return found.value.message


async def test_a_token_file_is_read_again_when_it_has_aged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "RELOAD_EVERY_S", 0.0)
    (tmp_path / "token").write_text("first\n")
    credentials = of(tmp_path, {"tokenFile": "token"})
    assert (await credentials.proof()).authorization == "Bearer first"
    (tmp_path / "token").write_text("second\n")
    assert (await credentials.proof()).authorization == "Bearer second"


async def test_a_password_is_shown_as_http_does(tmp_path: Path) -> None:
    proof = await of(tmp_path, {"username": "ann", "password": "pw"}).proof()
    assert proof.authorization == f"Basic {base64.b64encode(b'ann:pw').decode()}"


async def test_a_context_without_credentials_makes_no_call(tmp_path: Path) -> None:
    assert "no credentials" in await refused(of(tmp_path, {}))


async def test_a_plugin_is_told_what_it_asks_for_and_none_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECHAT_POSTGRES_URL", "postgresql://u:s3cret@h/d")
    script = f'env > "{tmp_path}/seen"; ' + printing({"token": "fresh"})
    user = plugin(tmp_path, script, env=[{"name": "AWS_PROFILE", "value": "prod"}], provideClusterInfo=True)
    assert (await of(tmp_path, user).proof()).authorization == "Bearer fresh"
    seen = (tmp_path / "seen").read_text()
    assert "AWS_PROFILE=prod" in seen
    assert "s3cret" not in seen
    assert f'"cluster":{{"server":"{SERVER}"}}' in seen


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo s3cret rubbish", "no ExecCredential"),
        ("echo '[]'", "no ExecCredential"),
        ("echo s3cret >&2; exit 1", "ended with status 1"),
        (printing({}), "without a token"),
        (printing({"clientCertificateData": "s3cret"}), "without a token"),
        (printing({"token": "s3cret"}, "client.authentication.k8s.io/v1beta1"), "another version"),
        (printing({"token": "s3cret", "expirationTimestamp": "2020-01-01T00:00:00Z"}), "had expired already"),
        (printing({"token": "s3cret", "expirationTimestamp": "soon"}), "a time that is none"),
        ("head -c 200000 /dev/zero", "printed too much"),
    ],
)
async def test_a_plugin_that_gives_no_credential_is_told_in_one_sentence_without_its_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], script: str, said: str
) -> None:
    message = await refused(of(tmp_path, plugin(tmp_path, script)))
    assert said in message
    assert message.startswith("The credentials of the cluster prod-eu cannot be used: its plugin ")
    assert "s3cret" not in message + "".join(capfd.readouterr())


async def test_a_plugin_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "cannot be started" in await refused(of(tmp_path, {"exec": {"apiVersion": V1, "command": "./nosuch"}}))


async def test_a_plugin_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    user = plugin(tmp_path, f'sleep 600 & echo $! > "{tmp_path}/child"; wait')
    with pytest.raises(Exception, match="did not end within"):
        await run_plugin(user["exec"], {}, tmp_path, within_s=0.5)
    child = int((tmp_path / "child").read_text())
    await asyncio.to_thread(wait_for, "its child to be gone", lambda: not _runs(child))


async def test_those_who_wait_for_the_same_plugin_start_it_once(tmp_path: Path) -> None:
    credentials = of(tmp_path, plugin(tmp_path, f'echo x >> "{tmp_path}/starts"; exit 1'))
    found = await asyncio.gather(*(credentials.proof() for _ in range(5)), return_exceptions=True)
    assert {type(each) for each in found} == {UnavailableError}
    assert (tmp_path / "starts").read_text() == "x\n"


async def test_what_a_plugin_gave_is_kept_until_shortly_before_it_ends(tmp_path: Path) -> None:
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    script = f'echo x >> "{tmp_path}/starts"; ' + printing({"token": "fresh", "expirationTimestamp": later})
    credentials = of(tmp_path, plugin(tmp_path, script))
    for _ in range(3):
        await credentials.proof()
    assert (tmp_path / "starts").read_text() == "x\n"


@pytest.mark.parametrize(
    ("user", "cluster", "said"),
    [
        ({"tokenFile": "nosuch"}, {}, "its token file cannot be read"),
        ({"token": "t"}, {"certificate-authority": "nosuch"}, "its file of certificate-authority cannot be read"),
        ({"client-certificate": "nosuch", "client-key": "nosuch"}, {}, "its file of client-certificate cannot be read"),
        (
            {"token": "t"},
            {"certificate-authority-data": base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMII=\n").decode()},
            "its CA holds no certificate",
        ),
    ],
)
async def test_a_file_or_certificate_that_cannot_be_used_is_named(
    tmp_path: Path, user: dict[str, Any], cluster: dict[str, Any], said: str
) -> None:
    assert said in await refused(of(tmp_path, user, **cluster))


async def test_a_key_that_does_not_fit_its_certificate_is_named(tmp_path: Path) -> None:
    one, two = certificates.ensure(tmp_path / "one"), certificates.ensure(tmp_path / "two")
    user = {"client-certificate": str(one.certificate), "client-key": str(two.key)}
    assert "do not fit" in await refused(of(tmp_path, user))
    fitting = {"client-certificate": str(one.certificate), "client-key": str(one.key)}
    assert (await of(tmp_path, fitting).proof()).tls is not None


def _token(ends_in_s: float, name: str = "") -> str:
    claims = base64.urlsafe_b64encode(orjson.dumps({"exp": time.time() + ends_in_s, "name": name})).decode()
    return f"e30.{claims.rstrip('=')}.sig"


def _provider(url: Callable[[], str], seen: list[dict[str, list[str]]]) -> Callable[..., Awaitable[bool]]:
    async def serve(received: Received, writer: asyncio.StreamWriter) -> bool:
        if received.path.endswith("openid-configuration"):
            return await answer(writer, 200, {"token_endpoint": f"{url()}/token"})
        seen.append(parse_qs(received.body.decode()))
        number = len(seen)
        return await answer(
            writer, 200, {"id_token": _token(-100 if number < 2 else 3600, str(number)), "refresh_token": f"r{number}"}
        )

    return serve


async def test_an_id_token_is_renewed_by_a_verified_provider_whose_new_refresh_token_is_remembered(
    tmp_path: Path,
) -> None:
    made = certificates.ensure(tmp_path / "tls")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(made.certificate, made.key)
    seen: list[dict[str, list[str]]] = []
    async with KubeApi(tls=tls) as provider:
        provider.script = _provider(lambda: provider.url, seen)
        config = {
            "idp-issuer-url": provider.url,
            "client-id": "kubechat",
            "id-token": _token(-100),
            "refresh-token": "r0",
            "idp-certificate-authority-data": base64.b64encode(made.authority.read_bytes()).decode(),
        }
        credentials = of(tmp_path, {"auth-provider": {"name": "oidc", "config": config}})
        await credentials.proof()
        proof = await credentials.proof()
        await credentials.proof()
        config.pop("idp-certificate-authority-data")
        stranger = of(tmp_path, {"auth-provider": {"name": "oidc", "config": config}})
        assert "not trusted" in await refused(stranger)
    assert [each["refresh_token"] for each in seen] == [["r0"], ["r1"]]
    assert proof.authorization.startswith("Bearer e30.")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
