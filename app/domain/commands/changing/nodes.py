"""What kubectl cordon, uncordon and taint come to."""

from __future__ import annotations

from typing import Any

from app.domain.commands.access import Access
from app.domain.commands.changing import effects
from app.domain.commands.changing.draft import Draft
from app.domain.commands.changing.plan import Plan, line_of, matching
from app.domain.commands.model.command import Command
from app.domain.commands.model.scheduling import Cordon, Taint, TaintSpec, Uncordon
from app.errors import ConflictError, NotFoundError


async def cordon(access: Access, command: Command) -> Plan:
    """Kubectl cordon and uncordon."""
    assert isinstance(command, (Cordon, Uncordon))
    closed = isinstance(command, Cordon)
    plan = Plan()
    for resource, item in await matching(access, command, "patch"):
        name = str(item["metadata"]["name"])
        words = ("takes pods", "takes no pods")
        changes = bool((item.get("spec") or {}).get("unschedulable")) != closed
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=line_of(command, resource, item),
                summary=f"{name}: {words[closed]}",
                done=f"node/{name} {command.verb}ed",
                before=words[not closed],
                after=words[closed],
                payload={"spec": {"unschedulable": True if closed else None}} if changes else {},
                undoable=True,
                unchanged=f"node/{name} already {command.verb}ed",
            )
        )
        if changes and closed:
            plan.consequences += await effects.of_cordon(access, name)
    return plan


async def taint(access: Access, command: Command) -> Plan:
    """Kubectl taint."""
    assert isinstance(command, Taint)
    plan = Plan()
    for resource, item in await matching(access, command, "patch"):
        name = str(item["metadata"]["name"])
        old: list[dict[str, Any]] = list((item.get("spec") or {}).get("taints") or ())
        new = _taints(command, name, old)
        more = any((t["key"], t["effect"]) not in {(o["key"], o["effect"]) for o in old} for t in new)
        done = "modified" if command.overwrite or (more and command.removed) else "tainted" if more else "untainted"
        plan.drafts.append(
            Draft(
                resource_type=resource,
                item=item,
                line=line_of(command, resource, item),
                summary=f"{name}: taints {_shown(old)} → {_shown(new)}",
                done=f"node/{name} {done}",
                before=_shown(old),
                after=_shown(new),
                payload={"spec": {"taints": new or None}},
                unchanged=f"node/{name} unmodified",
            )
        )
        plan.consequences += await effects.of_taint(access, name, [t for t in new if t not in old])
    return plan


def _taints(command: Taint, node: str, old: list[dict[str, Any]]) -> list[dict[str, Any]]:
    added = [_as_object(taint) for taint in command.added]
    there = {(taint["key"], taint["effect"]) for taint in old}
    for taint in command.added:
        if (taint.key, taint.effect) in there and not command.overwrite:
            raise ConflictError(
                f"node {node} already has {taint.key} taint(s) with same effect(s) and --overwrite is false",
                code="needs_overwrite",
            )
    for gone in command.removed:
        if not any(_goes(gone, taint) for taint in old):
            raise NotFoundError(f'taint "{gone}" not found', code="unknown_taint")
    new_ones = {(taint["key"], taint["effect"]) for taint in added}
    kept = [
        taint
        for taint in old
        if (taint["key"], taint["effect"]) not in new_ones and not any(_goes(gone, taint) for gone in command.removed)
    ]
    return [*added, *kept]


def _goes(gone: TaintSpec, taint: dict[str, Any]) -> bool:
    return gone.key == taint["key"] and gone.effect in {"", taint["effect"]}


def _as_object(taint: TaintSpec) -> dict[str, Any]:
    return {"key": taint.key, **({"value": taint.value} if taint.value else {}), "effect": taint.effect}


def _shown(taints: list[dict[str, Any]]) -> str:
    return ", ".join(str(TaintSpec(t["key"], t.get("value") or "", t["effect"])) for t in taints) or "none"
