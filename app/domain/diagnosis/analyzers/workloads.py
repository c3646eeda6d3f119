"""Deployments, stateful sets and daemon sets that are not what they should be.

Mostly that is a symptom: what is wrong with their pods is told by others, and swallows it.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.diagnosis.findings import DEGRADED, DOWN, FAILING, NOTE, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line
from app.domain.diagnosis.shapes import Obj, condition, mapping, name_of, namespace_of, number, text
from app.domain.diagnosis.snapshot import Snapshot

MOST_EVENTS = 2


def deployment(snapshot: Snapshot, workload: Obj) -> Iterator[Finding]:
    """A deployment that is paused, stuck, or has too few replicas."""
    about = Ref("Deployment", name_of(workload), namespace_of(workload))
    wanted = number(workload, "spec", "replicas", default=1)
    available = number(workload, "status", "availableReplicas")
    updated = number(workload, "status", "updatedReplicas")
    refused = condition(workload, "ReplicaFailure")
    if workload.get("spec", {}).get("paused") is True and (updated < wanted or available < wanted):
        yield Finding(
            "paused",
            about,
            about,
            f"{about.path} is paused, so that its last change is not rolled out.",
            DEGRADED,
            (Evidence(f"{updated} of {wanted} pods are of the newest revision.", f"status of {about.path}"),),
            (line("rollout", "resume", about.path, namespace=about.namespace),),
            look=(described(about),),
        )
        return
    progressing = condition(workload, "Progressing")
    stuck = progressing.get("status") == "False"
    if available >= wanted and not stuck:
        return
    evidence = [Evidence(f"{available} of {wanted} replicas are available.", f"status of {about.path}")]
    told = [each for each, is_told in ((progressing, stuck), (refused, True)) if is_told and text(each, "message")]
    evidence += [Evidence(text(each, "message"), f"condition of {about.path}") for each in told]
    evidence += _events(snapshot, about)
    how = "is not rolled out" if stuck and available else f"has {available} of {wanted} replicas available"
    yield Finding(
        "unavailable",
        about,
        about,
        f"{about.path} {how}.",
        DEGRADED if available else FAILING,
        tuple(evidence),
        look=(described(about), line("rollout", "status", about.path, "--watch=false", namespace=about.namespace)),
        symptom=True,
        fresh=not stuck and snapshot.is_new(_made(workload), progressing.get("lastUpdateTime")),
    )


def _made(workload: Obj) -> str:
    return text(workload, "metadata", "creationTimestamp")


def stateful_set(snapshot: Snapshot, workload: Obj) -> Iterator[Finding]:
    """A stateful set with too few replicas, or without the service that names its pods."""
    about = Ref("StatefulSet", name_of(workload), namespace_of(workload))
    service = text(workload, "spec", "serviceName")
    if service and snapshot.knows("services") and snapshot.find("services", about.namespace, service) is None:
        yield Finding(
            "governing_service",
            about,
            about,
            f"{about.path} names its pods by the service {service}, which does not exist.",
            DEGRADED,
            (Evidence(f"spec.serviceName is {service}.", f"spec of {about.path}"),),
            (line("create", "service", "clusterip", service, "--clusterip=None", namespace=about.namespace),),
            look=(described(about),),
        )
    yield from _short(snapshot, about, workload, number(workload, "spec", "replicas", default=1), "readyReplicas")


def daemon_set(snapshot: Snapshot, workload: Obj) -> Iterator[Finding]:
    """A daemon set that is not ready on all of its nodes, or wants none."""
    about = Ref("DaemonSet", name_of(workload), namespace_of(workload))
    wanted = number(workload, "status", "desiredNumberScheduled")
    if not wanted and "desiredNumberScheduled" in mapping(workload, "status") and snapshot.of("nodes"):
        yield Finding(
            "no_node_wanted",
            about,
            about,
            f"{about.path} runs nowhere: no node is one that it asks for.",
            NOTE,
            (Evidence("It wants 0 nodes.", f"status of {about.path}"),),
            look=(described(about), line("get", "nodes", "--show-labels")),
        )
    yield from _short(snapshot, about, workload, wanted, "numberReady")


def _short(snapshot: Snapshot, about: Ref, workload: Obj, wanted: int, field: str) -> Iterator[Finding]:
    ready = number(workload, "status", field)
    if ready >= wanted:
        return
    evidence = [Evidence(f"{ready} of {wanted} are ready.", f"status of {about.path}"), *_events(snapshot, about)]
    yield Finding(
        "unavailable",
        about,
        about,
        f"{about.path} has {ready} of {wanted} pods ready.",
        DEGRADED if ready else FAILING,
        tuple(evidence),
        look=(described(about),),
        symptom=True,
        fresh=snapshot.is_new(_made(workload), *_pods_made(snapshot, about)),
    )


def _pods_made(snapshot: Snapshot, about: Ref) -> list[str]:
    """When the pods were made that are not ready."""
    return [
        _made(pod)
        for pod in snapshot.pods_in(about.namespace)
        if snapshot.owner(pod) == about and condition(pod, "Ready").get("status") != "True"
    ]


def replica_set(snapshot: Snapshot, workload: Obj) -> Iterator[Finding]:
    """A ReplicaSet whose pods are refused when they are made."""
    failure = condition(workload, "ReplicaFailure")
    if failure.get("status") != "True" or "quota" in text(failure, "message"):
        return  # quotas have an analyzer of their own
    about = Ref("ReplicaSet", name_of(workload), namespace_of(workload))
    root = snapshot.root(workload, "ReplicaSet")
    yield Finding(
        "pods_refused",
        about,
        root,
        f"The cluster refuses to make the pods of {root.path}.",
        DOWN,
        (Evidence(text(failure, "message"), f"condition of {about.path}"), *_events(snapshot, about)),
        advice="The message names the rule that refuses them.",
        look=(described(about),),
    )


def _events(snapshot: Snapshot, about: Ref) -> list[Evidence]:
    return [
        Evidence(f"{text(each, 'reason')}: {text(each, 'message')}", f"event of {about.path}")
        for each in snapshot.events(about)[:MOST_EVENTS]
    ]
