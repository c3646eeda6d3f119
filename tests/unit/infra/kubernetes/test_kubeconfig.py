"""Kubeconfigs: what is read from one, and that a mistake in it is named."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.errors import InternalError, UnavailableError
from app.infra.kubernetes.kubeconfig import Credentials, load_clusters
from tests.support.kube_api import write_kubeconfig


def test_contexts_come_in_the_files_order_with_their_namespace_and_the_current_one(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    content = {
        "current-context": "b",
        "clusters": [{"name": "one", "cluster": {"server": "https://one.example/", "proxy-url": "http://proxy:3128"}}],
        "contexts": [
            {"name": "a", "context": {"cluster": "one", "user": "u"}},
            {"name": "b", "context": {"cluster": "one", "user": "u", "namespace": "shop"}},
        ],
        "users": [],
    }
    path.write_text(yaml.safe_dump(content))
    found = load_clusters(path)
    assert found.current == "b"
    assert [(c.name, c.namespace) for c in found.clusters] == [("a", "default"), ("b", "shop")]
    assert (found.clusters[0].server, found.clusters[0].proxy) == ("https://one.example", "http://proxy:3128")


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("{", "no YAML"),
        ("[]", "no kubeconfig"),
        ("clusters: []", "no contexts"),
        ("contexts: [{name: a, context: {cluster: x}}]", "does not exist"),
        ("contexts: [{name: a}]", "lacks"),
        (
            "contexts: [{name: a, context: {cluster: x}}]\nclusters: [{name: x, cluster: {server: 'ftp://x'}}]",
            "address",
        ),
        (
            (
                "contexts: [{name: a, context: {cluster: x}}]\n"
                "clusters: [{name: x, cluster: {server: 'https://x', insecure-skip-tls-verify: true}}]"
            ),
            "skips TLS",
        ),
        (
            (
                "current-context: b\ncontexts: [{name: a, context: {cluster: x}}]\n"
                "clusters: [{name: x, cluster: {server: 'https://x'}}]"
            ),
            "current context",
        ),
        (
            (
                "contexts: [{name: a, context: {cluster: x}}, {name: a, context: {cluster: x}}]\n"
                "clusters: [{name: x, cluster: {server: 'https://x'}}]"
            ),
            "twice",
        ),
    ],
)
def test_a_mistake_in_a_kubeconfig_is_named(tmp_path: Path, content: str, hint: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(content)
    with pytest.raises(InternalError, match=hint) as caught:
        load_clusters(path)
    assert caught.value.code == "configuration"


def test_a_missing_kubeconfig_is_named(tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="nowhere"):
        load_clusters(tmp_path / "nowhere")


def credentials(tmp_path: Path, user: dict[str, Any], server: str = "http://127.0.0.1:1") -> Credentials:
    return Credentials(load_clusters(write_kubeconfig(tmp_path / "kubeconfig", server, user=user)).clusters[0])


async def test_a_context_without_credentials_makes_no_call(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        await credentials(tmp_path, {}).proof()
    assert caught.value.code == "cluster_credentials"


async def test_an_exec_plugin_gives_the_token(tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    answer = '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "fresh"}}'
    plugin.write_text(f"#!/bin/sh\necho '{answer}'\n")
    plugin.chmod(stat.S_IRWXU)
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin)}}
    proof = await credentials(tmp_path, user).proof()
    assert proof.authorization == "Bearer fresh"


async def test_an_exec_plugin_that_prints_rubbish_is_told_without_its_output(tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text("#!/bin/sh\necho s3cret rubbish\n")
    plugin.chmod(stat.S_IRWXU)
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin)}}
    with pytest.raises(UnavailableError) as caught:
        await credentials(tmp_path, user).proof()
    assert "s3cret" not in caught.value.message


async def test_a_missing_certificate_authority_is_told(tmp_path: Path) -> None:
    authority: dict[str, Any] = {"certificate-authority": "/nowhere/ca.crt"}
    path = write_kubeconfig(tmp_path / "kubeconfig", "https://127.0.0.1:1", **authority)
    with pytest.raises(UnavailableError):
        await Credentials(load_clusters(path).clusters[0]).proof()


def test_the_kubernetes_package_is_not_imported_before_a_kubeconfig_is_read() -> None:
    look = "import sys, app.infra.kubernetes.client, app.domain.commands.engine; print('kubernetes.aio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
