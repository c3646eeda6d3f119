"""kubectl config, as far as it means something here: the clusters are the contexts, and credentials are never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.domain.commands.model.cluster import CurrentContext, GetContexts, ViewConfig
from app.domain.commands.reading.rendering import yaml_text
from app.domain.commands.results import Column, OutputResult, Result, TableResult
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import ClusterConfig


def get_contexts(command: GetContexts, clusters: Sequence[ClusterConfig], identity: Impersonation) -> list[Result]:
    """The clusters that a conversation can go on in; the present one is marked."""
    if command.output == "name":
        return [OutputResult(command.line(), command.cluster, "".join(f"{config.name}\n" for config in clusters))]
    rows = [
        [
            "*" if config.name == command.cluster else "",
            config.name,
            config.name,
            identity.user,
            command.namespace if config.name == command.cluster else config.namespace,
        ]
        for config in sorted(clusters, key=lambda config: config.name)
    ]
    columns = tuple(Column(name) for name in ("CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"))
    return [
        TableResult(
            command.line(),
            command.cluster,
            "",
            columns,
            rows,
            total=len(rows),
            shown=len(rows),
            headings=not command.no_headers,
        )
    ]


def current_context(command: CurrentContext) -> list[Result]:
    """The conversation's cluster."""
    return [OutputResult(command.line(), command.cluster, f"{command.cluster}\n")]


def view_config(command: ViewConfig, clusters: Sequence[ClusterConfig], identity: Impersonation) -> list[Result]:
    """Clusters and namespaces as a kubeconfig has them: no token, no certificate, no file's name."""
    shown = [config for config in clusters if config.name == command.cluster or not command.minify]
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "clusters": [{"cluster": {"server": config.server}, "name": config.name} for config in shown],
        "contexts": [
            {
                "context": {
                    "cluster": config.name,
                    "namespace": command.namespace if config.name == command.cluster else config.namespace,
                    "user": identity.user,
                },
                "name": config.name,
            }
            for config in shown
        ],
        "current-context": command.cluster,
        "kind": "Config",
        "preferences": {},
        "users": [{"name": identity.user, "user": {}}],
    }
    return [OutputResult(command.line(), command.cluster, yaml_text(content), "yaml")]
