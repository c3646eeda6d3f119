"""The gateway's side of the language service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from app.errors import KubeChatError, UnavailableError
from app.infra.http import ServiceClient

PLAN_TIMEOUT_S = 10.0


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
    reading: list[dict[str, Any]] = field(default_factory=list)
    view: dict[str, Any] = field(default_factory=dict)


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
        async with self._client.lines("plan", "/v1/plan", json=body, timeout_s=PLAN_TIMEOUT_S) as lines:
            async for line in lines:
                event = line.get("event")
                if event == "reading" and line.get("text"):
                    await on_reading(str(line.get("text", "")))
                elif event == "plan":
                    return _plan(line)
                elif event == "error":
                    raise _error(line)
        raise UnavailableError("The language service broke off its answer.", code="nlp_garbled")


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
            reading=list(line.get("reading") or ()),
            view=dict(line.get("view") or {}),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise UnavailableError("The language service gave an answer that cannot be read.", code="nlp_garbled") from exc


def _error(line: dict[str, Any]) -> KubeChatError:
    return UnavailableError(
        str(line.get("message") or "The language service could not answer."), code=str(line.get("code") or "nlp_failed")
    )
