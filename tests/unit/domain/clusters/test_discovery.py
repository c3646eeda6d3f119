"""Resource types from a real API server's discovery: every name that people use, in both of its forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.clusters.discovery import Discovery
from app.errors import NotFoundError
from tests.support.known_types import known_types
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"


def recorded(name: str) -> Any:
    return json.loads((RECORDINGS / f"{name}.json").read_text())


def aggregated(asked: Asked) -> Any:
    return recorded({"/api": "api-aggregated-discovery", "/apis": "apis-aggregated-discovery"}[asked.path])


def one_by_one(asked: Asked) -> Any:
    known = {
        "/api": "api",
        "/apis": "apis",
        "/api/v1": "api-v1-resources",
        "/apis/apps/v1": "apis-apps-v1-resources",
    }
    name = known.get(asked.path)
    return recorded(name) if name else {"kind": "APIResourceList", "resources": []}


@pytest.mark.parametrize("answering", [aggregated, one_by_one])
@pytest.mark.parametrize(
    ("word", "qualified", "kind", "namespaced"),
    [
        ("pods", "pods", "Pod", True),
        ("po", "pods", "Pod", True),
        ("POD", "pods", "Pod", True),
        ("deploy", "deployments.apps", "Deployment", True),
        ("deployment.apps", "deployments.apps", "Deployment", True),
        ("deployments.v1.apps", "deployments.apps", "Deployment", True),
        ("no", "nodes", "Node", False),
        ("ev", "events", "Event", True),
    ],
)
async def test_a_type_is_found_by_each_of_its_names(
    answering: Any, word: str, qualified: str, kind: str, namespaced: bool
) -> None:
    found = await Discovery(ScriptedCluster(answering), known_types()).one(word, ADA)
    assert (found.qualified, found.kind, found.namespaced) == (qualified, kind, namespaced)


@pytest.mark.parametrize("answering", [aggregated, one_by_one])
async def test_what_can_be_scaled_is_known(answering: Any) -> None:
    discovery = Discovery(ScriptedCluster(answering), known_types())
    assert "scale" in (await discovery.one("deployments", ADA)).subresources
    assert "scale" not in (await discovery.one("pods", ADA)).subresources
    assert "log" in (await discovery.one("pods", ADA)).subresources


async def test_a_category_stands_for_its_types() -> None:
    found = await Discovery(ScriptedCluster(aggregated), known_types()).find("all", ADA)
    assert {"pods", "services", "deployments", "statefulsets", "jobs"} <= {resource.plural for resource in found}
    assert "configmaps" not in {resource.plural for resource in found}


async def test_a_group_is_no_single_type() -> None:
    with pytest.raises(NotFoundError):
        await Discovery(ScriptedCluster(aggregated), known_types()).one("all", ADA)


async def test_an_unknown_type_names_the_nearest_and_many_questions_cost_one_discovery() -> None:
    cluster = ScriptedCluster(aggregated)
    discovery = Discovery(cluster, known_types())
    for _ in range(3):
        with pytest.raises(NotFoundError, match="Did you mean deployments") as caught:
            await discovery.find("deploymnets", ADA)
        assert caught.value.code == "unknown_resource"
    assert len(cluster.asked) == 2


async def test_paths_and_names_are_kubectls() -> None:
    discovery = Discovery(ScriptedCluster(aggregated), known_types())
    deployment, node = await discovery.one("deployment", ADA), await discovery.one("node", ADA)
    assert deployment.path("shop", "web", "scale") == "/apis/apps/v1/namespaces/shop/deployments/web/scale"
    assert deployment.path() == "/apis/apps/v1/deployments"
    assert node.path("shop", "node-a") == "/api/v1/nodes/node-a"
    assert deployment.object_name("web") == "deployment.apps/web"
    assert node.object_name("node-a") == "node/node-a"
