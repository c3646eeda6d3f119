"""Commands that change a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.commands.model.command import Command, OfRollouts, Target, spread, switch


@dataclass(frozen=True, kw_only=True)
class RolloutRestart(OfRollouts):
    """kubectl rollout restart."""

    subverb: ClassVar[str] = "restart"


@dataclass(frozen=True, kw_only=True)
class RolloutUndo(OfRollouts):
    """kubectl rollout undo. `to_revision` is 0 for the one before."""

    subverb: ClassVar[str] = "undo"
    to_revision: int = 0

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*OfRollouts.arguments(self), *([f"--to-revision={self.to_revision}"] if self.to_revision else [])]


@dataclass(frozen=True, kw_only=True)
class RolloutPause(OfRollouts):
    """kubectl rollout pause."""

    subverb: ClassVar[str] = "pause"


@dataclass(frozen=True, kw_only=True)
class RolloutResume(OfRollouts):
    """kubectl rollout resume."""

    subverb: ClassVar[str] = "resume"


@dataclass(frozen=True, kw_only=True)
class Scale(Command):
    """kubectl scale. `current_replicas` is None when it does not matter how many there are."""

    verb: ClassVar[str] = "scale"
    targets: tuple[Target, ...]
    replicas: int
    current_replicas: int | None = None

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *(str(target) for target in self.targets),
            *([] if self.current_replicas is None else [f"--current-replicas={self.current_replicas}"]),
            f"--replicas={self.replicas}",
        ]


@dataclass(frozen=True, kw_only=True)
class Delete(Command):
    """kubectl delete, of named objects, or of all that a selector finds.

    Attributes:
        grace_period_s: None for the object's own.
        cascade: what happens to what the object owns: background, foreground, orphan.
        force: without waiting for the node to confirm.
    """

    verb: ClassVar[str] = "delete"
    targets: tuple[Target, ...]
    selector: str = ""
    every: bool = False
    grace_period_s: int | None = None
    cascade: str = "background"
    force: bool = False

    def flags(self) -> frozenset[str]:
        """See `Command.flags`."""
        return frozenset(flag for flag, on in (("force", self.force), ("all", self.every)) if on)

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        named = [str(t) for t in self.targets] if self.targets[0].name else spread(self.targets)
        return [
            *named,
            *(["-l", self.selector] if self.selector else []),
            *switch("all", on=self.every),
            *([] if self.grace_period_s is None else [f"--grace-period={self.grace_period_s}"]),
            *([] if self.cascade == "background" else [f"--cascade={self.cascade}"]),
            *switch("force", on=self.force),
        ]
