"""Finds values that nobody said: of a known sentence that a text is like, or a word that merely stands beside the key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.nlp.translator.kubectl import read_line

_SETTING: Final = frozenset({"set env", "label", "annotate", "taint"})
_SAID_OTHERWISE: Final = frozenset({"", "true", "false"})  # "turn the flag on"
_NO_VALUE: Final = re.compile(
    r"whose|that|which|with|its|the|an?|value|key|and|of|to|is|be|set|has|some|something|anything|nothing"
)
_PAIR: Final = re.compile(r"[\w./-]+=(?P<value>[^:]*)(?::\w+)?")


def invented(said: str, lines: Sequence[str]) -> str | None:
    """The value of a key that would be set and is not said, as a sentence; None where there is no doubt.

    Args:
        said: the text, and what earlier turns said and showed.
        lines: what would be done.
    """
    low = said.lower()
    for command in filter(None, map(read_line, lines)):
        pairs = map(_PAIR.fullmatch, command.rest) if command.verb in _SETTING else ()
        for pair in filter(None, pairs):
            value = pair["value"].strip("'\"").lower()
            if f"={value}" in low or value in _SAID_OTHERWISE:
                continue
            if _NO_VALUE.fullmatch(value) or value not in low:
                return f"I can't tell which value “{pair.group().partition('=')[0]}” is to have"
    return None


def is_held(value: str, held: str) -> bool:
    """Whether commands hold a value, of a setting its key and its value; where the key is taken off it alone."""
    key, *rest = re.split("[=:]", value)
    return f" {key}-" in held or all(part in held for part in (key, *rest))
