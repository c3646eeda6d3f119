"""One answer of a model: what it says as it comes, then the reads it asks for, a proposal, a question, or its end.

Holds no state between two requests: the caller sends the whole conversation each time, runs the reads itself, and
comes back with what they gave. What a model calls is checked before it leaves this service; what makes no sense is
told back to it once in a turn.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from app.domain.commands.for_models import MOST_READS, MOST_STEPS
from app.errors import BusyError, DeadlineExceededError, KubeChatError
from app.infra.breaker import Breaker, Refusal
from app.nlp.models.client_cache import Models
from app.nlp.models.model import Delta, Finished, Message, Model, ModelError, Tool, no_tools
from app.nlp.models.prompt import CHARACTERS_PER_TOKEN, Step, about_tokens, assistant, messages, told
from app.nlp.models.prompt_cache import Prompts
from app.nlp.models.tools import (
    ASK,
    PROPOSE,
    READ,
    Ask,
    Place,
    Propose,
    Read,
    Wrong,
    looks_like_a_call,
    read_call,
    tools,
)
from app.nlp.models.when import Scope
from app.nlp.translator.plan import Context
from app.nlp.translator.vocabulary import Vocabulary
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.tracing import Tracing, current_trace_id

BACKEND = "model"
_DEPENDENCY = "model"
_log = get_logger(__name__)
_NOT_RUN = "Not run, as another call of this answer makes no sense. Call it again."


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one answer.

    Attributes:
        timeout_s: for one answer of the model, in seconds.
        max_tokens: of one answer.
        max_prompt_tokens: of what is sent with one request, about.
        at_once: answers that may be under way in this replica.
        steps: rounds of reads in one turn.
    """

    timeout_s: float
    max_tokens: int
    max_prompt_tokens: int
    at_once: int
    steps: int = MOST_STEPS


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to a model.

    Attributes:
        text: what the person said.
        context: where they stand.
        vocabulary: the names they may see.
        vocabulary_key: names the vocabulary, for what is kept of it.
        scope: what the model may do.
        steps: the rounds of reads so far.
        corrected: whether it was told already, in this turn, that a call made no sense.
        may_read: whether reads are run at all.
    """

    text: str
    context: Context
    vocabulary: Vocabulary
    vocabulary_key: object
    scope: Scope
    steps: tuple[Step, ...] = ()
    corrected: bool = False
    may_read: bool = True


class ModelBackend:
    """Asks a model.

    Args:
        models: clients of models.
        prompts: beginnings of prompts.
        limits: bounds.
        instruments: where requests, tokens and failures are counted.
        tracing: the span of each request.
    """

    def __init__(
        self, models: Models, prompts: Prompts, limits: Limits, instruments: Instruments, tracing: Tracing
    ) -> None:
        self._models, self._prompts, self._limits, self._tracing = models, prompts, limits, tracing
        self._under_way = 0
        self._failures = instruments.counter(catalogue.MODEL_FAILURES)
        self._tokens = instruments.counter(catalogue.MODEL_TOKENS)
        self._calls = instruments.counter(catalogue.MODEL_CALLS)
        self._plans = instruments.counter(catalogue.NLP_PLANS)
        self._processing = instruments.histogram(catalogue.NLP_PROCESSING).labels(BACKEND)
        self._requests = instruments.counter(catalogue.DEPENDENCY_REQUESTS)
        self._duration = instruments.histogram(catalogue.DEPENDENCY_DURATION).labels(_DEPENDENCY, "chat")
        instruments.gauge(catalogue.MODEL_UNDER_WAY).set_function(lambda: float(self._under_way))
        instruments.gauge(catalogue.MODEL_LIMIT).set(limits.at_once)
        self._breaker = Breaker(self._left_alone, instruments.gauge(catalogue.MODEL_BREAKER_OPEN).set)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._models.name

    async def warm_client(self) -> None:
        """Have the model's client ready before anybody asks.

        Raises:
            InternalError: the key's file cannot be read.
        """
        await self._models.warm()

    async def warm_prompt(self, context: Context, vocabulary: Vocabulary, vocabulary_key: object) -> None:
        """Have the beginning of a prompt ready before anybody asks."""
        await self._prompts.warm(vocabulary_key, context, vocabulary, self._max_characters)

    def events(self, asked: Asked, deadline_s: float) -> AsyncGenerator[dict[str, Any]]:
        """The events of one request; the last is `calls` or `plan`.

        Args:
            asked: the request.
            deadline_s: the event loop's time after which the answer is of no use.

        Raises:
            DeadlineExceededError: its time was over before it came; before the first event.
            BusyError: as many answers are under way as may be; raised at the call, before the first event.
            ModelError: the model is left alone at the moment (before the first event), or failed.
        """
        if asyncio.get_running_loop().time() >= deadline_s:
            self._failures.labels("expired").inc()
            raise DeadlineExceededError("The answer would have come too late; the model was not asked.")
        if self._under_way >= self._limits.at_once:
            self._failures.labels("full").inc()
            raise BusyError("Too many people ask the model at the moment; try again in a moment.", code="model_full")
        self._breaker.admit()
        return self._counted(asked, deadline_s)

    async def _counted(self, asked: Asked, deadline_s: float) -> AsyncGenerator[dict[str, Any]]:
        self._under_way += 1
        try:
            async with aclosing(self._events(asked, deadline_s)) as events:
                async for event in events:
                    yield event
        except ModelError as error:
            self._failures.labels(error.reason).inc()
            if error.reason == "key":
                self._models.forget()  # the next one reads the key's file anew
            _log.warning("model failed", reason=error.reason, model=self.name)
            raise
        finally:
            self._under_way -= 1

    async def _events(self, asked: Asked, deadline_s: float) -> AsyncGenerator[dict[str, Any]]:
        async with self._models.use() as model, aclosing(self._with(model, asked, deadline_s)) as events:
            async for event in events:
                yield event

    async def _with(self, model: Model, asked: Asked, deadline_s: float) -> AsyncGenerator[dict[str, Any]]:
        context, place = asked.context, _place(asked)
        start = await self._prompts.get(asked.vocabulary_key, context, asked.vocabulary, self._max_characters)
        said = messages(start, context, asked.text, asked.steps, self._max_characters)
        offered = self._offered(asked)
        corrected = asked.corrected
        yield {"event": "model", "name": model.name, "prompt_tokens": about_tokens(said)}
        while True:
            words: list[str] = []
            finished = Finished()
            async with aclosing(self._answer(model, said, tools(offered), deadline_s)) as answer:
                async for part in answer:
                    if isinstance(part, Delta):
                        words.append(part.text)
                        yield {"event": "delta", "text": part.text}
                    else:
                        finished = part
            text = "".join(words)
            yield self._usage(said, text, finished)
            actions = [await read_call(call, place, offered) for call in finished.calls]
            for action in actions:
                self._calls.labels("wrong" if isinstance(action, Wrong) else action.call.name).inc()
            wrong = [action for action in actions if isinstance(action, Wrong)]
            if wrong and corrected:
                raise ModelError(
                    f"The model {model.name} asked for things that make no sense, and did so again.", "wrong_calls"
                )
            if not wrong:
                break
            corrected = True
            said = [*said, assistant(text, finished.calls), *(_correction(action) for action in actions)]
        yield self._end(model, text, finished, actions, corrected=corrected)

    async def _answer(
        self, model: Model, said: Sequence[Message], offered: Sequence[Tool], deadline_s: float
    ) -> AsyncGenerator[Delta | Finished]:
        """One request to the endpoint, measured, and told to the breaker."""
        started, outcome = time.perf_counter(), "ok"
        ends_s = min(deadline_s, asyncio.get_running_loop().time() + self._limits.timeout_s)
        held: list[str] = []
        try:
            with self._tracing.span("ask the model", attributes={"gen_ai.request.model": model.name}):
                stream = model.stream(said, offered, max_tokens=self._limits.max_tokens, deadline_s=ends_s)
                async with aclosing(stream) as parts:
                    async for part in parts:
                        if isinstance(part, Delta):
                            # A call written as text is no answer: what begins like one is held back until it ended.
                            if held or part.text.lstrip().startswith(_CALL_BEGINS):
                                held.append(part.text)
                                continue
                        elif held:
                            yield Delta(_words("".join(held), model.name))
                        yield part
            self._breaker.answered(time.perf_counter() - started)
        except ModelError as error:
            outcome = error.reason
            if error.is_answer:
                self._breaker.answered(time.perf_counter() - started)
            else:
                self._breaker.failed(error.message.rstrip("."), error.code)
            raise
        except BaseException:
            outcome = "cancelled"
            raise
        finally:
            elapsed = time.perf_counter() - started
            trace_id = current_trace_id()
            self._processing.observe(elapsed, {"trace_id": trace_id} if trace_id else None)
            self._duration.observe(elapsed)
            # People who leave and endpoints with too much to do are no fault of the endpoint's.
            told_as = {"ok": "ok", "cancelled": "cancelled", "busy": "refused", "slow": "timeout"}
            self._requests.labels(_DEPENDENCY, "chat", told_as.get(outcome, "unavailable")).inc()

    def _offered(self, asked: Asked) -> list[str]:
        names = [READ] if asked.may_read and len(asked.steps) < self._limits.steps else []
        return [*names, PROPOSE, ASK] if asked.scope is Scope.PROPOSALS else [*names, ASK]

    def _usage(self, said: Sequence[Message], text: str, finished: Finished) -> dict[str, Any]:
        prompt, completion = finished.prompt_tokens, finished.completion_tokens
        is_estimated = prompt is None or completion is None
        if prompt is None:
            prompt = about_tokens(said)
        if completion is None:
            written = len(text) + sum(len(call.arguments) for call in finished.calls)
            completion = written // CHARACTERS_PER_TOKEN + 1
        self._tokens.labels("prompt").inc(prompt)
        self._tokens.labels("completion").inc(completion)
        return {"event": "usage", "prompt": prompt, "completion": completion, "estimated": is_estimated}

    def _end(
        self, model: Model, text: str, finished: Finished, actions: Sequence[object], *, corrected: bool
    ) -> dict[str, Any]:
        """The last event; what ends a turn goes before reads that were called beside it."""
        for action in actions:
            if isinstance(action, Propose):
                return self._plan("confirm", action.explanation or text, commands=list(action.lines))
            if isinstance(action, Ask):
                return self._plan("clarify", action.question, choices=list(action.choices))
        reads = [action for action in actions if isinstance(action, Read)][:MOST_READS]
        if reads:
            return {
                "event": "calls",
                "said": text,
                "corrected": corrected,
                "calls": [
                    {
                        "id": read.call.id,
                        "name": read.call.name,
                        "arguments": read.call.arguments,
                        "command": read.line,
                    }
                    for read in reads
                ],
            }
        if not text.strip():
            raise ModelError(f"The model {model.name} gave no answer.", "empty")
        return self._plan("answer", text.strip(), is_cut=finished.is_cut)

    def _plan(
        self,
        behaviour: str,
        say: str,
        *,
        commands: Sequence[str] = (),
        choices: Sequence[str] = (),
        is_cut: bool = False,
    ) -> dict[str, Any]:
        self._plans.labels(behaviour, BACKEND).inc()
        return {
            "event": "plan",
            "behaviour": behaviour,
            "commands": list(commands),
            "say": say,
            "choices": list(choices),
            "confidence": 0.0,  # a model's own word for it would mean nothing
            "reading": [],
            "target": "",
            "action": "",
            "backend": BACKEND,
            "cut": is_cut,
        }

    @property
    def _max_characters(self) -> int:
        return self._limits.max_prompt_tokens * CHARACTERS_PER_TOKEN

    def _left_alone(self, refusal: Refusal) -> KubeChatError:
        self._failures.labels("left_alone").inc()
        return ModelError(f"{refusal.reason}; it is asked again in {round(refusal.next_try_s)} s.", "left_alone")


_THOUGHT = re.compile(r"\A\s*<think>.*?(?:</think>\s*|\Z)", re.DOTALL)
_CALL_BEGINS = ("{", "[", "<", "```")


def _words(text: str, name: str) -> str:
    """A text that began like a call, where it is none after all, without what a model thought aloud before it."""
    spoken = _THOUGHT.sub("", text)
    if looks_like_a_call(spoken):
        raise no_tools(name)
    return spoken


def _correction(action: object) -> Message:
    if isinstance(action, Wrong):
        return told(action.call, action.reason)
    assert isinstance(action, (Read, Propose, Ask))
    return told(action.call, _NOT_RUN)


def _place(asked: Asked) -> Place:
    clusters = asked.vocabulary.clusters | {asked.context.cluster}
    return Place(asked.context.cluster, asked.context.namespace, tuple(sorted(clusters)))
