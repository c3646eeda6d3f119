"""What every change's plan is made of: which objects it is about, asked of the cluster's RBAC first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.changing.draft import Draft
from app.domain.commands.model.command import Command, OfObjects, Target, Valued
from app.errors import InvalidInputError, NotFoundError

MOST_STEPS = 100  # requests of one plan; each is confirmed, recorded and sent by itself


@dataclass(slots=True)
class Plan:
    """Requests before their dry run, what else they bring about, and what is as wished already."""

    drafts: list[Draft] = field(default_factory=list)
    consequences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def found(
    access: Access, command: Command, target: Target, verb: str, subresource: str = ""
) -> tuple[ResourceType, dict[str, Any]]:
    """The object that a target names, after RBAC has said that it may be changed."""
    resource = await type_of(access, command, target, subresource)
    await access.require(verb, resource, command.namespace, target.name, subresource)
    item = await access.get(resource, command.namespace, target.name)
    return resource, {**item, "kind": item.get("kind") or resource.kind}


async def type_of(access: Access, command: Command, target: Target, subresource: str = "") -> ResourceType:
    """The type that a target names; InvalidInputError where it lacks a namespace, or has no such subresource."""
    resource = await access.type_of(target.resource)
    if resource.namespaced and not command.namespace and not command.all_namespaces:
        raise InvalidInputError(f"{resource.plural} lie in namespaces; name one with -n.", code="missing_namespace")
    if subresource and subresource not in resource.subresources:
        raise InvalidInputError(f"{resource.plural} have no {subresource}.", code=f"no_{subresource}")
    return resource


async def matching(
    access: Access, command: OfObjects, verb: str, subresource: str = "", field_selector: str = ""
) -> list[tuple[ResourceType, dict[str, Any]]]:
    """The objects that a command names, or that its selector finds; NotFoundError for none.

    Args:
        access: the cluster.
        command: which objects.
        verb: of the API, which this person needs to be allowed.
        subresource: to which the requests go.
        field_selector: chooses further, empty for all.
    """
    if command.targets[0].name:
        return [await found(access, command, target, verb, subresource) for target in command.targets]
    chosen: list[tuple[ResourceType, dict[str, Any]]] = []
    query = [("labelSelector", command.selector)] if command.selector else []
    query += [("fieldSelector", field_selector)] if field_selector else []
    for target in command.targets:
        for resource in await access.find(target.resource):
            if resource.namespaced and not command.namespace and not command.all_namespaces:
                raise InvalidInputError(
                    f"{resource.plural} lie in namespaces; name one with -n.", code="missing_namespace"
                )
            if subresource and subresource not in resource.subresources:
                raise InvalidInputError(f"{resource.plural} have no {subresource}.", code=f"no_{subresource}")
            await access.require(verb, resource, command.namespace, subresource=subresource)
            items = await access.objects(resource, command.namespace, [*query, ("limit", str(MOST_STEPS + 1))])
            chosen += [(resource, {**item, "kind": item.get("kind") or resource.kind}) for item in items]
    if not chosen:
        raise NotFoundError(f"There is nothing to {command.verb}: no object matches.", code="not_found")
    return chosen


def line_of(command: Command, resource: ResourceType, item: dict[str, Any]) -> str:
    """The kubectl line of one object of several; the command's own where there is one only.

    It is shown and recorded: what a Secret would hold is not in it.
    """
    if resource.kind == "Secret" and isinstance(command, Valued):
        command = command.without_values()
    targets: tuple[Target, ...] = getattr(command, "targets", ())
    if len(targets) == 1 and targets[0].name:
        return command.line()
    metadata = item["metadata"]
    single: dict[str, Any] = {"targets": (Target(resource.singular, str(metadata["name"])),)}
    if isinstance(command, OfObjects):
        single |= {"selector": "", "every": False, "all_namespaces": False}
        single |= {"namespace": str(metadata.get("namespace") or "")}
        single |= {"field_selector": ""} if hasattr(command, "field_selector") else {}
    return str(cast("Any", replace)(command, **single).line())
