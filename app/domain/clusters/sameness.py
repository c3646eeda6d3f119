"""Whether a cluster is still the one that it was: the uid of its namespace kube-system, which no rebuilt one has again.

A cluster that is replaced by another under the same name would be taken for the old one: by caches, and by a preview
that waits for its confirmation. It is looked at before each change and now and then while it is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from app.errors import ConflictError, ForbiddenError, KubeChatError
from app.infra.kubernetes.client import ClusterClient, path_of
from app.infra.kubernetes.errors import KubernetesCredentialsError, KubernetesForbiddenError
from app.infra.kubernetes.impersonation import AS_ITSELF, Impersonation, Itself
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

LOOK_EVERY_S = 60.0  # while a cluster is asked; a rebuild takes longer than that
FRESH_FOR_S = 5.0  # before a change: the steps of one plan look once
_METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
_PATH = path_of("api", "v1", "namespaces", "kube-system")


@dataclass(slots=True)
class _Known:
    """What was seen last: a uid, empty where nobody may look, and when by the monotonic clock."""

    uid: str
    seen_at: float


class Sameness:
    """Remembers each cluster's uid.

    Args:
        instruments: where replacements are counted.
        replaced: told a cluster's name, its old uid and its new one.
    """

    def __init__(
        self, instruments: Instruments, replaced: Callable[[str, str, str], Awaitable[None]] | None = None
    ) -> None:
        self._known: dict[str, _Known] = {}
        self._replaced = replaced
        self._counted = instruments.counter(catalogue.CLUSTER_REPLACEMENTS)
        self._looking: dict[str, asyncio.Task[None]] = {}

    def watch(self, cluster: str) -> None:
        """Begin to count a cluster, so that its first replacement is a rise and not a beginning."""
        self._counted.labels(cluster).inc(0)

    def forget(self, cluster: str) -> None:
        """Take the next that answers for a first one: it was removed and added on purpose."""
        self._known.pop(cluster, None)

    async def uid(self, client: ClusterClient, identity: Impersonation) -> str:
        """The uid of the cluster that answers now, at most a few seconds old; empty where nobody may see it.

        Args:
            client: the cluster.
            identity: as whom it is looked at where the installation's own account may not.

        Raises:
            KubeChatError: the cluster does not answer.
        """
        known = self._known.get(client.name)
        if known is not None and time.monotonic() - known.seen_at < FRESH_FOR_S:
            return known.uid
        uid = await _looked(client, (AS_ITSELF, identity))
        await self._note(client.name, uid)
        return uid

    async def require(self, client: ClusterClient, identity: Impersonation, uid: str) -> None:
        """ConflictError where another cluster answers than the one of this uid; an empty uid is any."""
        now = await self.uid(client, identity) if uid else ""
        if uid and now and now != uid:
            raise ConflictError(
                f"The cluster {client.name} is another one than when this was previewed; nothing was changed. Ask"
                " again to see what it would do on the new one.",
                code="cluster_replaced",
            )

    def look_soon(self, client: ClusterClient, identity: Impersonation) -> None:
        """Look beside what a person waits for, where the last look is a while ago."""
        known = self._known.get(client.name)
        if client.name in self._looking or (known and time.monotonic() - known.seen_at < LOOK_EVERY_S):
            return
        task = asyncio.create_task(self._look(client, identity), name=f"look at {client.name}")
        self._looking[client.name] = task
        task.add_done_callback(lambda _: self._looking.pop(client.name, None))

    async def close(self) -> None:
        """End the looks that are under way."""
        tasks = list(self._looking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self, client: ClusterClient, identity: Impersonation) -> None:
        with suppress(KubeChatError):  # it does not answer: whoever asks it next is told
            await self.uid(client, identity)

    async def _note(self, cluster: str, uid: str) -> None:
        known = self._known.get(cluster)
        self._known[cluster] = _Known(uid or (known.uid if known else ""), time.monotonic())
        if known is None or not known.uid or not uid or known.uid == uid:
            return
        self._counted.labels(cluster).inc()
        if self._replaced is not None:
            await self._replaced(cluster, known.uid, uid)


async def _looked(client: ClusterClient, identities: tuple[Itself | Impersonation, ...]) -> str:
    for identity in identities:
        try:
            answer = await client.request("GET", _PATH, identity=identity, accept=_METADATA)
        except (KubernetesForbiddenError, KubernetesCredentialsError, ForbiddenError):
            continue
        found = answer.json()
        metadata = found.get("metadata") if isinstance(found, dict) else None
        return str(metadata.get("uid") or "") if isinstance(metadata, dict) else ""
    return ""
