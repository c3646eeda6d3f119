"""The API server that the contract tests speak to: the demo clusters, unless the environment names a real one.

`KUBECHAT_TEST_KUBECONFIG` names a kubeconfig whose current context is used, in a namespace that is made and deleted
again. `KUBEBUILDER_ASSETS` names a folder with `etcd` and `kube-apiserver`, as `setup-envtest` installs them; they are
started on the loopback interface and ended by their process ids.
"""

from __future__ import annotations

import os
import secrets
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import yaml
from yarl import URL

from app.demo import certificates
from app.infra.kubernetes.credentials import Credentials
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import ClusterConfig, load_clusters
from tests.support.demo import ADMIN, DemoProcess
from tests.support.ports import free_ports
from tests.support.waiting import until, wait_for

KUBECONFIG = "KUBECHAT_TEST_KUBECONFIG"
ASSETS = "KUBEBUILDER_ASSETS"
PERSON = Impersonation("kubechat:contract", ("kubechat:contract-testers",))
_PROGRAMS = ("etcd", "kube-apiserver")


class NoServerError(Exception):
    """The server that the environment asks for cannot be had; the message says why and what to do."""


@dataclass(frozen=True)
class Choice:
    """Which server the environment asks for.

    Attributes:
        kind: demo, envtest or cluster.
        place: the kubeconfig or the folder of programs.
    """

    kind: str
    place: Path = Path()

    @property
    def sentence(self) -> str:
        """What the run's output says."""
        match self.kind:
            case "cluster":
                return f"the cluster of the current context in {self.place} ({KUBECONFIG})"
            case "envtest":
                return f"etcd and kube-apiserver from {self.place} ({ASSETS})"
        return f"the demo clusters; {ASSETS} or {KUBECONFIG} would name a real one"


def chosen(environment: Mapping[str, str]) -> Choice:
    """The server that an environment asks for; any cluster comes before programs, and the demo clusters last."""
    if environment.get(KUBECONFIG):
        return Choice("cluster", Path(environment[KUBECONFIG]).expanduser())
    if environment.get(ASSETS):
        return Choice("envtest", Path(environment[ASSETS]).expanduser())
    return Choice("demo")


@contextmanager
def running(choice: Choice, folder: Path) -> Iterator[Path]:
    """The server's kubeconfig, while the server runs.

    Raises:
        NoServerError: there is no such kubeconfig, or a program is missing.
    """
    if choice.kind == "cluster":
        if not choice.place.is_file():
            raise NoServerError(f"{KUBECONFIG} names {choice.place}, which is no file; correct it or unset it.")
        yield choice.place
    elif choice.kind == "envtest":
        with _envtest(choice.place, folder) as kubeconfig:
            yield kubeconfig
    else:
        demo = DemoProcess(folder)
        demo.start()
        try:
            yield demo.kubeconfig_of(ADMIN)
        finally:
            demo.stop()


@contextmanager
def _envtest(assets: Path, folder: Path) -> Iterator[Path]:
    for program in _PROGRAMS:
        if not os.access(assets / program, os.X_OK):
            raise NoServerError(
                f"{ASSETS} names {assets}, which has no program {program}; install it there or unset it."
            )
    made = certificates.ensure(folder / "tls")
    subprocess.run(
        ["openssl", "genrsa", "-out", str(folder / "accounts.key"), "2048"], check=True, capture_output=True, timeout=60
    )
    token = secrets.token_urlsafe(24)
    (folder / "tokens.csv").write_text(f'{token},contract,1,"system:masters"\n')
    clients, peers, port = free_ports(3)
    etcd, peer = f"http://127.0.0.1:{clients}", f"http://127.0.0.1:{peers}"
    with ExitStack() as stack:
        stack.enter_context(
            _process(
                [
                    assets / "etcd", f"--data-dir={folder / 'etcd'}", "--unsafe-no-fsync",
                    f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}",
                    f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
                    f"--initial-cluster=default={peer}",
                ],
                folder / "etcd.log",
            )
        )  # fmt: skip
        stack.enter_context(
            _process(
                [
                    assets / "kube-apiserver", f"--etcd-servers={etcd}", "--bind-address=127.0.0.1",
                    f"--secure-port={port}", f"--tls-cert-file={made.certificate}",
                    f"--tls-private-key-file={made.key}", f"--cert-dir={folder}",
                    f"--token-auth-file={folder / 'tokens.csv'}", "--authorization-mode=RBAC",
                    "--service-account-issuer=https://kubernetes.default.svc",
                    f"--service-account-key-file={folder / 'accounts.key'}",
                    f"--service-account-signing-key-file={folder / 'accounts.key'}",
                    "--service-cluster-ip-range=10.0.0.0/24", "--disable-admission-plugins=ServiceAccount",
                ],
                folder / "kube-apiserver.log",
            )
        )  # fmt: skip
        server = f"https://127.0.0.1:{port}"
        tls = ssl.create_default_context(cafile=str(made.authority))
        wait_for("kube-apiserver", lambda: _is_ready(server, token, tls), within_s=60)
        yield _kubeconfig(folder / "kubeconfig", server, made.authority, token)


@contextmanager
def _process(command: Sequence[str | Path], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_ready(server: str, token: str, tls: ssl.SSLContext) -> bool:
    request = urllib.request.Request(f"{server}/readyz", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, context=tls, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _kubeconfig(path: Path, server: str, authority: Path, token: str) -> Path:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "envtest",
        "clusters": [{"name": "envtest", "cluster": {"server": server, "certificate-authority": str(authority)}}],
        "contexts": [{"name": "envtest", "context": {"cluster": "envtest", "user": "contract"}}],
        "users": [{"name": "contract", "user": {"token": token}}],
    }
    path.write_text(yaml.safe_dump(content))
    return path


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return orjson.loads(self.text)


class ApiServer:
    """A server and a namespace on it, with the rights of the kubeconfig.

    Args:
        config: the context.
        session: for requests.
        namespace: where the tests may write; it is theirs alone.
    """

    def __init__(self, config: ClusterConfig, session: aiohttp.ClientSession, namespace: str) -> None:
        self.config = config
        self.namespace = namespace
        self._session = session
        self._credentials = Credentials(config)

    async def ask(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request as the kubeconfig's own user."""
        proof = await self._credentials.proof()
        sent = {"Accept": "application/json", **(headers or {})}
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        if proof.authorization:
            sent["Authorization"] = proof.authorization
        url = URL(f"{self.config.server}{path}", encoded=True)
        async with self._session.request(
            method, url, data=content, headers=sent, ssl=proof.tls if proof.tls is not None else True
        ) as answer:
            return Reply(
                answer.status, {name.lower(): value for name, value in answer.headers.items()}, await answer.text()
            )

    async def make(self, path: str, obj: Mapping[str, Any]) -> Any:
        """Create an object that a test needs."""
        reply = await self.ask("POST", path, orjson.dumps(obj))
        assert reply.status == 201, reply.text
        return reply.json


@asynccontextmanager
async def in_a_namespace(kubeconfig: Path) -> AsyncIterator[ApiServer]:
    """The current context of a kubeconfig with a new namespace, in which `PERSON` may edit; deleted at the end."""
    found = load_clusters(kubeconfig)
    config = next(entry for entry in found.clusters if entry.name == found.current)
    name = f"kubechat-contract-{secrets.token_hex(4)}"
    group = "rbac.authorization.k8s.io"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        server = ApiServer(config, session, name)
        await server.make("/api/v1/namespaces", {"metadata": {"name": name}})
        try:
            binding = {
                "metadata": {"name": "kubechat-contract"},
                "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "edit"},
                "subjects": [{"apiGroup": group, "kind": "Group", "name": PERSON.groups[0]}],
            }
            await server.make(f"/apis/{group}/v1/namespaces/{name}/rolebindings", binding)
            # A server's authorizer learns of a binding a moment later.
            await until("the binding", lambda: _may_list(server))
            yield server
        finally:
            await server.ask("DELETE", f"/api/v1/namespaces/{name}")


async def _may_list(server: ApiServer) -> bool:
    headers = {"Impersonate-User": PERSON.user, "Impersonate-Group": PERSON.groups[0]}
    reply = await server.ask("GET", f"/api/v1/namespaces/{server.namespace}/configmaps", None, headers)
    return reply.status == 200
