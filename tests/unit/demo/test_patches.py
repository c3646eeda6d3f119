"""JSON patches as the API server's library takes them."""

from __future__ import annotations

from typing import Any

import pytest

from app.demo.status import StatusError
from app.demo.writing.patches import json_patch


@pytest.mark.parametrize(
    ("path", "value", "holds"),
    [
        ("/spec/replicas", None, True),
        ("/spec/replicas", 0, False),
        ("/metadata/uid", "u", True),
        ("/metadata/uid", "other", False),
        ("/metadata/labels/app", None, False),  # a member of what is not there
        ("/spec/list/0", "a", True),
        ("/spec/list/1", None, False),
    ],
)
def test_a_member_that_is_not_there_counts_as_null_and_one_of_nothing_is_an_error(
    path: str, value: Any, holds: bool
) -> None:
    item = {"metadata": {"uid": "u"}, "spec": {"list": ["a"]}}
    operation = {"op": "test", "path": path, "value": value}
    if holds:
        assert json_patch(item, [operation]) == item
        return
    with pytest.raises(StatusError) as caught:
        json_patch(item, [operation])
    # As recorded: one sentence for all, and no field named.
    assert caught.value.body["message"] == "the server rejected our request due to an error in our request"
    assert (caught.value.code, caught.value.body["details"]) == (422, {})


def test_parts_that_an_object_shares_with_itself_are_changed_one_by_one() -> None:
    labels = {"app": "web"}
    item = {"metadata": {"labels": labels}, "spec": {"selector": labels}}
    patched = json_patch(item, [{"op": "add", "path": "/metadata/labels/tier", "value": "gold"}])
    assert patched == {"metadata": {"labels": {"app": "web", "tier": "gold"}}, "spec": {"selector": {"app": "web"}}}
    assert labels == {"app": "web"}
