"""Pods that hang between two states: evicted, being made, being initialised, or being deleted for too long."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.diagnosis.findings import DEGRADED, FAILING, NOTE, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line, logged
from app.domain.diagnosis.shapes import (
    Obj,
    container_statuses,
    items,
    mapping,
    name_of,
    namespace_of,
    number,
    text,
    texts,
)
from app.domain.diagnosis.snapshot import Snapshot

LONG_S = 600.0  # what has not happened after ten minutes needs somebody
GRACE_S = 60.0  # beyond a pod's own grace period
_STUCK = ("FailedCreatePodSandBox", "FailedMount", "FailedAttachVolume", "NetworkNotReady", "FailedPostStartHook")


def look(snapshot: Snapshot, pod: Obj) -> Iterator[Finding]:
    """Whether a pod hangs."""
    about, root = Ref("Pod", name_of(pod), namespace_of(pod)), snapshot.root(pod, "Pod")
    if text(pod, "status", "phase") == "Failed" and text(pod, "status", "reason") in {
        "Evicted",
        "NodeLost",
        "Shutdown",
    }:
        yield _evicted(pod, about, root)
    elif text(pod, "metadata", "deletionTimestamp"):
        yield from _leaving(snapshot, pod, about, root)
    elif text(pod, "status", "phase") == "Pending" and text(pod, "spec", "nodeName"):
        yield from _being_made(snapshot, pod, about, root)


def _evicted(pod: Obj, about: Ref, root: Ref) -> Finding:
    node = text(pod, "spec", "nodeName")
    through = (Ref("Node", node),) if node else ()
    return Finding(
        "evicted",
        about,
        root,
        f"A pod of {root.path} was evicted from its node{f' {node}' if node else ''}.",
        NOTE,
        (Evidence(text(pod, "status", "message") or "No reason is given.", f"status of {about.path}"),),
        (line("delete", "pod", about.name, namespace=about.namespace),),
        "What is left of it only takes a name; requests that say what a pod needs keep it from being the first to go.",
        (described(about),),
        symptom=bool(through),
        through=through,
    )


def _leaving(snapshot: Snapshot, pod: Obj, about: Ref, root: Ref) -> Iterator[Finding]:
    since_s = snapshot.age_s(mapping(pod, "metadata").get("deletionTimestamp"))  # which has the grace period in it
    if since_s is None or since_s <= GRACE_S:
        return
    held = texts(pod, "metadata", "finalizers")
    node = Ref("Node", text(pod, "spec", "nodeName"))
    why = f"it is held by the finalizer {held[0]}" if held else f"its node {node.name} does not say that it has ended"
    yield Finding(
        "terminating",
        about,
        root,
        f"A pod of {root.path} does not go away: {why}.",
        DEGRADED,
        (
            Evidence(
                f"It should have been gone {snapshot.age(mapping(pod, 'metadata').get('deletionTimestamp'))} ago.",
                f"metadata of {about.path}",
            ),
        ),
        advice="See why whoever set the finalizer does not take it away." if held else "See whether the node is well.",
        look=(described(about), *((described(node),) if node.name else ())),
        symptom=not held,
        through=(node,),
    )


def _being_made(snapshot: Snapshot, pod: Obj, about: Ref, root: Ref) -> Iterator[Finding]:
    stuck = next((each for each in snapshot.events(about) if text(each, "reason") in _STUCK), None)
    claims = tuple(
        Ref("PersistentVolumeClaim", claim, about.namespace)
        for each in items(pod, "spec", "volumes")
        if (claim := text(each, "persistentVolumeClaim", "claimName"))
    )
    if stuck is not None:
        yield Finding(
            "not_set_up",
            about,
            root,
            f"A pod of {root.path} cannot be set up on its node: {text(stuck, 'reason')}.",
            FAILING,
            (Evidence(text(stuck, "message"), f"event of {about.path}"),),
            advice="The message names the volume or the network that the node could not give.",
            look=(described(about),),
            symptom=True,
            through=(*claims, Ref("Node", text(pod, "spec", "nodeName"))),
        )
        return
    for status, first in container_statuses(pod):
        running = mapping(status, "state", "running")
        since_s = snapshot.age_s(running.get("startedAt"))
        if first and since_s is not None and since_s > LONG_S and number(status, "restartCount") == 0:
            name, age = text(status, "name"), snapshot.age(running.get("startedAt"))
            yield Finding(
                "init_running",
                about,
                root,
                f"{root.path} waits for its init container {name}, which has run for {age}.",
                FAILING,
                (Evidence("The other containers start when it has ended.", f"status of {about.path}"),),
                advice="Its log mostly says what it waits for.",
                look=(logged(about, name), described(about)),
            )
