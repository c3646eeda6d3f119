"""A cluster that answers badly has one clear reason behind its name, while another cluster answers unharmed."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock
from uuid import uuid4

import pytest
import yaml

from app.demo import certificates
from app.domain.commands.parser import parse_each
from app.domain.commands.results import TableResult
from app.domain.identities import Person, Role
from app.domain.policy.policy import open_policy
from app.errors import KubeChatError
from app.gateway.service.fan_out import FanOut
from app.gateway.service.previews import previews_of
from app.gateway.service.reads import Reads
from app.telemetry.instruments import Instruments
from tests.support.demo import DemoProcess
from tests.support.fleet import Behaviour, Fleet, engine_of, hangs, names, running
from tests.support.kube_api import KubeApi, Received, answer, status

ANN = Person(uuid4(), "ada", "Ada", Role.ADMIN)
ILL, WELL = names(2)


async def with_500(_: Received, writer: asyncio.StreamWriter) -> bool:
    return await answer(writer, 500, status(500, "InternalError", "etcd is away"))


async def with_503_and_rubbish(_: Received, writer: asyncio.StreamWriter) -> bool:
    return await answer(writer, 503, b"<html>upstream s3cret</html>")


async def half_a_body(_: Received, writer: asyncio.StreamWriter) -> bool:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"kind":')
    await writer.drain()
    return False


async def no_json(_: Received, writer: asyncio.StreamWriter) -> bool:
    return await answer(writer, 200, b"hello")


async def closes_at_once(_: Received, __: asyncio.StreamWriter) -> bool:
    return False


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (hangs, "did not answer within 2 s"),
        (with_500, "Error from server (InternalError): etcd is away"),
        (with_503_and_rubbish, "answered with HTTP status 503"),
        (half_a_body, "its answer broke off"),
        (no_json, "gave an answer that cannot be read"),
        (closes_at_once, "the connection broke"),
    ],
)
async def test_a_cluster_that_answers_badly_has_one_clear_reason(
    tmp_path: Path, behaviour: Behaviour, reason: str
) -> None:
    async with running(Fleet(names(2), {ILL: behaviour}), tmp_path) as (_, kubeconfig):
        assert await _reason(kubeconfig) == reason


async def test_a_certificate_of_another_authority_or_for_another_name_is_not_trusted(tmp_path: Path) -> None:
    made, other = certificates.ensure(tmp_path / "one"), certificates.ensure(tmp_path / "other")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(made.certificate, made.key)
    fleet = Fleet(names(2))
    async with KubeApi(fleet.serve, tls=tls) as api:
        path = fleet.kubeconfig(tmp_path / "config", api.url)

        async def reason(**cluster: Any) -> str:
            content = yaml.safe_load(path.read_text())
            for each in content["clusters"]:
                each["cluster"]["certificate-authority"] = str(made.authority)
            content["clusters"][0]["cluster"] |= cluster
            (tmp_path / "changed").write_text(yaml.safe_dump(content))
            return await _reason(tmp_path / "changed")

        assert await reason(**{"certificate-authority": str(other.authority)}) == "its certificate is not trusted"
        assert await reason(**{"tls-server-name": "elsewhere.example"}) == "its certificate is not trusted"
        assert await reason(**{"tls-server-name": "localhost"}) == ""


async def test_a_proxy_that_is_not_there_is_named(tmp_path: Path) -> None:
    fleet = Fleet(names(2))
    async with KubeApi(fleet.serve) as api:
        path = fleet.kubeconfig(tmp_path / "config", api.url)
        content = yaml.safe_load(path.read_text())
        content["clusters"][0]["cluster"]["proxy-url"] = "http://127.0.0.1:1"
        path.write_text(yaml.safe_dump(content))
        assert await _reason(path) == "its proxy does not let the connection through"


async def _reason(kubeconfig: Path) -> str:
    """Why the first cluster gave nothing; the second one's pods are there whatever that is."""
    instruments, show = Instruments(), AsyncMock()
    async with engine_of(kubeconfig, instruments) as engine:
        fan_out = FanOut(Reads(engine, instruments), lambda: engine.cluster_names, instruments, within_s=2)
        commands = parse_each("get pods --all-clusters", cluster=WELL, namespace="shop", clusters=names(2))
        await fan_out.run(ANN, commands, show, [])
    results = [call.args[0] for call in show.await_args_list]
    (table,) = [result for result in results if isinstance(result, TableResult)]
    assert WELL in {row[0] for row in table.rows}
    said = "".join(result.notes for result in results[1:])
    return said.partition(f"{ILL}: ")[2].removesuffix("\n")


async def test_a_change_on_several_clusters_is_not_offered_where_one_cannot_do_it(tmp_path: Path) -> None:
    demo = DemoProcess(tmp_path)
    demo.start()
    try:
        async with engine_of(demo.kubeconfig) as engine:
            line = "scale deployment web --replicas=2 --all-clusters"
            commands = parse_each(line, cluster="prod-eu", namespace="shop", clusters=engine.cluster_names)
            found = await previews_of(engine, open_policy(), ANN, commands)
            assert [preview.command.cluster for preview in found] == ["prod-eu", "prod-us", "staging"]
            demo.fault("refuse", "staging")
            with pytest.raises(KubeChatError) as refused:
                await previews_of(engine, open_policy(), ANN, commands)
            assert refused.value.code == "not_every_cluster"
            assert "2 of 3 clusters answered; staging: the connection broke" in refused.value.message
    finally:
        demo.stop()
