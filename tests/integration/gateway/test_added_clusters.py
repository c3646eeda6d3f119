"""A cluster that an administrator adds while the gateway runs: tried, sealed, known to every replica, and removed."""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from app.demo import certificates
from app.gateway import main
from tests.integration.gateway.test_warm_start import house as house  # noqa: PLC0414 - a fixture
from tests.integration.gateway.test_warm_start import nodes as nodes  # noqa: PLC0414 - a fixture
from tests.support.fleet import Fleet, names
from tests.support.gateway_replica import PASSWORD, House, Replica
from tests.support.kube_api import KubeApi
from tests.support.waiting import until

PATH = "/api/v1/clusters"
CANARY = "canary-token-of-the-new-one"


@asynccontextmanager
async def new_cluster(folder: Path) -> AsyncIterator[dict[str, Any]]:
    """A cluster that is there, and a kubeconfig that leads to it."""
    made = certificates.ensure(folder / "tls")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(made.certificate, made.key)
    async with KubeApi(Fleet(names(1)).serve, tls=tls) as api:
        yield {
            "current-context": "theirs",
            "clusters": [
                {
                    "name": "c",
                    "cluster": {
                        "server": f"{api.url}/c-000",
                        "certificate-authority-data": base64.b64encode(made.authority.read_bytes()).decode(),
                    },
                }
            ],
            "contexts": [{"name": "theirs", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}],
            "users": [{"name": "u", "user": {"token": CANARY}}],
        }


def with_keys(house: House, folder: Path, *keys: str) -> House:
    path = folder / "cluster-keys"
    path.write_text("\n".join(f"{name}:{base64.b64encode(name[:1].encode() * 32).decode()}" for name in keys))
    return replace(house, settings=partial(house.settings, cluster_keys_file=path))


async def signed_in(replica: Replica) -> dict[str, str]:
    reply = await replica.http.post("/api/v1/tokens", json={"user": "admin", "password": PASSWORD})
    assert reply.status_code == 201, reply.text
    return {"authorization": f"Bearer {reply.json()['token']}"}


async def add(replica: Replica, headers: dict[str, str], content: dict[str, Any], name: str = "new") -> Any:
    body = {"name": name, "kubeconfig": yaml.safe_dump(content)}
    return await replica.http.post(PATH, json=body, headers=headers)


async def known(replica: Replica, headers: dict[str, str]) -> dict[str, str] | None:
    reply = await replica.http.get(PATH, headers=headers)
    if reply.status_code != 200:
        return None  # busy, on a machine with other things to do
    return {each["name"]: each["state"] for each in reply.json()["clusters"]}


async def kept(house: House) -> asyncpg.Record:
    connection = await asyncpg.connect(house.settings().postgres_direct_url)
    try:
        return await connection.fetchrow("SELECT * FROM added_clusters")
    finally:
        await connection.close()


@pytest.mark.full
async def test_a_cluster_is_added_on_one_replica_asked_on_another_and_gone_on_both_when_removed(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "REFRESH_EVERY_S", 3_600.0)  # they are told, and do not have to look by themselves
    house = with_keys(house, tmp_path, "k1")
    async with new_cluster(tmp_path) as content, house.replica() as one, house.replica() as other:
        headers = await signed_in(one)
        added = await add(one, headers, content)
        assert (added.status_code, added.json()["name"], added.json()["version"]) == (201, "new", "v1.32.0")
        assert (await add(one, headers, content)).json()["error"]["code"] == "cluster_exists"
        await until("the other replica to know it", partial(_has, other, headers, present=True))
        line = {"line": "kubectl get pods --context new"}
        reply = await other.http.post("/api/v1/commands", json=line, headers=headers)
        assert reply.json()["events"][0]["rows"][0][0] == "web-c-000-0", reply.text
        row = await kept(house)
        assert CANARY.encode() not in bytes(row["sealed"])
        assert CANARY not in added.text + (await one.http.get(PATH, headers=headers)).text
        of_file = await one.http.delete(f"{PATH}/prod-eu", headers=headers)
        assert of_file.json()["error"]["code"] == "cluster_of_file"
        assert (await one.http.delete(f"{PATH}/new", headers=headers)).status_code == 204
        await until("the other replica to forget it", partial(_has, other, headers, present=False))
        assert await kept(house) is None


async def _has(replica: Replica, headers: dict[str, str], *, present: bool) -> bool:
    names = await known(replica, headers)
    return names is not None and ("new" in names) is present


@pytest.mark.full
async def test_what_lies_under_an_old_key_is_put_under_the_newest_and_without_its_key_says_so(
    house: House, tmp_path: Path
) -> None:
    async with new_cluster(tmp_path) as content:
        async with with_keys(house, tmp_path, "a1").replica() as replica:
            assert (await add(replica, await signed_in(replica), content)).status_code == 201
        async with with_keys(house, tmp_path, "b1", "a1").replica() as replica:
            assert (await kept(house))["key_id"] == "b1"
            assert (await known(replica, await signed_in(replica)))["new"] == "ready"
        async with with_keys(house, tmp_path, "c1").replica() as replica:
            assert (await known(replica, await signed_in(replica)))["new"] == "cluster_configuration"


@pytest.mark.full
@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "x"}}}, "", "start a program"),
        ({"user": {"tokenFile": "/etc/passwd"}}, "", "names a file"),
        ({"cluster": {"server": "http://127.0.0.1:1"}}, "", "not https"),
        ({"cluster": {"server": "https://127.0.0.1:1"}}, "cluster_unavailable", "connection refused"),
        ({"cluster": {"certificate-authority-data": None}}, "cluster_certificate", "not trusted"),
        ({"cluster": {"insecure-skip-tls-verify": True}}, "", "insecure-skip-tls-verify"),
    ],
)
async def test_a_cluster_that_may_not_or_cannot_be_spoken_to_is_refused_and_not_kept(
    house: House, tmp_path: Path, change: dict[str, Any], code: str, said: str
) -> None:
    async with new_cluster(tmp_path) as content, with_keys(house, tmp_path, "k1").replica() as replica:
        for part, values in change.items():
            content[f"{part}s"][0][part] |= values
        reply = await add(replica, await signed_in(replica), content)
        error = reply.json()["error"]
        assert (error["code"], said in error["message"]) == (code or "invalid_kubeconfig", True), error
        assert CANARY not in reply.text
        assert await kept(house) is None


@pytest.mark.full
async def test_without_a_key_nothing_is_added(house: House, tmp_path: Path) -> None:
    async with new_cluster(tmp_path) as content, house.replica() as replica:
        reply = await add(replica, await signed_in(replica), content)
        assert (reply.status_code, "KUBECHAT_CLUSTER_KEYS_FILE" in reply.text) == (501, True)
