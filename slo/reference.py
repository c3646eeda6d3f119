"""Typed names of what a target points at: what measures it, what enforces it, and which part still owes an end.

The ground floor knows no higher layer, so that everything here is a name. Tests resolve every one of them: a name that
nothing answers to fails the build.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from slo.promql import Query
    from slo.target import Target


class Part(StrEnum):
    """The parts that the product is built in; a target that waits for one says so by its word."""

    MAIN_JOB = "main job"
    TARGETS = "targets"
    COMMANDS = "commands"
    CLUSTERS = "clusters"
    LANGUAGE = "language"
    DATA = "data"
    AUDIT = "audit"
    GATEWAY = "gateway"
    WEB_CHAT = "web chat"
    DASHBOARDS = "dashboards"
    DEPLOY = "deploy"
    LOAD = "load"


@dataclass(frozen=True, slots=True)
class Planned:
    """An end that is not there yet.

    Attributes:
        part: the part that supplies it.
        reason: what is missing, in one sentence.
    """

    part: Part
    reason: str


class Comparison(StrEnum):
    """How a measured value stands to the promised figure while the promise holds."""

    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="
    EQUAL = "=="

    def holds(self, value: float, figure: float) -> bool:
        """Whether this value keeps a promise of this figure."""
        return {
            Comparison.BELOW: value < figure,
            Comparison.AT_MOST: value <= figure,
            Comparison.ABOVE: value > figure,
            Comparison.AT_LEAST: value >= figure,
            Comparison.EQUAL: value == figure,
        }[self]


@dataclass(frozen=True, slots=True)
class Sli:
    """How a running installation is asked whether a target holds.

    Attributes:
        metric: the metric's name in the metric catalogue, or a series that the rules record.
        query: gives one value, in the figure's unit; a function of the target where it depends on another figure of it.
        holds: how that value stands to the figure while the promise is kept.
        figure: the figure's name, where the target has several.
        waits_for: what has to happen before there is data; empty when there always is some.
    """

    metric: str
    query: Query | Callable[[Target], Query]
    holds: Comparison
    figure: str = ""
    waits_for: str = ""

    def question(self, target: Target) -> Query:
        """The query, for this target's figures."""
        return self.query(target) if callable(self.query) else self.query


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in running code, `module:attribute`: the code that refuses, ends or bounds."""

    name: str

    def __str__(self) -> str:
        return f"limit {self.name}"


@dataclass(frozen=True, slots=True)
class ServerSetting:
    """A line in the configuration that a server is started with.

    Attributes:
        server: postgresql, pgbouncer, redis or prometheus.
        name: the setting's name, as the server calls it.
    """

    server: str
    name: str

    def __str__(self) -> str:
        return f"{self.server} {self.name}"


@dataclass(frozen=True, slots=True)
class ManifestValue:
    """A field of a generated Kubernetes manifest.

    Attributes:
        file: the manifest, relative to the tree's root.
        field: where in it, keys joined by dots.
    """

    file: str
    field: str

    def __str__(self) -> str:
        return f"{self.file} {self.field}"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert that somebody is told by, where nothing else can enforce a promise."""

    name: str

    def __str__(self) -> str:
        return f"alert {self.name}"


@dataclass(frozen=True, slots=True)
class Gate:
    """A check that a release or a build does not pass, by the command that runs it."""

    command: str

    def __str__(self) -> str:
        return f"gate `{self.command}`"


Enforcement = Limit | ServerSetting | ManifestValue | AlertRule | Gate
