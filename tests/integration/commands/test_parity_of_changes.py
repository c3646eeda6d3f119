"""The same change by the real kubectl and by the engine, on two clusters in the same state: it says and leaves the same.

Each object that a line changed is compared afterwards. What differs on purpose is listed with its reason.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.engine import Engine
from app.errors import NotFoundError
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.integration.commands.conftest import command
from tests.integration.commands.parity.kubectl import program
from tests.support.demo import DemoProcess
from tests.support.known_types import known_types

# Later rows meet what earlier ones made.
pytestmark = [pytest.mark.kubectl, pytest.mark.xdist_group("parity_of_changes")]
CLUSTER = "prod-eu"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {a: one, b: 'true'}\n"
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: applied, labels: {app: applied}}
spec:
  selector: {matchLabels: {app: applied}}
  template:
    metadata: {labels: {app: applied}}
    spec:
      containers:
      - {name: applied, image: "nginx:1.27", ports: [{containerPort: 80}]}
"""
# Line, and the manifest below it.
SAME: list[tuple[str, str]] = [
    ("label deployment web tier=gold", ""),
    ("label deployment web tier=silver --overwrite", ""),
    ("label deploy/web tier-", ""),
    ("label svc web cart team=shop", ""),
    ("label node node-b disk=ssd", ""),
    ("annotate deployment web owner='the shop team'", ""),
    ("annotate deployment web owner-", ""),
    ("set image deployment/cart *=registry.example/cart:9", ""),
    ("set env deployment/cart MODE=fast LEVEL=", ""),
    ("set env deployment/cart MODE-", ""),
    ("set env deployment/cart -c '*' -e TRACE=on", ""),
    ("set serviceaccount deployment cart checkout-sa", ""),
    ("set resources deployment cart --limits=cpu=700m,memory=512Mi --requests=cpu=100m", ""),
    ('patch deployment cart -p \'{"spec":{"replicas":3}}\'', ""),
    (
        'patch deployment cart -p \'{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"envoy:1"}]}}}}\'',
        "",
    ),
    ("patch svc cart --type=merge -p 'metadata: {labels: {x: one}}'", ""),
    ('patch svc cart --type=json -p \'[{"op":"remove","path":"/metadata/labels/x"}]\'', ""),
    ("cordon node-b", ""),
    ("uncordon node-b", ""),
    ("taint nodes node-b dedicated=db:NoSchedule", ""),
    ("taint nodes node-b dedicated=cache:NoSchedule --overwrite", ""),
    ("taint nodes node-b dedicated:NoSchedule-", ""),
    ("scale deployment cart checkout --replicas=4", ""),
    ("scale deployment cart --replicas=2 --current-replicas=4", ""),
    ("rollout pause deployment/cart", ""),
    ("rollout resume deployment/cart", ""),
    ("create deployment hello --image=nginx:1.27 --replicas=2 --port=80", ""),
    ("create deployment busy --image=busybox -- sleep 3600", ""),
    ("expose deployment hello --port=80 --target-port=8080 --name=hello-svc", ""),
    ("expose deployment hello --type=NodePort", ""),
    ("autoscale deployment hello --min=2 --max=5 --cpu-percent=70", ""),
    ("run probe --image=busybox --env=A=1 --labels=app=probe --restart=Never -- sleep 60", ""),
    ("run probe2 --image=nginx --port=80", ""),
    ("run probe3 --image=busybox --command -- sh -c 'sleep 5'", ""),
    ("create service clusterip ci --tcp=80:8080 --tcp=443", ""),
    ("create service clusterip headless --clusterip=None", ""),
    ("create service nodeport np --tcp=80:8080", ""),
    ("create service loadbalancer lb --tcp=80", ""),
    ("create service externalname en --external-name=db.example.com", ""),
    ("create configmap cm1 --from-literal=a=1 --from-literal=b=x=y", ""),
    ("create secret generic s1 --from-literal=password=hunter22", ""),
    ("create secret generic s2 --type=example.com/kind --from-literal=k=v", ""),
    ("create namespace lab", ""),
    ("create job once --image=busybox -- echo hi", ""),
    ("create cronjob nightly --image=busybox --schedule='0 3 * * *' -- echo hi", ""),
    ("create job by-hand --from=cronjob/nightly", ""),
    ("create serviceaccount robot", ""),
    ("create role reader --verb=get,list --resource=pods,deployments.apps --verb=watch", ""),
    ("create role one-log --verb=get --resource=pods/log --resource-name=web", ""),
    ("create rolebinding readers --role=reader --user=eve --serviceaccount=shop:robot", ""),
    ("create clusterrole see-nodes --verb=get --resource=nodes --non-resource-url=/healthz", ""),
    ("create clusterrolebinding see-nodes --clusterrole=see-nodes --group=ops", ""),
    ("create ingress shop-in --rule='shop.example/*=web:80,tls=shop-tls' --class=nginx", ""),
    ("create ingress plain --default-backend=web:http", ""),
    ("create poddisruptionbudget pdb1 --selector=app=hello --min-available=1", ""),
    ("create pdb pdb2 --selector=app=hello --max-unavailable=50%", ""),
    ("create priorityclass high --value=1000 --description='the high one'", ""),
    ("create -f -", CONFIG_MAP),
    ("replace -f -", CONFIG_MAP.replace("one", "two")),
    ("delete -f -", CONFIG_MAP),
    ("delete cm cm1", ""),
    ("delete deployment/hello svc/hello", ""),
    ("delete pod probe --now", ""),
    ("delete cm -l nobody=here --ignore-not-found", ""),
]
# Said in other words, with the reason.
OTHERWISE = {
    "delete cm -l nobody=here --ignore-not-found": "kubectl says that no resources were found; here nothing would change",
}
_MOUNTED = re.compile(r"kube-api-access-[a-z0-9]+")
_SET_BY_CLUSTERS = {"uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "selfLink"}


@pytest.fixture(scope="module")
def kubectl() -> str:
    return program()


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    running = DemoProcess(tmp_path_factory.mktemp("kubectls"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    running = DemoProcess(tmp_path_factory.mktemp("engines"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def its_engine(ours: DemoProcess) -> AsyncIterator[Engine]:
    tracing, instruments = Tracing("gateway", "gateway-1"), Instruments()
    async with AsyncExitStack() as stack:
        stack.callback(tracing.close)
        found = {
            config.name: ClusterClient(config, instruments, tracing)
            for config in load_clusters(ours.kubeconfig).clusters
        }
        for client in found.values():
            stack.push_async_callback(client.close)
        yield Engine(found, current=CLUSTER, known_types=known_types())


async def said(kubectl: str, demo: DemoProcess, line: str, text: str = "") -> list[str]:
    words = ["--as", "kubechat:ada", "--as-group", "kubechat:admins", "-n", "shop", *shlex.split(line)]
    if "--" in words:
        at = words.index("--")
        words = [*words[:at], "--context", CLUSTER, *words[at:]]
    else:
        words += ["--context", CLUSTER]
    environment = {**os.environ, "KUBECONFIG": str(demo.kubeconfig), "HOME": str(demo.folder)}
    process = await asyncio.create_subprocess_exec(
        kubectl,
        *words,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate(text.encode())
    return [entry for entry in out.decode().splitlines() if entry and not entry.startswith("Warning:")]


async def done(engine: Engine, who: Impersonation, line: str, text: str = "") -> tuple[list[str], list[str]]:
    """What is said, and where the objects are that are left."""
    shown = await engine.preview(command(f"{line}\n{text}" if text else line), who)
    for step in shown.steps:
        assert step.dry_run == "ok", step.dry_run
        current = await engine.recheck(step, who)
        assert current is not None
        sent = await engine.send(current, who, intent_id=uuid4(), deadline_s=20)
        assert sent.state == "applied", sent.text
    said = [step.done for step in shown.steps] or list(shown.consequences)
    return said, [step.object_path for step in shown.steps if step.method != "DELETE"]


def there(demo: DemoProcess, path: str) -> Any:
    """An object without what each cluster gives it by itself."""
    text = demo.ask("GET", f"/clusters/{CLUSTER}{path}", plain=True).decode()
    return same_parts(json.loads(_MOUNTED.sub("kube-api-access", text)))


def same_parts(item: Any) -> Any:
    """An object without what each cluster gives it by itself."""
    metadata = {key: value for key, value in item["metadata"].items() if key not in _SET_BY_CLUSTERS}
    for owner in metadata.get("ownerReferences") or ():
        owner.pop("uid", None)
    labels = metadata.get("labels") or {}
    spec = item.get("spec") or {}
    template = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    for where in (labels, template, ((spec.get("selector") or {}).get("matchLabels") or {})):
        where.pop("controller-uid", None)
        where.pop("batch.kubernetes.io/controller-uid", None)
    annotations = metadata.get("annotations") or {}
    annotations.pop("deployment.kubernetes.io/revision", None)  # the controller's, a moment later
    if not annotations:
        metadata.pop("annotations", None)
    for field in ("clusterIP", "clusterIPs", "nodeName"):
        if spec.get(field) not in ("None", ["None"]):
            spec.pop(field, None)
    for port in (spec.get("ports") or ()) if isinstance(spec.get("ports"), list) else ():
        port.pop("nodePort", None)
    return {**item, "metadata": metadata, "status": None}


@pytest.mark.parametrize(("line", "text"), SAME, ids=[line for line, _ in SAME])
async def test_a_change_says_and_leaves_what_kubectl_does(
    its_engine: Engine,
    admin: Impersonation,
    theirs: DemoProcess,
    ours: DemoProcess,
    kubectl: str,
    line: str,
    text: str,
) -> None:
    expected, (found, paths) = await asyncio.gather(
        said(kubectl, theirs, line, text), done(its_engine, admin, line, text)
    )
    if line not in OTHERWISE:
        assert found == expected
    for path in paths:
        assert there(ours, path) == there(theirs, path)


@pytest.mark.parametrize(
    "line",
    [
        "label pod orders-db-0 --list",
        "label pods -l app=orders-db --list",
        "annotate deployment web --list",
        "set env deployment/orders-db-none --list",
        "set env deployment/cart --list",
        "set env statefulset/orders-db --list",
    ],
)
async def test_what_is_only_listed_is_listed_as_kubectl_does(
    its_engine: Engine, admin: Impersonation, theirs: DemoProcess, kubectl: str, line: str
) -> None:
    expected = await said(kubectl, theirs, line)
    try:
        results = await its_engine.read(command(line), admin)
    except NotFoundError:
        assert "not found" in expected[0]
        return
    found = [entry for result in results for entry in str(result.to_event()["text"]).splitlines()]
    assert sorted(found) == sorted(expected)  # kubectl's order is that of a map


@pytest.mark.parametrize(
    ("text", "word"),
    [(DEPLOYMENT, "created"), (DEPLOYMENT, "unchanged"), (DEPLOYMENT.replace("1.27", "1.28"), "configured")],
    ids=["created", "unchanged", "configured"],
)
async def test_what_the_server_applies_is_told_apart(
    its_engine: Engine,
    admin: Impersonation,
    theirs: DemoProcess,
    ours: DemoProcess,
    kubectl: str,
    text: str,
    word: str,
) -> None:
    """kubectl says "serverside-applied" each time; here created, configured and unchanged are told apart."""
    line = "apply --server-side --field-manager=kubechat -f -"
    expected, (found, _) = await asyncio.gather(
        said(kubectl, theirs, line, text), done(its_engine, admin, "apply -f -", text)
    )
    assert expected == ["deployment.apps/applied serverside-applied"]
    assert found == [f"deployment.apps/applied {word}"]
    path = "/apis/apps/v1/namespaces/shop/deployments/applied"
    assert there(ours, path) == there(theirs, path)
