"""The one error of the local stack: a sentence for the person at the terminal.

It must not hold another exception's text, a password or a URL with one.
"""

from __future__ import annotations

from app.errors import KubeChatError


class StackError(KubeChatError):
    """The local stack cannot do what was asked; `message` says why and what to do.

    Attributes:
        detail: lines that help to find the cause (the end of a log), shown below the sentence.
    """

    code = "stack"

    def __init__(self, message: str, *, detail: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.detail = detail
