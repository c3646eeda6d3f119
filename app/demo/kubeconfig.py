"""Writes the kubeconfig of the demo clusters: a pure function of where the server is and which token to show."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

import yaml

CLUSTERS: Final = ("prod-eu", "prod-us", "staging")
CURRENT: Final = CLUSTERS[0]
NAMESPACE: Final = "shop"


def kubeconfig(
    *,
    host: str,
    port: int,
    token: str,
    authority_pem: str,
    user: str = "kubechat",
    clusters: Sequence[str] = CLUSTERS,
    namespace: str = NAMESPACE,
) -> str:
    """The kubeconfig's text, YAML.

    Args:
        host: name or address of the server, one that its certificate names: 127.0.0.1 or localhost.
        port: its port.
        token: bearer token.
        authority_pem: the authority's certificate (`ca.crt` in the demo server's state directory), PEM.
        user: name of the kubeconfig's user entry.
        clusters: contexts; the first is the current one.
        namespace: of the contexts.
    """
    authority = base64.b64encode(authority_pem.encode()).decode()
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "current-context": clusters[0],
        "clusters": [
            {
                "name": name,
                "cluster": {
                    "server": f"https://{host}:{port}/clusters/{name}",
                    "certificate-authority-data": authority,
                },
            }
            for name in clusters
        ],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": user, "namespace": namespace}} for name in clusters
        ],
        "users": [{"name": user, "user": {"token": token}}],
    }
    return yaml.safe_dump(content, sort_keys=False, width=4096)
