"""In whose name a request goes to a cluster.

Every call to a Kubernetes API impersonates a person, so that the cluster's RBAC and its own audit log decide and name
them. There is no call without an identity, and no identity of Kubernetes' own (`system:…`) can be made here. What
measures a cluster asks for nobody: it goes under its own account, which has to say so, and which may only look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.errors import ForbiddenError


class Itself:
    """Whoever the kubeconfig's own credentials are; there is one."""


AS_ITSELF = Itself()
"""The installation's own account, for what measures clusters; nothing that changes anything can be asked under it."""

LONGEST_NAME = 253  # as long as the longest name in Kubernetes
_NAME = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Impersonation:
    """A Kubernetes user and their groups; ForbiddenError for names that may never be impersonated.

    Attributes:
        user: value of `Impersonate-User`.
        groups: values of the repeated `Impersonate-Group`.
    """

    user: str
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in (self.user, *self.groups):
            # A name becomes a header: nothing but printable ASCII, and nothing that Kubernetes reserves for itself.
            if len(name) > LONGEST_NAME or _NAME.fullmatch(name) is None:
                raise ForbiddenError("This account's name cannot be used on a cluster.", code="identity_refused")
            if name.casefold().startswith("system:"):
                raise ForbiddenError(
                    "Names that begin with system: belong to Kubernetes and are never used for a person.",
                    code="identity_refused",
                )
