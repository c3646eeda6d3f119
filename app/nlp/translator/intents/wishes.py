"""Says what somebody would welcome as what should be: "it would help if web ran with 3", "a sandbox is what we lack".

Only the words around a wish go; whose wish it is not, what merely might help, and what is asked stay as they are.
"""

from __future__ import annotations

import re
from typing import Final

from app.nlp.translator.gating import Gates

_LEAD: Final = r"^(?:(?:well|so|ok|okay|hey|hi|actually|honestly|frankly|and|also|please|personally)[, ]+)*"
_WHO: Final = (
    r"(?:i|we|you|they|it|that|this|things|life|all|everything|everybody|everyone|people|users|customers"
    r"|(?:my|our|the) \w+(?: \w+)?)"
)
_GOOD: Final = (
    r"(?:help|good|better|best|great|nice|nicer|easier|safer|happy|happier|relieved|relief|sleep|rest|breathe|welcome"
    r"|appreciated?|prefer|love|like|wonderful|lovely|ideal|sensible|handy|useful|helpful|sense|improve|benefit|gain"
    r"|grateful|glad|thankful|perfect|cool|awesome|fine|calmer|favou?r|wise|delighted|pleased)"
)
_OURS: Final = r"(?:i|we|the \w+|our \w+|my \w+|everybody|everyone|people|users)"
_LACK: Final = (
    r"(?:(?:still|really|all|now|most|badly|just|currently) )*"
    r"(?:lacks?|needs?|wants?|miss(?:es)?|requires?|could use|would like|would welcome|(?:am|is|are) (?:still )?(?:missing|short of))"
)
_WAIT: Final = (
    r"(?:(?:am|is|are) )?(?:(?:still|all|really) )*(?:waiting|hoping|longing|asking|calling|looking|crying) for"
)
_WISHED_IF: Final = re.compile(
    rf"{_LEAD}(?:{_WHO}(?: would|'d| might| could)|would) (?!have )(?:[\w']+ ){{0,3}}?{_GOOD}(?: [\w']+){{0,3}}? if (?P<what>[^?]+)$"
    rf"|{_LEAD}(?:(?:i|we)(?: (?:really|just|only|do|so))* wish(?: that)?|if only) (?P<what2>[^?]+)$",
    re.IGNORECASE,
)
_SOMEBODY: Final = re.compile(
    r"(?:you|someone|somebody|anybody|anyone|i|nobody|no one|there was|it was)\b", re.IGNORECASE
)
_WERE: Final = {
    "was": "be", "were": "be", "had": "have", "ran": "run", "took": "take", "got": "get", "went": "go", "used": "use",
    "kept": "keep", "came": "come", "made": "make", "did": "do", "gave": "give", "stood": "stand", "held": "hold",
    "knew": "know", "saw": "see", "stayed": "stay", "started": "start", "stopped": "stop", "accepted": "accept",
    "received": "receive", "listened": "listen", "carried": "carry", "used to": "use", "scaled": "scale", "needed": "need",
    "served": "serve", "pointed": "point", "wore": "wear", "spoke": "speak", "lost": "lose", "returned": "return",
}  # fmt: skip
_PAST: Final = re.compile(rf"\b(?P<verb>{'|'.join(_WERE)}|could|would)\b(?P<no> not|n't| no longer)?", re.IGNORECASE)
_GERUNDS: Final = {
    "being": "be", "having": "have", "running": "run", "taking": "take", "getting": "get", "using": "use", "going": "go",
    "continuing": "continue", "starting": "start", "stopping": "stop", "disappearing": "disappear", "accepting": "accept",
    "receiving": "receive", "coming": "come", "carrying": "carry", "resuming": "resume", "leaving": "leave",
}  # fmt: skip
_FINE_WITH: Final = re.compile(
    rf"{_LEAD}(?:"
    r"(?:i|we)(?: would not| wouldn't| would|'d) (?:mind|welcome|appreciate|enjoy|favou?r)"
    r"|(?:i am|i'm|we are|we're) (?:all for|in favou?r of|happy with|fine with)"
    r"|nothing (?:speaks|is|stands|would speak) (?:against|in the way of)"
    r"|there(?: is|'s) (?:nothing|no reason|no objection|no case) (?:against|to)"
    r"|(?:i|we) (?:have|see) (?:no objections?|nothing|no reason) (?:to|against)"
    r"|what would (?:really )?(?:help|be (?:good|nice|best|great))(?: me| us| most)? is"
    r"|the (?:team|users|others|developers|customers|business) would (?:welcome|appreciate|like)"
    r") (?P<what>(?!(?:it|that|this)\b[.!]*$)[^?]+)$",
    re.IGNORECASE,
)
_OF_THE_BODY: Final = re.compile(rf"\b(?P<verb>{'|'.join(_GERUNDS)})\b", re.IGNORECASE)
_NEEDED: Final = tuple(
    re.compile(_LEAD + form + r"(?: now| at the moment| here| today| badly| please)*[.!]*$", re.IGNORECASE)
    for form in (
        rf"what {_OURS} {_LACK} is(?: for)? (?P<what>[^?]+?)",
        r"what (?P<who>[\w.-]+) (?:is missing|is short of|(?:still )?(?:lacks|needs|wants)) is (?P<what>[^?]+?)",
        r"what(?:'s| is) (?:still )?(?:missing|lacking|needed|wanted)(?: here)? is (?P<what>[^?]+?)",
        rf"(?P<what>(?!what\b|that\b|this\b)[^?]+?) is (?:exactly |just )?what {_OURS} (?:{_LACK}|{_WAIT})",
        r"(?P<what>(?!what\b|that\b|this\b|it\b)[^?,]+?) would (?:really |certainly |greatly )?(?:help|be (?:a )?(?:real |great |big )?(?:help|relief))(?: me| us)?(?: a lot| a bit)?",
        r"(?:i am|i'm|we are|we're|we were) (?:still )?(?:missing|lacking|short of) (?P<what>[^?]+?)",
        r"(?:i was|we were) hoping for (?P<what>[^?]+?)",
        r"(?:i|we|one) could do with (?P<what>[^?]+?)",
        r"(?:the missing piece|my (?:request|wish|ask)|our (?:request|wish|ask)) (?:is|would be)(?: for)? (?P<what>[^?]+?)",
        r"(?:for (?:my|our|the) \w+,? )?(?:i|we) depend on (?P<what>(?:a|an|the) (?:list|overview|table|summary|picture)\b[^?]+?)",
    )
)
_TASK: Final = re.compile(
    rf"{_LEAD}(?:(?:i have|i've|we have|we've) been (?:asked|told|instructed|ordered) to"
    r"|(?:it is|it's) (?:my|our) (?:duty|job|task|turn) to|(?:my|our) (?:duty|job|task) is to"
    r"|(?:i am|i'm|we are|we're) (?:supposed|expected|meant|obliged) to)"
    r" (?:(?:see(?: to it)?|make sure|ensure)(?: that)? (?P<that>[^?]+)|(?P<verb>[^?]+))$",
    re.IGNORECASE,
)
_TO_SEE: Final = re.compile(
    r"^(?:seeing|knowing|having|getting)(?= (?!<?\w+-?\w*>? (?:run|runn|be|gone)\w*\b))", re.IGNORECASE
)
_GONE: Final = re.compile(r"^(?:the |a )?(?:deletion|removal|disposal) of (?=\S)", re.IGNORECASE)
_GATES: Final = Gates(
    (
        r"(?:would|'d|might|could) .*if |wish |if only ",
        r"(?:mind|welcome|appreciate|enjoy|favou?r|all for|happy with|fine with|against|in the way of|no objections?|nothing|no reason|what would|would like) ",
        r"(?:is what|what .* is|what's|would|missing|lacking|short of|hoping for|missing piece|request|wish|ask|depend on|could do with)",
        r"(?:been (?:asked|told|instructed|ordered)|duty|job|task|turn|supposed|expected|meant|obliged) ",
    )
)


def plainly_wished(text: str) -> str:
    """A wish as what should be or what is needed; every other text as it is.

    Args:
        text: what was said, in one line.
    """
    opened = _GATES.open_for(text)
    if 0 in opened and (found := _WISHED_IF.match(text)) is not None:
        return _as_due(found["what"] or found["what2"]) or text
    if 1 in opened and (found := _FINE_WITH.match(text)) is not None:
        return _as_done(found["what"])
    if 3 in opened and (found := _TASK.match(text)) is not None:
        return f"make sure that {found['that']}" if found["that"] else f"please {found['verb']}"
    if 2 in opened:
        for form in _NEEDED:
            found = form.match(text)
            if found is not None:
                who = found.groupdict().get("who")
                return f"{who} needs {found['what']}" if who else _as_needed(found["what"])
    return text


def _as_due(what: str) -> str | None:
    """Says "web should run with 5 replicas" for "web ran with 5 replicas"; None where somebody is to do it."""
    if _SOMEBODY.match(what):
        return None
    found = _PAST.search(what)
    if found is None:
        return None
    verb = found["verb"].lower()
    denied = " not" if found["no"] else ""
    due = f"should{denied}" if verb in {"could", "would"} else f"should{denied} {_WERE[verb]}"
    return f"{what[: found.start()]}{due}{what[found.end() :]}"


def _as_done(what: str) -> str:
    """Says "web should run with 5 replicas" for "web running with 5 replicas"."""
    found = _OF_THE_BODY.search(what)
    if found is None or not what[: found.start()].strip():
        return _as_needed(what)
    return f"{what[: found.start()]}should {_GERUNDS[found['verb'].lower()]}{what[found.end() :]}"


def _as_needed(what: str) -> str:
    if _GONE.match(what):
        return _GONE.sub("delete ", what)
    if _TO_SEE.match(what):
        return _TO_SEE.sub("show me", what)
    return f"we need {what}"
