"""What all commands have in common, and how their parts are written.

A command knows its cluster, its namespace, its risk and its one canonical line; it holds no value that the parser has
not checked, and does nothing by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from app.domain.commands.kinds import is_cluster_scoped, is_far_reaching
from app.domain.commands.risk import HARMLESS_OF_FAR_REACHING, Risk, risk_of
from app.domain.commands.words import quoted

__all__ = ["Command", "Risk", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a command acts on.

    Attributes:
        resource: the resource type as it was typed: "pods", "deploy", "deployments.apps".
        name: the object's name, empty for all of that type.
    """

    resource: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.resource}/{self.name}" if self.name else self.resource


@dataclass(frozen=True, kw_only=True)
class Command:
    """The base of all commands.

    Attributes:
        cluster: the cluster it runs on.
        namespace: where; empty for all namespaces and for what lies in none.
        home: the conversation's cluster, which the line need not name.
        all_namespaces: -A.
    """

    verb: ClassVar[str]
    subverb: ClassVar[str] = ""
    cluster: str
    namespace: str = ""
    home: str = ""
    all_namespaces: bool = False

    @property
    def risk(self) -> Risk:
        """What has to happen before it runs."""
        return risk_of(self.verb, self.subverb, namespace=self.namespace, flags=self.flags())

    def flags(self) -> frozenset[str]:
        """Long names of the flags that were given and that may change the risk."""
        return frozenset()

    def words(self) -> list[str]:
        """The verb, and its second word where it has one."""
        return [self.verb, *([self.subverb] if self.subverb else [])]

    def arguments(self) -> list[str]:
        """The words after the verb, without namespace and context."""
        return []

    def trailing(self) -> list[str]:
        """The words after `--`."""
        return []

    def line(self) -> str:
        """The equivalent kubectl line, complete with its namespace, and its context where that is not the home."""
        return self._line(["--context", self.cluster] if self.cluster != self.home else [])

    def full_line(self) -> str:
        """As `line`, always with its context: reads the same in any conversation."""
        return self._line(["--context", self.cluster])

    def line_on(self, clusters: Sequence[str], *, every: bool) -> str:
        """As `line`, on several clusters at once.

        Args:
            clusters: their names.
            every: whether they are all that there are.
        """
        return self._line(["--all-clusters"] if every else ["--context", ",".join(clusters)])

    def _line(self, where: Sequence[str]) -> str:
        words = ["kubectl", *self.words(), *self.arguments()]
        if self.all_namespaces:
            words.append("-A")
        elif self.namespace:
            words += ["-n", self.namespace]
        words += where
        words += ["--", *self.trailing()] if self.trailing() else []
        return " ".join(quoted(word) for word in words)


def spread(targets: tuple[Target, ...]) -> list[str]:
    """`pod a b`, `pods,services` or `pod/a service/b`, as kubectl's reading commands are usually written."""
    resources = list(dict.fromkeys(target.resource for target in targets))
    if not any(target.name for target in targets):
        return [",".join(resources)]
    if len(resources) == 1:
        return [resources[0], *(target.name for target in targets)]
    return [str(target) for target in targets]


def flag(name: str, value: str | None) -> list[str]:
    return [] if not value else [f"--{name}={value}"]


def switch(name: str, *, on: bool) -> list[str]:
    return [f"--{name}"] if on else []


def duration(seconds: int) -> str:
    """Seconds as kubectl writes them: 3600 is "1h", 90 is "1m30s"."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{value}{unit}" for value, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if value]
    return "".join(parts) or "0s"


def no_replicas(item: dict[str, Any]) -> bool:
    """Whether an object, or a patch of one, says that there shall be no replicas."""
    spec = item.get("spec")
    return isinstance(spec, dict) and spec.get("replicas") == 0 and spec.get("replicas") is not False


def lies_in_no_namespace(targets: tuple[Target, ...]) -> bool:
    """Whether all targets are known to be of the cluster and not of a namespace."""
    return bool(targets) and all(is_cluster_scoped(target.resource) for target in targets)


@dataclass(frozen=True, kw_only=True)
class OfRollouts(Command):
    """The base of kubectl rollout's commands."""

    verb: ClassVar[str] = "rollout"
    targets: tuple[Target, ...]

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [str(target) for target in self.targets]


@dataclass(frozen=True, kw_only=True)
class OfObjects(Command):
    """The base of commands about named objects, or about all that a selector finds.

    Attributes:
        targets: what they are; types alone where a selector, or `every`, says which.
        selector: a label selector.
        every: --all.
    """

    targets: tuple[Target, ...]
    selector: str = ""
    every: bool = False

    def flags(self) -> frozenset[str]:
        """See `Command.flags`."""
        far = self.verb not in HARMLESS_OF_FAR_REACHING and any(is_far_reaching(t.resource) for t in self.targets)
        given = (
            ("all", self.every),
            ("all-namespaces", self.all_namespaces),
            ("selector", bool(self.selector)),
            ("far-reaching", far),
        )
        return frozenset(name for name, on in given if on)

    def named(self) -> list[str]:
        """The words that say which objects."""
        return [str(target) for target in self.targets] if self.targets[0].name else spread(self.targets)

    def chosen(self) -> list[str]:
        """The flags that say which objects."""
        return [*(["-l", self.selector] if self.selector else []), *switch("all", on=self.every)]


@runtime_checkable
class Valued(Protocol):
    """A command whose line holds values that may not be shown where it is about a Secret."""

    def without_values(self) -> Command:
        """The same with its values hidden."""
        ...
