"""The names nearest to one that does not exist, for messages that help."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

ENOUGH = 55.0  # of 100: "gte" finds "get" and "podz" finds "pods"; below it suggestions are noise
MOST = 3


def nearest(word: str, names: Iterable[str], most: int = MOST) -> list[str]:
    """At most `most` names that look like `word`, best first."""
    found = process.extract(
        word.lower(), list(dict.fromkeys(names)), scorer=fuzz.ratio, limit=most, score_cutoff=ENOUGH
    )
    return [name for name, _, _ in found]


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A sentence with the nearest names, with a leading space; empty when nothing is near."""
    found = nearest(word, names)
    return f" Did you mean {' or '.join(found)}?" if found else ""
