"""What a form of words cannot do without: strings of which at least one stands in every text that it fits.

Looking for a few strings costs a hundredth of what a regular expression costs that fits nowhere, and most forms of
words fit nowhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_SHORTEST = 2  # a single letter is in nearly every text
_LONGEST_START = 3  # characters by which a string is looked up
_REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT})


class Gates:
    """Tells in little time which of many patterns cannot fit a text.

    Args:
        patterns: the forms, which are read without regard to case.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._always: list[int] = []
        behind: dict[str, list[int]] = {}
        for at, pattern in enumerate(patterns):
            strings = _required(parser.parse(pattern, re.IGNORECASE))
            if not strings:
                self._always.append(at)
            for string in strings:
                behind.setdefault(string, []).append(at)
        self._beginning: dict[str, list[tuple[str, list[int]]]] = {}
        for string, places in behind.items():
            self._beginning.setdefault(string[:_LONGEST_START], []).append((string, places))
        self._starts = frozenset(self._beginning)

    def open_for(self, text: str) -> list[int]:
        """The places of those that may fit; one without any string to go by may fit every text."""
        low = text.lower()
        found = set(self._always)
        for start in self._starts & _starts_in(low):
            for string, places in self._beginning[start]:
                if string in low:
                    found.update(places)
        return sorted(found)


class Rewordings:
    """Forms of words, each with the plainer one that takes its place, tried in their order.

    Args:
        forms: patterns with what each is replaced by, as `re.sub` takes it.
    """

    def __init__(self, forms: Sequence[tuple[re.Pattern[str], str]]) -> None:
        self._forms = forms
        self._gates = Gates(form.pattern for form, _ in forms)

    def __call__(self, text: str) -> str:
        """The text in plainer words; what one form makes of it may fit those behind it."""
        opened = self._gates.open_for(text)
        next_up = 0
        while next_up < len(opened):
            at = opened[next_up]
            next_up += 1
            form, plain = self._forms[at]
            changed = form.sub(plain, text)
            if changed != text:
                text, opened = changed, self._gates.open_for(changed)
                next_up = bisect_right(opened, at)
        return text


@lru_cache(maxsize=64)
def _starts_in(low: str) -> frozenset[str]:
    """All twos and threes of neighbouring characters; several gates ask for those of one text, one after another."""
    twos = list(map("".join, pairwise(low)))
    return frozenset([*twos, *map("".join, zip(twos, low[2:], strict=False))])


def _required(parsed: Any) -> frozenset[str]:
    """Of a sequence: the strings of its most telling part; empty where it has none."""
    best: frozenset[str] = frozenset()
    run = ""
    for code, value in [*parsed, (None, None)]:
        if code is codes.LITERAL:
            run += chr(value).lower()
            continue
        best = _better(best, frozenset({run}) if len(run) >= _SHORTEST else frozenset())
        run = ""
        if code is not None:
            best = _better(best, _required_of(code, value))
    return best


def _required_of(code: Any, value: Any) -> frozenset[str]:
    if code is codes.SUBPATTERN:
        return _required(value[-1])
    if code is codes.BRANCH:
        found = [_required(branch) for branch in value[1]]
        return frozenset().union(*found) if all(found) else frozenset()
    if code in _REPEATS and value[0] > 0:
        return _required(value[2])
    return frozenset()


def _better(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """The one whose shortest string is longer, and of equal ones the one with fewer."""
    return max(one, other, key=lambda strings: (min(map(len, strings), default=0), -len(strings)))
