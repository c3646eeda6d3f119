"""The commands that change a cluster: one function and one list of flags for each verb."""

from __future__ import annotations

from typing import Any

from app.domain.commands import checks
from app.domain.commands.building import manifests
from app.domain.commands.building.common import (
    Build,
    Scope,
    chosen,
    named_targets,
    not_by_name,
    number,
    optional,
    targets_of,
)
from app.domain.commands.flags import ALL, COMMON, MANIFEST, SELECTOR, Flag, Words
from app.domain.commands.model.changes import Delete, RolloutPause, RolloutRestart, RolloutResume, RolloutUndo, Scale
from app.domain.commands.model.command import Command
from app.errors import InvalidInputError

FLAGS: dict[str, tuple[Flag, ...]] = {
    "rollout restart": COMMON,
    "rollout undo": (*COMMON, Flag("to-revision")),
    "rollout pause": COMMON,
    "rollout resume": COMMON,
    "scale": (*COMMON, SELECTOR, ALL, Flag("replicas"), Flag("current-replicas")),
    "delete": (
        *COMMON,
        SELECTOR,
        ALL,
        MANIFEST,
        Flag("field-selector"),
        Flag("grace-period"),
        Flag("cascade", bare="background"),
        Flag("now", switch=True),
        Flag("force", switch=True),
        Flag("ignore-not-found", switch=True),
    ),
}


def _rollout_restart(found: Words, scope: Scope) -> Command:
    targets = named_targets(found.positional, "rollout restart")
    return RolloutRestart(**scope.around(targets), targets=targets)


def _rollout_undo(found: Words, scope: Scope) -> Command:
    targets = named_targets(found.positional, "rollout undo")
    return RolloutUndo(**scope.around(targets), targets=targets, to_revision=number(found, "to-revision") or 0)


def _rollout_pause(found: Words, scope: Scope) -> Command:
    targets = named_targets(found.positional, "rollout pause")
    return RolloutPause(**scope.around(targets), targets=targets)


def _rollout_resume(found: Words, scope: Scope) -> Command:
    targets = named_targets(found.positional, "rollout resume")
    return RolloutResume(**scope.around(targets), targets=targets)


def _scale(found: Words, scope: Scope) -> Command:
    targets = targets_of(found.positional, "scale")
    replicas = number(found, "replicas")
    if replicas is None:
        raise InvalidInputError("kubectl scale needs --replicas=NUMBER.", code="missing_argument")
    return Scale(
        **scope.around(targets),
        **chosen(found, targets, "scale"),
        replicas=replicas,
        current_replicas=number(found, "current-replicas"),
    )


def _delete(found: Words, scope: Scope) -> Command:
    if "filename" in found.flags:
        return manifests.delete(found, scope, how_to_delete(found))
    targets = targets_of(found.positional, "delete")
    not_by_name(targets, found)
    selector, every = optional(found, "selector", checks.selector), found.on("all")
    field_selector = optional(found, "field-selector", checks.field_selector)
    if not targets[0].name and bool(selector or field_selector) == every:
        raise InvalidInputError(
            "kubectl delete needs the objects' names, or -l SELECTOR, or --all.", code="missing_name"
        )
    return Delete(
        **scope.around(targets),
        targets=targets,
        selector=selector,
        field_selector=field_selector,
        every=every,
        **how_to_delete(found),
    )


def how_to_delete(found: Words) -> dict[str, Any]:
    """The flags of a deletion, as keyword arguments."""
    force = found.on("force")
    grace = number(found, "grace-period")
    if found.on("now"):
        if grace is not None:
            raise InvalidInputError("--now and --grace-period do not go together.", code="invalid_flag")
        grace = 1
    if force:
        grace = 0
    elif grace == 0:
        grace = 1  # as kubectl: only --force removes an object without its node's word
    cascade = found.value("cascade") or "background"
    return {
        "grace_period_s": grace,
        "cascade": checks.one_of(cascade, "cascade", ("background", "foreground", "orphan")),
        "force": force,
        "ignore_not_found": found.on("ignore-not-found"),
    }


VERBS: dict[str, Build] = {"scale": _scale, "delete": _delete}
SUBVERBS: dict[str, dict[str, Build]] = {
    "rollout": {
        "restart": _rollout_restart,
        "undo": _rollout_undo,
        "pause": _rollout_pause,
        "resume": _rollout_resume,
    },
}
ALIASES: dict[tuple[str, str], str] = {}
