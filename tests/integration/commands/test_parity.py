"""The same line by the real kubectl and by the engine, against the same cluster, prints the same."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.results import OutputResult, Result, TableResult
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.support.demo import DemoProcess

pytestmark = pytest.mark.kubectl
OLDEST = (1, 28)
TRIES = 5  # ages and restarts tick between the two answers
SAME = [
    "get pods",
    "get pods -A",
    "get pods -o wide",
    "get pods -l app=web --show-labels",
    "get pods --field-selector spec.nodeName=node-b",
    "get pods --sort-by=.metadata.name",
    "get pods --sort-by=.status.containerStatuses[0].restartCount",
    "get deployments",
    "get deployment web cart",
    "get deploy/web svc/web",
    "get svc,cm",
    "get all",
    "get nodes -o wide",
    "get ns",
    "get hpa",
    "get cronjobs,jobs",
    "get pvc -A",
    "get secrets",
    "get pods -n qa",
    "get pods -A -l app=nobody",
    "get deployment web -o name",
    "get svc -o name",
    "get cm web-config -o yaml",
    "get svc web -o yaml",
    "get cm checkout-env -o json",
    "get cm -o yaml",
    "top pods --sort-by=memory -n monitoring",
    "top nodes",
    "events --for pod/batch-heavy-6c5d8f9b7-lk3vp",
    "logs orders-db-0 -c init-schema",
    "logs payments-api-849c6f7d5b-qz4kn --previous --tail=3",
    "rollout status deployment/cart",
    "auth can-i delete pods",
]


@pytest.fixture(scope="module")
def kubectl() -> str:
    path = shutil.which("kubectl")
    if path is None:
        pytest.skip("kubectl is not on PATH")
    said = subprocess.run([path, "version", "--client", "-o", "json"], capture_output=True, check=True).stdout
    version = json.loads(said)["clientVersion"]
    if (int(version["major"]), int(version["minor"].rstrip("+"))) < OLDEST:
        pytest.skip(f"kubectl {version['gitVersion']} is older than 1.28")
    return path


async def kubectl_says(kubectl: str, demo: DemoProcess, line: str) -> list[str]:
    arguments = ["--as", "kubechat:ada", "--as-group", "kubechat:admins", *line.split()]
    environment = {**os.environ, "KUBECONFIG": str(demo.kubeconfig), "HOME": str(demo.folder)}
    process = await asyncio.create_subprocess_exec(
        kubectl, *arguments, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return [line.rstrip() for line in said.decode().splitlines() if line.strip()]


def printed(results: list[Result]) -> list[str]:
    lines: list[str] = []
    for result in results:
        if isinstance(result, OutputResult):
            lines += result.text.splitlines()
            continue
        lines += table(result)
    return [line.rstrip() for line in lines if line.strip()]


def table(result: TableResult) -> list[str]:
    shown = [index for index, column in enumerate(result.columns) if column.priority == 0]
    rows = [[result.columns[index].name for index in shown], *([row[index] for index in shown] for row in result.rows)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(shown))]
    return ["   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


@pytest.mark.parametrize("line", SAME)
async def test_the_engine_prints_what_kubectl_prints(
    engine: Engine, admin: Impersonation, demo: DemoProcess, kubectl: str, line: str
) -> None:
    for _ in range(TRIES):
        theirs, results = await asyncio.gather(kubectl_says(kubectl, demo, line), engine.read(command(line), admin))
        ours = printed(results)
        if ours == theirs:
            return
    assert ours == theirs
