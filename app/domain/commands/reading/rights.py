"""Who somebody is to a cluster, and what they may do there: auth whoami, can-i, can-i --list."""

from __future__ import annotations

from typing import Any

import orjson

from app.domain.commands.access import Access
from app.domain.commands.model.cluster import CanI, CanIList, WhoAmI
from app.domain.commands.results import Column, OutputResult, Result, TableResult

_REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
_Rule = tuple[tuple[str, ...], str, str, str, str]  # verbs, group, resource, resource name, non-resource URL


async def whoami(access: Access, command: WhoAmI) -> list[Result]:
    """As whom the cluster knows this person."""
    body = orjson.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})
    answer = await access.client.request("POST", _REVIEW, identity=access.identity, body=body, mutates=False)
    user = ((answer.json().get("status") or {}).get("userInfo")) or {}
    rows = [["Username", str(user.get("username", ""))], ["Groups", f"[{' '.join(user.get('groups') or ())}]"]]
    columns = (Column("ATTRIBUTE"), Column("VALUE"))
    return [TableResult(command.line(), access.cluster, "", columns, rows, total=len(rows), shown=len(rows))]


async def can_i(access: Access, command: CanI) -> list[Result]:
    """Whether the cluster's RBAC would allow it: yes or no."""
    resource = await access.type_of(command.target.resource)
    allowed = await access.allowed(
        command.action,
        resource,
        command.namespace,
        command.target.name,
        command.subresource,
        user=command.user,
        groups=command.groups,
    )
    note = ""
    if not resource.namespaced and not command.all_namespaces:
        inside = f" in group '{resource.group}'" if resource.group else ""
        note = f"Warning: resource '{resource.plural}' is not namespace scoped{inside}\n\n"
    return [
        OutputResult(command.line(), access.cluster, "yes\n" if allowed else "no\n", notes=note, status=1 - allowed)
    ]


async def can_i_list(access: Access, command: CanIList) -> list[Result]:
    """Everything that the cluster's RBAC allows in a namespace, as far as it says."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": command.namespace or "default"},
    }
    body = orjson.dumps(review)
    answer = await access.client.request("POST", _RULES, identity=access.identity, body=body, mutates=False)
    status = answer.json().get("status") or {}
    rules = sorted(_compact(_broken_down(status)), key=_written)
    names = ("Resources", "Non-Resource URLs", "Resource Names", "Verbs")
    rows = [
        [_resource(group, resource), _one(url), _one(name), f"[{' '.join(verbs)}]"]
        for verbs, group, resource, name, url in rules
    ]
    note = "warning: the list may be incomplete: " + str(status.get("evaluationError") or "")
    table = TableResult(
        command.line(),
        access.cluster,
        command.namespace,
        tuple(Column(name) for name in names),
        rows,
        total=len(rows),
        shown=len(rows),
        headings=not command.no_headers,
    )
    if status.get("incomplete"):
        return [OutputResult(command.line(), access.cluster, "", notes=f"{note}\n"), table]
    return [table]


def _broken_down(status: dict[str, Any]) -> list[_Rule]:
    """One rule for each group, type, name, address and verb."""
    found: list[_Rule] = []
    for rule in status.get("resourceRules") or ():
        found += [
            ((verb,), group, resource, name, "")
            for group in rule.get("apiGroups") or ()
            for resource in rule.get("resources") or ()
            for verb in rule.get("verbs") or ()
            for name in rule.get("resourceNames") or ("",)
        ]
    for rule in status.get("nonResourceRules") or ():
        found += [
            ((verb,), "", "", "", url) for url in rule.get("nonResourceURLs") or () for verb in rule.get("verbs") or ()
        ]
    return found


def _compact(rules: list[_Rule]) -> list[_Rule]:
    """The verbs of one type put together, as kubectl does; rules about addresses stay as they are."""
    found: dict[tuple[str, str, str], list[str]] = {}
    kept: list[_Rule] = []
    for rule in rules:
        verbs, group, resource, name, url = rule
        if url:
            kept.append(rule)
        else:
            found.setdefault((group, resource, name), []).extend(verbs)
    return kept + [(tuple(verbs), group, resource, name, "") for (group, resource, name), verbs in found.items()]


def _written(rule: _Rule) -> str:
    """A rule as Go writes it, which is the order in which kubectl lists them."""
    verbs, group, resource, name, url = rule
    groups = "" if url else group
    return (
        f"&PolicyRule{{Verbs:[{' '.join(verbs)}],APIGroups:[{groups}],Resources:[{resource}],"
        f"ResourceNames:[{name}],NonResourceURLs:[{url}],}}"
    )


def _resource(group: str, resource: str) -> str:
    plural, slash, below = resource.partition("/")
    return f"{plural}.{group}{slash}{below}" if group else resource


def _one(value: str) -> str:
    return f"[{value}]" if value else "[]"
