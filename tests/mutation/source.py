"""Finds a test by the name that pytest knows it by, without running anything."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def source_of(test: str) -> str:
    """The source of a test function, decorators included; LookupError when there is none of that name."""
    file, _, name = test.partition("::")
    function = name.partition("[")[0]
    found = _functions(file).get(function)
    if found is None:
        raise LookupError(f"there is no test {test}")
    return found


def fingerprint_of(test: str) -> str:
    """A short hash of the test's source: a test that was changed has to be seen red again."""
    return hashlib.sha256(source_of(test).encode()).hexdigest()[:16]


@cache
def _functions(file: str) -> dict[str, str]:
    path = ROOT / file
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found
