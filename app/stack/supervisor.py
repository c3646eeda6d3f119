"""Starts the services of a stack in order of readiness, keeps them running, and ends them in reverse.

It knows nothing of what the services are.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable, Sequence
from typing import Any, Final

from app.stack.child import Child, Pace
from app.stack.errors import StackError
from app.stack.layout import Layout
from app.stack.record import ProcessRecord, StackState, State
from app.stack.service import Service
from app.stack.spawner import Spawner

_PR_SET_CHILD_SUBREAPER: Final = 36
_REAP_S: Final = 5.0

Observer = Callable[[StackState, tuple[ProcessRecord, ...], tuple[str, ...]], None]


class Supervisor:
    """Runs services whose `after` makes a graph without cycles.

    Args:
        services: in the order in which they are shown.
        spawner: makes their processes.
        layout: where their logs go.
        observe: told of every change: the stack's state, all processes, and why it failed.
        held: the names of the processes that a person wants stopped for now.
        pace: how often things are tried.

    Raises:
        StackError: two have one name, or one waits for itself or for one that is not there.
    """

    def __init__(
        self,
        services: Sequence[Service],
        spawner: Spawner,
        layout: Layout,
        observe: Observer,
        held: Callable[[], set[str]] = set,
        pace: Pace | None = None,
    ) -> None:
        _require_order(services)
        self._spawner = spawner
        self._observe = observe
        self._state = StackState.STARTING
        self._failure: tuple[str, ...] = ()
        self._hasty = asyncio.Event()
        self._held = held
        self._orders = asyncio.Event()
        self._children = {
            service.name: Child(service, spawner, layout.log(service.name), self._changed, pace) for service in services
        }

    def hurry(self) -> None:
        """End what still runs at once, without asking it."""
        self._hasty.set()

    def reconsider(self) -> None:
        """Look again at which processes a person wants stopped."""
        self._orders.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, run until `stop` is set, end everything.

        Raises:
            StackError: a process never became ready. Everything that ran has been ended.
        """
        become_subreaper()
        reaper = asyncio.create_task(self._reap(), name="reaper")
        starts = [asyncio.create_task(self._start(child)) for child in self._children.values()]
        all_started = asyncio.create_task(self._all_ready(), name="all ready")
        stopped = asyncio.create_task(stop.wait(), name="stop")
        failed = asyncio.create_task(self._first_failure(), name="first failure")
        try:
            awaited: list[asyncio.Future[Any]] = [all_started, stopped, failed]
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if not failed.done() and not stopped.done():
                self._turn(StackState.READY)
                obedient = asyncio.create_task(self._obey(), name="orders")
                await stopped
                obedient.cancel()
                await asyncio.gather(obedient, return_exceptions=True)
            if failed.done() and not stopped.done():
                child = failed.result()
                self._failure = child.last_words
                raise StackError(
                    f"{child.service.name} did not start; its log is {child.record.log}.", detail=child.last_words
                )
        finally:
            waits = (*starts, all_started, stopped, failed)
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
            self._turn(StackState.STOPPING)
            await self._stop_all()
            reaper.cancel()
            await asyncio.gather(reaper, return_exceptions=True)
            await self._spawner.end_orphans()
            self._turn(StackState.FAILED if self._failure else StackState.STOPPED)

    async def _start(self, child: Child) -> None:
        for name in child.service.after:
            await self._children[name].ready.wait()
        child.start()

    async def _all_ready(self) -> None:
        for child in self._children.values():
            await child.ready.wait()

    async def _obey(self) -> None:
        while True:
            await self._orders.wait()
            self._orders.clear()
            held = self._held()
            for name, child in self._children.items():
                if name in held and not child.stopped:
                    await child.stop()
                elif name not in held and child.stopped:
                    child.start()

    async def _first_failure(self) -> Child:
        waits = {asyncio.create_task(child.failed.wait()): child for child in self._children.values()}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return waits[done.pop()]
        finally:
            for wait in waits:
                wait.cancel()

    async def _stop_all(self) -> None:
        gone = {name: asyncio.Event() for name in self._children}
        users: dict[str, list[str]] = {name: [] for name in self._children}
        for name, child in self._children.items():
            for needed in child.service.after:
                users[needed].append(name)

        async def stop_one(name: str) -> None:
            for user in users[name]:
                await gone[user].wait()
            stopping = asyncio.create_task(self._children[name].stop(at_once=self._hasty.is_set()))
            hasty = asyncio.create_task(self._hasty.wait())
            either: list[asyncio.Future[Any]] = [stopping, hasty]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not stopping.done():
                self._children[name].kill()
            await stopping
            hasty.cancel()
            gone[name].set()

        await asyncio.gather(*(stop_one(name) for name in self._children))

    async def _reap(self) -> None:
        while True:
            await asyncio.sleep(_REAP_S)
            self._spawner.reap_orphans()

    def _turn(self, state: StackState) -> None:
        self._state = state
        self._changed()

    def _changed(self) -> None:
        records = tuple(child.record for child in self._children.values())
        if self._state in {StackState.READY, StackState.DEGRADED}:
            healthy = all(record.state is State.READY for record in records)
            self._state = StackState.READY if healthy else StackState.DEGRADED
        self._observe(self._state, records, self._failure)


def become_subreaper() -> None:
    """Have the kernel give us what our children leave behind, so that it can be ended."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _require_order(services: Sequence[Service]) -> None:
    waiting = {service.name: set(service.after) for service in services}
    if len(waiting) != len(services):
        raise StackError("Two processes of the stack have one name.")
    while waiting:
        free = {name for name, needed in waiting.items() if not needed & waiting.keys()}
        unknown = {name for needed in waiting.values() for name in needed} - {service.name for service in services}
        if unknown or not free:
            raise StackError(f"These processes wait for one another or for nobody: {', '.join(sorted(waiting))}.")
        for name in free:
            del waiting[name]
