"""The command that diagnoses: a word of our own beside kubectl's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.domain.commands.model.command import Command, Target


@dataclass(frozen=True, kw_only=True)
class Diagnose(Command):
    """diagnose: what is wrong with an object, in a namespace, or with -A in the cluster.

    Attributes:
        target: the object, None for all of the namespace or of the cluster.
        output: empty for text, json or yaml.
    """

    verb: ClassVar[str] = "diagnose"
    target: Target | None = None
    output: str = ""

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*([str(self.target)] if self.target else []), *(["-o", self.output] if self.output else [])]

    def _line(self, where: Sequence[str]) -> str:
        """Without the word kubectl, which does not know this verb."""
        return Command._line(self, where).removeprefix("kubectl ")  # noqa: SLF001 - the base's own
