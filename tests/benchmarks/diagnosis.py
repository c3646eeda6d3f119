"""A diagnosis of a namespace of a hundred pods: what one core of the gateway does for it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import uvloop

from app.domain.commands.engine import Engine
from app.domain.commands.parser import parse
from app.domain.commands.results import DiagnosisResult
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from slo.targets.requirements import COMPLEX_OPERATIONS
from tests.benchmarks.row import Row
from tests.support.demo import DemoProcess
from tests.support.known_types import known_types
from tests.support.waiting import wait_for

PODS, WORKLOADS = 100, 10
TIMES = 40
SHARE = 0.1  # of the time that a diagnosis may take: one core gives five in a second then, and clusters take the rest
ADA = Impersonation("kubechat:ada", ("kubechat:admins",))
SPACE = "hundred"
_BASE = "/clusters/prod-eu"
_SETS = f"{_BASE}/apis/apps/v1/namespaces/{SPACE}/deployments"
_POD_S = f"{_BASE}/api/v1/namespaces/{SPACE}/pods"
_NOTE = (
    f"`diagnose -n {SPACE}` of {PODS} pods of {WORKLOADS} deployments, half of them of an image that does not exist,"
    " on the demo server, which runs in a process of its own: all lists read and decoded, every analyzer run, ranked,"
    " redacted and written out. Time is CPU time of this process, the mean of one after the other."
)


def hundred_pods() -> Iterable[Row]:
    """Seconds of CPU for one diagnosis."""
    with tempfile.TemporaryDirectory(prefix="kubechat-bench-") as folder:
        demo = DemoProcess(Path(folder))
        demo.start()
        try:
            demo.ask("POST", f"{_BASE}/api/v1/namespaces", {"metadata": {"name": SPACE}})
            for number in range(WORKLOADS):
                demo.ask("POST", _SETS, _workload(number))
            wait_for("the pods", lambda: len(demo.ask("GET", _POD_S)["items"]) == PODS)
            wait_for("those that hang", lambda: str(demo.ask("GET", _POD_S)).count("ImagePullBackOff") >= PODS // 2)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the gateway runs
                one_s = runner.run(_diagnosed(demo))
        finally:
            demo.stop()
    bound_s = COMPLEX_OPERATIONS.named("duration").number * SHARE
    yield Row(
        "diagnosis of a namespace of 100 pods",
        one_s * 1000,
        "ms of CPU",
        f"{bound_s * 1000:.3g} ms of CPU, a tenth of what it may take",
        one_s / bound_s,
        "<= 1",
        note=_NOTE,
    )


def _workload(number: int) -> dict[str, object]:
    labels = {"app": f"bench-{number}"}
    image = "nginx:1.27" if number % 2 else "nginx:no-such-tag"
    spec = {"containers": [{"name": "web", "image": image}]}
    return {
        "metadata": {"name": f"bench-{number}"},
        "spec": {
            "replicas": PODS // WORKLOADS,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


async def _diagnosed(demo: DemoProcess) -> float:
    """Seconds of CPU for one."""
    tracing, instruments = Tracing("gateway", "gateway-1"), Instruments()
    clients = {
        config.name: ClusterClient(config, instruments, tracing) for config in load_clusters(demo.kubeconfig).clusters
    }
    engine = Engine(clients, current="prod-eu", known_types=known_types())

    async def run(times: int) -> None:
        for _ in range(times):
            command = parse(f"diagnose -n {SPACE}", cluster="prod-eu", namespace="shop", clusters=engine.cluster_names)
            (found,) = await engine.read(command, ADA)
            assert isinstance(found, DiagnosisResult)
            assert len(found.causes) == WORKLOADS // 2, found.text

    try:
        await run(3)
        started = time.process_time()
        await run(TIMES)
        return (time.process_time() - started) / TIMES
    finally:
        for client in clients.values():
            await client.close()
        tracing.close()
