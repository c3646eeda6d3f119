"""What a read gives: a table, text, or a diagnosis, in the shapes of the WebSocket's events of these names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

Language = Literal["text", "log", "yaml", "json"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: its heading, in capitals as kubectl prints it.
        type: the API server's type: string, integer, number, boolean, date.
        priority: 0 for what is always shown, more for what `-o wide` adds.
    """

    name: str
    type: str = "string"
    priority: int = 0


@dataclass(frozen=True, slots=True)
class TableResult:
    """Rows of cells.

    Attributes:
        command: the line it answers.
        cluster: where it comes from.
        namespace: as the command's.
        columns: their headings.
        rows: one list of cells for each object, as text.
        total: how many there are in the cluster, as far as it says.
        shown: how many of them are here.
        headings: whether a terminal shows the columns' names.
        before: what a terminal shows in front of it.
        after: what a terminal shows behind it.
        gap: spaces between two columns in a terminal.
        empty_shown: whether a terminal shows the columns' names where there is no row.
        closed: whether a line's last cell is filled up with spaces as well.
        age_s: for how long it has been known; 0 where it was asked for now.
        resource: type of the objects that its rows are about, empty where it is not one; no part of the event.
        first: how many rows come before the first of these; 0 for a first page.
        next: what asks for the next page, empty where there is none.
    """

    command: str
    cluster: str
    namespace: str
    columns: tuple[Column, ...]
    rows: list[list[str]] = field(default_factory=list)
    total: int = 0
    shown: int = 0
    headings: bool = True
    before: str = ""
    after: str = ""
    gap: int = 3
    empty_shown: bool = False
    closed: bool = False
    age_s: float = 0.0
    resource: str = ""
    first: int = 0
    next: str = ""

    def to_event(self) -> dict[str, Any]:
        """The `table` event, without its turn."""
        paged = {key: value for key, value in (("first", self.first), ("next", self.next)) if value}
        return paged | {
            "type": "table",
            "command": self.command,
            "cluster": self.cluster,
            "namespace": self.namespace,
            "columns": [asdict(column) for column in self.columns],
            "rows": self.rows,
            "total": self.total,
            "shown": self.shown,
            "headings": self.headings,
            "before": self.before,
            "after": self.after,
            "gap": self.gap,
            "empty_shown": self.empty_shown,
            "closed": self.closed,
            "age_s": round(self.age_s, 1),
        }


@dataclass(frozen=True, slots=True)
class OutputResult:
    """Text.

    Attributes:
        command: the line it answers.
        cluster: where it comes from.
        text: what kubectl would print.
        language: how to colour it.
        truncated: whether there is more than is shown.
        notes: what kubectl writes to standard error beside it.
        status: the exit status that kubectl would end with.
    """

    command: str
    cluster: str
    text: str
    language: Language = "text"
    truncated: bool = False
    notes: str = ""
    status: int = 0

    def to_event(self) -> dict[str, Any]:
        """The `output` event, without its turn."""
        return {"type": "output", **asdict(self)}


@dataclass(frozen=True, slots=True)
class DiagnosisResult:
    """What is wrong, worst first.

    Attributes:
        command: the line it answers.
        cluster: where it comes from.
        namespace: as the command's.
        target: the object that was asked about, "deployment/web"; empty for all.
        summary: one sentence.
        causes: each with `rank`, `severity`, `code`, `object`, `namespace`, `cause`, `evidence` (each with `text` and
            `source`), `explains`, `changes`, `fixes`, `advice` and `look`.
        not_looked_at: what was not read, and why.
        text: the same for a terminal.
        truncated: whether there are more causes than are told.
        notes: what a terminal shows on standard error beside it.
        status: the exit status that a terminal ends with.
    """

    command: str
    cluster: str
    namespace: str
    target: str
    summary: str
    causes: list[dict[str, Any]] = field(default_factory=list)
    not_looked_at: list[str] = field(default_factory=list)
    text: str = ""
    truncated: bool = False
    notes: str = ""
    status: int = 0

    def to_event(self) -> dict[str, Any]:
        """The `diagnosis` event, without its turn."""
        return {"type": "diagnosis", **asdict(self)}


Result = TableResult | OutputResult | DiagnosisResult


@dataclass(frozen=True, slots=True)
class Chunk:
    """A bit of an output that grows.

    Attributes:
        text: what kubectl would print next.
        notes: what it would write to standard error.
        status: the exit status, with the last one where it is not 0.
    """

    text: str = ""
    notes: str = ""
    status: int = 0


def from_event(event: Mapping[str, Any]) -> Result | None:
    """The result that an event holds; None for an event that is no result."""
    if event.get("type") == "table":
        columns = tuple(Column(str(c["name"]), str(c["type"]), int(c["priority"])) for c in event["columns"])
        return TableResult(**{**_without_type(event, TableResult), "columns": columns})
    if event.get("type") == "output":
        return OutputResult(**_without_type(event, OutputResult))
    if event.get("type") == "diagnosis":
        return DiagnosisResult(**_without_type(event, DiagnosisResult))
    return None


def _without_type(event: Mapping[str, Any], kind: type[Result]) -> dict[str, Any]:
    known = {each.name for each in fields(kind)}
    return {key: value for key, value in event.items() if key in known}
