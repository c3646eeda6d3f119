"""A cluster that is replaced by another of the same name is noticed, and nothing that was meant for the old one happens."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.clusters import sameness as under_test
from app.domain.clusters.sameness import Sameness
from app.domain.commands.parser import parse
from app.errors import ConflictError
from app.infra.kubernetes.impersonation import Impersonation
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.support.demo import DemoProcess
from tests.support.fleet import Fleet, engine_of, names, running
from tests.support.kube_api import Received, answer, status
from tests.support.waiting import until

ANN = Impersonation("kubechat:ada", ("kubechat:admins",))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(under_test, "FRESH_FOR_S", 0.0)


async def test_another_uid_of_kube_system_is_told_and_counted_once(tmp_path: Path) -> None:
    instruments, told = Instruments(), asyncio.Queue[tuple[str, str, str]]()

    async def replaced(*what: str) -> None:
        await told.put((what[0], what[1], what[2]))

    sameness = Sameness(instruments, replaced)
    fleet = Fleet(names(2))
    async with running(fleet, tmp_path) as (api, kubeconfig), engine_of(kubeconfig, instruments, sameness) as engine:
        command = parse("get pods", cluster="c-000", namespace="shop", clusters=names(2))
        looks = 0

        async def looked() -> bool:
            seen = sum(each.path.endswith("/kube-system") for each in api.received)
            return seen == looks and not sameness._looking

        async def asked() -> None:
            nonlocal looks
            await engine.read(command, ANN)
            looks += 1
            await until("the look", looked)

        await asked()
        await asked()
        assert told.empty()
        fleet.uids["c-000"] = "another"
        await asked()
        assert await asyncio.wait_for(told.get(), 10) == ("c-000", "uid-of-c-000", "another")
        await asked()
        assert told.empty()
        await sameness.close()
    assert instruments.value(catalogue.CLUSTER_REPLACEMENTS, cluster="c-000") == 1


async def test_where_nobody_may_look_nothing_is_refused(tmp_path: Path) -> None:
    async def closed(_: Received, writer: asyncio.StreamWriter) -> bool:
        return await answer(writer, 403, status(403, "Forbidden", "namespaces is forbidden"))

    fleet = Fleet(names(1), {"c-000": closed})
    sameness = Sameness(Instruments())
    async with running(fleet, tmp_path) as (_, kubeconfig), engine_of(kubeconfig) as engine:
        client = engine._client("c-000")
        assert await sameness.uid(client, ANN) == ""
        await sameness.require(client, ANN, "uid-of-the-old-one")


async def test_what_was_previewed_on_another_cluster_is_refused_in_a_clear_sentence(tmp_path: Path) -> None:
    """Also what makes something new, which no object's uid would tell."""
    demo = DemoProcess(tmp_path)
    demo.start()
    try:
        async with engine_of(demo.kubeconfig, sameness=Sameness(Instruments())) as engine:
            line = "create configmap only-there --from-literal=a=b"
            command = parse(line, cluster="prod-eu", namespace="shop", clusters=engine.cluster_names)
            (step,) = (await engine.preview(command, ANN)).steps
            uid = demo.ask("GET", "/clusters/prod-eu/api/v1/namespaces/kube-system")["metadata"]["uid"]
            assert step.cluster_uid == uid
            assert await engine.recheck(step, ANN) is not None
            with pytest.raises(ConflictError) as found:
                await engine.recheck(replace(step, cluster_uid="of-the-one-that-was-there"), ANN)
    finally:
        demo.stop()
    assert found.value.code == "cluster_replaced"
    assert found.value.message.startswith("The cluster prod-eu is another one than when this was previewed;")
