"""Yes and no to what waits for an answer, and questions about it."""

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
_AGREES: Final = re.compile(
    r"^(?:(?:ok|okay|hm+|ah|oh|well|right|cool|great|perfect|alright|fine|good|yes|yeah|yep|yup|ya|sure|please|lovely|nice|sweet|and|then|so) )*"
    r"(?:yes|yep|yeah|yup|ya|sure|ok|okay|go(?=$| ahead| on| for| now| go)|do (?:it|that|so)|please do|fine|ship it|send it|looks? (?:good|fine|right|great|ok|okay)|lgtm|perfect|correct|right|exactly|go (?:ahead|for it|on)|confirm(?:ed)?|approved?|apply(?: it)?|make it so|proceed"
    r"|that is (?:it|right|fine|correct|good|ok|okay|exactly|precisely|what)|run it|execute(?: it)?|all good|good to go|by all means|agreed|absolutely|definitely|of course|be my guest|carry on|let it rip|let us do it|lets do it|lets go|nothing against)\b"
)
_BUT: Final = re.compile(
    r"\b(?:but|if|unless|when|after|until|except|only|not|no|never|wait|first|instead|tomorrow|later|however)\b"
)


def agreed(said: Said) -> Plan | None:
    """Yes or no to what waits; a value that is new makes it a correction."""
    if not said.pending or said.new(
        "<number>", "<image>", "<namespace>", "<cluster>", "<duration>", "<setting>", *NAMED
    ):
        return None
    if ASKS.match(said.text) and said.all[-1].tag.words.endswith("?"):
        return None
    if _AGREES.match(said.text) and not _BUT.search(said.text):
        return Plan(Behaviour.SESSION, confidence=0.85, action="execute pending")
    return None


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
