"""Custom resources behave as on a real cluster beyond what the recordings show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.demo_api import APPLY, JSON_PATCH, MERGE, TABLE, DemoApi
from tests.support.recordings import recording

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/example.com/v1/namespaces/shop/widgets"


@pytest.fixture
async def widgets(api: DemoApi) -> DemoApi:
    """The cluster with a definition of widgets, in force."""
    assert (await api.ask("POST", DEFINITIONS, recording("crd-create").content)).status == 201
    api.step(1)
    return api


def widget(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


async def test_a_definition_is_in_force_a_moment_later_and_discovered(widgets: DemoApi) -> None:
    found = (await widgets.ask("GET", f"{DEFINITIONS}/widgets.example.com")).json
    assert {entry["type"]: entry["status"] for entry in found["status"]["conditions"]} == {
        "NamesAccepted": "True",
        "Established": "True",
    }
    groups = (await widgets.ask("GET", "/apis")).json["groups"]
    assert "example.com" in [group["name"] for group in groups]
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    discovered = (await widgets.ask("GET", "/apis", accept=accept)).json["items"][-1]
    assert [entry["resource"] for entry in discovered["versions"][0]["resources"]] == ["widgets"]


async def test_a_definition_that_says_too_little_is_refused_field_by_field(api: DemoApi) -> None:
    reply = await api.ask("POST", DEFINITIONS, {"metadata": {"name": "x"}, "spec": {"group": "example.com"}})
    fields = [cause["field"] for cause in reply.json["details"]["causes"]]
    assert (reply.status, fields) == (422, ["spec.scope", "spec.names.plural", "spec.names.kind", "spec.versions"])


async def test_each_wrong_value_is_named(widgets: DemoApi) -> None:
    reply = await widgets.ask("POST", WIDGETS, widget("w", size="big", note=1))
    assert reply.status == 422
    assert [cause["message"] for cause in reply.json["details"]["causes"]] == [
        'Invalid value: "big": spec.size in body must be of type integer: "big"',
        "Invalid value: 1: spec.note in body must be of type string: 1",
    ]
    missing = await widgets.ask("POST", WIDGETS, widget("w"))
    assert missing.message == 'Widget.example.com "w" is invalid: spec.size: Required value'


async def test_unknown_fields_are_warned_of_dropped_or_refused(widgets: DemoApi) -> None:
    warned = await widgets.ask("POST", WIDGETS, widget("w", size=1, colour="red"))
    assert warned.headers["warning"] == '299 - "unknown field \\"spec.colour\\""'
    assert warned.json["spec"] == {"size": 1}
    strict = await widgets.ask("POST", f"{WIDGETS}?fieldValidation=Strict", widget("v", size=1, colour="red"))
    assert strict.status == 400
    assert 'strict decoding error: unknown field "spec.colour"' in strict.message


async def test_they_can_be_patched_applied_scaled_and_shown(widgets: DemoApi) -> None:
    applied = await widgets.ask("PATCH", f"{WIDGETS}/w?fieldManager=t", widget("w", size=2), content_type=APPLY)
    assert applied.status == 201
    steps = [{"op": "replace", "path": "/spec/size", "value": 3}]
    assert (await widgets.ask("PATCH", f"{WIDGETS}/w", steps, content_type=JSON_PATCH)).json["spec"]["size"] == 3
    scaled = await widgets.ask("PATCH", f"{WIDGETS}/w/scale", {"spec": {"replicas": 4}}, content_type=MERGE)
    assert (scaled.status, scaled.json["spec"]) == (200, {"replicas": 4})
    assert (await widgets.ask("GET", f"{WIDGETS}/w")).json["spec"]["size"] == 4
    row = (await widgets.ask("GET", f"{WIDGETS}/w", accept=TABLE)).json["rows"][0]
    assert row["cells"] == ["w", 4, None, "0s"]
    too_much = await widgets.ask("PATCH", f"{WIDGETS}/w/scale", {"spec": {"replicas": 40}}, content_type=MERGE)
    assert too_much.status == 422


async def test_their_status_is_written_apart(widgets: DemoApi) -> None:
    await widgets.ask("POST", WIDGETS, widget("w", size=2))
    patch = {"spec": {"size": 3}, "status": {"size": 2}}
    written = await widgets.ask("PATCH", f"{WIDGETS}/w/status", patch, content_type=MERGE)
    assert (written.json["spec"], written.json["status"]) == ({"size": 2}, {"size": 2})
    assert (await widgets.ask("GET", f"{WIDGETS}/w/scale")).json["status"] == {"replicas": 2}


async def test_they_go_with_their_definition_and_with_their_namespace(widgets: DemoApi) -> None:
    await widgets.ask("POST", WIDGETS, widget("w", size=2))
    await widgets.ask("DELETE", "/api/v1/namespaces/shop")
    widgets.step(60)
    assert widgets.cluster.store.all("widgets.example.com") == []
    other = WIDGETS.replace("shop", "default")
    assert (await widgets.ask("POST", other, widget("w", size=2))).status == 201
    await widgets.ask("DELETE", f"{DEFINITIONS}/widgets.example.com")
    widgets.step(1)
    assert widgets.cluster.store.all("widgets.example.com") == []
    assert (await widgets.ask("GET", other)).status == 404
