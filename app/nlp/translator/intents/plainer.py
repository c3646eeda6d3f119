"""Puts roundabout wishes short before a text is cut into clauses: "we would be grateful if", "for the demo", "will ya"."""

from __future__ import annotations

import re

from app.nlp.translator.gating import Rewordings
from app.nlp.translator.intents.said import Clause, clauses_in
from app.nlp.translator.tagger import Tagger
from app.nlp.translator.vocabulary import Vocabulary

_DASH = re.compile(r"\s+-+\s+|\s*[()]\s*")
_BETTER_IF = re.compile(
    r"^(?:i|we|it)(?: would|'d|d) (?:feel|be|sleep|rest|prefer it|like it|appreciate it|love it|help)(?: \w+){0,4}? if (?P<what>[\w-]+) (?:were|was|had|got|ran|requested|used|is|could be|would be)\s",
    re.IGNORECASE,
)
_OCCASION = (
    r"(?:kernel |security |os |load |performance |status |board )?(?:updates?|upgrades?|maintenance|patch(?:es|ing)?|work|tests?|demos?|meetings?|reports?|sales?|campaigns?|releases?|migrations?|analysis|reboots?"
    r"|repairs?|swaps?|replacement|time being|moment|launch|show|event|freeze|audit)"
)


_SIMPLER: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(form, re.IGNORECASE), plain)
    for form, plain in (
        (
            r"\b(?:(?:i|we)(?: would|'d|d)? (?:be )?(?:very |most |really |so )?(?:grateful|glad|happy|thankful|delighted|obliged|pleased|appreciate(?: it)?|love it|like it|prefer it)"
            r"|it(?: would|'d| wouldn't) (?:be )?(?:very |most |really |so |much )?(?:appreciated|kind|good|great|nice|lovely|helpful|welcome|wonderful|best|better|ideal|useful|help(?: me| us)?(?: a lot| a great deal)?))"
            r",? if (?=(?!not\b))",
            "",
        ),
        (r"^(?:well,? |so,? |ok,? )*(?:i|we) (?:think|believe|guess|reckon|suppose|feel|fear)(?: that)?,? ", ""),
        (r"^(?:i'm|i am|we're|we are) (?:afraid|told|under the impression)(?: that)?,? ", ""),
        (r"^(?:unfortunately|sadly|obviously|ideally|honestly|frankly|luckily|anyway|anyhow|basically)[, ]+", ""),
        (
            r"\b(?:as soon as|when(?:ever)?|once) (?:the |its )?cpu (?:use |usage |load )?(?:goes|gets|is|rises|climbs|reaches|hits|exceeds)?(?: past| above| over| beyond| up to)? ?(\d+) ?(?:percent|%)",
            r"at \1 percent cpu",
        ),
        (
            rf"^for (?:the |a |an |our |its |my |today's |tonight's |tomorrow's |this week's |next \w+'s )?{_OCCASION}(?: (?:tonight|tomorrow|today|next week|this week))?,? (?=\w)",
            "",
        ),
        (
            rf"\b for (?:the |a |an |our |its |my |today's |tonight's |tomorrow's |next \w+'s )?{_OCCASION}(?=[,.;!?]|$)",
            "",
        ),
        (
            r",? (?:rather than|instead of|not just|better than) (?:the (?:current |usual |present )?)?(?:\d+|one|two|three|four|five|six)\b(?! \w)",
            "",
        ),
        (r"\bfancy (\w+)ing\b", r"please \1"),
        (r"\b(?:until|till) further notice(?P<mark>,?)", r"\g<mark>"),
    )
)
# "disk on node-b dying cordon pls": nothing but the verb itself says where the request begins.
_VERB_BEHIND = re.compile(
    r"^(?P<told>(?!(?:please|pls|can|could|would|will|did|do|does|is|are|was|were|why|how|who|what|when|should|must|never|not|dont|don't|if|i|we|they|he|she)\b)[^,.;:!?]*?(?<!\bto)(?<!\bthe)(?<!\ba)(?<!\bof)(?<!\bneeds)(?<!\bafter)(?<!\bno)(?<!\bnot)(?<!\band)(?<!\bor)(?<!\brolling))"
    r" (?P<asked>(?:cordon|uncordon|drain|restart|bounce|del|delete|kill)(?: (?:it|that|this))?(?: (?:now|pls|please|plz|asap|quick|fast))*)[.!]*$",
    re.IGNORECASE,
)
_TOPIC = re.compile(r"^([\w./-]+): (?=\S)")


_SAYS_NOTHING = re.compile(
    r",? ?\b(?:while (?:you(?:'re| are)|we(?:'re| are)|ur|u r) (?:at it|there|on it)|if (?:you (?:can|could|would|don't mind|do not mind|wouldn't mind|would not mind|like|please|have (?:a|the) (?:minute|moment|second|sec|time|chance))|that(?:'s| is) (?:ok|okay|alright|fine)|possible|it'?s (?:ok|okay|no trouble))"
    r"|when(?:ever)? you (?:get|have|find) (?:a|the) (?:minute|moment|second|sec|chance|time)|as soon as (?:possible|you can)|at your (?:earliest )?convenience|in the same go|in one go|no rush|thanks in advance|(?:would|will|could|can) (?:you|ya|u)(?: please| pls)?\W*$|will (?:ya|you|u)(?=,)|would (?:ya|u)(?=,)|for me|for us|(?:let'?s )?stop the bleeding|you know the drill|(?:please )?(?:don't|do not|dont) ask(?: me)?(?: why)?|just (?:add|do) it|all in (?:one|1) go|make it (?:quick|snappy)|do the needful|get on with it|once and for all)(?!\w)",
    re.IGNORECASE,
)
_PLAINER = Rewordings(
    (
        *_SIMPLER,
        (_BETTER_IF, r"i want \g<what> to have "),
        (_VERB_BEHIND, r"\g<told>, \g<asked>"),
        (_SAYS_NOTHING, ""),
        (_DASH, ", "),
        (_TOPIC, r"\1 "),
    )
)


def clauses_of(text: str, vocabulary: Vocabulary, tagger: Tagger) -> list[Clause]:
    """The clauses of a text, without what says nothing and with roundabout wishes put short.

    Args:
        text: what was said, in one line.
        vocabulary: the names that the person may see.
        tagger: of this vocabulary.
    """
    return clauses_in(tagger(_PLAINER(text)), vocabulary)
