"""KubeChat in a cluster: by its service account's token and CA as they are mounted, and by the token that follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.demo import certificates
from app.demo.access.identity import AUTHENTICATED, Tokens, User
from app.domain.commands.engine import Engine
from app.domain.commands.parser import parse
from app.domain.commands.results import TableResult
from app.errors import UnavailableError
from app.infra.kubernetes import credentials, kubeconfig
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.errors import KubernetesCredentialsError
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import IN_CLUSTER, load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.demo_api import DemoApi
from tests.support.known_types import known_types
from tests.support.tls_server import serving

ANN = Impersonation("kubechat:ann", ("kubechat:admins",))
OLD, NEW = "token-of-the-first-hour", "token-of-the-second-hour"


@dataclass
class Home:
    """A demo cluster at the address where an API server has it, and the folder that is mounted into a pod."""

    folder: Path
    made: certificates.Certificates
    api: DemoApi = field(default_factory=DemoApi)
    shown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mounted = self.folder / "serviceaccount"
        self.mounted.mkdir()
        (self.mounted / "ca.crt").write_bytes(self.made.authority.read_bytes())
        (self.mounted / "namespace").write_text("shop\n")
        self.mount(OLD)
        self.accept(OLD)

    def mount(self, token: str) -> None:
        """As a kubelet does it: the file is another one from then on."""
        (self.mounted / "next").write_text(f"{token}\n")
        (self.mounted / "next").rename(self.mounted / "token")

    def accept(self, *tokens: str) -> None:
        user = User("system:serviceaccount:kubechat:kubechat", ("kubechat:gateway", AUTHENTICATED))
        self.api.server._tokens = Tokens(dict.fromkeys(tokens, user))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.shown += [value.decode() for name, value in scope["headers"] if name == b"authorization"]
        path = f"/clusters/{self.api.name}{scope['path']}"
        await self.api.server({**scope, "path": path, "raw_path": path.encode()}, receive, send)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.ensure(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def home(
    tmp_path: Path, made_once: certificates.Certificates, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Home]:
    made = Home(tmp_path, made_once)
    async with serving(made, made.made) as port:
        monkeypatch.setattr(kubeconfig, "SERVICE_ACCOUNT", made.mounted)
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(port))
        yield made


@pytest.fixture
async def engine(home: Home) -> AsyncIterator[Engine]:
    (config,) = load_clusters(Path(IN_CLUSTER)).clusters
    tracing = Tracing("gateway", "gateway-1")
    client = ClusterClient(config, Instruments(), tracing)
    yield Engine({config.name: client}, current=config.name, known_types=known_types())
    await client.close()
    tracing.close()


async def names(engine: Engine) -> list[str]:
    line = parse("get deployments", cluster=IN_CLUSTER, namespace="shop", clusters=[IN_CLUSTER])
    (found,) = await engine.read(line, ANN)
    assert isinstance(found, TableResult)
    return [row[0] for row in found.rows]


async def test_the_mounted_token_and_authority_lead_into_the_cluster_in_a_persons_name(
    home: Home, engine: Engine
) -> None:
    assert "web" in await names(engine)
    assert set(home.shown) == {f"Bearer {OLD}"}
    assert engine.default_namespace(IN_CLUSTER) == "shop"


async def test_a_token_that_ended_is_read_anew_at_once_and_one_that_was_not_followed_is_told(
    home: Home, engine: Engine
) -> None:
    await names(engine)
    home.accept(NEW)
    with pytest.raises(KubernetesCredentialsError, match="does not accept the credentials that KubeChat has for it"):
        await names(engine)
    home.mount(NEW)
    assert "web" in await names(engine)
    assert home.shown[-1] == f"Bearer {NEW}"


async def test_a_token_is_followed_while_the_one_before_still_counts(
    home: Home, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "RELOAD_EVERY_S", 0.0)
    await names(engine)
    home.accept(OLD, NEW)
    home.mount(NEW)
    home.shown.clear()
    await names(engine)
    assert set(home.shown) == {f"Bearer {NEW}"}


async def test_a_token_that_is_not_there_any_more_is_one_clear_sentence(
    home: Home, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "RELOAD_EVERY_S", 0.0)
    await names(engine)
    (home.mounted / "token").unlink()
    with pytest.raises(UnavailableError) as caught:
        await names(engine)
    assert caught.value.code == "cluster_credentials"
    assert "its token file cannot be read" in caught.value.message
