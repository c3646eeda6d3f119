"""Names: of strangers' objects as ids in labels, and of ours as names that every tool for OpenSLO takes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

LONGEST_NAME: Final = 63  # RFC 1123, which every implementation of OpenSLO has to take
_HASH_LENGTH: Final = 8
_OTHERS = re.compile(r"[^a-z0-9]+")


def words(text: str) -> str:
    """The text's letters and digits in lower case, with hyphens between words; empty when it has none."""
    return _OTHERS.sub("-", text.lower()).strip("-")


def slug(text: str, otherwise: str = "slo") -> str:
    """Lower-case words joined by hyphens, the first of which begins with a letter; such a text stays as it is."""
    found = words(text)
    if not found:
        return otherwise
    return found if found[0].isalpha() else f"{otherwise}-{found}"


def name_of(text: str) -> str:
    """The slug, in no more than 63 characters."""
    whole = slug(text)
    if len(whole) <= LONGEST_NAME:
        return whole
    kept = whole[: LONGEST_NAME - _HASH_LENGTH - 1].rstrip("-")
    return f"{kept}-{sha256(text.encode()).hexdigest()[:_HASH_LENGTH]}"


@dataclass(slots=True)
class Names:
    """Gives out names, none of them twice."""

    _taken: set[str] = field(default_factory=set)

    def give(self, wanted: str) -> str:
        """The wanted name, or with the first number behind it that makes it a new one."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted[: LONGEST_NAME - len(str(number)) - 1].rstrip('-')}-{number}"
        self._taken.add(name)
        return name
