"""What kubectl delete comes to, by name, by selector and by manifest."""

from __future__ import annotations

from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.changing import consequences
from app.domain.commands.changing.draft import Draft
from app.domain.commands.changing.plan import Plan, found, line_of, matching
from app.domain.commands.model.changes import Delete
from app.domain.commands.model.command import Command
from app.domain.commands.model.manifests import DeleteFrom
from app.domain.commands.preview import JSON
from app.errors import NotFoundError


async def delete(access: Access, command: Command) -> Plan:
    """Kubectl delete."""
    assert isinstance(command, Delete)
    plan = Plan()
    for resource, item in await _chosen(access, command, plan):
        await add_deletion(access, plan, command, resource, item, line_of(command, resource, item))
    return plan


async def _chosen(access: Access, command: Delete, plan: Plan) -> list[tuple[ResourceType, dict[str, Any]]]:
    if not command.ignore_not_found:
        return await matching(access, command, "delete", field_selector=command.field_selector)
    if not command.targets[0].name:
        try:
            return await matching(access, command, "delete", field_selector=command.field_selector)
        except NotFoundError:
            plan.notes.append("No object matches.")
            return []
    chosen = []
    for target in command.targets:
        try:
            chosen.append(await found(access, command, target, "delete"))
        except NotFoundError as error:
            plan.notes.append(error.message)
    return chosen


async def add_deletion(
    access: Access,
    plan: Plan,
    command: Delete | DeleteFrom,
    resource: ResourceType,
    item: dict[str, Any],
    line: str,
) -> None:
    """Add the deletion of one object to a plan, with all that goes with it."""
    options: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": command.cascade.capitalize(),
    }
    if command.grace_period_s is not None:
        options["gracePeriodSeconds"] = command.grace_period_s
    name = str(item["metadata"]["name"])
    qualified = f"{resource.kind.lower()}.{resource.group}" if resource.group else resource.kind.lower()
    plan.drafts.append(
        Draft(
            resource_type=resource,
            item=item,
            line=line,
            summary=f"delete {resource.object_name(name)}",
            done=f'{qualified} "{name}" {"force deleted" if command.force else "deleted"}',
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


def _state(item: dict[str, Any]) -> str:
    phase = (item.get("status") or {}).get("phase")
    return str(phase) if phase else "exists"
