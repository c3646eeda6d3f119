"""One question to many clusters: asked at once, answered by whoever answers in time, never held up by one of them.

Each cluster is asked as one would be alone: in the person's own identity there, counted and written down for itself.
What is bounded here is how many are asked at the same time and how long all of it may take.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from app.domain.commands.access import Keep
from app.domain.commands.across import Answer, line_of, missing_clusters, together
from app.domain.commands.model.command import Command
from app.domain.commands.reading.pages import PageOfMany, no_page
from app.domain.commands.results import Result
from app.domain.identities import Person
from app.errors import DeadlineExceededError, KubeChatError, UnavailableError
from app.gateway.service.reads import Reads
from app.infra.kubernetes.errors import reason_of
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

AT_ONCE = 32  # clusters that are worked on: their answers, of up to 500 rows each, are in memory together
SLOW_AFTER_S = 1.0  # who has not answered by then is waited for, and no longer keeps others from being asked
ANSWER_WITHIN_S = 10.0  # a person reads what there is rather than wait the 30 s that one cluster alone is given


class NoClusterError(UnavailableError):
    """No cluster gave an answer; the message has the reason of each (503)."""

    code = "no_cluster_answered"


class EveryClusterRefusedError(KubeChatError):
    """Every cluster refused, or has not what was asked for; the message has the reasons (404)."""

    status: ClassVar[int] = 404
    code = "refused_everywhere"


class FanOut:
    """Runs a read on one cluster or on many.

    Args:
        reads: runs one read.
        cluster_names: all clusters that there are.
        instruments: where answers and failures are counted.
        within_s: how long a question to several clusters may take, in seconds.
        gave_up: told the name of each cluster that did not answer in that time, and the reason.
    """

    def __init__(
        self,
        reads: Reads,
        cluster_names: Callable[[], Collection[str]],
        instruments: Instruments,
        *,
        within_s: float = ANSWER_WITHIN_S,
        gave_up: Callable[[str, str], None] = lambda _, __: None,
    ) -> None:
        self._reads = reads
        self._cluster_names = cluster_names
        self._within_s = within_s
        self._gave_up = gave_up
        self._asked = instruments.counter(catalogue.FAN_OUT_CLUSTERS)

    async def run(
        self,
        person: Person,
        commands: Sequence[Command],
        show: Callable[[Result], Awaitable[None]],
        events: list[dict[str, Any]],
        *,
        session_id: UUID | None = None,
        keep: Keep | None = None,
        page: str = "",
    ) -> None:
        """Run one read, or the same on several clusters as one question.

        Args:
            person: who asks.
            commands: what they ask; several differ in their cluster alone.
            show: is given each result.
            events: each cluster's audit event is put here, whatever becomes of it.
            session_id: the conversation, where there is one.
            keep: which rows of a table are shown, chosen from all that there are.
            page: which page of a table, as the one before names it; empty for the first. Of several clusters only
                those are asked that have rows left.

        Raises:
            InvalidInputError: there is no such page.
            KubeChatError: as the engine does for one cluster; for several, when none gave a result.
        """
        if len(commands) == 1:
            await self._reads.run(person, commands[0], show, events, session_id=session_id, keep=keep, page=page)
            return
        line = line_of(commands, self._cluster_names())
        begun = PageOfMany.read(page) if page else None
        if begun is not None:
            commands = [command for command in commands if command.cluster in begun.pages]
            if not commands:
                raise no_page()
        answers = await self._answers(person, commands, events, session_id, keep, begun.pages if begun else {})
        for answer in answers:
            self._asked.labels(_outcome(answer)).inc()
        if all(answer.error is not None for answer in answers):
            raise _nobody(answers)
        for result in together(commands[0], line, answers, begun):
            await show(result)

    async def _answers(
        self,
        person: Person,
        commands: Sequence[Command],
        events: list[dict[str, Any]],
        session_id: UUID | None,
        keep: Keep | None,
        pages: Mapping[str, str],
    ) -> list[Answer]:
        """What each cluster said within the deadline, in the order of the commands."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(command: Command) -> Answer:
            async with _Turn(gate):
                try:
                    page = pages.get(command.cluster, "")
                    found = await self._reads.results(
                        person, command, events, session_id=session_id, keep=keep, page=page
                    )
                except KubeChatError as error:
                    return Answer(command.cluster, error=error, reason=reason_of(error, command.cluster))
            return Answer(command.cluster, tuple(found))

        tasks = [asyncio.create_task(one(command), name=f"ask {command.cluster}") for command in commands]
        try:
            await asyncio.wait(tasks, timeout=self._within_s)
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in tasks:
                task.cancel()
        return [self._answer(command.cluster, end) for command, end in zip(commands, ended, strict=True)]

    def _answer(self, cluster: str, end: Answer | BaseException) -> Answer:
        if isinstance(end, Answer):
            return end
        if not isinstance(end, asyncio.CancelledError):
            raise end  # a fault of ours
        reason = f"did not answer within {self._within_s:g} s"
        self._gave_up(cluster, reason)
        late = DeadlineExceededError(f"The cluster {cluster} {reason}.", code="cluster_timeout")
        return Answer(cluster, error=late, reason=reason)


class _Turn:
    """A place among those that are worked on, given back after a while by who is only waited for."""

    def __init__(self, gate: asyncio.Semaphore) -> None:
        self._gate = gate
        self._held = False

    async def __aenter__(self) -> None:
        await self._gate.acquire()
        self._held = True
        self._timer = asyncio.get_running_loop().call_later(SLOW_AFTER_S, self._give_back)

    async def __aexit__(self, *_: object) -> None:
        self._timer.cancel()
        self._give_back()

    def _give_back(self) -> None:
        if self._held:
            self._held = False
            self._gate.release()


def _outcome(answer: Answer) -> str:
    if answer.error is None:
        return "answered"
    if isinstance(answer.error, DeadlineExceededError):
        return "late"
    return "failed" if answer.is_away else "refused"


def _nobody(answers: Sequence[Answer]) -> KubeChatError:
    said = missing_clusters(answers).rstrip("\n")
    return NoClusterError(said) if any(answer.is_away for answer in answers) else EveryClusterRefusedError(said)
