"""Reads that were answered a moment ago: for nobody but who asked, and for nothing that a change rests on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.domain.clusters.answers import Answers
from app.domain.commands.engine import Engine
from app.domain.commands.results import TableResult
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.errors import KubernetesForbiddenError
from app.infra.kubernetes.impersonation import Impersonation
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.integration.commands.conftest import command
from tests.support.demo import DemoProcess
from tests.support.known_types import known_types

CONFIG_MAPS = "/clusters/prod-eu/api/v1/namespaces/qa/configmaps"
BINDINGS = "get clusterrolebindings"


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
def caching(clients: dict[str, ClusterClient], instruments: Instruments) -> Engine:
    return Engine(clients, current="prod-eu", known_types=known_types(), answers=Answers(instruments))


@pytest.fixture
async def marked(demo: DemoProcess) -> AsyncIterator[str]:
    """A ConfigMap with the label `step: one`."""
    demo.ask("POST", CONFIG_MAPS, {"metadata": {"name": "kept", "labels": {"step": "one"}}, "data": {}})
    yield f"{CONFIG_MAPS}/kept"
    demo.ask("DELETE", f"{CONFIG_MAPS}/kept")


async def rows(engine: Engine, line: str, who: Impersonation) -> list[list[str]]:
    (result,) = await engine.read(command(line), who)
    assert isinstance(result, TableResult)
    return result.rows


def hits(instruments: Instruments) -> float:
    return instruments.value(catalogue.CACHE_LOOKUPS, cache="kubernetes_answers", result="hit")


async def test_what_an_admin_has_just_read_is_refused_to_a_viewer_who_may_not(
    caching: Engine, instruments: Instruments, admin: Impersonation, viewer: Impersonation
) -> None:
    first = await rows(caching, BINDINGS, admin)
    assert await rows(caching, BINDINGS, admin) == first
    assert hits(instruments) > 0, "it is kept for the admin"
    with pytest.raises(KubernetesForbiddenError):
        await caching.read(command(BINDINGS), viewer)


async def test_a_person_who_has_lost_a_group_is_refused_what_they_have_just_read(
    caching: Engine, admin: Impersonation
) -> None:
    await rows(caching, BINDINGS, admin)
    with pytest.raises(KubernetesForbiddenError):
        await caching.read(command(BINDINGS), Impersonation(admin.user, ("kubechat:viewers",)))


async def test_a_preview_shows_what_is_there_now_whatever_was_read_before(
    caching: Engine, admin: Impersonation, demo: DemoProcess, marked: str
) -> None:
    labels = "get configmap kept -n qa --show-labels"
    assert "step=one" in (await rows(caching, labels, admin))[0]
    found = demo.ask("GET", marked)
    found["metadata"]["labels"]["step"] = "two"
    demo.ask("PUT", marked, found)
    assert "step=one" in (await rows(caching, labels, admin))[0], "what is kept may be up to half a minute old"
    preview: Any = await caching.preview(command("label configmap kept -n qa --overwrite step=three"), admin)
    told = str(preview)
    assert '"two"' in told
    assert '"one"' not in told


async def test_a_secret_is_read_anew_each_time(caching: Engine, instruments: Instruments, admin: Impersonation) -> None:
    await rows(caching, "get secrets", admin)
    await rows(caching, "get secrets", admin)
    assert hits(instruments) == 0
