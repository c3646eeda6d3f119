"""What kubectl patch comes to."""

from __future__ import annotations

import re

import orjson

from app.domain.commands.access import Access
from app.domain.commands.changing import effects
from app.domain.commands.changing.draft import Draft
from app.domain.commands.changing.plan import Plan, found, line_of
from app.domain.commands.model.command import Command
from app.domain.commands.model.templates import Patch
from app.domain.commands.preview import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH
from app.errors import InvalidInputError

_TYPES = {"strategic": STRATEGIC_PATCH, "merge": MERGE_PATCH, "json": JSON_PATCH}
# What a precondition holds on to, or only the API server writes: a patch of it would say one thing and do another.
_NOT_PATCHED = frozenset({"uid", "resourceVersion", "generation", "managedFields", "creationTimestamp", "name"})
# A variable's value without its name, and the last applied configuration, which repeats all of them.
_HIDDEN_BY_ITS_NAME = re.compile(r"/env/[^/]*/value$|last-applied-configuration")


async def patch(access: Access, command: Command) -> Plan:
    """Kubectl patch."""
    assert isinstance(command, Patch)
    payload = orjson.loads(command.patch)
    _refuse_identity(payload)
    plan = Plan()
    for target in command.targets:
        resource, item = await found(access, command, target, "patch", command.subresource)
        _refuse_copies(resource.kind, payload)
        name = str(item["metadata"]["name"])
        custom = "." in resource.group and not resource.group.endswith(".k8s.io")
        if custom and command.kind == "strategic":
            raise InvalidInputError(
                f"{resource.plural} are custom resources, which take no strategic patch; use --type=merge.",
                code="invalid_patch",
            )
        merged = command.kind == "strategic" and command.subresource == "scale"
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=line_of(command, resource, item),
                summary=f"{name}: patch{f' of its {command.subresource}' if command.subresource else ''}",
                done=f"{resource.object_name(name)} patched",
                before="as it is",
                after="as the difference shows",
                payload=payload,
                # A Scale has no lists that would merge: there the two are the same.
                content_type=MERGE_PATCH if merged else _TYPES[command.kind],
                subresource=command.subresource,
                unchanged=f"{resource.object_name(name)} patched (no change)",
            )
        )
        if not command.subresource:
            plan.consequences += await effects.of_patch(access, resource, item, payload)
    return plan


def _refuse_copies(kind: str, payload: object) -> None:
    """What is hidden where it stands would be shown where it is copied to, in a difference or a refusal."""
    for operation in payload if isinstance(payload, list) else ():
        if operation["op"] in {"copy", "move"} and (kind == "Secret" or _HIDDEN_BY_ITS_NAME.search(operation["from"])):
            raise InvalidInputError(
                f"What may be secret is copied to no other place: {operation['op']} from {operation['from'][:60]}"
                " cannot be used. Write the value itself.",
                code="invalid_patch",
            )


def _refuse_identity(payload: object) -> None:
    paths = (
        [str(operation["path"]).split("/")[1:] for operation in payload]
        if isinstance(payload, list)
        else [["metadata", key] for key in (payload.get("metadata") or {})]
        if isinstance(payload, dict)
        else []
    )
    for path in paths:
        if path in (["metadata"], [""]) or (len(path) > 1 and path[0] == "metadata" and path[1] in _NOT_PATCHED):
            raise InvalidInputError(
                f"{'.'.join(path) or 'The whole object'} cannot be patched: the cluster alone sets it.",
                code="invalid_patch",
            )
