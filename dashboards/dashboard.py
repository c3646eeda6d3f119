"""What a dashboard is made of, as values: rows of panels, panels of series.

Nothing here knows Grafana's format; `dashboards.grafana` writes it. A panel without a title, a description or a series
cannot be made: it would tell nobody anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from string import ascii_uppercase
from typing import TYPE_CHECKING

from dashboards.theme import PANEL_HEIGHT, PANEL_WIDTH, STAT_HEIGHT, STAT_WIDTH, Colour, Unit
from slo import promql

if TYPE_CHECKING:
    from slo.panels import PanelName
    from slo.promql import Query


class DashboardError(ValueError):
    """A dashboard that would be wrong or empty in Grafana."""


class PanelKind(StrEnum):
    """How a panel draws its series: Grafana's names, all of them native to 11, 12 and 13."""

    TIME_SERIES = "timeseries"
    STAT = "stat"
    TABLE = "table"
    BAR_GAUGE = "bargauge"
    STATE_TIMELINE = "state-timeline"
    HEATMAP = "heatmap"

    @property
    def instant(self) -> bool:
        """Whether it shows the present alone, so that it asks for no past."""
        return self in {PanelKind.TABLE, PanelKind.BAR_GAUGE}


@dataclass(frozen=True, slots=True)
class Series:
    """One query of a panel.

    Attributes:
        query: what is asked.
        legend: how its series are called, with labels as `{{label}}`.
        unit: of this query alone, drawn on the right; the panel's unit when left out.
        exemplars: whether points that lead to traces are drawn.
        waits_for: what has to happen before there is data, for a query that finds nothing while all is well; empty
            when there always is some.
    """

    query: Query
    legend: str
    unit: Unit | None = None
    exemplars: bool = False
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """From this value upwards, values have this colour; in a time series it is a line."""

    value: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class State:
    """What a value means, in a word and a colour."""

    value: int
    text: str
    colour: Colour


UP_OR_DOWN = (State(0, "down", Colour.BAD), State(1, "up", Colour.GOOD))
"""For series that are 1 while something answers, else 0."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        name: its dashboard's uid and its number.
        title: what it shows.
        description: what is good, what is bad, and what to do then.
        unit: of its values.
        series: its queries, in the order of their letters.
        kind: how it draws them.
        base: the colour below the first threshold.
        thresholds: in rising order, their figures taken from targets.
        decimals: digits after the point; Grafana decides when left out.
        minimum: the lowest value of the axis, unless a series is below.
        width: in columns.
        height: in rows of the grid.
        states: the words for its values; a state timeline needs them.
        columns: the labels that a table shows, from left to right; a table needs them.
        period: how far it looks back, as "30d", whatever is chosen for the dashboard; the dashboard's range when empty.
    """

    name: PanelName
    title: str
    description: str
    unit: Unit
    series: tuple[Series, ...]
    kind: PanelKind = PanelKind.TIME_SERIES
    base: Colour = Colour.GOOD
    thresholds: tuple[Threshold, ...] = ()
    decimals: int | None = None
    minimum: int | None = 0
    width: int = field(default=0)
    height: int = field(default=0)
    states: tuple[State, ...] = ()
    columns: tuple[str, ...] = ()
    period: str = ""

    def __post_init__(self) -> None:
        if not (self.title and self.description and self.series):
            raise DashboardError(
                f"panel {self.name.panel} of {self.name.dashboard} needs a title, a description and a series"
            )
        values = [threshold.value for threshold in self.thresholds]
        if values != sorted(set(values)):
            raise DashboardError(f"the thresholds of {self.title!r} do not rise")
        if self.kind is PanelKind.STATE_TIMELINE and not self.states:
            raise DashboardError(f"the state timeline {self.title!r} has no words for its states")
        if (self.kind is PanelKind.TABLE) is not bool(self.columns) or (self.columns and len(self.series) > 1):
            raise DashboardError(f"{self.title!r}: a table has columns and one query, and nothing else has columns")
        if self.kind is PanelKind.HEATMAP and len(self.series) > 1:
            raise DashboardError(f"the heatmap {self.title!r} has more than one query")
        if len(self.series) > len(ascii_uppercase):
            raise DashboardError(f"{self.title!r} has more queries than there are letters")

    @property
    def size(self) -> tuple[int, int]:
        """Width in columns and height in rows; its kind's own size where none is given."""
        width, height = (STAT_WIDTH, STAT_HEIGHT) if self.kind is PanelKind.STAT else (PANEL_WIDTH, PANEL_HEIGHT)
        return self.width or width, self.height or height


@dataclass(frozen=True, slots=True)
class Row:
    """A titled stretch of panels; a collapsed one is opened by a click."""

    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top of a dashboard, of the values that a label has.

    Attributes:
        name: used in queries as `$name`.
        label: what people read.
        metric: whose series are looked at; they may depend on the variables before this one.
        of: the label whose values are offered.
    """

    name: str
    label: str
    metric: Query
    of: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard.

    Attributes:
        uid: its name in links; never changed.
        title: its name for people.
        description: what question it answers.
        variables: from the widest choice to the narrowest.
        rows: from the most needed to the least.
    """

    uid: str
    title: str
    description: str
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        numbers = [panel.name.panel for panel in self.panels]
        if len(numbers) != len(set(numbers)):
            raise DashboardError(f"two panels of {self.uid} have the same number")
        for panel in self.panels:
            if panel.name.dashboard != self.uid:
                raise DashboardError(f"panel {panel.title!r} belongs to {panel.name.dashboard}, not to {self.uid}")
            for series in panel.series:
                promql.checked(series.query, {variable.name: ".+" for variable in self.variables})

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels of all rows."""
        return tuple(panel for row in self.rows for panel in row.panels)
