"""What a request's path names in a Kubernetes API: a type, a namespace, an object.

Decides which answers may be kept at all. Secrets, measured usage and everything that is no plain object never are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

_KNOWN_PATHS = 1_000  # those of lists come again and again; each is some hundred bytes
_NEVER_KEPT = frozenset({("", "secrets")})
_NEVER_KEPT_GROUPS = frozenset({"authentication.k8s.io", "authorization.k8s.io"})
_USAGE = "metrics.k8s.io"  # also custom.metrics.k8s.io and external.metrics.k8s.io


@dataclass(frozen=True, slots=True)
class Place:
    """Objects of one type, or one of them.

    Attributes:
        group: API group, empty for the core.
        version: its version.
        plural: the type's name in URLs.
        namespace: empty for all, and for types that lie in none.
        name: empty for all.
    """

    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""

    @property
    def kind(self) -> tuple[str, str]:
        """The type, whatever its version: the same objects are served under each."""
        return self.group, self.plural


@lru_cache(maxsize=_KNOWN_PATHS)
def place_of(path: str) -> Place | None:
    """What a path names, None where its answer is never kept: Secrets, usage, subresources, what is no object."""
    parts = [unquote(part) for part in path.split("/")[1:]]
    if parts[:1] == ["api"] and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    plural, name = rest[0], rest[1] if len(rest) > 1 else ""
    if len(rest) > 2 or group in _NEVER_KEPT_GROUPS or group.endswith(_USAGE) or (group, plural) in _NEVER_KEPT:
        return None
    return Place(group, version, plural, namespace, name)
