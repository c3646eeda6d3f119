"""What a target is.

A target is one promise of the architecture document: a dotted path, a sentence, typed figures, and its ends: what
measures it, what enforces it, who is told, where it is shown, which test would notice. Everything else in the project
reads its figures from a target and never repeats one. This module holds the types alone; the targets themselves are in
`slo.targets`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from slo.panels import PanelName
    from slo.reference import Enforcement, Planned, Sli


class Unit(StrEnum):
    """The unit of a figure. Base units only: no milliseconds, no megabytes."""

    SECONDS = "seconds"
    BYTES = "bytes"
    RATIO = "ratio"
    COUNT = "count"
    PER_SECOND = "per second"
    PERCENTILE = "percentile"
    CORES = "cores"
    CHOICE = "choice"


class Kind(StrEnum):
    """What sort of promise a target is."""

    OBJECTIVE = "objective"
    LIMIT = "limit"
    SETTING = "setting"
    CAPABILITY = "capability"
    PANEL = "panel"
    SCENARIO = "scenario"


@dataclass(frozen=True, slots=True)
class Figure:
    """One typed number or choice.

    Attributes:
        value: a number in the unit, or the chosen word when the unit is `CHOICE`.
        unit: the base unit.
        name: what the figure is, where a target has several ("request", "limit").
    """

    value: float | str
    unit: Unit
    name: str = ""

    @property
    def number(self) -> float:
        """The value of a numeric figure; TypeError for a choice."""
        if isinstance(self.value, str):
            raise TypeError(f"{self.value!r} is a choice, not a number")
        return self.value

    @property
    def whole(self) -> int:
        """The value as an integer; ValueError when it has a fraction."""
        if self.number != int(self.number):
            raise ValueError(f"{self.number} {self.unit} is not whole")
        return int(self.number)

    @property
    def word(self) -> str:
        """The value of a choice; TypeError for a number."""
        if not isinstance(self.value, str):
            raise TypeError(f"{self.value!r} is a number, not a choice")
        return self.value


@dataclass(frozen=True, slots=True)
class Target:
    """One promise of the architecture document.

    Attributes:
        path: the dotted path of the leaf in the document.
        text: the promise as one sentence of ours.
        kind: what sort of promise it is.
        figures: its typed figures, in the document's order.
        reason: why it is read so, where the document leaves a choice.
        sli: how a running installation is asked whether it holds.
        enforced_by: what keeps it.
        alert: the name of the alert that tells somebody when it does not hold.
        panel: where it is shown.
        test: the test that goes red when the figure changes or the capability is gone, as pytest names it.
        planned: which part supplies what is missing.
    """

    path: str
    text: str
    kind: Kind
    figures: tuple[Figure, ...] = ()
    reason: str = ""
    sli: Sli | None = None
    enforced_by: tuple[Enforcement, ...] = ()
    alert: str = ""
    panel: PanelName | None = None
    test: str = ""
    planned: Planned | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The ends that a target of its kind owes and that are not there."""
        ends = {
            "sli": self.sli,
            "enforced_by": self.enforced_by,
            "alert": self.alert,
            "panel": self.panel,
            "test": self.test,
        }
        return tuple(end for end in OWED[self.kind] if not ends[end])

    @property
    def threshold(self) -> Figure:
        """The figure that its SLI is held against; ValueError without an SLI."""
        if self.sli is None:
            raise ValueError(f"{self.path} has no SLI")
        return self.named(self.sli.figure) if self.sli.figure else self.figure

    @property
    def figure(self) -> Figure:
        """The only figure; ValueError when there is none or more than one."""
        (only,) = self.figures
        return only

    def named(self, name: str) -> Figure:
        """The figure of this name; KeyError when there is none."""
        for figure in self.figures:
            if figure.name == name:
                return figure
        raise KeyError(f"{self.path} has no figure named {name!r}")


OWED: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.OBJECTIVE: ("sli", "enforced_by", "alert", "panel", "test"),
    Kind.LIMIT: ("sli", "enforced_by", "alert", "panel", "test"),
    Kind.SETTING: ("enforced_by", "test"),
    Kind.CAPABILITY: ("test",),
    Kind.PANEL: ("panel", "test"),
    Kind.SCENARIO: ("enforced_by", "test"),
}
"""Which ends a target owes, by its kind; one that lacks any of them has to say which part will bring it.

What can be exceeded while it runs (objectives and limits) owes all of them. A setting is kept by whatever it is written
into; a capability is there or not, and a test is what can tell.
"""


def seconds(value: float, name: str = "") -> Figure:
    """A duration in seconds."""
    return Figure(value, Unit.SECONDS, name)


def minutes(value: float, name: str = "") -> Figure:
    """A duration given in minutes, kept in seconds."""
    return Figure(value * 60, Unit.SECONDS, name)


def hours(value: float, name: str = "") -> Figure:
    """A duration given in hours, kept in seconds."""
    return Figure(value * 3600, Unit.SECONDS, name)


def mebibytes(value: float, name: str = "") -> Figure:
    """A size given in MiB, kept in bytes."""
    return Figure(value * 2**20, Unit.BYTES, name)


def gibibytes(value: float, name: str = "") -> Figure:
    """A size given in GiB, kept in bytes."""
    return Figure(value * 2**30, Unit.BYTES, name)


def ratio(value: float, name: str = "") -> Figure:
    """A share between 0 and 1."""
    return Figure(value, Unit.RATIO, name)


def percent(value: float, name: str = "") -> Figure:
    """A share given in percent, kept as a ratio."""
    return Figure(round(value / 100, 12), Unit.RATIO, name)


def count(value: float, name: str = "") -> Figure:
    """A number of things."""
    return Figure(value, Unit.COUNT, name)


def cores(value: float, name: str = "") -> Figure:
    """A number of CPU cores."""
    return Figure(value, Unit.CORES, name)


def per_second(value: float, name: str = "") -> Figure:
    """A rate per second."""
    return Figure(value, Unit.PER_SECOND, name)


def percentile(value: float, name: str = "percentile") -> Figure:
    """A quantile between 0 and 1."""
    return Figure(value, Unit.PERCENTILE, name)


def choice(value: str, name: str = "") -> Figure:
    """One word out of a closed set."""
    return Figure(value, Unit.CHOICE, name)
