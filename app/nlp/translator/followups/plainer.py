"""Says in plainer words what is said of an earlier turn: "let's pretend that never happened" is "undo that"."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from app.nlp.translator.gating import Rewordings
from app.nlp.translator.kubectl import read_line
from app.nlp.translator.plan import Context
from app.nlp.translator.vocabulary import is_valid_name

_BACK: Final = re.compile(
    r"(?:ok |okay |so |well,? )*(?:(?:let'?s |let us )?pretend (?:that|this|it) (?:has )?never happened"
    r"|(?:please )?(?:return|set|bring) it to the (?:image|value|number|version|state|count) it had before"
    r"|(?:that has served its purpose[;,.]? )?(?:things|everything|all|it) should (?:be|look) (?:just )?(?:as|like) (?:they|it) (?:were|was|did)(?: before)?"
    r"|as if nothing (?:had )?(?:ever )?happened)(?: please)?[.!]*",
    re.IGNORECASE,
)
_STAYS: Final = re.compile(
    r"(?:[\w' ,]+, so )?(?:please )?(?:stay|remain|keep me|let me stay|let us stay|let's stay|make it the (?:current|default) one|make that (?:one )?the (?:current|default)(?: one)?)"
    r"(?: (?:in|on) that (?P<kind>namespace|cluster))?(?: from (?:here|now) on| for now| please)*[.!]*",
    re.IGNORECASE,
)
_OF_KIND: Final = re.compile(r"\bthat (?P<kind>namespace|cluster)\b", re.IGNORECASE)
_OTHERS: Final = re.compile(
    r"(?:please |now |and )*do (?:that|this|it|the same) (?:in|on) (?:all )?the other (?:two |three )?clusters?(?: as well| too)?(?: please)?[.!]*",
    re.IGNORECASE,
)
_ON_A_NODE: Final = re.compile(
    r"(?:and )?which (?:ones )?of (?:these|those|them) (?:run|runs|are|is|sit|sits|live|lives)(?: running)? on (?P<node>[\w.-]+?)\??",
    re.IGNORECASE,
)
_THEIR_USAGE: Final = re.compile(
    r"(?:and )?(?:what|how much) (?:juice |power )?(?:do|are) they (?:use|using|eating|eat|consume|consuming)\??",
    re.IGNORECASE,
)

_BASE: Final = {"restarted": "restart", "scaled": "scale", "deleted": "delete", "removed": "remove", "drained": "drain"}
_NOT_YET: Final = re.compile(
    r"(?:it|this|that|this one|that one) (?:has not|hasn't|was not|wasn't|was never|has never|never was|never got)(?: yet)?(?: been)? (?P<done>\w+)(?: yet)?(?: (?:for|in|since) [\w ]+| so far| lately)?"
    r"[,;.:]* (?:and |so |then )*(?:please |pls )?(?:do (?:that|so|it)|make that happen|let'?s do (?:that|it))(?: now| please| then| today)*[.!]*",
    re.IGNORECASE,
)
_THANKS: Final = re.compile(
    r"^(?:(?:thanks|thank you|thx|cheers|ta|great|perfect|nice|cool|lovely|brilliant|interesting|wonderful|excellent|good to know|fair enough|ah right|i see)(?: a lot| so much| very much| again)?"
    r"|that(?:'s| is) (?:great|good|helpful|interesting|useful)|(?:great, |ok, |good, )?that helps(?: a lot)?)[,.!;:]+ (?:and |so )?(?=(?:now|then|next|also|please|the|their|its|show|list|get|give|what|which|where|who|why|how|can|could|would|do|same|let me|let's|scale|restart|delete|describe|undo|put|set|make|roll|drain|cordon) [\w-]+)",
    re.IGNORECASE,
)
_HOW_IS_IT: Final = re.compile(
    r"(?:and |so )?how(?:'s| is) (?:it|that|this|the rollout) (?:going|coming along|coming on|getting on|doing|looking)(?: so far| now)?\??",
    re.IGNORECASE,
)
_ROLLS: Final = frozenset({"rollout restart", "rollout undo", "set image", "set env", "set resources", "scale"})
_THE_DEPLOYMENT: Final = re.compile(
    r"\b(?:the|their|its) (?P<kind>deployment|workload)(?=[,;.!?]|$| (?:and|then|now|please|again|to|back|too|as well|instead)\b)",
    re.IGNORECASE,
)
_PLAINER: Final = Rewordings(
    tuple(
        (re.compile(form, re.IGNORECASE), plain)
        for form, plain in (
            (
                r"\bthe (?:one (?:at|on) (?:the )?(?:very )?top|topmost(?: one)?|uppermost(?: one)?)\b",
                "the first one",
            ),
            (
                r"\bthe (?:one (?:at|on) (?:the )?(?:very )?bottom|lowest one|lowermost(?: one)?|one at the (?:very )?end)\b",
                "the last one",
            ),
            (
                r"^(?:(?:ah|oh|oops|sorry|no|wait|hmm|argh|ugh|my mistake|my bad|wrong name)[,.!:]* )*(?:i (?:mixed|muddled|got) (?:up )?the names?(?: (?:up|wrong|mixed up))?[,;.:]* (?:and )?)?"
                r"(?:i (?:was|am) (?:really |actually )?thinking of|i had|(?:the one )?i was after(?: is| was)?) (?!to\b|of\b|a\b|an\b)(?P<name>[\w-]+)(?: in mind)?[.!]*$",
                r"i meant \g<name>",
            ),
            (
                r"^(?:and |now )?(?:once more|again|the same again|one more time|same again)[,;]? (?:only|but|just|except|this time)(?: this time)? (?:with|for|on|of) (?P<name>[\w-]+?)(?:'s)?(?: this time| instead)?[.!?]*$",
                r"the same for \g<name>",
            ),
            (
                r"^(?:(?:oh|ah|hmm|oops|ok|okay|no)[,.!]* )*(?:that|this|it) (?:was|is|were) (?:(?:far |way |much |a bit |a little )?(?:more|less|bigger|larger|smaller|fewer|too \w+)(?: than [^,;.:]+)?|a mistake|wrong|not (?:right|needed|necessary))[,;.:]+ (?:so |please )*(?=(?:put|set|take|bring|turn|undo|revert) (?:it|that|this|them)\b)",
                "",
            ),
            (
                r"^(?:and )?(?P<n>one|two|three|\d+|a few) more(?: of (?:them|it|those|these))?(?: pods?| replicas?| copies)? (?:wouldn't|would not|won't|will not) (?:hurt|go amiss|go astray|harm)(?: anyone| anybody)?[.!]*$",
                r"\g<n> more",
            ),
            (
                r"\b(?:who|what) (?:are|is) (?:its|the pod's) (?:neighbou?rs?|housemates?|room ?mates?)(?: (?:on|there)(?: (?:that|the|its|the same) node)?)?",
                "which other pods are on that node",
            ),
        )
    )
)


def plainly(text: str, context: Context, clusters: Collection[str]) -> str:
    """The text in plainer words; most stay as they are.

    Args:
        text: what was said, in one line.
        context: the conversation, with at least one turn.
        clusters: all that the person may see.
    """
    text = _PLAINER(text if context.turns[-1].state == "pending" else _THANKS.sub("", text))
    if _BACK.fullmatch(text):
        return "undo that"
    wanting = _NOT_YET.fullmatch(text)
    if wanting is not None and wanting["done"].lower() in _BASE:
        return f"{_BASE[wanting['done'].lower()]} it"
    spoken = read_line(context.turns[-1].command)
    if spoken is None:
        return text
    if spoken.verb in _ROLLS and _HOW_IS_IT.fullmatch(text):
        return "rollout status of it"
    of_pods = spoken.kind is not None and spoken.kind.plural == "pods"
    if of_pods and _THEIR_USAGE.fullmatch(text):
        return "their usage"
    owner = (spoken.flag("-l") or "").removeprefix("app=") if of_pods else ""
    if owner and is_valid_name(owner) and owner not in text:
        text = _THE_DEPLOYMENT.sub(rf"the \g<kind> {owner}", text)
    kept = _OF_KIND.search(text) if _STAYS.fullmatch(text) else None
    if kept is not None:
        where = spoken.scope.cluster if kept["kind"].lower() == "cluster" else spoken.scope.namespace
        return f"switch to {kept['kind'].lower()} {where}" if where else text
    if _OTHERS.fullmatch(text):
        others = sorted(set(clusters) - {spoken.scope.cluster or context.cluster})
        return f"the same on {' and '.join(others)}" if others else text
    on_node = _ON_A_NODE.fullmatch(text)
    if on_node is not None and of_pods and spoken.scope.namespace:
        return f"show the pods on {on_node['node']} in namespace {spoken.scope.namespace}"
    return text
