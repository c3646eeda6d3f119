"""Tells texts that nobody could read and that ask about a change, tell or quote one, or rule it out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.nlp.translator.intents.moods import Mood, begins_with_imperative, mood_of
from app.nlp.translator.intents.parting import parted
from app.nlp.translator.intents.said import Clause
from app.nlp.translator.likeness.guards import says_what_should_be

ASKED_OF_IT: Final = (
    "That speaks of a change, and I take it for no request: nothing is changed. Ask about it in plain words, or say what you "
    "want done."
)
_OF_A_CHANGE: Final = re.compile(
    r"\b(?:restart\w*|roll(?:ed|ing)? ?back\w*|rollbacks?|scal(?:e|ed|es|ing)|delet\w+|remov\w+|drain\w*|cordon\w*|uncordon\w*|deploy(?:ed|s|ing)?"
    r"|evict\w*|paus\w+|undo\w*|undone|annotat\w+|label(?:l?ed|l?ing)|chang\w+|touch\w*|upgrad\w+|taint\w*|kubectl (?!get|describe|logs|top)\w+|to zero)\b",
    re.IGNORECASE,
)
_ASKS_OR_TELLS: Final = re.compile(
    r"^(?:(?:please|pls|ok|so|hey|hm+|stupid question|quick question|honestly|whatever we do)[, ]+)*(?:do not|don['’]?t|never|nobody|no one)\b"
    r"|^(?:(?:ok|so|hey|hm+|stupid question|quick question|sorry)[, ]+)*(?:can (?!you|we|someone|somebody)|could (?!you|we|someone|somebody)|may|might|should|do|does|did|is|are|was|were|has|have|had|will (?!you)|would (?!you)|what|which|how|why|when|who|roughly)\b.*\?"
    r"|\b(?:says?|said|told|telling|goes|contains|wrote|typed|docs|documentation|runbook|sentence|ticket|jira)\b.*[\"'“”‘].*[\"'“”’]"
    r"|^(?:suppose|supposing|say we|say i|imagine|had (?:we|i|they)|when the (?:docs|documentation|runbook))\b"
    r"|\b(?:nearly|almost|accidentally|called off|by mistake|must never|should never)\b",
    re.IGNORECASE,
)


def speaks_of_a_change(text: str) -> bool:
    """Whether a text that nobody could read asks about a change, tells or quotes one, or rules it out.

    Args:
        text: what was said.
    """
    return _OF_A_CHANGE.search(text) is not None and _ASKS_OR_TELLS.search(text) is not None


_WISHED: Final = re.compile(
    r"\b(?:best|better|preferable|desirable|ideal|good|nice|great|fine|glad|happy|happier|grateful|thankful|pleased|delighted|obliged|appreciat\w+"
    r"|welcome|helpful|useful|sensible|wise|prefer\w*|rather|like|love|wish\w*|hope|want\w*|please|pls|plz|allowed to|free to|permitted to"
    r"|no business|any ?more|any longer|no longer|objections?|shall|perhaps|require\w*|go ahead|carry on|at ease|back (?:to|on|one)|at .* disposal|in order|time"
    r"|ready (?:for|to)|due|overdue|deserves?|merits?|suits?|suffices?|enough|plenty|superfluous|obsolete|unnecessary|needless|redundant"
    r"|could do with|might as well|may as well|calls? for|make sense|benefit|profit|can you|could you|would you|will you|let|asap)\b"
    r"|\bup \d",
    re.IGNORECASE,
)
_OF_OURS: Final = re.compile(r" (?:that |which )?(?:we|i|you|they) (?:have|had|own|run|got)(?: got)?$")
_SPEAKS_OF_IT: Final = re.compile(r"<|\b(?:it|its|them|they|that|this|both)\b")
_STATES: Final = frozenset({Mood.REMARK, Mood.PAST})
_THIRD: Final = re.compile(
    r"^(?:(?:the|a|an|our|their|my|on|in|at|with|at|new|old|<\w+>|\w+'s) )*?"
    r"(?:<(?:workload|pod|node|job|cronjob|object|image|setting)>|\w+)(?: (?:already|still|now|currently|only|always))*"
    r" (?:remains|eats|listens|answers|speaks|talks|carries|tolerates|peaks|leaks|allocates|climbs|grew|shrank|fell|sets|breaks|bumps|labels|annotates|removes|reverts|syncs|restarts|deletes|autoscales|goes|uses|takes|holds|keeps|stays|runs|sits|serves|hits|averages|consumes|gets|shows|throws|returns|crashes|fails|dies|hangs|works|depends|belongs|points)\b"
)


def is_wished(text: str) -> bool:
    """Whether a word of a wish, a duty or a request stands in a text."""
    return says_what_should_be(text) or _WISHED.search(text) is not None


def only_states(text: str, clauses: Sequence[Clause]) -> bool:
    """Whether clauses only state how things are, were or come to be, and none asks for anything.

    Args:
        text: what was said, in one line.
        clauses: the same, in which roundabout wishes are put short.
    """
    if is_wished(text):
        return False
    parts = list(parted(clauses))
    if any(begins_with_imperative(part.text) for part in parts):
        return False
    return all(
        mood_of(_OF_OURS.sub("", part.text), part.mark) in _STATES or _THIRD.match(part.text) is not None
        for part in [part for part in parts if _SPEAKS_OF_IT.search(part.text) is not None] or parts
    )
