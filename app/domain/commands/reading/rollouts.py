"""kubectl rollout status and history, as they are now; and the revisions that undo goes back to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import CONTROLLER_REVISION, HINT, REPLICA_SET, Access, selector_of
from app.domain.commands.describing.containers import template
from app.domain.commands.describing.lines import Lines
from app.domain.commands.model.reads import RolloutHistory, RolloutStatus
from app.domain.commands.redaction import redact_object
from app.domain.commands.results import Column, OutputResult, Result, TableResult
from app.errors import InvalidInputError, NotFoundError

REVISION = "deployment.kubernetes.io/revision"
CHANGE_CAUSE = "kubernetes.io/change-cause"
_HAVE_ROLLOUTS = "Deployments, statefulsets and daemonsets have rollouts."
_DONE = ("successfully rolled out", "rolling update complete", "roll out complete:")
ROLLED = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a workload.

    Attributes:
        number: its number, growing.
        cause: why it was made, where someone wrote that down.
        template: its pod template.
    """

    number: int
    cause: str
    template: dict[str, Any]


def require_rolled(resource: ResourceType) -> None:
    """InvalidInputError for a type that has no rollouts."""
    if resource.kind not in ROLLED:
        raise InvalidInputError(f"{resource.plural} have no rollouts. {_HAVE_ROLLOUTS}", code="no_rollout")


def require_viewer(resource: ResourceType, what: str) -> None:
    """InvalidInputError, in kubectl's words, for a type whose rollouts have no status or history."""
    if resource.kind not in ROLLED:
        raise InvalidInputError(
            f"error: no {what} viewer has been implemented for {resource.kind}\n{HINT}{_HAVE_ROLLOUTS}",
            code="no_rollout",
        )


async def status(access: Access, command: RolloutStatus) -> list[Result]:
    """How far each rollout is, in kubectl's words."""
    lines = []
    for target in command.targets:
        resource = await access.type_of(target.resource)
        require_viewer(resource, "status")
        lines.append(status_line(resource, await access.get(resource, command.namespace, target.name)))
    return [OutputResult(command.line(), access.cluster, "\n".join(lines) + "\n")]


def status_line(resource: ResourceType, item: dict[str, Any]) -> str:
    """One workload's rollout in kubectl's words."""
    name, spec, state = item["metadata"]["name"], item.get("spec") or {}, item.get("status") or {}
    kind = resource.kind.lower() if resource.kind == "Deployment" else ""
    if int(item["metadata"].get("generation") or 0) > int(state.get("observedGeneration") or 0):
        return f"Waiting for {kind or resource.kind.lower()} spec update to be observed..."
    if resource.kind == "Deployment":
        return _deployment(str(name), spec, state)
    if resource.kind == "DaemonSet":
        return _daemon_set(str(name), state)
    return _stateful_set(str(name), spec, state)


def is_rolled_out(line: str) -> bool:
    """Whether a line of `status_line` says that nothing is left to wait for."""
    return any(words in line for words in _DONE)


def _deployment(name: str, spec: dict[str, Any], state: dict[str, Any]) -> str:
    progressing: dict[str, Any] = next((c for c in state.get("conditions") or () if c["type"] == "Progressing"), {})
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return f'error: deployment "{name}" exceeded its progress deadline'
    wanted, updated = int(spec.get("replicas", 1)), int(state.get("updatedReplicas") or 0)
    present, available = int(state.get("replicas") or 0), int(state.get("availableReplicas") or 0)
    waiting = f'Waiting for deployment "{name}" rollout to finish: '
    if updated < wanted:
        return f"{waiting}{updated} out of {wanted} new replicas have been updated..."
    if present > updated:
        return f"{waiting}{present - updated} old replicas are pending termination..."
    if available < updated:
        return f"{waiting}{available} of {updated} updated replicas are available..."
    return f'deployment "{name}" successfully rolled out'


def _daemon_set(name: str, state: dict[str, Any]) -> str:
    wanted, updated = int(state.get("desiredNumberScheduled") or 0), int(state.get("updatedNumberScheduled") or 0)
    available = int(state.get("numberAvailable") or 0)
    waiting = f'Waiting for daemon set "{name}" rollout to finish: '
    if updated < wanted:
        return f"{waiting}{updated} out of {wanted} new pods have been updated..."
    if available < wanted:
        return f"{waiting}{available} of {wanted} updated pods are available..."
    return f'daemon set "{name}" successfully rolled out'


def _stateful_set(name: str, spec: dict[str, Any], state: dict[str, Any]) -> str:
    wanted, ready = int(spec.get("replicas", 1)), int(state.get("readyReplicas") or 0)
    updated = int(state.get("updatedReplicas") or 0)
    if ready < wanted:
        return f"Waiting for {wanted - ready} pods to be ready..."
    rolling = (spec.get("updateStrategy") or {}).get("rollingUpdate")
    if rolling is not None:
        due = wanted - int(rolling.get("partition") or 0)
        if updated < due:
            return f"Waiting for partitioned roll out to finish: {updated} out of {due} new pods have been updated..."
        return f"partitioned roll out complete: {updated} new pods have been updated..."
    if state.get("updateRevision") != state.get("currentRevision"):
        revision = state.get("updateRevision")
        return f"waiting for statefulset rolling update to complete {updated} pods at revision {revision}..."
    present = int(state.get("currentReplicas") or 0)
    return f"statefulset rolling update complete {present} pods at revision {state.get('currentRevision')}..."


async def history(access: Access, command: RolloutHistory) -> list[Result]:
    """The revisions of each workload, or the template of one revision."""
    results: list[Result] = []
    for target in command.targets:
        resource = await access.type_of(target.resource)
        require_viewer(resource, "history")
        item = await access.get(resource, command.namespace, target.name)
        found = await revisions(access, resource, command.namespace, item)
        if command.revision:
            wanted = next((revision for revision in found if revision.number == command.revision), None)
            if wanted is None:
                raise NotFoundError("error: unable to find the specified revision", code="unknown_revision")
            out = Lines()
            template(redact_object(wanted.template), out)
            name = resource.object_name(target.name)
            text = f"{name} with revision #{command.revision}\n{out.raw()}\n"
            results.append(OutputResult(command.line(), access.cluster, text))
            continue
        columns = (Column("REVISION", "integer"), Column("CHANGE-CAUSE"))
        rows = [[str(revision.number), revision.cause] for revision in found]
        results.append(
            TableResult(
                command.line(),
                access.cluster,
                command.namespace,
                columns,
                rows,
                total=len(rows),
                shown=len(rows),
                before=f"{resource.object_name(target.name)} \n",
                after="\n",
                gap=2,
            )
        )
    return results


async def revisions(access: Access, resource: ResourceType, namespace: str, item: dict[str, Any]) -> list[Revision]:
    """A workload's revisions, oldest first."""
    require_rolled(resource)
    uid = item["metadata"].get("uid")
    query = [("labelSelector", selector_of((item.get("spec") or {}).get("selector")))]
    kept = REPLICA_SET if resource.kind == "Deployment" else CONTROLLER_REVISION
    owned = [
        found
        for found in await access.objects(kept, namespace, query)
        if any(owner.get("uid") == uid for owner in found["metadata"].get("ownerReferences") or ())
    ]
    return sorted((_revision(found) for found in owned), key=lambda revision: revision.number)


def _revision(found: dict[str, Any]) -> Revision:
    annotations = found["metadata"].get("annotations") or {}
    cause = str(annotations.get(CHANGE_CAUSE) or "<none>")
    if "revision" in found:
        template = (((found.get("data") or {}).get("spec") or {}).get("template")) or {}
        return Revision(int(found["revision"]), cause, {k: v for k, v in template.items() if k != "$patch"})
    return Revision(int(annotations.get(REVISION) or 0), cause, (found.get("spec") or {}).get("template") or {})


def revision_of(found: list[Revision], resource: ResourceType, name: str, number: int) -> Revision:
    """The revision of this number; NotFoundError names those that exist."""
    for revision in found:
        if revision.number == number:
            return revision
    known = ", ".join(str(revision.number) for revision in found) or "none"
    raise NotFoundError(
        f"{resource.object_name(name)} has no revision {number}; it has {known}.", code="unknown_revision"
    )
