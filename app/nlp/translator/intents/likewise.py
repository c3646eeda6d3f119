"""Puts an object that is named behind a request, for the same to be done with it, beside the first: "and cart likewise"."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_ANOTHER: Final = re.compile(
    r"(?:[,;.]| and|, and)+ (?:so (?:could|should|does|must|would|can|may|will|is|are) )?(?:the )?(?P<name>[\w.-]+)"
    r"(?: deployment)?(?:,? (?P<too>likewise|as well|too|also|ditto|similarly|the same(?: way)?))?(?: please| pls)?[.!]*$",
    re.IGNORECASE,
)
_SO: Final = re.compile(r"^\W*(?:and )?so \w", re.IGNORECASE)
_WORD: Final = re.compile(r"[\w.-]*\w")


def with_another_named(text: str, names: Collection[str]) -> str:
    """The text with the object that is named last beside the first; most stay as they are.

    Args:
        text: what was said, in one line.
        names: of the objects that the person may see.
    """
    found = _ANOTHER.search(text)
    if found is None or found["name"].lower() not in names or not (found["too"] or _SO.match(found.group())):
        return text
    request = text[: found.start()]
    first = next((word for word in _WORD.finditer(request) if word.group().lower() in names), None)
    if first is None or first.group().lower() == found["name"].lower():
        return text
    return f"{request[: first.end()]} and {found['name']}{request[first.end() :]}"
