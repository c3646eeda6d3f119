"""More objects than one table shows, on a demo cluster of a running stack, and a cluster that forgets its lists."""

from __future__ import annotations

import base64
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import yaml

from tests.support.stack import LocalStack

CLUSTER, NAMESPACE, MANY = "staging", "crowd", 1_012
NAMES = [f"one-{number:04d}" for number in range(MANY)]
LINE = f"kubectl get configmaps -n {NAMESPACE} -l of=the-crowd --context {CLUSTER}"
_SPACES = f"/clusters/{CLUSTER}/api/v1/namespaces"


def kubectl(stack: LocalStack, *words: str) -> str:
    """What kubectl itself prints, as an administrator of the clusters."""
    command = ["kubectl", f"--kubeconfig={stack.kubeconfig}", f"--context={CLUSTER}", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def crowd(stack: LocalStack) -> Iterator[None]:
    """So many ConfigMaps in a namespace of their own."""
    with _api(stack) as api:
        _done(api.post(_SPACES, json={"metadata": {"name": NAMESPACE}}))
        try:
            for name in NAMES:
                metadata = {"name": name, "labels": {"of": "the-crowd"}}
                _done(api.post(f"{_SPACES}/{NAMESPACE}/configmaps", json={"metadata": metadata}))
            yield
        finally:
            _done(api.delete(f"{_SPACES}/{NAMESPACE}"))


def forget_lists(stack: LocalStack) -> None:
    """The cluster compacts its history, so that the rest of a list that was begun is not to be had any more."""
    with _api(stack) as api:
        _done(api.post(f"{_SPACES}/{NAMESPACE}/configmaps", json={"metadata": {"generateName": "another-"}}))
        _done(api.post("/_demo/compact", params={"cluster": CLUSTER}))


def _api(stack: LocalStack) -> httpx2.Client:
    content = yaml.safe_load(Path(stack.kubeconfig).read_text())
    authority = base64.b64decode(content["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
    token = content["users"][0]["user"]["token"]
    return httpx2.Client(
        base_url=str(content["clusters"][0]["cluster"]["server"]).partition("/clusters/")[0],
        verify=ssl.create_default_context(cadata=authority),
        headers={"authorization": f"Bearer {token}"},
        timeout=30,
        trust_env=False,
    )


def _done(reply: httpx2.Response) -> None:
    assert reply.is_success, reply.text
