"""What kubectl create, run, expose and autoscale come to: one new object each."""

from __future__ import annotations

from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.changing import effects
from app.domain.commands.changing.draft import Draft
from app.domain.commands.changing.plan import Plan, type_of
from app.domain.commands.making.access import rules_of
from app.domain.commands.making.generators import GENERATORS
from app.domain.commands.making.networking import service_of
from app.domain.commands.making.values import JsonObject
from app.domain.commands.making.workloads import autoscaler_of, job_from, pod
from app.domain.commands.model.command import Command, Target
from app.domain.commands.model.creation import Autoscale, Create, Expose, Run
from app.domain.commands.preview import JSON
from app.errors import InvalidInputError

_EXPOSED = frozenset({"Pod", "Service", "ReplicationController", "Deployment", "ReplicaSet"})


async def create(access: Access, command: Command) -> Plan:
    """Kubectl create with a generator."""
    assert isinstance(command, Create)
    item = GENERATORS[command.what](command)
    if command.one("from"):
        target = Target("cronjobs.batch", command.one("from").partition("/")[2])
        resource = await type_of(access, command, target)
        item = job_from(command, await access.get(resource, command.namespace, target.name))
    if item["kind"] in {"Role", "ClusterRole"} and "rules" not in item:
        item["rules"] = await _rules(access, command)
    line = command.without_values().line() if item["kind"] == "Secret" else command.line()
    return await _one(access, command, item, "created", line)


async def _rules(access: Access, command: Create) -> list[JsonObject]:
    found: dict[str, tuple[str, str]] = {}
    for word in command.parts_of("resource"):
        name = word.partition("/")[0]
        if name != "*":
            resource = await access.type_of(name)
            found[name] = resource.group, resource.plural
    return rules_of(command, lambda name: found[name])


async def run(access: Access, command: Command) -> Plan:
    """Kubectl run."""
    assert isinstance(command, Run)
    return await _one(access, command, pod(command), "created", command.line())


async def expose(access: Access, command: Command) -> Plan:
    """Kubectl expose."""
    assert isinstance(command, Expose)
    resource = await type_of(access, command, command.target)
    if resource.kind not in _EXPOSED:
        raise InvalidInputError(
            f"cannot expose a {resource.kind}; pods, services, deployments and replica sets can be.", code="no_expose"
        )
    item = await access.get(resource, command.namespace, command.target.name)
    service = service_of(command, {**item, "kind": resource.kind})
    return await _one(access, command, service, "exposed", command.line())


async def autoscale(access: Access, command: Command) -> Plan:
    """Kubectl autoscale."""
    assert isinstance(command, Autoscale)
    resource = await type_of(access, command, command.target, "scale")
    await access.get(resource, command.namespace, command.target.name)
    scaler = autoscaler_of(command, resource.api_version, resource.kind)
    return await _one(access, command, scaler, "autoscaled", command.line())


async def _one(access: Access, command: Command, item: JsonObject, word: str, line: str) -> Plan:
    group, _, _ = str(item["apiVersion"]).rpartition("/")
    resource = await access.type_of(f"{item['kind'].lower()}.{group}" if group else item["kind"].lower())
    draft = await new_object(access, command, resource, item, word, line)
    return Plan([draft], await effects.of_new(access, resource, draft.payload))


async def new_object(
    access: Access, command: Command, resource: ResourceType, item: dict[str, Any], word: str, line: str
) -> Draft:
    """The creation of one object that may not be there yet."""
    metadata = {**item["metadata"]}
    if resource.namespaced:
        metadata.setdefault("namespace", command.namespace)
        if not metadata["namespace"]:
            raise InvalidInputError(f"{resource.plural} lie in namespaces; name one with -n.", code="missing_namespace")
    else:
        metadata.pop("namespace", None)
    await access.require("create", resource, str(metadata.get("namespace") or ""))
    shown = resource.object_name(str(metadata["name"]))
    return Draft(
        resource_type=resource,
        item=None,
        line=line,
        summary=f"create {shown}",
        done=f"{shown} {word}",
        before="not there",
        after="created",
        payload={**item, "metadata": metadata},
        method="POST",
        content_type=JSON,
        query=(("fieldValidation", "Strict"),),
    )
