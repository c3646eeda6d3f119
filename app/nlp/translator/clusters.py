"""Says clusters by their names where people speak of them by what they are ("both prod clusters").

Only names that the person may see are put in, and only where exactly one reading is left.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_SHORTEST: Final = 3  # of a part of a name that stands for a longer word: "prod" for "production"
_ALL: Final = re.compile(
    r"\b(?:both|all|the two|our two|these two|each of (?:the|our))(?: of)?(?: the| our)? (?P<what>[a-z]+?)"
    r"(?:s\b| (?:clusters?|environments?|contexts?)\b)",
    re.IGNORECASE,
)
_ONE: Final = re.compile(
    r"\b(?:the )?(?P<what>[a-z]+) cluster in (?:the )?(?P<where>[a-z]+)\b"
    r"|\b(?:the )?(?P<one>[a-z]+) (?P<other>[a-z]+) cluster\b",
    re.IGNORECASE,
)


def with_clusters_named(text: str, clusters: Collection[str]) -> str:
    """A text with clusters by their names.

    Args:
        text: what was said.
        clusters: the names of those that the person may see.
    """
    if "cluster" in text or "both" in text or "environment" in text:
        text = _ALL.sub(lambda found: _several(found, clusters), text)
        text = _ONE.sub(lambda found: _one(found, clusters), text)
    return text


def _several(found: re.Match[str], clusters: Collection[str]) -> str:
    alike = sorted(name for name in clusters if any(_means(found["what"], part) for part in name.split("-")))
    return " and ".join(alike) if 1 < len(alike) < len(clusters) else found.group()


def _one(found: re.Match[str], clusters: Collection[str]) -> str:
    words = [word for word in (found["one"], found["other"], found["what"], found["where"]) if word]
    alike = [name for name in clusters if all(any(_means(word, part) for part in name.split("-")) for word in words)]
    return alike[0] if len(alike) == 1 else found.group()


def _means(word: str, part: str) -> bool:
    """Whether a word is a part of a cluster's name, or the long form of one."""
    low, part = word.lower(), part.lower()
    return low == part or (len(part) >= _SHORTEST and low.startswith(part))
