"""What the audit log says of clusters themselves: added, removed, found to be another one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.identities import Person, Role
from app.gateway.service.audit_trail import audit_event

ITSELF = Person(UUID(int=0), "kubechat", "KubeChat", Role.ADMIN)
"""Who notices what no person did."""


def replacement_event(cluster: str, old_uid: str, new_uid: str) -> dict[str, Any]:
    """A cluster is another one of the same name."""
    return audit_event(
        "administration",
        ITSELF,
        cluster=cluster,
        verb="cluster replaced",
        resource="clusters",
        name=cluster,
        command=f"cluster {cluster} is another one than before",
        outcome="ok",
        detail={"old_uid": old_uid, "new_uid": new_uid},
    )
