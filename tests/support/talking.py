"""A gateway, replicas of the language service and the demo clusters, as processes of their own: what a chat needs.

No audit service, no Redis: reads go on without them and changes are shown, which is enough for what is said.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from tests.support.chat import Person
from tests.support.demo import DemoProcess
from tests.support.ports import free_ports
from tests.support.postgres_server import PostgresServer
from tests.support.waiting import wait_for

PASSWORD = "correct horse battery"
TOKEN = "service-token-of-the-tests"


class Service:
    """One of our processes; `start` returns at once, `wait` when it is ready."""

    def __init__(self, module: str, folder: Path, name: str, **settings: str) -> None:
        self.name, self._module, self._log = name, module, folder / f"{name}.log"
        self.port, self.private_port = free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = {
            "KUBECHAT_PORT": str(self.port),
            "KUBECHAT_PRIVATE_PORT": str(self.private_port),
            "KUBECHAT_INSTANCE": name,
            "KUBECHAT_STATE_DIR": str(folder),
            "KUBECHAT_SERVICE_TOKEN_FILE": str(folder / "token"),
            **{f"KUBECHAT_{key.upper()}": value for key, value in settings.items()},
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), **self._settings}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", self._module], env=environment, stderr=log)
        return self

    def wait(self) -> Self:
        wait_for(f"{self.name} to be ready", self._is_ready, within_s=60)
        return self

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self._log.read_text()[-3000:]
        try:
            return bool(self.scrape("/readyz"))
        except OSError:
            return False

    def scrape(self, path: str = "/metrics") -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.private_port}{path}", timeout=5) as answer:
            return str(answer.read().decode())

    def value(self, series: str) -> float:
        """A series as it is written on the page; 0 when it is not there."""
        lines = [line for line in self.scrape().splitlines() if line.startswith(f"{series} ")]
        return float(lines[0].split()[1]) if lines else 0.0

    def log(self) -> str:
        return self._log.read_text()

    def stop(self, sign: int = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(sign)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Talking:
    """All of them, started together.

    Args:
        postgres: where the gateway keeps conversations.
        folder: for files of theirs.
        nlps: replicas of the language service.
        nlp: settings of each.
        gateway: settings of the gateway.
    """

    def __init__(
        self,
        postgres: PostgresServer,
        folder: Path,
        *,
        nlps: int = 1,
        nlp: dict[str, str] | None = None,
        gateway: dict[str, str] | None = None,
    ) -> None:
        for name, secret in (("token", TOKEN), ("password", PASSWORD)):
            (folder / name).write_text(secret)
        database = postgres.new_database()
        self.demo = DemoProcess(folder)
        self.nlps = [Service("app.nlp.main", folder, f"nlp-{i + 1}", **(nlp or {})) for i in range(nlps)]
        self.gateway = Service(
            "app.gateway.main",
            folder,
            "gateway-1",
            postgres_url=postgres.pooled_url(database),
            postgres_direct_url=postgres.url(database),
            audit_urls="http://127.0.0.1:1",
            nlp_urls=",".join(each.url for each in self.nlps),
            kubeconfig=str(self.demo.kubeconfig),
            default_namespace="shop",
            webhook_token_file=str(folder / "token"),
            admin_password_file=str(folder / "password"),
            **(gateway or {}),
        )

    def __enter__(self) -> Self:
        try:
            for each in self.nlps:
                each.start()
            self.demo.start()
            self.gateway.start()
            for each in (*self.nlps, self.gateway):
                each.wait()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.gateway.stop()
        for each in self.nlps:
            each.stop()
        self.demo.stop()

    def person(self) -> Person:
        return Person(self.gateway.url, "admin", PASSWORD)
