"""Finds promised figures that are typed in the product's code instead of being read from the catalogue.

A number alone says nothing: 30 is many things. It is suspicious where it stands under a name that shares a word with the
target whose figure it equals: `IDLE_TIMEOUT_S = 60` beside `…request_handling.idle_timeout`. Words of a choice are
suspicious wherever they stand, when they are long enough to mean nothing else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from slo.catalogue import all_targets
from slo.target import Target

_ORDINARY = {0.0, 1.0}
_LONG_WORD = 10
_SAYS_NOTHING = frozenset(
    [
        "s",
        "ms",
        "bytes",
        "count",
        "max",
        "min",
        "minimum",
        "maximum",
        "of",
        "per",
        "in",
        "and",
        "the",
        "to",
        "target",
        "size",
        "limit",
        "request",
        "service",
        "total",
        "data",
        "time",
        "api",
        "default",
        "cluster",
        "metrics",
        "performance",
        "optimization",
        "scaling",
        "users",
        "kubernetes",
        "database",
        "number",
        "requests",
        "application",
        "management",
        "configuration",
        "queries",
        "alerts",
    ]
)
_ARITHMETIC = {
    ast.Mult: lambda left, right: left * right,
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Pow: lambda left, right: left**right if abs(right) < 64 else None,
    ast.Div: lambda left, right: left / right if right else None,
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A literal that equals a promised figure under a name that speaks of it."""

    file: str
    name: str
    value: float | str
    target: str

    def __str__(self) -> str:
        return f"{self.file}: {self.name} = {self.value} is {self.target}"


@cache
def typed_figures(root: Path, folders: tuple[str, ...]) -> list[Typed]:
    """Every suspicious literal below these folders."""
    found = [
        each
        for folder in folders
        for path in sorted((root / folder).rglob("*.py"))
        if "node_modules" not in path.parts and "generated" not in path.parts
        for each in in_source(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix())
    ]
    return sorted(set(found), key=str)


def in_source(source: str, file: str) -> Iterator[Typed]:
    """Every suspicious literal of one module."""
    for name, value in _named_values(ast.parse(source)):
        for target, figure, words in _promised():
            if value == figure and _words(name) & words:
                yield Typed(file, name, value, target)
    words = {
        figure.word: target.path
        for target in all_targets()
        for figure in target.figures
        if isinstance(figure.value, str) and len(figure.value) >= _LONG_WORD
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in words:
            yield Typed(file, "a literal", str(node.value), words[str(node.value)])


def _promised() -> Iterator[tuple[str, float, set[str]]]:
    for target in all_targets():
        for figure in target.figures:
            if not isinstance(figure.value, str) and figure.value not in _ORDINARY:
                yield target.path, figure.value, _words(_leaf(target)) | _words(figure.name)


def _leaf(target: Target) -> str:
    return ".".join(target.path.split(".")[-2:])


def _words(name: str) -> set[str]:
    return set(re.findall(r"[a-z]+", name.lower())) - _SAYS_NOTHING


def _named_values(tree: ast.AST) -> Iterator[tuple[str, float]]:
    for node in ast.walk(tree):
        pairs: list[tuple[str, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(ast.unparse(target), node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            pairs = [(ast.unparse(node.target), node.value)]
        elif isinstance(node, ast.keyword) and node.arg:
            pairs = [(node.arg, node.value)]
        elif isinstance(node, ast.arguments):
            positional = [*node.posonlyargs, *node.args]
            pairs = [
                (arg.arg, value) for arg, value in zip(positional[-len(node.defaults) :], node.defaults, strict=False)
            ]
            pairs += [(arg.arg, value) for arg, value in zip(node.kwonlyargs, node.kw_defaults, strict=True) if value]
        elif isinstance(node, ast.Dict):
            pairs = [
                (str(key.value), value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            ]
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant):
            pairs = [(str(node.elts[0].value), node.elts[1])]
        for name, value in pairs:
            for number in _numbers(value):
                yield name, number


def _numbers(node: ast.expr) -> Iterator[float]:
    value = _folded(node)
    if value is not None:
        yield value
    elif isinstance(node, ast.Call):
        # timedelta(minutes=5), Field(default=30, le=60): the call's name says less than the name it is given to.
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            number = _folded(argument)
            if number is not None:
                yield number * _scale(node, argument)
    elif isinstance(node, ast.JoinedStr | ast.Constant):
        text = node.value if isinstance(node, ast.Constant) else ""
        for found in re.findall(r"\b\d+(?:\.\d+)?\b", text) if isinstance(text, str) else ():
            yield float(found)


def _scale(call: ast.Call, argument: ast.expr) -> float:
    unit = next((keyword.arg for keyword in call.keywords if keyword.value is argument), "")
    return {"minutes": 60.0, "hours": 3600.0, "days": 86_400.0}.get(unit or "", 1.0)


def _folded(node: ast.expr) -> float | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        left, right = _folded(node.left), _folded(node.right)
        if left is not None and right is not None:
            found = _ARITHMETIC[type(node.op)](left, right)
            return None if found is None else float(found)
    return None
