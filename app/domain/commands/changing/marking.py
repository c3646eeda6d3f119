"""What kubectl label and annotate come to."""

from __future__ import annotations

from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.changing import effects
from app.domain.commands.changing.draft import Draft
from app.domain.commands.changing.plan import Plan, line_of, matching
from app.domain.commands.model.command import Command
from app.domain.commands.model.metadata import Label, Marks
from app.domain.commands.redaction import HIDDEN, LAST_APPLIED, redact_text
from app.errors import ConflictError


async def mark(access: Access, command: Command) -> Plan:
    """Kubectl label and kubectl annotate."""
    assert isinstance(command, Marks)
    plan = Plan()
    for resource, item in await matching(access, command, "patch"):
        name = str(item["metadata"]["name"])
        there = item["metadata"].get(command.field) or {}
        secret = resource.kind == "Secret" and command.field == "annotations"
        _refuse_overwriting(command, resource.object_name(name), there, secret=secret)
        plan.notes += [f'{command.verb} "{key}" not found.' for key in command.removed if key not in there]
        wanted = {**dict(command.values), **dict.fromkeys(command.removed)}
        after = {key: value for key, value in {**there, **wanted}.items() if value is not None}
        touched = [key for key in wanted if there.get(key) != wanted[key]]
        only_removed = not command.overwrite and bool(touched) and len(str(after)) < len(str(dict(there)))
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=line_of(command, resource, item),
                summary=f"{name}: {_in_words(command, touched)}",
                done=_done(command, resource, name, only_removed=only_removed),
                before=_shown(there, touched, secret=secret),
                after=_shown(after, touched, secret=secret),
                payload={"metadata": {command.field: wanted}},
                undoable=not secret,
                unchanged=f"{resource.object_name(name)} {'not ' if isinstance(command, Label) else ''}{command.done}",
            )
        )
        if isinstance(command, Label) and touched:
            plan.consequences += await effects.of_labels(access, resource, item, after)
    return plan


def _done(command: Marks, resource: ResourceType, name: str, *, only_removed: bool) -> str:
    word = "unlabeled" if isinstance(command, Label) and only_removed else command.done
    return f"{resource.object_name(name)} {word}"


def _refuse_overwriting(command: Marks, shown: str, there: dict[str, Any], *, secret: bool) -> None:
    if command.overwrite:
        return
    for key, value in command.values:
        if key in there and there[key] != value:
            raise ConflictError(
                f"{shown}: '{key}' already has a value ({_value(there, key, secret=secret)}), and --overwrite is false",
                code="needs_overwrite",
            )


def _in_words(command: Marks, touched: list[str]) -> str:
    removed = [key for key in touched if key in command.removed]
    added = [key for key in touched if key not in command.removed]
    noun = command.verb if isinstance(command, Label) else "annotation"
    parts = [f"{noun} {', '.join(added)} set"] if added else []
    return " and ".join([*parts, *([f"{noun} {', '.join(removed)} removed"] if removed else [])]) or "nothing changes"


def _shown(values: dict[str, Any], keys: list[str], *, secret: bool) -> str:
    return ", ".join(f"{key}={_value(values, key, secret=secret)}" for key in keys if key in values) or "none"


def _value(values: dict[str, Any], key: str, *, secret: bool) -> str:
    return HIDDEN if secret or key == LAST_APPLIED else redact_text(str(values[key]))
