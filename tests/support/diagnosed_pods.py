"""Workloads, pods and services that are broken in one way each, and such that are well."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.diagnosed import (
    ago,
    crashed,
    deployment,
    event,
    meta,
    node,
    pod,
    replica_set,
    service,
    unplaced,
    unpulled,
)

WEB = deployment()
RS1, RS2 = replica_set(WEB, 1, "nginx:1.26", age_s=6000), replica_set(WEB, 2)
OWNED: dict[str, Any] = {"deployments": [WEB], "replicasets": [RS2]}
ROLLED: dict[str, Any] = {"deployments": [WEB], "replicasets": [RS1, RS2]}
NOT_FOUND = 'failed to resolve reference "docker.io/library/nginx:1.27": docker.io/library/nginx:1.27: not found'
BUSY = pod("busy-1", ready=True, container={"resources": {"requests": {"cpu": "3500m"}}}, labels={"app": "busy"})
ASKS = {"containers": [{"name": "main", "resources": {"requests": {"cpu": "1"}}}]}


@dataclass(frozen=True)
class Case:
    """One thing that is wrong.

    Attributes:
        analyzer: whose it is.
        code: what it is called.
        kinds: what the cluster holds.
        says: words of the cause.
        facts: words that the evidence holds.
        fix: a command that is offered, empty where none is.
        gaps: kinds that were not read.
        namespace: of which namespace it was read, empty for all.
    """

    analyzer: str
    code: str
    kinds: dict[str, Any]
    says: str = ""
    facts: tuple[str, ...] = ()
    fix: str = ""
    gaps: dict[str, str] = field(default_factory=dict)
    namespace: str = "shop"


WRONG = (
    Case(
        "crashing", "crash_loop", {**ROLLED, "pods": [pod(owner=RS2, status=crashed())]},
        "container main of deployment/web ends with exit code 1", ("7 restarts in the 10m since the last change",),
        "kubectl rollout undo deployment/web -n shop",
    ),
    Case(
        "crashing", "crash_loop", {"pods": [pod(status=crashed(127))]}, "its command was not found", ("7 restarts",),
    ),
    Case(
        "crashing", "out_of_memory",
        {**OWNED, "pods": [pod(owner=RS2, status=crashed(137, "OOMKilled"),
                               container={"resources": {"limits": {"memory": "64Mi"}}})]},
        "killed because it used more than its memory limit of 64Mi", ("OOMKilled",),
        "kubectl set resources deployment/web -c main --limits=memory=128Mi -n shop",
    ),
    Case("crashing", "crash_loop", {"pods": [pod(status=crashed(2), restartPolicy="Never")]}, "ended with exit code 2."),
    Case(
        "crashing", "out_of_memory",
        {"pods": [pod(status=crashed(137, "OOMKilled"))],
         "usage": [{"kind": "PodMetrics", "metadata": meta("web-1"),
                    "containers": [{"name": "main", "usage": {"memory": "250Mi"}}]}]},
        "it has no limit of its own", ("It uses 250Mi of memory at the moment",),
    ),
    Case(
        "crashing", "restarting",
        {"pods": [pod(ready=True, status={"restartCount": 4, "state": {"running": {}}, "lastState": {
            "terminated": {"exitCode": 2, "reason": "Error", "finishedAt": ago(120)}}})]},
        "started again 4 times",
    ),
    Case(
        "images", "image_tag", {**ROLLED, "pods": [pod(owner=RS2, status=unpulled(NOT_FOUND))]},
        "nginx has no tag 1.27", ("not found",), "kubectl rollout undo deployment/web -n shop",
    ),
    Case(
        "images", "image_tag",
        {**OWNED, "pods": [
            pod(owner=RS2, status=unpulled("manifest for nginx:1.27 not found: manifest unknown")),
            pod("other-1", ready=True, container={"image": "nginx:1.25"}, labels={"app": "other"}),
        ]},
        "nginx has no tag 1.27", ("nginx:1.25 runs",), "kubectl set image deployment/web main=nginx:1.25 -n shop",
    ),
    Case(
        "images", "image_name",
        {"pods": [pod(status=unpulled("name unknown: repository nginks not found in registry"))]}, "there is no nginx",
    ),
    Case("images", "image_name", {"pods": [pod(status=unpulled("bad", "InvalidImageName"))]}, "there is no nginx"),
    Case(
        "images", "image_secret",
        {"pods": [pod(status=unpulled("pull access denied, authorization failed"), imagePullSecrets=[{"name": "gone"}])]},
        "pull secret gone of pod/web-1 does not exist",
    ),
    Case(
        "images", "image_secret", {"pods": [pod(status=unpulled("401 Unauthorized"))]}, "names no pull secret",
    ),
    Case(
        "images", "image_registry",
        {"pods": [pod(status=unpulled("dial tcp: lookup registry.local: no such host"))]}, "cannot be reached",
    ),
    Case(
        "scheduling", "no_room", {**OWNED, "nodes": [node()], "placed": [BUSY], "pods": [unplaced(owner=RS2, **ASKS)]},
        "asks 1 CPU; the node with most of it has 0.5 CPU free", ("node-a: 0.5 CPU free of 4 CPU",),
        "kubectl set resources deployment/web -c main --requests=cpu=500m -n shop",
    ),
    Case(
        "scheduling", "no_room",
        {"nodes": [node()], "pods": [unplaced(**ASKS)], "placed": [BUSY, pod("b2", container=BUSY["spec"]["containers"][0])]},
        "asks 1 CPU",
    ),
    Case(
        "scheduling", "no_room", {"nodes": [node(cpu="500m")], "pods": [unplaced(**ASKS)]}, "has 0.5 CPU in all",
        gaps={"placed": "you may not list them"},
    ),
    Case(
        "scheduling", "taints", {"nodes": [node(taints=[{"key": "gpu", "value": "yes", "effect": "NoSchedule"}])],
                                 "pods": [unplaced()]},
        "every open node has a taint", ("node-a has gpu=yes:NoSchedule",),
    ),
    Case(
        "scheduling", "node_selector",
        {**OWNED, "nodes": [node()], "pods": [unplaced(owner=RS2, nodeSelector={"disk": "ssdd"})]},
        "label disk=ssdd", ("disk=ssd",), "kubectl patch deployment/web",
    ),
    Case(
        "scheduling", "node_affinity",
        {"nodes": [node()], "pods": [unplaced(affinity={"nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a", "b"]}]}]}}})]},
        "node affinity (zone In a, b)", ("node-a has zone=(nothing)",),
    ),
    Case(
        "scheduling", "unschedulable",
        {"nodes": [node()], "pods": [unplaced(message="1 node(s) didn't match pod anti-affinity rules")]},
        "does not want beside itself",
    ),
    Case(
        "scheduling", "no_node_ready", {"nodes": [node(unschedulable=True)], "pods": [unplaced()]},
        "none is ready and open", ("node-a is cordoned",), "kubectl uncordon node-a",
    ),
    Case(
        "scheduling", "waits_for_claim",
        {"nodes": [node()],
         "pods": [unplaced(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}])]},
        "the claim data is not bound",
    ),
    Case("scheduling", "gated", {"pods": [unplaced(reason="SchedulingGated")]}, "scheduling gate"),
    Case("scheduling", "unschedulable", {"pods": [unplaced()]}, "No node takes", gaps={"nodes": "you may not list them"}),
    Case(
        "services", "selector_mismatch",
        {"services": [service(selector={"app": "wbe"})], "pods": [pod(ready=True)]},
        "its selector matches no pod", ("The nearest are the pods of pod/web-1: app=web",),
        """kubectl patch service/web -p '{"spec":{"selector":{"app":"web"}}}' -n shop""",
    ),
    Case(
        "services", "target_port",
        {"services": [service(ports=[{"port": 80, "targetPort": "htpp"}])],
         "pods": [pod(ready=True, container={"ports": [{"name": "http", "containerPort": 80}]})]},
        "sends to the port htpp", ("http",), "kubectl patch service/web --type=json",
    ),
    Case(
        "services", "no_endpoints", {"services": [service()], "deployments": [deployment(replicas=0)]},
        "scaled to 0", (), "kubectl scale deployment/web --replicas=1 -n shop",
    ),
    Case("services", "no_ready_endpoints", {"services": [service()], "pods": [pod()]}, "none of the 1 pods behind it"),
    Case(
        "deployments", "paused", {"deployments": [deployment(paused=True)]}, "is paused", (),
        "kubectl rollout resume deployment/web -n shop",
    ),
    Case(
        "deployments", "unavailable",
        {"deployments": [deployment()], "events": [event(WEB, "FailedCreate", "no more of them")]},
        "0 of 1 replicas available", ("FailedCreate: no more of them",),
    ),
    Case(
        "statefulsets", "governing_service",
        {"statefulsets": [{"kind": "StatefulSet", "metadata": meta("db"), "spec": {"serviceName": "db", "replicas": 0}}]},
        "service db, which does not exist", (), "kubectl create service clusterip db",
    ),
    Case(
        "statefulsets", "unavailable",
        {"statefulsets": [{"kind": "StatefulSet", "metadata": meta("db"), "spec": {"replicas": 2},
                           "status": {"readyReplicas": 1}}]},
        "1 of 2 pods ready",
    ),
    Case(
        "daemonsets", "unavailable",
        {"daemonsets": [{"kind": "DaemonSet", "metadata": meta("agent"),
                         "status": {"desiredNumberScheduled": 3, "numberReady": 2}}]},
        "2 of 3 pods ready",
    ),
    Case(
        "daemonsets", "no_node_wanted",
        {"nodes": [node()],
         "daemonsets": [{"kind": "DaemonSet", "metadata": meta("agent"), "status": {"desiredNumberScheduled": 0}}]},
        "runs nowhere",
    ),
)  # fmt: skip

FINE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("crashing", {"pods": [pod(ready=True)]}),
    ("crashing", {"pods": [pod(ready=True, status={"restartCount": 9, "lastState": {
        "terminated": {"exitCode": 1, "finishedAt": ago(90_000)}}})]}),
    ("crashing", {"pods": [pod(status={"state": {"terminated": {"exitCode": 0}}})]}),
    ("crashing", {"pods": [{**pod(owner=RS2, status=crashed()), "status": {
        "phase": "Failed", "containerStatuses": [{"name": "main", **crashed()}]}}]}),
    ("images", {"pods": [pod(status={"state": {"waiting": {"reason": "ContainerCreating"}}})]}),
    ("scheduling", {"nodes": [node()], "pods": [pod()]}),
    ("scheduling", {"nodes": [node()], "pods": [{**pod(), "status": {"phase": "Pending"}}]}),
    ("services", {"services": [service()], "pods": [pod(ready=True)]}),
    ("services", {"services": [service(type="ExternalName")]}),
    ("services", {"services": [{"kind": "Service", "metadata": meta("by-hand"), "spec": {}}]}),
    ("deployments", {"deployments": [deployment(available=1)]}),
    ("deployments", {"deployments": [deployment(replicas=0)]}),
    ("statefulsets", {"services": [service("db")], "statefulsets": [
        {"kind": "StatefulSet", "metadata": meta("db"), "spec": {"serviceName": "db", "replicas": 1},
         "status": {"readyReplicas": 1}}]}),
    ("daemonsets", {"nodes": [node()], "daemonsets": [
        {"kind": "DaemonSet", "metadata": meta("agent"), "status": {"desiredNumberScheduled": 1, "numberReady": 1}}]}),
)  # fmt: skip
