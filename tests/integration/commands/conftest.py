"""The demo clusters as a process, and an engine that speaks to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Command
from app.domain.commands.parser import parse
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.demo import DemoProcess
from tests.support.known_types import known_types

CLUSTERS = ("prod-eu", "prod-us", "staging")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    running = DemoProcess(tmp_path_factory.mktemp("demo"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def clients(demo: DemoProcess) -> AsyncIterator[dict[str, ClusterClient]]:
    found = load_clusters(demo.kubeconfig)
    tracing, instruments = Tracing("gateway", "gateway-1"), Instruments()
    async with AsyncExitStack() as stack:
        stack.callback(tracing.close)
        clients = {config.name: ClusterClient(config, instruments, tracing) for config in found.clusters}
        for client in clients.values():
            stack.push_async_callback(client.close)
        yield clients


@pytest.fixture
def engine(clients: dict[str, ClusterClient]) -> Engine:
    return Engine(clients, current="prod-eu", known_types=known_types())


@pytest.fixture
def admin() -> Impersonation:
    return Impersonation("kubechat:ada", ("kubechat:admins",))


@pytest.fixture
def viewer() -> Impersonation:
    return Impersonation("kubechat:vera", ("kubechat:viewers",))


def command(line: str, cluster: str = "prod-eu", namespace: str = "shop") -> Command:
    return parse(line, cluster=cluster, namespace=namespace, clusters=CLUSTERS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A one-use TLS connection may still wait for the peer's goodbye when a test's loop ends: no leak of ours."""
    for item in items:
        if "integration/commands" in item.path.as_posix():
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))
