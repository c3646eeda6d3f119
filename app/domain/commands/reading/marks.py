"""kubectl label --list, annotate --list and set env --list."""

from __future__ import annotations

from typing import Any

from app.domain.commands.access import Access
from app.domain.commands.changing.plan import matching
from app.domain.commands.changing.templates import containers_of
from app.domain.commands.model.metadata import ListAnnotations, ListEnvironment, ListLabels
from app.domain.commands.redaction import redact_object
from app.domain.commands.results import OutputResult, Result


async def label_list(access: Access, command: ListLabels) -> list[Result]:
    """Labels as `key=value`, under the object's name where there are several."""
    return await _listed(access, command, "labels")


async def annotation_list(access: Access, command: ListAnnotations) -> list[Result]:
    """Annotations as `key=value`."""
    return await _listed(access, command, "annotations")


async def _listed(access: Access, command: ListLabels | ListAnnotations, field: str) -> list[Result]:
    found = await matching(access, command, "get")
    several = len(found) > 1 or not command.targets[0].name
    lines = []
    for resource, item in found:
        if several:
            lines.append(f"Listing {field} for {resource.kind}.{resource.group}/{item['metadata']['name']}:")
        values = redact_object(item)["metadata"].get(field) or {}
        lines += [f"{' ' if several else ''}{key}={value}" for key, value in sorted(values.items())]
    return [_result(command, access, lines)]


async def environment(access: Access, command: ListEnvironment) -> list[Result]:
    """The environment of each container, without what is secret."""
    lines = []
    for resource, item in await matching(access, command, "get"):
        for _, container in containers_of(resource, redact_object(item)):
            name = f"{resource.kind} {item['metadata']['name']}"
            lines.append(f"# {name}, container {container['name']}")
            lines += [_variable(variable) for variable in container.get("env") or ()]
    return [_result(command, access, lines)]


def _variable(variable: dict[str, Any]) -> str:
    source = variable.get("valueFrom") or {}
    for key, kind in (("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")):
        if key in source:
            return f"# {variable['name']} from {kind} {source[key].get('name')}, key {source[key].get('key')}"
    if "fieldRef" in source:
        return f"# {variable['name']} from field path {source['fieldRef'].get('fieldPath')}"
    if source:
        return f"# {variable['name']} from a resource field"
    return f"{variable['name']}={variable.get('value', '')}"


def _result(command: ListLabels | ListAnnotations | ListEnvironment, access: Access, lines: list[str]) -> OutputResult:
    return OutputResult(command.line(), access.cluster, "".join(f"{line}\n" for line in lines))
