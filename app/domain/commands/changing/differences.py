"""What a change makes of an object, as a difference of lines that a person can read before they confirm it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from app.domain.commands.reading.rendering import yaml_text
from app.domain.commands.redaction import redact_object

LARGEST_DIFF_LINES: Final = 400
LONGEST_DIFF_LINE: Final = 1_000  # characters; a value of a ConfigMap may be one line of a million
BEFORE_THE_CHANGE: Final = 100  # characters that are kept of what two long lines have in common
VOLATILE: Final = ("resourceVersion", "generation", "uid", "creationTimestamp", "selfLink")
"""Fields of the metadata that change by themselves."""


def unified_diff(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> str:
    """The difference of two objects' YAML, redacted, without what changes by itself."""
    lines = list(
        difflib.unified_diff(_lines(before), _lines(after), f"{name} (now)", f"{name} (after)", lineterm="", n=3)
    )
    shown = list(_clipped(lines[:LARGEST_DIFF_LINES]))
    if len(lines) > LARGEST_DIFF_LINES:
        shown.append(f"… and {len(lines) - LARGEST_DIFF_LINES} more lines")
    return "\n".join(shown)


def _lines(item: Mapping[str, Any]) -> list[str]:
    if not item["metadata"]:
        return []  # not there yet
    shown = redact_object({key: value for key, value in item.items() if key != "status"})
    shown.pop("apiVersion", None)
    shown.pop("kind", None)
    for field in VOLATILE:
        shown["metadata"].pop(field, None)
    return yaml_text(shown).splitlines()


def _clipped(lines: Sequence[str]) -> Iterator[str]:
    """The lines, long ones cut to where a line that goes and the one that takes its place begin to differ."""
    for index, line in enumerate(lines):
        if len(line) <= LONGEST_DIFF_LINE:
            yield line
            continue
        other = _counterpart(lines, index)
        pairs = enumerate(zip(line[1:], other[1:], strict=False))
        common = next((at for at, (left, right) in pairs if left != right), 0)
        begin = max(0, common - BEFORE_THE_CHANGE)
        part = line[1:][begin : begin + LONGEST_DIFF_LINE]
        ends = "…" if begin + LONGEST_DIFF_LINE < len(line) - 1 else ""
        yield f"{line[0]}{'…' if begin else ''}{part}{ends} ({len(line) - 1:,} characters)"


def _counterpart(lines: Sequence[str], index: int) -> str:
    """The line that a changed one takes the place of, or that takes its place; empty where it has none of its own."""
    sign = lines[index][0]
    step = {"-": 1, "+": -1}.get(sign, 0)
    other = index + step
    if not step or not 0 <= other < len(lines) or lines[other][:1] not in {"-", "+"} or lines[other][0] == sign:
        return ""
    return lines[other]
