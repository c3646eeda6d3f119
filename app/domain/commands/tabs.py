"""Text in aligned columns, cut as Go's text/tabwriter does, which is what kubectl prints with.

A cell ends with a tab; what follows a line's last tab is no cell and aligns with nothing. A column is a run of lines
that follow each other and have a cell there: it is as wide as its widest cell, and the next run is measured anew.
"""

from __future__ import annotations

from collections.abc import Sequence


class GrowingTable:
    """Rows that come bit by bit: columns grow and never shrink, as kubectl remembers their widths.

    Args:
        least: the narrowest that a column may be, in characters.
        padding: characters between a column's widest cell and the next column.
    """

    def __init__(self, *, least: int, padding: int) -> None:
        self._least, self._padding = least, padding
        self._widths: list[int] = []

    def text(self, rows: Sequence[Sequence[str]]) -> str:
        """The next rows; all have the same number of cells."""
        *columns, _ = zip(*rows, strict=True)
        found = [max(self._least, max(map(len, column)) + self._padding) for column in columns]
        self._widths = [max(pair) for pair in zip(found, self._widths or found, strict=True)]
        line = f"{''.join(f'%-{width}s' for width in self._widths)}%s\n"
        return "".join([line % tuple(row) for row in rows])


def aligned(text: str, *, least: int, padding: int) -> str:
    """A text whose cells end with tabs, with its columns aligned.

    Args:
        text: lines with tabs.
        least: the narrowest that a column may be, in characters.
        padding: characters between a column's widest cell and the next column.
    """
    lines = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[] for _ in lines]
    _measure(lines, widths, 0, len(lines), 0, least, padding)
    out = []
    for line, found in zip(lines, widths, strict=True):
        *cells, last = line
        out.append("".join(cell.ljust(width) for cell, width in zip(cells, found, strict=True)) + last)
    return "\n".join(out)


def _measure(
    lines: Sequence[Sequence[str]],
    widths: list[list[int]],
    first: int,
    end: int,
    column: int,
    least: int,
    padding: int,
) -> None:
    """Find the widths of this column, and of those right of it, for these lines; runs by stack and not by recursion."""
    waiting = [(first, end, column)]
    while waiting:
        first, end, column = waiting.pop()
        start = first
        while start < end:
            if len(lines[start]) - 1 <= column:
                start += 1
                continue
            stop = start
            while stop < end and len(lines[stop]) - 1 > column:
                stop += 1
            widest = max(len(lines[index][column]) for index in range(start, stop))
            # A column of nothing but empty cells is as narrow as it may be, without padding, as tabwriter has it.
            width = max(least, widest + padding)
            for index in range(start, stop):
                widths[index].append(width)
            waiting.append((start, stop, column + 1))
            start = stop
