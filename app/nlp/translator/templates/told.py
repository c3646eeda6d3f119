"""Holds a clause against all forms of words."""

from __future__ import annotations

import re

from app.nlp.translator.frame import Frame
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.plan import CHANGING, Plan
from app.nlp.translator.templates.forms import FORMS, GATES
from app.nlp.translator.templates.wording import fit, worded

_TRAILING = re.compile(
    r"(?: (?:again|now|right now|for now|for moment|for sec|for second|for bit|for while|at moment|please|ok|okay"
    r"|would you|will you|could you|can you|straight away|asap|then))+$",
    re.IGNORECASE,
)
LONGEST = 240  # characters of a clause; a longer one is no form of words


def told(frame: Frame) -> Plan | None:
    """The plan for a clause that fits one of the forms of words, else None.

    A change is never made of a question, unless it is asked as a courtesy ("could you label web tier=gold?").
    """
    if frame.has(Part.QUOTATION):
        return None  # what is quoted is spoken of
    wording = worded(frame)
    if not wording.text or len(wording.text) > LONGEST:
        return None
    asks = frame.is_question and not frame.has(Part.COURTESY)
    text = _TRAILING.sub("", wording.text.rstrip(" ?"))
    wording = type(wording)(text, wording.spans, wording.before)
    for at in GATES.open_for(text):
        section, form, make = FORMS[at]
        found = fit(frame, wording, form)
        # Few forms fit, and what their section needs takes longer to look for than to find that a form does not.
        plan = None if found is None or section.search(text) is None else make(frame, found)
        if plan is not None and not (asks and plan.behaviour in CHANGING):
            return plan
    return None
