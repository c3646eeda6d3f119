"""Services made of a shell or a sleep, and a supervisor that runs them at a quick pace."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from app.stack.account import Account
from app.stack.child import Pace
from app.stack.layout import Layout
from app.stack.record import ProcessRecord, StackState
from app.stack.service import NotReadyError, Service
from app.stack.spawner import Spawner
from app.stack.supervisor import Supervisor

ME = Account("me", os.geteuid(), os.getegid(), switched=False)
QUICK = Pace(probe_s=0.01, watch_s=0.02, first_delay_s=0.01, longest_delay_s=0.05)
PATIENCE_S = 20.0


async def ready() -> None:
    """A probe that is always content."""


def until(file: Path) -> Callable[[], Any]:
    """A probe that is content once a file exists."""

    async def probe() -> None:
        require(file)

    return probe


def require(file: Path) -> None:
    """NotReadyError while a file is missing."""
    if not file.exists():
        raise NotReadyError("the file is missing")


def shell(name: str, script: str, home: Path, **fields: Any) -> Service:
    """A service that is a shell script in a folder."""
    defaults: dict[str, Any] = {"probe": ready, "env": {"PATH": "/usr/bin:/bin"}, "stop_s": 5.0, "start_s": 10.0}
    return Service(name, ("/bin/sh", "-c", script), home, **{**defaults, **fields})


def sleeper(name: str, home: Path, **fields: Any) -> Service:
    """A service that does nothing until it is ended; `exec` leaves no shell behind."""
    return shell(name, "exec sleep 600", home, **fields)


class Running:
    """A supervisor at work, and what it has told."""

    def __init__(
        self, services: list[Service], folder: Path, held: Callable[[], set[str]] = set, pace: Pace = QUICK
    ) -> None:
        self.layout = Layout(folder / "state")
        self.layout.create(ME)
        self.told: list[tuple[StackState, dict[str, ProcessRecord]]] = []
        self.stop = asyncio.Event()
        self._changed = asyncio.Event()
        self.supervisor = Supervisor(services, Spawner(ME, None), self.layout, self._observe, held, pace)
        self.task = asyncio.create_task(self.supervisor.run(self.stop))

    def _observe(self, state: StackState, records: tuple[ProcessRecord, ...], failure: tuple[str, ...]) -> None:
        self.told.append((state, {record.name: record for record in records}))
        self._changed.set()

    @property
    def state(self) -> StackState:
        return self.told[-1][0]

    def record(self, name: str) -> ProcessRecord:
        return self.told[-1][1][name]

    def pid(self, name: str) -> int:
        identity = self.record(name).identity
        assert identity is not None
        return identity.pid

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait for a condition on what was told; fails after a deadline or when the supervisor has ended."""
        async with asyncio.timeout(PATIENCE_S):
            while not (self.told and met()):
                self._changed.clear()
                if self.task.done():
                    await self.task
                waiting = asyncio.create_task(self._changed.wait())
                await asyncio.wait([waiting, self.task], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()

    async def end(self) -> None:
        self.stop.set()
        async with asyncio.timeout(PATIENCE_S):
            await self.task


@asynccontextmanager
async def running(services: list[Service], folder: Path, held: Callable[[], set[str]] = set) -> AsyncIterator[Running]:
    """A supervised stack that is ready."""
    found = Running(services, folder, held)
    try:
        await found.until(lambda: found.state is StackState.READY)
        yield found
    finally:
        await found.end()


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
