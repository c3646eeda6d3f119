"""YAML from strangers, read within bounds: no aliases, no tags that make objects, no key twice, no bottomless nesting.

The events of libyaml's parser become plain values here, one after the other and without recursion, so that a file that
is made to break a reader breaks this one no more than any other does. What the values mean is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from slo.openslo.faults import Place, quoted, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slo.openslo.faults import Findings

LARGEST_FILE_BYTES: Final = 16 * 1024 * 1024  # a thousand objectives with policies of their own are a fifth of that
DEEPEST: Final = 50  # OpenSLO itself is ten levels deep
MOST_VALUES: Final = 1_000_000

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]*([eE][-+][0-9]+)?|\.[0-9]+([eE][-+][0-9]+)?")
_PERHAPS_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_TEXT_TAGS: Final = frozenset({"!", "tag:yaml.org,2002:str"})
_PLAIN_TAGS: Final = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


class Perhaps(str):
    """A plain scalar that is a number to YAML 1.2 and text to YAML 1.1, like 5e-7: it is whichever is asked for."""

    __slots__ = ()


class _Broken:
    """Stands where something was that is not read; its fault has been told already."""

    __slots__ = ()


BROKEN: Final = _Broken()


class _TooMuchError(Exception):
    """Reading on would do harm."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One document as plain values.

    Attributes:
        place: its number.
        content: mappings, lists, text, numbers, booleans, None and BROKEN.
    """

    place: Place
    content: Any


def read_bytes(path: Path, findings: Findings) -> bytes:
    """A file's content; empty, with a fault, when it cannot be read."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE_BYTES + 1)
    except IsADirectoryError:
        findings.fault(None, "", "it is a directory, and a file is read")
    except FileNotFoundError:
        findings.fault(None, "", "there is no such file")
    except PermissionError:
        findings.fault(None, "", "it is closed to you: ask its owner for the right to read it")
    except (OSError, ValueError):
        findings.fault(None, "", "it cannot be read")
    else:
        return data
    return b""


def load(data: bytes, findings: Findings) -> tuple[Loaded, ...]:
    """All documents of a file that are not empty; what is not read is a fault."""
    known = len(findings.faults)
    documents = tuple(document for document in _documents(data, findings) if document.content is not None)
    if not documents and len(findings.faults) == known:
        findings.fault(None, "", "it is empty: there is no document in it")
    return documents


def _documents(data: bytes, findings: Findings) -> tuple[Loaded, ...]:
    if len(data) > LARGEST_FILE_BYTES:
        findings.fault(None, "", f"it is larger than {LARGEST_FILE_BYTES // 1024**2} MiB")
        return ()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        findings.fault(None, "", f"it is no text in UTF-8 (byte {exc.start + 1})")
        return ()
    builder = _Builder(findings)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except _TooMuchError as exc:
        findings.fault(builder.place, "", str(exc))
    except yaml.YAMLError as exc:
        findings.fault(builder.place if builder.number else None, "", f"it is no YAML: {_problem(exc)}")
    else:
        return tuple(builder.documents)
    return ()


def _problem(exc: yaml.YAMLError) -> str:
    if isinstance(exc, yaml.MarkedYAMLError):
        line = f" (line {_line(exc.problem_mark)})" if exc.problem_mark else ""
        return shown(str(exc.problem or exc.context)) + line
    return "there are characters in it that are no text"


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark else 0


@dataclass(slots=True)
class _Open:
    """A mapping or a list that is being filled."""

    content: dict[str, Any] | list[Any]
    path: str
    line: int
    key: str | None = None

    @property
    def next_path(self) -> str:
        if isinstance(self.content, list):
            return f"{self.path}[{len(self.content)}]"
        return f"{self.path}.{self.key}".lstrip(".")


@dataclass(slots=True)
class _Builder:
    """Makes values out of events."""

    findings: Findings
    documents: list[Loaded] = field(default_factory=list)
    number: int = 0
    values: int = 0
    _open: list[_Open] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(str(self.number))

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.number += 1
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._begin(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            done = self._open.pop()
            self._put(done.content, done.line)
        elif isinstance(event, yaml.AliasEvent):
            line = _line(event.start_mark)
            self._fault(line, f"an alias (*{shown(str(event.anchor))}) is not read: write out what it stands for")
            self._put(BROKEN, line)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        line = _line(event.start_mark)
        self._count()
        if self._expects_key:
            self._key(event.value, line)
        elif event.tag is not None:
            self._put(self._tagged(event.tag, event.value, line), line)
        else:
            self._put(_resolved(event.value) if event.implicit[0] else event.value, line)

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        line = _line(event.start_mark)
        self._count()
        if event.tag not in _PLAIN_TAGS:
            self._fault(line, f"the tag {quoted(str(event.tag))} is not read")
        if self._expects_key:
            self._fault(line, "a mapping or a list is no name of a field")
            self._open[-1].key = f"line {line}"
        if len(self._open) == DEEPEST:
            raise _TooMuchError(f"it is nested more than {DEEPEST} levels deep (line {line})")
        path = self._open[-1].next_path if self._open else ""
        self._open.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], path, line))

    def _key(self, key: str, line: int) -> None:
        above = self._open[-1]
        if key in above.content:
            self._fault(line, f"the field {quoted(key)} is there twice")
        above.key = key

    def _put(self, value: Any, line: int) -> None:
        if not self._open:
            self.documents.append(Loaded(self.place, value))
            return
        above = self._open[-1]
        if isinstance(above.content, list):
            above.content.append(value)
        elif above.key is None:  # only an alias comes as a name
            above.key = f"line {line}"
        else:
            above.content.setdefault(above.key, value)
            above.key = None

    def _tagged(self, tag: str, value: str, line: int) -> Any:
        if tag in _TEXT_TAGS:
            return value
        self._fault(line, f"the tag {quoted(tag)} is not read")
        return BROKEN

    @property
    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].content, dict) and self._open[-1].key is None

    def _count(self) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            raise _TooMuchError(f"it holds more than {MOST_VALUES} values")

    def _fault(self, line: int, sentence: str) -> None:
        path = self._open[-1].path if self._open else ""
        self.findings.fault(self.place, path, f"{sentence} (line {line})")


def _resolved(text: str) -> Any:
    """A plain scalar's value: of YAML 1.2's core schema, in which a date is text and `yes` is no boolean."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return Perhaps(text) if _PERHAPS_FLOAT.fullmatch(text) else text


def items(document: Loaded) -> Iterator[Loaded]:
    """The document itself, or each of those that it lists."""
    if not isinstance(document.content, list):
        yield document
        return
    for number, content in enumerate(document.content, start=1):
        yield Loaded(Place(f"{document.place.document}, item {number}"), content)
