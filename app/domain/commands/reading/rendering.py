"""Objects as YAML and JSON, redacted, in kubectl's form, and no longer than anybody reads.

A cluster keeps objects of 1.5 MiB, whose text takes a second to write: what is large is written beside the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, cast

import yaml

from app.domain.commands.jsonpath.values import indented_json
from app.domain.commands.redaction import redact_object

T = TypeVar("T")
LARGEST_TEXT_BYTES = 2**20  # more than anybody reads in a chat
MANY_PARTS = 10_000  # values of an object, which take some 20 ms to be redacted and written
CELLS_CUT = "Long cells are cut; -o json shows all of one object.\n"
PART_CHARACTERS = 64  # of a text, that take as long as one value


def as_yaml(value: dict[str, Any]) -> str:
    """YAML with sorted keys, without what is secret and without managedFields."""
    return yaml_text(redact_object(value))


def yaml_text(value: Any) -> str:
    """YAML of a value as it is, quoted as kubectl quotes."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=10_000))


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the C one where it is built
    """Writes texts that would read as something else in double quotes, and texts of several lines as blocks."""


def _text(dumper: Any, value: str) -> yaml.ScalarNode:
    style = None
    if "\n" in value:
        style = "|"
    elif not value or dumper.resolve(yaml.ScalarNode, value, (True, False)) != _TEXT:
        style = '"'
    return cast("yaml.ScalarNode", dumper.represent_scalar(_TEXT, value, style=style))


_TEXT = "tag:yaml.org,2002:str"
_Dumper.add_representer(str, _text)


def as_json(value: dict[str, Any]) -> str:
    """JSON with sorted keys, without what is secret and without managedFields."""
    return indented_json(redact_object(value)) + "\n"


def clipped_cells(rows: list[list[str]]) -> tuple[list[list[str]], bool]:
    """A table's cells, and whether they are cut: each to its share of the longest text, where they are more in all."""
    if sum([sum(map(len, row)) for row in rows]) <= LARGEST_TEXT_BYTES:
        return rows, False
    most = LARGEST_TEXT_BYTES // sum(map(len, rows))
    return [[cell if len(cell) <= most else f"{cell[: most - 1]}…" for cell in row] for row in rows], True


async def aside(value: Any, write: Callable[[], T]) -> T:
    """What is written of a value; beside the event loop where that takes long."""
    return await asyncio.to_thread(write) if is_large(value) else write()


def is_large(value: Any) -> bool:
    """Whether a decoded value has so many parts that to write it takes long; no more of them are looked at."""
    waiting, left = [value], MANY_PARTS
    while waiting and left > 0:
        part = waiting.pop()
        left -= 1
        if isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)
        elif isinstance(part, str):
            left -= len(part) // PART_CHARACTERS
    return left <= 0


def bounded(text: str, most: int = LARGEST_TEXT_BYTES) -> tuple[str, bool]:
    """A text cut at a line's end, and whether it was cut."""
    content = text.encode()
    if len(content) <= most:
        return text, False
    kept = content[:most].decode(errors="ignore")
    return kept[: kept.rfind("\n") + 1] or kept, True
