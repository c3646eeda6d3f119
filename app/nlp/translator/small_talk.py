"""Answers what is said out of politeness, about this chat itself, or about anything but Kubernetes.

Asked last, of what nobody could read: a courtesy beside a request is the request's business.
"""

from __future__ import annotations

import re
from typing import Final

from app.nlp.translator.plan import Plan, answer, refuse
from app.nlp.translator.surroundings import EXAMPLES, NOT_FOR_THAT

_MOST_WORDS: Final = 16
_THANKS: Final = re.compile(
    r"^\W*(?:(?:ah|oh|ok|okay|cool|great|wow|haha|yay|phew|perfect|awesome|nice|lovely|sweet|brilliant|no|all good)[,.! ]+)*"
    r"(?:thanks?|thank you|thx|cheers|ta\b|much appreciated|you(?:'re| are) (?:a |the |an |so |really |my )|well done|good (?:job|work|bot)|nice (?:one|work|job)"
    r"|that(?:'s| was| is) (?:really |very |so |super )?(?:helpful|great|quick|fast|perfect|awesome|nice|all|it for)|that (?:helped|did it|does it|will be all)|great (?:job|work)|brilliant|awesome|perfect|wow|nice|sweet|lovely|yay|phew)",
    re.IGNORECASE,
)
_MOST_WORDS_OF_THANKS: Final = 7
_GOES_ON: Final = re.compile(
    r"\b(?:now|same|then|but|also|again|back|make|show|undo|please|pls|in|on|for|go|do|yes|apply|looks?|with|and|run|execute|confirm|it|ship|next|last|first)\b|\d|\?",
    re.IGNORECASE,
)
_THANKED: Final = re.compile(
    r"\b(?:thanks a (?:lot|bunch|million)|thank you (?:so|very) much|many thanks|good night|that(?:'s| is) me done)\b",
    re.IGNORECASE,
)
_PROGRAMS: Final = re.compile(
    r"\b(?:python|bash|perl|java|javascript|go|rust|sql|shell) (?:script|function|program|code|snippet)|\bwrite (?:me )?(?:a|an|some) (?:script|program|poem|essay|function)\b",
    re.IGNORECASE,
)
_OF_CLUSTERS: Final = re.compile(
    r"\b(?:pods?|deployments?|services?|nodes?|clusters?|namespaces?|replicas?|logs?|events?|cronjobs?|jobs?|rollouts?|configmaps?|secrets?|restart|scale|delete|drain|cordon|kick off|run|create|running)\b",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"^\W*(?:good (?:morning|evening|night|afternoon|day)|morning|evening|afternoon|hi|hello|hey|hiya|howdy|greetings|moin|night|bye|goodbye|see you|cya|later"
    r"|how are you|how(?:'s| is) it going|how do you do|what(?:'s| is) up|happy \w+)\b",
    re.IGNORECASE,
)
_OF_ITSELF: Final = re.compile(
    r"\b(?:are you|who are you|what are you|do you (?:like|sleep|dream|have|ever|know|think|feel)|your name|who (?:made|built|wrote) you|you(?:'re| are) (?:a |an )?(?:human|robot|bot|ai|machine))\b",
    re.IGNORECASE,
)
_MOOD: Final = re.compile(
    r"^\W*(?:i(?:'m| am) (?:so |really |very |just |a bit )?(?:tired|done|bored|hungry|fed up|late|exhausted|back|off|new|sorry|happy|glad|sad|confused)|i (?:need|could use) (?:a |some |more )?(?:coffee|sleep|break|beer|holiday|vacation)|sorry|what a (?:day|night|week|mess)|lol|haha|ugh|oops|whoops|long (?:day|night)|never mind)\b",
    re.IGNORECASE,
)
_ELSEWHERE: Final = re.compile(
    r"\b(?:weather|rain|raining|snow|sunny|forecast|poem|haiku|joke|song|recipe|pizza|lunch|dinner|breakfast|coffee machine|football|match|movie|news|stocks?|bitcoin|horoscope|birthday|flight|hotel|train|taxi"
    r"|(?:python|bash|perl|java|javascript|go|rust|sql|shell) (?:script|function|program|code|snippet)|write (?:me )?(?:a|an|some) |essay|homework|translate|email|e-mail|mail|calendar|meeting|invite|salary|president|capital of|invoice|tax|jira|ticket for me|slack|tweet)\b",
    re.IGNORECASE,
)


def mere_thanks(text: str) -> Plan | None:
    """The answer to a courtesy that is all that was said, after a turn that could make more of it."""
    if (
        len(text.split()) > _MOST_WORDS_OF_THANKS
        or _GOES_ON.search(text)
        or not (_THANKS.match(text) or _THANKED.search(text))
    ):
        return None
    return answer("You're welcome.", confidence=0.8)


def small_talk(text: str, *, names_something: bool) -> Plan | None:
    """The answer to what wants none from a cluster; None for what may.

    Args:
        text: what was said and could not be read.
        names_something: whether it names an object of the cluster's.
    """
    if names_something or len(text.split()) > _MOST_WORDS:
        return None
    if _THANKED.search(text):
        return answer("You're welcome.", confidence=0.7)
    if _PROGRAMS.search(text):
        return refuse(NOT_FOR_THAT, confidence=0.6)
    if _OF_CLUSTERS.search(text):
        return None
    if _ELSEWHERE.search(text):
        return refuse(NOT_FOR_THAT, confidence=0.6)
    if _THANKS.match(text):
        return answer("You're welcome.", confidence=0.7)
    if _GREETING.match(text):
        return answer("Hello. What would you like to see or do?", EXAMPLES, confidence=0.7)
    if _OF_ITSELF.search(text):
        return answer(
            "I am KubeChat: a program that reads requests about your clusters and does nothing unasked.",
            EXAMPLES,
            confidence=0.7,
        )
    if _MOOD.match(text):
        return answer("I'm here when you need something from a cluster.", EXAMPLES, confidence=0.6)
    return None
