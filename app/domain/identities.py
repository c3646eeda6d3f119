"""People, their roles and groups in KubeChat. As whom they go to a cluster is `app.domain.policy`'s to say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person may do in KubeChat; the cluster's RBAC decides beside it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Person:
    """An account.

    Attributes:
        user_id: its id.
        name: the name they sign in with.
        display_name: the name others read.
        role: their role.
        groups: their groups in KubeChat, which a policy may name.
    """

    user_id: UUID
    name: str
    display_name: str
    role: Role
    groups: tuple[str, ...] = ()


GROUPS = {Role.VIEWER: "viewers", Role.OPERATOR: "operators", Role.ADMIN: "admins"}
"""The Kubernetes group of each role where no policy says otherwise, without its prefix."""
