"""What a language model is to the rest of this service, and the errors with which it fails.

The library that speaks to one is chosen in `client` and named nowhere else; it is imported only where a model is set.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from app.errors import KubeChatError

Message = Mapping[str, Any]
"""One message of a conversation, as the chat-completions protocol has it."""
Tool = Mapping[str, Any]
"""One tool, as the chat-completions protocol has it."""


class ModelError(KubeChatError):
    """The model gave no answer that can be used (502); the embedded translator's stays.

    Attributes:
        reason: the metric label.
        is_answer: whether the endpoint works, so that this does not count against it.
    """

    status: ClassVar[int] = 502
    code = "model_failed"

    def __init__(self, message: str, reason: str, *, is_answer: bool = False) -> None:
        super().__init__(message, code=f"model_{reason}")
        self.reason = reason
        self.is_answer = is_answer


@dataclass(frozen=True, slots=True)
class Delta:
    """More of what a model says."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that a model wants to have called; nothing of it has been checked.

    Attributes:
        id: what the result has to carry.
        name: the tool's.
        arguments: JSON, as the model wrote it.
    """

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of one answer.

    Attributes:
        calls: the tools it wants called.
        is_cut: whether the token limit ended it.
        prompt_tokens: what was sent, as the endpoint counted; None when it did not say.
        completion_tokens: what was answered, likewise.
    """

    calls: tuple[Call, ...] = ()
    is_cut: bool = False
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Model(Protocol):
    """One model behind an endpoint."""

    @property
    def name(self) -> str:
        """As the endpoint calls it."""
        ...

    def stream(
        self, messages: Sequence[Message], tools: Sequence[Tool], *, max_tokens: int, deadline_s: float
    ) -> AsyncGenerator[Delta | Finished]:
        """One answer, as it comes; the last is `Finished`.

        Args:
            messages: the conversation.
            tools: what may be called.
            max_tokens: most tokens of the answer.
            deadline_s: the event loop's time after which it is of no use.

        Raises:
            ModelError: there is no answer, or none that can be used.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


def no_tools(name: str) -> ModelError:
    """A model that cannot call tools cannot look at a cluster: whatever it said would be made up."""
    return ModelError(
        f"The model {name} cannot call tools, so it cannot look at your clusters and was not asked further.",
        "no_tools",
        is_answer=True,
    )
