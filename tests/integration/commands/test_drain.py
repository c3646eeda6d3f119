"""Draining a node of the demo clusters: refused in kubectl's words, previewed without a trace, held by budgets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from app.domain.commands.changing.draining import is_eviction
from app.domain.commands.engine import Engine
from app.domain.commands.parser import parse
from app.domain.commands.preview import NOT_NOW, Preview, Step
from app.domain.commands.risk import Risk
from app.errors import ForbiddenError, InvalidInputError, NotFoundError
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import CLUSTERS, command
from tests.integration.demo.test_kubectl import Kubectl
from tests.support.demo import DemoProcess

CLUSTER = "prod-us"  # no other test empties its nodes
PODS = """
apiVersion: v1
kind: Pod
metadata: {name: alone, namespace: shop}
spec: {nodeName: %s, containers: [{name: c, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: scratch, namespace: shop}
spec: {nodeName: %s, containers: [{name: c, image: nginx}], volumes: [{name: v, emptyDir: {}}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: all-web, namespace: shop}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: web}}}
"""


@pytest.fixture(scope="module")
def kubectl(demo: DemoProcess, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    return Kubectl(demo, tmp_path_factory.mktemp("drain"))


@pytest.fixture(scope="module")
def node(kubectl: Kubectl) -> Iterator[str]:
    """The node of a pod of web, with a pod that nobody owns and one with data of its own."""
    where = "jsonpath={.items[0].spec.nodeName}"
    found = kubectl("get", "pods", "-n", "shop", "-l", "app=web", "-o", where, "--context", CLUSTER)
    kubectl("apply", "--context", CLUSTER, "-f", "-", text=PODS % (found, found))
    yield found
    here = ("-n", "shop", "--context", CLUSTER, "--ignore-not-found")
    kubectl("delete", "pod", "alone", "scratch", *here)
    kubectl("delete", "pdb", "all-web", *here)


@pytest.fixture(autouse=True)
async def _uncordoned(kubectl: Kubectl, node: str) -> AsyncIterator[None]:
    yield
    kubectl("uncordon", node, "--context", CLUSTER)


async def preview(engine: Engine, who: Impersonation, line: str) -> Preview:
    return await engine.preview(command(line, CLUSTER), who)


ALL = "--ignore-daemonsets --delete-emptydir-data --force"


@pytest.mark.kubectl
@pytest.mark.parametrize(
    "flags", ["", "--ignore-daemonsets", "--ignore-daemonsets --delete-emptydir-data", "--ignore-daemonsets --force"]
)
async def test_without_its_flags_a_drain_is_refused_in_kubectls_words_and_touches_nothing(
    engine: Engine, admin: Impersonation, demo: DemoProcess, kubectl: Kubectl, node: str, flags: str
) -> None:
    before = len(demo.ledger(CLUSTER))
    with pytest.raises(InvalidInputError) as told:
        await preview(engine, admin, f"kubectl drain {node} {flags}")
    assert len(demo.ledger(CLUSTER)) == before
    theirs = kubectl.run("drain", node, *flags.split(), "--context", CLUSTER)
    assert theirs.returncode == 1
    said = told.value.message.removeprefix(f'unable to drain node "{node}" due to error: ')
    for sentence in said.split("; "):
        why, _, names = sentence.partition("): ")
        assert f"{why})" in theirs.stderr
        assert all(name in theirs.stderr for name in names.split(", "))
    assert f'unable to drain node "{node}" due to error' in theirs.stderr


async def test_the_preview_says_what_goes_and_leaves_no_trace(
    engine: Engine, admin: Impersonation, demo: DemoProcess, node: str
) -> None:
    before = len(demo.ledger(CLUSTER))
    found = await preview(engine, admin, f"kubectl drain {node} {ALL}")
    assert len(demo.ledger(CLUSTER)) == before
    assert found.risk is Risk.DESTRUCTIVE
    assert found.typed_name == node
    cordon, *evictions = found.steps
    assert (cordon.summary, cordon.dry_run) == (f"cordon node {node}", "ok")
    assert all(is_eviction(step) for step in evictions)
    names = {step.name for step in evictions}
    assert {"alone", "scratch"} <= names
    assert not any(name.startswith(("kube-proxy", "node-exporter")) for name in names)
    (web,) = [step for step in evictions if step.name.startswith("web-")]
    assert web.dry_run.startswith(NOT_NOW)
    assert "disruption budget" in web.dry_run
    text = "\n".join(found.consequences)
    assert f"Nothing new is scheduled on {node} until it is uncordoned." in text
    assert f"{len(evictions)} pods will be evicted" in text
    assert "No controller starts these again: shop/alone, shop/scratch." in text
    assert "Their emptyDir data will be lost: shop/scratch." in text
    assert "ReplicaSet web-" in text
    assert "Disruption budgets at their limit, which hold their pods until others run: shop/all-web." in text
    assert "Pods of DaemonSets stay: " in text


async def test_an_eviction_that_a_budget_holds_is_refused_for_now_and_one_that_it_lets_go_is_applied(
    engine: Engine, admin: Impersonation, demo: DemoProcess, kubectl: Kubectl, node: str
) -> None:
    found = await preview(engine, admin, f"kubectl drain {node} {ALL} --pod-selector=app=web")
    cordon, web = found.steps
    assert (await send(engine, cordon, admin)).state == "applied"
    held = await send(engine, web, admin)
    assert (held.state, held.http_status) == ("failed", 429)
    assert not await engine.is_gone(web, admin)
    assert await engine.resolve(web, admin, intent_id=uuid4()) == "absent"
    kubectl("delete", "pdb", "all-web", "-n", "shop", "--context", CLUSTER)
    assert (await send(engine, web, admin)).state == "applied"
    deadline = time.monotonic() + 30
    while not await engine.is_gone(web, admin):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    assert await engine.resolve(web, admin, intent_id=uuid4()) == "applied"
    assert await engine.recheck(web, admin) is None
    evicted = [entry for entry in demo.ledger(CLUSTER) if entry["path"].endswith("/eviction")]
    assert len(evicted) == 1


async def send(engine: Engine, step: Step, who: Impersonation) -> object:
    current = await engine.recheck(Step.from_dict(step.to_dict()), who)
    assert current is not None
    return await engine.send(current, who, intent_id=uuid4(), deadline_s=10)


async def test_a_viewer_is_refused_before_anything_is_shown(engine: Engine, viewer: Impersonation, node: str) -> None:
    with pytest.raises(ForbiddenError, match="cannot patch nodes"):
        await preview(engine, viewer, f"kubectl drain {node}")


async def test_a_node_that_there_is_not_is_named(engine: Engine, admin: Impersonation) -> None:
    with pytest.raises(NotFoundError, match=r'nodes? "nope" not found'):
        await preview(engine, admin, "kubectl drain nope")


@pytest.mark.parametrize(
    "line",
    [
        f"kubectl drain node-a {ALL} --grace-period=0 --timeout=90s --pod-selector=app=web --context prod-us",
        "kubectl drain node-a --context prod-us",
    ],
)
def test_a_line_reads_back_as_itself(line: str) -> None:
    read = parse(line, cluster="prod-eu", namespace="shop", clusters=CLUSTERS)
    assert read.full_line() == line
    assert read.risk is Risk.DESTRUCTIVE


@pytest.mark.parametrize(
    "line", ["kubectl drain", "kubectl drain a b", "kubectl drain -l a=b", "kubectl drain a --disable-eviction"]
)
def test_what_no_drain_means_is_refused(line: str) -> None:
    with pytest.raises(InvalidInputError):
        parse(line, cluster="prod-eu", namespace="shop", clusters=CLUSTERS)
