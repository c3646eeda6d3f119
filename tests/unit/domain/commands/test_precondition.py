"""Tests inside a request: what they hold on to, and that a patch means the same with and without them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.writing.patches import json_patch, merge_patch
from app.domain.commands.changing.precondition import difference, done, guarded, holds, operations_of

NODE = {
    "kind": "Node",
    "metadata": {"name": "n", "uid": "u", "resourceVersion": "9", "labels": {"a/b": "1", "c": "2"}},
    "spec": {"podCIDR": "10.0.0.0/24"},
}
DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "web", "uid": "u", "resourceVersion": "9", "generation": 3},
    "spec": {"replicas": 2},
}


@pytest.mark.parametrize(
    ("item", "patch", "tests"),
    [
        (
            NODE,
            {"metadata": {"labels": {"a/b": "3"}}},
            {"/metadata/uid": "u", "/metadata/labels/a~1b": "1"},
        ),
        (NODE, {"spec": {"unschedulable": True}}, {"/metadata/uid": "u", "/spec/unschedulable": None}),
        (
            DEPLOYMENT,
            {"metadata": {"annotations": {"x": "1"}}},
            {"/metadata/uid": "u", "/metadata/generation": 3, "/metadata/annotations": None},
        ),
        (DEPLOYMENT, {"spec": {"paused": True}}, {"/metadata/uid": "u", "/metadata/generation": 3}),
        (
            {**NODE, "kind": "Secret", "data": {"password": "aHVzaA=="}},
            {"data": {"password": "c2VjcmV0"}},
            {"/metadata/uid": "u", "/metadata/resourceVersion": "9"},
        ),
    ],
)
def test_a_change_holds_on_to_what_it_changes_and_to_nothing_that_moves_by_itself(
    item: dict[str, Any], patch: dict[str, Any], tests: dict[str, Any]
) -> None:
    operations = guarded(item, operations_of(item, patch))
    assert {entry["path"]: entry["value"] for entry in operations if entry["op"] == "test"} == tests
    assert holds(item, operations)
    moved = {**item, "status": {"readyReplicas": 1}}
    assert json_patch(moved, operations) == merge_patch(moved, patch)
    assert done(json_patch(item, operations), operations)


def test_what_is_as_wished_already_needs_no_operation() -> None:
    assert operations_of(NODE, {"metadata": {"labels": {"c": "2", "gone": None}}}) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab/~", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", min_size=1, max_size=3), inner),
    max_leaves=12,
)
objects = st.dictionaries(st.text("ab/~", min_size=1, max_size=3), json_values, max_size=4)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    return value


@given(objects, objects)
def test_a_merge_patch_and_its_operations_come_to_the_same(before: dict[str, Any], patch: dict[str, Any]) -> None:
    item = without_nulls(before)
    operations = operations_of(item, patch)
    assert json_patch(copy.deepcopy(item), operations) == merge_patch(item, patch)


@given(objects, objects)
def test_a_difference_makes_one_value_of_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert json_patch(copy.deepcopy(before), difference(before, after)) == after
