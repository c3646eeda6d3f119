"""The local stack under test: started once for the run by the command that people use, on ports and a state of its own."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2

from app.stack.layout import Layout
from app.stack.record import ProcessRecord, StackRecord, State
from tests.support.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
KUBECHAT = Path(sys.executable).with_name("kubechat")
START_WITHIN_S = 180


def free_block() -> tuple[int, int, socket.socket]:
    """A public port and the base of the other ports, all free, and a socket that keeps others off them.

    Several runs, and several workers of one, may look at the same moment: the block is theirs who hold its last port.
    """
    bases = list(range(20_000, 32_000, 400))  # below the ports that the kernel gives to clients
    random.shuffle(bases)
    for base in bases:
        claim = socket.socket()
        try:
            claim.bind(("127.0.0.1", base + 399))
        except OSError:
            claim.close()
            continue
        if all(_is_free(port) for port in range(base, base + 201)):
            return base + 200, base, claim
        claim.close()
    raise AssertionError("there is no block of free ports for a stack")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class LocalStack:
    """A running stack, and what tests ask of it."""

    def __init__(self, otlp_endpoint: str = "") -> None:
        port, port_base, self._claim = free_block()
        self.port_base = port_base
        # Not below pytest's own folder: the stores run as another user, who must be able to reach it.
        self.state = Path(tempfile.mkdtemp(prefix="kubechat-test-", dir="/var/tmp"))
        self.state.chmod(0o755)
        self.environment = {
            **os.environ,
            "KUBECHAT_STATE": str(self.state),
            "KUBECHAT_PORT": str(port),
            "KUBECHAT_PORT_BASE": str(port_base),
            "KUBECHAT_OTLP_ENDPOINT": otlp_endpoint,
        }

    def command(
        self, *args: str, within_s: float = 60, check: bool = True, typed: str | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(KUBECHAT), *args],
            env={**self.environment, **variables},
            cwd=ROOT,
            input=typed,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(
                f"kubechat {' '.join(args)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def up(self) -> None:
        self.command("up", "--detach", within_s=START_WITHIN_S)

    def down(self) -> None:
        self.command("down", "--wipe", check=False)
        self._claim.close()
        shutil.rmtree(self.state, ignore_errors=True)

    def status(self) -> dict[str, Any]:
        return dict(json.loads(self.command("status", "--json").stdout))

    @cached_property
    def url(self) -> str:
        return str(self.status()["url"])

    @cached_property
    def admin(self) -> tuple[str, str]:
        admin = self.status()["admin"]
        return admin["user"], admin["password"]

    @cached_property
    def kubeconfig(self) -> str:
        return str(self.status()["kubeconfig"])

    def process(self, name: str) -> dict[str, Any]:
        return next(process for process in self.status()["processes"] if process["name"] == name)

    def _recorded(self, name: str) -> ProcessRecord:
        """What the supervisor wrote of a process: the command line says the same, two seconds later."""
        record = StackRecord.read(Layout(self.state).record)
        assert record is not None, "there is no record of the stack"
        return next(process for process in record.processes if process.name == name)

    def replicas(self, service: str) -> list[str]:
        """The names of a service's processes."""
        return [one["name"] for one in self.status()["processes"] if one["name"].rpartition("-")[0] == service]

    def gateway_counter(self, series: str) -> float:
        """A counter over all gateway replicas, from their private ports: `name{label="value"}` as it is exposed."""
        total = 0.0
        for number, _ in enumerate(self.replicas("gateway")):
            text = httpx2.get(f"http://127.0.0.1:{self.port_base + number}/metrics", trust_env=False).text
            found = [line for line in text.splitlines() if line.startswith(f"{series} ")]
            total += sum(float(line.removeprefix(series).split("#")[0]) for line in found)
        return total

    def kill(self, name: str) -> int:
        """kill -9 one process by its id; returns that id."""
        identity = self._recorded(name).identity
        assert identity is not None, f"{name} does not run"
        pid = identity.pid
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_back(self, name: str, killed_pid: int, within_s: float = 60) -> None:
        """Until a killed process runs again under another id and is ready."""

        def back() -> bool:
            process = self._recorded(name)
            identity = process.identity
            return process.state is State.READY and identity is not None and identity.pid != killed_pid

        wait_for(f"{name} to be back", back, within_s=within_s)

    @cached_property
    def prometheus_url(self) -> str:
        return str(self.status()["prometheus"])

    def prometheus(self, query: str) -> list[dict[str, Any]]:
        """The result vector of an instant query."""
        reply = httpx2.get(f"{self.prometheus_url}/api/v1/query", params={"query": query}, timeout=10, trust_env=False)
        body = reply.json()
        assert body["status"] == "success", body
        return list(body["data"]["result"])
