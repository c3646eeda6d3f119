"""Answers what is asked about Kubernetes itself, or about a change that nobody asks for.

"What is the difference between cordon and drain", "would I lose data if the claim goes away": nothing runs for such a
question, and nothing is proposed. What is asked of an object that exists is left to those who look.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from app.nlp.translator.lexicon.concepts import CONCEPTS
from app.nlp.translator.plan import Plan, answer

MOST_TOLD = 3  # sentences of one answer
_NOTHING_DONE = "Nothing is changed; if you want it, say so."
_LEAD = r"^(?:(?:so|and|but|hey|hi|ok|okay|also|um|hmm|btw|sorry|well|just|quick question|question|remind me|remember|please|pls|serious question|noob question|stupid question)[,:. ]+)*"
_DEFINED: Final = re.compile(
    rf"{_LEAD}(?:"
    r"(?:can|could|would) you (?:please )?(?:explain|tell me)(?: to me)? (?:what|how|why|the difference)\b|(?:please )?explain (?:to me )?(?:what|how|why|the difference|the (?:term|word|concept|idea))\b"
    r"|explain (?:[\w-]+ ){1,3}(?:to me|in (?:simple|plain|one|two))\b"
    r"|what(?:'s| is| are)? (?:the )?(?:difference|point|purpose|meaning|use|idea|advantage|benefit)\b|(?:the )?(?:difference between|meaning of|point of|purpose of)\b"
    r"|what(?:'s| is| does| do| are)? (?:an? )?[\w -]{1,40} (?:mean|means|stand for|stands for|for|do|actually do|good for|used for|all about)(?: (?:exactly|actually|anyway|again|in kubernetes|here))*\W*$"
    r"|what(?:'s| is) an? (?!list\b|summary\b|overview\b)[\w -]{1,40}\W*$|what(?:'s| is) (?:an? )?[\w -]{1,30}(?: in (?:kubernetes|k8s|simple terms|plain english|two sentences|one sentence))\W*$"
    r"|when (?:do|should|would) (?:i|we|you|one|people) (?:use|need|want|pick|choose)\b|why (?:do|does|would|should) (?:people|anyone|one|somebody|someone|you|we|i|kubernetes|anybody) (?!see|have|get|still)\w+"
    r"|how (?:do|does) (?:an? |the )?(?!i\b|we\b|you\b|it\b)[\w -]{1,30} (?:work|decide|know|choose|behave|differ)\b|is (?:kubectl )?\w+ the same as\b|are \w+ and \w+ the same\b"
    r"|.{0,60}\bnever (?:been made clear|quite understood|really understood|understood)\b|.{0,40}\bunderstand what an?\b|.{0,40}\b(?:know|wonder) what an? [\w -]+ (?:is|does|means)\b"
    r"|[\w -]{3,25} (?:vs\.?|versus) [\w -]{3,25}\b"
    r")",
    re.IGNORECASE,
)
_SUPPOSED: Final = re.compile(
    rf"{_LEAD}(?:"
    r"what(?:'d| would| will| could|'ll)(?: \w+)? (?:happen|break|go wrong|be lost|be the effect|the effect)\b|what happens\b|whats? (?:is )?the worst\b|what(?:'s| is) the (?:risk|danger|effect|impact|blast radius)\b|what (?:does|would) .* (?:do|change|cause) (?:to|if)\b"
    r"|(?:is|are|would|will|might|isn't|wouldn't) (?:it|there|that|this|.{1,30}ing)\b.{0,30}\b(?:safe|dangerous|risky|ok|okay|wise|unwise|bad|harmful|a good idea|a bad idea|smart|sensible|risks?|downtime|an outage|enough|any way|possible|considered|hurt|help|cause|interrupt|drop|break|lose|affect)\b"
    r"|(?:does|will|would|can|could|might) (?:an? |the |one )?(?:kubectl )?(?:rolling |rollout |running )?(?:restart|rollback|rollout|drain|cordon|delete|deletion|scal|taint|roll|delet|evict|removing|changing|pausing|kubernetes\b)\w*\b|do (?:daemonset|daemon ?set|rolling|pods|restarts|rollbacks|drains)\b.{0,60}\b(?:survive|stay|cause|drop|keep|lose|go|affect|replace)\w*\b|is (?:a |the )?(?:cordon|drain|restart|rollback|scal)\w*(?:ing)? (?:enough|safe|risky|dangerous)\b"
    r"|(?:does|do|will|would|can|could|might) (?:an? |the )?(?:new |old |deleted |running |another )?(?:image|limit|label|annotation|config ?map|secret|service|pdb|disruption budget|env var\w*|variable|replica|autoscaler|hpa|quota)s?\b.{0,60}\b(?:restart|trigger|replace|cause|lead|recreate|affect|change|survive|undo|undone|come back|add|block|stop)\b"
    r"|(?:if|suppose|supposing|assuming|imagine|say|were) .*(?:\?|\b(?:would|will|does|do|is|are|can|could) (?:it|they|we|i|the|its|customers|users|anything|anyone|that|there)\b.*)$"
    r"|(?:would|will) (?:\S+ )?(?:\S+ )?(?:survive|cope|notice|break|lose|be lost|stay|go down|be (?:interrupted|affected))\b"
    r"|(?:do|would|will) (?:i|we) (?:lose|need|have to|get)\b.*\b(?:if|when|after|before)\b"
    r"|(?:can|could) (?:i|we) .*\bwithout (?:customers|users|anyone|anybody|downtime|an outage|losing)\b"
    r"|(?:could|can|would|might|will|cld) (?:an? |the )?\w+ing (?:\S+ ){1,4}(?:have|cause|break|fix|help|hurt|change|affect)\w*\b|should (?:\w+ ){1,3}(?:be run|run|be) as an? .* or\b"
    r"|how (?:long|risky|dangerous|safe|bad|disruptive)\b.{0,20}\b(?:would|will|does|is|might)\b.{0,20}\b(?:take|it|be)?\b.*\b(?:restart|drain|roll|scal|delet|empty|remov)\w*"
    r"|how (?:would|does|do|can|could) (?:one|you|someone|people) (?!get\b|see\b|show\b|list\b)\w+"
    r"|when is a good (?:moment|time)\b|which command (?:would|do|should|is|to)\b|what (?:would|is) the (?:kubectl )?command\b|what command\b"
    r"|can (?:an? |the )?[\w ]{3,30} be (?:undone|reverted|rolled back|restored|taken back|stopped|cancelled)\b"
    r")",
    re.IGNORECASE,
)
_OF_HERE: Final = re.compile(
    r"\b(?:show|list|get me|give me|which (?:pods|nodes|deployments|ones)|right now|currently|at the moment|allowed|permission|am i|wrong with|crashing|failing|status of|logs? of)\b",
    re.IGNORECASE,
)
_LOOKED_FOR: Final = re.compile(
    r"\b(?:show|list|get me|give me|which (?:pods|nodes|deployments|ones)|allowed|permission|am i|wrong with|failing|status of|logs? of)\b",
    re.IGNORECASE,
)
_FORMS: Final = tuple(
    (re.compile(rf"(?<![\w-]){form}(?![\w])", re.IGNORECASE), said) for form, said in CONCEPTS.items()
)
_CHANGES: Final = re.compile(
    r"\b(?:restart|roll|scal|delet|drain|cordon|uncordon|taint|evict|remov|chang|set|bump|los[ei]|kill|paus|undo|empt|add|label|annotat|goes away|dies?|double|replac|went down|goes down|to zero|crash|reboot)\w*\b",
    re.IGNORECASE,
)


_ASKED_FOR: Final = re.compile(rf"{_LEAD}would it be (?:possible|too much) (?:to|for)\b", re.IGNORECASE)


def explained(text: str, names_something: Callable[[], bool]) -> Plan | None:
    """The answer to a question about Kubernetes or about what a change would do, else None.

    Args:
        text: what was said.
        names_something: tells whether it names an object of the cluster's: then what it is is no question of words.
    """
    if _DEFINED.match(text) and not _OF_HERE.search(text) and not names_something():
        told = _told(text)
        return answer(" ".join(told), confidence=0.85) if told else None
    if (
        _ASKED_FOR.match(text) is None
        and _SUPPOSED.match(text)
        and _CHANGES.search(text)
        and not _LOOKED_FOR.search(text)
    ):
        told = _told(text) or ["That depends on the object and on what runs there."]
        return answer(f"{' '.join(told)} {_NOTHING_DONE}", confidence=0.85)
    return None


def _told(text: str) -> list[str]:
    """What is said of the concepts in a text, in their order; of two that overlap the longer one."""
    found = sorted((match.start(), -match.end(), said) for form, said in _FORMS for match in form.finditer(text))
    told: list[str] = []
    behind = 0
    for start, end, said in found:
        if start >= behind and said not in told:
            told.append(said)
            behind = -end
    return told[:MOST_TOLD]
