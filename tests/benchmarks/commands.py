"""`get pods` of a hundred pods: what one core does of them, and what kubectl as a subprocess would take."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import uvloop

from app.domain.commands.engine import Engine
from app.domain.commands.parser import parse
from app.domain.commands.printing import printed
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.benchmarks.row import Row
from tests.support.demo import DemoProcess
from tests.support.known_types import known_types
from tests.support.waiting import wait_for

PODS = 100
COMMANDS = 1000
AT_ONCE = 8
SUBPROCESSES = 30
PER_SECOND = 500.0  # commands, the bar
LESS = 50.0  # times less CPU than a subprocess, the bar
LINE = "kubectl get pods -n qa"
ADA = Impersonation("kubechat:ada", ("kubechat:admins",))
_POD_S = "/clusters/prod-eu/api/v1/namespaces/qa/pods"
_NOTE = (
    f"`{LINE}` of {PODS} pods on the demo server, which runs in a process of its own: parsed, sent over a kept TLS "
    "connection, read, redacted and written as kubectl's text; nothing is cached but resource types. Time is CPU time "
    "of this process."
)


def get_pods() -> Iterable[Row]:
    """Commands a second on one core, and how many times less CPU one takes than kubectl."""
    with tempfile.TemporaryDirectory(prefix="kubechat-bench-") as folder:
        demo = DemoProcess(Path(folder))
        demo.start()
        try:
            for number in range(PODS):
                demo.ask("POST", _POD_S, _pod(number))
            wait_for("the pods", lambda: len(demo.ask("GET", _POD_S)["items"]) == PODS)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the gateway runs
                ours_s = runner.run(_ours(demo))
            theirs_s = _theirs(demo)
        finally:
            demo.stop()
    yield Row(
        "get pods of 100 pods, commands per second on one core",
        1 / ours_s,
        "commands/s",
        f"{PER_SECOND:.0f} commands/s",
        1 / ours_s / PER_SECOND,
        ">= 1",
        note=_NOTE,
    )
    if theirs_s:
        yield Row(
            "get pods of 100 pods, CPU against a kubectl subprocess",
            ours_s * 1000,
            "ms of CPU",
            f"{theirs_s * 1000:.3g} ms of CPU of kubectl, its discovery kept on disk",
            theirs_s / ours_s,
            f">= {LESS:.0f}",
            note=f"{_NOTE} kubectl's is the mean of {SUBPROCESSES} processes.",
        )


def _pod(number: int) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"bench-{number:03d}", "labels": {"app": "bench"}},
        "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]},
    }


async def _ours(demo: DemoProcess) -> float:
    """Seconds of CPU for one command."""
    tracing, instruments = Tracing("gateway", "gateway-1"), Instruments()
    clients = {
        config.name: ClusterClient(config, instruments, tracing) for config in load_clusters(demo.kubeconfig).clusters
    }
    engine = Engine(clients, current="prod-eu", known_types=known_types())

    async def run(times: int) -> None:
        for _ in range(times):
            command = parse(LINE, cluster="prod-eu", namespace="shop", clusters=engine.cluster_names)
            said = printed(await engine.read(command, ADA))
            assert said.out.count("\n") == PODS + 1

    try:
        await asyncio.gather(*(run(2) for _ in range(AT_ONCE)))
        started = time.process_time()
        await asyncio.gather(*(run(COMMANDS // AT_ONCE) for _ in range(AT_ONCE)))
        return (time.process_time() - started) / (COMMANDS // AT_ONCE * AT_ONCE)
    finally:
        for client in clients.values():
            await client.close()
        tracing.close()


def _theirs(demo: DemoProcess) -> float:
    """Seconds of CPU for one kubectl, 0 where there is none."""
    path = shutil.which("kubectl")
    if path is None:
        return 0.0
    environment = {**os.environ, "KUBECONFIG": str(demo.kubeconfig), "HOME": str(demo.folder)}
    command = [path, "--as", ADA.user, "--as-group", ADA.groups[0], *LINE.split()[1:]]

    def run() -> None:
        subprocess.run(command, env=environment, check=True, capture_output=True)

    run()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(SUBPROCESSES):
        run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / SUBPROCESSES
