"""Reads what is said of the last command by the values in it.

The forms in `correcting` fit whole sentences; this finds what is new in any. What already stands in the last command is
no news ("gold, not silver"), and a text with news of no sort that the command has is none for it. Every value is checked
before it goes into a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from app.nlp.translator.conversation import behaviour_of
from app.nlp.translator.followups.about import BACK, MOST_WORDS, OUTCOME, Said
from app.nlp.translator.followups.deciding import asked_of_it, called_off
from app.nlp.translator.followups.looking import into_it, other_logs, other_table, outcome
from app.nlp.translator.followups.places import elsewhere, for_another, one_less, something_milder
from app.nlp.translator.followups.returning import taken_back
from app.nlp.translator.followups.values import (
    other_amount,
    other_bounds,
    other_effect,
    other_image,
    other_name,
    other_number,
    other_replicas,
    other_value,
    twice_or_half,
)
from app.nlp.translator.intents.said import clauses_in, joined
from app.nlp.translator.kubectl import read_line, words_of
from app.nlp.translator.plan import Behaviour, Context, Plan
from app.nlp.translator.tagger import Tag
from app.nlp.translator.vocabulary import Vocabulary

_REGRETS: Final = re.compile(
    r"(?:oh |argh |damn |oops |ok |hm+ )*(?:that )?(?:broke|wrong|bad|worse|mistake|no good|not good|nope|no|oops|damn|argh|ugh|crap)\b"
)
_CORRECTING: Final = re.compile(
    r"\W*(?:no|nope|nah|wait|oops|whoops|whoa|sorry|wrong|argh|ah|hang on|hold on|hm+|actually|not|typo|rather)\b[, ]",
    re.IGNORECASE,
)


def corrects(text: str, context: Context) -> bool:
    """Whether a text begins as a word on what was done or waits for an answer, whatever the rules take it for."""
    turn = context.turns[-1]
    spoken = read_line(turn.command)
    if spoken is None or behaviour_of(spoken) is Behaviour.RUN:
        return False
    if turn.state == "pending":
        return _CORRECTING.match(text) is not None
    said = text.lower().strip(" ?!.")
    return OUTCOME.fullmatch(said) is not None or (_REGRETS.match(said) is not None and BACK.search(said) is not None)


def amended(tags: Sequence[Tag], context: Context, vocabulary: Vocabulary) -> Plan | None:
    """The plan for what is said of the last command; None where it is about something else.

    Args:
        tags: the parts of what was said.
        context: the conversation, with at least one turn.
        vocabulary: the names that the person may see.
    """
    turn = context.turns[-1]
    spoken = read_line(turn.command)
    whole = joined(clauses_in(tags, vocabulary))
    if spoken is None or not whole.words or len(whole.words) > MOST_WORDS:
        return None
    said = Said(whole.text, whole.words, turn, spoken, tuple(words_of(turn.command)), context, vocabulary)
    for edit in _EDITS:
        plan = edit(said)
        if plan is not None:
            return plan
    return None


_EDITS: Final[tuple[Callable[[Said], Plan | None], ...]] = (
    outcome,
    into_it,
    one_less,
    something_milder,
    other_bounds,
    twice_or_half,
    other_replicas,
    other_amount,
    other_effect,
    other_image,
    other_name,
    other_number,
    other_value,
    for_another,
    elsewhere,
    called_off,
    asked_of_it,
    other_logs,
    other_table,
    taken_back,
)
