"""Tells texts that nobody could read and that ask about a change, tell or quote one, or rule it out."""

from __future__ import annotations

import re
from typing import Final

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
