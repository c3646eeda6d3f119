"""Commands that make objects out of flags."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from app.domain.commands.model.command import Command, Target
from app.domain.commands.redaction import HIDDEN
from app.domain.commands.risk import Risk, risk_of


@dataclass(frozen=True, kw_only=True)
class Making(Command):
    """The base of commands that make one object.

    Attributes:
        name: of the new object.
        options: flags and their values, in one canonical order; "true" and "false" for switches.
        program: the words after `--`.
    """

    name: str
    options: tuple[tuple[str, str], ...] = ()
    program: tuple[str, ...] = ()

    def one(self, flag: str, default: str = "") -> str:
        """A flag's value."""
        return next((value for name, value in self.options if name == flag), default)

    def all_of(self, flag: str) -> tuple[str, ...]:
        """All values of a flag."""
        return tuple(value for name, value in self.options if name == flag)

    def parts_of(self, flag: str) -> tuple[str, ...]:
        """All values of a flag whose values may also be joined by commas."""
        return tuple(part for value in self.all_of(flag) for part in value.split(",") if part)

    def on(self, flag: str) -> bool:
        """Whether a switch is on."""
        return self.one(flag) == "true"

    def flags(self) -> frozenset[str]:
        """See `Command.flags`."""
        return frozenset(name for name, _ in self.options)

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [self.name, *(f"--{name}={value}" for name, value in self.options)]

    def trailing(self) -> list[str]:
        """See `Command.trailing`."""
        return list(self.program)


@dataclass(frozen=True, kw_only=True)
class Create(Making):
    """kubectl create with one of its generators. `what` is its second word, or its second and third."""

    verb: ClassVar[str] = "create"
    what: str

    @property
    def risk(self) -> Risk:
        """See `Command.risk`."""
        return risk_of(self.verb, self.what, namespace=self.namespace, flags=self.flags())

    def words(self) -> list[str]:
        """See `Command.words`."""
        return [self.verb, *self.what.split()]

    def without_values(self) -> Create:
        """See `Valued.without_values`."""
        shown = tuple(
            (flag, f"{value.partition('=')[0]}={HIDDEN}" if flag == "from-literal" else value)
            for flag, value in self.options
        )
        return replace(self, options=shown)


@dataclass(frozen=True, kw_only=True)
class Run(Making):
    """kubectl run."""

    verb: ClassVar[str] = "run"


@dataclass(frozen=True, kw_only=True)
class Expose(Making):
    """kubectl expose. `name` is empty for that of what is exposed."""

    verb: ClassVar[str] = "expose"
    target: Target

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        named = [f"--name={self.name}"] if self.name else []
        return [str(self.target), *named, *(f"--{name}={value}" for name, value in self.options)]


@dataclass(frozen=True, kw_only=True)
class Autoscale(Making):
    """kubectl autoscale. `name` is empty for that of what is scaled."""

    verb: ClassVar[str] = "autoscale"
    target: Target

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        named = [f"--name={self.name}"] if self.name else []
        return [str(self.target), *named, *(f"--{name}={value}" for name, value in self.options)]
