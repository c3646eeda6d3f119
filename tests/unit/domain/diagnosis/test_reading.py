"""What a diagnosis reads: bounded, only metadata where values are secret, and every gap named in place of an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from app.domain.clusters.discovery import Catalogue, ResourceType
from app.domain.commands.access import METADATA_ONLY, Access
from app.domain.commands.model.diagnosing import Diagnose
from app.domain.commands.parser import parse
from app.domain.diagnosis import reading
from app.domain.diagnosis.diagnose import diagnosed
from app.domain.diagnosis.reading import read
from app.errors import ForbiddenError, KubeChatError, NotFoundError, UnavailableError
from app.infra.kubernetes.client import AnswerTooLargeError
from app.infra.kubernetes.errors import KubernetesForbiddenError, KubernetesNotFoundError, KubernetesStatusError
from app.infra.kubernetes.impersonation import Impersonation
from tests.support.diagnosed import crashed, deployment, pod, unplaced, unpulled

SOMEBODY = Impersonation("kubechat:vera", ())


class Answered:
    def __init__(self, found: Any) -> None:
        self.body = found if isinstance(found, bytes) else b""
        self._found = found

    def json(self) -> Any:
        return self._found


class Client:
    """An API server that answers each path as it is told, and everything else with an empty list."""

    name = "prod-eu"

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.paths: list[str] = []

    async def request(self, _: str, path: str, *, query: Any = (), accept: str = "", **more: Any) -> Answered:
        assert more["identity"] is SOMEBODY
        plural = path.rsplit("/", 1)[-1]
        self.paths.append(path)
        self.asked.append((plural, dict(query), accept))
        found = self.answers.get(plural, {"items": []})
        if isinstance(found, Exception):
            raise found
        return Answered(found(dict(query)) if callable(found) else found)


class Offered:
    """The types of a cluster: those of these groups beside its own."""

    def __init__(self, *types: ResourceType) -> None:
        self._types = types

    async def catalogue(self, _: Impersonation) -> Catalogue:
        return Catalogue(self._types)


async def snapshot_of(client: Client, namespace: str = "shop") -> reading.Snapshot:
    return await read(Access(cast("Any", client), cast("Any", Offered()), SOMEBODY), namespace)


def refused(kind: type[KubernetesStatusError], status: int) -> KubernetesStatusError:
    return kind("no", http_status=status)


@pytest.mark.parametrize(
    ("error", "gap"),
    [
        (refused(KubernetesForbiddenError, 403), "you may not list them"),
        (ForbiddenError("Not by the policy."), "you may not list them"),
        (AnswerTooLargeError("Too large."), "they are too large to be looked at"),
        (refused(KubernetesStatusError, 500), "the cluster did not give them"),
        (UnavailableError("Away."), "the cluster did not give them"),
    ],
)
async def test_what_is_not_given_is_a_gap(error: KubeChatError, gap: str) -> None:
    taken = await snapshot_of(Client({"services": error}))
    assert taken.gaps == {"services": gap}
    assert not taken.knows("services")
    assert taken.knows("pods")


async def test_a_kind_that_the_cluster_does_not_have_is_no_gap() -> None:
    taken = await snapshot_of(Client({"ingresses": refused(KubernetesNotFoundError, 404)}))
    assert taken.gaps == {}
    assert not taken.knows("ingresses")


async def test_a_cluster_that_gives_nothing_is_told_as_such() -> None:
    away = dict.fromkeys(reading.KINDS, UnavailableError("Away."))
    with pytest.raises(UnavailableError):
        await snapshot_of(Client(away))
    closed = dict.fromkeys(reading.KINDS, refused(KubernetesForbiddenError, 403))
    with pytest.raises(ForbiddenError, match="you may list nothing in shop"):
        await snapshot_of(Client(closed))


async def test_values_of_secrets_are_neither_asked_for_nor_kept() -> None:
    secret = {"metadata": {"name": "keys", "namespace": "shop"}, "data": {"token": "Q2FuYXJ5"}}
    client = Client({"secrets": {"items": [secret]}, "configmaps": {"items": [secret]}})
    taken = await snapshot_of(client)
    accepted = {plural: accept for plural, _, accept in client.asked}
    assert {accepted[plural] for plural in ("secrets", "configmaps", "serviceaccounts")} == {METADATA_ONLY}
    assert taken.find("secrets", "shop", "keys") == {"metadata": secret["metadata"], "kind": "Secret"}
    assert "Q2FuYXJ5" not in str(taken)


def pages(number: int) -> Callable[[dict[str, str]], dict[str, Any]]:
    def page(query: dict[str, str]) -> dict[str, Any]:
        start = int(query.get("continue", "0"))
        size = int(query["limit"])
        items = [pod(f"web-{start + index}") for index in range(min(size, number - start))]
        rest = str(start + size) if start + size < number else ""
        return {"items": items, "metadata": {"continue": rest}}

    return page


async def test_a_long_list_is_read_in_pages_and_ends_at_its_bound() -> None:
    whole = await snapshot_of(Client({"pods": pages(1200)}))
    assert len(whole.of("pods")) == 1200
    assert whole.knows("pods")
    cut = await snapshot_of(Client({"pods": pages(5000)}))
    assert len(cut.of("pods")) == reading.MOST_OBJECTS
    assert cut.gaps == {"pods": "only the first 2000 were looked at"}


async def test_the_last_words_of_few_containers_are_read_redacted_one_for_each_owner() -> None:
    owner = {"kind": "ReplicaSet", "metadata": {"name": "web"}}
    alike = [pod(f"web-{index}", owner, status=crashed()) for index in range(9)]
    others = [pod(f"alone-{index}", status=crashed()) for index in range(9)]
    client = Client({"pods": {"items": [*alike, *others]}, "log": b"password=Canary123\nERROR no\n"})
    taken = await snapshot_of(client)
    asked = [query for plural, query, _ in client.asked if plural == "log"]
    assert len(asked) == len(taken.logs) == reading.MOST_LOGS
    assert all(query["previous"] == "true" and "limitBytes" in query and "tailLines" in query for query in asked)
    assert "Canary123" not in str(taken.logs)
    assert taken.logs["shop", "web-0", "main"].endswith("ERROR no\n")
    closed = await snapshot_of(Client({**client.answers, "log": refused(KubernetesForbiddenError, 403)}))
    assert closed.gaps == {"logs": "you may not read some of them"}


async def test_pods_of_all_namespaces_are_read_only_where_one_is_not_placed() -> None:
    well, hanging = Client({"pods": {"items": [pod()]}}), Client({"pods": {"items": [unplaced()]}})
    assert "placed" not in (await snapshot_of(well)).kinds
    assert (await snapshot_of(hanging)).knows("placed")
    assert [plural for plural, _, _ in hanging.asked].count("pods") == 2


async def test_a_command_that_the_parser_does_not_read_is_not_offered() -> None:
    hostile = "nginx:1.25$(reboot)"
    broken = pod("web-1", deployment(), status=unpulled("manifest for nginx:1.27 not found"))
    sibling = pod("b-1", ready=True, container={"image": hostile}, labels={"app": "b"})
    client = Client({"pods": {"items": [broken, sibling]}})
    line = "diagnose -n shop --context prod-eu"
    command = cast("Diagnose", parse(line, cluster="prod-us", namespace="shop", clusters=("prod-us", "prod-eu")))
    access = Access(cast("Any", client), cast("Any", Offered()), SOMEBODY)
    (cause,) = (await diagnosed(access, command)).causes
    assert cause.code == "image_tag"
    assert cause.fixes == ()
    sibling["spec"]["containers"][0]["image"] = "nginx:1.25"
    (cause,) = (await diagnosed(access, command)).causes
    assert cause.fixes == ("kubectl set image deployment/web main=nginx:1.25 -n shop --context prod-eu",)
    assert all(each.endswith(" --context prod-eu") for each in cause.look)


async def test_a_namespace_that_is_not_there_is_said_to_be_missing() -> None:
    client = Client(
        {"shop": refused(KubernetesNotFoundError, 404), "namespaces": {"items": [{"metadata": {"name": "shops"}}]}}
    )
    command = cast("Diagnose", parse("diagnose", cluster="prod-eu", namespace="shop", clusters=("prod-eu",)))
    with pytest.raises(NotFoundError, match="Did you mean shops"):
        await diagnosed(Access(cast("Any", client), cast("Any", Offered()), SOMEBODY), command)


async def test_kinds_of_extensions_are_read_where_the_cluster_has_them_in_the_version_that_it_serves() -> None:
    taken = await snapshot_of(Client({}))
    assert "httproutes" not in taken.kinds
    served = ResourceType(
        "gateway.networking.k8s.io", "v1beta1", "httproutes", "httproute", "HTTPRoute", namespaced=True
    )
    client = Client({"httproutes": {"items": [{"metadata": {"name": "front", "namespace": "shop"}}]}})
    taken = await read(Access(cast("Any", client), cast("Any", Offered(served)), SOMEBODY), "shop")
    assert [each["metadata"]["name"] for each in taken.of("httproutes")] == ["front"]
    assert "/apis/gateway.networking.k8s.io/v1beta1/namespaces/shop/httproutes" in client.paths
    assert "gateways" not in taken.kinds
