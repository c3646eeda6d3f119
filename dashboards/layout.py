"""Where panels stand: from left to right, row by row, never on top of one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.dashboard import DashboardError
from dashboards.theme import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of Grafana's grid, in columns and rows from the top left."""

    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: Place) -> bool:
        """Whether the two have a cell in common."""
        apart = (
            self.x + self.width <= other.x
            or other.x + other.width <= self.x
            or self.y + self.height <= other.y
            or other.y + other.height <= self.y
        )
        return not apart


def flow(sizes: Iterable[tuple[int, int]], top: int) -> tuple[Place, ...]:
    """Places for things of these widths and heights, side by side while there is room.

    Raises:
        DashboardError: for a width that the grid has not.
    """
    placed: list[Place] = []
    x, y, line_height = 0, top, 0
    for width, height in sizes:
        if not 0 < width <= COLUMNS or height <= 0:
            raise DashboardError(f"a panel of {width} columns and {height} rows does not fit into {COLUMNS} columns")
        if x + width > COLUMNS:
            x, y, line_height = 0, y + line_height, 0
        placed.append(Place(x, y, width, height))
        x, line_height = x + width, max(line_height, height)
    return tuple(placed)


def bottom(places: Iterable[Place], top: int) -> int:
    """The first row below all of these, or the top when there are none."""
    return max((place.y + place.height for place in places), default=top)
