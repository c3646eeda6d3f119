"""One question to a hundred clusters, through the gateway's own fan-out, against the same question to one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvloop

from app.domain.commands.parser import parse_each
from app.domain.identities import Person, Role
from app.gateway.service.fan_out import FanOut
from app.gateway.service.reads import Reads
from app.telemetry.instruments import Instruments
from tests.benchmarks.row import Row
from tests.support.fleet import Fleet, engine_of, names
from tests.support.kube_api import KubeApi

PODS_OF_EACH = 20
QUESTIONS = 60
WARM_UPS = 3
WITHIN_S = 1.0  # the 95th percentile, the bar
ANN = Person(uuid4(), "ann", "Ann", Role.OPERATOR)
LINE = "kubectl get pods"
_NOTE = (
    f"`{LINE} --all-clusters` on a hundred API servers of {PODS_OF_EACH} pods each, which one process of its own "
    "imitates over plain HTTP: parsed, asked as a person of each cluster, redacted, merged into one table. Resource "
    f"types are known and connections open. 95th percentile of {QUESTIONS} questions, one after another."
)


def question_to_a_hundred_clusters() -> Iterable[Row]:
    """How long a question to a hundred clusters takes."""
    with tempfile.TemporaryDirectory(prefix="kubechat-bench-") as folder:
        server = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.fleet"], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            kubeconfig = Fleet(names(100)).kubeconfig(Path(folder) / "config", url)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the gateway runs
                all_s, one_s = runner.run(_measured(kubeconfig))
        finally:
            server.terminate()
            server.wait(timeout=10)
    yield Row(
        "a question to 100 clusters, 95th percentile",
        all_s,
        "s",
        f"{WITHIN_S:g} s",
        all_s / WITHIN_S,
        "<= 1",
        note=f"{_NOTE} To one cluster it takes {one_s * 1000:.3g} ms.",
    )


async def _measured(kubeconfig: Path) -> tuple[float, float]:
    """Seconds, 95th percentile: of all clusters, and of one."""
    instruments = Instruments()
    async with engine_of(kubeconfig, instruments) as engine:
        fan_out = FanOut(Reads(engine, instruments), lambda: engine.cluster_names, instruments)

        async def took(line: str) -> float:
            shown: list[Any] = []

            async def show(result: Any) -> None:
                shown.append(result.to_event())

            started = time.perf_counter()
            known = engine.cluster_names
            commands = parse_each(line, cluster=engine.current_cluster, namespace="shop", clusters=known)
            await fan_out.run(ANN, commands, show, [])
            elapsed_s = time.perf_counter() - started
            assert len(shown) == 1, shown[1:]
            assert len(shown[0]["rows"]) == len(commands) * PODS_OF_EACH
            return elapsed_s

        for _ in range(WARM_UPS):
            await took(f"{LINE} --all-clusters")
        every = [await took(f"{LINE} --all-clusters") for _ in range(QUESTIONS)]
        one = [await took(LINE) for _ in range(QUESTIONS)]
    return _p95(every), _p95(one)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[round(0.95 * len(values)) - 1]


async def _serve() -> None:
    async with KubeApi(Fleet(names(100), pods_of_each=PODS_OF_EACH).serve) as api:
        sys.stdout.write(f"{api.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve())
