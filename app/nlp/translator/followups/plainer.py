"""Says in plainer words what is said of an earlier turn: "let's pretend that never happened" is "undo that"."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from app.nlp.translator.kubectl import read_line
from app.nlp.translator.plan import Context

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


def plainly(text: str, context: Context, clusters: Collection[str]) -> str:
    """The text in plainer words; most stay as they are.

    Args:
        text: what was said, in one line.
        context: the conversation, with at least one turn.
        clusters: all that the person may see.
    """
    if _BACK.fullmatch(text):
        return "undo that"
    spoken = read_line(context.turns[-1].command)
    if spoken is None:
        return text
    of_pods = spoken.kind is not None and spoken.kind.plural == "pods"
    if of_pods and _THEIR_USAGE.fullmatch(text):
        return "their usage"
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
