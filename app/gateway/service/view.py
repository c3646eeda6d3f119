"""What kubectl cannot say of a table: which rows to keep, how many there are, which lines of a log.

The language service asks for a view; it is applied to what the cluster answered, in the order it answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain.commands.results import OutputResult, Result, TableResult
from app.errors import InvalidInputError

MOST_CONDITIONS = 20  # each is applied to every row that there is, 50,000 at most
_DURATION = re.compile(r"(\d+)([ydhms])")
_UNIT_S = {"y": 365 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}
_OPS_IN_WORDS = {"=": "is", "!=": "is not", "in": "is one of", "not in": "is none of"}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_QUANTITY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "m": 0.001}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a column: `op` is =, !=, >, <, in or not in."""

    column: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class View:
    """A view of a result.

    Attributes:
        where: all must hold for a row to be kept.
        count: only the number of rows was asked for.
        limit: keep so many rows.
        match: keep the log lines that hold this text, in any case.
    """

    where: tuple[Condition, ...] = ()
    count: bool = False
    limit: int | None = None
    match: str = ""

    @staticmethod
    def read(value: Any) -> View:
        """A view as the language service asks for it, or a client gives it back; what cannot be read asks for nothing.

        Raises:
            InvalidInputError: it has more conditions than anybody has in mind.
        """
        if not isinstance(value, dict):
            return View()
        conditions = value.get("where")
        where = tuple(
            Condition(str(one.get("column", "")), str(one.get("op", "")), str(one.get("value", "")))
            for one in (conditions if isinstance(conditions, list) else ())
            if isinstance(one, dict)
        )
        if len(where) > MOST_CONDITIONS:
            raise InvalidInputError(
                f"Rows are chosen by {MOST_CONDITIONS} conditions at most.", code="too_many_conditions"
            )
        limit = value.get("limit")
        return View(
            where,
            bool(value.get("count")),
            limit if isinstance(limit, int) and limit > 0 else None,
            str(value.get("match") or ""),
        )

    @property
    def is_by_row(self) -> bool:
        """Whether it says of each row by itself if it is shown: then a table can stay current under it."""
        return not self.count and self.limit is None

    def told(self) -> dict[str, Any]:
        """It as `read` takes it."""
        return {"where": [{"column": one.column, "op": one.op, "value": one.value} for one in self.where]}

    def choose(self, table: TableResult) -> TableResult:
        """The rows that meet all conditions."""
        return self._apply_to_table(table, cut=False)

    def words(self) -> str:
        """The view as the end of a sentence, so that a shortened table never looks whole; empty when all is shown."""
        parts = [f"{one.column} {_OPS_IN_WORDS.get(one.op, one.op)} {one.value}" for one in self.where]
        if self.match:
            parts.append(f'lines with "{self.match}"')
        if self.limit is not None:
            parts.append(f"the first {self.limit}")
        return "; ".join(parts)

    def apply(self, result: Result) -> Result:
        """The result as this view shows it."""
        if isinstance(result, OutputResult):
            if not self.match or result.language != "log":
                return result
            wanted = self.match.lower()
            lines = [line for line in result.text.splitlines(keepends=True) if wanted in line.lower()]
            return replace(result, text="".join(lines))
        return self._apply_to_table(result) if isinstance(result, TableResult) else result

    def _apply_to_table(self, table: TableResult, *, cut: bool = True) -> TableResult:
        rows = list(table.rows)
        names = [column.name.upper() for column in table.columns]
        for condition in self.where:
            if condition.column.upper() not in names:
                continue
            at = names.index(condition.column.upper())
            holds = _test(condition, is_age=condition.column.upper() == "AGE")
            rows = [row for row in rows if holds(str(row[at]))]
        if self.limit is not None and cut:
            rows = rows[: self.limit]
        if rows == list(table.rows):
            return table
        return replace(table, rows=rows, total=len(rows), shown=len(rows), next="")


def _test(condition: Condition, *, is_age: bool) -> Callable[[str], bool]:
    if condition.op in {"in", "not in"}:
        wanted = {part.strip().lower() for part in condition.value.split(",")}
        inside = condition.op == "in"
        return lambda cell: (cell.strip().lower() in wanted) == inside
    if condition.op in {"=", "!="}:
        equal = condition.op == "="
        if condition.column.upper() == "READY" and condition.value == "all":
            return lambda cell: _all_ready(cell) == equal
        wanted_cell = condition.value.strip().lower()
        return lambda cell: (cell.strip().lower() == wanted_cell) == equal
    bound = _number(condition.value)
    read = _seconds if is_age else _number
    if bound is None or condition.op not in {">", "<"}:
        return lambda _: True

    def compare(cell: str) -> bool:
        found = read(cell)
        return found is not None and (found > bound if condition.op == ">" else found < bound)

    return compare


def _all_ready(cell: str) -> bool:
    """Whether a READY cell, `2/3`, says that all of them are."""
    ready, _, wanted = cell.strip().partition("/")
    return ready == wanted


def _number(cell: str) -> float | None:
    """The number a cell begins with, in base units: `7 (3m ago)` is 7, `128Mi` is 134217728, `250m` is 0.25."""
    match = _NUMBER.match(cell.strip())
    if match is None:
        return None
    rest = cell.strip()[match.end() :]
    factor = next((factor for unit, factor in _QUANTITY.items() if rest == unit), 1)
    return float(match[0]) * factor


def _seconds(cell: str) -> float | None:
    """An age as kubectl prints it (`3d4h`, `12m`), in seconds."""
    parts: Sequence[tuple[str, str]] = _DURATION.findall(cell)
    return float(sum(int(number) * _UNIT_S[unit] for number, unit in parts)) if parts else None
