"""Commands that say which pods a node takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.commands.model.command import OfObjects, switch


@dataclass(frozen=True, kw_only=True)
class _OfNodes(OfObjects):
    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*(target.name for target in self.targets if target.name), *self.chosen()]


@dataclass(frozen=True, kw_only=True)
class Cordon(_OfNodes):
    """kubectl cordon."""

    verb: ClassVar[str] = "cordon"


@dataclass(frozen=True, kw_only=True)
class Uncordon(_OfNodes):
    """kubectl uncordon."""

    verb: ClassVar[str] = "uncordon"


@dataclass(frozen=True, slots=True)
class TaintSpec:
    """One taint as it is written: `key=value:Effect`, or less where it is to be removed."""

    key: str
    value: str = ""
    effect: str = ""

    def __str__(self) -> str:
        return self.key + (f"={self.value}" if self.value else "") + (f":{self.effect}" if self.effect else "")


@dataclass(frozen=True, kw_only=True)
class Taint(OfObjects):
    """kubectl taint.

    Attributes:
        added: what is set.
        removed: what goes; all of a key where no effect is given.
        overwrite: whether a taint of the same key and effect may be replaced.
    """

    verb: ClassVar[str] = "taint"
    added: tuple[TaintSpec, ...]
    removed: tuple[TaintSpec, ...] = ()
    overwrite: bool = False

    def flags(self) -> frozenset[str]:
        """See `Command.flags`; `no-execute` for a taint that stops what runs on a node."""
        stops = any(taint.effect == "NoExecute" for taint in self.added)
        return OfObjects.flags(self) | ({"no-execute"} if stops else frozenset())

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            "nodes",
            *(target.name for target in self.targets if target.name),
            *(str(taint) for taint in self.added),
            *(f"{taint}-" for taint in self.removed),
            *self.chosen(),
            *switch("overwrite", on=self.overwrite),
        ]
