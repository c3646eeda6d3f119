"""A thousand requests a second for one language service: what its event loop, those it answers and all others feel of it.

The service is a process of its own and so is the sender, which sends on time whether or not it is answered.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import orjson
import uvloop
from prometheus_client.parser import text_string_to_metric_families

from slo.targets.cpu import ASYNC_PROCESSING
from tests.benchmarks.row import Row
from tests.language.evaluation import entries, sent_vocabulary
from tests.support.ports import free_ports
from tests.support.waiting import wait_for

PER_SECOND = 1_000
FOR_S = 30.0
ALONE_S = 3.0
CALLERS = 8
KEPT = 0.6  # of what the service does for callers who wait their turn, what it still does for a crowd
TOKEN = "between-services"
LAG = "kubechat_event_loop_lag_seconds"


@dataclass
class _Sender:
    """Sends requests over connections that it keeps, as many as there are requests under way."""

    port: int
    requests: list[bytes]
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    async def send(self, number: int) -> None:
        reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(self.requests[number % len(self.requests)])
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, found, length = head.partition(b"content-length: ")
        if found:
            await reader.readexactly(int(length.split(b"\r\n")[0]))
        else:
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        self.answers[int(head.split()[1])] += 1
        self.idle.append((reader, writer))

    async def in_turn(self, callers: int, seconds: float) -> float:
        """Answers a second to callers who ask again as soon as they are answered."""
        self.answers.clear()
        until = time.perf_counter() + seconds

        async def ask(caller: int) -> None:
            number = caller
            while time.perf_counter() < until:
                await self.send(number)
                number += callers

        await asyncio.gather(*map(ask, range(callers)))
        return self.answers[200] / seconds

    async def on_time(self, per_second: int, seconds: float) -> float:
        """Answers a second where so many are sent each second, whatever becomes of those before."""
        self.answers.clear()
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(per_second * seconds)):
                await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
                group.create_task(self.send(number))
        return self.answers[200] / (time.perf_counter() - began)


def thousand_a_second() -> Iterable[Row]:
    """What a crowd does to the service."""
    with _service() as (sender, private), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield from runner.run(_measured(sender, private))


async def _measured(sender: _Sender, private: str) -> list[Row]:
    await sender.in_turn(1, 0.5)
    alone = await sender.in_turn(CALLERS, ALONE_S)
    before = await _lags(private)
    crowd = await sender.on_time(PER_SECOND, FOR_S)
    lag_s = _p99(before, await _lags(private))
    answers = sender.answers
    bound_s = ASYNC_PROCESSING.named("lag").number
    sent = (
        f"The requests of tests/language, {PER_SECOND:,} a second for {FOR_S:g} s from another process: {answers[200]:,} "
        f"answered, {answers[503]:,} told at once to try again, {sum(answers.values()) - answers[200] - answers[503]} anything else."
    )
    return [
        Row(
            f"lag of the language service's event loop at {PER_SECOND:,} requests a second",
            lag_s * 1000,
            "ms",
            f"{bound_s * 1000:g} ms",
            lag_s / bound_s,
            "<= 1",
            note=f"{sent} The bucket of its own metric that holds the 99th percentile.",
        ),
        Row(
            f"plans made at {PER_SECOND:,} requests a second",
            crowd,
            "per second",
            f"{alone:,.0f} per second for {CALLERS} callers who wait their turn, in the same process",
            crowd / alone,
            f">= {KEPT:g}",
            note="One process on one core, HTTP, names and all; those whom it can't answer cost the others the rest.",
        ),
    ]


@contextmanager
def _service() -> Iterator[tuple[_Sender, str]]:
    port, private_port = free_ports(2)
    with tempfile.TemporaryDirectory(prefix="kubechat-bench-") as folder:
        token = Path(folder) / "token"
        token.write_text(TOKEN)
        environment = {
            **os.environ,
            "KUBECHAT_SERVICE_TOKEN_FILE": str(token),
            "KUBECHAT_PORT": str(port),
            "KUBECHAT_PRIVATE_PORT": str(private_port),
        }
        process = subprocess.Popen([sys.executable, "-m", "app.nlp.main"], env=environment, stderr=subprocess.DEVNULL)
        try:
            wait_for("the language service to listen", lambda: _listens(port))
            yield _Sender(port, _requests()), f"http://127.0.0.1:{private_port}/metrics"
        finally:
            process.terminate()
            process.wait(10)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _requests() -> list[bytes]:
    made = []
    for kind in ("translation", "restraint", "safety"):
        for entry in entries(kind):
            body = orjson.dumps(
                {
                    "text": entry["text"],
                    "context": {"cluster": "prod-eu", "namespace": "shop"},
                    "vocabulary": sent_vocabulary(),
                }
            )
            head = (
                f"POST /v1/plan HTTP/1.1\r\nhost: nlp\r\nauthorization: Bearer {TOKEN}\r\n"
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            made.append(head.encode() + body)
    return made


async def _lags(url: str) -> dict[float, float]:
    """How often the loop was late by at most so many seconds."""
    async with httpx2.AsyncClient(trust_env=False, timeout=30) as http:
        page = (await http.get(url)).text
    return {
        float(sample.labels["le"]): sample.value
        for family in text_string_to_metric_families(page)
        if family.name == LAG
        for sample in family.samples
        if sample.name.endswith("_bucket")
    }


def _p99(before: dict[float, float], after: dict[float, float]) -> float:
    counted = {bound: after[bound] - before.get(bound, 0) for bound in sorted(after)}
    return next(bound for bound, count in counted.items() if count >= 0.99 * max(counted.values()))
