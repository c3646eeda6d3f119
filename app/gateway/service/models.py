"""A turn in which a language model takes part: its reads are run as the person, its words are marked as its own.

Nothing that a model says is trusted. Its reads pass the same parser, policy, rights, redaction and caches as typed
ones, within a budget; what it proposes is only ever handed on to the preview that a person confirms. When it fails,
the caller still has the embedded translator's answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from app.domain.commands.across import grouped
from app.domain.commands.for_models import MOST_READS, MOST_STEPS, proposed_by_model, read_by_model
from app.domain.commands.model.command import Command, Risk
from app.domain.commands.printing import printed
from app.domain.commands.redaction import redact_text
from app.domain.commands.results import OutputResult, Result
from app.domain.identities import Person
from app.errors import (
    DeadlineExceededError,
    InternalError,
    InvalidInputError,
    KubeChatError,
    TooManyRequestsError,
    UnavailableError,
)
from app.gateway.clients.nlp import LanguagePlan
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.fan_out import FanOut
from app.gateway.service.language import Language
from app.gateway.service.refusals import Refusals
from app.gateway.service.turn import TurnOutput
from app.gateway.store.chats import ChatSession, StoredMessage
from app.infra.ids import new_id
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

RESULT_CHARACTERS = 12_000  # of one read, for the model: some 200 rows; the person sees all that there is
PLANNED_WITHIN_S = 20.0  # for who asks at a terminal for a plan alone, which waits for 30 s
ENDS_BEFORE_S = 1.0  # an answer ends by the deadline that travels with it, and not by the turn's, which knows no reason
KEPT_DAYS = 40  # of token counts: a month, and some days to look back at it
_CHARACTERS_PER_TOKEN = 4  # for an answer that was broken off before its tokens were counted
_log = get_logger(__name__)


class Tokens(Protocol):
    """What people spent."""

    async def spent(self, user_id: Any, day: Any) -> int:
        """How many tokens a person has spent on a day."""

    async def add(self, user_id: Any, day: Any, prompt: int, completion: int) -> None:
        """Count tokens."""

    async def prune(self, before: Any) -> int:
        """Forget older days."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, where, and what was said."""

    person: Person
    chat: ChatSession
    history: Sequence[StoredMessage]
    text: str
    scope: str
    may_read: bool = True


@dataclass(slots=True)
class _Round:
    """What came of one request to the language service."""

    prompt: int = 0
    completion: int = 0
    is_counted: bool = False
    end: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _State:
    """A turn as it goes on; it is in the task of the turn alone."""

    name: str = ""
    tokens: int = 0
    reads: int = 0
    steps: list[dict[str, Any]] = field(default_factory=list)
    corrected: bool = False


class ModelAnswers:
    """Asks a model, through the language service.

    Args:
        language: sends words, names and what was read.
        fan_out: runs reads.
        trail: writes reads down.
        refusals: writes down what a model asked for and its person may not see.
        tokens: what people spent.
        cluster_names: all clusters that there are.
        instruments: where turns are counted.
        daily_tokens: what one person may spend on a day (UTC); 0 for no limit.
        turn_s: how long a turn may take in all, in seconds.
        now: the time of day.
    """

    def __init__(
        self,
        *,
        language: Language,
        fan_out: FanOut,
        trail: AuditTrail,
        refusals: Refusals,
        tokens: Tokens,
        cluster_names: Callable[[], Collection[str]],
        instruments: Instruments,
        daily_tokens: int,
        turn_s: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._language, self._fan_out, self._trail, self._refusals = language, fan_out, trail, refusals
        self._tokens, self._cluster_names = tokens, cluster_names
        self._daily_tokens, self._turn_s, self._now = daily_tokens, turn_s, now
        self._turns = instruments.counter(catalogue.MODEL_TURNS)
        self._steps = instruments.histogram(catalogue.MODEL_STEPS)
        self._errors = instruments.counter(catalogue.ERRORS)
        self._counting: set[asyncio.Task[None]] = set()

    async def answer(self, turn: Turn, output: TurnOutput, within_s: float | None = None) -> LanguagePlan | None:
        """What a model makes of some words.

        Args:
            turn: what was said, where, and what the model may do.
            output: is told of words as they come, of reads with their results, and of what it cost.
            within_s: how long it may take, in seconds; a turn's whole time when None.

        Returns:
            a plan to follow: commands to preview, or a question; None when the model answered in words.

        Raises:
            TooManyRequestsError: the person has spent the day's tokens.
            KubeChatError: there is no answer of a model; the message says why.
        """
        state, outcome = _State(), "failed"
        try:
            async with asyncio.timeout(within_s or self._turn_s):
                plan = await self._turn(turn, state, output)
            outcome = {"answer": "answered", "clarify": "asked"}.get(plan.behaviour, "proposed")
        except TimeoutError as exc:
            raise DeadlineExceededError("The model took too long to answer.", code="model_turn_timeout") from exc
        except TooManyRequestsError:
            outcome = "over_limit"
            raise
        except asyncio.CancelledError:
            outcome = "stopped"
            raise
        finally:
            self._turns.labels(outcome).inc()
            self._steps.observe(len(state.steps))
        await self._tell(turn, state, plan, output)
        return None if plan.behaviour == "answer" else plan

    async def instead_of(self, plan: LanguagePlan, turn: Turn, output: TurnOutput) -> LanguagePlan | None:
        """As `answer`; when the model fails the person is told why, and the embedded translator's plan stays."""
        try:
            return await self.answer(turn, output)
        except KubeChatError as error:
            self._errors.labels(error.code).inc()
            await output.emit({"type": "text", "text": _why(error), "code": error.code})
            return plan

    async def planned(self, plan: LanguagePlan, turn: Turn) -> LanguagePlan:
        """As `instead_of`, for who wants a plan and nothing run: an answer in words is one too."""
        try:
            async with asyncio.timeout(PLANNED_WITHIN_S):
                made = await self._turn(turn, _State(), TurnOutput(new_id(), _ignore))
        except (TimeoutError, KubeChatError) as error:
            self._turns.labels("failed").inc()
            why = _why(error) if isinstance(error, KubeChatError) else "The model took too long to answer."
            return replace(plan, say=f"{why} {plan.say}")
        self._turns.labels("planned").inc()
        return made

    async def prune(self) -> None:
        """Forget what was spent on days that nobody asks for any more."""
        await self._tokens.prune((self._now() - timedelta(days=KEPT_DAYS)).date())

    async def _turn(self, turn: Turn, state: _State, output: TurnOutput) -> LanguagePlan:
        ends = time.monotonic() + self._turn_s - ENDS_BEFORE_S
        while True:
            await self._within_limit(turn.person)
            end = await self._round(turn, state, output, ends - time.monotonic())
            if end["event"] == "plan":
                return await self._checked(turn, end)
            if len(state.steps) >= MOST_STEPS or not turn.may_read:
                raise UnavailableError(
                    f"The model came to no answer within {MOST_STEPS} rounds of reading.", code="model_steps"
                )
            state.steps.append(await self._read(turn, state, end, output))
            state.corrected = bool(end.get("corrected"))

    async def _within_limit(self, person: Person) -> None:
        if self._daily_tokens and await self._spent(person) >= self._daily_tokens:
            raise TooManyRequestsError(
                f"You have used up today's {self._daily_tokens:,} tokens of the model; it answers you again tomorrow "
                "(UTC). Plain requests and kubectl syntax work as usual.",
                code="model_tokens_spent",
            )

    async def _spent(self, person: Person) -> int:
        return await self._tokens.spent(person.user_id, self._now().date())

    async def _round(self, turn: Turn, state: _State, output: TurnOutput, timeout_s: float) -> dict[str, Any]:
        """One request to the language service: tell its words as they come, count its tokens, return its last event."""
        done = _Round()
        events = self._language.answer(
            turn.person,
            turn.chat,
            turn.history,
            turn.text,
            scope=turn.scope,
            may_read=turn.may_read,
            steps=state.steps,
            corrected=state.corrected,
            timeout_s=timeout_s,
        )
        try:
            async with aclosing(events):
                await self._follow(events, done, state, output)
        except KubeChatError:
            if not done.is_counted and not done.completion:
                done.prompt = 0  # it failed before its first word: nobody pays for that
            raise
        finally:
            state.tokens += done.prompt + done.completion
            await self._count(turn.person, done)
        return done.end

    async def _follow(
        self, events: AsyncIterator[dict[str, Any]], done: _Round, state: _State, output: TurnOutput
    ) -> None:
        async for event in events:
            match event.get("event"):
                case "model":
                    state.name = str(event.get("name") or "")
                    done.prompt = int(event.get("prompt_tokens") or 0)
                case "delta":
                    text = str(event.get("text") or "")
                    if not done.is_counted:
                        done.completion += len(text) // _CHARACTERS_PER_TOKEN + 1
                    await output.show({"type": "delta", "text": text, "model": state.name})
                case "usage":
                    counted = int(event.get("prompt") or 0), int(event.get("completion") or 0)
                    before = (done.prompt, done.completion) if done.is_counted else (0, 0)
                    done.prompt, done.completion = counted[0] + before[0], counted[1] + before[1]
                    done.is_counted = True
                case "plan" | "calls":
                    done.end = event

    async def _count(self, person: Person, done: _Round) -> None:
        """Write down what was spent, also by who has left; a database that is away costs no answer."""
        task = asyncio.create_task(self._add(person, done), name="model-tokens")
        self._counting.add(task)
        task.add_done_callback(self._counting.discard)
        await asyncio.shield(task)

    async def _add(self, person: Person, done: _Round) -> None:
        if done.prompt or done.completion:
            try:
                await self._tokens.add(person.user_id, self._now().date(), done.prompt, done.completion)
            except KubeChatError as error:
                _log.warning("tokens not counted", code=error.code)

    async def _read(self, turn: Turn, state: _State, end: dict[str, Any], output: TurnOutput) -> dict[str, Any]:
        """Run what a model wants read, as the person; what may not be read is its result."""
        calls = list(end.get("calls") or ())[:MOST_READS]
        events: list[dict[str, Any]] = []
        found = []
        try:
            for call in calls:
                line = str(call.get("command") or "")
                text = await self._read_one(turn, line, output, events)
                state.reads += 1
                found.append({**call, "result": text})
        finally:
            for event in events:
                event["detail"] = {**(event.get("detail") or {}), "asked_by": "model"}
            await self._trail.record(events)
        return {"said": str(end.get("said") or ""), "calls": found}

    async def _read_one(self, turn: Turn, line: str, output: TurnOutput, events: list[dict[str, Any]]) -> str:
        chat, results = turn.chat, list[Result]()

        async def show(result: Result) -> None:
            results.append(result)
            await output.emit({**result.to_event(), "by": "model"})

        try:
            commands = await read_by_model(
                line, cluster=chat.cluster, namespace=chat.namespace, clusters=self._cluster_names()
            )
            for group in grouped([replace(command, home=chat.cluster) for command in commands]):
                await self._fan_out.run(turn.person, group, show, events, session_id=chat.session_id)
        except KubeChatError as error:
            await self._refusals.record(
                turn.person, error, line, session_id=chat.session_id, cluster=chat.cluster, namespace=chat.namespace
            )
            failed = OutputResult(line, chat.cluster, "", notes=error.message, status=1)
            await output.emit({**failed.to_event(), "by": "model"})
            return f"error: {error.message}"
        said = printed(results)
        text = redact_text(said.out + said.err)
        return text if len(text) <= RESULT_CHARACTERS else f"{text[:RESULT_CHARACTERS]}\n(cut: there is more)"

    async def _checked(self, turn: Turn, end: dict[str, Any]) -> LanguagePlan:
        """The end of an answer as a plan; what it is to be is decided here, by its commands, and not by its maker."""
        plan = LanguagePlan(
            "answer",
            tuple(str(line) for line in end.get("commands") or ()),
            say=redact_text(str(end.get("say") or "")),
            choices=tuple(str(choice) for choice in end.get("choices") or ()),
            backend="model",
        )
        if plan.commands:
            commands = await proposed_by_model(
                plan.commands,
                cluster=turn.chat.cluster,
                namespace=turn.chat.namespace,
                clusters=self._cluster_names(),
            )
            behaviour = behaviour_of(commands)
            if behaviour != "run" and turn.scope != "proposals":
                raise InvalidInputError("The model proposed a change that was not asked for.", code="model_proposal")
            return replace(plan, behaviour=behaviour)
        if end.get("behaviour") == "clarify":
            return replace(plan, behaviour="clarify")
        if not plan.say:
            raise InternalError("The model gave no answer.", code="model_empty")
        cut = " (The answer was cut at its limit.)" if end.get("cut") else ""
        return replace(plan, say=plan.say + cut)

    async def _tell(self, turn: Turn, state: _State, plan: LanguagePlan, output: TurnOutput) -> None:
        """The model's words, where they are the answer, and what they cost."""
        if plan.behaviour == "answer":
            await output.emit({"type": "text", "text": plan.say, "by": "model", "model": state.name})
        try:
            today: int | None = await self._spent(turn.person)
        except KubeChatError:
            today = None  # the answer is there, whoever counts
        await output.emit(
            {
                "type": "model",
                "model": state.name,
                "reads": state.reads,
                "tokens": state.tokens,
                "tokens_today": today,
                "tokens_per_day": self._daily_tokens or None,
            }
        )


def behaviour_of(commands: Sequence[Command]) -> str:
    """What has to happen before these run: nothing, a confirmation, or a typed name."""
    if all(command.risk is Risk.READ for command in commands):
        return "run"
    return "strong" if any(command.risk is Risk.DESTRUCTIVE for command in commands) else "confirm"


def _why(error: KubeChatError) -> str:
    """Why there is no answer of a model; which of our services failed is nothing to the person."""
    if error.code.startswith("nlp_"):
        return "The language model gave no answer in time; try again in a moment."
    return error.message


async def _ignore(_: dict[str, Any]) -> None:
    return
