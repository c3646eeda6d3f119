"""The policy is asked on every way to a cluster: who is not mapped makes no request, whichever way they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.parser import parse
from app.domain.identities import Person, Role
from app.domain.policy.file import read_policy_file
from app.domain.policy.limits import PolicyError
from app.domain.policy.policy import Policy
from app.errors import ForbiddenError, KubeChatError, UnsupportedError
from app.gateway.clients.nlp import LanguagePlan
from app.gateway.service.changes import Changes
from app.gateway.service.hub import Hub
from app.gateway.service.language import Language
from app.gateway.service.reads import Reads
from app.gateway.service.refusals import Refusals
from app.gateway.service.turn import TurnOutput
from app.gateway.service.warming import Warming
from app.gateway.store.chats import ChatSession
from app.gateway.store.plans import Plan
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.known_types import known_types
from tests.support.kube_api import KubeApi, Received, answer, write_kubeconfig
from tests.unit.gateway.test_changes import STEP, FakePlans, FakeTrail

RULES = """
clusters:
  prod-eu:
    impersonate: {users: ["kubechat:*"], groups: ["kubechat:ops", "kubechat:shop", "kubechat:night"]}
    groups: {role:operator: [ops], team-shop: [shop], night: [night]}
    people: {eve: {}}
    namespaces: {payments: {read: [role:admin], change: [role:admin]}, vault: {read_only: true}}
"""
STRANGER = Person(uuid4(), "ann", "Ann", Role.VIEWER)
ADA = Person(uuid4(), "ada", "Ada", Role.OPERATOR, ("team-shop", "night"))


class House:
    """The gateway's parts around one cluster that remembers what it was asked."""

    def __init__(self, api: KubeApi, client: ClusterClient, policy: Policy) -> None:
        self.api, self.policy, self.instruments = api, policy, Instruments()
        self.engine = Engine({"prod-eu": client}, current="prod-eu", known_types=known_types())
        self.plans = FakePlans()
        self.changes = Changes(
            self.plans,
            self.engine,
            FakeTrail(),
            "gateway-1/1",
            self.instruments,
            policy=policy,  # type: ignore[arg-type]
        )
        self.reads = Reads(self.engine, self.instruments, policy)
        hub, nlp = Hub("gateway-1", None, self.instruments), FakeNlp()
        self.language = Language(
            nlp,
            {"prod-eu": client},
            hub,
            self.instruments,
            policy=policy,  # type: ignore[arg-type]
        )

    async def read(self, person: Person, line: str = "kubectl get pods") -> None:
        await self.reads.run(person, command(line), nothing, [])

    async def preview(self, person: Person, line: str = "kubectl delete pod web-1") -> None:
        await self.changes.preview(person, [command(line)], output(), session_id=None, request_id="r")

    async def confirm(self, person: Person) -> None:
        self.plans.plan = Plan(**{**as_dict(self.plans.plan), "user_id": person.user_id})
        await self.changes.confirm(person, self.plans.plan.plan_id, "d", None, output())

    async def say(self, person: Person) -> None:
        now = self.plans.plan.created_at
        chat = ChatSession(uuid4(), "", "prod-eu", "shop", now, now, 0)
        await self.language.plan(person, chat, [], "show pods", nothing)

    async def clusters(self, person: Person) -> list[dict[str, Any]]:
        return await self.engine.describe_clusters(lambda name: self.policy.identity(person, name))


class FakeNlp:
    async def plan(self, *_: Any, **__: Any) -> LanguagePlan:
        return LanguagePlan("answer")


async def offer(received: Received, writer: asyncio.StreamWriter) -> bool:
    """A cluster that has pods and namespaces, and nothing in them."""
    verbs = ["get", "list", "delete"]
    types = [
        {"name": "pods", "singularName": "pod", "kind": "Pod", "namespaced": True, "verbs": verbs},
        {"name": "namespaces", "singularName": "namespace", "kind": "Namespace", "namespaced": False, "verbs": verbs},
    ]
    found = {"/api": {"kind": "APIVersions", "versions": ["v1"]}, "/api/v1": {"resources": types}}
    return await answer(writer, 200, found.get(received.path, {}))


async def nothing(_: Any) -> None:
    return


def as_dict(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in Plan.__slots__}


def command(line: str) -> Any:
    return parse(line, cluster="prod-eu", namespace="shop", clusters=("prod-eu",))


def output() -> TurnOutput:
    return TurnOutput(uuid4(), nothing)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    policy, tracing = Policy(read_policy_file(RULES, "rules")), Tracing("gateway", "test")
    async with KubeApi(offer) as api:
        (config,) = load_clusters(write_kubeconfig(tmp_path / "kubeconfig", api.url)).clusters
        client = ClusterClient(config, Instruments(), tracing, partial(policy.admit, "prod-eu"))
        yield House(api, client, policy)
        await client.close()
    tracing.close()


WAYS: dict[str, Callable[[House], Awaitable[object]]] = {
    "a read": lambda house: house.read(STRANGER),
    "a preview": lambda house: house.preview(Person(uuid4(), "ann", "Ann", Role.ADMIN)),
    "a confirmation": lambda house: house.confirm(Person(uuid4(), "ann", "Ann", Role.ADMIN)),
    "words, whose names are looked up": lambda house: house.say(STRANGER),
    "the list of clusters": lambda house: house.clusters(STRANGER),
    "loading ahead": lambda house: house.language.warm("prod-eu", Impersonation("kubechat:ann", ("kubechat:viewers",))),
    "loading types ahead": lambda house: house.engine.warm("prod-eu", Impersonation("root")),
    "an identity that no policy made": lambda house: house.engine.read(command("kubectl get pods"), Impersonation("root")),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_who_is_not_mapped_makes_no_request(house: House, way: str) -> None:
    try:
        await WAYS[way](house)
    except KubeChatError as error:
        assert error.code in {"not_mapped", "identity_not_allowed"}  # noqa: PT017 - some ways say it, some go without
    assert house.api.received == []


async def test_the_list_of_clusters_says_where_one_is_not_mapped(house: House) -> None:
    (found,) = await house.clusters(STRANGER)
    assert found["state"] == "not_mapped"


async def test_three_groups_arrive_as_three_headers(house: House) -> None:
    await house.clusters(ADA)
    for received in house.api.received:
        assert received.header("Impersonate-User") == ["kubechat:ada"]
        assert received.header("Impersonate-Group") == ["kubechat:ops", "kubechat:shop", "kubechat:night"]
    assert house.api.received


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("kubectl get pods -n payments", "read_not_allowed"),
        ("kubectl get pods -A", "read_not_allowed"),
        ("kubectl logs web-1 -n payments", "read_not_allowed"),
        ("kubectl describe namespace payments", "read_not_allowed"),
    ],
)
async def test_a_closed_namespace_is_not_read_by_any_command(house: House, line: str, code: str) -> None:
    with pytest.raises(PolicyError) as told:
        await house.read(ADA, line)
    assert told.value.code == code
    assert all("/payments" not in each.path and each.path != "/api/v1/pods" for each in house.api.received)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("kubectl delete pod x -n payments", "read_not_allowed"),
        ("kubectl scale deployment/web --replicas=3 -n vault", "read_only"),
    ],
)
async def test_a_change_that_is_not_allowed_asks_the_cluster_nothing(house: House, line: str, code: str) -> None:
    with pytest.raises(PolicyError) as told:
        await house.preview(ADA, line)
    assert told.value.code == code
    assert house.api.received == []


async def test_a_plan_whose_person_may_not_change_there_any_more_is_not_carried_out(house: House) -> None:
    step = {**STEP.to_dict(), "namespace": "vault"}
    house.plans.plan = Plan(**{**as_dict(house.plans.plan), "steps": [step]})
    with pytest.raises(PolicyError, match="read-only"):
        await house.confirm(ADA)
    assert house.api.received == []
    assert house.plans.state == "previewed"


async def test_a_change_is_refused_on_the_wire_whatever_asked_for_it(house: House) -> None:
    identity = house.policy.identity(ADA, "prod-eu")
    with pytest.raises(PolicyError, match="read-only"):
        await house.engine._access("prod-eu", identity).client.request(
            "DELETE", "/api/v1/namespaces/vault/pods/x", identity=identity
        )
    assert house.api.received == []


async def test_a_refusal_is_counted_by_its_reason_and_written_down() -> None:
    written: list[dict[str, Any]] = []

    class Trail(FakeTrail):
        async def record(self, events: Any) -> bool:
            written.extend(events)
            return True

    instruments = Instruments()
    refusals = Refusals(Trail(), instruments)  # type: ignore[arg-type]
    await refusals.record(ADA, PolicyError("no", code="read_only"), "kubectl delete pod x", cluster="prod-eu")
    await refusals.record(ADA, UnsupportedError("no"), "kubectl edit pod x")
    await refusals.record(ADA, ForbiddenError("no"), "kubectl create secret generic x --from-literal=k=canary-7f3")
    await refusals.record(ADA, KubeChatError("a fault"), "kubectl get pods")
    assert instruments.value(catalogue.POLICY_REFUSALS, reason="read_only") == 1
    assert [(event["kind"], event["detail"]["code"]) for event in written] == [
        ("refusal", "read_only"),
        ("refusal", "unsupported"),
        ("refusal", "forbidden"),
    ]
    assert "canary-7f3" not in str(written)


async def test_what_was_asked_for_under_other_rules_is_not_loaded(house: House) -> None:
    asked: list[str] = []

    class Redis:
        async def get(self, key: str) -> bytes | None:
            asked.append(key)
            return None

    warming = Warming(house.language, Redis(), Instruments(), rules="abc")  # type: ignore[arg-type]
    await warming.predict()
    assert asked == ["kubechat:asked-for:abc"]
