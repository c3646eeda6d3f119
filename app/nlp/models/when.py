"""When a model is asked: where the embedded translator did not understand, or was asked what it cannot tell.

Never where it is sure, and never where it held back: its refusals and its questions are final.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.nlp.translator.doubts.telling import ASKED_OF_IT
from app.nlp.translator.plan import Behaviour, Plan
from app.nlp.translator.surroundings import EXAMPLES


class Scope(StrEnum):
    """What a model may do for a request: nothing, read and say, or propose as well."""

    NONE = ""
    READS = "reads"
    PROPOSALS = "proposals"


_TELLS_NOTHING: Final = "That takes a kubectl command"  # the translator's words for a "how do I" that it cannot answer
_FOUND_NOTHING: Final = "I find no "  # and for a name without a near one: a model may find it, and never change by it


def scope_of(plan: Plan) -> Scope:
    """What a model may add to the translator's plan."""
    if not plan.reading or plan.commands:
        return Scope.NONE  # looked at as a whole and handed back: too long, pasted, invisible characters
    if plan.behaviour is Behaviour.CLARIFY and plan.confidence == 0 and plan.choices == EXAMPLES:
        return Scope.PROPOSALS
    if plan.behaviour is Behaviour.CLARIFY and not plan.choices and plan.say.startswith(_FOUND_NOTHING):
        return Scope.READS
    if plan.behaviour is Behaviour.ANSWER and (plan.say.startswith(_TELLS_NOTHING) or plan.say == ASKED_OF_IT):
        return Scope.READS
    return Scope.NONE
