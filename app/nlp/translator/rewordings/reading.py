"""Says in plainer words what people say in passing: remarks beside a request fall away, roundabout forms become short.

Only what leaves the meaning as it is belongs here. A form that asks for a change stands for the whole text, so that
nothing that is said beside it is lost.
"""

from __future__ import annotations

import re

from app.nlp.translator.rewordings.anywhere import PLAINER
from app.nlp.translator.rewordings.whole import COPIES, NUMBER, POLITE, WHOLE, WHOLE_GATES

_STEPS = re.compile(r",? (?:and )?then (?=\w)", re.IGNORECASE)
_REMARK = re.compile(
    r"(?P<request>.+?)[,;.!]+ (?:because |since |cause |as )?(?:it'?s|its|it is|it|they'?re|they are|they|we'?re|we are|we|there'?s|there is|that'?s|traffic|users?|customers?)\b(?P<remark>[^,;.!?]*)[.!]*",
    re.IGNORECASE,
)
_OPENING = re.compile(r"(?P<remark>[^,;.!?]+)[,;.!]+ (?P<request>[^,;.!?]+[.!]*)", re.IGNORECASE)
# Words that keep a remark from being one: it asks, forbids, supposes, reports, or speaks of a change itself.
_MATTERS = re.compile(
    r"\b(?:not|n't|dont|never|no|kidding|joking|jk|tomorrow|tonight|later|next|noon|midnight|morning|evening|afternoon|weekend|monday|tuesday|wednesday|thursday|friday|saturday|sunday|daily|hourly|nightly|every|if|unless|when|until|before|after|should|would|could|might|maybe|who|what|why|how|which|where"
    r"|was|were|did|said|says|told|asked|without|except|only|show|list|get|describe|logs?|restart\w*|delet\w+|remov\w+|scal\w+|drain\w*"
    r"|cordon\w*|roll\w*|creat\w+|set|label\w*|stop\w*|kill\w*|undo|cancel|yes|please|can|then|and|in|on|from|for|also)\b|n't",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:please |pls |can you |could you |just |so |ok |now )*(?:scale|restart|bounce|kick|double|triple|halve|roll|undo|revert|drain|cordon|uncordon"
    r"|label|annotate|taint|set|bump|add|give|show|describe|get|logs|pause|resume|put|take)\b",
    re.IGNORECASE,
)


_SCALED = rf"(?P<name>(?!scale\b|to\b)[a-z][\w.-]*)(?: up| down)? (?:(?:to|at|=|->) )?{NUMBER}(?: {COPIES})?"
_EACH_SCALED = re.compile(_SCALED, re.IGNORECASE)
_PLAIN_SCALED = re.sub(r"\?P<\w+>", "?:", _SCALED)
_SEVERAL_SCALED = re.compile(
    rf"{POLITE}(?:(?:set|scale|put|bring|change|take|get) |(?=\S+ (?:to|at|=|->) ))(?P<all>{_PLAIN_SCALED}(?:(?:, and|,| and| &|;) {_PLAIN_SCALED}){{1,5}})"
    rf"(?:[, ]+(?:go|please|pls|thanks|thx|now))*[.!]*",
    re.IGNORECASE,
)
_FIRST = re.compile(r"^first(?:ly)?(?: of all)?[,:]? (?=(?!one\b|pod\b|of\b|the\b)\w.* then )", re.IGNORECASE)
_ORDINALS = {
    digit: ordinal
    for digits, ordinal in (
        ("1 one", "first"),
        ("2 two", "second"),
        ("3 three", "third"),
        ("4 four", "fourth"),
        ("5 five", "fifth"),
    )
    for digit in digits.split()
}
_NUMBERED = re.compile(
    r"(?<!the )(?<!a )(?:\bnumber |\bno\. ?|#)(?P<n>[1-5]|one|two|three|four|five)\b(?! (?:of|more|pods|replicas))",
    re.IGNORECASE,
)
_SHOULD = re.compile(r"\b(?:shuold|shoud|shold|sould)\b", re.IGNORECASE)
_REFERS = re.compile(r"\b(?:it|its|them|they|that|this|those|these|there|one)\b", re.IGNORECASE)
_REGRET = re.compile(
    r"^(?:(?:oops|whoops|damn|hmm|crap|oh no|argh|ugh)[, ]+)?(?:(?:that|this|it) (?:broke|killed|ruined|messed up|screwed up)"
    r" (?:everything|it|things|all|prod|production|the site|something|stuff)|(?:that|this|it|the)(?: \w+)?(?: was| is|'s| looks)(?: a)?"
    r" (?:bad idea|mistake|wrong|broken|worse|no good|bad|terrible|wrong one))(?: after all)?[,;.! ]+(?=(?:undo|revert|roll|take|put|go|bring) )",
    re.IGNORECASE,
)


def reworded(text: str) -> str:
    """A text in plainer words; most stay as they are."""
    text = _without_remarks(_SHOULD.sub("should", text))
    text = _NUMBERED.sub(lambda found: f"the {_ORDINALS[found['n'].lower()]} one", text)
    text = _FIRST.sub("", text)
    several = _SEVERAL_SCALED.fullmatch(text)
    if several is not None:
        each = [f"scale {found['name']} to {found['n']}" for found in _EACH_SCALED.finditer(several["all"])]
        return several["polite"] + ", then ".join(each)
    for form, plain in (WHOLE[at] for at in WHOLE_GATES.open_for(text)):
        found = form.fullmatch(text)
        if found is not None:
            return found.expand(plain).strip()
    steps = _STEPS.split(text)
    if len(steps) > 1:
        return ", then ".join(reworded(step) for step in steps)
    return PLAINER(text)


_PURPOSE = re.compile(
    r" (?:in order )?to (?:save|free|make room|reduce|cut) (?:up |down )?(?:money|costs?|memory|cpu|resources|room|space|capacity|the bill|some money)(?=[.!]*$)|"
    r" for (?:tonight|the night|the weekend|today|the time being)(?=[.!]*$)"
    r"| (?:until|till) further notice(?=[.!]*$)|(?<= )k(?=[.!]*$)"
    r"| (?:for|because of|due to)(?: (?:the|a|an|some|its|planned|scheduled|kernel|os|node|security|hardware))*"
    r" (?:maint\w+|upgrades?|patch(?:es|ing)?|updates?|reboots?|replacement|repairs?|kernel)(?: work| window)?(?=[.!]*$)",
    re.IGNORECASE,
)


def _without_remarks(text: str) -> str:
    """The request alone, where what stands beside it is a mere remark ("traffic is spiking, double checkout")."""
    text = _PURPOSE.sub("", _REGRET.sub("", text))
    found = _REMARK.fullmatch(text)
    if found is not None and not _MATTERS.search(found["remark"]) and _ASKS.match(found["request"]):
        text = found["request"]
    found = _OPENING.fullmatch(text)
    stands_alone = found is not None and not _REFERS.search(found["request"])
    if found is not None and stands_alone and not _MATTERS.search(found["remark"]) and _ASKS.match(found["request"]):
        return found["request"]
    return text
