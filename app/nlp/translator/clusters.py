"""Says clusters by their names where people speak of them by what they are ("both prod clusters").

Only names that the person may see are put in, and only where exactly one reading is left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from functools import lru_cache
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

# What people call the places that names of clusters are short for.
_REGIONS: Final = {
    "us": ("us", "usa", "u.s.", "america", "american", "the states", "united states", "stateside"),
    "eu": ("eu", "europe", "european"),
    "uk": ("uk", "britain", "british"),
    "de": ("de", "germany", "german"),
    "ap": ("ap", "asia", "asian", "apac"),
    "jp": ("jp", "japan", "japanese"),
    "au": ("au", "australia", "australian"),
    "ca": ("ca", "canada", "canadian"),
    "in": ("india", "indian"),
    "br": ("br", "brazil", "brazilian"),
}
_WORDS_TOO: Final = frozenset(
    {
        "us",
        "de",
        "in",
        "it",
        "no",
        "me",
        "at",
        "be",
        "is",
        "as",
        "or",
        "so",
        "my",
        "ca",
        "to",
        "do",
        "go",
        "one",
        "main",
        "new",
        "old",
        "a",
        "b",
        "c",
    }
)
"""Parts of names that are words as well: they stand for a cluster only where nothing else can be meant."""


def with_clusters_named(text: str, clusters: Collection[str]) -> str:
    """A text with clusters by their names.

    Args:
        text: what was said.
        clusters: the names of those that the person may see.
    """
    if "cluster" in text or "both" in text or "environment" in text:
        text = _ALL.sub(lambda found: _several(found, clusters), text)
        text = _ONE.sub(lambda found: _one(found, clusters), text)
    any_region, forms = _by_region(tuple(clusters))
    if any_region.search(text) is None:
        return text
    for form, name in forms:
        text = form.sub(rf"\g<before>\g<beside>{name}", text)
    return text


@lru_cache(maxsize=32)
def _by_region(clusters: tuple[str, ...]) -> tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], str], ...]]:
    """Forms that stand for one cluster by the part of its name that no other has ("in the US", "eu and us")."""
    shared = Counter(part for name in clusters for part in set(name.lower().split("-")))
    found = []
    words: list[str] = []
    all_parts: set[str] = {part for part, number in shared.items() if number == 1}
    for name in clusters:
        for part in name.lower().split("-"):
            if shared[part] > 1 or part == name.lower() or part.isdigit():
                continue
            for word in _REGIONS.get(part, (part,)):
                words.append(re.escape(word))
                found.append((_form(word, {*(all_parts - {part}), *clusters} - {name}), name))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words) or '(?!)'})(?![\w-])", re.IGNORECASE), tuple(found)


def with_here_named(text: str, current: str, clusters: Collection[str]) -> str:
    """A text in which "here and in staging" names both clusters.

    Args:
        text: what was said, with clusters by their names.
        current: the cluster that the person is on.
        clusters: the names of those that the person may see.
    """
    if "here" not in text:
        return text
    return _here_too(tuple(clusters)).sub(f"on {current} and ", text)


@lru_cache(maxsize=32)
def _here_too(clusters: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, clusters), key=len, reverse=True))
    as_it_is = r"(?:as (?:it|they) (?:is|are) )?"
    return re.compile(
        rf"\b{as_it_is}(?:both )?here(?: in \w+)? and {as_it_is}(?:over )?(?:(?:in|on) )?(?=(?:{names})\b)",
        re.IGNORECASE,
    )


def _form(word: str, others: Collection[str]) -> re.Pattern[str]:
    """Where a word stands for a cluster: after "in the" and the like, before "cluster", or listed beside another."""
    own = re.escape(word)
    behind = r"(?: (?:cluster|region|side|one|prod(?:uction)?|environment))?(?![\w-]|\.\w)"
    beside = "|".join(sorted(map(re.escape, others))) or r"(?!)"
    joint = r"(?:,|,? and|,? or| \+| &) "
    listed = rf"(?P<beside>(?<![\w-])(?:{beside}){joint}){own}(?![\w-])|(?<![\w./-]){own}(?={joint}(?:{beside})\b)"
    called = rf"(?<![\w./-])(?:the )?{own} (?:cluster|region|side|prod|production)\b"
    if word in _WORDS_TOO:
        surely = rf"(?:the {own}|(?-i:{own.upper()})|(?<=\bin ){own})"
        places = rf"(?P<before>\b(?:in|on|to|from|over in|for|at|of) ){surely}{behind}"
        return re.compile(f"{places}|{called}|{listed}", re.IGNORECASE)
    places = rf"(?P<before>\b(?:in|on|to|from|over in|for|at|of|here in|back in) )(?:the )?{own}{behind}(?! clusters)"
    return re.compile(f"{places}|{called}|{listed}", re.IGNORECASE)


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
