"""Each analyzer names what is wrong where it is, and says nothing where it is not."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.commands.model.command import Risk
from app.domain.commands.parser import parse
from app.domain.diagnosis import registry
from app.domain.diagnosis.findings import Finding, Ref
from app.domain.diagnosis.ranking import ranked
from app.domain.diagnosis.registry import ANALYZERS
from tests.support import diagnosed_extensions, diagnosed_objects, diagnosed_pods
from tests.support.diagnosed import (
    Obj,
    ago,
    crashed,
    deployment,
    meta,
    node,
    pod,
    service,
    snapshot,
    unplaced,
)
from tests.support.diagnosed_pods import ROLLED, RS2, Case

KNOWN = (diagnosed_pods, diagnosed_objects, diagnosed_extensions)
WRONG: tuple[Case, ...] = tuple(case for each in KNOWN for case in each.WRONG)
FINE = tuple(case for each in KNOWN for case in each.FINE)


def found(
    analyzer: str, kinds: dict[str, Any], gaps: dict[str, str] | None = None, namespace: str = "shop"
) -> list[Finding]:
    chosen = [each for each in ANALYZERS if each.name == analyzer]
    findings, faults = registry.analyze(snapshot(kinds, gaps=gaps, namespace=namespace), chosen)
    assert faults == []
    return findings


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case.analyzer} {case.code} {case.says}")
def test_what_is_wrong_is_found_with_its_facts_and_what_would_fix_it(case: Case) -> None:
    finding = next(
        each for each in found(case.analyzer, case.kinds, case.gaps, case.namespace) if each.code == case.code
    )
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
    for finding in found(case.analyzer, case.kinds, case.gaps, case.namespace):
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


def test_what_follows_from_what_follows_goes_with_the_cause_as_well() -> None:
    database = {"kind": "StatefulSet", "metadata": meta("db"), "spec": {"replicas": 1}, "status": {"readyReplicas": 0}}
    claim = {
        "kind": "PersistentVolumeClaim",
        "metadata": meta("data"),
        "spec": {"storageClassName": "gold"},
        "status": {"phase": "Pending"},
    }
    waits = unplaced("db-0", database, volumes=[{"persistentVolumeClaim": {"claimName": "data"}}])
    kinds: dict[str, list[Obj]] = {
        "statefulsets": [database],
        "persistentvolumeclaims": [claim],
        "pods": [waits],
        "nodes": [node()],
    }
    findings, _ = registry.analyze(snapshot(kinds))
    (cause,) = ranked(snapshot(kinds), findings)
    assert (cause.object.path, cause.code) == ("persistentvolumeclaim/data", "storage_class")
    assert [words.split(" ")[0] for words in cause.explains] == ["statefulset/db", "statefulset/db"]
    assert Ref("StatefulSet", "db", "shop") in cause.objects


def test_what_has_only_just_been_made_is_not_called_broken_unless_something_is() -> None:
    new = deployment("new")
    new["metadata"]["creationTimestamp"] = ago(5)
    fresh = pod("new-1", new, labels={"app": "new"})
    fresh["metadata"]["creationTimestamp"] = ago(4)
    kinds = {"deployments": [new], "services": [service("new", {"app": "new"})], "pods": [fresh]}
    findings, _ = registry.analyze(snapshot(kinds))
    assert {each.code for each in findings} == {"unavailable", "no_ready_endpoints"}
    assert ranked(snapshot(kinds), findings) == []
    crashing = {**kinds, "pods": [pod("new-1", new, status=crashed(), labels={"app": "new"})]}
    findings, _ = registry.analyze(snapshot(crashing))
    (cause,) = ranked(snapshot(crashing), findings)
    assert len(cause.explains) == 2


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
