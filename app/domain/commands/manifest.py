"""Pasted YAML as JSON values: bounded, without duplicate keys, and with a place for everything that is wrong.

Text becomes values by this module's own few rules, and never objects of Python's: there is no tag that would make one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import yaml

from app.errors import InvalidInputError, TooLargeError

LARGEST_MANIFEST_BYTES = 256 * 1024  # a cluster takes objects of 1.5 MB; a chat is no place to read them in
MOST_DOCUMENTS = 50  # each is a step that is shown, confirmed and recorded by itself
MOST_VALUES = 20_000  # once aliases are written out: a few lines of them can stand for billions
LONGEST_NUMBER = 80  # characters; 64 bits in any base are shorter
DEEPEST = 100  # objects in objects; Kubernetes' own kinds stay below 20
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,2})?")
_TRUE = frozenset({"y", "yes", "true", "on"})


def read_documents(text: str) -> list[Any]:
    """The documents of a manifest, empty ones left out.

    Raises:
        TooLargeError: it is larger than a manifest may be here.
        InvalidInputError: it is no YAML, repeats a key, or unfolds into too much; the message names line and column.
    """
    size = len(text.encode())
    if size > LARGEST_MANIFEST_BYTES:
        raise TooLargeError(
            f"A manifest may have at most {LARGEST_MANIFEST_BYTES // 1024} KiB; this one has {size // 1024} KiB. Apply"
            " it in parts.",
            code="manifest_too_large",
        )
    documents = []
    for node in _composed(text):
        _measure(node)
        value = _value(node)
        if value is not None:
            documents.append(value)
        if len(documents) > MOST_DOCUMENTS:
            raise TooLargeError(
                f"A manifest may hold at most {MOST_DOCUMENTS} objects; apply it in parts.", code="manifest_too_large"
            )
    return documents


def read_document(text: str) -> Any:
    """The one value that a text holds; errors as for `read_documents`."""
    documents = read_documents(text)
    if len(documents) != 1:
        raise InvalidInputError("One value is needed here, as JSON or YAML.", code="invalid_yaml")
    return documents[0]


def _composed(text: str) -> Sequence[yaml.Node]:
    try:
        _refuse_depth_and_number(text)
        return [node for node in yaml.compose_all(text, Loader=_LOADER) if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _wrong(str(error.problem or "it cannot be read"), mark) from error
    except yaml.YAMLError as error:
        raise _wrong("it holds characters that YAML does not have", None) from error


def _refuse_depth_and_number(text: str) -> None:
    """Look at the nesting before nodes are made: the C library makes them by recursion, and ends the process.

    It makes them in one go as well, while nothing else goes on: so many as are too many are not made at all.
    """
    depth = 0
    for written, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if written > 2 * MOST_VALUES:  # an object's end, and a document's beginning and end, are no values
            raise _wrong(f"it comes to more than {MOST_VALUES} values", event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _wrong(f"it is nested more than {DEEPEST} deep", event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _measure(root: yaml.Node) -> None:
    """Refuse what would be too much once it is written out; linear in what is written."""
    sizes: dict[int, int] = {}
    under_way: set[int] = set()

    def size(node: yaml.Node, depth: int) -> int:
        known = sizes.get(id(node))
        if known is not None:
            return known
        if id(node) in under_way:
            raise _wrong("an alias stands inside of what it names", node.start_mark)
        if depth > DEEPEST:
            raise _wrong(f"it is nested more than {DEEPEST} deep", node.start_mark)
        under_way.add(id(node))
        total = 1 + sum(size(child, depth + 1) for child in _children(node))
        under_way.discard(id(node))
        if total > MOST_VALUES:
            raise _wrong(f"it comes to more than {MOST_VALUES} values", node.start_mark)
        sizes[id(node)] = total
        return total

    size(root, 0)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if node.tag not in {f"{_TAG}map", f"{_TAG}seq"}:
        raise _wrong(f"the tag {node.tag.replace(_TAG, '!')[:40]} is not for manifests", node.start_mark)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    return [_value(item) for item in node.value]


def _mapping(node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    merged: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if key_node.tag == f"{_TAG}merge":
            merged = {**_merged(value_node), **merged}
            continue
        if not isinstance(key_node, yaml.ScalarNode):
            raise _wrong("a key is a text", key_node.start_mark)
        key = str(key_node.value)
        if key in found:
            raise _wrong(f'the key "{key[:60]}" is there twice', key_node.start_mark)
        found[key] = _value(value_node)
    return {**merged, **found}


def _merged(node: yaml.Node) -> dict[str, Any]:
    parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
    found: dict[str, Any] = {}
    for part in parts:
        if not isinstance(part, yaml.MappingNode):
            raise _wrong("<< stands before an object", part.start_mark)
        found = {**_mapping(part), **found}
    return found


def _scalar(node: yaml.Node) -> Any:
    text, tag = str(node.value), node.tag.removeprefix(_TAG)
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in _TRUE
    if tag == "int":
        try:
            return _bounded(_whole(text) if len(text) <= LONGEST_NUMBER else math.inf, node)
        except ValueError as error:
            raise _wrong(f'"{text[:LONGEST_NUMBER]}" is no whole number', node.start_mark) from error
    if tag == "float":
        return _fraction(text, node)
    if tag in {"str", "timestamp", "value"}:
        return text if getattr(node, "style", None) else _bounded(_plain(text), node)
    raise _wrong(f"the tag !{tag[:40]} is not for manifests", node.start_mark)


def _bounded(value: Any, node: yaml.Node) -> Any:
    """A value that JSON and Kubernetes have: whole numbers of 64 bits."""
    if isinstance(value, float | int) and not -(2**63) <= value < 2**63:
        raise _wrong("a number is larger than Kubernetes has them", node.start_mark)
    return value


def _plain(text: str) -> Any:
    """A text without quotes, as kubectl's reader of YAML takes it: y and n are truths, 1e3 is a number."""
    if text in {"y", "Y", "n", "N"}:
        return text in {"y", "Y"}
    if _NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    return text  # a date too


def _whole(text: str) -> Any:
    plain = text.replace("_", "")
    sign = -1 if plain.startswith("-") else 1
    digits = plain.lstrip("+-")
    if ":" in digits:
        return text  # 1:30 is a number only to old readers of YAML
    for prefix, base in (("0x", 16), ("0b", 2), ("0o", 8)):
        if digits.startswith(prefix):
            return sign * int(digits[2:], base)
    return sign * int(digits, 8 if digits.startswith("0") and len(digits) > 1 else 10)


def _fraction(text: str, node: yaml.Node) -> Any:
    if ":" in text:
        return text
    try:
        found = float(text.replace("_", ""))
    except ValueError:
        found = math.inf  # .inf and .nan
    if not math.isfinite(found):
        raise _wrong(f'"{text}" is a number that JSON does not have', node.start_mark)
    return found


def _wrong(what: str, mark: Any) -> InvalidInputError:
    where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
    return InvalidInputError(f"The manifest is not right{where}: {what}.", code="invalid_yaml")
