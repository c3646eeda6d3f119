"""More objects than one table shows, on a demo cluster of a running stack, and a cluster that forgets its lists."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.stack import LocalStack

CLUSTER, NAMESPACE, MANY = "staging", "crowd", 1_012
NAMES = [f"one-{number:04d}" for number in range(MANY)]
LINE = f"kubectl get configmaps -n {NAMESPACE} -l of=the-crowd --context {CLUSTER}"


def kubectl(stack: LocalStack, *words: str, text: str = "") -> str:
    """What kubectl itself prints, as an administrator of the clusters."""
    command = ["kubectl", f"--kubeconfig={stack.kubeconfig}", f"--context={CLUSTER}", *words]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@contextmanager
def crowd(stack: LocalStack) -> Iterator[None]:
    """So many ConfigMaps in a namespace of their own."""
    of = {"apiVersion": "v1", "kind": "ConfigMap"}
    metadata = {"namespace": NAMESPACE, "labels": {"of": "the-crowd"}}
    items = [{**of, "metadata": {**metadata, "name": name}} for name in NAMES]
    kubectl(stack, "create", "namespace", NAMESPACE)
    try:
        kubectl(stack, "create", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        yield
    finally:
        kubectl(stack, "delete", "namespace", NAMESPACE, "--wait=false")


def forget_lists(stack: LocalStack) -> None:
    """The cluster compacts its history, so that the rest of a list that was begun is not to be had any more."""
    kubectl(stack, "create", "--raw", f"/_demo/compact?cluster={CLUSTER}", "-f", "-", text="{}")
