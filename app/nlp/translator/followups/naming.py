"""Puts names in the place of "it", "the second one", "both", "the first two", as earlier turns showed them."""

from __future__ import annotations

import re
from typing import Final

from app.nlp.translator.followups.about import BACK
from app.nlp.translator.kubectl import read_line
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.plan import Context
from app.nlp.translator.vocabulary import is_valid_name

_COUNTS: Final = {"two": 2, "2": 2, "three": 3, "3": 3}
_SOME_OF_THEM: Final = re.compile(
    r"\bthe (?P<which>first|last) (?P<count>two|three|2|3)\b(?: of (?:them|these|those))?(?! (?:hours?|minutes?|days?|lines?|weeks?))",
    re.IGNORECASE,
)
_BOTH: Final = re.compile(
    r"\b(?:them both|both of (?:them|those|these)|both)\b(?! (?:clusters?|the|of the)\b)(?! [\w-]+ (?:clusters?|and)\b)",
    re.IGNORECASE,
)
_BARE: Final = (KINDS["pods"], KINDS["nodes"], KINDS["namespaces"])


_MOST_NAMED: Final = 4
_PLACES_AT: Final = {
    "first": 0, "1st": 0, "top": 0, "former": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3,
    "fifth": 4, "5th": 4, "last": -1, "bottom": -1, "latter": -1, "final": -1,
    "one": 0, "1": 0, "two": 1, "2": 1, "three": 2, "3": 2, "four": 3, "4": 3, "five": 4, "5": 4,
    "hungriest": 0, "busiest": 0, "biggest": 0, "heaviest": 0, "greediest": 0,
}  # fmt: skip
_PLACED: Final = re.compile(
    r"\b(?:the |that )?(?P<which>first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last|bottom|top|former|latter|final)(?: (?:one|pod|node|row|of (?:them|these|those)))(?:'s)?\b"
    r"|(?<=\w )(?:the )?number (?P<w4>one|two|three|four|five|[1-5])(?: (?:on|of|in) (?:the|that|this) list| on there| there)?(?:'s)?(?=[ ,.?!]|$)"
    r"|(?<=\w )(?:the )?(?P<w5>last)(?: 1)?(?=\W*$)"
    r"|\bthe (?P<w3>hungriest|busiest|biggest|heaviest|greediest)(?: one| pod| node)?(?=[ ,.?!]|$)"
    r"|\bthe (?P<w2>second|third|fourth|fifth|former|latter)(?:'s)?(?=[ ,.?!]|$)(?! (?:hour|time|half))",
    re.IGNORECASE,
)
_ORDINAL: Final = re.compile(
    r"\b(?:the )(?P<which>first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last)(?: (?:one|pod|node|row))?\b"
    r"(?! (?:two|three|2|3|hours?|minutes?|days?|lines?|weeks?|change|of)\b| \d)",
    re.IGNORECASE,
)
_ALL_BUT: Final = re.compile(r"\b(?:all|everything|them|each|every one) (?:but|except)\b", re.IGNORECASE)
_IT: Final = re.compile(
    r"\b(?:it|that one|this one|that (?:pod|node|deployment|job|service)|this (?:pod|node|deployment|job|service)|its|itself)(?:'s)?\b",
    re.IGNORECASE,
)
_ALL_OF_THEM: Final = re.compile(
    r"(?<!one of )(?<!some of )(?<!any of )(?<!which of )(?<!who of )(?<!none of )(?<!most of )\b(?:both(?: of (?:them|these|those))?|all (?:of them|of those|three|four|of these)|them|those|these|the two|the three)\b",
    re.IGNORECASE,
)
_ITS_NODE: Final = re.compile(
    r"\b(?:on|from|off) (?:that|the same|its|this) (?:node|machine|host|box)\b|\bon there\b", re.IGNORECASE
)
_WHY: Final = re.compile(
    r"(?:(?:and|but|hm+|ok|so)[, ]+)*(?:why|how come|why (?:is|so|though)(?: that)?|what(?:'s| is) wrong|what happened)\W*",
    re.IGNORECASE,
)
_MIDDLE: Final = re.compile(r"\b(?:the )?(?:one in the middle|middle(?: one| pod| node| row)?)\b", re.IGNORECASE)
_PLACES_OF: Final = ("first", "second", "third", "fourth", "fifth")


def with_names(text: str, context: Context) -> str | None:
    """A text with "it", "the second one", "both" by the names that earlier turns showed; None where there are none.

    Args:
        text: what was said.
        context: the conversation, with at least one turn.
    """
    turn = context.turns[-1]
    spoken = read_line(turn.command)
    if spoken is None or spoken.kind is None:
        return None
    named = [name for name in (spoken.names or turn.rows) if is_valid_name(name)]
    rows = next((earlier.rows for earlier in reversed(context.turns) if earlier.rows), ())
    of_kind = "" if spoken.kind in _BARE else f"{spoken.kind.singular} "

    def placed(found: re.Match[str]) -> str:
        said = found["which"] or found["w2"] or found["w3"] or found["w4"] or found["w5"]
        at = _PLACES_AT[said.lower()]
        fits = -len(rows) <= at < len(rows) and is_valid_name(rows[at])
        return f"{of_kind}{rows[at]}" if fits else found.group()

    if len(named) == 1 and _WHY.fullmatch(text) is not None:
        return f"what is wrong with {spoken.kind.singular} {named[0]}"
    changed = _PLACED.sub(placed, text)
    node = turn.cells.get("NODE", "")
    if is_valid_name(node):
        changed = _ITS_NODE.sub(f"on {node}", changed)
    if len(named) == 1:
        changed = _IT.sub(f"{of_kind}{named[0]}", changed)
    elif 1 < len(named) <= _MOST_NAMED:
        changed = _ALL_OF_THEM.sub(" and ".join(f"{of_kind}{name}" for name in named), changed)
    return changed if changed != text else None


def with_several(text: str, context: Context) -> str:
    """A text with "the first two" and "both" by the names that were shown: by these rows, or by the last two commands."""
    rows = next((turn.rows for turn in reversed(context.turns) if turn.rows), ())
    found = _SOME_OF_THEM.search(text)
    if found is not None:
        count = _COUNTS[found["count"].lower()]
        some = rows[:count] if found["which"].lower() == "first" else rows[-count:]
        if len(some) == count and all(map(is_valid_name, some)):
            return f"{text[: found.start()]}{' and '.join(some)}{text[found.end() :]}"
    if _BOTH.search(text) is None or len(context.turns) < 2 or BACK.search(text.lower()):
        return text
    spoken = [read_line(turn.command) for turn in context.turns[-2:]]
    kinds = {one.kind for one in spoken if one is not None and len(one.names) == 1}
    names = [one.names[0] for one in spoken if one is not None and len(one.names) == 1]
    kind = next(iter(kinds), None)
    if len(names) != 2 or names[0] == names[1] or len(kinds) != 1 or kind is None:
        return text
    return _BOTH.sub(
        " and ".join(names if kind in _BARE else [f"{kind.singular} {name}" for name in names]), text, count=1
    )


def with_ordinals(text: str, context: Context) -> str:
    """A text that speaks of several rows by their places ("kill the third and restart the first"), by their names."""
    turn = context.turns[-1]
    spoken = read_line(turn.command)
    if spoken is None or spoken.kind is None or not all(map(is_valid_name, turn.rows)):
        return text
    found = list(_ORDINAL.finditer(text))
    if not turn.rows or not (len(found) > 1 or (found and _ALL_BUT.search(text))):
        return text
    places = [_PLACES_AT[each["which"].lower()] for each in found]
    if not all(-len(turn.rows) <= at < len(turn.rows) for at in places):
        return text
    of_kind = "" if spoken.kind in _BARE else f"{spoken.kind.singular} "
    return _ORDINAL.sub(lambda each: f"{of_kind}{turn.rows[_PLACES_AT[each['which'].lower()]]}", text)


def with_the_middle_one(text: str, context: Context) -> str:
    """A text with "the middle one" by its place among the rows that were shown last, where there is a middle."""
    rows = context.turns[-1].rows if context.turns else ()
    if len(rows) % 2 == 0 or len(rows) // 2 >= len(_PLACES_OF):
        return text
    return _MIDDLE.sub(f"the {_PLACES_OF[len(rows) // 2]} one", text)
