"""How the lists and maps of Kubernetes objects merge.

The keys are those of the API's types (`patchMergeKey` and `listMapKey` in k8s.io/api). Lists that are not named here
are replaced as a whole.
"""

from __future__ import annotations

from typing import Final

from app.demo.kinds import Kind

Path = tuple[str, ...]

# (parent field or "", field) -> merge key of a strategic patch, keys of server-side apply
_MAPS: Final[dict[tuple[str, str], tuple[str, tuple[str, ...]]]] = {
    ("", "containers"): ("name", ("name",)),
    ("", "initContainers"): ("name", ("name",)),
    ("", "ephemeralContainers"): ("name", ("name",)),
    ("", "env"): ("name", ("name",)),
    ("containers", "ports"): ("containerPort", ("containerPort", "protocol")),
    ("initContainers", "ports"): ("containerPort", ("containerPort", "protocol")),
    ("", "volumes"): ("name", ("name",)),
    ("", "volumeMounts"): ("mountPath", ("mountPath",)),
    ("", "volumeDevices"): ("devicePath", ("devicePath",)),
    ("", "imagePullSecrets"): ("name", ("name",)),
    ("", "hostAliases"): ("ip", ("ip",)),
    ("", "topologySpreadConstraints"): ("topologyKey", ("topologyKey", "whenUnsatisfiable")),
    ("status", "conditions"): ("type", ("type",)),
    ("status", "addresses"): ("type", ("type",)),
    ("status", "podIPs"): ("ip", ("ip",)),
    ("metadata", "ownerReferences"): ("uid", ("uid",)),
}
_OF_KIND: Final[dict[tuple[str, Path], tuple[str, tuple[str, ...]]]] = {
    ("Service", ("spec", "ports")): ("port", ("port", "protocol")),
    ("ServiceAccount", ("secrets",)): ("name", ("name",)),
    ("HorizontalPodAutoscaler", ("status", "conditions")): ("type", ("type",)),
}
_SETS: Final = frozenset({("metadata", "finalizers")})
_ATOMIC: Final = frozenset({
    ("spec", "selector"),
    ("", "nodeAffinity"),
    ("", "labelSelector"),
    ("", "fieldRef"),
    ("", "secretKeyRef"),
    ("", "configMapKeyRef"),
    ("", "resourceFieldRef"),
    ("", "scaleTargetRef"),
    ("", "roleRef"),
    ("", "nodeSelector"),
})  # fmt: skip
# Struct fields that are always there: the API server does not count the field itself as somebody's.
_EMBEDDED: Final = frozenset({
    ("metadata",),
    ("spec",),
    ("status",),
    ("spec", "strategy"),
    ("spec", "updateStrategy"),
    ("spec", "template"),
    ("spec", "template", "metadata"),
    ("spec", "template", "spec"),
    ("spec", "jobTemplate"),
    ("spec", "jobTemplate", "metadata"),
    ("spec", "jobTemplate", "spec"),
    ("spec", "jobTemplate", "spec", "template"),
    ("spec", "jobTemplate", "spec", "template", "metadata"),
    ("spec", "jobTemplate", "spec", "template", "spec"),
    ("spec", "resources"),
    ("status", "loadBalancer"),
    ("spec", "containers"),
    ("spec", "template", "spec", "containers"),
    ("spec", "jobTemplate", "spec", "template", "spec", "containers"),
    ("spec", "names"),
    ("involvedObject",),
    ("source",),
})  # fmt: skip


def patch_key(kind: Kind, path: Path) -> str | None:
    """The merge key that a strategic patch uses for a list; None when the list is replaced.

    Args:
        kind: of the object.
        path: field names down to the list, list items left out.
    """
    found = _map_of(kind, path)
    return found[0] if found else None


def apply_keys(kind: Kind, path: Path) -> tuple[str, ...] | None:
    """The keys that identify an item of a list for server-side apply; None when the list is one value."""
    found = _map_of(kind, path)
    return found[1] if found else None


def is_set(path: Path) -> bool:
    """Whether a list of plain values is a set."""
    return path[-2:] in _SETS


def is_atomic(kind: Kind, path: Path) -> bool:
    """Whether a map is one value for ownership."""
    if kind.definition is not None and path[0] != "metadata":
        return False
    return ("", path[-1]) in _ATOMIC or path[-2:] in _ATOMIC


def is_embedded(kind: Kind, path: Path) -> bool:
    """Whether a map is a struct that is never absent; custom objects have no structs but their metadata."""
    return path in _EMBEDDED and (kind.definition is None or path == ("metadata",))


def _map_of(kind: Kind, path: Path) -> tuple[str, tuple[str, ...]] | None:
    if kind.definition is not None and path[0] != "metadata":
        return None
    own = _OF_KIND.get((kind.kind, path))
    if own is not None:
        return own
    parent = path[-2] if len(path) > 1 else ""
    return _MAPS.get((parent, path[-1])) or _MAPS.get(("", path[-1]))
