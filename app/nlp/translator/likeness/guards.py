"""What keeps two texts of nearly the same words apart: denied, told, supposed, asked, or about another row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb
from app.nlp.translator.lexicon.verbs import BASES
from app.nlp.translator.tagger import Tag

_GUARDED = (Part.NEGATION, Part.HEDGE, Part.REPORT, Part.QUOTATION, Part.QUESTION, Part.REPLY)
_ASKING = frozenset({"is", "are", "was", "were", "does", "did", "has", "had", "why", "who", "when", "where", "which"})
_LOOKS = frozenset({Action.SHOW, Action.COUNT, Action.DESCRIBE})
TURNING: Final = frozenset(
    re.findall(
        r"\w+",
        """
        not no never nobody nothing none neither nor without unless until if when whenever once after before while
        would could might may was were had been did yesterday tomorrow tonight later soon next anybody somebody anyone
        someone who whether said says told asked wants hopefully maybe perhaps instead except
        """,
    )
)
"""Words that turn what is said into something else: a change is read only where the example has them as well."""
_WISHING = re.compile(
    r"\b(?:i|we)(?: would|['’]d) (?:like|love|prefer|appreciate|want"
    r"|be (?:glad|happy|grateful)(?: if| for| to (?:see|have))?)\b"
    r"|\bwould be (?:welcome|nice|great|good|helpful|appreciated|enough|sufficient|ideal)\b",
    re.IGNORECASE,
)
_WISHED = re.compile(
    r"\b(?:(?:should|ought to|has to|have to|must|needs? to|is to|are to|may|can)"
    r" (?:\w+ly |now |please |all |both |also )?be"
    r"|(?:like|want|prefer|have|would like) (?:\S+ ){0,4}?(?:to be )?) (?P<done>\w+(?:ed|en|ut|wn|ft|pt|id))\b",
    re.IGNORECASE,
)
_ONE_TIME = re.compile(r"\bonce\b(?= (?:now|more|again|right|only|today|by hand|and)\b|\W*$)", re.IGNORECASE)
_SHOULD = re.compile(
    r"\b(?:should|ought to) (?=(?:have|run|get|carry|bear|use|go|come|stay|be|not be|only)\b)", re.IGNORECASE
)
_OWED = re.compile(
    r"\b(?:should|ought|must|can|may|has to|have to|needs? to|wants?|wanted|would like|['’]d like)\b", re.IGNORECASE
)
_SHOWN = re.compile(
    r"\b(?:shown?|list(?:ed)?|see|told?|tell|display(?:ed)?|know|check(?:ed)?|read|look|get|have|view|find|describe[d]?"
    r"|visible|possible|give|help|let me|understand|learn|which|what|where|how|who)\b",
    re.IGNORECASE,
)


def as_request(text: str) -> str:
    """A wish put as the request that it is: "web should be scaled to 4" says "web scale to 4", for the guards alone."""
    plain = _WISHED.sub(_base_of, _WISHING.sub("want", _ONE_TIME.sub("", text)))
    return _SHOULD.sub("to ", plain)


def _base_of(found: re.Match[str]) -> str:
    base = BASES.get(found["done"].lower())
    return found.group() if base is None else base


def owes_a_change(text: str) -> bool:
    """Whether it says that something should be otherwise, and names nothing that wants to be seen."""
    return says_what_should_be(text) and _SHOWN.search(text) is None


def says_what_should_be(text: str) -> bool:
    """Whether it says that something should be otherwise, or is wanted."""
    return _OWED.search(text) is not None


def speaks_of_a_change(tags: Sequence[Tag]) -> bool:
    """Whether a verb of change stands in it as one that is asked for."""
    return bool(_actions(tags, Form.BASE) & CHANGES)


_RIGHTS = re.compile(r"\b(?:can|may|could|allowed|able|permi\w+|rights?|entitled|authori\w+|access)\b", re.IGNORECASE)


def asks_for_rights(text: str) -> bool:
    """Whether it asks what somebody may do."""
    return _RIGHTS.search(text) is not None


_MARKS = frozenset({"label", "annotation", "taint", "variable"})  # who speaks of one means it, and not what bears it


def want_the_same(tags: Sequence[Tag], others: Sequence[Tag]) -> bool:
    """Whether no other change is asked for by one text than by the other, as far as their verbs say."""
    vague = {Action.OTHER, Action.LIGHT}  # "change", "give"
    ours, theirs = ((_actions(each, Form.BASE) & CHANGES) - vague for each in (tags, others))
    marked, others_marked = ({each.low for each in both if each.low in _MARKS} for both in (tags, others))
    if Action.DELETE in theirs and marked - others_marked:
        return False
    return not ours or not theirs or bool(ours & theirs)


def mean_the_same(tags: Sequence[Tag], others: Sequence[Tag], *, changes: bool) -> bool:
    """Whether two texts are alike in what words in common say nothing of.

    Which row is meant, and that a change is asked for: nobody who asks for one is answered by a look at something else,
    and nobody gets one who only asks, denies, supposes or tells.
    """
    if _values_of(tags, Part.ORDINAL) != _values_of(others, Part.ORDINAL):
        return False
    ours, theirs = _actions(tags, Form.BASE), _actions(others, Form.BASE)
    if not changes:
        return not (ours & CHANGES) - theirs
    if tags[0].low in _ASKING or any(_values_of(tags, part) != _values_of(others, part) for part in _GUARDED):
        return False
    if _turning(tags) - _turning(others):
        return False
    wanted, looks = ours & CHANGES, (ours & _LOOKS) - theirs
    told = (_actions(tags, Form.OTHER) - _actions(others, Form.OTHER)) & CHANGES
    if told or (looks and not wanted):
        return False
    return not wanted or not theirs & CHANGES or bool(wanted & theirs)


def _values_of(tags: Sequence[Tag], part: Part) -> list[str]:
    return sorted(str(each.value) for each in tags if each.part is part and each.value != "thanks")


def _turning(tags: Sequence[Tag]) -> set[str]:
    return {word for each in tags for word in each.low.split() if word in TURNING}


def _actions(tags: Sequence[Tag], form: Form) -> set[Action]:
    verbs = [each.value for each in tags if each.part is Part.VERB and isinstance(each.value, Verb)]
    return {verb.action for verb in verbs if verb.form is form}
