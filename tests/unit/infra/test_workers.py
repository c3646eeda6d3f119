"""The bounded worker pool: runs off the loop, refuses when its queue is full."""

from __future__ import annotations

import asyncio
import threading

import pytest

from app.errors import BusyError
from app.infra.workers import QUEUE_PER_WORKER, Workers
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments


async def test_a_full_queue_is_refused_and_counted_and_drains() -> None:
    instruments = Instruments()
    workers = Workers(instruments, size=1)
    gate = threading.Event()
    running = [asyncio.create_task(workers.run(gate.wait, 10)) for _ in range(1 + QUEUE_PER_WORKER)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await workers.run(int)
    assert instruments.value(catalogue.WORKER_REFUSED) == 1
    assert instruments.value(catalogue.WORKER_PENDING) == 1 + QUEUE_PER_WORKER
    gate.set()
    assert all(await asyncio.gather(*running))
    assert await workers.run(int, "7") == 7
    workers.close()
