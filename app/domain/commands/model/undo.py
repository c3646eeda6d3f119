"""The command that takes a change back. It is KubeChat's own and no line of kubectl's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.domain.commands.model.command import Command
from app.domain.commands.preview import Step

WORDS = "kubechat undo"


@dataclass(frozen=True, kw_only=True)
class Undo(Command):
    """Takes back what some steps of a plan did on one cluster.

    Attributes:
        plan: whose steps they are.
        steps: the ones that were applied and can be taken back.
    """

    verb: ClassVar[str] = "undo"
    plan: UUID
    steps: tuple[Step, ...]

    def _line(self, where: Sequence[str]) -> str:
        return f"{WORDS} {self.plan}"


def plan_undone_by(line: str) -> UUID | None:
    """The plan that such a line takes back; None for any other line."""
    words, _, plan = line.rpartition(" ")
    return UUID(plan) if words == WORDS else None
