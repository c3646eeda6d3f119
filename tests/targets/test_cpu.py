"""How CPU time is bounded and spread."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from app.errors import BusyError
from app.infra.workers import Workers
from app.stack.spawner import Spawner
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.unit.stack.tiny import ME, shell


async def test_replicas_may_run_on_every_core_and_are_pinned_to_none(tmp_path: Path) -> None:
    spawner = Spawner(ME, None)
    for name in ("gateway-1", "gateway-2"):
        says = shell(name, f"grep Cpus_allowed_list /proc/self/status > {tmp_path}/{name}", tmp_path)
        process = await spawner.spawn(says, tmp_path / f"{name}.log")
        assert await process.wait() == 0
        spawner.forget(process.pid)
        assert cores_in((tmp_path / name).read_text().split()[1]) == os.sched_getaffinity(0)


def cores_in(ranges: str) -> set[int]:
    """The cores of a list such as `0-3,8`."""
    found: set[int] = set()
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


async def test_heavy_work_has_one_thread_per_core_and_a_queue_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    instruments = Instruments()
    workers = Workers(instruments)
    assert workers.size == instruments.value(catalogue.WORKER_SIZE) == 3
    gate = threading.Event()
    running = [asyncio.create_task(workers.run(gate.wait, 10)) for _ in range(3 * 17)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await workers.run(int)
    gate.set()
    assert all(await asyncio.gather(*running))
    workers.close()


def test_a_lag_of_50_milliseconds_and_one_beyond_it_are_told_apart() -> None:
    instruments = Instruments()
    lag = instruments.histogram(catalogue.EVENT_LOOP_LAG)
    for lag_s in (0.05, 0.0501):
        lag.observe(lag_s)
    assert instruments.value(catalogue.EVENT_LOOP_LAG, "_bucket", le="0.05") == 1
