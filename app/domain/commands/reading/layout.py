"""The layout of kubectl describe: aligned fields, indented sections, small tables."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

_INDENT = "  "
_LONGEST_LABEL = 28


class Layout:
    """Collects lines; fields that follow each other on one level are aligned."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str, str]] = []  # level, label, value; an empty label is a line of its own
        self._level = 0

    def field(self, label: str, value: Any) -> None:
        """`Label:  value`; several lines of a value are put under each other."""
        first, *rest = str("<none>" if value in (None, "") else value).split("\n")
        self._lines.append((self._level, label, first))
        self._lines += [(self._level, "\0", line) for line in rest]

    def mapping(self, label: str, found: Mapping[str, Any] | None) -> None:
        """`Label:  key=value`, one line for each."""
        self.field(label, "\n".join(f"{key}={value}" for key, value in sorted((found or {}).items())))

    def line(self, text: str) -> None:
        """A line of its own."""
        self._lines.append((self._level, "", text))

    @contextmanager
    def section(self, label: str) -> Generator[None]:
        """What is written inside is indented under the label."""
        self._lines.append((self._level, "", f"{label}:"))
        self._level += 1
        try:
            yield
        finally:
            self._level -= 1

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table with a rule under its headings."""
        lines = [list(headings), ["-" * len(heading) for heading in headings], *(list(row) for row in rows)]
        widths = [max(len(line[index]) for line in lines) for index in range(len(headings))]
        for line in lines:
            self.line("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())

    def text(self) -> str:
        """Everything, fields aligned."""
        out: list[str] = []
        for group in self._groups():
            width = max((len(label) for _, label, _ in group if label), default=0) + 1
            for level, label, value in group:
                indent = _INDENT * level
                if not label:
                    out.append(f"{indent}{value}")
                else:
                    shown = "" if label == "\0" else f"{label}:"
                    out.append(f"{indent}{shown.ljust(min(width, _LONGEST_LABEL))}  {value}".rstrip())
        return "\n".join(out) + "\n"

    def _groups(self) -> list[list[tuple[int, str, str]]]:
        groups: list[list[tuple[int, str, str]]] = []
        for entry in self._lines:
            joins = groups and entry[1] and groups[-1][-1][1] and groups[-1][-1][0] == entry[0]
            if joins:
                groups[-1].append(entry)
            else:
                groups.append([entry])
        return groups
