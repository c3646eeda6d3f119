"""An object that somebody else writes between the moment it is read and the moment its change is tried."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from app.domain.commands.changing.precondition import value_at
from app.domain.commands.engine import Engine
from app.domain.commands.parser import parse
from app.domain.commands.preview import Preview
from app.errors import ConflictError
from tests.support.known_types import known_types
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster, refused

PATH = "/apis/apps/v1/namespaces/shop/deployments/web"
REVISION = "deployment.kubernetes.io/revision"

APPS = [
    {
        "metadata": {"name": "apps"},
        "versions": [
            {
                "version": "v1",
                "resources": [
                    {
                        "resource": "deployments",
                        "responseKind": {"group": "apps", "version": "v1", "kind": "Deployment"},
                        "scope": "Namespaced",
                        "singularResource": "deployment",
                        "verbs": ["get", "list", "patch"],
                    }
                ],
            }
        ],
    }
]


class Cluster:
    """One deployment; a controller writes it after so many readings, and tries what it is asked to as a server does.

    Args:
        writes: how often the controller writes, each time behind a reading.
        field: what it writes: its annotation, or the number of replicas, as an autoscaler does.
    """

    def __init__(self, writes: int, field: str = "annotation") -> None:
        self.writes, self.field = writes, field
        self.item: dict[str, Any] = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": "web",
                "namespace": "shop",
                "uid": "u1",
                "generation": 4,
                "resourceVersion": "100",
                "annotations": {REVISION: "1"},
            },
            "spec": {"replicas": 3, "paused": False},
        }

    def __call__(self, asked: Asked) -> Any:
        if asked.path in {"/api", "/apis"}:
            return {"kind": "APIGroupDiscoveryList", "items": APPS if asked.path == "/apis" else []}
        if asked.path != PATH:
            return {"status": {"allowed": True}} if asked.path.endswith("reviews") else {"kind": "List", "items": []}
        if asked.method == "GET":
            found = copy.deepcopy(self.item)
            if self.writes:
                self.writes -= 1
                self._written()
            return found
        assert asked.method == "PATCH"
        assert ("dryRun", "All") in asked.query
        return self._tried(asked.body)

    def _written(self) -> None:
        metadata = self.item["metadata"]
        metadata["resourceVersion"] = str(int(metadata["resourceVersion"]) + 1)
        if self.field == "annotation":
            metadata["annotations"][REVISION] = str(int(metadata["annotations"][REVISION]) + 1)
        else:
            metadata["generation"] += 1
            self.item["spec"]["replicas"] += 1

    def _tried(self, body: Any) -> Any:
        tried = copy.deepcopy(self.item)
        if isinstance(body, dict):
            tried["spec"] |= body["spec"]
            return tried
        for operation in body:
            *parents, last = [part.replace("~1", "/") for part in operation["path"].split("/")[1:]]
            parent = value_at(tried, parents)
            if operation["op"] == "test" and parent.get(last) != operation["value"]:
                return refused(422)
            if operation["op"] in {"add", "replace"}:
                parent[last] = operation["value"]
        return tried


async def previewed(cluster: Cluster, line: str) -> Preview:
    client = ScriptedCluster(cluster)
    engine = Engine({"prod-eu": client}, current="prod-eu", known_types=known_types())
    try:
        return await engine.preview(parse(line, cluster="prod-eu", namespace="shop", clusters=("prod-eu",)), ADA)
    finally:
        await client.close()


@pytest.mark.parametrize("field", ["annotation", "replicas"])
@pytest.mark.parametrize("writes", [0, 1, 3])
async def test_a_patch_is_of_the_object_as_it_is_when_it_is_tried(writes: int, field: str) -> None:
    cluster = Cluster(writes, field)
    (step,) = (await previewed(cluster, """patch deployment web -p '{"spec":{"paused":true}}'""")).steps
    assert step.dry_run == "ok"
    assert step.resource_version == cluster.item["metadata"]["resourceVersion"]
    changed = [operation for operation in step.operations() if operation["op"] != "test"]
    assert changed == [{"op": "replace", "path": "/spec/paused", "value": True}]
    assert REVISION not in "".join(line for line in step.diff.splitlines() if line[:1] in "+-")


async def test_what_never_stands_still_is_told_so() -> None:
    with pytest.raises(ConflictError, match="changes all the time"):
        await previewed(Cluster(1000), """patch deployment web -p '{"spec":{"paused":true}}'""")


async def test_another_change_is_told_that_the_object_changed_and_not_that_it_is_invalid() -> None:
    (step,) = (await previewed(Cluster(1, "replicas"), "rollout pause deployment/web")).steps
    assert step.dry_run == "web changed at the same moment; ask again to see what this makes of it now."


async def test_a_test_of_the_persons_own_that_fails_is_not_taken_for_that() -> None:
    own = """patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":9},{"op":"add","path":"/spec/paused","value":true}]'"""
    (step,) = (await previewed(Cluster(0), own)).steps
    assert "changed" not in step.dry_run
    assert step.dry_run != "ok"
