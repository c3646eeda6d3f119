"""Commands about labels and annotations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from app.domain.commands.model.command import OfObjects, switch
from app.domain.commands.redaction import HIDDEN


@dataclass(frozen=True, kw_only=True)
class Marks(OfObjects):
    """The base of kubectl label and annotate.

    Attributes:
        values: what is set, in the order in which it was written.
        removed: the keys that go.
        overwrite: whether a value that is there already may be replaced.
    """

    field: ClassVar[str]
    done: ClassVar[str]
    values: tuple[tuple[str, str], ...]
    removed: tuple[str, ...] = ()
    overwrite: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *self.named(),
            *(f"{key}={value}" for key, value in self.values),
            *(f"{key}-" for key in self.removed),
            *self.chosen(),
            *switch("overwrite", on=self.overwrite),
        ]


@dataclass(frozen=True, kw_only=True)
class Label(Marks):
    """kubectl label."""

    verb: ClassVar[str] = "label"
    field: ClassVar[str] = "labels"
    done: ClassVar[str] = "labeled"


@dataclass(frozen=True, kw_only=True)
class Annotate(Marks):
    """kubectl annotate."""

    verb: ClassVar[str] = "annotate"
    field: ClassVar[str] = "annotations"
    done: ClassVar[str] = "annotated"

    def without_values(self) -> Annotate:
        """See `Valued.without_values`."""
        return replace(self, values=tuple((key, HIDDEN) for key, _ in self.values))


@dataclass(frozen=True, kw_only=True)
class _Listing(OfObjects):
    """The base of what only lists: its second word is in the table of risks, and no word of its line."""

    def words(self) -> list[str]:
        """See `Command.words`."""
        return [self.verb]

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*self.named(), *self.chosen(), "--list"]


@dataclass(frozen=True, kw_only=True)
class ListLabels(_Listing):
    """kubectl label --list."""

    verb: ClassVar[str] = "label"
    subverb: ClassVar[str] = "--list"


@dataclass(frozen=True, kw_only=True)
class ListAnnotations(_Listing):
    """kubectl annotate --list."""

    verb: ClassVar[str] = "annotate"
    subverb: ClassVar[str] = "--list"


@dataclass(frozen=True, kw_only=True)
class ListEnvironment(_Listing):
    """kubectl set env --list."""

    verb: ClassVar[str] = "set"
    subverb: ClassVar[str] = "env --list"

    def words(self) -> list[str]:
        """See `Command.words`."""
        return [self.verb, "env"]
