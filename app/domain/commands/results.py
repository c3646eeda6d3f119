"""What a read gives: a table, or text. The shapes are those of the WebSocket's `table` and `output` events."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
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
    """

    command: str
    cluster: str
    namespace: str
    columns: tuple[Column, ...]
    rows: list[list[str]] = field(default_factory=list)
    total: int = 0
    shown: int = 0

    def to_event(self) -> dict[str, Any]:
        """The `table` event, without its turn."""
        return {
            "type": "table",
            "command": self.command,
            "cluster": self.cluster,
            "namespace": self.namespace,
            "columns": [asdict(column) for column in self.columns],
            "rows": self.rows,
            "total": self.total,
            "shown": self.shown,
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
    """

    command: str
    cluster: str
    text: str
    language: Language = "text"
    truncated: bool = False

    def to_event(self) -> dict[str, Any]:
        """The `output` event, without its turn."""
        return {"type": "output", **asdict(self)}


Result = TableResult | OutputResult
