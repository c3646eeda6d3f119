"""What one gateway replica carries: processor time for each request, on a running stack with everything on.

The processor's time is measured and not the time that passes: the client of this benchmark is slower than the gateway, and
shares its cores.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psutil

from slo.capacity import API_REQUESTS, COMMANDS, FILE
from slo.targets.requirements import API_REQUESTS as API_REQUESTS_PROMISED
from slo.targets.requirements import COMMAND_EXECUTIONS
from slo.targets.scaling import GATEWAY_MAX_REPLICAS
from tests.benchmarks.row import Row
from tests.support.chat import Person
from tests.support.stack import LocalStack

ROOT = Path(__file__).resolve().parents[2]
_REQUESTS = 3_000
_WARM_UP = 300
_THREADS = 4
_READS = ("/api/v1/me", "/api/v1/alerts", "/api/v1/chat-sessions")


def capacity() -> Iterator[Row]:
    """Requests and commands per second of one core, and what all replicas carry against what is promised."""
    stack = LocalStack()
    try:
        stack.up()
        gateway = psutil.Process(int(stack.process("gateway-1")["pid"]))
        user, password = stack.admin
        with Person(stack.url, user, password) as person:
            reads = _per_cpu_second(gateway, _REQUESTS, lambda number: _read(person, number))
            commands = _per_cpu_second(gateway, _REQUESTS // 3, lambda _: _command(person))
    finally:
        stack.down()
    write({API_REQUESTS: (reads, f"GET of {', '.join(_READS)}"), COMMANDS: (commands, "kubectl get pods -n shop")})
    replicas = GATEWAY_MAX_REPLICAS.figure.number
    for name, each, promised in (
        ("API requests", reads, API_REQUESTS_PROMISED.figure.number),
        ("commands", commands, COMMAND_EXECUTIONS.figure.number),
    ):
        yield Row(
            f"capacity of one gateway replica: {name}",
            each,
            "per second of a core",
            f"{promised:g} per second with {replicas:g} replicas",
            each * replicas / promised,
            ">= 1",
            note="Processor time of the gateway over requests with everything on: tracing, metrics, sessions, audit.",
        )


def _per_cpu_second(process: psutil.Process, requests: int, ask: Callable[[int], None]) -> float:
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(ask, range(_WARM_UP)))
        before = _used_s(process)
        list(pool.map(ask, range(requests)))
        return requests / (_used_s(process) - before)


def _used_s(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def _read(person: Person, number: int) -> None:
    reply = person.http.get(_READS[number % len(_READS)])
    assert reply.status_code == 200, reply.text


def _command(person: Person) -> None:
    reply = person.http.post("/api/v1/commands", json={"line": "kubectl get pods -n shop"})
    assert reply.status_code == 200, reply.text


def write(measured: dict[str, tuple[float, str]]) -> None:
    """Write what was measured, by resource, as a figure and how; other resources stay as they are."""
    on, machine = datetime.now(UTC).date().isoformat(), f"{os.cpu_count()} cores, Python {platform.python_version()}"
    data = {
        name: {"per_replica": float(f"{value:.2g}"), "measured_on": on, "machine": machine, "how": how}
        for name, (value, how) in measured.items()
    }
    path = ROOT / FILE
    data = {**json.loads(path.read_text(encoding="utf-8")), **data}
    path.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n", encoding="utf-8")
