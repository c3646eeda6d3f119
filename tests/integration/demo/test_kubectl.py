"""The real kubectl against the demo clusters, as people type it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.demo.kubeconfig import kubeconfig
from tests.support.demo import ADMIN, DemoProcess
from tests.support.recordings import recording
from tests.support.waiting import wait_for

OLDEST = (1, 28)
MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: hello, labels: {app: hello}}
spec:
  replicas: 2
  selector: {matchLabels: {app: hello}}
  template:
    metadata: {labels: {app: hello}}
    spec:
      containers:
      - {name: hello, image: "nginx:1.27", ports: [{containerPort: 80}]}
"""

pytestmark = pytest.mark.kubectl


def program() -> str:
    found = shutil.which("kubectl")
    if found is None:
        pytest.skip("kubectl 1.28 or later is not on PATH")
    done = subprocess.run(
        [found, "version", "--client", "-o", "json"], capture_output=True, text=True, timeout=30, check=False
    )
    match = re.search(r'"gitVersion": "v(\d+)\.(\d+)', done.stdout)
    if match is None or (int(match[1]), int(match[2])) < OLDEST:
        pytest.skip("the kubectl on PATH is older than 1.28")
    return found


class Kubectl:
    """kubectl as an administrator of the demo clusters, with a home of its own."""

    def __init__(self, demo: DemoProcess, folder: Path) -> None:
        self._program = program()
        authority = (demo.folder / "tls" / "ca.crt").read_text()
        config = folder / "config"
        config.write_text(kubeconfig(host="127.0.0.1", port=demo.port, token=ADMIN, authority_pem=authority))
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "KUBECONFIG": str(config)}

    def run(self, *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._program, *words],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=self._environment,
        )

    def __call__(self, *words: str, text: str | None = None) -> str:
        done = self.run(*words, text=text)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "-o", "json"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    program()
    running = DemoProcess(tmp_path_factory.mktemp("demo"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def kubectl(demo: DemoProcess, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    return Kubectl(demo, tmp_path_factory.mktemp("home"))


def rows(output: str) -> list[list[str]]:
    return [re.split(r"\s{2,}", line.strip()) for line in output.splitlines()]


def test_get_prints_the_pods_of_the_shop(kubectl: Kubectl) -> None:
    head, *body = rows(kubectl("get", "pods", "--context", "staging"))
    assert head == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert len(body) == 11
    assert ["orders-db-0", "1/1", "Running", "0", "12d"] in body


@pytest.mark.parametrize("output", ["wide", "yaml", "json", "name", "jsonpath={.items[*].metadata.name}"])
def test_get_prints_every_form(kubectl: Kubectl, output: str) -> None:
    assert "orders-db-0" in kubectl("get", "pods", "--context", "staging", "-o", output)


@pytest.mark.full
def test_get_all_kinds_in_all_namespaces(kubectl: Kubectl) -> None:
    found = kubectl("get", "all,nodes,pv,pvc,cm,secret,sa,ep,ing,pdb,sc,clusterrole,events", "-A")
    for name in ("deployment.apps/web", "node/node-a", "daemonset.apps/kube-proxy", "cronjob.batch/nightly-report"):
        assert name in found


@pytest.mark.full
@pytest.mark.parametrize(
    ("what", "words"),
    [
        (
            "pod/payments-api-849c6f7d5b-qz4kn",
            ["CrashLoopBackOff", "Exit Code:    1", "Back-off restarting failed container"],
        ),
        ("deployment/web", ["3 desired | 3 updated | 3 total | 3 available", "OldReplicaSets:  web-7c5ddbdf54"]),
        ("node/node-b", ["Non-terminated Pods:", "orders-db-0", "Allocated resources:"]),
        ("service/web", ["Endpoints:", ":80"]),
        ("statefulset/orders-db", ["init-schema", "Volume Claims:"]),
        ("hpa/web", ["resource cpu on pods"]),
        ("cronjob/nightly-report", ["30 3 * * *"]),
        ("namespace/shop", ["Status:       Active"]),
    ],
)
def test_describe(kubectl: Kubectl, what: str, words: list[str]) -> None:
    found = kubectl("describe", what, "--context", "staging")
    for word in words:
        assert word in found


@pytest.mark.full
def test_logs(kubectl: Kubectl) -> None:
    assert "database password is missing" in kubectl("logs", "deploy/payments-api", "--previous")
    assert len(kubectl("logs", "web-5f7c9d6b8-p9z5t", "--tail=5", "--context", "staging").splitlines()) == 5


@pytest.mark.full
def test_scale_and_rollout_status(kubectl: Kubectl) -> None:
    kubectl("scale", "deployment/web", "--replicas=4")
    assert "successfully rolled out" in kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    assert kubectl("get", "deployment", "web").splitlines()[1].split()[1] == "4/4"


@pytest.mark.full
def test_a_rollout_can_be_restarted_looked_back_on_and_undone(kubectl: Kubectl) -> None:
    kubectl("rollout", "restart", "deployment/cart")
    assert "successfully rolled out" in kubectl("rollout", "status", "deployment/cart", "--timeout=40s")
    assert [row[0] for row in rows(kubectl("rollout", "history", "deployment/cart"))[2:4]] == ["1", "2"]
    kubectl("rollout", "undo", "deployment/cart")
    kubectl("rollout", "status", "deployment/cart", "--timeout=40s")
    assert "cart-6b8f7c5d4-" in kubectl("get", "pods", "-l", "app=cart", "-o", "name")


@pytest.mark.full
def test_apply_creates_changes_and_does_nothing(kubectl: Kubectl) -> None:
    changed = MANIFEST.replace("replicas: 2", "replicas: 3")
    assert kubectl("apply", "-f", "-", text=MANIFEST) == "deployment.apps/hello created\n"
    assert kubectl("apply", "-f", "-", text=MANIFEST) == "deployment.apps/hello unchanged\n"
    dry = kubectl("apply", "-f", "-", "--dry-run=server", text=changed)
    assert dry == "deployment.apps/hello configured (server dry run)\n"
    assert kubectl.json("get", "deployment", "hello")["spec"]["replicas"] == 2
    assert kubectl("apply", "-f", "-", text=changed) == "deployment.apps/hello configured\n"
    assert kubectl.json("get", "deployment", "hello")["spec"]["replicas"] == 3
    assert kubectl("apply", "--server-side", "-f", "-", text=changed) == "deployment.apps/hello serverside-applied\n"
    other = kubectl.run("apply", "--server-side", "--field-manager=other", "-f", "-", text=MANIFEST)
    assert "conflict" in other.stderr
    assert kubectl("delete", "deployment", "hello") == 'deployment.apps "hello" deleted\n'


@pytest.mark.full
def test_apply_refuses_what_is_no_field(kubectl: Kubectl) -> None:
    done = kubectl.run("apply", "-f", "-", text=MANIFEST.replace("replicas: 2", "replcas: 2"))
    assert 'strict decoding error: unknown field "spec.replcas"' in done.stderr


@pytest.mark.full
def test_create_delete_expose_and_run(kubectl: Kubectl) -> None:
    assert kubectl("create", "deployment", "demo", "--image=nginx:1.27") == "deployment.apps/demo created\n"
    assert kubectl("expose", "deployment", "demo", "--port=80") == "service/demo exposed\n"
    assert kubectl("create", "configmap", "demo", "--from-literal=a=b") == "configmap/demo created\n"
    assert kubectl.json("get", "configmap", "demo")["data"] == {"a": "b"}
    for kind in ("deployment", "service", "configmap"):
        kubectl("delete", kind, "demo")
    kubectl("run", "once", "--image=busybox", "--restart=Never", "--", "echo", "hello")
    kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/once", "--timeout=30s")
    assert kubectl("logs", "once") == "hello\n"
    assert kubectl("delete", "pod", "once") == 'pod "once" deleted\n'


@pytest.mark.full
def test_delete_a_pod_that_comes_back(kubectl: Kubectl) -> None:
    kubectl("delete", "pod", "checkout-7d9c8b6f5-jm2dx")
    wait_for(
        "two checkout pods to be ready",
        lambda: kubectl("get", "deployment", "checkout").splitlines()[1].split()[1] == "2/2",
    )


@pytest.mark.full
def test_set_image_label_and_annotate(kubectl: Kubectl) -> None:
    kubectl("set", "image", "deployment/checkout", "checkout=registry.local/shop/checkout:3.1.0")
    assert "successfully rolled out" in kubectl("rollout", "status", "deployment/checkout", "--timeout=40s")
    kubectl("label", "deployment", "checkout", "tier=front")
    kubectl("annotate", "deployment", "checkout", "note=hello")
    metadata = kubectl.json("get", "deployment", "checkout")["metadata"]
    assert metadata["labels"]["tier"] == "front"
    assert metadata["annotations"]["note"] == "hello"


@pytest.mark.full
def test_cordon_drain_and_uncordon(kubectl: Kubectl) -> None:
    context = ("--context", "prod-us")
    done = kubectl("drain", "node-b", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s", *context)
    assert "node/node-b drained" in done
    assert "SchedulingDisabled" in kubectl("get", "node", "node-b", *context)
    left = kubectl("get", "pods", "-A", "--field-selector=spec.nodeName=node-b", "-o", "name", *context)
    assert {name.partition("-")[0] for name in left.split()} == {"pod/kube", "pod/node"}
    assert kubectl("uncordon", "node-b", *context) == "node/node-b uncordoned\n"


@pytest.mark.full
def test_top(kubectl: Kubectl) -> None:
    head, *body = rows(kubectl("top", "nodes"))
    assert head[:2] == ["NAME", "CPU(cores)"]
    assert len(body) == 3
    assert re.search(r"orders-db-0\s+\d+m\s+\d+Mi", kubectl("top", "pods"))


@pytest.mark.full
def test_rights_explanations_and_events(kubectl: Kubectl) -> None:
    assert kubectl("auth", "can-i", "delete", "pods") == "yes\n"
    denied = kubectl.run("auth", "can-i", "get", "secrets", "--as", "jane", "--as-group", "kubechat:viewers")
    assert denied.stdout == "no\n"
    assert "admin" in kubectl("auth", "whoami")
    assert "Number of desired pods" in kubectl("explain", "deployment.spec.replicas")
    assert "FailedScheduling" in kubectl("events", "--for", "pod/batch-heavy-6c5d8f9b7-lk3vp")
    assert "deployments" in kubectl("api-resources", "--api-group=apps")


@pytest.mark.full
def test_refusals_come_in_the_servers_words(kubectl: Kubectl) -> None:
    done = kubectl.run("get", "secrets", "--as", "jane", "--as-group", "kubechat:viewers")
    assert done.stderr == (
        'Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group '
        '"" in the namespace "shop"\n'
    )
    assert 'pods "nothing" not found' in kubectl.run("get", "pod", "nothing").stderr
    assert "does not support pods/exec" in kubectl.run("exec", "orders-db-0", "--", "ls").stderr


@pytest.mark.full
def test_custom_resources_are_kinds_like_any_other(kubectl: Kubectl) -> None:
    definition = recording("crd-create").content
    assert definition is not None
    kubectl("apply", "-f", "-", text=definition.decode())
    kubectl("wait", "--for=condition=Established", "crd/widgets.example.com", "--timeout=20s")
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 3}}
    kubectl("apply", "-f", "-", text=json.dumps(widget))
    kubectl("scale", "widget", "w", "--replicas=5")
    assert rows(kubectl("get", "wd"))[1][:2] == ["w", "5"]
    assert "size\t<integer> -required-" in kubectl("explain", "widget.spec")
    refused = kubectl.run("patch", "wd", "w", "--type=merge", "-p", '{"spec":{"size":44}}').stderr
    assert "spec.size in body should be less than or equal to 9" in refused
    kubectl("delete", "crd", "widgets.example.com")
    assert kubectl.run("get", "wd").returncode != 0


@pytest.mark.full
def test_a_watch_shows_a_scale(kubectl: Kubectl) -> None:
    watching = subprocess.Popen(
        [kubectl._program, "get", "pods", "-l", "app=web", "-w", "--context", "prod-us"],
        stdout=subprocess.PIPE,
        text=True,
        env=kubectl._environment,
    )
    try:
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith("NAME")
        kubectl("scale", "deployment/web", "--replicas=4", "--context", "prod-us")
        seen: list[str] = []
        for line in watching.stdout:
            seen.append(line.split()[2])
            if seen[-1] == "Running" and "ContainerCreating" in seen and line.split()[1] == "1/1":
                break
        assert "Pending" in seen
    finally:
        watching.terminate()
        watching.communicate(timeout=10)


@pytest.mark.full
def test_the_ledger_names_what_was_done(kubectl: Kubectl, demo: DemoProcess) -> None:
    kubectl("scale", "deployment/web", "--replicas=5", "--context", "staging")
    last = demo.ledger("staging")[-1]
    assert (last["method"], last["subresource"], last["name"], last["user"]) == ("PATCH", "scale", "web", "admin")
    written = (demo.folder / "ledger.jsonl").read_text().splitlines()
    assert json.loads(written[-1]) == last


@pytest.mark.full
def test_a_dropped_connection_leaves_the_change_done(kubectl: Kubectl, demo: DemoProcess) -> None:
    demo.fault("drop", "staging", methods=["PATCH"])
    try:
        done = kubectl.run("scale", "deployment/cart", "--replicas=3", "--context", "staging")
        assert done.returncode != 0
    finally:
        demo.fault("none", "staging")
    assert kubectl.json("get", "deployment", "cart", "--context", "staging")["spec"]["replicas"] == 3


@pytest.mark.full
def test_a_cluster_that_does_not_exist_is_not_found(demo: DemoProcess) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        demo.ask("GET", "/clusters/nowhere/api")
    assert refused.value.code == 404
    refused.value.close()
