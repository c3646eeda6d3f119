"""Calls go to the replica with the fewest under way, and once to another where one gives no answer, within the deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from app.errors import BusyError, DeadlineExceededError, InvalidInputError, UnavailableError
from app.infra.http import ServiceClient
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.waiting import until

LINES = b'{"event": "reading"}\n{"event": "plan"}\n'
BUSY = b'{"error": {"code": "busy", "message": "busy"}}'
WRONG = b'{"error": {"code": "invalid_input", "message": "no"}}'


class Replica:
    """One replica: answers at once, or when it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.status, self.body = 200, LINES
        self.free = asyncio.Event()
        self.free.set()
        self.breaks_off = False
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield self.url
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            await self.free.wait()
            head = f"HTTP/1.1 {self.status} X\r\ncontent-length: {len(self.body)}\r\nconnection: close\r\n\r\n"
            writer.write(head.encode() + (b"" if self.breaks_off else self.body))
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


class Bench:
    def __init__(self, replicas: list[Replica], urls: list[str]) -> None:
        self.replicas, self.instruments, self._tracing = replicas, Instruments(), Tracing("gateway", "test")
        self.client = ServiceClient("nlp", urls, token="t", instruments=self.instruments, tracing=self._tracing)

    async def ask(self, timeout_s: float = 10, *, repeatable: bool = True) -> list[str]:
        lines = self.client.lines("plan", "/v1/plan", json={}, timeout_s=timeout_s, repeatable=repeatable)
        async with lines as found:
            return [line["event"] async for line in found]

    @property
    def asked(self) -> list[int]:
        return [replica.asked for replica in self.replicas]

    async def close(self) -> None:
        await self.client.close()
        self._tracing.close()


@pytest.fixture
async def make() -> AsyncIterator[Callable[..., Bench]]:
    async with AsyncExitStack() as stack:
        replicas = [Replica() for _ in range(3)]
        for replica in replicas:
            await stack.enter_async_context(replica.running())

        def made(number: int, *, gone: int = 0) -> Bench:
            away = [f"http://127.0.0.1:{port}" for port in range(1, gone + 1)]
            bench = Bench(replicas[:number], [*away, *(replica.url for replica in replicas[:number])])
            stack.push_async_callback(bench.close)
            return bench

        yield made


async def test_calls_one_after_another_are_shared_by_all(make: Callable[..., Bench]) -> None:
    bench = make(3)
    for _ in range(9):
        assert await bench.ask() == ["reading", "plan"]
    assert bench.asked == [3, 3, 3]


async def test_who_has_the_fewest_under_way_is_asked(make: Callable[..., Bench]) -> None:
    bench = make(2)
    bench.replicas[0].free.clear()
    held = [asyncio.create_task(bench.ask()) for _ in range(2)]

    async def one_held() -> bool:
        # An answer that is under way from the free one counts too: only when it has come is there a difference.
        return bench.asked == [1, 1] and sum(task.done() for task in held) == 1

    await until("one answer, and one that is held", one_held)
    for _ in range(5):
        await bench.ask()
    assert bench.asked == [1, 6]
    bench.replicas[0].free.set()
    await asyncio.gather(*held)


async def test_one_that_is_gone_costs_nobody_an_answer_and_is_asked_last(make: Callable[..., Bench]) -> None:
    bench = make(2, gone=1)
    for _ in range(6):
        assert await bench.ask() == ["reading", "plan"]
    failed = bench.instruments.value(
        catalogue.DEPENDENCY_REQUESTS, dependency="nlp", operation="plan", outcome="unavailable"
    )
    assert failed == 1, "not tried again with each call"


@pytest.mark.parametrize("fault", ["busy", "breaks off"])
async def test_one_that_gives_no_first_line_is_followed_by_one_other(make: Callable[..., Bench], fault: str) -> None:
    bench = make(3)
    for replica in bench.replicas:
        if fault == "busy":
            replica.status, replica.body = 503, BUSY
        else:
            replica.breaks_off = True
    with pytest.raises((BusyError, UnavailableError)):
        await bench.ask()
    assert sum(bench.asked) == 2, "once, and on another replica"
    assert max(bench.asked) == 1
    with pytest.raises((BusyError, UnavailableError)):
        await bench.ask(repeatable=False)
    assert sum(bench.asked) == 3


async def test_another_replica_is_asked_also_where_it_has_more_to_do(make: Callable[..., Bench]) -> None:
    bench = make(2)
    bench.replicas[1].free.clear()
    held = [asyncio.create_task(bench.ask()) for _ in range(2)]

    async def one_held() -> bool:
        return bench.asked == [1, 1] and sum(task.done() for task in held) == 1

    await until("one answer, and one that is held", one_held)
    bench.replicas[0].status, bench.replicas[0].body = 503, BUSY
    asked = asyncio.create_task(bench.ask())

    async def sent_on() -> bool:
        return bench.replicas[1].asked == 2

    await until("the other to be asked", sent_on)
    bench.replicas[1].free.set()
    assert await asked == ["reading", "plan"]
    await asyncio.gather(*held)


async def test_a_request_that_makes_no_sense_is_not_sent_again(make: Callable[..., Bench]) -> None:
    bench = make(2)
    for replica in bench.replicas:
        replica.status, replica.body = 400, WRONG
    with pytest.raises(InvalidInputError):
        await bench.ask()
    assert sum(bench.asked) == 1


async def test_the_deadline_is_of_both_together(make: Callable[..., Bench]) -> None:
    bench = make(2)
    for replica in bench.replicas:
        replica.free.clear()
    with pytest.raises(DeadlineExceededError):
        await bench.ask(0.2)
    assert sum(bench.asked) == 1, "no time is left for another"
    for replica in bench.replicas:
        replica.free.set()
