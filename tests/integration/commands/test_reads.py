"""Reads on the demo clusters: kubectl's tables and texts, help where a name is wrong, and no secret in any of them."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from app.domain.clusters.vocabulary import vocabulary
from app.domain.commands.engine import Engine
from app.domain.commands.results import OutputResult, TableResult
from app.errors import InternalError, KubeChatError
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.errors import KubernetesForbiddenError
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.support.demo import DemoProcess


async def table(engine: Engine, line: str, who: Impersonation) -> TableResult:
    (result,) = await engine.read(command(line), who)
    assert isinstance(result, TableResult)
    return result


async def text(engine: Engine, line: str, who: Impersonation) -> OutputResult:
    (result,) = await engine.read(command(line), who)
    assert isinstance(result, OutputResult)
    return result


def column(found: TableResult, name: str) -> list[str]:
    index = [c.name for c in found.columns].index(name)
    return [row[index] for row in found.rows]


async def test_get_pods_is_the_servers_table(engine: Engine, admin: Impersonation) -> None:
    found = await table(engine, "get pods", admin)
    assert [c.name for c in found.columns if c.priority == 0] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert {"orders-db-0", "payments-api-849c6f7d5b-qz4kn"} <= set(column(found, "NAME"))
    assert (found.command, found.cluster, found.namespace) == ("kubectl get pods -n shop", "prod-eu", "shop")
    assert found.total == found.shown == len(found.rows)
    assert found.to_event()["type"] == "table"


async def test_wide_shows_every_column_and_all_namespaces_come_first(engine: Engine, admin: Impersonation) -> None:
    found = await table(engine, "get pods -A -o wide", admin)
    assert found.columns[0].name == "NAMESPACE"
    assert {c.priority for c in found.columns} == {0}
    assert "node-b" in column(found, "NODE")
    assert {"shop", "kube-system"} <= set(column(found, "NAMESPACE"))


async def test_selectors_and_sorting_are_the_servers_and_kubectls(engine: Engine, admin: Impersonation) -> None:
    labelled = await table(engine, "get pods -l app=orders-db --show-labels", admin)
    assert column(labelled, "NAME") == ["orders-db-0"]
    assert "app=orders-db" in column(labelled, "LABELS")[0]
    there = await table(engine, "get pods --field-selector spec.nodeName=node-b -o wide", admin)
    assert set(column(there, "NODE")) == {"node-b"}
    ordered = await table(engine, "get pods --sort-by=.status.containerStatuses[0].restartCount", admin)
    assert column(ordered, "NAME")[-1].startswith("payments-api-")


async def test_several_types_become_several_tables_with_typed_names(engine: Engine, admin: Impersonation) -> None:
    results = await engine.read(command("get svc,cm"), admin)
    names = {row[0] for result in results if isinstance(result, TableResult) for row in result.rows}
    assert {"service/web", "configmap/web-config"} <= names


async def test_names_and_objects_are_written_as_kubectl_writes_them(engine: Engine, admin: Impersonation) -> None:
    assert (await text(engine, "get deployment web -o name", admin)).text == "deployment.apps/web\n"
    written = await text(engine, "get configmap web-config -o yaml", admin)
    assert written.language == "yaml"
    assert "kind: ConfigMap\n" in written.text
    assert "managedFields" not in written.text
    listed = await text(engine, "get configmaps -o json", admin)
    assert '"kind": "List"' in listed.text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("get pods -n qa", "No resources found in qa namespace."),
        ("get pods -A -l nobody=has-this", "No resources found"),
        ("events -n qa", "No events found in qa namespace."),
    ],
)
async def test_nothing_is_said_in_kubectls_words(engine: Engine, admin: Impersonation, line: str, said: str) -> None:
    found = await text(engine, line, admin)
    assert (found.text, found.notes, found.status) == ("", f"{said}\n", 0)


async def test_an_empty_answer_of_a_namespace_that_does_not_exist_says_so_below(
    engine: Engine, admin: Impersonation
) -> None:
    found = await text(engine, "get pods -n shp", admin)
    assert found.notes.splitlines() == [
        "No resources found in shp namespace.",
        'Hint: There is no namespace "shp" on cluster prod-eu. Did you mean shop?',
    ]


@pytest.mark.parametrize(
    ("line", "code", "hint"),
    [
        ("get podz", "unknown_resource", "pods"),
        ("get deployment wab", "not_found", "Did you mean web?"),
        ("describe deployment chekout", "not_found", "checkout"),
        ("logs orders-db-1", "not_found", "orders-db-0"),
        ("logs deployment/web -c wbe", "unknown_container", "web"),
        ("logs service/kubernetes -n default", "no_pods", "selects no pods"),
        ("rollout status pod/orders-db-0", "no_rollout", "Deployments"),
        ("rollout history deployment/web --revision=99", "unknown_revision", "unable to find"),
        ("get pods --field-selector status.nonsense=1", "invalid_input", "nonsense"),
        ("top pods nobody", "not_found", "nobody"),
    ],
)
async def test_what_does_not_exist_is_said_with_what_does(
    engine: Engine, admin: Impersonation, line: str, code: str, hint: str
) -> None:
    with pytest.raises(KubeChatError) as caught:
        await engine.read(command(line), admin)
    assert caught.value.code == code, caught.value.message
    assert hint in caught.value.message


async def test_a_workloads_log_is_that_of_its_first_pod_and_is_bounded(engine: Engine, admin: Impersonation) -> None:
    found = await text(engine, "logs deployment/web --tail=3", admin)
    assert found.language == "log"
    assert found.notes.startswith("Found 3 pods, using pod/web-")
    assert len(found.text.splitlines()) == 3
    init = await text(engine, "logs orders-db-0 --tail=1", admin)
    assert init.notes == 'Defaulted container "orders-db" out of: orders-db, init-schema (init)\n'
    every = await text(engine, "logs deployment/cart --all-pods --tail=1", admin)
    assert len({line.split()[0] for line in every.text.splitlines()}) == 2
    assert "database password is missing" in (await text(engine, "logs deployment/payments-api --previous", admin)).text


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("describe pod orders-db-0", ["Controlled By:  StatefulSet/orders-db", "Init Containers:", "init-schema:", "data-orders-db-0"]),
        ("describe pod -l app=payments-api", ["CrashLoopBackOff", "Exit Code:    1", "BackOff", "Restart Count:"]),
        ("describe deployment web", ["desired |", "nginx:", "Available", "Pod Template:"]),
        ("describe service web", ["Endpoints:", ":80", "TargetPort:"]),
        ("describe node node-b", ["Allocatable:", "orders-db-0", "KubeletReady"]),
        ("describe cronjob nightly-report", ["30 3 * * *"]),
        ("describe hpa web", ["Max replicas:", "as a percentage of request"]),
    ],
)  # fmt: skip
async def test_describe_shows_what_a_person_looks_for(
    engine: Engine, admin: Impersonation, line: str, parts: list[str]
) -> None:
    found = (await text(engine, line, admin)).text
    for part in parts:
        assert part in found
    assert "Events:" in found


async def test_events_and_top_and_rollouts(engine: Engine, admin: Impersonation) -> None:
    warnings = await table(engine, "events --types=Warning", admin)
    assert set(column(warnings, "TYPE")) == {"Warning"}
    about = await table(engine, "events --for pod/batch-heavy-6c5d8f9b7-lk3vp", admin)
    assert "FailedScheduling" in column(about, "REASON")
    used = await table(engine, "top pods --sort-by=memory", admin)
    sizes = [int(cell.removesuffix("Mi")) for cell in column(used, "MEMORY(bytes)")]
    assert sizes == sorted(sizes, reverse=True)
    assert column(await table(engine, "top nodes", admin), "NAME") == ["node-a", "node-b", "node-c"]
    assert "successfully rolled out" in (await text(engine, "rollout status deployment/cart", admin)).text
    assert "1" in column(await table(engine, "rollout history deployment/web", admin), "REVISION")


async def test_the_cluster_knows_the_person_by_name(
    engine: Engine, admin: Impersonation, viewer: Impersonation
) -> None:
    found = await table(engine, "auth whoami", viewer)
    assert found.rows[0] == ["Username", "kubechat:vera"]
    assert "kubechat:viewers" in found.rows[1][1]
    assert (await text(engine, "auth can-i delete pods", viewer)).text == "no\n"
    assert (await text(engine, "auth can-i delete pods", admin)).text == "yes\n"


async def test_what_a_service_account_may_do_is_told_to_who_may_ask(
    engine: Engine, admin: Impersonation, viewer: Impersonation, demo: DemoProcess
) -> None:
    question = "auth can-i {} --as=system:serviceaccount:shop:checkout-sa"
    assert (await text(engine, question.format("list pods"), admin)).text == "no\n"
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "accounts-of-shop", "namespace": "shop"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        # Everything that runs in the namespace: a group that the account's name implies.
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:serviceaccounts:shop"}],
    }
    bindings = "/clusters/prod-eu/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings"
    demo.ask("POST", bindings, binding)
    try:
        assert (await text(engine, question.format("list pods"), admin)).text == "yes\n"
        assert (await text(engine, question.format("list pods -n qa"), admin)).text == "no\n"
        assert (await text(engine, question.format("delete pods"), admin)).text == "no\n"
    finally:
        demo.ask("DELETE", f"{bindings}/accounts-of-shop")
    with pytest.raises(KubernetesForbiddenError, match="subjectaccessreviews"):
        await text(engine, question.format("list pods"), viewer)


async def test_no_secret_leaves_by_any_way(engine: Engine, admin: Impersonation, demo: DemoProcess) -> None:
    stored = demo.ask("GET", "/clusters/prod-eu/api/v1/namespaces/shop/secrets/payments-api-secrets")
    values = [value for encoded in stored["data"].values() for value in (encoded, base64.b64decode(encoded).decode())]
    assert values
    for line in (
        "get secret payments-api-secrets -o yaml",
        "get secrets -o json",
        "get secrets -A -o yaml",
        "get secrets -o wide",
        "describe secret payments-api-secrets",
        "get secret,cm -o yaml",
        "get secret payments-api-secrets -o jsonpath={.metadata.name}{.data}",
        "get secrets -o jsonpath={..data}{.items[*].metadata.name}",
        "get secrets -o jsonpath-as-json={.items[*]}",
        "get secrets -o custom-columns=NAME:.metadata.name,DATA:.data",
        "get secrets -o jsonpath='{range .items[*]}{.metadata.name}{@}{end}'",
        "describe secret",
        "get secrets --sort-by=.data.webhook-secret -o wide",
    ):
        said = str([result.to_event() for result in await engine.read(command(line), admin)])
        assert "payments-api-secrets" in said
        for value in values:
            assert value not in said, line


async def test_a_filter_tells_nothing_of_what_a_secret_holds(
    engine: Engine, admin: Impersonation, demo: DemoProcess
) -> None:
    stored = demo.ask("GET", "/clusters/prod-eu/api/v1/namespaces/shop/secrets/payments-api-secrets")
    encoded = stored["data"]["webhook-secret"]
    for sign in ("==", "<", ">"):
        line = f"get secrets -o jsonpath='{{.items[?(@.data.webhook-secret{sign}\"{encoded}\")].metadata.name}}'"
        guessed = (await text(engine, line, admin)).text
        line = f"get secrets -o jsonpath='{{.items[?(@.data.webhook-secret{sign}\"{encoded[:-2]}zz\")].metadata.name}}'"
        assert (await text(engine, line, admin)).text == guessed


async def test_a_viewer_is_refused_in_the_clusters_words(engine: Engine, viewer: Impersonation) -> None:
    assert (await table(engine, "get pods", viewer)).rows
    with pytest.raises(KubernetesForbiddenError, match=r"kubechat:vera.*secrets"):
        await engine.read(command("get secrets"), viewer)


async def test_a_change_is_never_run_as_a_read(engine: Engine, admin: Impersonation, demo: DemoProcess) -> None:
    before = len(demo.ledger())
    with pytest.raises(InternalError):
        await engine.read(command("delete pod orders-db-0"), admin)
    assert len(demo.ledger()) == before


async def test_every_cluster_is_described_and_one_that_hangs_holds_none_up(
    engine: Engine, viewer: Impersonation, demo: DemoProcess
) -> None:
    found = await engine.describe_clusters(lambda _: viewer)
    assert [cluster["name"] for cluster in found] == ["prod-eu", "prod-us", "staging"]
    assert {cluster["state"] for cluster in found} == {"ready"}
    assert found[0]["version"].startswith("v1.")
    assert "shop" in found[0]["namespaces"]
    demo.fault("refuse", "staging")
    try:
        states = {cluster["name"]: cluster["state"] for cluster in await engine.describe_clusters(lambda _: viewer)}
    finally:
        demo.fault("none", "staging")
    assert states == {"prod-eu": "ready", "prod-us": "ready", "staging": "cluster_unavailable"}


async def test_the_vocabulary_holds_what_this_person_may_list(
    clients: dict[str, ClusterClient], admin: Impersonation, viewer: Impersonation
) -> None:
    everything, less = await asyncio.gather(
        vocabulary(clients["prod-eu"], admin), vocabulary(clients["prod-eu"], viewer)
    )
    assert "shop" in everything["namespaces"]
    assert "web" in everything["objects"]["deployments"]["shop"]
    assert everything["objects"]["nodes"] == {"": ["node-a", "node-b", "node-c"]}
    assert everything["objects"]["secrets"]["shop"] == ["payments-api-secrets"]
    assert "secrets" not in less["objects"]
    assert less["objects"]["pods"]
    assert everything["version"] != less["version"]


async def test_a_stable_cluster_has_a_stable_vocabulary(
    clients: dict[str, ClusterClient], admin: Impersonation
) -> None:
    def steady(found: dict[str, Any]) -> dict[str, Any]:
        return {kind: names for kind, names in found["objects"].items() if kind not in {"pods", "jobs"}}

    first, second = [await vocabulary(clients["prod-us"], admin) for _ in range(2)]
    assert steady(first) == steady(second)
