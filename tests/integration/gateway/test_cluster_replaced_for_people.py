"""A cluster that is replaced by another of its name while a gateway runs, as the people who use it meet that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.demo import certificates
from app.demo.access.identity import AUTHENTICATED, Tokens, User
from app.demo.kubeconfig import kubeconfig
from app.domain.clusters import sameness
from app.telemetry import catalogue
from tests.support.demo_api import DemoApi
from tests.support.gateway_replica import PASSWORD, House, Replica, gateway_house
from tests.support.postgres_server import PostgresServer
from tests.support.redis_nodes import RedisNodes
from tests.support.tls_server import serving
from tests.support.waiting import until

pytestmark = pytest.mark.full
TOKEN = "token-of-the-gateway-in-tests"
MAPS = "kubectl get configmaps -n shop"


@dataclass
class Clusters:
    """Two demo clusters behind one address; which of them answers as prod-eu may change."""

    answering: dict[str, DemoApi] = field(default_factory=lambda: {n: DemoApi(name=n) for n in ("prod-eu", "prod-us")})
    asked: list[str] = field(default_factory=list)

    def put(self, name: str, api: DemoApi) -> None:
        self.answering[name] = api

    @property
    def lists(self) -> list[str]:
        """The clusters whose ConfigMaps were listed."""
        wanted = "/api/v1/namespaces/shop/configmaps"
        return [name for name, _, path in (each.partition(" ") for each in self.asked) if path == wanted]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        _, _, name, rest = scope["path"].split("/", 3)
        api = self.answering[name]
        gateway = User("kubechat-gateway", ("kubechat:gateway", AUTHENTICATED))
        api.server._tokens = Tokens({TOKEN: gateway})
        self.asked.append(f"{name} /{rest}")
        path = f"/clusters/{api.name}/{rest}"
        await api.server({**scope, "path": path, "raw_path": path.encode()}, receive, send)


@pytest.fixture(scope="module")
def nodes() -> Iterator[RedisNodes]:
    made = RedisNodes()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sameness, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(sameness, "FRESH_FOR_S", 0.0)


@dataclass
class Person:
    """An administrator who asks over REST."""

    replica: Replica
    headers: dict[str, str]

    async def run(self, line: str, cluster: str = "prod-eu") -> list[dict[str, Any]]:
        body = {"line": line, "cluster": cluster}
        reply = await self.replica.http.post("/api/v1/commands", json=body, headers=self.headers)
        assert reply.status_code == 200, reply.text
        return list(reply.json()["events"])

    async def names(self, cluster: str = "prod-eu") -> list[str]:
        (table,) = await self.run(MAPS, cluster)
        return [row[0] for row in table["rows"]]

    async def states(self) -> dict[str, tuple[str, str]]:
        reply = await self.replica.http.get("/api/v1/clusters", headers=self.headers)
        return {each["name"]: (each["state"], each["reason"]) for each in reply.json()["clusters"]}


@asynccontextmanager
async def people(house: House, port: int, authority: str, folder: Path, us_port: int = 0) -> AsyncIterator[Person]:
    text = kubeconfig(
        host="127.0.0.1",
        port=port,
        token=TOKEN,
        authority_pem=authority,
        clusters=["prod-eu", "prod-us"],
    )
    content = yaml.safe_load(text)
    if us_port:
        content["clusters"][1]["cluster"]["server"] = f"https://127.0.0.1:{us_port}/clusters/prod-us"
    path = folder / "two-clusters"
    path.write_text(yaml.safe_dump(content))
    async with replace(house, settings=partial(house.settings, kubeconfig=path)).replica() as replica:
        reply = await replica.http.post("/api/v1/tokens", json={"user": "admin", "password": PASSWORD})
        assert reply.status_code == 201, reply.text
        yield Person(replica, {"authorization": f"Bearer {reply.json()['token']}"})


@pytest.fixture
async def house(postgres: PostgresServer, nodes: RedisNodes, tmp_path: Path) -> AsyncIterator[House]:
    async with gateway_house(postgres, nodes, tmp_path) as made:
        yield made


async def test_what_was_known_of_the_old_one_is_dropped_a_waiting_change_is_refused_and_other_clusters_are_as_before(
    house: House, tmp_path: Path
) -> None:
    clusters, made = Clusters(), certificates.ensure(tmp_path / "tls")
    async with serving(clusters, made) as port, people(house, port, made.authority.read_text(), tmp_path) as ann:
        before = await ann.names()
        assert "only-in-the-new-one" not in before
        for cluster in ("prod-eu", "prod-us"):  # kept from now on
            await ann.names(cluster)
        shown = await ann.run("kubectl create configmap meant-for-the-old-one --from-literal=a=b -n shop")
        preview = next(event for event in shown if event["type"] == "preview")

        async def kept() -> bool:
            """Whether both answer from memory, also after the watch that this begins has begun."""
            clusters.asked.clear()
            await ann.names("prod-us")
            return await ann.names() == before and not clusters.lists

        await until("both answers to be kept", kept)
        new = DemoApi(name="staging")
        await new.ask("POST", "/api/v1/namespaces/shop/configmaps", {"metadata": {"name": "only-in-the-new-one"}})
        clusters.put("prod-eu", new)
        await ann.names()  # beside it, the cluster is looked at

        async def noticed() -> bool:
            return ann.replica.process.runtime.instruments.value(catalogue.CLUSTER_REPLACEMENTS, cluster="prod-eu") == 1

        await until("the replacement to be noticed", noticed)
        clusters.asked.clear()
        assert "only-in-the-new-one" in await ann.names()
        await ann.names("prod-us")
        assert clusters.lists == ["prod-eu"], "what is known of the other cluster is kept"

        reply = await ann.replica.http.post(
            f"/api/v1/plans/{preview['plan']}/confirm",
            json={"digest": preview["digest"], "typed": preview["typed_name"]},
            headers=ann.headers,
        )
        said = reply.text
        assert "The cluster prod-eu is another one than when this was previewed" in said
        assert "meant-for-the-old-one" not in await ann.names()
        assert (await ann.states()).keys() == {"prod-eu", "prod-us"}


async def test_one_whose_authority_is_another_is_not_spoken_to_and_hides_no_other(house: House, tmp_path: Path) -> None:
    clusters = Clusters()
    made, other = certificates.ensure(tmp_path / "tls"), certificates.ensure(tmp_path / "other")
    async with serving(clusters, made) as us_port, AsyncExitStack() as stack:
        old = await stack.enter_async_context(AsyncExitStack())
        port = await old.enter_async_context(serving(clusters, made))
        ann = await stack.enter_async_context(people(house, port, made.authority.read_text(), tmp_path, us_port))
        assert set((await ann.states()).values()) == {("ready", "")}
        await old.aclose()
        await stack.enter_async_context(serving(clusters, other, port))
        assert await ann.states() == {
            "prod-eu": ("cluster_certificate", "its certificate is not trusted"),
            "prod-us": ("ready", ""),
        }
        clusters.asked.clear()
        (table, missing) = await ann.run(f"{MAPS} --all-clusters")
        assert {row[0] for row in table["rows"]} == {"prod-us"}
        assert missing["notes"] == "1 of 2 clusters answered; prod-eu: its certificate is not trusted\n"
        assert not any(asked.startswith("prod-eu") for asked in clusters.asked), "nothing was sent to it"
