"""What earlier turns make doubtful of a change: it would bring back what is gone, or hit another number of objects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.nlp.translator.intents.said import Clause
from app.nlp.translator.kubectl import Spoken, read_line
from app.nlp.translator.plan import Context

_COUNTS: Final = (
    (re.compile(r"\bboth\b(?! (?:[\w-]+ and |clusters?))|\b(?:the|these|those) two\b"), 2),
    (re.compile(r"\b(?:all|the|these|those) three\b"), 3),
)
_RELATIVE: Final = re.compile(
    r"\b(?:more|less|fewer|by|add|another|off|half|twice|double|top|extra|additional|further|fourth|plus|minus|remove|take|than|not|instead|again|first|second|third|last|revision|percent|since|drop|too)\b"
)


def after_turns(clauses: Sequence[Clause], commands: Sequence[Spoken], context: Context) -> str | None:
    """What is doubtful of a change behind earlier turns, as the beginning of a sentence.

    Args:
        clauses: what was said.
        commands: what would be done.
        context: the conversation.
    """
    if not context.turns:
        return None
    last = context.turns[-1]
    spoken = read_line(last.command)
    if spoken is not None and spoken.verb == "delete" and last.state == "done":
        gone = {(spoken.kind, name) for name in spoken.names}
        if any((each.kind, name) in gone for each in commands for name in each.names):
            return "It is deleted, and only its manifest brings it back"
    text = " ".join(clause.text for clause in clauses)
    written = " ".join(word.tag.low for clause in clauses for word in clause.words)
    shown = set(last.rows)
    hit = {name for each in commands for name in each.names}
    for form, count in _COUNTS:
        if form.search(written) and len(shown) > count and hit and hit <= shown:
            return f"{len(shown)} were shown; name those that you mean"
    return _other_number(text, clauses, commands)


def _other_number(text: str, clauses: Sequence[Clause], commands: Sequence[Spoken]) -> str | None:
    """A number of replicas that was said and is not what would be set."""
    said = [word.value for clause in clauses for word in clause.of("<number>")]
    counts = [count for each in commands if each.verb == "scale" and (count := each.flag("--replicas")) is not None]
    if len(said) == 1 and len(counts) == len(commands) == 1 and said[0] not in counts and not _RELATIVE.search(text):
        return f"I can't tell what you want with {said[0]}"
    return None
