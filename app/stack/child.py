"""The life of one process: prepared, started, ready, watched, started again when it dies, ended when asked.

It knows one service; the order among services is the supervisor's.
"""

from __future__ import annotations

import asyncio
import random
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.stack.errors import StackError
from app.stack.identity import Identity
from app.stack.record import ProcessRecord, State
from app.stack.service import NotReadyError, Service
from app.stack.spawner import Spawner, kill_group, tail


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are tried; tests use a quicker one.

    Attributes:
        probe_s: between probes until a process is ready.
        watch_s: between probes of a ready process: an exit is seen at once, a hang within this.
        probe_timeout_s: longest time for one probe.
        first_delay_s: pause before the first restart.
        longest_delay_s: where doubling the pause ends.
        healthy_s: a process that was ready for so long starts with the first pause again.
        first_tries: deaths before the stack gives up on a process that was never ready; a hang is enough.
    """

    probe_s: float = 0.1
    watch_s: float = 10.0
    probe_timeout_s: float = 5.0
    first_delay_s: float = 0.5
    longest_delay_s: float = 30.0
    healthy_s: float = 60.0
    first_tries: int = 3

    def delay_s(self, failures: int, chance: float) -> float:
        """The pause before the next start.

        Args:
            failures: consecutive failures, from 1.
            chance: between 0 and 1; spreads processes that died together over half of the pause.
        """
        whole = min(self.longest_delay_s, self.first_delay_s * 2.0 ** min(failures - 1, 32))
        return whole * (0.5 + 0.5 * chance)


class Child:
    """Keeps one service running.

    Args:
        service: what to run.
        spawner: makes the process.
        log: its log file.
        changed: called after every change of the record.
        pace: how often things are tried.
    """

    def __init__(
        self, service: Service, spawner: Spawner, log: Path, changed: Callable[[], None], pace: Pace | None = None
    ) -> None:
        self.service = service
        self.ready = asyncio.Event()  # set once, at the first readiness
        self.failed = asyncio.Event()  # set once, when it never became ready
        self._spawner = spawner
        self._changed = changed
        self._pace = pace or Pace()
        self._process: asyncio.subprocess.Process | None = None
        self._hung = False  # it had all the time it may take to become ready, and was not
        self._log_start = 0  # where the present life's output begins
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self.record = ProcessRecord(
            name=service.name,
            stop_signal=int(service.stop_signal),
            since=time.time(),
            port=service.port,
            log=log,
            memory=spawner.memory(service),
        )

    def start(self) -> None:
        """Begin, or begin again after `stop`; `ready` or `failed` is set later."""
        self._stopping.clear()
        self._task = asyncio.create_task(self._live(), name=self.service.name)

    @property
    def stopped(self) -> bool:
        """Whether it has been asked to end, and not to begin again."""
        return self._stopping.is_set()

    async def stop(self, *, at_once: bool = False) -> None:
        """End the process and return when it is gone.

        Args:
            at_once: SIGKILL without asking first.
        """
        self._stopping.set()
        if self._task is None:
            self._set(State.STOPPED)
            return
        if self._process is None:
            self._task.cancel()
        else:
            self._set(State.STOPPING)
            await self._end(self._process, at_once=at_once)
        # The task may be between two processes, or in a probe that hangs: it has nothing left to lose.
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        if self._process is not None:  # it was made while we cancelled
            await self._end(self._process, at_once=True)
        self._set(State.STOPPED, identity=None)

    def kill(self) -> None:
        """SIGKILL to a process that is being asked to end; `stop` then returns."""
        if self._process is not None:
            kill_group(self._process.pid)

    async def _live(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                reason = await self._one_life()
            except Exception as exc:  # noqa: BLE001 - a fault in one step must not leave a process unsupervised
                with suppress(OSError), self.record.log.open("a", encoding="utf-8") as log:
                    log.write(traceback.format_exc())
                reason = f"a fault of the supervisor ({type(exc).__name__}); its log has the trace"
            if self._stopping.is_set():
                return
            if self.ready.is_set() and time.monotonic() - began > self._pace.healthy_s:
                failures = 0
            failures += 1
            if not self.ready.is_set() and (failures >= self._pace.first_tries or self._hung):
                self._set(State.FAILED, reason=reason, identity=None)
                self.failed.set()
                return
            delay = self._pace.delay_s(failures, random.random())  # noqa: S311 - spreads restarts, guards nothing
            self._set(State.RESTARTING, reason=reason, identity=None)
            await asyncio.sleep(delay)
            self.record = self.record.model_copy(update={"restarts": self.record.restarts + 1})

    async def _one_life(self) -> str:
        """From preparation to death; returns why it ended, in one line."""
        began = time.monotonic()
        with suppress(OSError):
            self._log_start = self.record.log.stat().st_size
        try:
            if self.service.prepare is not None:
                self._set(State.PREPARING)
                await self.service.prepare()
            self._process = process = await self._spawner.spawn(self.service, self.record.log)
        except StackError as exc:
            return exc.message
        self._set(State.STARTING, identity=Identity.of(process.pid))
        gone = asyncio.create_task(process.wait())
        try:
            reason = await self._until_ready(gone, began)
            if reason is None:
                self._set(State.READY, took_s=round(time.monotonic() - began, 3))
                self.ready.set()
                reason = await self._watch(gone)
        finally:
            if not gone.done() and not self._stopping.is_set():
                kill_group(process.pid)
            if not self._stopping.is_set():
                await gone
                self._buried(process)
        return reason

    async def _until_ready(self, gone: asyncio.Task[int], began: float) -> str | None:
        """None once it is ready; else why it will not be."""
        deadline = began + self.service.start_s
        reason = "it does not answer"
        while not gone.done():
            answer = await self._probe()
            if answer is None and not gone.done():
                if self.service.settle is None:
                    return None
                try:
                    async with asyncio.timeout(max(1.0, deadline - time.monotonic())):
                        await self.service.settle()
                except NotReadyError as exc:
                    answer = str(exc)
                except TimeoutError:
                    answer = "it could not be set up in time"
                except StackError as exc:
                    return exc.message
                else:
                    return None
            reason = answer or reason
            if time.monotonic() > deadline:
                self._hung = True
                return f"not ready after {self.service.start_s:.0f} s: {reason}"
            await asyncio.wait([gone], timeout=self._pace.probe_s)
        return _epitaph(gone.result())

    async def _watch(self, gone: asyncio.Task[int]) -> str:
        while True:
            await asyncio.wait([gone], timeout=self._pace.watch_s)
            if gone.done():
                return _epitaph(gone.result())
            answer = await self._probe()
            if gone.done():
                continue
            if answer is not None and self.record.state is not State.UNREADY:
                self._set(State.UNREADY, reason=answer)
            elif answer is None and self.record.state is State.UNREADY:
                self._set(State.READY)

    async def _probe(self) -> str | None:
        try:
            async with asyncio.timeout(self._pace.probe_timeout_s):
                await self.service.probe()
        except NotReadyError as exc:
            return str(exc)
        except TimeoutError:
            return "its answer takes too long"
        return None

    async def _end(self, process: asyncio.subprocess.Process, *, at_once: bool) -> None:
        if not at_once and process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(self.service.stop_signal)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.service.stop_s):
                    await process.wait()
        kill_group(process.pid)
        await process.wait()
        self._buried(process)

    def _buried(self, process: asyncio.subprocess.Process) -> None:
        kill_group(process.pid)  # what it forked and left in its group, such as Redis' snapshot writer
        self._spawner.forget(process.pid)
        self._process = None

    def _set(self, state: State, *, reason: str = "", **changes: object) -> None:
        if self._stopping.is_set() and state not in {State.STOPPING, State.STOPPED}:
            return
        self.record = self.record.model_copy(update={"state": state, "since": time.time(), "reason": reason, **changes})
        self._changed()

    @property
    def last_words(self) -> tuple[str, ...]:
        """Why it is not ready, then the end of what its last life wrote to its log."""
        return (f"{self.service.name}: {self.record.reason}", *tail(self.record.log, since=self._log_start))


def _epitaph(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"ended with status {code}"
