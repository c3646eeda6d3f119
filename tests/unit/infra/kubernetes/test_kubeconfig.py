"""Kubeconfigs: what is read from one, and that a mistake in it is named."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.errors import InternalError, UnavailableError
from app.infra.kubernetes.credentials import Credentials
from app.infra.kubernetes.kubeconfig import IN_CLUSTER, in_cluster, load_clusters, of_document


def test_contexts_come_in_the_files_order_with_their_namespace_and_the_current_one(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    content = {
        "current-context": "b",
        "clusters": [{"name": "one", "cluster": {"server": "https://one.example/", "proxy-url": "http://proxy:3128"}}],
        "contexts": [
            {"name": "a", "context": {"cluster": "one", "user": "u"}},
            {"name": "b", "context": {"cluster": "one", "user": "u", "namespace": "shop"}},
        ],
        "users": [{"name": "u", "user": {"token": "t0p"}}],
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


PEM = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n").decode()
KEY = base64.b64encode(b"-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n").decode()
V1 = "client.authentication.k8s.io/v1"
OIDC = {"idp-issuer-url": "https://id.example", "client-id": "kubechat"}
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"context": {"cluster": "nosuch"}}, "names a cluster that does not exist"),
    ({"context": {"user": "nosuch"}}, "names a user that does not exist"),
    ({"context": {"namespace": "Not A Name"}}, "namespace"),
    ({"cluster": {"server": None}}, "address (server)"),
    ({"cluster": {"server": "ftp://one.example"}}, "address (server)"),
    ({"cluster": {"server": "https://one.example:99999"}}, "address (server)"),
    ({"cluster": {"insecure-skip-tls-verify": True}}, "insecure-skip-tls-verify"),
    ({"cluster": {"proxy-url": "socks5://proxy:1080"}}, "proxy-url"),
    ({"cluster": {"tls-server-name": "a b"}}, "tls-server-name"),
    ({"cluster": {"certificate-authority-data": "§"}}, "certificate-authority-data"),
    ({"cluster": {"certificate-authority-data": KEY}}, "certificate-authority-data"),
    ({"user": {"token": "two words"}}, "token"),
    ({"user": {"token": 17}}, "token"),
    ({"user": {"username": "ann"}}, "no password"),
    ({"user": {"client-certificate-data": "!"}}, "client-certificate-data"),
    ({"user": {"client-certificate-data": PEM}}, "no key"),
    ({"user": {"client-certificate-data": PEM, "client-key-data": PEM}}, "client-key-data"),
    ({"user": {"exec": {"apiVersion": V1}}}, "exec.command"),
    ({"user": {"exec": {"command": "x", "apiVersion": "v1alpha1"}}}, "exec.apiVersion"),
    ({"user": {"exec": {"command": "x", "apiVersion": V1, "args": "y"}}}, "exec.args"),
    ({"user": {"exec": {"command": "x", "apiVersion": V1, "env": [{"name": "A"}]}}}, "exec.env"),
    ({"user": {"exec": {"command": "x", "apiVersion": V1, "interactiveMode": "Always"}}}, "exec.interactiveMode"),
    ({"user": {"auth-provider": {"name": "gcp"}}}, "auth-provider"),
    ({"user": {"auth-provider": {"name": "oidc", "config": {}}}}, "idp-issuer-url or client-id"),
    ({"user": {"auth-provider": {"name": "oidc", "config": OIDC}}}, "refresh-token"),
    (
        {"user": {"auth-provider": {"name": "oidc", "config": {**OIDC, "idp-issuer-url": "http://id.example"}}}},
        "idp-issuer-url",
    ),
]


@pytest.mark.parametrize(("change", "part"), FAULTS, ids=[part for _, part in FAULTS])
async def test_a_part_that_is_wrong_makes_one_cluster_unusable_and_is_named(
    tmp_path: Path, change: dict[str, Any], part: str
) -> None:
    """The sentence names the part and nothing that stands in it; the file's other cluster is as it was."""
    content: dict[str, Any] = {
        "current-context": "well",
        "clusters": [{"name": name, "cluster": {"server": "https://one.example"}} for name in ("well", "ill")],
        "users": [{"name": "well", "user": {"token": "t0p"}}, {"name": "ill", "user": {"token": "s3cret"}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in ("well", "ill")],
    }
    for key, value in change.items():
        content[f"{key}s"][1][key] |= value
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(content))
    well, ill = load_clusters(path).clusters
    assert (await Credentials(well).proof()).authorization == "Bearer t0p"
    with pytest.raises(UnavailableError) as found:
        await Credentials(ill).proof()
    assert found.value.code == "cluster_configuration"
    assert part in found.value.message
    assert "s3cret" not in found.value.message
    assert found.value.message.count("\n") == 0


def test_the_cluster_that_a_process_runs_in_is_known_by_its_service_account(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0p\n")
    (tmp_path / "namespace").write_text("kubechat\n")
    environment = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    found = of_document(in_cluster(environment, tmp_path), Path(IN_CLUSTER), keep=True)
    (config,) = found.clusters
    assert (config.name, config.server, config.namespace) == (IN_CLUSTER, "https://10.0.0.1:443", "kubechat")
    assert config.entry().user == {"tokenFile": str(tmp_path / "token")}
    with pytest.raises(InternalError, match="runs in no cluster"):
        in_cluster({}, tmp_path)


def test_no_library_of_fifty_megabytes_is_imported_for_it() -> None:
    look = "import sys, app.infra.kubernetes.client, app.domain.commands.engine; print('kubernetes' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
