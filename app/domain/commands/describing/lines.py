"""The lines that descriptions are made of: levels, cells with tabs, and what many kinds have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.commands.reading.ages import moment
from app.domain.commands.redaction import LAST_APPLIED
from app.domain.commands.tabs import aligned

NONE, UNSET = "<none>", "<unset>"
LONGEST_ANNOTATION = 140  # characters on one line, with its key
_WEEK_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|-+")
_PLAIN = re.compile(r"[A-Za-z-]+")
_ACRONYMS = frozenset({"API", "URL", "UID", "OSB", "GUID"})
Item = Mapping[str, Any]


class Lines:
    """Collects a description."""

    def __init__(self) -> None:
        self._blocks: list[list[str]] = [[]]

    def write(self, level: int, text: str) -> None:
        """One line, with tabs between its cells, two spaces in for each level."""
        self._blocks[-1].append(f"{'  ' * level}{text}\n")

    def flush(self) -> None:
        """What follows is aligned by itself."""
        self._blocks.append([])

    def raw(self) -> str:
        """The lines with their tabs."""
        return "".join(line for block in self._blocks for line in block)

    def text(self) -> str:
        """The lines with their cells aligned."""
        return "".join(aligned("".join(block), least=0, padding=2) for block in self._blocks)

    def mapping(self, title: str, found: Mapping[str, Any] | None, indent: str = "") -> None:
        """`Title:  key=value`, one line for each."""
        pairs = [f"{key}={value}" for key, value in sorted((found or {}).items())] or [NONE]
        self.write(0, f"{indent}{title}:\t{pairs[0]}")
        for pair in pairs[1:]:
            self.write(0, f"{indent}\t{pair}")

    def annotations(self, found: Mapping[str, Any] | None, title: str = "Annotations") -> None:
        """Annotations; long ones below their key, and not what was applied last."""
        lines: list[str] = []
        for key, value in sorted((found or {}).items()):
            if key == LAST_APPLIED:
                continue
            text = str(value).removesuffix("\n")
            if len(text) + len(key) + 2 > LONGEST_ANNOTATION or "\n" in text:
                lines.append(f"{key}:")
                lines += [f"  {shortened(part, LONGEST_ANNOTATION - 2)}" for part in text.split("\n")]
            else:
                lines.append(f"{key}: {text}")
        lines = lines or [NONE]
        self.write(0, f"{title}:\t{lines[0]}")
        for line in lines[1:]:
            self.write(0, f"\t{line}")

    def tolerations(self, found: Sequence[Item] | None, title: str) -> None:
        """Tolerations, in the order of their keys."""
        lines = [_toleration(one) for one in sorted(found or (), key=lambda one: str(one.get("key") or ""))] or [NONE]
        self.write(0, f"{title}:\t{lines[0]}")
        for line in lines[1:]:
            self.write(0, f"\t{line}")

    def head(self, item: Item, *, labels: bool = True) -> None:
        """Name and namespace, and then labels and annotations."""
        metadata = item["metadata"]
        self.write(0, f"Name:\t{metadata['name']}")
        if metadata.get("namespace"):
            self.write(0, f"Namespace:\t{metadata['namespace']}")
        if labels:
            self.mapping("Labels", metadata.get("labels"))
            self.annotations(metadata.get("annotations"))

    def controlled(self, item: Item) -> None:
        """Who looks after an object."""
        for owner in item["metadata"].get("ownerReferences") or ():
            if owner.get("controller"):
                self.write(0, f"Controlled By:\t{owner['kind']}/{owner['name']}")

    def conditions(self, found: Sequence[Item] | None) -> None:
        """Type, status and reason of each condition."""
        if not found:
            return
        self.write(0, "Conditions:")
        self.write(1, "Type\tStatus\tReason")
        self.write(1, "----\t------\t------")
        for one in found:
            self.write(1, f"{one.get('type')} \t{one.get('status')}\t{one.get('reason') or ''}")


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, with points where it was cut."""
    return f"{text[:most]}..." if len(text) > most else text


def time_of(text: object) -> str:
    """A timestamp as Go's RFC1123Z writes it, in the words of no language but its own."""
    found = moment(text)
    if found is None:
        return "Mon, 01 Jan 0001 00:00:00 +0000"
    day, month = _WEEK_DAYS[found.weekday()], _MONTHS[found.month - 1]
    return f"{day}, {found.day:02d} {month} {found.year:04d} {found:%H:%M:%S} +0000"


def boolean(value: object) -> str:
    """True or False, as kubectl writes them."""
    return "True" if value else "False"


def selector_text(selector: Mapping[str, Any] | None) -> str:
    """A label selector as kubectl formats it."""
    if selector is None:
        return NONE
    found = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for one in selector.get("matchExpressions") or ():
        key, sign, named = one["key"], one["operator"], ",".join(sorted(one.get("values") or ()))
        found.append({"Exists": key, "DoesNotExist": f"!{key}"}.get(sign, f"{key} {sign.lower()} ({named})"))
    return ",".join(sorted(found)) or NONE


def pairs_text(found: Mapping[str, Any] | None) -> str:
    """Labels on one line."""
    return ",".join(f"{key}={value}" for key, value in sorted((found or {}).items())) or NONE


def label_of(field: str) -> str:
    """A field's name as a heading: "creationTimestamp" is "Creation Timestamp"."""
    if _PLAIN.fullmatch(field) is None:
        return field
    words = [
        word.upper() if word.upper() in _ACRONYMS else word[:1].upper() + word[1:] for word in _WORD.findall(field)
    ]
    return " ".join(words)


def _toleration(found: Item) -> str:
    key, value, effect = (str(found.get(name) or "") for name in ("key", "value", "effect"))
    text = f"{key}{f'={value}' if value else ''}{f':{effect}' if effect else ''}"
    if found.get("operator") == "Exists" and not value:
        text += " op=Exists" if key or effect else "op=Exists"
    seconds = found.get("tolerationSeconds")
    return text if seconds is None else f"{text} for {seconds}s"
