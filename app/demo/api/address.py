"""Reads the paths of the Kubernetes API."""

from __future__ import annotations

from dataclasses import dataclass

from app.demo.access.rbac import Action
from app.demo.kinds import GroupVersion, Kind, by_path, group_versions
from app.demo.status import no_such_resource

_METHODS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Address:
    """What a path names.

    Attributes:
        kind: of the objects.
        namespace: empty for all of them, or for cluster scope.
        name: empty for a collection.
        sub: subresource, empty for the object itself.
    """

    kind: Kind
    namespace: str = ""
    name: str = ""
    sub: str = ""

    def action(self, method: str, *, watch: bool, selected_name: str = "") -> Action:
        """What a request to this address wants to do.

        Args:
            method: HTTP method.
            watch: whether the query asks for a watch.
            selected_name: the name that a field selector asks for.
        """
        verb = _METHODS.get(method, method.lower())
        if verb == "get" and (watch and not self.sub):
            verb = "watch"
        elif verb == "get" and not self.name:
            verb = "list"
        elif verb == "delete" and not self.name:
            verb = "deletecollection"
        name = self.name or (selected_name if verb in {"list", "watch"} else "")
        return Action(verb, self.kind.group, self.kind.plural, self.sub, self.namespace, name)


def group_version_of(parts: list[str], custom: tuple[Kind, ...] = ()) -> GroupVersion | None:
    """The group version of a discovery path such as `apis/apps/v1`, None if it is none."""
    group, version = ("", parts[1]) if parts[0] == "api" else (parts[1], parts[2])
    return next((entry for entry in group_versions(custom) if (entry.group, entry.version) == (group, version)), None)


def parse(path: str, custom: tuple[Kind, ...] = ()) -> Address | None:
    """The address of a resource path; None for any other path.

    Args:
        path: without the cluster's prefix.
        custom: what the cluster serves besides the kinds of every cluster.

    Raises:
        StatusError: 404 for a resource that no group version has.
    """
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    if not any((entry.group, entry.version) == (group, version) for entry in group_versions(custom)):
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in {"status", "finalize"}:
        namespace, rest = rest[1], rest[2:]
    place = (group, version, rest[0])
    kind = by_path(*place) or next((each for each in custom if (each.group, each.version, each.plural) == place), None)
    if kind is None or len(rest) > 3 or (namespace and not kind.namespaced):
        raise no_such_resource()
    address = Address(kind, namespace, *rest[1:])
    if address.sub and kind.sub(address.sub) is None:
        raise no_such_resource()
    if kind.namespaced and address.name and not namespace:
        raise no_such_resource()
    return address
