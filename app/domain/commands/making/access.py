"""Roles and bindings as kubectl makes them."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.commands import checks
from app.domain.commands.making.values import JsonObject, key_values, needed
from app.domain.commands.model.creation import Making
from app.errors import InvalidInputError

RBAC = "rbac.authorization.k8s.io"


def role(asked: Making) -> JsonObject:
    """Create role; its rules are made when the cluster has said to which group each resource belongs."""
    _check_rule(asked, urls=False)
    return _of("Role", asked)


def cluster_role(asked: Making) -> JsonObject:
    """Create clusterrole."""
    if asked.one("aggregation-rule"):
        if asked.all_of("verb") or asked.all_of("resource"):
            raise InvalidInputError("--aggregation-rule goes with no other rule.", code="invalid_flag")
        selector = {"matchLabels": key_values(asked.parts_of("aggregation-rule"), "aggregation-rule")}
        return {**_of("ClusterRole", asked), "aggregationRule": {"clusterRoleSelectors": [selector]}, "rules": []}
    _check_rule(asked, urls=True)
    return _of("ClusterRole", asked)


def _of(kind: str, asked: Making) -> JsonObject:
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": {"name": asked.name}}


def _check_rule(asked: Making, *, urls: bool) -> None:
    needed(asked, "verb", f"create {'clusterrole' if urls else 'role'}")
    if not asked.parts_of("resource") and not (urls and asked.parts_of("non-resource-url")):
        needed(asked, "resource", f"create {'clusterrole' if urls else 'role'}")
    if asked.all_of("resource-name") and len(asked.parts_of("resource")) > 1:
        raise InvalidInputError("--resource-name goes with one --resource only.", code="invalid_flag")
    for verb in asked.parts_of("verb"):
        if verb != "*":
            checks.resource(verb)
    for word in asked.parts_of("resource"):
        if word != "*":
            checks.resource(word.partition("/")[0])


def rules_of(asked: Making, group_of: Callable[[str], tuple[str, str]]) -> list[JsonObject]:
    """The rules of a role.

    Args:
        asked: the command.
        group_of: the API group and the plural of a resource as it was typed.
    """
    verbs = list(dict.fromkeys(asked.parts_of("verb")))
    verbs = ["*"] if "*" in verbs else verbs
    groups: dict[str, list[str]] = {}
    for word in asked.parts_of("resource"):
        name, slash, subresource = word.partition("/")
        group, plural = ("*", "*") if name == "*" else group_of(name)
        whole = f"{plural}/{subresource}" if slash else plural
        if whole not in groups.setdefault(group, []):
            groups[group].append(whole)
    names = list(dict.fromkeys(asked.all_of("resource-name")))
    rules: list[JsonObject] = [
        {
            "verbs": verbs,
            "apiGroups": [group],
            "resources": resources,
            **({"resourceNames": names} if names else {}),
        }
        for group, resources in groups.items()
    ]
    urls = list(dict.fromkeys(asked.parts_of("non-resource-url")))
    return [*rules, *([{"verbs": verbs, "nonResourceURLs": urls}] if urls else [])]


def role_binding(asked: Making) -> JsonObject:
    """Create rolebinding."""
    given = [flag for flag in ("role", "clusterrole") if asked.one(flag)]
    if len(given) != 1:
        raise InvalidInputError("kubectl create rolebinding needs either --role or --clusterrole.", code="invalid_flag")
    return _binding("RoleBinding", asked, "Role" if given[0] == "role" else "ClusterRole", asked.one(given[0]))


def cluster_role_binding(asked: Making) -> JsonObject:
    """Create clusterrolebinding."""
    needed(asked, "clusterrole", "create clusterrolebinding")
    return _binding("ClusterRoleBinding", asked, "ClusterRole", asked.one("clusterrole"))


def _binding(kind: str, asked: Making, role_kind: str, role_name: str) -> JsonObject:
    people = [
        {"kind": subject, "apiGroup": RBAC, "name": name}
        for subject, flag in (("User", "user"), ("Group", "group"))
        for name in asked.all_of(flag)
    ]
    accounts = [_account(word) for word in asked.all_of("serviceaccount")]
    return {
        **_of(kind, asked),
        "roleRef": {"apiGroup": RBAC, "kind": role_kind, "name": role_name},
        **({"subjects": [*people, *accounts]} if people or accounts else {}),
    }


def _account(word: str) -> JsonObject:
    namespace, colon, name = word.partition(":")
    if not colon:
        raise InvalidInputError(f'--serviceaccount is NAMESPACE:NAME; "{word[:60]}" is not.', code="invalid_flag")
    return {"kind": "ServiceAccount", "name": checks.name(name), "namespace": checks.namespace(namespace)}
