"""What kubectl scale comes to."""

from __future__ import annotations

from app.domain.commands.access import Access
from app.domain.commands.changing import consequences
from app.domain.commands.changing.draft import Draft
from app.domain.commands.changing.plan import Plan, line_of, matching
from app.domain.commands.model.changes import Scale
from app.domain.commands.model.command import Command
from app.errors import ConflictError


async def scale(access: Access, command: Command) -> Plan:
    """Kubectl scale."""
    assert isinstance(command, Scale)
    plan = Plan()
    for resource, item in await matching(access, command, "patch", "scale"):
        name = str(item["metadata"]["name"])
        now = int((item.get("spec") or {}).get("replicas", 1))
        if command.current_replicas is not None and now != command.current_replicas:
            raise ConflictError(f"{resource.object_name(name)} has {now} replicas, not {command.current_replicas}.")
        if now == command.replicas:
            plan.notes.append(f"{resource.object_name(name)} has {now} replicas already.")
            continue
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=line_of(command, resource, item),
                summary=f"{name}: {now} → {command.replicas} replicas",
                done=f"{resource.object_name(name)} scaled",
                before=str(now),
                after=str(command.replicas),
                payload={"spec": {"replicas": command.replicas}},
                subresource="scale",
                undoable=True,
            )
        )
        plan.consequences += await consequences.of_scale(access, resource, item, command.replicas)
    return plan
