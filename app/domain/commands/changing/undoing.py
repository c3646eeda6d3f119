"""What taking a change back comes to: the values that were there, where they are still as the change left them."""

from __future__ import annotations

import orjson

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.changing import consequences, effects
from app.domain.commands.changing.draft import Draft, as_patched
from app.domain.commands.changing.plan import Plan
from app.domain.commands.changing.precondition import done
from app.domain.commands.model.command import Command
from app.domain.commands.model.undo import Undo
from app.domain.commands.preview import JSON_PATCH, Step
from app.errors import ConflictError


async def undo(access: Access, command: Command) -> Plan:
    """Takes steps back, the last one first.

    Raises:
        ConflictError: what one of them changed has changed again since (code `changed_since`).
    """
    assert isinstance(command, Undo)
    plan = Plan()
    for step in reversed(command.steps):
        resource = await access.type_of(step.object.partition("/")[0])
        subresource = "scale" if step.path.endswith("/scale") else ""
        await access.require("patch", resource, step.namespace, step.name, subresource)
        item = {**await access.get(resource, step.namespace, step.name), "kind": resource.kind}
        draft = Draft(
            resource_type=resource,
            item=item,
            line=command.line(),
            summary=f"{step.name}: {step.after} → {step.before} (takes back: {step.summary})",
            done=step.done,
            before=step.after,
            after=step.before,
            payload=orjson.loads(step.undo),
            content_type=JSON_PATCH,
            subresource=subresource,
            undoable=True,
        )
        if str(item["metadata"]["uid"]) != step.uid:
            raise ConflictError(
                f"{step.object} is another one now: it was deleted and made again, so there is nothing to take back.",
                code="changed_since",
            )
        if not done(as_patched(draft), step.operations()):
            raise ConflictError(
                f"{step.object} has changed again since, and is no longer as this left it ({step.after}). Look at it,"
                " and change it to what you want.",
                code="changed_since",
            )
        plan.drafts.append(draft)
        plan.consequences += await _consequences(access, resource, item, step)
    return plan


async def _consequences(access: Access, resource: ResourceType, item: dict[str, object], step: Step) -> list[str]:
    if step.verb == "scale" and step.before.isdigit():
        return await consequences.of_scale(access, resource, item, int(step.before))
    return await effects.of_template(access, resource, item) if step.verb == "set" else []
