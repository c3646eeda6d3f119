"""Results and errors as kubectl prints them in a terminal: what goes to which stream, and how it ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from app.domain.commands.results import Result, TableResult
from app.domain.commands.tabs import GrowingTable

NARROWEST, GAP = 6, 3  # characters, of kubectl's tables; other lists of its are as narrow as they can be
_STATUSES = {"diff": 2}  # whose 1 says that there is a difference
_SAID = ("Error from server", "error: ", "The ", "Unable to connect to the server")
_BREAK = re.compile(r"[\f\n\r]")


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command printed.

    Attributes:
        out: standard output.
        err: standard error.
        status: exit status.
    """

    out: str = ""
    err: str = ""
    status: int = 0


def printed(results: Iterable[Result]) -> Printed:
    """All results of one command."""
    out, err, status = [], [], 0
    for index, result in enumerate(results):
        if isinstance(result, TableResult):
            # kubectl parts the tables of several types by an empty line, where they have headings.
            out.append("\n" if index and not result.before and result.headings else "")
            out.append(_table(result))
            continue
        err.append(result.notes)
        out.append(result.text)
        status = max(status, result.status)
    return Printed("".join(out), "".join(err), status)


def printed_error(message: str, verb: str = "") -> Printed:
    """An error as kubectl ends with it; where the API server said it, its message has kubectl's words already.

    Args:
        message: the error's.
        verb: of the command.
    """
    text = message if message.startswith(_SAID) else f"error: {message}"
    return Printed(err=f"{text}\n", status=_STATUSES.get(verb, 1))


def shown_lines(result: TableResult) -> list[Sequence[str]]:
    """The headings, where they are wanted, and the cells of the columns that are shown without -o wide."""
    shown = [index for index, column in enumerate(result.columns) if column.priority == 0]
    lines: list[Sequence[str]] = _columns(result.rows, shown)
    whole = "".join(map("".join, lines))
    if any(character in whole for character in "\n\r\f"):
        lines = [[_cell(text) for text in line] for line in lines]
    if result.headings and (lines or result.empty_shown):
        lines.insert(0, [result.columns[index].name for index in shown])
    return lines


def _table(result: TableResult) -> str:
    lines = shown_lines(result)
    if not lines:
        return f"{result.before}{result.after}"
    least = NARROWEST if result.gap == GAP else 0
    table = GrowingTable(least=least, padding=result.gap)
    if result.closed:
        lines = [[*line, ""] for line in lines]
    return f"{result.before}{table.text(lines)}{result.after}"


def _columns(rows: Sequence[Sequence[str]], shown: Sequence[int]) -> list[Sequence[str]]:
    """Some columns of rows; a loop over cells would take longer than all else that is done with a large table."""
    if len(shown) < 2:
        return [[row[index] for index in shown] for row in rows]
    return list(map(itemgetter(*shown), rows))


def _cell(text: str) -> str:
    found = _BREAK.search(text)
    return text if found is None else f"{text[: found.start()]}..."
