"""Which requests a command means, asked of the cluster's RBAC first and tried by dry run, with what else they bring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access, gather
from app.domain.commands.changing import (
    creating,
    deletions,
    manifests,
    marking,
    nodes,
    patching,
    rollouts,
    scaling,
    templates,
    undoing,
)
from app.domain.commands.changing.draft import Draft, tried
from app.domain.commands.changing.plan import MOST_STEPS, Plan
from app.domain.commands.model.changes import Delete, RolloutPause, RolloutRestart, RolloutResume, RolloutUndo, Scale
from app.domain.commands.model.command import Command, Risk
from app.domain.commands.model.creation import Autoscale, Create, Expose, Run
from app.domain.commands.model.manifests import Apply, CreateFrom, DeleteFrom, ReplaceFrom
from app.domain.commands.model.metadata import Annotate, Label
from app.domain.commands.model.scheduling import Cordon, Taint, Uncordon
from app.domain.commands.model.templates import Patch, SetEnv, SetImage, SetResources, SetServiceAccount
from app.domain.commands.model.undo import Undo
from app.domain.commands.preview import Preview, Step
from app.domain.commands.risk import FAR_REACHING, HARMLESS_OF_FAR_REACHING, SYSTEM_NAMESPACES, worst
from app.errors import InvalidInputError


async def preview(access: Access, command: Command) -> Preview:
    """What a change would do.

    Raises:
        ForbiddenError: the cluster's RBAC would refuse it.
        NotFoundError: it names nothing that exists; the message names the nearest.
        InvalidInputError: objects of this type cannot be changed so.
    """
    plan = await PLANS[type(command)](access, command)
    return await previewed(access, command, plan)


async def previewed(access: Access, command: Command, plan: Plan) -> Preview:
    """A plan whose requests the API server has tried."""
    if len(plan.drafts) > MOST_STEPS:
        raise InvalidInputError(
            f"This would change {len(plan.drafts)} objects; at most {MOST_STEPS} can be changed at once.",
            code="too_many_objects",
        )
    results = await gather(tried(access, command, draft) for draft in plan.drafts)
    kept = [(draft, step) for draft, step in zip(plan.drafts, results, strict=True) if step is not None]
    steps = tuple(step for _, step in kept)
    notes = [draft.unchanged for draft, step in zip(plan.drafts, results, strict=True) if step is None]
    drafts = [draft for draft, _ in kept]
    risk = worst([command.risk, *(_risk_of(command, draft, step) for draft, step in kept)])
    typed = _typed_name([draft.resource_type for draft in drafts], [step.name for step in steps])
    said = [*(plan.consequences if steps else ()), *plan.notes, *filter(None, notes)]
    return Preview(
        command,
        risk,
        typed if risk is Risk.DESTRUCTIVE and steps else None,
        steps,
        tuple(dict.fromkeys(said)),
    )


def _risk_of(command: Command, draft: Draft, step: Step) -> Risk:
    """What the cluster knows of it and the line did not say: its kind by another name, where it lies, what it sets."""
    verbs = {undone.verb for undone in command.steps} if isinstance(command, Undo) else {command.verb}
    far = not verbs <= HARMLESS_OF_FAR_REACHING and draft.resource_type.kind in FAR_REACHING
    namespace = str(draft.metadata.get("namespace") or "")
    new_namespace = command.verb == "create" and draft.resource_type.kind == "Namespace"
    # A Scale names no number where there are no replicas; elsewhere no number means one.
    none = (0, None) if step.path.endswith("/scale") else (0,)
    to_none = any(
        operation["op"] != "test" and operation["path"] == "/spec/replicas" and operation.get("value") in none
        for operation in step.operations()
    )
    if (far and not new_namespace) or namespace in SYSTEM_NAMESPACES or to_none:
        return Risk.DESTRUCTIVE
    return Risk.CHANGE


def _typed_name(types: Sequence[ResourceType], names: Sequence[str]) -> str | None:
    if len(names) == 1:
        return names[0]
    kinds = {resource.plural for resource in types}
    return f"{len(names)} {kinds.pop() if len(kinds) == 1 else 'objects'}"


PLANS: dict[type[Command], Callable[[Access, Command], Awaitable[Plan]]] = {
    Scale: scaling.scale,
    RolloutRestart: rollouts.restart,
    RolloutUndo: rollouts.undo,
    RolloutPause: rollouts.pause,
    RolloutResume: rollouts.pause,
    Delete: deletions.delete,
    Label: marking.mark,
    Annotate: marking.mark,
    SetImage: templates.set_image,
    SetEnv: templates.set_env,
    SetResources: templates.set_resources,
    SetServiceAccount: templates.set_service_account,
    Patch: patching.patch,
    Cordon: nodes.cordon,
    Uncordon: nodes.cordon,
    Taint: nodes.taint,
    Create: creating.create,
    Run: creating.run,
    Expose: creating.expose,
    Autoscale: creating.autoscale,
    Apply: manifests.apply,
    CreateFrom: manifests.create,
    ReplaceFrom: manifests.replace,
    DeleteFrom: manifests.delete,
    Undo: undoing.undo,
}
