"""Whatever is wrong with a line, a manifest or a cluster: one clear answer each, and nothing is sent that changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.domain.commands.engine import Engine
from app.errors import KubeChatError
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.integration.commands.conftest import command
from tests.support.demo import DemoProcess
from tests.support.known_types import known_types


@asynccontextmanager
async def engine_of(kubeconfig: Path) -> AsyncIterator[Engine]:
    tracing, instruments = Tracing("gateway", "gateway-1"), Instruments()
    async with AsyncExitStack() as stack:
        stack.callback(tracing.close)
        clients = {
            config.name: ClusterClient(config, instruments, tracing) for config in load_clusters(kubeconfig).clusters
        }
        for client in clients.values():
            stack.push_async_callback(client.close)
        yield Engine(clients, current="prod-eu", known_types=known_types())


def changed(demo: DemoProcess, path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The demo's kubeconfig with something changed in it."""
    content = yaml.safe_load(demo.kubeconfig.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content))
    return path


def ended_credentials(content: dict[str, Any]) -> None:
    for user in content["users"]:
        user["user"] = {"token": "a-token-whose-time-is-over"}


def no_known_authority(content: dict[str, Any]) -> None:
    for cluster in content["clusters"]:
        cluster["cluster"].pop("certificate-authority-data")


def nobody_there(content: dict[str, Any]) -> None:
    for cluster in content["clusters"]:
        cluster["cluster"]["server"] = "https://127.0.0.1:1"


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (ended_credentials, "cluster_credentials", "credentials"),
        (no_known_authority, "cluster_certificate", "not trusted"),
        (nobody_there, "cluster_unavailable", "does not answer"),
    ],
)
@pytest.mark.parametrize("line", ["get pods", "scale deployment web --replicas=3"])
async def test_a_cluster_that_cannot_be_spoken_to_is_named_with_what_is_wrong(
    demo: DemoProcess,
    admin: Impersonation,
    tmp_path: Path,
    fault: Callable[[dict[str, Any]], None],
    code: str,
    said: str,
    line: str,
) -> None:
    written = len(demo.ledger())
    async with engine_of(changed(demo, tmp_path / "config", fault)) as engine:
        asked = command(line)
        with pytest.raises(KubeChatError) as found:
            await (engine.read(asked, admin) if line.startswith("get") else engine.preview(asked, admin))
    assert (found.value.code, said in found.value.message, "prod-eu" in found.value.message) == (code, True, True)
    assert len(demo.ledger()) == written


SHELL = "web;reboot"
LONG = "a" * 300


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"get pod '{SHELL}'", "invalid_name"),
        (f"get pod {SHELL}", "shell_syntax"),
        ("get pod $(reboot)", "shell_syntax"),
        ("get pod 'web`reboot`'", "invalid_name"),
        ("get pod web | sh", "shell_syntax"),
        ("get pods > /tmp/x", "shell_syntax"),
        (f"delete pod {LONG}", "invalid_name"),
        (f"scale deployment/{LONG} --replicas=1", "invalid_name"),
        (f"get pods -n {LONG}", "invalid_name"),
        ("get pod ../../secrets/db", "mixed_targets"),
        ("get pod web\u202e", "not_a_command"),
        (f"get pods {'-l app=web ' * 2000}", "line_too_long"),
        (f"apply -f -\n{'a: b' * (5 * 2**20)}", "manifest_too_large"),
        ("apply -f -\nkind: [unclosed", "invalid_yaml"),
        ("apply -f https://example.com/x.yaml", "flag_refused"),
        ("get pods --as=system:admin", "flag_refused"),
        ("scale deployment/web --replicas=1 --as=system:admin", "flag_refused"),
        ("auth can-i list pods --as-group=system:masters", "missing_argument"),
        ("auth can-i list pods --as='jane doe'", "invalid_name"),
        ("auth can-i --list --as=jane", "unsupported"),
        ("get pods --kubeconfig=/root/.kube/config", "flag_refused"),
        ("get pods --token=abc", "flag_refused"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_a_line_that_is_none_is_refused_before_anybody_is_asked(line: str, code: str) -> None:
    with pytest.raises(KubeChatError) as found:
        command(line)
    assert found.value.code == code, found.value.message
    assert len(found.value.message) < 500
