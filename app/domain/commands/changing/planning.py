"""Which requests a command means, asked of the cluster's RBAC first and tried by dry run, with what else they bring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access, gather
from app.domain.commands.changing import consequences
from app.domain.commands.changing.draft import Draft, tried
from app.domain.commands.model.changes import Delete, RolloutPause, RolloutRestart, RolloutResume, RolloutUndo, Scale
from app.domain.commands.model.command import Command, Risk, Target
from app.domain.commands.preview import JSON, JSON_PATCH, Preview
from app.domain.commands.reading.rollouts import require_rolled, revision_of, revisions
from app.errors import ConflictError, InvalidInputError, NotFoundError

MOST_STEPS = 100  # requests of one plan; each is confirmed, recorded and sent by itself
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


@dataclass(slots=True)
class _Plan:
    drafts: list[Draft] = field(default_factory=list)
    consequences: list[str] = field(default_factory=list)


async def preview(access: Access, command: Command) -> Preview:
    """What a change would do.

    Raises:
        ForbiddenError: the cluster's RBAC would refuse it.
        NotFoundError: it names nothing that exists; the message names the nearest.
        InvalidInputError: objects of this type cannot be changed so.
    """
    plan = await _PLANS[type(command)](access, command)
    if len(plan.drafts) > MOST_STEPS:
        raise InvalidInputError(
            f"This would change {len(plan.drafts)} objects; at most {MOST_STEPS} can be changed at once.",
            code="too_many_objects",
        )
    steps = tuple(await gather(tried(access, command, draft) for draft in plan.drafts))
    typed = _typed_name([draft.resource_type for draft in plan.drafts], [step.name for step in steps])
    destructive = command.risk is Risk.DESTRUCTIVE
    return Preview(
        command,
        command.risk,
        typed if destructive and steps else None,
        steps,
        tuple(dict.fromkeys(plan.consequences)),
    )


def _typed_name(types: Sequence[ResourceType], names: Sequence[str]) -> str | None:
    if len(names) == 1:
        return names[0]
    kinds = {resource.plural for resource in types}
    return f"{len(names)} {kinds.pop() if len(kinds) == 1 else 'objects'}"


async def _found(
    access: Access, command: Command, target: Target, verb: str, subresource: str = ""
) -> tuple[ResourceType, dict[str, Any]]:
    """The object that a target names, after RBAC has said that it may be changed."""
    resource = await access.type_of(target.resource)
    if resource.namespaced and not command.namespace:
        raise InvalidInputError(f"{resource.plural} lie in namespaces; name one with -n.", code="missing_namespace")
    if subresource and subresource not in resource.subresources:
        raise InvalidInputError(f"{resource.plural} have no {subresource}.", code=f"no_{subresource}")
    await access.require(verb, resource, command.namespace, target.name, subresource)
    return resource, await access.get(resource, command.namespace, target.name)


def _line(command: Command, target: Target) -> str:
    """The kubectl line of one target of several."""
    return cast("Any", replace)(command, targets=(target,)).line() if _several(command) else command.line()


def _several(command: Command) -> bool:
    return len(getattr(command, "targets", ())) > 1


async def _scale(access: Access, command: Command) -> _Plan:
    assert isinstance(command, Scale)
    plan = _Plan()
    for target in command.targets:
        resource, item = await _found(access, command, target, "patch", "scale")
        now = int((item.get("spec") or {}).get("replicas", 1))
        if command.current_replicas is not None and now != command.current_replicas:
            raise ConflictError(
                f"{resource.object_name(target.name)} has {now} replicas, not {command.current_replicas}."
            )
        if now == command.replicas:
            continue
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=_line(command, target),
                summary=f"{target.name}: {now} → {command.replicas} replicas",
                done=f"{resource.object_name(target.name)} scaled",
                before=str(now),
                after=str(command.replicas),
                payload={"spec": {"replicas": command.replicas}},
                subresource="scale",
            )
        )
        plan.consequences += await consequences.of_scale(access, resource, item, command.replicas)
    return plan


async def _restart(access: Access, command: Command) -> _Plan:
    assert isinstance(command, RolloutRestart)
    plan = _Plan()
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for target in command.targets:
        resource, item = await _found(access, command, target, "patch")
        require_rolled(resource)
        if (item.get("spec") or {}).get("paused"):
            raise ConflictError(
                f"{resource.object_name(target.name)} is paused and cannot be restarted; resume its rollout first."
            )
        annotations = (item["spec"]["template"].get("metadata") or {}).get("annotations") or {}
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=_line(command, target),
                summary=f"{target.name}: restart its pods",
                done=f"{resource.object_name(target.name)} restarted",
                before=str(annotations.get(RESTARTED_AT) or "not restarted before"),
                after=now,
                payload={"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: now}}}}},
            )
        )
        plan.consequences += await consequences.of_restart(access, item)
    return plan


async def _undo(access: Access, command: Command) -> _Plan:
    assert isinstance(command, RolloutUndo)
    plan = _Plan()
    for target in command.targets:
        resource, item = await _found(access, command, target, "patch")
        known = await revisions(access, resource, command.namespace, item)
        if not command.to_revision and len(known) < 2:
            raise NotFoundError(
                f"{resource.object_name(target.name)} has no earlier revision to go back to.", code="unknown_revision"
            )
        goal = revision_of(known, resource, target.name, command.to_revision) if command.to_revision else known[-2]
        template = _without_hash(goal.template)
        if template == _without_hash(item["spec"]["template"]):
            continue
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=_line(command, target),
                summary=f"{target.name}: revision {known[-1].number} → {goal.number}",
                done=f"{resource.object_name(target.name)} rolled back",
                before=f"revision {known[-1].number}",
                after=f"revision {goal.number}",
                payload=[{"op": "replace", "path": "/spec/template", "value": template}],
                content_type=JSON_PATCH,
            )
        )
        plan.consequences += await consequences.of_restart(access, item)
    return plan


def _without_hash(template: dict[str, Any]) -> dict[str, Any]:
    metadata = dict(template.get("metadata") or {})
    metadata["labels"] = {k: v for k, v in (metadata.get("labels") or {}).items() if k != "pod-template-hash"}
    return {**template, "metadata": {key: value for key, value in metadata.items() if value is not None}}


async def _pause(access: Access, command: Command) -> _Plan:
    paused = isinstance(command, RolloutPause)
    assert isinstance(command, (RolloutPause, RolloutResume))
    plan = _Plan()
    for target in command.targets:
        resource, item = await _found(access, command, target, "patch")
        if resource.kind != "Deployment":
            raise InvalidInputError(f"{resource.plural} cannot be paused; deployments can.", code="no_rollout")
        if bool((item.get("spec") or {}).get("paused")) == paused:
            continue
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=_line(command, target),
                summary=f"{target.name}: {'pause' if paused else 'resume'} its rollout",
                done=f"{resource.object_name(target.name)} {'paused' if paused else 'resumed'}",
                before="rolling out" if paused else "paused",
                after="paused" if paused else "rolling out",
                payload={"spec": {"paused": True if paused else None}},
            )
        )
        effect = "wait until the rollout is resumed" if paused else "are rolled out from now on"
        plan.consequences.append(f"Changes of {target.name}'s pod template {effect}.")
    return plan


async def _delete(access: Access, command: Command) -> _Plan:
    assert isinstance(command, Delete)
    options: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": command.cascade.capitalize(),
    }
    if command.grace_period_s is not None:
        options["gracePeriodSeconds"] = command.grace_period_s
    plan = _Plan()
    for resource, item in await _to_delete(access, command):
        name = str(item["metadata"]["name"])
        single = replace(command, targets=(Target(resource.singular, name),), selector="", every=False)
        named_so = len(command.targets) == 1 and command.targets[0].name
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=command.line() if named_so else single.line(),
                summary=f"delete {resource.object_name(name)}",
                done=f"{resource.object_name(name)} deleted",
                before=_state(item),
                after="deleted",
                payload=options,
                method="DELETE",
                content_type=JSON,
            )
        )
        plan.consequences += await consequences.of_deletion(access, resource, item, command.cascade)
    if command.force:
        plan.consequences.append(
            "Without waiting for its node: what ran there may go on running for a while, unseen by the cluster."
        )
    return plan


async def _to_delete(access: Access, command: Delete) -> list[tuple[ResourceType, dict[str, Any]]]:
    if command.targets[0].name:
        return [await _found(access, command, target, "delete") for target in command.targets]
    found: list[tuple[ResourceType, dict[str, Any]]] = []
    query = [("labelSelector", command.selector)] if command.selector else []
    for target in command.targets:
        for resource in await access.find(target.resource):
            await access.require("delete", resource, command.namespace)
            items = await access.objects(resource, command.namespace, [*query, ("limit", str(MOST_STEPS + 1))])
            found += [(resource, item) for item in items]
    if not found:
        raise NotFoundError("There is nothing to delete: no object matches.", code="not_found")
    return found


def _state(item: dict[str, Any]) -> str:
    phase = (item.get("status") or {}).get("phase")
    return str(phase) if phase else "exists"


_PLANS: dict[type[Command], Callable[[Access, Command], Awaitable[_Plan]]] = {
    Scale: _scale,
    RolloutRestart: _restart,
    RolloutUndo: _undo,
    RolloutPause: _pause,
    RolloutResume: _pause,
    Delete: _delete,
}
