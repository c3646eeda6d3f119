"""Idioms for what has a plain name here, of looks and changes alike; all else that a text says stays as it is."""

from __future__ import annotations

import re
from typing import Final

from app.nlp.translator.gating import Rewordings

_SET: Final = r"(?P<what>(?:environment |env )?(?:variable|var|label|annotation|key|setting|entry))"
_TAKEN: Final = r"(?P<what>taint|label|annotation)"
_PODS: Final = r"(?:pods|replicas|instances|copies)"

IDIOMS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(form, re.IGNORECASE), plain)
    for form, plain in (
        (
            r"\b(?:change|switch|set|flip|turn|move|bump|lower|raise|put) (?:the )?(?:env(?:ironment)? )?(?:variable |var )?(?P<key>(?-i:[A-Z][A-Z0-9_]{2,})) from (?P<old>[\w./:-]+) to (?P<value>[\w./:-]*\w)",
            r"set \g<key>=\g<value>",
        ),
        (
            rf"\b{_SET} (?P<key>[\w./-]+),? (?:whose value (?:is|should be|shall be|must be)|with (?:the |a )?value(?: of)?|having (?:the )?value(?: of)?|of value|valued(?: at)?) (?P<value>[\w.:/-]+)",
            r"\g<what> \g<key>=\g<value>",
        ),
        (
            r"\b(?P<verb>label|labels|labell?ed|annotated?) (?P<name>[\w./-]+ )?(?:so that|such that|so) (?:its |the )?(?P<key>[\w./-]+) (?:says|reads|is|equals|becomes|shows) (?P<value>[\w.:/-]+)",
            r"\g<verb> \g<name>\g<key>=\g<value>",
        ),
        (
            rf"\b(?:the |its |that |our )?{_TAKEN} (?P<key>[\w./-]+(?:=[\w.-]*)?(?::\w+)?) (?:may|can|could|should|must|has to|needs to|ought to|shall) (?:now )?(?:come off|go off|leave|go from|disappear from|vanish from|be gone from|fall off) (?:of )?(?P<name>(?:the )?[\w-]+)(?: again| now)*",
            r"remove the \g<what> \g<key> from \g<name>",
        ),
        (
            rf"\bput (?P<name>(?:the )?[\w-]+(?: deployment| workload)?) to sleep\b(?:,? (?:that is|that means|i\.e\.|meaning|so|with)?,? ?(?:no|zero|0) {_PODS}(?: at all)?)?",
            r"scale \g<name> to 0",
        ),
        (
            rf"\b(?:two times|twice) (?:its |the |their )(?:present |current |usual |existing )?(?:number|amount|count) of {_PODS}",
            "twice as many replicas",
        ),
        (
            rf"\b(?P<name>[\w-]+) (?:gets by|can get by|manages|can manage|copes|can cope|makes do|can make do|is fine|would be fine|will do|does fine) (?:with|on) (?:50 ?%|50 percent|half)(?: of)? (?:the {_PODS} (?:that )?it has|its {_PODS}|the {_PODS})",
            r"halve \g<name>",
        ),
        (
            r"\b(?P<n>\w+) of (?P<name>[\w-]+) instead of (?:the |just |only )?(?:\w+ )?(?:single|one|lonely|lone)(?: one)?\b",
            r"\g<n> \g<name> instead of one",
        ),
        (
            r",? (?:and,? )?(?:once|when|as soon as) (?:that|this|it)(?: is|'s| has been)? (?:done|through|over|finished|under way),? (?:please )?(?:tell|show|let) (?:me|us)(?: know)? (?:whether|if|that|when|how) (?:it|that|everything)(?: has| have| is| went)?(?: all)? (?:rolled out|gone through|come up|through|done|worked|finished|complete|well|ready)\b",
            " and follow the rollout",
        ),
        (
            r"(?<=\w)[,;:]+ (?:and )?(?:(?:nothing|no) (?:more|else|further)(?: than that)?|that(?: is|'s) all)[.!]*$",
            "",
        ),
        (
            r"\bclose (?P<name>(?:the )?[\w-]+(?: (?:that )?it (?:sits|runs|is|lives) on)?) (?:for|to) (?:newcomers|new ones|new arrivals)\b",
            r"cordon \g<name>",
        ),
        (
            r"^(?:[\w' -]+) (?:isn't|is not|aren't|are not) (?:wanted|needed|required|used)(?: by anyone| by anybody)?(?: any ?more| any longer| now)?[:;,.]+ (?:so |please |do |just )*(?=(?:delete|remove|drop|get rid of) (?!it\b|them\b|that\b|this\b|those\b))",
            "",
        ),
        (r"\bdo away with\b", "delete"),
        (
            r"^(?:well,? |so,? |then )*(?:we|you) (?:might|may|could) (?:just )?as well (?=\w+ (?:the |that |our )?\w)",
            "",
        ),
        (
            r"^(?:.*,? )?(?:not a single|not one|no) node (?:may|should|must|shall|is to) (?:take on|take|accept|get|receive|be given) (?:any )?new (?:pods|work|workloads)(?: any ?more| any longer| now)?[.!]*$",
            "cordon all nodes",
        ),
        (
            r"\b(?:nobody|no one|noone) (?:should|may|must|shall|is to) (?:be able to |get to )?(?:schedule|land|start|place|put)(?: anything| anything new| things)? (?:on|onto) (?P<node>(?:the )?[\w-]+)",
            r"cordon \g<node>",
        ),
        (
            r"\b(?:please )?let (?P<name>[\w-]+) breathe[,;:.]+ (?:and |so |please )*(?=(?:give|add) it\b)",
            r"for \g<name>: ",
        ),
        (
            r"\b(?:have a |just )?(?:glance|look|peek) at (?P<where>[\w-]+)(?: for (?:me|us|a second))?[,;:.]+ (?:are|is) (?:its|the|their) (?P<kind>\w+)(?: there)? (?:doing )?(?:well|ok|okay|fine|healthy|alright|all right|up|running)\b",
            r"show the \g<kind> in \g<where>",
        ),
        (r"\b(?P<rollout>rollout) (?:half ?-?way|mid ?-?way|in the middle|where it is|right there)\b", r"\g<rollout>"),
        (r"\bprocessor(?= (?:use|usage|time|load|consumption|share)\b)", "cpu"),
        (
            r"\b(?P<which>which|what) (?P<kind>[a-z]+s) (?:does )?(?P<where>[\w-]+) (?:has|have|holds|offers|hosts|contains) (?:on offer|to offer|in store|in it)\b",
            r"\g<which> \g<kind> are in \g<where>",
        ),
        (
            r"^(?:is there |are there |do we have |have we got )?anything (?P<where>in [\w-]+ )?(?:that |which )?(?:hasn't|has not|isn't|is not|didn't|did not|won't|will not|doesn't|refuses to|fails to) (?:yet )?(?:come up|start(?:ed)?|be up|up|get going|run(?:ning)?|ready|become ready)(?: properly| correctly| cleanly| fully| as it should| yet)?",
            r"which pods \g<where>are not running",
        ),
        (
            r",? (?:going|ordered|sorted|arranged|ranked|listed|in order|judging) (?:by|of) (?:when|how long ago|the (?:time|date|day)) they (?:were|got|had been) (?:made|created|born|started|set up)\b",
            " by age",
        ),
        (
            r"\b(?:keep|show|leave|give me|print|with) (?:just |only )?(?:the |those )?(?:log )?lines (?:that |which )?(?:mention|say|contain|have|include|speak of|talk about|read|name)(?:ing|s)? ",
            "with lines containing ",
        ),
        (
            r"\b(?:i want|i'd like|i would like|give me|let me have|let's have|let us have|may i have|can i have|i need|take|have) a clos(?:er|e) look at ",
            "describe ",
        ),
        (r"\b(?:may|might) (?:i|we) (?:please |perhaps )?(?:read|look at|view|inspect) (?=what )", "show "),
        (r"\bhave the right to (?:look at|read|see|view|inspect)\b", "have permission to get"),
        (
            r"\b(?P<place>[\w-]+) (?:should|ought to|shall|must|is to) be (?:what|the one that|the namespace (?:that )?) ?(?:you |is |we )?(?:assume[ds]?|take|use|go by|fall back on)(?: as the namespace)? (?:whenever|when|if|where) (?:i|we) (?:don't|do not|forget to|leave out|name no|mention no) ?(?:mention|name|say|give|specify)?(?: an?| the| any)? ?namespace",
            r"switch to namespace \g<place>",
        ),
        (
            r"^.*\b(?P<place>[\w-]+)(?: for (?:a while|now|some time|a bit|today|the moment))?,? (?:so )?(?:please )?make (?:it|that) my (?:default |current )?(?P<kind>namespace|cluster)[.!]*$",
            r"switch to \g<kind> \g<place>",
        ),
        (
            r"\b(?:agents?|daemons)(?= (?:all |both )?(?:need|needs|must|should|have|has|ought|may|can|are|is|in|on|again)\b)",
            "pods",
        ),
    )
)
EVERYDAY: Final = Rewordings(IDIOMS)
