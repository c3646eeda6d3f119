"""Whatever a cluster gives, no analyzer lets a fault out, and what it could not read is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.diagnosis import registry
from app.domain.diagnosis.findings import Ref
from app.domain.diagnosis.ranking import ranked
from app.domain.diagnosis.registry import ANALYZERS, Analyzer
from app.domain.diagnosis.relations import relations
from app.domain.diagnosis.shapes import Obj
from app.domain.diagnosis.snapshot import Snapshot
from tests.support.diagnosed import crashed, deployment, pod, replica_set, service, snapshot, unplaced, unpulled

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers(), max_size=2)
)
REAL: tuple[Obj, ...] = (
    pod(status=crashed()),
    pod(status=unpulled("not found")),
    unplaced(nodeSelector={"disk": "ssd"}),
    deployment(),
    service(),
    replica_set(deployment()),
)
WORDS = sorted(
    {
        "metadata",
        "spec",
        "status",
        "kind",
        "name",
        "namespace",
        "conditions",
        "type",
        "labels",
        "items",
        "ownerReferences",
    }
)
WILD = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def damaged(draw: st.DrawFn) -> Obj:
    """A real object with some of its parts made something else."""

    def walk(value: Any, depth: int) -> Any:
        if depth and draw(st.integers(0, 11)) == 0:
            return draw(WILD)
        if isinstance(value, dict):
            return {key: walk(part, depth + 1) for key, part in value.items()}
        return [walk(part, depth + 1) for part in value] if isinstance(value, list) else value

    return dict(walk(draw(st.sampled_from(REAL)), 0))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(objects=st.lists(damaged() | st.dictionaries(st.sampled_from(WORDS), WILD, max_size=4), max_size=3))
def test_no_shape_of_an_object_stops_a_diagnosis(objects: list[Obj]) -> None:
    kinds = {each.plural: objects for each in ANALYZERS} | {"events": objects, "replicasets": objects, "nodes": objects}
    taken = snapshot(kinds)
    findings, _ = registry.analyze(taken)
    ranked(taken, findings)
    for target in (Ref("Deployment", "web", "shop"), Ref("Node", "node-a"), Ref("Service", "web", "shop")):
        relations(taken, target)


def test_an_object_that_cannot_be_read_is_named_and_spoils_no_other() -> None:
    def look(_: Snapshot, obj: Obj) -> list[Any]:
        if obj["metadata"]["name"] == "odd":
            raise KeyError("spec")
        return []

    findings, faults = registry.analyze(snapshot({"pods": [pod("odd"), pod()]}), [Analyzer("crashing", "pods", look)])
    assert findings == []
    assert [(fault.analyzer, fault.about) for fault in faults] == [("crashing", "pod/odd")]


def test_a_fault_of_ours_is_not_taken_for_a_shape() -> None:
    def look(_: Snapshot, __: Obj) -> list[Any]:
        raise AssertionError

    with pytest.raises(AssertionError):
        registry.analyze(snapshot({"pods": [pod()]}), [Analyzer("crashing", "pods", look)])
