"""Commands that change a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.commands.model.command import OfObjects, OfRollouts, flag, switch


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
class Scale(OfObjects):
    """kubectl scale. `current_replicas` is None when it does not matter how many there are."""

    verb: ClassVar[str] = "scale"
    replicas: int
    current_replicas: int | None = None

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *self.named(),
            *self.chosen(),
            *([] if self.current_replicas is None else [f"--current-replicas={self.current_replicas}"]),
            f"--replicas={self.replicas}",
        ]

    def flags(self) -> frozenset[str]:
        """See `Command.flags`; `none` for no replicas at all."""
        return OfObjects.flags(self) | ({"none"} if self.replicas == 0 else frozenset())


@dataclass(frozen=True, kw_only=True)
class Delete(OfObjects):
    """kubectl delete, of named objects, or of all that a selector finds.

    Attributes:
        grace_period_s: None for the object's own.
        cascade: what happens to what the object owns: background, foreground, orphan.
        force: without waiting for the node to confirm.
        ignore_not_found: what is gone already is no mistake.
    """

    verb: ClassVar[str] = "delete"
    field_selector: str = ""
    grace_period_s: int | None = None
    cascade: str = "background"
    force: bool = False
    ignore_not_found: bool = False

    def flags(self) -> frozenset[str]:
        """See `Command.flags`."""
        return OfObjects.flags(self) | ({"force"} if self.force else frozenset())

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *self.named(),
            *(["-l", self.selector] if self.selector else []),
            *flag("field-selector", self.field_selector),
            *switch("all", on=self.every),
            *([] if self.grace_period_s is None else [f"--grace-period={self.grace_period_s}"]),
            *([] if self.cascade == "background" else [f"--cascade={self.cascade}"]),
            *switch("ignore-not-found", on=self.ignore_not_found),
            *switch("force", on=self.force),
        ]
