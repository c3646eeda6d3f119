"""What is wrong with an object, in a namespace, or in a cluster: one ranked answer, with what would fix it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from app.domain.commands.access import HINT, Access
from app.domain.commands.model.command import Risk, Target
from app.domain.commands.model.diagnosing import Diagnose
from app.domain.commands.parser import parse
from app.domain.commands.results import Result
from app.domain.diagnosis import registry
from app.domain.diagnosis.findings import AuditedChange, Cause, Diagnosis, Fault, Ref
from app.domain.diagnosis.ranking import about, ranked
from app.domain.diagnosis.reading import KINDS, read
from app.domain.diagnosis.relations import relations
from app.domain.diagnosis.rendering import rendered
from app.domain.diagnosis.snapshot import Snapshot
from app.errors import KubeChatError, NotFoundError

MOST_AT_ONCE = 100  # objects that are looked at on the event loop: some 10 ms where half of them are broken
RecentChanges = Callable[[str, str], Awaitable[Sequence[AuditedChange]]]
"""What went through KubeChat lately, by cluster and namespace (empty for all), as far as one person may know of it."""


async def diagnosed(access: Access, command: Diagnose, recent_changes: RecentChanges | None = None) -> Diagnosis:
    """One ranked answer.

    Args:
        access: the cluster, as one person sees it.
        command: what is asked about.
        recent_changes: our own audit; without it only the cluster tells what was changed.

    Raises:
        NotFoundError: the object that is asked about does not exist, or the namespace does not.
        KubeChatError: the cluster refuses, or does not answer.
    """
    target = None if command.target is None else await _found(access, command.target, command.namespace)
    if command.namespace and (hint := await access.namespace_hint(command.namespace)):
        raise NotFoundError(f'namespaces "{command.namespace}" not found\n{HINT}{hint}')
    snapshot = await _with_changes(read(access, command.namespace), command, recent_changes)
    number = sum(len(found) for found in snapshot.kinds.values())
    causes, faults = (
        _analyzed(snapshot, target) if number <= MOST_AT_ONCE else await asyncio.to_thread(_analyzed, snapshot, target)
    )
    return Diagnosis(
        cluster=access.cluster,
        namespace=command.namespace,
        target=target,
        causes=tuple(_offered(each, command) for each in causes),
        looked_at={plural: len(snapshot.of(plural)) for plural in sorted(KINDS) if snapshot.of(plural)},
        not_looked_at=tuple(f"{_called(plural)}: {gap}" for plural, gap in sorted(snapshot.gaps.items())),
        faults=tuple(faults),
        at=snapshot.now,
    )


async def diagnose(access: Access, command: Diagnose) -> list[Result]:
    """The answer as a command's result, without our own audit."""
    return [rendered(await diagnosed(access, command), command)]


async def _with_changes(
    reading: Awaitable[Snapshot], command: Diagnose, recent_changes: RecentChanges | None
) -> Snapshot:
    """What is read, and beside that what our own audit says."""
    if recent_changes is None:
        return await reading
    asked = asyncio.ensure_future(recent_changes(command.cluster, command.namespace))
    try:
        snapshot = await reading
        return replace(snapshot, changes=tuple(await asked))
    finally:
        asked.cancel()


def _analyzed(snapshot: Snapshot, target: Ref | None) -> tuple[list[Cause], list[Fault]]:
    findings, faults = registry.analyze(snapshot)
    causes = ranked(snapshot, findings)
    return (causes if target is None else about(causes, relations(snapshot, target))), faults


async def _found(access: Access, target: Target, namespace: str) -> Ref:
    """The object that is asked about, by the name of its kind."""
    resource = await access.type_of(target.resource)
    await access.get(resource, namespace, target.name)  # says so where there is none, with the nearest names
    return Ref(resource.kind, target.name, namespace if resource.namespaced else "")


def _called(plural: str) -> str:
    return {"placed": "pods of other namespaces", "usage": "what pods use at the moment"}.get(plural, plural)


def _offered(cause: Cause, command: Diagnose) -> Cause:
    """A cause with lines for this conversation; a fix that is no change, and what is no command at all, is left out."""
    context = "" if command.cluster == command.home or not command.home else f" --context {command.cluster}"

    def fits(line: str, *, change: bool) -> bool:
        try:
            risk = parse(line, cluster=command.cluster, namespace="default", clusters=(command.cluster,)).risk
        except KubeChatError:
            return False  # a name or an image that no command can hold
        return (risk is not Risk.READ) is change

    return replace(
        cause,
        fixes=tuple(f"{line}{context}" for line in cause.fixes if fits(line, change=True)),
        look=tuple(f"{line}{context}" for line in cause.look if fits(line, change=False)),
    )
