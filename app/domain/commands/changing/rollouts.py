"""What kubectl rollout's changes come to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.domain.commands.access import Access
from app.domain.commands.changing import consequences
from app.domain.commands.changing.draft import Draft
from app.domain.commands.changing.plan import Plan, found, line_of
from app.domain.commands.model.changes import RolloutPause, RolloutRestart, RolloutResume, RolloutUndo
from app.domain.commands.model.command import Command
from app.domain.commands.preview import JSON_PATCH
from app.domain.commands.reading.rollouts import require_rolled, revision_of, revisions
from app.errors import ConflictError, InvalidInputError, NotFoundError

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


async def restart(access: Access, command: Command) -> Plan:
    """Kubectl rollout restart."""
    assert isinstance(command, RolloutRestart)
    plan = Plan()
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for target in command.targets:
        resource, item = await found(access, command, target, "patch")
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
                line=line_of(command, resource, item),
                summary=f"{target.name}: restart its pods",
                done=f"{resource.object_name(target.name)} restarted",
                before=str(annotations.get(RESTARTED_AT) or "not restarted before"),
                after=now,
                payload={"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: now}}}}},
            )
        )
        plan.consequences += await consequences.of_restart(access, item)
    return plan


async def undo(access: Access, command: Command) -> Plan:
    """Kubectl rollout undo."""
    assert isinstance(command, RolloutUndo)
    plan = Plan()
    for target in command.targets:
        resource, item = await found(access, command, target, "patch")
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
                line=line_of(command, resource, item),
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


async def pause(access: Access, command: Command) -> Plan:
    """Kubectl rollout pause and resume."""
    paused = isinstance(command, RolloutPause)
    assert isinstance(command, (RolloutPause, RolloutResume))
    plan = Plan()
    for target in command.targets:
        resource, item = await found(access, command, target, "patch")
        if resource.kind != "Deployment":
            raise InvalidInputError(f"{resource.plural} cannot be paused; deployments can.", code="no_rollout")
        if bool((item.get("spec") or {}).get("paused")) == paused:
            continue
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=line_of(command, resource, item),
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
