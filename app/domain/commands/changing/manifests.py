"""What kubectl apply, create, replace and delete come to with a manifest."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import NAMESPACE, Access
from app.domain.commands.changing import effects
from app.domain.commands.changing.creating import new_object
from app.domain.commands.changing.deletions import add_deletion
from app.domain.commands.changing.draft import Draft
from app.domain.commands.changing.plan import Plan
from app.domain.commands.model.command import Command
from app.domain.commands.model.manifests import Apply, CreateFrom, DeleteFrom, OfManifest, ReplaceFrom
from app.domain.commands.preview import APPLY_PATCH, JSON
from app.errors import InvalidInputError, NotFoundError
from app.infra.kubernetes.errors import KubernetesForbiddenError

_Entry = tuple[ResourceType, dict[str, Any]]


async def _entries(access: Access, command: OfManifest) -> list[_Entry]:
    """The objects with their types; NotFoundError for a kind that the cluster does not have."""
    found = []
    for item in command.decoded():
        group, _, version = str(item["apiVersion"]).rpartition("/")
        resource = await access.type_of(f"{item['kind'].lower()}.{group}" if group else item["kind"].lower())
        if resource.kind != item["kind"] or resource.group != group or resource.version != version:
            raise NotFoundError(
                f'no matches for kind "{item["kind"]}" in version "{item["apiVersion"]}"; the cluster has it as'
                f" {resource.kind} in {resource.api_version}.",
                code="unknown_resource",
            )
        metadata = {**item["metadata"]}
        if not resource.namespaced:
            metadata.pop("namespace", None)
        elif not metadata.get("namespace"):
            raise InvalidInputError(f"{resource.plural} lie in namespaces; name one with -n.", code="missing_namespace")
        for field in ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"):
            metadata.pop(field, None)
        found.append((resource, {**{k: v for k, v in item.items() if k != "status"}, "metadata": metadata}))
    return found


def _namespaces(entries: Sequence[_Entry]) -> frozenset[str]:
    return frozenset(str(item["metadata"]["name"]) for resource, item in entries if resource.kind == "Namespace")


async def _there(access: Access, resource: ResourceType, item: dict[str, Any]) -> dict[str, Any] | None:
    metadata = item["metadata"]
    found = await access.find_out(resource, str(metadata.get("namespace") or ""), str(metadata["name"]))
    return None if found is None else {**found, "kind": resource.kind}


async def _untried(access: Access, item: dict[str, Any], made: frozenset[str]) -> bool:
    """Whether an object lies in a namespace that the same manifest makes, and that is not there yet."""
    namespace = str(item["metadata"].get("namespace") or "")
    if namespace not in made:
        return False
    try:
        return await access.find_out(NAMESPACE, "", namespace) is None
    except KubernetesForbiddenError:
        return False  # it cannot be seen; the dry run will say


async def apply(access: Access, command: Command) -> Plan:
    """Kubectl apply -f -, by the server."""
    assert isinstance(command, Apply)
    entries = await _entries(access, command)
    made, plan = _namespaces(entries), Plan()
    for resource, item in entries:
        metadata = item["metadata"]
        namespace, name = str(metadata.get("namespace") or ""), str(metadata["name"])
        await access.require("patch", resource, namespace, name)
        there = await _there(access, resource, item)
        shown = resource.object_name(name)
        # Whoever deletes and makes it again meanwhile has another one: apply's own words for a precondition.
        same = {} if there is None else {"uid": there["metadata"]["uid"]}
        untried = there is None and await _untried(access, item, made)
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=there,
                line=command.short_line(),
                summary=f"{'create' if there is None else 'configure'} {shown}",
                done=f"{shown} {'created' if there is None else 'configured'}",
                before="not there" if there is None else "as it is",
                after="created" if there is None else "as the difference shows",
                payload={**item, "metadata": {**metadata, **same}},
                content_type=APPLY_PATCH,
                query=(
                    ("fieldValidation", "Strict"),
                    *((("force", "true"),) if command.force_conflicts else ()),
                ),
                unchanged=f"{shown} unchanged",
                untried=untried,
            )
        )
        plan.consequences += _not_tried(shown, namespace) if untried else ()
        if there is None:
            plan.consequences += await effects.of_new(access, resource, item)
        else:
            plan.consequences += await effects.of_patch(access, resource, there, item)
    return plan


def _not_tried(shown: str, namespace: str) -> list[str]:
    return [f"{shown} could not be tried: namespace {namespace} is made by the same manifest."]


async def create(access: Access, command: Command) -> Plan:
    """Kubectl create -f -."""
    assert isinstance(command, CreateFrom)
    entries = await _entries(access, command)
    made, plan = _namespaces(entries), Plan()
    for resource, item in entries:
        draft = await new_object(access, command, resource, item, "created", command.short_line())
        if await _untried(access, item, made):
            draft = dataclasses.replace(draft, untried=True)
            plan.consequences += _not_tried(draft.summary.removeprefix("create "), str(item["metadata"]["namespace"]))
        plan.drafts.append(draft)
        plan.consequences += await effects.of_new(access, resource, item)
    return plan


async def replace(access: Access, command: Command) -> Plan:
    """Kubectl replace -f -."""
    assert isinstance(command, ReplaceFrom)
    plan = Plan()
    for resource, item in await _entries(access, command):
        metadata = item["metadata"]
        namespace, name = str(metadata.get("namespace") or ""), str(metadata["name"])
        await access.require("update", resource, namespace, name)
        there = {**await access.get(resource, namespace, name), "kind": resource.kind}
        shown = resource.object_name(name)
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=there,
                line=command.short_line(),
                summary=f"replace {shown}",
                done=f"{shown} replaced",
                before="as it is",
                after="as the difference shows",
                payload=item,
                method="PUT",
                content_type=JSON,
                query=(("fieldValidation", "Strict"),),
                unchanged=f"{shown} unchanged",
            )
        )
        plan.consequences += await effects.of_patch(access, resource, there, item)
    return plan


async def delete(access: Access, command: Command) -> Plan:
    """Kubectl delete -f -."""
    assert isinstance(command, DeleteFrom)
    plan = Plan()
    for resource, item in await _entries(access, command):
        metadata = item["metadata"]
        namespace, name = str(metadata.get("namespace") or ""), str(metadata["name"])
        await access.require("delete", resource, namespace, name)
        there = await _there(access, resource, item)
        if there is not None:
            await add_deletion(access, plan, command, resource, there, command.short_line())
        elif command.ignore_not_found:
            plan.notes.append(f'{resource.qualified} "{name}" not found.')
        else:
            await access.get(resource, namespace, name)  # says so, with the nearest name
    return plan
