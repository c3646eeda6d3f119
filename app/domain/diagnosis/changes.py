"""What was changed about a workload lately and by whom: from its revisions, its managed fields, and our own audit."""

from __future__ import annotations

from app.domain.commands.reading.ages import moment
from app.domain.diagnosis.findings import Ref
from app.domain.diagnosis.shapes import Obj, containers, items, mapping, text
from app.domain.diagnosis.snapshot import Snapshot, plural_of, revision_of

MOST_CHANGES = 4
LATELY_S = 7 * 86_400.0  # older changes have had their chance to break something
_CAUSE = "kubernetes.io/change-cause"
_CONTROLLERS = frozenset({"kube-controller-manager", "kubelet", "kube-scheduler"})


def changes_of(snapshot: Snapshot, ref: Ref) -> list[str]:
    """Sentences about an object's changes, newest first; none where nothing is known."""
    found = [*_revisions(snapshot, ref), *_audited(snapshot, ref), *_managed(snapshot, ref)]
    found.sort(key=lambda each: each[0], reverse=True)
    return [words for _, words in found[:MOST_CHANGES]]


def last_change(snapshot: Snapshot, ref: Ref) -> str:
    """When a workload's pods were last made anew, as a timestamp; empty where that is not known."""
    revisions = snapshot.revisions(ref)
    if revisions:
        return text(revisions[0], "metadata", "creationTimestamp")
    workload = snapshot.workload(ref)
    return text(workload, "metadata", "creationTimestamp") if workload is not None else ""


def image_changes(newer: Obj, older: Obj) -> list[tuple[str, str, str]]:
    """Containers whose image differs between two pod templates' owners: name, image before, image now."""
    before = {text(each, "name"): text(each, "image") for each, _ in containers(older, "spec", "template")}
    return [
        (text(each, "name"), before[text(each, "name")], text(each, "image"))
        for each, _ in containers(newer, "spec", "template")
        if before.get(text(each, "name"), text(each, "image")) != text(each, "image")
    ]


def earlier_revision(snapshot: Snapshot, ref: Ref) -> Obj | None:
    """The revision of a deployment before its present one, None where there is none to go back to."""
    revisions = snapshot.revisions(ref)
    return revisions[1] if len(revisions) > 1 else None


def _revisions(snapshot: Snapshot, ref: Ref) -> list[tuple[float, str]]:
    revisions = snapshot.revisions(ref)
    found: list[tuple[float, str]] = []
    for newer, older in zip(revisions, [*revisions[1:], {}], strict=False):
        stamp = text(newer, "metadata", "creationTimestamp")
        at = moment(stamp)
        if at is None or (snapshot.now - at).total_seconds() > LATELY_S:
            continue
        what = [f"{name} from {before} to {now}" for name, before, now in image_changes(newer, older)]
        said = text(newer, "metadata", "annotations", _CAUSE)
        words = f"Revision {revision_of(newer)} of {ref.path} was rolled out {snapshot.age(stamp)} ago"
        words += f", with another image: {', '.join(what)}" if what else ""
        words += f" ({said})" if said else ""
        found.append((at.timestamp(), f"{words}."))
    return found


def _audited(snapshot: Snapshot, ref: Ref) -> list[tuple[float, str]]:
    plural = plural_of(ref.kind)
    return [
        (change.at.timestamp(), f"{change.by} ran `{change.command}` {snapshot.age(change.at.isoformat())} ago.")
        for change in snapshot.changes
        if change.namespace == ref.namespace
        and change.name == ref.name
        and change.resource.partition(".")[0] in {plural, ref.kind.lower(), f"{ref.kind.lower()}s"}
    ]


def _managed(snapshot: Snapshot, ref: Ref) -> list[tuple[float, str]]:
    """Who wrote the object's own fields last, where that was not one of the cluster's controllers."""
    workload = snapshot.workload(ref)
    if workload is None:
        return []
    found: list[tuple[float, str]] = []
    for each in items(workload, "metadata", "managedFields"):
        at, manager = moment(each.get("time")), text(each, "manager")
        if at is None or manager in _CONTROLLERS or each.get("subresource") == "status":
            continue
        if (snapshot.now - at).total_seconds() > LATELY_S or not mapping(each, "fieldsV1", "f:spec"):
            continue
        found.append((at.timestamp(), f"{manager} wrote to {ref.path} {snapshot.age(each.get('time'))} ago."))
    return found
