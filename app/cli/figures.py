"""Figures as people read them: 200 ms, 512 MB, 99.9 %, 5,000/s."""

from __future__ import annotations

from slo.target import Figure, Unit

_BYTES = ((2**40, "TB"), (2**30, "GB"), (2**20, "MB"), (2**10, "KB"))
_READABLE = 10_000
_SECONDS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


def shown(value: float | str | None, unit: Unit) -> str:
    """A value in the unit that its size asks for; an empty string for no value."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if unit is Unit.SECONDS:
        return _seconds(value)
    if unit is Unit.BYTES:
        return _scaled(value, _BYTES, "B")
    if unit is Unit.RATIO:
        return f"{value * 100:.6g} %"
    if unit is Unit.PERCENTILE:
        return f"p{value * 100:.4g}"
    if unit is Unit.PER_SECOND:
        return f"{_number(value)}/s"
    return f"{_number(value)} cores" if unit is Unit.CORES else _number(value)


def shown_figures(figures: tuple[Figure, ...]) -> str:
    """All figures of a target, each with its name where it has one."""
    return ", ".join(f"{each.name} {shown(each.value, each.unit)}".strip() for each in figures)


def _seconds(value: float) -> str:
    if 0 < abs(value) < 1:
        return f"{value * 1000:.4g} ms"
    return _scaled(value, _SECONDS, "s")


def _scaled(value: float, units: tuple[tuple[float, str], ...], smallest: str) -> str:
    # The largest unit of which the value is a round number that can be read; else the largest that it reaches.
    for size, name in units:
        if size <= abs(value) < _READABLE * size and round(value / size, 2) == value / size:
            return f"{value / size:,.6g} {name}"
    size, name = next(((size, name) for size, name in units if abs(value) >= size), (1, smallest))
    return f"{value / size:,.4g} {name}"


def _number(value: float) -> str:
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
