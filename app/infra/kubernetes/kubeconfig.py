"""Kubeconfigs: which clusters there are, and how this installation proves itself to each.

A file is read at once and its mistakes are named; credentials are loaded when the first request needs them, through the
`kubernetes` package's loaders (tokens, client certificates, exec plugins, OIDC), and again when they may have aged.
That package is imported late: it takes a third of a second and 55 MiB, which only processes with clusters should pay.
"""

from __future__ import annotations

import asyncio
import copy
import importlib
import ssl
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from app.errors import InternalError, UnavailableError

CREDENTIALS_TIMEOUT_S = 15.0  # an exec plugin that hangs must not hold a person longer
RELOAD_EVERY_S = 60.0  # rotated token files and exec tokens are picked up within this
DEFAULT_NAMESPACE = "default"
KEPT_FILES = 4  # a process reads one, and tests a few
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one where it is built: ten times quicker


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
    """

    name: str
    server: str
    namespace: str = DEFAULT_NAMESPACE
    proxy: str = ""
    path: Path = field(default_factory=Path)
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class Clusters:
    """The clusters of a kubeconfig, in its order, and the name of its current context."""

    clusters: tuple[ClusterConfig, ...]
    current: str


def load_clusters(path: Path) -> Clusters:
    """Read a kubeconfig's contexts.

    Raises:
        InternalError: the file cannot be read, or names no usable context; the message says what is wrong with it.
    """
    document = _document(path)
    # Paid here, while the process starts, and not by the first person who asks a cluster something.
    importlib.import_module("kubernetes.aio.config.kube_config")
    servers = _named(path, document, "clusters", "cluster")
    contexts = _named(path, document, "contexts", "context")
    configs = tuple(_config(path, name, context, servers) for name, context in contexts.items())
    if not configs:
        raise _wrong(path, "it has no contexts")
    current = str(document.get("current-context") or configs[0].name)
    if current not in contexts:
        raise _wrong(path, f'its current context "{current}" does not exist')
    return Clusters(configs, current)


def _document(path: Path) -> dict[str, Any]:
    """A file's content, read again only when the file has changed: a hundred contexts are of one file."""
    try:
        state = path.stat()
        document = _parsed(path, state.st_mtime_ns, state.st_size, state.st_ino)
    except (OSError, UnicodeDecodeError) as exc:
        raise _wrong(path, "it cannot be read") from exc
    except yaml.YAMLError as exc:
        raise _wrong(path, "it is no YAML") from exc
    if not isinstance(document, dict):
        raise _wrong(path, "it is no kubeconfig")
    return document


@lru_cache(maxsize=KEPT_FILES)
def _parsed(path: Path, _mtime_ns: int, _size: int, _inode: int) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader


def _alone(document: dict[str, Any], context_name: str) -> dict[str, Any]:
    """A kubeconfig's content with one context of it and what that names."""
    (context,) = (each for each in document["contexts"] if each["name"] == context_name)
    inside = context["context"]
    return {
        **document,
        "current-context": context_name,
        "contexts": [context],
        "clusters": [each for each in document["clusters"] if each["name"] == inside["cluster"]],
        # The loader writes renewed tokens into what it is given.
        "users": copy.deepcopy(
            [each for each in document.get("users") or () if each.get("name") == inside.get("user")]
        ),
    }


def _named(path: Path, document: dict[str, Any], list_name: str, key: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for entry in document.get(list_name) or ():
        value = entry.get(key) if isinstance(entry, dict) else None
        if not isinstance(value, dict) or not entry.get("name"):
            raise _wrong(path, f"an entry of its {list_name} lacks a name or a {key}")
        name = str(entry["name"])
        if name in found:
            raise _wrong(path, f'its {list_name} name "{name}" twice')
        found[name] = value
    return found


def _config(path: Path, name: str, context: dict[str, Any], servers: dict[str, dict[str, Any]]) -> ClusterConfig:
    cluster = servers.get(str(context.get("cluster")))
    if cluster is None:
        raise _wrong(path, f'the context "{name}" names a cluster that does not exist')
    server = str(cluster.get("server") or "").rstrip("/")
    parts = urlsplit(server)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _wrong(path, f'the cluster of context "{name}" has no http or https address')
    if cluster.get("insecure-skip-tls-verify"):
        raise _wrong(path, f'the cluster of context "{name}" skips TLS verification; give its CA instead')
    return ClusterConfig(
        name=name,
        server=server,
        namespace=str(context.get("namespace") or DEFAULT_NAMESPACE),
        proxy=str(cluster.get("proxy-url") or ""),
        path=path,
        server_name=str(cluster.get("tls-server-name") or ""),
    )


def _wrong(path: Path, what: str) -> InternalError:
    return InternalError(f"the kubeconfig {path} cannot be used: {what}", code="configuration")


@dataclass(frozen=True, slots=True)
class Proof:
    """How one request proves itself.

    Attributes:
        authorization: value of the Authorization header, empty when a client certificate does it.
        tls: the verified TLS context, None for plain http.
        certificates: the files that the TLS context was made of; another tuple means another context.
    """

    authorization: str
    tls: ssl.SSLContext | None
    certificates: tuple[str, str, str]


class Credentials:
    """Loads and renews the credentials of one context.

    Args:
        config: the context.
    """

    def __init__(self, config: ClusterConfig) -> None:
        self._config = config
        self._loaded: tuple[float, Proof] | None = None
        self._lock = asyncio.Lock()

    async def proof(self, *, renew: bool = False) -> Proof:
        """What to send with a request.

        Args:
            renew: load again even when what is there is young.

        Raises:
            UnavailableError: the credentials cannot be loaded, or a plugin took too long.
        """
        if self._loaded is not None and not renew and time.monotonic() - self._loaded[0] < RELOAD_EVERY_S:
            return self._loaded[1]
        async with self._lock:
            if self._loaded is not None and not renew and time.monotonic() - self._loaded[0] < RELOAD_EVERY_S:
                return self._loaded[1]
            proof = await self._load()
            self._loaded = (time.monotonic(), proof)
            return proof

    async def _load(self) -> Proof:
        from kubernetes.aio.client import Configuration
        from kubernetes.aio.config.config_exception import ConfigException
        from kubernetes.aio.config.kube_config import KubeConfigLoader

        try:
            async with asyncio.timeout(CREDENTIALS_TIMEOUT_S):
                path = self._config.path
                content = _alone(_document(path), self._config.name)
                loader = KubeConfigLoader(content, config_base_path=str(path.resolve().parent))
                # Its metaclass hands out copies of a global default; this makes one that belongs to nobody else.
                loaded = type.__call__(Configuration)
                await loader.load_and_set(loaded)
                proof = self._proof(loaded)
        except (ConfigException, InternalError, OSError, ValueError, KeyError, TypeError) as exc:
            raise UnavailableError(
                f"The credentials of the cluster {self._config.name} cannot be loaded; its operator has to look.",
                code="cluster_credentials",
            ) from exc
        if not proof.authorization and not proof.certificates[1]:
            raise UnavailableError(
                f"There are no credentials for the cluster {self._config.name}, or its plugin gave none.",
                code="cluster_credentials",
            )
        return proof

    def _proof(self, loaded: Any) -> Proof:
        authorization = str((loaded.api_key or {}).get("BearerToken") or "")
        if not self._config.server.startswith("https"):
            return Proof(authorization, None, ("", "", ""))
        files = (str(loaded.ssl_ca_cert or ""), str(loaded.cert_file or ""), str(loaded.key_file or ""))
        if self._loaded is not None and self._loaded[1].certificates == files:
            return Proof(authorization, self._loaded[1].tls, files)
        tls = ssl.create_default_context(cafile=files[0] or None)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        if files[1]:
            tls.load_cert_chain(files[1], files[2] or None)
        return Proof(authorization, tls, files)
