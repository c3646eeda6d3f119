"""Background tasks end with their block, and none fails in silence."""

from __future__ import annotations

import asyncio

import pytest

from app.infra.tasks import background_tasks


async def test_leaving_the_block_ends_all_tasks() -> None:
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    async with background_tasks() as start:
        start("a", work("a"))
        start("b", work("b"))
        await asyncio.sleep(0)
    assert sorted(ended) == ["a", "b"]


async def test_a_task_that_fails_ends_the_block() -> None:
    async def fail() -> None:
        raise ValueError("lost")

    with pytest.raises(ExceptionGroup):  # noqa: PT012 - the block itself is what has to end
        async with background_tasks() as start:
            start("fails", fail())
            await asyncio.Event().wait()


async def test_a_task_that_ends_by_itself_is_fine() -> None:
    async def brief() -> None:
        return

    async with background_tasks() as start:
        start("brief", brief())
        await asyncio.sleep(0)
