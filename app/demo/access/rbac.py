"""Decides what a user may do, from the roles and bindings in the cluster: Kubernetes' RBAC, without aggregation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.demo.access.identity import MASTERS, User
from app.demo.objects import Obj
from app.demo.store import Store

_GROUP = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody wants to do.

    Attributes:
        verb: such as list, or the lower-case method for a plain path.
        group: API group.
        resource: plural; empty for a plain path.
        subresource: may be empty.
        namespace: empty for cluster scope.
        name: of the object, may be empty.
        path: a plain path such as /version; empty for a resource.
    """

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an action is allowed, and why.

    Attributes:
        allowed: closed by default.
        reason: in the authorizer's words; empty for a refusal.
    """

    allowed: bool
    reason: str = ""


class Authorizer:
    """The RBAC authorizer of a cluster.

    Args:
        store: where roles and bindings are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def decide(self, user: User, action: Action) -> Decision:
        """Whether a user may do something."""
        if MASTERS in user.groups:
            return Decision(True)
        for rule, reason in self._rules(user, action.namespace):
            if _covers(rule, action):
                return Decision(True, reason)
        return Decision(False)

    def rules(self, user: User, namespace: str) -> tuple[list[Obj], list[Obj]]:
        """The rules for resources and for plain paths that apply to a user in a namespace."""
        resources: list[Obj] = []
        paths: list[Obj] = []
        for rule, _ in self._rules(user, namespace):
            if rule.get("nonResourceURLs"):
                paths.append({"verbs": rule["verbs"], "nonResourceURLs": rule["nonResourceURLs"]})
            else:
                kept = ("verbs", "apiGroups", "resources", "resourceNames")
                resources.append({field: rule[field] for field in kept if rule.get(field)})
        return resources, paths

    def _rules(self, user: User, namespace: str) -> Iterator[tuple[Obj, str]]:
        for binding in self._store.all(f"clusterrolebindings.{_GROUP}"):
            yield from self._granted(binding, user, "", "ClusterRoleBinding")
        if namespace:
            for binding in self._store.all(f"rolebindings.{_GROUP}", namespace):
                yield from self._granted(binding, user, namespace, "RoleBinding")

    def _granted(self, binding: Obj, user: User, namespace: str, kind: str) -> Iterator[tuple[Obj, str]]:
        subject = next((entry for entry in binding.get("subjects") or () if _is(entry, user, namespace)), None)
        if subject is None:
            return
        reference = binding["roleRef"]
        scope = "" if reference["kind"] == "ClusterRole" else namespace
        role = self._store.get(f"{reference['kind'].lower()}s.{_GROUP}", scope, reference["name"])
        if role is None:
            return
        where = f"{namespace}/" if namespace else ""
        reason = (
            f'RBAC: allowed by {kind} "{binding["metadata"]["name"]}{"/" + namespace if where else ""}" of '
            f'{reference["kind"]} "{reference["name"]}" to {subject["kind"]} "{subject["name"]}"'
        )
        for rule in role.get("rules") or ():
            yield rule, reason


def _is(subject: Obj, user: User, namespace: str) -> bool:
    match subject.get("kind"):
        case "User":
            return bool(subject.get("name") == user.name)
        case "Group":
            return subject.get("name") in user.groups
        case "ServiceAccount":
            place = subject.get("namespace") or namespace
            return user.name == f"system:serviceaccount:{place}:{subject.get('name')}"
    return False


def _covers(rule: Obj, action: Action) -> bool:
    if not _has(rule.get("verbs"), action.verb):
        return False
    if action.path:
        return any(_matches_path(entry, action.path) for entry in rule.get("nonResourceURLs") or ())
    names = rule.get("resourceNames") or ()
    if names and action.name not in names:
        return False
    return _has(rule.get("apiGroups"), action.group) and _has_resource(rule.get("resources") or (), action)


def _has(values: Iterable[str] | None, wanted: str) -> bool:
    listed = tuple(values or ())
    return "*" in listed or wanted in listed


def _has_resource(resources: Iterable[str], action: Action) -> bool:
    full = f"{action.resource}/{action.subresource}" if action.subresource else action.resource
    for entry in resources:
        if entry in {"*", full}:
            return True
        if action.subresource and entry == f"*/{action.subresource}":
            return True
    return False


def _matches_path(pattern: str, path: str) -> bool:
    return pattern in {"*", path} or (pattern.endswith("*") and path.startswith(pattern[:-1]))


def refusal(user: User, action: Action) -> str:
    """Why not, in the API server's words: what follows `is forbidden:`."""
    if action.path:
        return f'User "{user.name}" cannot {action.verb} path "{action.path}"'
    resource = f"{action.resource}/{action.subresource}" if action.subresource else action.resource
    scope = f'in the namespace "{action.namespace}"' if action.namespace else "at the cluster scope"
    return f'User "{user.name}" cannot {action.verb} resource "{resource}" in API group "{action.group}" {scope}'
