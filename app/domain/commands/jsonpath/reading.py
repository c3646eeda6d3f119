"""JSONPath templates read as kubectl reads them (client-go's util/jsonpath), in time that grows with their length."""

from __future__ import annotations

import re

from app.domain.commands.jsonpath.nodes import (
    Field,
    Filter,
    Identifier,
    Index,
    JsonPathError,
    Literal,
    Node,
    Recursive,
    Steps,
    Text,
    Union,
    Wildcard,
)

LONGEST = 4096  # characters, as a whole line may have
DEEPEST = 8  # filters and unions inside each other; nobody writes more, and each costs a level of our own stack
_TERMINATORS = frozenset(".,[]$@{} \t\r\n")
_KEY = re.compile(r"'([^']*)'")
_SLICE = re.compile(r"(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?")
_COMPARISON = re.compile(r"([^!<>=]+)([!<>=]+)(.+)", re.DOTALL)
_RELAXED = re.compile(r"\{\.?([^{}]+)\}|\.?([^{}]+)")
_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_CODES = {"x": 2, "u": 4, "U": 8}
_TRUTH = {
    "1": True, "t": True, "T": True, "true": True, "TRUE": True, "True": True,
    "0": False, "f": False, "F": False, "false": False, "FALSE": False, "False": False,
}  # fmt: skip


def read(template: str) -> tuple[Text | Steps, ...]:
    """The texts and actions of a template.

    Raises:
        JsonPathError: it cannot be read; the text is kubectl's.
    """
    return _Reader(template, 0).template()


def relaxed(path: str) -> str:
    """`name`, `.name` or `{.name}` as `{.name}`: how --sort-by and custom columns are written.

    Raises:
        JsonPathError: it is none of these.
    """
    found = _RELAXED.fullmatch(path)
    if found is None:
        raise JsonPathError(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'"
        )
    return "{." + (found[1] or found[2]) + "}"


class _Reader:
    """A template under the eye: a position, and what has been read."""

    def __init__(self, text: str, depth: int) -> None:
        if len(text) > LONGEST or depth > DEEPEST:
            raise JsonPathError("the template is too long or nested too deeply")
        self._text = text
        self._depth = depth
        self._at = 0

    def template(self) -> tuple[Text | Steps, ...]:
        parts: list[Text | Steps] = []
        while self._at < len(self._text):
            brace = self._text.find("{", self._at)
            if brace != self._at:
                end = len(self._text) if brace < 0 else brace
                parts.append(Text(self._text[self._at : end]))
                self._at = end
                continue
            self._at += 1
            parts.append(self._action())
        return tuple(parts)

    def _action(self) -> Steps:
        nodes: list[Node] = []
        while True:
            rest = self._text[self._at : self._at + 3]
            if rest.startswith("}"):
                self._at += 1
                return Steps(tuple(nodes))
            if rest == "[?(":
                nodes.append(self._filter())
            elif rest.startswith(".."):
                self._recursive(nodes)
            else:
                self._step(nodes)

    def _step(self, nodes: list[Node]) -> None:
        character = self._text[self._at : self._at + 1]
        if character in {"", "\r", "\n"}:
            raise JsonPathError("unclosed action")
        self._at += 1
        if character in " @$":
            return
        if character == "[":
            nodes += self._array()
        elif character in "\"'":
            nodes.append(self._quoted(character))
        elif character == ".":
            nodes.append(self._field())
        elif character in "+-" or character.isdecimal():
            nodes.append(self._number(character))
        elif character == "_" or character.isalpha() or character.isnumeric():
            self._at -= 1
            word = self._word()
            nodes.append(Literal(_TRUTH[word]) if word in {"true", "false"} else Identifier(word))
        else:
            raise JsonPathError(f"unrecognized character in action: U+{ord(character):04X} '{character}'")

    def _word(self) -> str:
        start = self._at
        while self._at < len(self._text) and self._text[self._at] not in _TERMINATORS:
            self._at += 1
        return self._text[start : self._at]

    def _recursive(self, nodes: list[Node]) -> None:
        if nodes and isinstance(nodes[-1], Recursive):
            raise JsonPathError("invalid multiple recursive descent")
        self._at += 2
        nodes.append(Recursive())
        following = self._text[self._at : self._at + 1]
        if following == "_" or following.isalnum():
            nodes.append(self._field())

    def _field(self) -> Node:
        start = self._at
        while self._at < len(self._text) and self._text[self._at] not in _TERMINATORS:
            self._at += 2 if self._text[self._at] == "\\" else 1
        name = self._text[start : self._at]
        return Wildcard() if name == "*" else Field(name.replace("\\", ""))

    def _number(self, first: str) -> Node:
        start = self._at - 1
        while self._at < len(self._text) and (self._text[self._at] == "." or self._text[self._at].isdecimal()):
            self._at += 1
        text = self._text[start : self._at]
        try:
            return Literal(float(text) if "." in text else int(text))
        except ValueError:
            raise JsonPathError(f"cannot parse number {text}") from None

    def _quoted(self, quote: str) -> Text:
        start = self._at
        while True:
            character = self._text[self._at : self._at + 1]
            if character in {"", "\n"}:
                raise JsonPathError("unterminated quoted string")
            self._at += 1
            if character == quote and self._text[self._at - 2] != "\\":
                break
        inside = self._text[start : self._at - 1]
        try:
            return Text(_unescaped(inside))
        except (ValueError, OverflowError):
            raise JsonPathError(f"unquote string {quote}{inside}{quote} error invalid syntax") from None

    def _array(self) -> list[Node]:
        start = self._at
        end = self._text.find("]", start)
        line_end = self._text.find("\n", start)
        if end < 0 or 0 <= line_end < end:
            raise JsonPathError("unterminated array")
        self._at = end + 1
        text = self._text[start:end]
        text = ":" if text == "*" else text
        parts = text.split(",")
        if len(parts) > 1:
            return [Union(tuple(self._inner(f"[{part.strip(' ')}]") for part in parts))]
        key = _KEY.fullmatch(text)
        if key is not None:
            return list(self._inner(f".{key[1]}").nodes)
        return [_index(text)]

    def _filter(self) -> Filter:
        self._at += 3
        start = self._at
        quote, closed = "", False
        while True:
            character = self._text[self._at : self._at + 1]
            if character in {"", "\n"}:
                raise JsonPathError("unterminated filter")
            self._at += 1
            if character in "\"'":
                if not quote:
                    quote = character
                elif character == quote and self._text[self._at - 2] != "\\":
                    closed = True
            elif character == ")" and bool(quote) == closed:
                break
        text = self._text[start : self._at - 1]
        if self._text[self._at : self._at + 1] != "]":
            raise JsonPathError("unclosed array expect ]")
        self._at += 1
        found = _COMPARISON.fullmatch(text)
        if found is None:
            return Filter(self._inner(text), "exists", Steps(()))
        return Filter(self._inner(found[1]), found[2], self._inner(found[3]))

    def _inner(self, text: str) -> Steps:
        """An action's text as an action of its own; what stands behind its end is not read."""
        parts = _Reader("{" + text + "}", self._depth + 1).template()
        first = parts[0]
        assert isinstance(first, Steps)
        return first


def _index(text: str) -> Index:
    found = _SLICE.fullmatch(text)
    if found is None:
        raise JsonPathError(f"invalid array index {text}")
    start, end, step = found.groups()
    try:
        return Index(
            start=int(start) if start else None,
            end=int(end[1:]) if end and end != ":" else None,
            step=int(step[1:]) if step and step != ":" else None,
            single=end is None,
        )
    except ValueError:
        raise JsonPathError(f"array index {text} is not a number") from None


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    out, characters = [], iter(text)
    for character in characters:
        if character != "\\":
            out.append(character)
            continue
        letter = next(characters, "")
        if letter in _CODES:
            digits = "".join(next(characters, "") for _ in range(_CODES[letter]))
            out.append(chr(int(digits, 16)))
        elif letter in _ESCAPES:
            out.append(_ESCAPES[letter])
        else:
            raise ValueError(letter)
    return "".join(out)
