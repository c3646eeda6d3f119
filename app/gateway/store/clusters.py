"""Clusters that administrators added: one row each, whose kubeconfig only this installation's keys open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.infra.postgres.database import Database
from app.infra.postgres.query import Query

_ALL = Query(
    "clusters.all", "SELECT name, server, sealed, key_id, revision FROM added_clusters ORDER BY added_at LIMIT 1000"
)
_ADD = Query(
    "clusters.add",
    """INSERT INTO added_clusters (name, server, sealed, key_id, revision, added_by) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (name) DO NOTHING RETURNING name""",
)
_RESEAL = Query(
    "clusters.reseal", "UPDATE added_clusters SET sealed = $3, key_id = $4 WHERE name = $1 AND revision = $2"
)
_REMOVE = Query("clusters.remove", "DELETE FROM added_clusters WHERE name = $1 RETURNING name")


@dataclass(frozen=True, slots=True)
class StoredCluster:
    """A cluster as it lies in the database.

    Attributes:
        name: what people call it.
        server: its address.
        sealed: its kubeconfig, sealed for its name.
        key_id: under which key.
        revision: another one for each time that it is added.
    """

    name: str
    server: str
    sealed: bytes = field(repr=False)
    key_id: str
    revision: UUID


class AddedClusterRows:
    """The rows.

    Args:
        database: the primary.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[StoredCluster]:
        """All of them, in the order in which they were added."""
        return [StoredCluster(*row.values()) for row in await self._database.fetch(_ALL)]

    async def add(self, cluster: StoredCluster, added_by: UUID) -> bool:
        """Store one; False where there is one of this name."""
        found = await self._database.fetchrow(
            _ADD, cluster.name, cluster.server, cluster.sealed, cluster.key_id, cluster.revision, added_by
        )
        return found is not None

    async def reseal(self, cluster: StoredCluster, sealed: bytes, key_id: str) -> None:
        """Put it under another key; nothing happens where it was replaced meanwhile."""
        await self._database.execute(_RESEAL, cluster.name, cluster.revision, sealed, key_id)

    async def remove(self, name: str) -> bool:
        """Remove one; False where there is none."""
        return await self._database.fetchrow(_REMOVE, name) is not None
