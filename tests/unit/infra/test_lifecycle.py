"""A process ends when it is told to, whatever it is doing, and answers what it has begun."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.infra.lifecycle import Process, Runtime, _serve
from app.infra.private import private_app
from app.infra.settings import ProcessSettings
from app.infra.tasks import background_tasks
from tests.support.waiting import until


@pytest.fixture
def runtime() -> Runtime:
    return Runtime("gateway", ProcessSettings(private_port=0))


@asynccontextmanager
async def nothing_to_open() -> AsyncIterator[None]:
    yield


async def test_a_start_that_waits_for_its_database_ends_on_sigterm(runtime: Runtime) -> None:
    waiting, closed = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        try:
            waiting.set()
            await asyncio.Event().wait()
            yield
        finally:
            closed.set()

    process = asyncio.create_task(_serve(Process(runtime, None, private_app(runtime), lifespan)))
    await waiting.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(5):
        await process
    assert closed.is_set()


async def test_a_background_task_that_fails_ends_the_process_after_its_listeners(runtime: Runtime) -> None:
    async def fail() -> None:
        raise LookupError("a fault")

    draining_at_close = []

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        try:
            async with background_tasks() as start:
                start("broken", fail())
                yield
        finally:
            draining_at_close.append(runtime.health.draining)

    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(5):
            await _serve(Process(runtime, None, private_app(runtime), lifespan))
    assert caught.group_contains(LookupError)
    assert draining_at_close == [True]


async def test_what_a_process_made_to_start_is_left_out_of_collections_while_it_runs(runtime: Runtime) -> None:
    frozen = gc.get_freeze_count()
    process = asyncio.create_task(_serve(Process(runtime, None, private_app(runtime), nothing_to_open)))

    async def is_kept() -> bool:
        return gc.get_freeze_count() > frozen

    await until("what the start made", is_kept)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(5):
        await process
    assert gc.get_freeze_count() == 0


async def test_a_running_process_ends_on_sigterm(runtime: Runtime) -> None:
    open_ = asyncio.Event()

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        open_.set()
        yield
        open_.clear()

    process = asyncio.create_task(_serve(Process(runtime, None, private_app(runtime), lifespan)))
    await open_.wait()
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(5):
        await process
    assert not open_.is_set()
