"""kubectl drain: its flags, and what builds its command."""

from __future__ import annotations

from app.domain.commands import checks
from app.domain.commands.building.common import Build, Scope, optional
from app.domain.commands.flags import CONTEXT, NAMESPACE, Flag, Words
from app.domain.commands.model.command import Command
from app.domain.commands.model.drain import Drain
from app.errors import InvalidInputError

FLAGS: dict[str, tuple[Flag, ...]] = {
    "drain": (
        NAMESPACE,  # a node lies in none: kubectl takes it as well, and it changes nothing
        CONTEXT,
        Flag("ignore-daemonsets", switch=True),
        Flag("delete-emptydir-data", switch=True),
        Flag("force", switch=True),
        Flag("grace-period"),
        Flag("timeout"),
        Flag("pod-selector"),
    ),
}


def _drain(found: Words, scope: Scope) -> Command:
    if len(found.positional) != 1:
        raise InvalidInputError("USAGE: drain NODE [flags]. Name one node.", code="missing_name")
    grace = found.value("grace-period")
    return Drain(
        **scope.nowhere(),
        node=checks.name(found.positional[0].removeprefix("node/")),
        ignore_daemonsets=found.on("ignore-daemonsets"),
        delete_emptydir_data=found.on("delete-emptydir-data"),
        force=found.on("force"),
        grace_period_s=checks.number(grace, "grace-period") if grace and grace != "-1" else -1,
        timeout_s=checks.seconds(found.value("timeout"), "timeout") if found.value("timeout") not in {"", "0"} else 0,
        pod_selector=optional(found, "pod-selector", checks.selector),
    )


VERBS: dict[str, Build] = {"drain": _drain}
