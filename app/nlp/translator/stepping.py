"""Says each step of a request in full: "double web, halve checkout", "label web a=b and cart c=d" are two requests.

What a step leaves out, its verb or its object, stands in the step before it. A place that is said once, before the
first step or behind the last, is meant for all. What could turn a step around leaves the text whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb
from app.nlp.translator.tagger import Tag

MOST: Final = 4
_JOINTS: Final = re.compile(r"\s*(?:[,;]\s*(?:and )?(?:then )?|\b(?:and then|and|then)\b)\s*", re.IGNORECASE)
_TURNS: Final = re.compile(
    r"\b(?:not|no|never|nobody|nothing|none|only|except|but|unless|if|when|until|till|or|either|instead|rather|because|since|so"
    r"|was|were|had|did|said|says|told|maybe|perhaps|after|before|once|same|likewise|both|each|respectively|reverse|order"
    r"|take it|put it)\b|n't\b|[?\"()]",
    re.IGNORECASE,
)
_VERBS: Final = CHANGES | {Action.LIGHT}
_VALUES: Final = frozenset({Part.NUMBER, Part.AMOUNT, Part.SELECTOR, Part.IMAGE, Part.QUANTITY})
_OF_CHANGES: Final = frozenset({Part.NUMBER, Part.AMOUNT, Part.SELECTOR, Part.IMAGE, Part.HEDGE, Part.UNKNOWN})
_PLACES: Final = frozenset({Part.CLUSTER, Part.NAMESPACE})
_IT: Final = re.compile(r"\b(?:it|its|them|that one|this one)\b", re.IGNORECASE)
_OF_IT: Final = re.compile(r"\bits\b", re.IGNORECASE)
_BYTES: Final = re.compile(
    r"(?:(?:memory|mem|ram)\W+)?\d+(?:\.\d+)?[KMG]i?B?(?: (?:of )?(?:memory|mem|ram))?", re.IGNORECASE
)
_NUMBERED: Final = re.compile(
    r"(?P<name>[\w.-]+)(?: ?[:=]| (?:to|at))? ?(?:\d+ ?(?:->|=>|-->|to) ?)?(?P<count>\d+)"
    r"(?: replicas?| pods?| copies)?",
    re.IGNORECASE,
)
_IN_A_PLACE: Final = re.compile(r"(?:(?:on|in) )?(?P<place>[\w-]+)(?: please)?: *(?=\S+ )", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"(?:,? and |[,;] ?| )")
_ITS: Final = re.compile(r"(?:also )?its (?P<kind>\w+)(?: too| as well| with it| along with it)?", re.IGNORECASE)
_SETTING: Final = re.compile(r"[A-Z][A-Z0-9_]*=\S+")
_IMAGE: Final = re.compile(r"(?:with )?(?:image |the image )?[\w./-]+:[\w.-]+")


def steps_in_full(text: str, tagged: Callable[[str], Sequence[Tag]]) -> list[str] | None:
    """The steps, each as a request of its own; None where it is one, or where they can't be told apart safely.

    Args:
        text: what was said, in one line.
        tagged: the parts of a text.
    """
    text = text.rstrip(".! ")
    counts = _counts(text, tagged)
    if counts is not None:
        return counts
    parts = [part for part in _JOINTS.split(text) if part]
    if not 1 < len(parts) <= MOST or _TURNS.search(text):
        return None
    steps: list[str] = []
    for part in parts:
        full = part if not steps else _in_full(part, steps[-1], tagged)
        if full is None or (not steps and not _named(tagged(full))):
            return None
        steps.append(full)
    return _in_their_places(steps, tagged)


def _counts(text: str, tagged: Callable[[str], Sequence[Tag]]) -> list[str] | None:
    """A list of names with a number each, as many requests to scale: "prod-us: web 4, cart 3", "web=5 cart=4"."""
    place, lead = "", _IN_A_PLACE.match(text)
    if lead is not None:
        parts = [tag for tag in tagged(lead["place"]) if tag.part in _PLACES]
        if len(parts) == 1:
            place = _where(parts[0])
            text = text[lead.end() :]
    if not place and not any(mark in text for mark in (":", "=", "->")):
        return None
    counted: list[str] = []
    at = 0
    while at < len(text):
        found = _NUMBERED.match(text, at)
        if found is None or _named(tagged(found["name"])) is None or len(counted) == MOST:
            return None
        counted.append(f"scale {found['name']} to {found['count']}{place}")
        joint = _BETWEEN.match(text, found.end())
        if joint is None and found.end() < len(text):
            return None
        at = found.end() if joint is None else joint.end()
    return counted


def _in_full(part: str, before: str, tagged: Callable[[str], Sequence[Tag]]) -> str | None:
    tags, told = tagged(part), tagged(before)
    name = _named(told)
    if name is None:
        return None
    if not _verb(tags) and not _named(tags) and _IT.match(part) and not _OF_IT.match(part):
        return _IT.sub(name.words, part, count=1)
    if _verb(tags):
        if _named(tags):
            return part
        if _OF_IT.search(part):
            return None
        if _IT.search(part):
            return _IT.sub(name.words, part)
        verb = _verb(tags)
        of_another = any(tag.part in {Part.KIND, Part.MISSING, Part.UNKNOWN} for tag in tags)
        return None if verb is None or of_another else part.replace(verb.words, f"{verb.words} {name.words}", 1)
    own = _ITS.fullmatch(part)
    verb = _verb(told)
    if own is not None and verb is not None:
        return f"{verb.words} {own['kind']} {name.words}"
    if _named(tags):
        at = re.search(rf"(?<![\w-]){re.escape(name.words)}(?![\w-])", before)
        return None if at is None else f"{before[: at.start()]}{part}"
    if _SETTING.fullmatch(part):
        return f"set {part} on {name.words}"
    if _IMAGE.fullmatch(part):
        return f"set the image of {name.words} to {part.rsplit(maxsplit=1)[-1]}"
    if _BYTES.fullmatch(part):
        return f"set the memory limit of {name.words} to {next(word for word in part.split() if word[0].isdigit())}"
    value = next((tag for tag in told if tag.part in _VALUES), None)
    if not any(tag.part in _PLACES for tag in tags):
        return None  # two amounts of the same: "on port 80 and 443"
    if value is None or not tags or tags[0].part is not value.part:
        return None
    at = re.search(rf"(?<![\w-]){re.escape(value.words)}(?![\w-])", before)
    return None if at is None else f"{before[: at.start()]}{part}"


def _in_their_places(steps: list[str], tagged: Callable[[str], Sequence[Tag]]) -> list[str] | None:
    """The steps with the place that one of them names for all; None where it can't be told for which it is meant."""
    places = [[tag for tag in tagged(step) if tag.part in _PLACES] for step in steps]
    placed = [bool(each) for each in places]
    if all(placed) or not any(placed):
        return steps
    at = placed.index(True)
    if placed.count(True) > 1 or len(places[at]) > 1:
        return None
    place = places[at][0]
    where = _where(place)
    leads = at == 0 and place.start <= 1
    if not (leads or at == len(steps) - 1):
        return None
    return [step if placed[number] else f"{step}{where}" for number, step in enumerate(steps)]


def _where(place: Tag) -> str:
    return f" on cluster {place.value}" if place.part is Part.CLUSTER else f" in namespace {place.value}"


def may_change(tag: Tag) -> bool:
    """Whether a part of a text may be of a request for a change: a verb of one, or a value."""
    return _is_verb(tag) or tag.part in _OF_CHANGES


def _verb(tags: Sequence[Tag]) -> Tag | None:
    """What is to be done: a verb of change in its base form, "double" and "halve" among them."""
    return next((tag for tag in tags if _is_verb(tag) or (tag.part is Part.AMOUNT and tag.start == 0)), None)


def _is_verb(tag: Tag) -> bool:
    verb = tag.value
    return isinstance(verb, Verb) and verb.form is Form.BASE and verb.action in _VERBS


def _named(tags: Sequence[Tag]) -> Tag | None:
    return next((tag for tag in tags if tag.part is Part.NAME and tag.score == 1), None)
