"""Each analyzer names what is wrong where it is, and says nothing where it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from app.domain.commands.model.command import Risk
from app.domain.commands.parser import parse
from app.domain.diagnosis import registry
from app.domain.diagnosis.findings import Finding
from app.domain.diagnosis.ranking import ranked
from app.domain.diagnosis.registry import ANALYZERS
from tests.support.diagnosed import (
    Obj,
    ago,
    crashed,
    deployment,
    event,
    meta,
    node,
    pod,
    replica_set,
    service,
    snapshot,
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
    """

    analyzer: str
    code: str
    kinds: dict[str, Any]
    says: str = ""
    facts: tuple[str, ...] = ()
    fix: str = ""
    gaps: dict[str, str] = field(default_factory=dict)


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


def found(analyzer: str, kinds: dict[str, Any], gaps: dict[str, str] | None = None) -> list[Finding]:
    chosen = [each for each in ANALYZERS if each.name == analyzer]
    findings, faults = registry.analyze(snapshot(kinds, gaps=gaps), chosen)
    assert faults == []
    return findings


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case.analyzer} {case.code} {case.says}")
def test_what_is_wrong_is_found_with_its_facts_and_what_would_fix_it(case: Case) -> None:
    finding = next(each for each in found(case.analyzer, case.kinds, case.gaps) if each.code == case.code)
    assert case.says in finding.cause
    facts = "\n".join(each.text for each in finding.evidence)
    assert [each for each in case.facts if each not in facts] == []
    assert any(fix.startswith(case.fix) for fix in finding.fixes) if case.fix else not finding.fixes


@pytest.mark.parametrize(("analyzer", "kinds"), FINE, ids=lambda each: each if isinstance(each, str) else "")
def test_nothing_is_said_where_nothing_is_wrong(analyzer: str, kinds: dict[str, Any]) -> None:
    assert found(analyzer, kinds) == []


def test_each_analyzer_has_a_case_that_fires_and_one_that_does_not() -> None:
    names = {each.name for each in ANALYZERS}
    assert {case.analyzer for case in WRONG} == names
    assert {analyzer for analyzer, _ in FINE} == names


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case.analyzer} {case.code} {case.says}")
def test_each_fix_is_a_change_and_each_look_a_read_for_the_parser(case: Case) -> None:
    for finding in found(case.analyzer, case.kinds, case.gaps):
        for line in finding.fixes:
            assert read(line) is not Risk.READ, line
        for line in finding.look:
            assert read(line) is Risk.READ, line


def read(line: str) -> Risk:
    return parse(line, cluster="prod-eu", namespace="default", clusters=("prod-eu",)).risk


def test_a_broken_pod_is_one_answer_with_all_that_suffers_from_it() -> None:
    kinds: dict[str, list[Obj]] = {
        **ROLLED,
        "services": [service()],
        "pods": [pod(f"web-{number}", RS2, status=crashed()) for number in range(3)],
    }
    findings, _ = registry.analyze(snapshot(kinds))
    (cause,) = ranked(snapshot(kinds), findings)
    assert cause.code == "crash_loop"
    assert any("pod/web-1, pod/web-2" in each.text for each in cause.evidence)
    assert len(cause.explains) == 2
    assert any("nginx:1.26 to nginx:1.27" in each for each in cause.changes)


def test_the_worst_comes_first_and_a_symptom_without_a_cause_is_told() -> None:
    kinds = {"deployments": [deployment("idle")], "pods": [pod(status=crashed())]}
    findings, _ = registry.analyze(snapshot(kinds))
    assert [each.code for each in ranked(snapshot(kinds), findings)] == ["crash_loop", "unavailable"]


def test_what_is_secret_is_in_no_cause() -> None:
    words = (
        "starting\nERROR password=Canary123 postgres://shop:Canary123@db/shop\nAuthorization: Bearer Canary123Canary123"
    )
    status = crashed()
    status["lastState"]["terminated"]["message"] = "token=Canary123"
    kinds = {"pods": [pod(status=status)]}
    taken = snapshot(kinds, logs={("shop", "web-1", "main"): words})
    findings, _ = registry.analyze(taken)
    assert "Canary123" in str(findings)
    assert "Canary123" not in str(ranked(taken, findings))
