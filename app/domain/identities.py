"""People, their roles, and in whose name KubeChat speaks to a cluster for them.

A person's Kubernetes user and group carry a prefix of KubeChat's own, so that an account can never collide with, or
become, an identity that the cluster knows otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.infra.kubernetes.impersonation import Impersonation

PREFIX = "kubechat:"


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
    """

    user_id: UUID
    name: str
    display_name: str
    role: Role


_GROUPS = {Role.VIEWER: "viewers", Role.OPERATOR: "operators", Role.ADMIN: "admins"}


def impersonation_of(person: Person, prefix: str = PREFIX) -> Impersonation:
    """The Kubernetes user and group of a person: `kubechat:<name>`, `kubechat:<role>s`.

    Raises:
        ForbiddenError: the account's name cannot be one.
        ValueError: the prefix is empty.
    """
    if not prefix:
        raise ValueError("without a prefix an account could take the name of a user whom the cluster trusts")
    return Impersonation(f"{prefix}{person.name}", (f"{prefix}{_GROUPS[person.role]}",))
