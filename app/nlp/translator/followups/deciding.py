"""No to what waits for an answer, and questions about it; a yes is told by `doubts.agreement`."""

from __future__ import annotations

import re
from typing import Final

from app.nlp.translator.followups.about import ASKS, Said
from app.nlp.translator.intents.words import NAMED
from app.nlp.translator.plan import Behaviour, Plan, answer

DENIES: Final = re.compile(
    r"\b(?:no|nope|nah|do not|dont|stop|cancel|abort|forget (?:it|that|about)|leave (?:it|that|this|things|everything)|never mind|nevermind|scrap (?:that|it)|not (?:now|yet|any ?more|today|like that|this|that|take place)"
    r"|hold off|changed my mind|change of plans?|rather not|better not|skip (?:it|that)|drop (?:it|that)|on second thoughts?|on reflection|back off|let(?: us|s)? (?:not|leave|wait)|false alarm|no need|too risky|another time|did not take place|after the freeze)\b"
)


def called_off(said: Said) -> Plan | None:
    """No to what waits, with whatever reason; a value that is new makes it a correction."""
    if not said.pending or said.new(
        "<number>", "<image>", "<namespace>", "<cluster>", "<duration>", "<setting>", "<bytes>", *NAMED
    ):
        return None
    if (
        DENIES.search(said.text)
        and not ASKS.match(said.text)
        and not said.says(r"\b(?:instead|rather (?!not)|cordon|pause|scale|restart|just the)\b")
    ):
        return Plan(Behaviour.SESSION, confidence=0.85, action="cancel pending")
    return None


def asked_of_it(said: Said) -> Plan | None:
    """A question about what waits for an answer: nothing is done for it."""
    if (
        said.pending
        and ASKS.match(said.text)
        and said.says(r"\b(?:that|it|this|later|yes|downtime|happen|cause|take|break|risk\w*|safe|lose|affect|do to)\b")
    ):
        return answer(
            f"“{said.turn.command}” waits for your answer, and nothing is changed before it. Its preview shows what would be different; most changes can be taken back with “undo”.",
            confidence=0.7,
        )
    return None
