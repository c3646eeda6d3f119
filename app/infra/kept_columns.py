"""Sees to it that a column has one type for as long as its name lives: a look at what migrations say, at no database.

A connection keeps the description of every statement's columns for as long as it lives, and reads later answers by it.
A column of another type under the same name, whichever way it came there, would be read wrongly by the processes that
run. This module reads just enough SQL to find that, and knows nothing of how migrations are applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from app.errors import InternalError

_TOKEN: Final = re.compile(
    r"""
      (?P<skipped>\s+|--[^\n]*)
    | (?P<comment>/\*)
    | (?P<string>[eE]'(?:[^'\\]|\\.|'')*'|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')
    | (?P<dollars>\$(?P<tag>(?:[^\W\d]\w*)?)\$(?P<body>.*?)\$(?P=tag)\$)
    | (?:[uU]&)?"(?P<quoted>(?:[^"]|"")*)"
    | (?P<word>[^\W\d][\w$]*)
    | (?P<other>\d[\w.]*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")


class _Token(NamedTuple):
    """A word as PostgreSQL compares it: folded unless it is quoted, and then no keyword; or one other character."""

    text: str
    quoted: bool = False


_Tokens = list[_Token]
_END: Final = _Token(";")
_BEGIN_A_STATEMENT: Final = [_Token(word) for word in ("begin", "then", "else", "loop")]  # in PL/pgSQL


class KeptColumns:
    """What the migrations before have dropped or renamed, table by table."""

    def __init__(self) -> None:
        self._gone: dict[str, set[str]] = {}

    def check(self, file: str, sql: str) -> None:
        """Look at the next file, in order.

        Raises:
            InternalError: it changes a column's type in place, or brings a name back that a column had before.
        """
        for statement in _split(_tokens(sql), ";"):
            table, rest = _altered(statement)
            # PostgreSQL drops first, wherever in the statement that stands.
            for action in sorted(_split(rest, ","), key=lambda each: _word(each) != "drop"):
                self._check_action(file, table, action)

    def _check_action(self, file: str, table: str, action: _Tokens) -> None:
        verb, rest = _word(action), _without(action[1:], "column")
        if _word(rest) == "constraint":
            return
        if verb == "alter" and (_words(rest[1:], "type") or _words(rest[1:], "set", "data", "type")):
            raise _refusal(file, f"changes the type of {table}.{rest[0].text}")
        if verb == "drop":
            self._goes(table, _without(rest, "if", "exists"))
        elif verb == "add":
            self._comes(file, table, _without(rest, "if", "not", "exists"))
        elif verb == "rename" and _words(rest, "to"):
            for new in rest[1:2]:
                self._gone.setdefault(new.text, set()).update(self._gone.pop(table, set()))
        elif verb == "rename":
            self._comes(file, table, rest[2:])
            self._goes(table, rest)

    def _goes(self, table: str, name: _Tokens) -> None:
        self._gone.setdefault(table, set()).update(each.text for each in name[:1])

    def _comes(self, file: str, table: str, name: _Tokens) -> None:
        if name and name[0].text in self._gone.get(table, ()):
            raise _refusal(file, f"gives {table} another column {name[0].text}")


def _refusal(file: str, does: str) -> InternalError:
    return InternalError(
        f"migration {file} {does}, which processes that run would read as the type it had: "
        "add a new column under a new name instead, and leave the old one behind",
        code="migration",
    )


def _altered(statement: _Tokens) -> tuple[str, _Tokens]:
    """The table that a statement alters, and its actions; none for any other statement."""
    if not (_words(statement, "alter", "table") or _words(statement, "alter", "foreign", "table")):
        return "", []
    rest = _without(statement[1:], "foreign")[1:]
    rest = _without(_without(rest, "if", "exists"), "only")
    while len(rest) > 2 and rest[1].text == ".":  # all tables are in one schema, whether a file names it or not
        rest = rest[2:]
    return (rest[0].text, _without(rest[1:], "*")) if rest else ("", [])


def _tokens(sql: str) -> _Tokens:
    found: _Tokens = []
    position = 0
    while match := _TOKEN.match(sql, position):
        position = match.end()
        match match.lastgroup:
            case "comment":
                position = _end_of_comment(sql, position)
            case "word":
                found.append(_Token(match["word"].lower()))
            case "other":
                found.append(_Token(match["other"]))
            case "quoted":
                found.append(_Token(match["quoted"].replace('""', '"'), quoted=True))
            case "dollars" if _is_run(found):
                body = _tokens(match["body"])
                found += [_END, *(_END if each in _BEGIN_A_STATEMENT else each for each in body)]
            case "string" | "dollars":
                found.append(_Token("", quoted=True))
    return found


def _is_run(before: _Tokens) -> bool:
    """Whether a string in dollars at this place is code that the migration runs, and not what it stores."""
    begun = max((place + 1 for place, token in enumerate(before) if token == _END), default=0)
    return _words(before[begun:], "do")


def _end_of_comment(sql: str, position: int) -> int:
    depth = 1
    while depth and (edge := _COMMENT_EDGE.search(sql, position)):
        depth += 1 if edge[0] == "/*" else -1
        position = edge.end()
    return len(sql) if depth else position


def _split(tokens: _Tokens, at: str) -> Iterator[_Tokens]:
    """The parts between separators that stand in no parentheses."""
    part: _Tokens = []
    depth = 0
    for token in tokens:
        if not token.quoted and token.text in "()":
            depth += 1 if token.text == "(" else -1
        if depth == 0 and token == (at, False):
            yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part


def _word(tokens: _Tokens) -> str:
    """The first token, when it may be a keyword."""
    return tokens[0].text if tokens and not tokens[0].quoted else ""


def _words(tokens: _Tokens, *words: str) -> bool:
    """Whether the tokens begin with these keywords."""
    return tokens[: len(words)] == [_Token(word) for word in words]


def _without(tokens: _Tokens, *words: str) -> _Tokens:
    """The tokens without these keywords at their beginning."""
    return tokens[len(words) :] if _words(tokens, *words) else tokens
