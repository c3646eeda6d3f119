"""Commands whose output grows, run for a person: counted, bounded in time, size and number, written down once.

Each stream holds a connection to a cluster and a turn, so that every one of them has an end: its own, the person's, or
a bound's, and the person is told which.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Command
from app.domain.commands.results import Chunk
from app.domain.identities import Person
from app.domain.policy.policy import Policy, open_policy
from app.errors import KubeChatError, TooManyRequestsError
from app.gateway.service.audit_trail import audit_event
from app.gateway.service.held_places import Bound, HeldPlaces
from app.gateway.service.reads import outcome_of
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

LONGEST_S: Final = 1800.0  # as long as API servers keep a watch; whoever still looks asks again
MOST_BYTES: Final = 4 * 2**20  # sent by one stream; a browser holds it all, and nobody reads more
MOST_OF_A_PERSON: Final = 4  # on one replica; each may hold several connections to a cluster
MOST_ON_A_REPLICA: Final = 200  # 50 people who follow as much as they may; some 20 MB of buffers in all
FLUSH_S: Final = 0.2  # what comes within it is sent together: a busy log is no event per line
KEPT_BYTES: Final = 64 * 1024  # of its end, for the conversation's history
_FINISHED, _STOPPED, _TIME, _SIZE, _REFUSED, _FAILED = "finished", "stopped", "time", "size", "refused", "failed"
_TOLD: Final = {
    _TIME: f"The stream ended after {LONGEST_S / 60:.0f} minutes; ask again to go on.\n",
    _SIZE: f"The stream ended after {MOST_BYTES // 2**20} MiB; ask for less of it, by name, label or --since.\n",
}

Show = Callable[[Chunk], Awaitable[None]]


@dataclass(slots=True)
class StreamEnd:
    """What a stream came to.

    Attributes:
        reason: finished, stopped, time, size, refused or failed.
        status: the exit status that kubectl would end with.
        text: the end of what was printed.
        notes: what kubectl would have written to standard error, and why it ended.
        size_bytes: of all that was printed.
    """

    reason: str = _STOPPED
    status: int = 0
    notes: str = ""
    size_bytes: int = 0
    _kept: deque[str] = field(default_factory=deque)
    _kept_bytes: int = 0

    @property
    def text(self) -> str:
        """The end of what was printed, from a line's beginning on."""
        whole = "".join(self._kept)
        if not self.is_cut:
            return whole
        return whole[-KEPT_BYTES:].partition("\n")[2]

    @property
    def is_cut(self) -> bool:
        """Whether more was printed than `text` holds."""
        return self.size_bytes > KEPT_BYTES

    def add(self, chunk: Chunk) -> None:
        """Take note of what was printed."""
        size = len(chunk.text.encode())
        self.size_bytes += size
        self.status = max(self.status, chunk.status)
        self.notes = (self.notes + chunk.notes)[-KEPT_BYTES:]
        self._kept.append(chunk.text)
        self._kept_bytes += size
        while self._kept_bytes - len(self._kept[0].encode()) >= KEPT_BYTES:
            self._kept_bytes -= len(self._kept.popleft().encode())


class Streams:
    """Runs streams.

    Args:
        engine: what asks the clusters.
        instruments: where streams are measured.
        policy: as whom people go to clusters; that of no file when missing.
    """

    def __init__(self, engine: Engine, instruments: Instruments, policy: Policy | None = None) -> None:
        self._engine = engine
        self._policy = policy or open_policy()
        self._commands = instruments.counter(catalogue.COMMANDS)
        self._held = HeldPlaces(instruments.gauge(catalogue.STREAMS), "too_many_streams")
        self._ended = instruments.counter(catalogue.STREAMS_ENDED)
        instruments.gauge(catalogue.STREAMS_LIMIT).set(MOST_ON_A_REPLICA)

    async def run(
        self,
        person: Person,
        command: Command,
        show: Show,
        events: list[dict[str, Any]],
        end: StreamEnd,
        *,
        session_id: UUID | None = None,
    ) -> None:
        """Run one stream in a person's name, until it ends.

        Args:
            person: who asks.
            command: what they ask.
            show: is given what comes, a few times a second at most.
            events: the stream's one audit event is put here, whatever becomes of it.
            end: is filled as the stream goes on, and says at last how it ended.
            session_id: the conversation, where there is one.

        Raises:
            TooManyRequestsError: this person, or everybody together, follows as much as can be followed.
            KubeChatError: as the engine does.
        """
        self._admit(person)
        started = time.monotonic()
        try:
            await self._followed(person, command, show, end)
        except KubeChatError as error:
            end.reason = _REFUSED if outcome_of(error) == "refused" else _FAILED
            raise
        finally:
            self._held.leave(person)
            self._ended.labels(command.verb, end.reason).inc()
            outcome = end.reason if end.reason in {_REFUSED, _FAILED} else "ok"
            self._commands.labels(command.verb, command.risk.value, outcome).inc()
            detail = {"stream": end.reason, "bytes": end.size_bytes, "seconds": round(time.monotonic() - started, 1)}
            events.append(
                audit_event(
                    "read",
                    person,
                    session_id=session_id,
                    cluster=command.cluster,
                    namespace=command.namespace,
                    verb=command.verb,
                    command=command.line(),
                    outcome="failed" if end.reason in {_REFUSED, _FAILED} else "ok",
                    detail=detail,
                )
            )

    def _admit(self, person: Person) -> None:
        one = f"You follow {MOST_OF_A_PERSON} outputs already; stop one of them first."
        everybody = "Too many outputs are followed at the moment; try again soon, or ask without -w or -f."
        try:
            self._held.take(person, Bound(MOST_OF_A_PERSON, one), Bound(MOST_ON_A_REPLICA, everybody))
        except TooManyRequestsError:
            self._ended.labels("", "not_begun").inc()
            raise

    async def _followed(self, person: Person, command: Command, show: Show, end: StreamEnd) -> None:
        identity = self._policy.identity(person, command.cluster)
        try:
            async with (
                asyncio.timeout(LONGEST_S),
                aclosing(self._engine.stream(command, identity)) as source,
                aclosing(together(source)) as chunks,
            ):
                async for chunk in chunks:
                    end.add(chunk)
                    await show(chunk)
                    if end.size_bytes > MOST_BYTES:
                        end.reason = _SIZE
                        break
                else:
                    end.reason = _FINISHED
        except TimeoutError:
            end.reason = _TIME
        told = _TOLD.get(end.reason, "")
        if told:
            chunk = Chunk(notes=told)
            end.add(chunk)
            await show(chunk)


async def together(source: AsyncGenerator[Chunk]) -> AsyncGenerator[Chunk]:
    """What comes within `FLUSH_S` seconds as one chunk; nothing waits for longer than that."""
    following = asyncio.ensure_future(anext(source))
    try:
        while True:
            await asyncio.wait([following])
            end = asyncio.get_running_loop().time() + FLUSH_S
            waiting: list[Chunk] = []
            size = 0
            while following.done() and size < KEPT_BYTES:
                try:
                    chunk = following.result()
                except StopAsyncIteration:
                    if waiting:
                        yield _joined(waiting)
                    return
                except KubeChatError:
                    if waiting:
                        yield _joined(waiting)
                    raise
                waiting.append(chunk)
                size += len(chunk.text)
                following = asyncio.ensure_future(anext(source))
                left = end - asyncio.get_running_loop().time()
                if left > 0:
                    await asyncio.wait([following], timeout=left)
            yield _joined(waiting)
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration, KubeChatError):
            await following


def _joined(chunks: list[Chunk]) -> Chunk:
    return Chunk(
        "".join(chunk.text for chunk in chunks),
        "".join(chunk.notes for chunk in chunks),
        max(chunk.status for chunk in chunks),
    )
