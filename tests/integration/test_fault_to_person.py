"""From a fault to the person who is told of it: the right alert, in the web chat, once, with its runbook, and its end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
import yaml
from redis import Redis
from websockets.exceptions import ConnectionClosed

from alerts.clusters import CLUSTER_AWAY
from alerts.databases import DATABASE_POOL_FULL, SLOW_QUERIES
from alerts.processes import MEMORY_NEAR_LIMIT
from alerts.reachability import SERVICE_DOWN_FOR_S
from alerts.redis import REDIS_EVICTION_STORM
from app.stack.credentials import POSTGRES_SUPERUSER
from tests.support.chat import Person
from tests.support.ports import free_port
from tests.support.stack import ROOT, LocalStack
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.full]


class Watch:
    """Somebody who has the web chat open, and what they are shown of alerts."""

    def __init__(self, person: Person) -> None:
        self.seen: list[dict[str, Any]] = []
        self._chat = person.chat()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def cards(self, name: str, state: str) -> list[dict[str, Any]]:
        return [alert for alert in list(self.seen) if (alert["name"], alert["state"]) == (name, state)]

    def close(self) -> None:
        self._done.set()
        self._thread.join(10)
        self._chat.close()

    def _look(self) -> None:
        while not self._done.is_set():
            with suppress(TimeoutError, ConnectionClosed):
                event = self._chat.receive(1)
                if event["type"] == "alert":
                    self.seen.append(event["alert"])


@pytest.fixture
def watch(admin: Person) -> Iterator[Watch]:
    made = Watch(admin)
    yield made
    made.close()


@contextmanager
def table_locked(stack: LocalStack, table: str, *, pause_s: float = 0) -> Iterator[None]:
    """Nobody reads or writes a table; with a pause, it is let go of for that long every two seconds."""
    password = (stack.state / "secrets" / POSTGRES_SUPERUSER).read_text().strip()
    url = f"postgresql://postgres:{password}@127.0.0.1:{stack.port_base + 120}/kubechat"
    over = threading.Event()

    async def hold() -> None:
        connection = await asyncpg.connect(url)
        while not over.is_set():
            async with connection.transaction():
                await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                await asyncio.to_thread(over.wait, 2 if pause_s else 1_000)
            await asyncio.to_thread(over.wait, pause_s)
        await connection.close()

    holder = threading.Thread(target=lambda: asyncio.run(hold()), daemon=True)
    holder.start()
    try:
        yield
    finally:
        over.set()
        holder.join(10)


@contextmanager
def asking(ask: Callable[[], object], people: int) -> Iterator[None]:
    """So many people who ask for the same over and over, whatever they are answered."""
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            with suppress(Exception):
                ask()

    with ThreadPoolExecutor(people) as pool:
        asked = [pool.submit(go_on) for _ in range(people)]
        try:
            yield
        finally:
            over.set()
    for each in asked:
        each.result()


def now(stack: LocalStack) -> float:
    """The time by Prometheus' clock."""
    return float(stack.prometheus("vector(time())")[0]["value"][1])


def assert_told_once_and_of_its_end(watch: Watch, admin: Person, name: str, *, within_s: float) -> None:
    wait_for(f"{name} to be over", lambda: watch.cards(name, "resolved"), within_s=within_s, every_s=0.5)
    fired = watch.cards(name, "firing")
    assert len({card["fingerprint"] for card in fired}) == len(fired), "somebody was told twice"
    for card in fired:
        page = admin.http.get(card["runbook_url"])
        assert page.status_code == 200
        assert name in page.text


@pytest.mark.timeout(600)
def test_a_pool_that_is_full(stack: LocalStack, admin: Person, watch: Watch) -> None:
    session = admin.new_chat()
    path = f"/api/v1/chat-sessions/{session}/messages"
    with table_locked(stack, "messages"), asking(lambda: admin.http.get(path), 60):
        wait_for(
            "the full pool to be told", lambda: watch.cards(DATABASE_POOL_FULL, "firing"), within_s=300, every_s=0.5
        )
    assert_told_once_and_of_its_end(watch, admin, DATABASE_POOL_FULL, within_s=200)


@contextmanager
def one_more_scraped(stack: LocalStack, port: int, instance: str) -> Iterator[None]:
    """Let the stack's Prometheus scrape one more process of the exporters' job."""
    path = stack.state / "prometheus" / "prometheus.yaml"
    before = path.read_text()
    config = yaml.safe_load(before)
    (job,) = (each for each in config["scrape_configs"] if each["job_name"] == "exporters")
    job["static_configs"].append({"targets": [f"127.0.0.1:{port}"], "labels": {"instance": instance}})
    pid = int(stack.process("prometheus")["pid"])
    try:
        path.write_text(yaml.safe_dump(config))
        os.kill(pid, signal.SIGHUP)
        yield
    finally:
        path.write_text(before)
        os.kill(pid, signal.SIGHUP)


@contextmanager
def exporters_within(limit_bytes: int | None, home: Path) -> Iterator[int]:
    """One more exporters process with a memory limit; its private port."""
    port = free_port()
    settings = {"KUBECHAT_PRIVATE_PORT": str(port), "KUBECHAT_STATE_DIR": str(home), "KUBECHAT_INSTANCE": "exporters-9"}
    limit = {} if limit_bytes is None else {"KUBECHAT_MEMORY_LIMIT_BYTES": str(limit_bytes)}
    process = subprocess.Popen(
        [sys.executable, "-m", "exporters.main"], env={**os.environ, **settings, **limit}, cwd=ROOT
    )
    try:
        wait_for("the exporters to answer", lambda: resident_bytes(port))
        yield port
    finally:
        process.terminate()
        process.wait(20)


def resident_bytes(port: int) -> float:
    """What a process occupies, by its own word; 0 while it does not answer."""
    try:
        page = httpx2.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    except httpx2.HTTPError:
        return 0.0
    return next(
        float(line.split()[1]) for line in page.splitlines() if line.startswith("kubechat_memory_resident_bytes ")
    )


@pytest.mark.timeout(300)
def test_a_process_near_its_memory_limit(stack: LocalStack, admin: Person, watch: Watch, tmp_path: Path) -> None:
    with exporters_within(None, tmp_path) as port:
        needed = resident_bytes(port)
    with exporters_within(int(needed / 0.9), tmp_path) as port, one_more_scraped(stack, port, "exporters-9"):
        (card,) = wait_for(
            "the memory to be told", lambda: watch.cards(MEMORY_NEAR_LIMIT, "firing"), within_s=150, every_s=0.5
        )
        assert "exporters-9" in card["description"]
    assert_told_once_and_of_its_end(watch, admin, MEMORY_NEAR_LIMIT, within_s=120)


@pytest.mark.timeout(400)
def test_a_cluster_that_is_away(stack: LocalStack, admin: Person, watch: Watch) -> None:
    stack.command("stop", "demo")
    try:
        wait_for("the cluster to be told", lambda: watch.cards(CLUSTER_AWAY, "firing"), within_s=200, every_s=0.5)
    finally:
        stack.command("start", "demo")
    assert_told_once_and_of_its_end(watch, admin, CLUSTER_AWAY, within_s=150)
    assert all(card["severity"] == "page" for card in watch.cards(CLUSTER_AWAY, "firing"))


@pytest.mark.timeout(400)
def test_replicas_that_are_replaced_one_after_the_other_raise_no_alert(stack: LocalStack, admin: Person) -> None:
    firing = 'max_over_time(ALERTS{alertstate="firing",alertname!="Watchdog"}[%s])'

    def names(window: str) -> set[str]:
        return {one["metric"]["alertname"] for one in stack.prometheus(firing % window)}

    before = names("15m")
    began = now(stack)
    with asking(lambda: admin.http.get("/api/v1/me"), 2):
        for name in (*stack.replicas("gateway"), *stack.replicas("nlp"), *stack.replicas("audit")):
            pid = stack.kill(name)  # as rudely as a replica can be replaced
            stack.wait_back(name, pid)
    over = now(stack)
    wait_for(
        "the rules to have looked at all of it",
        lambda: now(stack) > over + 2 * SERVICE_DOWN_FOR_S,
        within_s=90,
        every_s=2,
    )
    assert names(f"{int(over - began + 3 * SERVICE_DOWN_FOR_S)}s") <= before


@pytest.mark.timeout(1_000)
def test_a_database_that_is_slow(stack: LocalStack, admin: Person, watch: Watch) -> None:
    path = f"/api/v1/chat-sessions/{admin.new_chat()}"

    def rename() -> None:  # a write: it goes to the primary, where the lock is
        admin.http.patch(path, json={"title": "slow"})
        time.sleep(0.1)  # between two windows a quick database answers many, of which a hundredth may be slow

    with table_locked(stack, "chat_sessions", pause_s=0.2), asking(rename, 4):
        wait_for("the slow queries to be told", lambda: watch.cards(SLOW_QUERIES, "firing"), within_s=120, every_s=0.5)
    # They are slow by the share of ten minutes.
    assert_told_once_and_of_its_end(watch, admin, SLOW_QUERIES, within_s=800)


@pytest.mark.timeout(1_800)
def test_a_cache_that_drops_what_is_in_use(stack: LocalStack, admin: Person, watch: Watch) -> None:
    with Redis(port=stack.port_base + 140) as node:
        allowed = node.config_get("maxmemory")["maxmemory"]
        # Room for more than what cannot be dropped: the backlog for replicas, and what clients are sent.
        node.config_set("maxmemory", node.info("memory")["used_memory"] + 2**24)
        slot_key = next(f"{{{n}}}" for n in range(1_000) if _is_here(node, f"{{{n}}}"))
        over = threading.Event()

        def fill() -> None:
            number = 0
            while not over.wait(0.02):
                number += 1
                node.set(f"{slot_key}:{number}", b"x" * 20_000, ex=3_600)

        filler = threading.Thread(target=fill, daemon=True)
        filler.start()
        try:
            wait_for(
                "the storm to be told", lambda: watch.cards(REDIS_EVICTION_STORM, "firing"), within_s=900, every_s=1
            )
        finally:
            over.set()
            filler.join(10)
            node.config_set("maxmemory", allowed)
    assert_told_once_and_of_its_end(watch, admin, REDIS_EVICTION_STORM, within_s=500)


def _is_here(node: Redis, key: str) -> bool:
    slot = node.cluster("KEYSLOT", key)
    mine = node.execute_command("CLUSTER SLOTS")
    own_id = node.execute_command("CLUSTER MYID").decode()
    return any(first <= slot <= last and master[2].decode() == own_id for first, last, master, *_ in mine)
