"""What is in the clusters: names that documentation, tests and evaluations speak of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.demo.clock import SteppedClock
from app.demo.objects import name_of
from app.demo.world import make_world
from tests.support.demo_api import NOON, DemoApi

VOCABULARY = Path(__file__).parents[2] / "language" / "vocabulary.json"
KEYS = {
    "deployments": "deployments.apps",
    "statefulsets": "statefulsets.apps",
    "daemonsets": "daemonsets.apps",
    "horizontalpodautoscalers": "horizontalpodautoscalers.autoscaling",
    "cronjobs": "cronjobs.batch",
    "jobs": "jobs.batch",
    "ingresses": "ingresses.networking.k8s.io",
}


def test_every_object_of_the_fixed_vocabulary_is_there_and_no_other(api: DemoApi) -> None:
    expected = json.loads(VOCABULARY.read_text())
    assert [name_of(entry) for entry in api.cluster.store.all("namespaces")] == expected["namespaces"]
    for plural, places in expected["objects"].items():
        key = KEYS.get(plural, plural)
        for namespace, names in places.items():
            found = [name_of(entry) for entry in api.cluster.store.all(key, namespace)]
            assert sorted(found) == sorted(names), (plural, namespace)


def test_all_three_clusters_hold_the_same_names() -> None:
    clusters = make_world(SteppedClock(NOON))
    names = [[name_of(pod) for pod in cluster.store.all("pods")] for cluster in clusters.values()]
    assert list(clusters) == ["prod-eu", "prod-us", "staging"]
    assert names[0] == names[1] == names[2]


def test_uids_are_the_same_at_every_start_and_differ_between_clusters() -> None:
    first, second = make_world(SteppedClock(NOON)), make_world(SteppedClock(NOON))
    uids = {name: [pod["metadata"]["uid"] for pod in cluster.store.all("pods")] for name, cluster in first.items()}
    assert uids == {
        name: [pod["metadata"]["uid"] for pod in cluster.store.all("pods")] for name, cluster in second.items()
    }
    assert not set(uids["prod-eu"]) & set(uids["staging"])


def test_nothing_moves_in_the_first_minutes_but_what_is_broken(api: DemoApi) -> None:
    before = {name_of(pod): pod["metadata"]["uid"] for pod in api.cluster.store.all("pods")}
    healthy = {name for name in before if not name.startswith(("payments-api", "cart-canary", "batch-heavy"))}
    statuses = {name_of(pod): pod["status"] for pod in api.cluster.store.all("pods") if name_of(pod) in healthy}
    api.step(200)
    after = {name_of(pod): pod for pod in api.cluster.store.all("pods")}
    assert {name: pod["metadata"]["uid"] for name, pod in after.items()} == before
    assert {name: after[name]["status"] for name in healthy} == statuses
    for deployment in api.cluster.store.all("deployments.apps"):
        assert deployment["metadata"]["generation"] == 1


def test_a_pod_says_where_it_runs_and_the_claim_is_bound(api: DemoApi) -> None:
    pod = api.cluster.get("pods", "shop", "orders-db-0")
    assert pod is not None
    assert pod["spec"]["nodeName"] == "node-b"
    assert [entry["name"] for entry in pod["spec"]["initContainers"]] == ["init-schema"]
    claim = api.cluster.get("persistentvolumeclaims", "shop", "data-orders-db-0")
    assert claim is not None
    assert claim["status"]["phase"] == "Bound"
    assert api.cluster.get("persistentvolumes", "", claim["spec"]["volumeName"]) is not None


def test_three_things_are_wrong_in_the_shop(api: DemoApi) -> None:
    assert api.states("payments-api") == ["CrashLoopBackOff"]
    assert api.states("cart-canary") == ["ImagePullBackOff"]
    assert api.states("batch-heavy") == ["Pending"]


@pytest.mark.full
def test_the_nightly_report_runs_at_night_and_leaves_no_pods(api: DemoApi) -> None:
    api.step(15.5 * 3600 + 3)  # noon to half past three
    assert len(api.pods("nightly-report")) == 1
    api.step(60)
    assert api.pods("nightly-report") == []
    cron_job = api.cluster.get("cronjobs.batch", "shop", "nightly-report")
    assert cron_job is not None
    assert cron_job["status"]["lastSuccessfulTime"].startswith("2026-11-24T03:30")
