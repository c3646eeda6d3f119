"""In whose name a request goes to a cluster.

Every call to a Kubernetes API impersonates a person, so that the cluster's RBAC and its own audit log decide and name
them. There is no call without an identity, and no identity of Kubernetes' own (`system:…`) can be made here. What
measures a cluster asks for nobody: it goes under its own account, which has to say so, and which may only look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol

from app.errors import ForbiddenError


class Itself:
    """Whoever the kubeconfig's own credentials are; there is one."""


AS_ITSELF = Itself()
"""The installation's own account, for what measures clusters; nothing that changes anything can be asked under it."""

LONGEST_NAME = 253  # as long as the longest name in Kubernetes
RESERVED = "system:"
_NAME = re.compile(r"[\x21-\x7e]+")


class Limits(Protocol):
    """How far an identity goes on its cluster, beside what the cluster's RBAC says."""

    @property
    def open_namespaces(self) -> tuple[str, ...]:
        """Namespaces that are known to be open to it, for who may not list them."""

    def check(self, cluster: str, method: str, path: str, *, changes: bool) -> None:
        """ForbiddenError for a request that may not be sent in this identity's name."""


@dataclass(frozen=True, slots=True)
class Impersonation:
    """A Kubernetes user and their groups; ForbiddenError for names that may never be impersonated.

    Attributes:
        user: value of `Impersonate-User`.
        groups: values of the repeated `Impersonate-Group`.
        scope: names what its limits let it see; empty for all. Two identities of one name that see different things
            are different identities, and share no cache entry.
        limits: asked before each request; None lets all pass.
    """

    user: str
    groups: tuple[str, ...] = ()
    scope: str = ""
    limits: Limits | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in (self.user, *self.groups):
            # A name becomes a header: nothing but printable ASCII, and nothing that Kubernetes reserves for itself.
            if len(name) > LONGEST_NAME or _NAME.fullmatch(name) is None:
                raise ForbiddenError("This account's name cannot be used on a cluster.", code="identity_refused")
            if name.casefold().startswith(RESERVED):
                raise ForbiddenError(
                    "Names that begin with system: belong to Kubernetes and are never used for a person.",
                    code="identity_refused",
                )
