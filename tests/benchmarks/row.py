"""One measured figure, and what it is held against."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A benchmark's result.

    Attributes:
        name: what was measured, in words.
        value: the figure, in `unit`.
        unit: of the figure.
        against: what it is compared with, measured in the same run; or the promise it is held to.
        ratio: the figure over what it is compared with.
        bar: the ratio that has to be kept, such as "<= 1" or ">= 3".
        reason: why a row that misses its bar does; has to be there for such a row.
        profile: where the time goes, for the same rows.
        note: how it was measured.
    """

    name: str
    value: float
    unit: str
    against: str
    ratio: float
    bar: str
    reason: str = ""
    profile: str = ""
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether the ratio keeps the bar."""
        sign, _, figure = self.bar.partition(" ")
        return self.ratio <= float(figure) if sign == "<=" else self.ratio >= float(figure)

    def to_json(self) -> dict[str, Any]:
        """The row as it stands in docs/benchmarks.json."""
        data = {name: value for name, value in asdict(self).items() if value != ""}
        return {**data, "value": _rounded(self.value), "ratio": _rounded(self.ratio), "pass": self.passed}


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
