"""A chat turn: what was said becomes commands, reads run, changes are shown and wait.

Nothing that nlp answers is trusted: its commands pass the same parser, classification and confirmation as typed ones.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from app.domain.commands.across import grouped, lines_of
from app.domain.commands.engine import Engine
from app.domain.commands.following.live import can_live
from app.domain.commands.model.cluster import SetContext, UseContext
from app.domain.commands.model.command import Command, Risk
from app.domain.commands.model.streaming import streams
from app.domain.commands.nearest import no_such_cluster
from app.domain.commands.parser import looks_like_kubectl, parse_each_aside
from app.domain.commands.redaction import redact_typed
from app.domain.commands.results import Chunk, OutputResult, Result, TableResult
from app.domain.identities import Person
from app.errors import (
    ConflictError,
    InternalError,
    InvalidInputError,
    KubeChatError,
    TooLargeError,
)
from app.gateway.clients.nlp import LanguagePlan
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.changes import Changes
from app.gateway.service.fan_out import FanOut
from app.gateway.service.language import Language
from app.gateway.service.models import ModelAnswers, Turn
from app.gateway.service.questions import Questions
from app.gateway.service.reads import operation_class_of
from app.gateway.service.refusals import Refusals
from app.gateway.service.streams import StreamEnd, Streams
from app.gateway.service.turn import TurnOutput
from app.gateway.service.view import View
from app.gateway.store.chats import Chats, ChatSession
from app.telemetry import catalogue
from app.telemetry.http import current_request_id
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.stages import cluster_clock
from app.telemetry.tracing import Tracing, current_trace_id
from slo.operation_class import OperationClass

LONGEST_TEXT_BYTES = 64 * 1024  # a pasted manifest fits; a core dump does not
TITLE_LENGTH = 60
HISTORY = 40
WHOLE = View()
_WEBSOCKET = {"network.protocol.name": "websocket"}
_log = get_logger(__name__)


class ChatService:
    """Answers one message at a time.

    Args:
        chats: conversations and messages.
        engine: knows the clusters.
        fan_out: runs reads, on one cluster or on many.
        streamed: runs what goes on.
        changes: previews and confirms.
        language: reads plain words.
        trail: the audit trail.
        tracing: one trace per turn.
        refusals: writes down what was not allowed.
        instruments: where turns and commands are measured.
        models: asks a language model where the language service says that one may help; None asks none.
        questions: answers what no cluster can; None leaves that to the language service's sentence.
    """

    def __init__(
        self,
        *,
        chats: Chats,
        engine: Engine,
        fan_out: FanOut,
        streamed: Streams,
        changes: Changes,
        language: Language,
        trail: AuditTrail,
        tracing: Tracing,
        refusals: Refusals,
        instruments: Instruments,
        models: ModelAnswers | None = None,
        questions: Questions | None = None,
    ) -> None:
        self._questions = questions
        self._models = models
        self._refusals = refusals
        self._chats = chats
        self._engine = engine
        self._changes = changes
        self._language = language
        self._trail = trail
        self._tracing = tracing
        self._fan_out = fan_out
        self._streams = streamed
        self._turns = instruments.counter(catalogue.TURNS)
        self._turn_duration = instruments.histogram(catalogue.TURN_DURATION)
        self._cluster_duration = instruments.histogram(catalogue.TURN_CLUSTER_DURATION)
        self._parse_failures = instruments.counter(catalogue.PARSE_FAILURES)
        self._errors = instruments.counter(catalogue.ERRORS)

    async def say(self, person: Person, session_id: UUID, text: str, output: TurnOutput) -> None:
        """Answer what a person said; every way it can end is told through `output`."""
        with self._tracing.root("chat turn", always=True, attributes={**_WEBSOCKET, "kubechat.turn": str(output.turn)}):
            await self._measured(self._say(person, session_id, text, output), output)

    async def confirm(
        self, person: Person, session_id: UUID, plan_id: UUID, digest: str, typed: str | None, output: TurnOutput
    ) -> None:
        """Carry out a plan that was shown; told through `output`."""
        output.operation_class = OperationClass.COMPLEX
        with self._tracing.root("confirmation", always=True, attributes={**_WEBSOCKET, "kubechat.plan": str(plan_id)}):
            await self._measured(self._confirm(person, session_id, plan_id, digest, typed, output), output)

    async def cancel(self, person: Person, session_id: UUID, plan_id: UUID, output: TurnOutput) -> None:
        """Close a plan that was shown; told through `output`."""
        output.operation_class = OperationClass.API
        await self._measured(self._cancel(person, session_id, plan_id, output), output)

    async def undo(self, person: Person, session_id: UUID, plan_id: UUID, output: TurnOutput) -> None:
        """Show what takes a plan back; told through `output`."""
        output.operation_class = OperationClass.COMPLEX
        await self._measured(self._undo(person, session_id, plan_id, output), output)

    async def _measured(self, work: Awaitable[None], output: TurnOutput) -> None:
        with cluster_clock() as clock:
            try:
                await self._told(work, output)
            finally:
                self._cluster_duration.labels(output.operation_class).observe(clock.spent_s)

    async def _told(self, work: Awaitable[None], output: TurnOutput) -> None:
        started = time.perf_counter()
        request_id, trace_id = current_request_id(), current_trace_id()
        await output.show({"type": "turn", "state": "started", "request_id": request_id, "trace_id": trace_id})
        outcome = "error"
        try:
            await work
            outcome = "ok"
        except asyncio.CancelledError:
            outcome = "stopped"  # by the person: no fault of ours, and no end of ours to show
            raise
        except _ToldError as told:
            outcome = "refused" if told.answered_status < 500 else "error"
            self._errors.labels(told.code).inc()
        except KubeChatError as error:
            outcome = "refused" if error.status < 500 else "error"
            self._errors.labels(error.code).inc()
            await output.show(_error(error, request_id))
        except Exception as exc:  # noqa: BLE001 - a fault of ours ends this turn and no other; logged, counted, told
            _log.exception("turn failed", turn=str(output.turn), fault=type(exc).__name__)
            fault = InternalError(
                f"Something went wrong on our side. Report the request id {request_id} to your administrator."
            )
            self._errors.labels(fault.code).inc()
            await output.show(_error(fault, request_id))
        finally:
            duration_s = time.perf_counter() - started
            self._turns.labels(output.operation_class, outcome).inc()
            self._turn_duration.labels(output.operation_class).observe(
                duration_s, {"trace_id": trace_id} if trace_id else None
            )
            await output.show(
                {
                    "type": "turn",
                    "state": "done",
                    "request_id": request_id,
                    "trace_id": trace_id,
                    "duration_s": round(duration_s, 4),
                    "stopped": outcome == "stopped",
                }
            )

    async def _say(self, person: Person, session_id: UUID, text: str, output: TurnOutput) -> None:
        if len(text.encode()) > LONGEST_TEXT_BYTES:
            raise TooLargeError(
                f"A message may have at most {LONGEST_TEXT_BYTES // 1024} KiB; paste less of it.",
                code="message_too_large",
            )
        if not text.strip():
            raise InvalidInputError("The message is empty.", code="empty_message")
        chat = await self._chats.find(session_id, person.user_id)
        history = await self._chats.page(session_id, 2**62, HISTORY)
        kept = redact_typed(text)
        try:
            await self._chats.append(
                session_id, output.turn, "person", [{"type": "say", "turn": str(output.turn), "text": kept}]
            )
        except ConflictError:
            # Sent again after a reconnect: show what was answered, do nothing twice.
            for event in await self._chats.of_turn(session_id, output.turn):
                await output.show(event)
            return
        if not chat.title:
            await self._chats.title_if_new(session_id, " ".join(kept.split())[:TITLE_LENGTH])
        try:
            if looks_like_kubectl(text):
                await self._run(person, chat, await self._parse(text, chat), output)
                return
            read = await self._language.plan(
                person,
                chat,
                history,
                text,
                lambda reading: output.show({"type": "reading", "text": reading, "commands": [], "confidence": 0.0}),
            )
            plan: LanguagePlan | None = read
            if read.model and self._models is not None:
                output.operation_class = OperationClass.MODEL
                plan = await self._models.instead_of(read, Turn(person, chat, history, text, read.model), output)
            if plan is not None:
                await self._follow(person, chat, plan, output)
        except KubeChatError as error:
            await output.emit(_error(error, current_request_id()))
            await self._refusals.record(
                person, error, text, session_id=session_id, cluster=chat.cluster, namespace=chat.namespace
            )
            raise _ToldError(error) from error
        finally:
            await self._store(session_id, output)

    async def _parse(self, line: str, chat: ChatSession) -> list[Command]:
        try:
            commands = await parse_each_aside(
                line, cluster=chat.cluster, namespace=chat.namespace, clusters=self._engine.cluster_names
            )
        except KubeChatError as error:
            self._parse_failures.labels(error.code).inc()
            raise
        # A line that is copied into a terminal means the kubeconfig's current context, not this conversation's.
        return [replace(command, home=self._engine.current_cluster) for command in commands]

    async def _follow(self, person: Person, chat: ChatSession, plan: LanguagePlan, output: TurnOutput) -> None:
        """Do what the language service read, as far as that is allowed."""
        if plan.backend == "model":
            output.operation_class = OperationClass.MODEL
        elif plan.behaviour == "diagnose":
            output.operation_class = OperationClass.COMPLEX
        if plan.commands and plan.behaviour in {"run", "confirm", "strong"}:
            commands = [command for line in plan.commands for command in await self._parse(line, chat)]
            await output.emit(
                {
                    "type": "reading",
                    "text": plan.say,
                    "commands": lines_of(commands, self._engine.cluster_names),
                    "confidence": plan.confidence,
                }
            )
            await self._run(person, chat, commands, output, View.read(plan.view))
            return
        if plan.behaviour == "diagnose" and (plan.target or plan.commands):
            lines = [_diagnosis(plan.target)] if plan.target else plan.commands
            commands = [command for line in lines for command in await self._parse(line, chat)]
            await output.emit(
                {
                    "type": "reading",
                    "text": plan.say,
                    "commands": lines_of(commands, self._engine.cluster_names),
                    "confidence": plan.confidence,
                }
            )
            await self._run(person, chat, commands, output)
            return
        if plan.behaviour == "session":
            await self._move(chat, plan.action, output)
        elif plan.behaviour == "clarify" or plan.choices:
            by = {"by": "model"} if plan.backend == "model" else {}
            await output.emit({"type": "question", "text": plan.say, "choices": list(plan.choices), **by})
        else:
            told = ""
            if plan.question is not None and self._questions is not None:
                told = await self._questions.answer(person, plan.question)
            await output.emit({"type": "text", "text": told or plan.say or "I did not understand that."})

    async def _run(
        self, person: Person, chat: ChatSession, commands: Sequence[Command], output: TurnOutput, view: View = WHOLE
    ) -> None:
        """Run reads in their order, then show all changes as one plan."""
        if output.operation_class is OperationClass.SIMPLE:
            output.operation_class = operation_class_of(commands)
        if len(commands) == 1 and isinstance(commands[0], (UseContext, SetContext)):
            await self._change_context(chat, commands[0], output)
            return
        reads = [command for command in commands if command.risk is Risk.READ]
        changes = [command for command in commands if command.risk is not Risk.READ]
        events: list[dict[str, Any]] = []

        if len(commands) == 1 and streams(commands[0]):
            await self._stream(person, chat, commands[0], output)
            return
        try:
            for group in grouped(reads):
                show = partial(self._show, group, view, output)
                keep = view.choose if view.where else None
                await self._fan_out.run(person, group, show, events, session_id=chat.session_id, keep=keep)
        finally:
            await self._trail.record(events)
        if changes:
            await self._changes.preview(
                person, changes, output, session_id=chat.session_id, request_id=current_request_id()
            )

    async def _stream(self, person: Person, chat: ChatSession, command: Command, output: TurnOutput) -> None:
        """Show an output as it grows; the conversation keeps its end."""
        output.operation_class = OperationClass.STREAM
        end = StreamEnd()
        events: list[dict[str, Any]] = []
        of = {"command": command.line(), "cluster": command.cluster}

        async def grow(chunk: Chunk) -> None:
            await output.show({"type": "chunk", **of, "text": chunk.text, "notes": chunk.notes})

        await output.show({"type": "chunk", **of, "text": "", "notes": ""})
        try:
            await self._streams.run(person, command, grow, events, end, session_id=chat.session_id)
        finally:
            result = OutputResult(
                command.line(),
                command.cluster,
                end.text,
                language="log" if command.verb == "logs" else "text",
                truncated=end.is_cut,
                notes=end.notes,
            )
            if end.size_bytes or end.notes or end.reason == "finished":
                await output.emit(result.to_event())
            await self._trail.record(events)

    async def _show(self, asked: Sequence[Command], view: View, output: TurnOutput, found: Result) -> None:
        """A result, with a sentence where not all of it is shown, and with what keeps it current where that goes."""
        result = view.apply(found)
        alone = len(asked) == 1 and can_live(asked[0]) and view.is_by_row
        live = view.told() if isinstance(result, TableResult) and alone else None
        more: dict[str, Any] = {}
        if isinstance(result, TableResult):
            if view.count:
                things = "row" if result.total == 1 else "rows"
                said = f"{result.total} {things}: {result.command}{_only(view)}"
                await output.emit({"type": "text", "text": f"{said}. {result.after}".removesuffix(". ")})
                return
            if view.words():
                await output.emit(
                    {"type": "text", "text": f"Shown: {result.total}{_only(view)}. {result.after}".strip()}
                )
            if result.next:
                more = {"view": view.told()}
        await output.emit(result.to_event() | more | ({"live": live} if live is not None else {}))

    async def _move(self, chat: ChatSession, action: str, output: TurnOutput) -> None:
        """Change the conversation's cluster or namespace; a preview is decided by its buttons alone."""
        cluster, namespace = chat.cluster, chat.namespace
        for part in action.split(" and "):
            word, _, name = part.rpartition(" ")
            if word == "set context":
                cluster = name
            elif word == "set namespace":
                namespace = name
            else:
                await output.emit({"type": "text", "text": "Use the buttons of the preview to confirm or cancel it."})
                return
        await self.move(chat, cluster, namespace)
        await output.emit(
            {
                "type": "text",
                "text": f"From here on: cluster {cluster}, namespace {namespace}.",
                "cluster": cluster,
                "namespace": namespace,
            }
        )

    async def _change_context(self, chat: ChatSession, command: UseContext | SetContext, output: TurnOutput) -> None:
        """Go on where `config use-context` or `config set-context --current` says, in kubectl's words."""
        if isinstance(command, UseContext):
            namespace = self._engine.default_namespace(command.cluster)
            said = f'Switched to context "{command.cluster}".'
        else:
            namespace, said = command.namespace, f'Context "{command.cluster}" modified.'
        await self.move(chat, command.cluster, namespace)
        await output.emit({"type": "text", "text": said, "cluster": command.cluster, "namespace": namespace})

    async def move(self, chat: ChatSession, cluster: str, namespace: str) -> None:
        """Go on in another cluster or namespace; InvalidInputError for a cluster that there is not."""
        if cluster not in self._engine.cluster_names:
            raise no_such_cluster(cluster, self._engine.cluster_names)
        await self._chats.move(chat.session_id, cluster, namespace)

    async def _confirm(
        self, person: Person, session_id: UUID, plan_id: UUID, digest: str, typed: str | None, output: TurnOutput
    ) -> None:
        await self._chats.find(session_id, person.user_id)
        try:
            await self._changes.confirm(person, plan_id, digest, typed, output)
        except KubeChatError as error:
            await self._refusals.record(person, error, f"confirm plan {plan_id}", session_id=session_id)
            raise
        finally:
            await self._store(session_id, output)

    async def _cancel(self, person: Person, session_id: UUID, plan_id: UUID, output: TurnOutput) -> None:
        await self._chats.find(session_id, person.user_id)
        try:
            await self._changes.cancel(person, plan_id, output)
        finally:
            await self._store(session_id, output)

    async def _undo(self, person: Person, session_id: UUID, plan_id: UUID, output: TurnOutput) -> None:
        await self._chats.find(session_id, person.user_id)
        try:
            await self._changes.undo(person, plan_id, output, session_id=session_id, request_id=current_request_id())
        finally:
            await self._store(session_id, output)

    async def _store(self, session_id: UUID, output: TurnOutput) -> None:
        events = output.take_unstored()
        if events:
            await self._chats.append(session_id, output.turn, "kubechat", events)


def _diagnosis(target: str) -> str:
    """The line that diagnoses what the language service names: "deployment/web -n shop", or "cluster"."""
    what, space, where = target.partition(" ")
    return f"diagnose {'-A' if what == 'cluster' else what}{space}{where}"


def _only(view: View) -> str:
    words = view.words()
    return f", {words}" if words else ""


class _ToldError(KubeChatError):
    """An error that the conversation's history holds already; the turn ends with it and says it no second time."""

    def __init__(self, error: KubeChatError) -> None:
        super().__init__(error.message, code=error.code)
        self.answered_status = error.status


def _error(error: KubeChatError, request_id: str) -> dict[str, Any]:
    return {
        "type": "error",
        "code": error.code,
        "message": error.message,
        "request_id": request_id,
        "retryable": error.retryable,
    }
