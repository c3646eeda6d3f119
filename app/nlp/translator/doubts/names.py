"""Finds names that are taken for others: one that is built on a known name, one of another kind, one that is nobody's.

A name that nearly fits is a good guess for a look. For a change it is a question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz

from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.intents.words import EMPTY, NAMED
from app.nlp.translator.kubectl import Spoken
from app.nlp.translator.lexicon.kinds import KINDS, WORKLOADS
from app.nlp.translator.lexicon.parts import Part

_ALIKE: Final = 87  # percent, of a misspelling
_NAMELIKE: Final = re.compile(r"[a-z][a-z0-9]*(?:[-.][a-z0-9]+)*", re.IGNORECASE)
_BY_ITSELF: Final = re.compile(r"\S+ (?:to|at|by|and|=) <")
_OWN: Final = re.compile(r"[-\d]")
_JOINS: Final = frozenset({"and", "plus", "&"})
_OF_WORDS: Final = frozenset({"set env", "label", "annotate", "taint", "expose"})
_STRICT: Final = frozenset({"delete", "patch"})


def other_name(clauses: Sequence[Clause], commands: Sequence[Spoken]) -> str | None:
    """What a person said where a change would be made to something else, as a sentence; None where there is no doubt.

    Args:
        clauses: what was said.
        commands: what would be done.
    """
    names = {name: each for each in commands for name in each.names}
    free = {each.verb for each in commands} & _OF_WORDS or any(each.verb.startswith("create") for each in commands)
    for clause in clauses:
        first = clause.words[0]
        if not free and _BY_ITSELF.match(clause.text) and _is_nobodys(clause.words, 0):
            return f"I know no “{first.value}”"
        for at, word in enumerate(clause.words):
            unsure = word.tag.part is Part.NAME and not word.token.startswith("<") and _OWN.search(word.value)
            if unsure and word.value not in names:
                return f"I know no “{word.value}”"
            if word.token not in NAMED:
                continue
            if word.value not in names and not (
                _OWN.search(word.tag.low) and word.tag.low != word.value and "-" in word.tag.low
            ):
                continue
            if _is_another(word):
                return f"I know no “{word.tag.words}”, only {word.value}"
            if word.value not in names:
                continue
            kind = None if free else _other_kind(clause.words, at, names[word.value])
            if kind is not None:
                return f"{word.value} is no {kind}"
            unknown = None if free else _listed_with(clause.words, at)
            if unknown is not None:
                return f"I know no “{unknown}”"
    return None


def _is_another(word: Word) -> bool:
    """Whether what was said is a name of its own that another one was taken for: "web2", "cart-canary-2"."""
    said, meant = word.tag.low.rstrip("s"), word.value
    if said == meant.rstrip("s") or meant.startswith(f"{said}-") or meant.endswith(said) or " " in said:
        return False
    if re.findall(r"\d+", said) != re.findall(r"\d+", meant) and "-" in said:
        return True
    extends = said.startswith(meant) and re.fullmatch(r"[-.]?\w*\d\w*|-[\w-]+", said[len(meant) :]) is not None
    own = ("-" in said or any(c.isdigit() for c in said)) and fuzz.ratio(said, meant) < _ALIKE
    return extends or own


def _other_kind(words: Sequence[Word], at: int, command: Spoken) -> str | None:
    """The kind that is said right before a name, where nothing of it is hit."""
    before = at - 1
    while before >= 0 and words[before].token in {"the", "our", "called", "named"}:
        before -= 1
    if before < 0 or command.kind is None or words[before].token not in KINDS:
        return None
    said, kind = KINDS[words[before].token], command.kind
    if said.plural in words[at].kinds or said is kind:
        return said.singular if command.verb in _STRICT and said is not kind and said.plural not in _OF_ALL else None
    return None if said.plural in _OF_ALL and command.verb not in _STRICT else said.singular


_OF_ALL: Final = frozenset({"pods", "namespaces", "horizontalpodautoscalers", *WORKLOADS})
"""What is said loosely before the name of a workload."""


def _listed_with(words: Sequence[Word], at: int) -> str | None:
    """A name that nobody has, beside one that is known: "web and inventory"."""
    behind = at + 2
    while behind < len(words) and words[behind].token in {"its", "the", "their", "all"}:
        behind += 1
    if behind < len(words) and words[at + 1].token in _JOINS and _is_nobodys(words, behind):
        return words[behind].value
    if (
        at > 1
        and words[at - 1].token in _JOINS
        and _is_nobodys(words, at - 2)
        and words[max(at - 3, 0)].token not in {"has", "have"}
    ):
        return words[at - 2].value
    return None


def _is_nobodys(words: Sequence[Word], at: int) -> bool:
    word = words[at]
    behind = words[at + 1].token if at + 1 < len(words) else ""
    ends = behind in {"", "to", "in", "on", "at", "please", "pls", "then", "by", "from"} | _JOINS or behind in NAMED
    named = word.tag.part in {Part.UNKNOWN, Part.MISSING, Part.OUTSIDE} and _NAMELIKE.fullmatch(word.value) is not None
    return named and ends and word.token not in EMPTY and not word.token.endswith(("ing", "ed"))
