"""The demo clusters as a process of their own, and what tests ask of it: its ledger and its faults."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from app.demo.kubeconfig import kubeconfig
from tests.support.waiting import wait_for

TOKEN = "token-of-the-gateway-in-tests"
ADMIN = "token-of-an-admin-in-tests"
EXPORTERS = "token-of-the-exporters-in-tests"


class DemoProcess:
    """`python -m app.demo.main` on a free port; `kubeconfig` points to it with the gateway's token."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.kubeconfig = folder / "kubeconfig"

    def start(self) -> None:
        tokens = self.folder / "tokens.json"
        users = {
            TOKEN: {"user": "kubechat-gateway", "groups": ["kubechat:gateway"]},
            ADMIN: {"user": "admin", "groups": ["system:masters"]},
            EXPORTERS: {"user": "kubechat-exporters", "groups": ["kubechat:viewers"]},
        }
        tokens.write_text(json.dumps(users))
        environment = {
            **os.environ,
            "KUBECHAT_HOST": "127.0.0.1",
            "KUBECHAT_PORT": str(self.port),
            "KUBECHAT_STATE_DIR": str(self.folder),
            "KUBECHAT_DEMO_TOKENS_FILE": str(tokens),
        }
        self._log = (self.folder / "demo.log").open("wb")
        self._process = subprocess.Popen([sys.executable, "-m", "app.demo.main"], env=environment, stderr=self._log)
        wait_for("the demo clusters", self._ready)
        authority = (self.folder / "tls" / "ca.crt").read_text()
        self.kubeconfig.write_text(kubeconfig(host="127.0.0.1", port=self.port, token=TOKEN, authority_pem=authority))

    def kubeconfig_of(self, token: str) -> Path:
        """A kubeconfig with another token than the gateway's."""
        authority = (self.folder / "tls" / "ca.crt").read_text()
        path = self.folder / f"kubeconfig-{token}"
        path.write_text(kubeconfig(host="127.0.0.1", port=self.port, token=token, authority_pem=authority))
        return path

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _ready(self) -> bool:
        assert self._process.poll() is None, (self.folder / "demo.log").read_text()
        try:
            return bool(self.ask("GET", "/readyz", plain=True))
        except OSError:
            return False

    def ask(self, method: str, path: str, body: Any = None, *, plain: bool = False) -> Any:
        """One request as the demo's own administrator."""
        tls = ssl.create_default_context(cafile=str(self.folder / "tls" / "ca.crt"))
        request = urllib.request.Request(
            f"https://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, context=tls, timeout=5) as answer:
            content = answer.read()
        return content if plain else json.loads(content or b"null")

    def ledger(self, cluster: str = "prod-eu") -> list[dict[str, Any]]:
        """The mutating requests that a cluster applied, oldest first."""
        found = self.ask("GET", f"/_demo/ledger?cluster={cluster}")
        return list(found["entries"] if isinstance(found, dict) else found)

    def fault(self, kind: str, cluster: str = "prod-eu", **more: Any) -> None:
        """Let a cluster misbehave; "none" ends it."""
        self.ask("POST", "/_demo/faults", {"cluster": cluster, "fault": kind, **more})
