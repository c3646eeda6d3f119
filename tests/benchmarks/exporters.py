"""What a scrape of our exporters costs, and whether they say the same as the stock ones, against one server each."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx2
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from tests.benchmarks.row import Row
from tests.support.ports import free_port
from tests.support.postgres_server import PASSWORD, PostgresServer
from tests.support.redis_nodes import RedisNodes
from tests.support.waiting import wait_for

ROUNDS = 9
_SCRAPES = 20  # in a round, by turns of the round
_TICKS = os.sysconf("SC_CLK_TCK")
POSTGRES, REDIS = "prometheus-postgres-exporter", "prometheus-redis-exporter"

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass(frozen=True, slots=True)
class _Page:
    """One exporter's process, and where its page is."""

    pid: int
    url: str

    def text(self) -> str:
        reply = httpx2.get(self.url, timeout=10, trust_env=False)
        assert reply.status_code == 200
        return reply.text

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def cost_s(self) -> float:
        """Processor time of one scrape, in the mean of some."""
        before = self.cpu_s()
        for _ in range(_SCRAPES):
            self.text()
        return (self.cpu_s() - before) / _SCRAPES


def scrapes() -> Iterator[Row]:
    """A row for the cost and one for the values of each stock exporter that is installed."""
    postgres, redis = PostgresServer(), RedisNodes()
    try:
        postgres.psql("postgres", "CREATE EXTENSION pg_stat_statements")
        node = redis.masters()[0]
        with ExitStack() as stack:
            stack.enter_context(_open_transaction(postgres))
            ours = stack.enter_context(_ours(postgres.url("postgres", "monitor"), node))
            if shutil.which(POSTGRES):
                dsn = f"postgresql://monitor:{PASSWORD}@127.0.0.1:{postgres.port}/postgres?sslmode=disable"
                theirs = stack.enter_context(_stock(POSTGRES, DATA_SOURCE_NAME=dsn))
                yield from _compared(POSTGRES, ours("postgresql"), theirs, _POSTGRES_FACTS)
            if shutil.which(REDIS):
                theirs = stack.enter_context(_stock(REDIS, REDIS_ADDR=f"redis://127.0.0.1:{node}"))
                yield from _compared(REDIS, ours("redis"), theirs, _REDIS_FACTS)
    finally:
        redis.close()
        postgres.close()


Picked = tuple[str, dict[str, str]]  # a metric, and labels of the one series that is meant
_OF_ONE = {"database": "postgres"}
_OPEN = {"state": "idle in transaction"}
# What both say, by their names.
_POSTGRES_FACTS: list[tuple[Picked, Picked]] = [
    (("kubechat_postgresql_max_connections", {}), ("pg_settings_max_connections", {})),
    (("kubechat_postgresql_database_size_bytes", _OF_ONE), ("pg_database_size_bytes", {"datname": "postgres"})),
    (("kubechat_postgresql_deadlocks_total", _OF_ONE), ("pg_stat_database_deadlocks_total", {"datname": "postgres"})),
    (
        ("kubechat_postgresql_connections", _OF_ONE | _OPEN),
        ("pg_stat_activity_count", {"datname": "postgres"} | _OPEN),
    ),
]
_REDIS_FACTS: list[tuple[Picked, Picked]] = [
    (("kubechat_redis_memory_max_bytes", {}), ("redis_memory_max_bytes", {})),
    (("kubechat_redis_evicted_keys_total", {}), ("redis_evicted_keys_total", {})),
    (("kubechat_redis_expired_keys_total", {}), ("redis_expired_keys_total", {})),
    (("kubechat_redis_keyspace_lookups_total", {"result": "hit"}), ("redis_keyspace_hits_total", {})),
    (("kubechat_redis_keyspace_lookups_total", {"result": "miss"}), ("redis_keyspace_misses_total", {})),
    (("kubechat_redis_connected_replicas", {}), ("redis_connected_slaves", {})),
    (("kubechat_redis_cluster_slots_ok", {}), ("redis_cluster_slots_ok", {})),
]


def _compared(name: str, ours: _Page, theirs: _Page, facts: list[tuple[Picked, Picked]]) -> Iterator[Row]:
    for page in (ours, theirs):  # what only a first scrape does
        page.text()
    mine, stock = _series(ours.text(), open_metrics), _series(theirs.text(), plain_text)
    costs: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for page, found in zip((ours, theirs), costs, strict=True):
            found.append(page.cost_s())
    ratios = [cost / other for cost, other in zip(*costs, strict=True)]
    yield Row(
        f"processor time of a scrape, against {name}",
        statistics.median(costs[0]) * 1e3,
        "ms",
        f"{name}, {statistics.median(costs[1]) * 1e3:.3g} ms",
        statistics.median(ratios),
        "<= 1",
        note=(
            f"{len(mine)} series against {len(stock)}, of one server; ours compares settings too. The median of {ROUNDS} "
            f"rounds in turn, from {min(ratios):.2g} to {max(ratios):.2g} times."
        ),
    )
    different = [
        f"{our_fact[0]} {_picked(mine, *our_fact)}, {their_fact[0]} {_picked(stock, *their_fact)}"
        for our_fact, their_fact in facts
        if _picked(mine, *our_fact) != _picked(stock, *their_fact)
    ]
    yield Row(
        f"facts that {name} says as well",
        len(facts) - len(different),
        "facts",
        f"the same {len(facts)} of {name}",
        (len(facts) - len(different)) / len(facts),
        ">= 1",
        note="; ".join(different),
    )


def _picked(series: Series, name: str, labels: dict[str, str]) -> float | None:
    found = {value for (each, all_), value in series.items() if each == name and set(labels.items()) <= all_}
    return found.pop() if len(found) == 1 else None


def _series(text: str, parse: Callable[[str], Iterator[object]]) -> Series:
    samples = [sample for family in parse(text) for sample in family.samples]  # type: ignore[attr-defined]
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


@contextmanager
def _open_transaction(postgres: PostgresServer) -> Iterator[None]:
    held: asyncpg.Connection
    with asyncio.Runner() as runner:
        held = runner.run(asyncpg.connect(postgres.url("postgres")))
        runner.run(held.execute("BEGIN"))
        yield
        runner.run(held.close())


@contextmanager
def _ours(postgres_url: str, node: int) -> Iterator[Callable[[str], _Page]]:
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as home,
        _running(
            [sys.executable, "-m", "exporters.main"],
            port,
            "/metrics",
            KUBECHAT_PRIVATE_PORT=port,
            KUBECHAT_STATE_DIR=home,
            KUBECHAT_EXPORT_POSTGRES_URLS=postgres_url,
            KUBECHAT_EXPORT_TABLE_DATABASES="postgres",
            KUBECHAT_EXPORT_REDIS_NODES=f"127.0.0.1:{node}",
        ) as pid,
    ):
        yield lambda page: _Page(pid, f"http://127.0.0.1:{port}/metrics/{page}")


@contextmanager
def _stock(program: str, **environment: object) -> Iterator[_Page]:
    port = free_port()
    command = [program, f"--web.listen-address=127.0.0.1:{port}"]
    with _running(command, port, "/metrics", **environment) as pid:
        yield _Page(pid, f"http://127.0.0.1:{port}/metrics")


@contextmanager
def _running(command: list[str], port: int, path: str, **environment: object) -> Iterator[int]:
    env = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers() -> bool:
        try:
            return httpx2.get(f"http://127.0.0.1:{port}{path}", trust_env=False).status_code == 200
        except httpx2.HTTPError:
            return False

    try:
        wait_for(f"{command[0]} to answer", answers)
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)
