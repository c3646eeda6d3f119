"""Kubeconfigs: which clusters there are, and what is wrong with an entry.

A file is read and checked at once. What is wrong with the file as a whole ends the start; what is wrong with one
context makes that cluster unusable, says which part it is, and leaves the others as they are. Nothing here opens a
credential: that is `app.infra.kubernetes.credentials`, when the first request needs it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from app.errors import InternalError
from app.infra.kubernetes.entry import Entry, fault_of

DEFAULT_NAMESPACE = "default"
IN_CLUSTER = "in-cluster"
"""In the place of a kubeconfig's path: the cluster that this process runs in, by its service account."""
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
KEPT_FILES = 4  # a process reads one, and tests a few
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one where it is built: ten times quicker
_UNUSABLE = "https://unusable.invalid"


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """One context of a kubeconfig.

    Attributes:
        name: the context's name: what people call the cluster.
        server: base URL, which may have a path.
        namespace: where a conversation starts.
        proxy: URL of an HTTP proxy, empty for none.
        path: the file it came from.
        server_name: name that the server's certificate must bear, empty for the URL's host.
        fault: what is wrong with it, so that nothing is sent there; empty where it can be used.
        document: the kubeconfig where it is of no file.
        added: whether it was added while this installation runs, so that it may start no programs and read no files.
    """

    name: str
    server: str
    namespace: str = DEFAULT_NAMESPACE
    proxy: str = ""
    path: Path = field(default_factory=Path)
    server_name: str = ""
    fault: str = ""
    document: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
    added: bool = False

    def entry(self) -> Entry:
        """Its parts as they are in the file now.

        Raises:
            InternalError: the file cannot be read any more, or has not the context any more.
        """
        document = _document(self.path) if self.document is None else self.document
        return _entry(document, self.name, self.path)


@dataclass(frozen=True, slots=True)
class Clusters:
    """The clusters of a kubeconfig, in its order, and the name of its current context."""

    clusters: tuple[ClusterConfig, ...]
    current: str


def load_clusters(path: Path) -> Clusters:
    """Read a kubeconfig's contexts, or take the cluster that this process runs in.

    Raises:
        InternalError: the file cannot be read, or no context of it can be used; the message says what is wrong.
    """
    if str(path) == IN_CLUSTER:
        return of_document(in_cluster(os.environ, SERVICE_ACCOUNT), path, keep=True)
    return of_document(_document(path), path)


def of_document(document: Any, path: Path, *, keep: bool = False, added: bool = False) -> Clusters:
    """The contexts of a kubeconfig's content.

    Args:
        document: the content.
        path: where it is from, for messages and for files that it names.
        keep: whether it is of no file that could be read again.
        added: whether it was given while this installation runs.

    Raises:
        InternalError: as `load_clusters` does.
    """
    if not isinstance(document, dict):
        raise _wrong(path, "it is no kubeconfig")
    contexts = _named(path, document, "contexts", "context")
    for list_name, key in (("clusters", "cluster"), ("users", "user")):
        _named(path, document, list_name, key)
    if not contexts:
        raise _wrong(path, "it has no contexts")
    configs = tuple(_config(document, path, name, keep=keep, added=added) for name in contexts)
    if all(config.fault for config in configs):
        raise _wrong(path, configs[0].fault)
    current = str(document.get("current-context") or configs[0].name)
    if current not in contexts:
        raise _wrong(path, f'its current context "{current}" does not exist')
    return Clusters(configs, current)


def in_cluster(environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """A kubeconfig's content for the cluster that this process runs in.

    Args:
        environment: of the process; Kubernetes names its API there.
        folder: where the service account's token, CA and namespace are.

    Raises:
        InternalError: this process runs in no cluster.
    """
    host, port = environment.get("KUBERNETES_SERVICE_HOST", ""), environment.get("KUBERNETES_SERVICE_PORT", "")
    if not host or not port or not (folder / "token").is_file():
        raise InternalError(
            "KUBECHAT_KUBECONFIG is in-cluster, and this process runs in no cluster, or has no service account",
            code="configuration",
        )
    namespace = folder / "namespace"
    server = f"https://{f'[{host}]' if ':' in host else host}:{port}"
    inside = {"cluster": IN_CLUSTER, "user": IN_CLUSTER}
    if namespace.is_file():
        inside["namespace"] = namespace.read_text(encoding="utf-8").strip()
    return {
        "current-context": IN_CLUSTER,
        "clusters": [
            {"name": IN_CLUSTER, "cluster": {"server": server, "certificate-authority": str(folder / "ca.crt")}}
        ],
        "contexts": [{"name": IN_CLUSTER, "context": inside}],
        "users": [{"name": IN_CLUSTER, "user": {"tokenFile": str(folder / "token")}}],
    }


def parsed(text: str) -> Any:
    """A kubeconfig's text as values; yaml.YAMLError where it is none."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader


def _document(path: Path) -> dict[str, Any]:
    """A file's content, read again only when the file has changed: a hundred contexts are of one file."""
    try:
        state = path.stat()
        document = _read(path, state.st_mtime_ns, state.st_size, state.st_ino)
    except (OSError, UnicodeDecodeError) as exc:
        raise _wrong(path, "it cannot be read") from exc
    except yaml.YAMLError as exc:
        raise _wrong(path, "it is no YAML") from exc
    if not isinstance(document, dict):
        raise _wrong(path, "it is no kubeconfig")
    return document


@lru_cache(maxsize=KEPT_FILES)
def _read(path: Path, _mtime_ns: int, _size: int, _inode: int) -> Any:
    return parsed(path.read_text(encoding="utf-8"))


def _named(path: Path, document: Mapping[str, Any], list_name: str, key: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    entries = document.get(list_name) or ()
    if not isinstance(entries, (list, tuple)):
        raise _wrong(path, f"its {list_name} are no list")
    for entry in entries:
        value = entry.get(key) if isinstance(entry, dict) else None
        if not isinstance(value, dict) or not entry.get("name"):
            raise _wrong(path, f"an entry of its {list_name} lacks a name or a {key}")
        name = str(entry["name"])
        if name in found:
            raise _wrong(path, f'its {list_name} name "{name}" twice')
        found[name] = value
    return found


def _entry(document: Mapping[str, Any], name: str, path: Path) -> Entry:
    contexts = _named(path, document, "contexts", "context")
    context = contexts.get(name)
    if context is None:
        raise _wrong(path, f'it has no context "{name}" any more')
    return Entry(
        context=context,
        cluster=_named(path, document, "clusters", "cluster").get(str(context.get("cluster"))),
        user=_named(path, document, "users", "user").get(str(context.get("user"))),
        folder=path.resolve().parent,
    )


def _config(document: Mapping[str, Any], path: Path, name: str, *, keep: bool, added: bool) -> ClusterConfig:
    entry = _entry(document, name, path)
    kept = document if keep else None
    fault = fault_of(entry, added=added)
    if fault:
        text = f'the context "{name}": {fault}'
        return ClusterConfig(name, _UNUSABLE, path=path, fault=text, document=kept, added=added)
    cluster = entry.cluster or {}
    return ClusterConfig(
        name=name,
        server=str(cluster["server"]).rstrip("/"),
        namespace=str(entry.context.get("namespace") or DEFAULT_NAMESPACE),
        proxy=str(cluster.get("proxy-url") or ""),
        path=path,
        server_name=str(cluster.get("tls-server-name") or ""),
        document=kept,
        added=added,
    )


def _wrong(path: Path, what: str) -> InternalError:
    return InternalError(f"the kubeconfig {path} cannot be used: {what}", code="configuration")
