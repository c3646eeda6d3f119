"""The gateway's side of the language service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from app.errors import KubeChatError, UnavailableError
from app.infra.http import ServiceClient

PLAN_TIMEOUT_S = 10.0
WARM_TIMEOUT_S = 5.0  # for making one cluster's names ready ahead, which nobody waits for


@dataclass(frozen=True, slots=True)
class AskedElsewhere:
    """What is asked of alerts, budgets, measurements or the audit log.

    Attributes:
        topic: `alerts`, `budgets`, `metrics` or `audit`.
        objects: names that it is about.
        action: the verb of kubectl that is asked about; empty for any.
        since_s: seconds back from now; 0 where no time was said.
    """

    topic: str
    objects: tuple[str, ...] = ()
    action: str = ""
    since_s: int = 0


@dataclass(frozen=True, slots=True)
class LanguagePlan:
    """How the language service read some words. Not trusted: each command is parsed and classified again."""

    behaviour: str
    commands: tuple[str, ...] = ()
    say: str = ""
    choices: tuple[str, ...] = ()
    confidence: float = 0.0
    target: str = ""
    action: str = ""
    backend: str = "embedded"
    model: str = ""  # what a language model may add to it: "", "reads" or "proposals"
    reading: list[dict[str, Any]] = field(default_factory=list)
    view: dict[str, Any] = field(default_factory=dict)
    question: AskedElsewhere | None = None


class NlpClient:
    """Calls the language service."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def plan(
        self,
        text: str,
        *,
        context: dict[str, Any],
        vocabulary: dict[str, Any],
        on_reading: Callable[[str], Awaitable[None]],
    ) -> LanguagePlan:
        """Translate words into a plan.

        Args:
            text: what the person said.
            context: cluster, namespace and earlier turns.
            vocabulary: the names this person may see.
            on_reading: told of each intermediate reading, as it comes.

        Raises:
            UnavailableError, BusyError, DeadlineExceededError: there is no language at the moment.
        """
        body = {"text": text, "context": context, "vocabulary": vocabulary}
        async with self._client.lines(
            "plan", "/v1/plan", json=body, timeout_s=PLAN_TIMEOUT_S, repeatable=True
        ) as lines:
            async for line in lines:
                event = line.get("event")
                if event == "reading" and line.get("text"):
                    await on_reading(str(line.get("text", "")))
                elif event == "plan":
                    return _plan(line)
                elif event == "error":
                    raise _error(line)
        raise UnavailableError("The language service broke off its answer.", code="nlp_garbled")

    async def answer(self, body: dict[str, Any], timeout_s: float) -> AsyncGenerator[dict[str, Any]]:
        """The events of a language model's answer; the last is `plan` or `calls`.

        Args:
            body: the words, where they were said, names, and what was read so far.
            timeout_s: how long the whole answer may take.

        Raises:
            KubeChatError: there is no answer; the message is for the person.
        """
        async with self._client.lines("answer", "/v1/answer", json=body, timeout_s=timeout_s, repeatable=True) as lines:
            async for line in lines:
                if line.get("event") == "error":
                    raise _error(line)
                yield line
                if line.get("event") in {"plan", "calls"}:
                    return
        raise UnavailableError("The language service broke off its answer.", code="nlp_garbled")

    @property
    def replicas(self) -> list[str]:
        """Each replica's address."""
        return self._client.urls

    async def is_warm(self, replica: str) -> bool:
        """Whether a replica was given names since it started.

        Raises:
            KubeChatError: it does not answer.
        """
        reply = await self._client.call("warm", "GET", "/v1/warm", timeout_s=WARM_TIMEOUT_S, at=replica)
        return isinstance(reply.body, dict) and reply.body.get("warmed") is True

    async def warm(self, replica: str, cluster: str, namespace: str, vocabulary: dict[str, Any]) -> None:
        """Have a replica make a cluster's names ready.

        Args:
            replica: its address.
            cluster: the cluster.
            namespace: where conversations about it stand.
            vocabulary: its names, as they are sent with words.

        Raises:
            KubeChatError: it does not answer.
        """
        body = {"names": [{"cluster": cluster, "namespace": namespace, "vocabulary": vocabulary}]}
        await self._client.call("warm", "POST", "/v1/warm", json=body, timeout_s=WARM_TIMEOUT_S, at=replica)


def _plan(line: dict[str, Any]) -> LanguagePlan:
    try:
        return LanguagePlan(
            behaviour=str(line["behaviour"]),
            commands=tuple(str(command) for command in line.get("commands") or ()),
            say=str(line.get("say") or ""),
            choices=tuple(str(choice) for choice in line.get("choices") or ()),
            confidence=float(line.get("confidence") or 0.0),
            target=str(line.get("target") or ""),
            action=str(line.get("action") or ""),
            backend=str(line.get("backend") or "embedded"),
            model=str(line.get("model") or ""),
            reading=list(line.get("reading") or ()),
            view=dict(line.get("view") or {}),
            question=_question(line.get("question")),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise UnavailableError("The language service gave an answer that cannot be read.", code="nlp_garbled") from exc


def _question(asked: dict[str, Any] | None) -> AskedElsewhere | None:
    if not asked:
        return None
    objects = tuple(str(name) for name in asked.get("objects") or ())
    return AskedElsewhere(str(asked["topic"]), objects, str(asked.get("action") or ""), int(asked.get("since_s") or 0))


def _error(line: dict[str, Any]) -> KubeChatError:
    return UnavailableError(
        str(line.get("message") or "The language service could not answer."), code=str(line.get("code") or "nlp_failed")
    )
