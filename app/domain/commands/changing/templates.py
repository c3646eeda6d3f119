"""What kubectl set image, env, resources and serviceaccount come to."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.changing import effects
from app.domain.commands.changing.draft import Draft
from app.domain.commands.changing.plan import Plan, line_of, matching
from app.domain.commands.changing.precondition import Operation, pointer
from app.domain.commands.model.command import Command, OfObjects
from app.domain.commands.model.templates import ANY, SetEnv, SetImage, SetResources, SetServiceAccount
from app.domain.commands.preview import JSON_PATCH
from app.domain.commands.redaction import redact_object
from app.errors import ConflictError, InvalidInputError, NotFoundError

# Where the pods that an object makes are described.
_PODS: dict[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"),
        ("spec", "template", "spec"),
    ),
}
_LISTS = ("initContainers", "containers")
_Container = tuple[tuple[str, ...], dict[str, Any]]
_Change = tuple[list[Operation], list[str], list[str]]  # operations, and in words what was and what will be


def containers_of(resource: ResourceType, item: dict[str, Any], lists: Sequence[str] = _LISTS) -> list[_Container]:
    """Where each container of an object's pods stands in it, and what it is; InvalidInputError for a type without."""
    at, spec = _pods_of(resource, item)
    return [((*at, key, str(index)), found) for key in lists for index, found in enumerate(spec.get(key) or ())]


def _pods_of(resource: ResourceType, item: dict[str, Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Where an object describes its pods, and how; InvalidInputError for a type that has none."""
    at = _PODS.get(resource.kind)
    if at is None:
        raise InvalidInputError(f"{resource.plural} describe no pods.", code="no_pods")
    spec: Any = item
    for part in at:
        spec = spec.get(part) or {}
    return at, spec


async def _plan(
    access: Access,
    command: OfObjects,
    change: Callable[[ResourceType, dict[str, Any]], _Change],
    what: str,
) -> Plan:
    plan = Plan()
    for resource, item in await matching(access, command, "patch"):
        operations, before, after = change(resource, item)
        name = str(item["metadata"]["name"])
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=line_of(command, resource, item),
                summary=f"{name}: {', '.join(after) or 'removed'}" if len(after) < 4 else f"{name}: {what} changes",
                done=f"{resource.object_name(name)} {what} updated",
                before=", ".join(before) or "none",
                after=", ".join(after) or "none",
                payload=operations,
                content_type=JSON_PATCH,
                undoable=True,
                unchanged=f"{resource.object_name(name)}: {what} as wished already.",
            )
        )
        if operations:
            plan.consequences += await effects.of_template(access, resource, item)
    return plan


async def set_image(access: Access, command: Command) -> Plan:
    """Kubectl set image."""
    assert isinstance(command, SetImage)

    def change(resource: ResourceType, item: dict[str, Any]) -> _Change:
        operations, before, after = [], [], []
        containers = containers_of(resource, item)
        for wanted, image in command.images:
            chosen = [(at, c) for at, c in containers if wanted in {ANY, c["name"]}]
            if not chosen:
                names = ", ".join(str(c["name"]) for _, c in containers)
                raise NotFoundError(
                    f'unable to find container named "{wanted}"; there are {names}.', code="unknown_container"
                )
            for at, container in chosen:
                if container.get("image") != image:
                    operations.append({"op": "replace", "path": pointer((*at, "image")), "value": image})
                    before.append(f"{container['name']}={container.get('image', '')}")
                    after.append(f"{container['name']}={image}")
        return operations, before, after

    return await _plan(access, command, change, "image")


async def set_env(access: Access, command: Command) -> Plan:
    """Kubectl set env."""
    assert isinstance(command, SetEnv)

    def change(resource: ResourceType, item: dict[str, Any]) -> _Change:
        operations, before, after = [], [], []
        for at, container in _named(command.containers, containers_of(resource, item)):
            old = list(container.get("env") or ())
            new = _environment(command, old)
            if new == old:
                continue
            path = pointer((*at, "env"))
            operations.append({"op": "add", "path": path, "value": new} if new else {"op": "remove", "path": path})
            touched = {*dict(command.values), *command.removed}
            before += _variables(container["name"], [v for v in old if v["name"] in touched])
            after += _variables(container["name"], [v for v in new if v["name"] in touched])
        return operations, before, after

    return await _plan(access, command, change, "env")


def _environment(command: SetEnv, old: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = dict(command.values)
    clash = next((v for v in old if v["name"] in wanted and v != _variable(v["name"], wanted[v["name"]])), None)
    if clash is not None and not command.overwrite:
        raise ConflictError(f"'{clash['name']}' already has a value, and --overwrite is false", code="needs_overwrite")
    kept = [
        _variable(v["name"], wanted[v["name"]]) if v["name"] in wanted else v
        for v in old
        if v["name"] not in command.removed
    ]
    there = {v["name"] for v in kept}
    return [*kept, *(_variable(name, value) for name, value in command.values if name not in there)]


def _variable(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value} if value else {"name": name}


def _variables(container: str, found: list[dict[str, Any]]) -> list[str]:
    return [f"{container}: {v['name']}={v.get('value', '')}" for v in redact_object({"env": found})["env"]]


async def set_resources(access: Access, command: Command) -> Plan:
    """Kubectl set resources."""
    assert isinstance(command, SetResources)

    def change(resource: ResourceType, item: dict[str, Any]) -> _Change:
        operations, before, after = [], [], []
        for at, container in _named(command.containers, containers_of(resource, item, ("containers",))):
            old = container.get("resources") or {}
            new = {**old}
            for field, values in (("limits", command.limits), ("requests", command.requests)):
                if values:
                    new[field] = {**(old.get(field) or {}), **dict(values)}
            if new != old:
                operations.append({"op": "add", "path": pointer((*at, "resources")), "value": new})
                before.append(f"{container['name']}: {_quantities(old)}")
                after.append(f"{container['name']}: {_quantities(new)}")
        return operations, before, after

    return await _plan(access, command, change, "resource requirements")


async def set_service_account(access: Access, command: Command) -> Plan:
    """Kubectl set serviceaccount."""
    assert isinstance(command, SetServiceAccount)

    def change(resource: ResourceType, item: dict[str, Any]) -> _Change:
        at, spec = _pods_of(resource, item)
        old = str(spec.get("serviceAccountName") or "default")
        if old == command.account:
            return [], [], []
        path = pointer((*at, "serviceAccountName"))
        return [{"op": "add", "path": path, "value": command.account}], [old], [command.account]

    return await _plan(access, command, change, "serviceaccount")


def _quantities(resources: dict[str, Any]) -> str:
    parts = [
        f"{field} {', '.join(f'{key}={value}' for key, value in sorted(resources[field].items()))}"
        for field in ("limits", "requests")
        if resources.get(field)
    ]
    return "; ".join(parts) or "none"


def _named(pattern: str, containers: list[_Container]) -> list[_Container]:
    found = [(at, c) for at, c in containers if fnmatch.fnmatchcase(str(c["name"]), pattern)]
    if not found:
        names = ", ".join(str(c["name"]) for _, c in containers)
        raise NotFoundError(f'No container matches "{pattern}"; there are {names}.', code="unknown_container")
    return found
