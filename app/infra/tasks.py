"""Background tasks of a process: started together, cancelled together, and none fails in silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

Start = Callable[[str, Coroutine[Any, Any, None]], None]


@asynccontextmanager
async def background_tasks() -> AsyncIterator[Start]:
    """Yields a function that starts a named task; leaving the block cancels them all.

    A task that raises cancels the block it runs beside: the process ends and is started again, rather than going on
    without it.
    """
    tasks: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as group:

        def start(name: str, work: Coroutine[Any, Any, None]) -> None:
            tasks.append(group.create_task(work, name=name))

        yield start
        for task in tasks:
            task.cancel()
