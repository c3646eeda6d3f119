"""What keeps two texts of nearly the same words apart: denied, told, supposed, asked, or about another row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb
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
    return sorted(str(each.value) for each in tags if each.part is part)


def _turning(tags: Sequence[Tag]) -> set[str]:
    return {word for each in tags for word in each.low.split() if word in TURNING}


def _actions(tags: Sequence[Tag], form: Form) -> set[Action]:
    verbs = [each.value for each in tags if each.part is Part.VERB and isinstance(each.value, Verb)]
    return {verb.action for verb in verbs if verb.form is form}
