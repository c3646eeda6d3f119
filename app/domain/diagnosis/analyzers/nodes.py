"""Nodes that are not ready, short of something, or closed for pods."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.diagnosis.findings import DOWN, FAILING, NOTE, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line
from app.domain.diagnosis.shapes import Obj, condition, items, name_of, text
from app.domain.diagnosis.snapshot import Snapshot

_PRESSURES = {
    "MemoryPressure": "memory", "DiskPressure": "disk space", "PIDPressure": "process numbers",
    "NetworkUnavailable": "a network",
}  # fmt: skip


def look(snapshot: Snapshot, node: Obj) -> Iterator[Finding]:
    """What is wrong with a node."""
    about = Ref("Node", name_of(node))
    ready = condition(node, "Ready")
    here = snapshot.pods_on(about.name)
    if snapshot.namespace and not here and not any(_is_unplaced(pod) for pod in snapshot.pods_on("")):
        return  # nothing of this namespace has to do with it
    if ready and ready.get("status") != "True":
        silent = ready.get("status") == "Unknown"
        yield Finding(
            "node_not_ready",
            about,
            about,
            f"{about.path} {'is not heard of' if silent else 'is not ready'} since"
            f" {snapshot.age(ready.get('lastTransitionTime'))}.",
            DOWN if here else FAILING,
            (
                Evidence(f"{text(ready, 'reason')}: {text(ready, 'message')}", f"condition of {about.path}"),
                Evidence(f"{len(here)} pods {'of this namespace ' if snapshot.namespace else ''}are there.", "pods"),
            ),
            advice="See whether the machine runs and its kubelet reaches the API server.",
            look=(described(about), line("get", "pods", "-A", f"--field-selector=spec.nodeName={about.name}")),
        )
        return
    short = [each for each in items(node, "status", "conditions") if text(each, "type") in _PRESSURES]
    for each in short:
        if each.get("status") in {"True", "Unknown"}:
            yield Finding(
                f"node_{text(each, 'type')}",
                about,
                about,
                f"{about.path} is short of {_PRESSURES[text(each, 'type')]}.",
                FAILING,
                (Evidence(f"{text(each, 'reason')}: {text(each, 'message')}", f"condition of {about.path}"),),
                advice="It evicts pods until it has enough again: see what there takes most of it.",
                look=(described(about), line("top", "pods", "-A", "--sort-by=memory")),
            )
    if node.get("spec", {}).get("unschedulable") is True:
        yield Finding(
            "node_cordoned",
            about,
            about,
            f"{about.path} is cordoned: it takes no new pods.",
            NOTE,
            (Evidence("spec.unschedulable is true.", f"spec of {about.path}"),),
            (line("uncordon", about.name),),
            look=(described(about),),
        )


def _is_unplaced(pod: Obj) -> bool:
    return text(pod, "status", "phase") == "Pending" and not text(pod, "spec", "nodeName")
