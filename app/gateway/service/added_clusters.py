"""Clusters that an administrator adds while the installation runs, on every replica within seconds.

A kubeconfig that is given so may start no program and name no file, since both would be of the machine that KubeChat
runs on. It is tried before it is kept, lies sealed in PostgreSQL, and is never given out again.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from app.domain.clusters.registry import Registry
from app.domain.identities import Person
from app.errors import ConflictError, InternalError, InvalidInputError, NotFoundError, UnsupportedError
from app.gateway.service.audit_trail import AuditTrail, audit_event
from app.gateway.store.clusters import AddedClusterRows, StoredCluster
from app.infra.ids import new_id
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import AS_ITSELF
from app.infra.kubernetes.kubeconfig import ClusterConfig, Clusters, of_document, parsed
from app.infra.sealing import Keys, SealError
from app.telemetry.logs import get_logger

REFRESH_EVERY_S = 5.0  # what was added on one replica is known on the others within this, where they were not told
MOST_ADDED = 200  # twice what one installation is tried with, so that a script that runs wild ends
TRIED_WITHIN_S = 10.0
GIVEN = Path("that was given")  # in the place of a file's name, in messages
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_log = get_logger(__name__)


class AddedClusters:
    """Adds and removes clusters, and learns of those that other replicas added.

    Args:
        rows: where they are kept.
        keys: what seals them.
        registry: the clusters that there are.
        make: makes a client, with which a cluster is tried.
        trail: the audit trail.
        forget: drops what is known of a cluster by its name.
        tell: tells the other replicas that a cluster of this name came or went.
    """

    def __init__(
        self,
        rows: AddedClusterRows,
        keys: Keys,
        registry: Registry,
        make: Callable[[ClusterConfig], ClusterClient],
        trail: AuditTrail,
        forget: Callable[[str], None],
        tell: Callable[[str], Awaitable[None]],
    ) -> None:
        self._rows, self._keys, self._registry = rows, keys, registry
        self._make, self._trail, self._forget, self._tell = make, trail, forget, tell
        self._revisions: dict[str, UUID] = {}

    @property
    def names(self) -> frozenset[str]:
        """Names of those that can be removed."""
        return frozenset(self._registry.added)

    async def add(self, person: Person, name: str, kubeconfig: str, context: str = "") -> dict[str, Any]:
        """Try a cluster, keep it, and let people speak to it; recorded before it is done.

        Args:
            person: the administrator.
            name: what it shall be called; empty for the context's own name.
            kubeconfig: its text.
            context: which context of it; empty for its current one.

        Raises:
            InvalidInputError: the kubeconfig cannot be used; the message names the part.
            ConflictError: there is a cluster of this name.
            UnsupportedError: no key is set under which it could be kept.
            KubeChatError: the cluster does not answer, or does not take the credentials.
        """
        if not self._keys.newest:
            raise UnsupportedError(
                "Clusters cannot be added: no key is set that would seal their credentials"
                " (KUBECHAT_CLUSTER_KEYS_FILE); the operator has to set one, or to add them to the kubeconfig."
            )
        document, config = _read(name, kubeconfig, context)
        if config.name in self._registry:
            raise ConflictError(f'There is a cluster "{config.name}" already.', code="cluster_exists")
        if len(self._registry.added) >= MOST_ADDED:
            raise ConflictError(f"There are {MOST_ADDED} added clusters already; remove one.", code="too_many_clusters")
        version = await self._tried(config)
        key_id, sealed = self._keys.seal(yaml.safe_dump(document).encode(), config.name)
        stored = StoredCluster(config.name, config.server, sealed, key_id, new_id())
        await self._record(person, "add cluster", config.name, server=config.server, key_id=key_id)
        if not await self._rows.add(stored, person.user_id):
            raise ConflictError(f'There is a cluster "{config.name}" already.', code="cluster_exists")
        await self._put(stored)
        await self._tell(config.name)
        return {"name": config.name, "server": config.server, "version": version}

    async def remove(self, person: Person, name: str) -> None:
        """Forget a cluster that was added, with its credentials; recorded before it is done.

        Raises:
            NotFoundError: there is none of this name.
            ConflictError: it is of the kubeconfig.
        """
        if self._registry.is_of_file(name):
            raise ConflictError(
                f'The cluster "{name}" is of the kubeconfig; its operator takes it out there.', code="cluster_of_file"
            )
        await self._record(person, "remove cluster", name)
        if not await self._rows.remove(name):
            raise NotFoundError(f'No cluster "{name}" was added.', code="unknown_cluster")
        await self._take(name)
        await self._tell(name)

    async def refresh(self) -> None:
        """Learn what other replicas added and removed, and put what lies under an old key under the newest."""
        stored = {row.name: row for row in await self._rows.all()}
        for name in self._registry.added:
            if name not in stored:
                await self._take(name)
        for row in stored.values():
            if self._registry.is_of_file(row.name):
                continue
            if self._revisions.get(row.name) != row.revision:
                await self._put(row)
            if self._keys.newest and row.key_id != self._keys.newest:
                await self._reseal(row)

    async def _put(self, row: StoredCluster) -> None:
        self._forget(row.name)
        await self._registry.put(self._opened(row))
        self._revisions[row.name] = row.revision

    async def _take(self, name: str) -> None:
        self._revisions.pop(name, None)
        self._forget(name)  # what watches it ends before its connections do
        await self._registry.remove(name)
        self._forget(name)

    def _opened(self, row: StoredCluster) -> ClusterConfig:
        try:
            text = self._keys.open(row.key_id, row.sealed, row.name).decode()
            return _read(row.name, text, "")[1]
        except (SealError, InvalidInputError):
            _log.error("an added cluster cannot be opened", cluster=row.name, key=row.key_id)
            fault = f'its credentials cannot be opened with the keys that are set (key "{row.key_id}")'
            return ClusterConfig(row.name, row.server, fault=fault, added=True)

    async def _reseal(self, row: StoredCluster) -> None:
        try:
            plain = self._keys.open(row.key_id, row.sealed, row.name)
        except SealError:
            return  # told when it was put
        key_id, sealed = self._keys.seal(plain, row.name)
        await self._rows.reseal(row, sealed, key_id)

    async def _tried(self, config: ClusterConfig) -> str:
        """The version of a cluster that answers and takes the credentials."""
        client = self._make(config)
        try:
            answer = await client.request("GET", "/version", identity=AS_ITSELF, timeout_s=TRIED_WITHIN_S)
            return str(answer.json().get("gitVersion") or "")
        except (AttributeError, TypeError) as exc:
            raise InvalidInputError(f"What answers at {config.server} is no cluster.", code="not_a_cluster") from exc
        finally:
            await client.close()

    async def _record(self, person: Person, verb: str, name: str, **detail: Any) -> None:
        event = audit_event(
            "administration", person, cluster=name, verb=verb, resource="clusters", name=name, detail=dict(detail)
        )
        await self._trail.record([event])


def contexts_of(text: str) -> dict[str, Any]:
    """What a kubeconfig offers: `current`, and `contexts`, each with `name`, `server`, `namespace` and its `fault`.

    Raises:
        InvalidInputError: it cannot be read, or no context of it can be used; the message names the part.
    """
    found = _parsed(text)
    contexts = [
        {
            "name": each.name,
            "server": "" if each.fault else each.server,
            "namespace": each.namespace,
            "fault": each.fault.removeprefix(f'the context "{each.name}": '),
        }
        for each in found.clusters
    ]
    return {"current": found.current, "contexts": contexts}


def _parsed(text: str) -> Clusters:
    try:
        document = parsed(text)
    except yaml.YAMLError as exc:
        raise InvalidInputError("The kubeconfig is no YAML.", code="invalid_kubeconfig") from exc
    try:
        return of_document(document, GIVEN, keep=True, added=True)
    except InternalError as exc:
        said = exc.message.removeprefix(f"the kubeconfig {GIVEN} cannot be used: ")
        raise InvalidInputError(f"The kubeconfig cannot be used: {said}.", code="invalid_kubeconfig") from exc


def _read(name: str, text: str, context: str) -> tuple[dict[str, Any], ClusterConfig]:
    """A kubeconfig with one context under the name that it shall have, and what that means."""
    found = _parsed(text)
    wanted = context or found.current
    config = next((each for each in found.clusters if each.name == wanted), None)
    if config is None:
        raise InvalidInputError(f'The kubeconfig has no context "{wanted[:60]}".', code="invalid_kubeconfig")
    if config.fault:
        raise InvalidInputError(f"The kubeconfig cannot be used: {config.fault}.", code="invalid_kubeconfig")
    name = name or config.name
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f'"{name[:60]}" cannot be the name of a cluster: use letters, digits, dots, dashes and underscores.',
            code="invalid_name",
        )
    entry = config.entry()
    inside = {**entry.context, "cluster": name, "user": name}
    alone = {
        "current-context": name,
        "contexts": [{"name": name, "context": inside}],
        "clusters": [{"name": name, "cluster": dict(entry.cluster or {})}],
        "users": [{"name": name, "user": dict(entry.user or {})}],
    }
    return alone, replace(config, name=name, document=alone)
