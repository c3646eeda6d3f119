"""How far one person goes on one cluster: asked before every request that is sent in their name.

It reads a request's path alone, so that no command, list ahead or completion can pass it by. What it lets pass, the
cluster's RBAC still has to allow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from app.domain.commands.kinds import is_cluster_scoped
from app.errors import ForbiddenError

_GROUPLESS, _GROUPED = 2, 3  # segments of /api/v1 and of /apis/apps/v1


class PolicyError(ForbiddenError):
    """Refused by KubeChat's own policy, before anything was sent; its code is the reason."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is allowed in one place.

    Attributes:
        read: whether it may be looked at.
        change: whether it may be changed.
        refusal: why it may not be changed, and whom to ask.
        code: of that refusal.
    """

    read: bool
    change: bool
    refusal: str = ""
    code: str = "change_not_allowed"


@dataclass(frozen=True, slots=True)
class PersonLimits:
    """One person's limits on one cluster.

    Attributes:
        cluster: its name; no request may go to another.
        elsewhere: what holds outside of the namespaces named.
        namespaces: what holds in each namespace that the policy names.
    """

    cluster: str
    elsewhere: Allowed
    namespaces: Mapping[str, Allowed]

    @property
    def scope(self) -> str:
        """A name of what may be read, equal for equal views; empty where all may be."""
        closed = sorted((name, allowed.read) for name, allowed in self.namespaces.items())
        if self.elsewhere.read and all(read for _, read in closed):
            return ""
        return hashlib.sha256(repr((self.elsewhere.read, closed)).encode()).hexdigest()[:16]

    @property
    def open_namespaces(self) -> tuple[str, ...]:
        """See `app.infra.kubernetes.impersonation.Limits`."""
        return tuple(sorted(name for name, allowed in self.namespaces.items() if allowed.read))

    def of(self, namespace: str) -> Allowed:
        """What holds in a namespace; empty for what lies in none."""
        return self.namespaces.get(namespace, self.elsewhere)

    def require_read(self, namespace: str) -> None:
        """PolicyError where a namespace may not be looked at."""
        if not self.of(namespace).read:
            raise PolicyError(
                f"You may not read {_place(namespace)} on cluster {self.cluster}; ask KubeChat's administrator for an"
                f" entry under clusters.{self.cluster}{_entry(namespace)}.read.",
                code="read_not_allowed",
            )

    def require_change(self, namespace: str) -> None:
        """PolicyError where nothing may be changed in a namespace."""
        self.require_read(namespace)
        allowed = self.of(namespace)
        if not allowed.change:
            raise PolicyError(allowed.refusal, code=allowed.code)

    def check(self, cluster: str, method: str, path: str, *, changes: bool) -> None:
        """See `app.infra.kubernetes.impersonation.Limits`."""
        if cluster != self.cluster:
            raise PolicyError(
                f"This identity is of cluster {self.cluster} and is never used on {cluster}.", code="identity_refused"
            )
        resource, namespace, spread = _place_of(path)
        if changes:
            self.require_change(namespace)
        elif namespace:
            self.require_read(namespace)
        elif spread and method == "GET":
            self._require_all(resource)
        elif resource and method == "GET":
            self.require_read("")  # what lies in no namespace

    def _require_all(self, resource: str) -> None:
        self.require_read("")
        closed = sorted(name for name, allowed in self.namespaces.items() if not allowed.read)
        if closed:
            raise PolicyError(
                f"You may not read all namespaces of cluster {self.cluster} ({', '.join(closed)} are closed to you);"
                f" ask for {resource} of one namespace with -n.",
                code="read_not_allowed",
            )


def _place(namespace: str) -> str:
    return (
        f"namespace {namespace}" if namespace else "what lies in no namespace, or in one that has no entry of its own,"
    )


def _entry(namespace: str) -> str:
    return f".namespaces.{namespace}" if namespace else ""


def _place_of(path: str) -> tuple[str, str, bool]:
    """A request's resource type, its namespace, and whether it lists a type across namespaces."""
    parts = [unquote(part) for part in path.partition("?")[0].split("/") if part]
    root = _GROUPLESS if parts[:1] == ["api"] else _GROUPED
    if parts[:1] not in (["api"], ["apis"]) or len(parts) <= root:
        return "", "", False
    rest = parts[root:]
    if rest[0] == "namespaces" and len(rest) > 1:
        # The namespace itself is judged as what lies in it.
        return (rest[2] if len(rest) > 2 else "namespaces"), rest[1], False
    # Another group may have types of these names that lie in namespaces.
    of_kubernetes = root == _GROUPLESS or parts[1].endswith(".k8s.io")
    return rest[0], "", len(rest) == 1 and not (of_kubernetes and is_cluster_scoped(rest[0]))
