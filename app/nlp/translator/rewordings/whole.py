"""Forms of words that stand for a whole text: what asks for a change is put here, so that nothing else is lost."""

from __future__ import annotations

import re
from typing import Final

from app.nlp.translator.gating import Gates

POLITE: Final = r"(?P<polite>(?:(?:please|pls|plz|can you|could you|would you|ok|okay|hey|so|and|now|then|i need to|we need to|let's|lets|just|go ahead and)[, ]+)*)"
_END = (
    r"(?P<end>(?:[ ,]+(?:please|pls|plz|thanks|thx|for now|now|right now|asap|again))*)"
    r"(?:[ ,]+(?:go|stat|k|for (?:the|a) (?:night|weekend|moment|bit|while|sec|second|time being)|for (?:tonight|today)))?(?:[ ,]+(?:please|pls|thanks|thx))*[.!]*"
)
_BACK = (
    r"(?:the )?(?:(?:version|release|revision|one|image|state|build)(?: (?:from|that was|we had|that we had|it had))? before(?: (?:this|that)(?: one)?)?"
    r"|previous (?:one|version|release|revision|image|state|build)|last (?:good|working) (?:one|version|release|revision|image|build)"
    r"|(?:one|version|release|revision|image) (?:that )?worked)"
)
_NAME = r"(?P<name>(?:the )?[\w./-]+(?: (?:[\w./-]+))?)"
COPIES: Final = r"(?:replicas?|pods?|instances?|copies|copy)"
NUMBER: Final = r"(?P<n>\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten)"

WHOLE: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(f"{POLITE}{form}{_END}", re.IGNORECASE), f"\\g<polite>{plain}\\g<end>")
    for form, plain in (
        (
            rf"{_NAME} (?:needs?|should have|wants?|must have) (?:twice|double)(?: as many| the| the number of)? (?:replicas?|pods?|instances?)",
            r"double \g<name>",
        ),
        (
            r"(?:the )?(?P<name>[\w.-]+)(?P<kind> (?:deployment|service|job|cronjob|configmap|statefulset|pod))? (?:can|may|should) be (?:removed|deleted|dropped|thrown away)",
            r"delete\g<kind> \g<name>",
        ),
        (
            rf"(?:set|scale|put|bring|change|raise|lower)(?: up| down)? (?P<name>[\w-]+)(?: up| down)? to (?P<n>\d+|\w+)(?: {COPIES})?(?: and|,) (?P<name2>[\w-]+)(?: up| down)? to (?P<n2>\d+|\w+)(?: {COPIES})?",
            r"scale \g<name> to \g<n> and scale \g<name2> to \g<n2>",
        ),
        (
            r"(?:put|set|take|bring|get|roll|change) (?P<name>[\w.-]+)(?: deployment)? back to (?:how|what|the way|where) it was(?: before.*)?",
            r"roll back \g<name>",
        ),
        (
            r"(?:show|get|give|see|i want|i need|display|pull|check|want|need)(?: me)?(?: to see)?(?: the| its)? (?P<a>logs?|events?|pods?|description|usage|status|images?|limits|yaml|endpoints)"
            r",? (?:and|plus)(?: the| its)? (?P<b>logs?|events?|pods?|description|usage|status|images?|limits|yaml|endpoints) (?:of|for|from|on) (?P<x>.+)",
            r"show the \g<a> of \g<x> and then show the \g<b> of \g<x>",
        ),
        (
            rf"(?:scale |set )?(?P<name>(?:the )?[\w.-]+(?: deployment| statefulset)?)(?: replicas?| pods?)?:? (?:from )?\d+ ?(?:->|=>|→|to) ?{NUMBER}(?: {COPIES})?",
            r"scale \g<name> to \g<n>",
        ),
        (rf"{_NAME} ?\+ ?{NUMBER}(?: more)?(?: {COPIES})?", r"scale \g<name> up by \g<n>"),
        (rf"\+ ?{NUMBER}(?: more)? {COPIES} (?:on|for|of|to) {_NAME}", r"scale \g<name> up by \g<n>"),
        (rf"- ?{NUMBER} {COPIES} (?:on|for|of|from) {_NAME}", r"scale \g<name> down by \g<n>"),
        (rf"replicas? ?[=:] ?{NUMBER} (?:on|for|of) {_NAME}", r"scale \g<name> to \g<n>"),
        (rf"{_NAME} replicas? ?[=:] ?{NUMBER}", r"scale \g<name> to \g<n>"),
        (
            rf"(?:the )?(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten) (?:{COPIES} of (?:the )?(?P<name>[\w-]+)|(?P<name2>[\w-]+) {COPIES}) (?:are|is) (?:far |way |much )?(?:too (?:many|few|much|little)|not enough)(?: [^;,.]*)?[;,.:]* (?:and )?(?P<n>\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve) (?:is|are|would be|will be|should be|would do|will do)(?: (?:plenty|enough|what we need|right|fine|better|needed|sufficient|more like it|the right number))*",
            r"scale \g<name>\g<name2> to \g<n>",
        ),
        (
            rf"{_NAME} (?:has|runs|is running) (?:twice|two times) (?:as many|the number of|the) {COPIES} (?:as )?(?:that )?(?:it|we) (?:should have|needs?|should|has to have|wants?)",
            r"halve \g<name>",
        ),
        (
            r"(?:make|i want|i would like|use|set) (?P<name>[\w-]+) (?:to be |as )?(?:my|the|our) (?:default|usual|standing) (?P<kind>namespace|cluster|context)(?: from (?:now|here) on)?",
            r"switch to \g<kind> \g<name>",
        ),
        (rf"{_NAME} (?:-|minus) ?{NUMBER} {COPIES}", r"scale \g<name> down by \g<n>"),
        (
            rf"on (?P<place>[\w-]+) (?:i|we) (?:only |just )?(?:need|want) (?:only |just )?(?:a )?(?:single|one) (?P<name>[\w.-]+)(?: {COPIES})?",
            r"scale \g<name> on \g<place> to 1",
        ),
        (
            r"(?:list|show|get|see|display|which|what are|give me)(?: me)? (?:all |all the |every |the )?namespaces?(?: (?:on|in|of) (?:this|the) cluster)?",
            "show the namespaces",
        ),
        (
            r"(?:turn|switch|power) (?P<name>(?:the )?[\w.-]+(?: [\w-]+)?) off and (?:then )?(?:back )?on(?: again)?",
            r"restart \g<name>",
        ),
        (
            r"(?:turn|switch|power) off and on(?: again)? (?P<name>(?:the )?[\w.-]+(?: [\w-]+)?)",
            r"restart \g<name>",
        ),
        (
            r"(?:make|create|set up|open|give|add|we need|i need|need)(?: me| us)? (?:a )?(?:new |fresh )?(?:namespace|ns)(?: for [\w ]+)?[,;.]? (?:and )?(?:call|name) it (?P<name>[a-z0-9-]+)",
            r"create namespace \g<name>",
        ),
        (
            r"(?:can|could|may) (?:i|we) (?:please )?(?:see|have(?: a look at)?|look at|take a look at|get a look at|view) (?P<what>.+)",
            r"show me \g<what>",
        ),
        (r"kill off (?P<name>[\w.-]+)[, ]+(?:zero|0|no) (?:pods|replicas)", r"scale \g<name> to 0"),
        (
            rf"(?:knock|take|bring|dial|wind|drop|pull) (?P<name>[\w.-]+(?: [\w-]+)?)(?: back| down| up)* to {NUMBER}(?: {COPIES})?",
            r"scale \g<name> to \g<n>",
        ),
        (rf"(?:stick|put|run|have) (?P<name>[\w.-]+(?: [\w-]+)?) on {NUMBER} {COPIES}", r"scale \g<name> to \g<n>"),
        (rf"(?:get|give) (?:us|me) {NUMBER} of (?P<name>[\w.-]+(?: [\w-]+)?)", r"scale \g<name> to \g<n>"),
        (
            r"(?:i need to|we need to|we have to|i have to) (?:patch|update|reboot|upgrade|fix|replace|service) (?P<name>node[ -][\w]+)[,;. ]+(?:so )?(?:please )?(?:move|get|clear|take|push) (?:everything|all|all pods|the pods) off (?:it|there)",
            r"drain \g<name>",
        ),
        (
            r"(?:clear|move|get|take|push) (?:everything|all pods|all of it|all the pods) off (?:of )?(?P<name>(?:node )?[\w-]+)",
            r"drain \g<name>",
        ),
        (
            r"(?:we're|we are|i'm|i am) (?:finished|done|through) with (?:the )?(?P<name>[\w.-]+)(?P<kind> (?:deployment|job|pod|service|configmap|cronjob))?[,;. ]+(?:so )?(?:please )?(?:clear|clean|throw|take|get) (?:it|that) (?:out|up|away)",
            r"delete\g<kind> \g<name>",
        ),
        (
            r"(?:take|pull|get) (?:the |that )?(?P<taint>[\w./=-]+) taint (?:back )?off (?:of )?(?P<name>.+)",
            r"remove taint \g<taint> from \g<name>",
        ),
        (
            r"taint (?P<name>node[ -]\w+),? (?P<key>[\w./-]+) (?:equals|is|=) (?P<value>[\w-]+),? no ?schedule",
            r"taint \g<name> \g<key>=\g<value>:NoSchedule",
        ),
        (
            r"(?:stick|put|slap|set|add) (?:a |the )?label on (?P<name>[\w.-]+),? (?P<key>[\w./-]+) (?:equals|is|=) (?P<value>[\w.-]+)",
            r"label \g<name> \g<key>=\g<value>",
        ),
        (
            r"put (?:a )?service in front of (?:the )?(?P<name>[\w.-]+),? (?:on )?port (?P<port>\d+)(?:,? (?:going|pointing|leading|mapped|forwarding) to (?:port )?(?P<target>\d+))?",
            r"expose \g<name> on port \g<port> target port \g<target>",
        ),
        (
            r"(?:turn|switch|shut|take) (?P<name>[\w.-]+) (?:off|down)(?: for now)?[, ]+(?:zero|0|no) (?:pods|replicas)",
            r"scale \g<name> to 0",
        ),
        (
            rf"(?:cut|scale|bring|take|drop|set|turn|shrink|reduce|dial|wind) {_NAME}(?: all the way)?(?: down)? to (?:nothing|none|zero|nil)",
            r"scale \g<name> to 0",
        ),
        (
            rf"(?:park|idle|keep|leave|put) {_NAME} (?:at|on|to) (?:nothing|none|zero|0)(?: replicas| pods)?",
            r"scale \g<name> to 0",
        ),
        (
            rf"(?:(?:we|i) need|(?:it )?would be (?:good|nice|great|better|useful) to have|(?:we|there) should (?:have|be)|i would like to have|i'd like to have|let's have|lets have|let us have) {NUMBER} (?!more|minutes?|hours?|seconds?|days?|lines?|of )(?P<name>[a-z][\w-]+)",
            r"scale \g<name> to \g<n>",
        ),
        (
            r"(?:the )?(?:last |latest |new |current )?(?P<name>[\w-]+) (?:deploy|deployment|release|rollout|version|image)"
            r" (?:is|was|looks|seems)(?: a)? (?:bad|broken|wrong|mistake|no good|failing|crashing|buggy)[,;. ]+(?:so )?"
            r"(?:roll|revert|undo|take|put) it(?: back)?",
            r"roll back \g<name>",
        ),
        (
            r"(?P<name>[\w.-]+) is (?:good|ok|okay|fine|healthy|back|ready|fixed)(?: again| now)?[,;. ]+(?:so )?"
            r"(?:let|allow|you can let|put|schedule) (?:new )?pods (?:schedule |run |back )?(?:on it|onto it|there|back on it)(?: again)?",
            r"uncordon \g<name>",
        ),
        (
            rf"(?:take|knock|shave) {NUMBER} {COPIES} (?:off|off of|from|out of|away from) {_NAME}",
            r"remove \g<n> replicas from \g<name>",
        ),
        (
            rf"{_NAME} (?:can|may|should) (?:go|be scaled|drop|come down|be turned down|be set)(?: down)? to (?P<n>zero|none|nothing|\d+|one|two|three)(?: (?:replicas?|pods?))?",
            r"scale \g<name> to \g<n>",
        ),
        (
            rf"{_NAME} (?:at|to|down to|on) half(?: (?:of )?(?:its )?(?:strength|capacity|size|power))?",
            r"scale \g<name> by half",
        ),
        (
            rf"(?:to )?(?:put|add|give|start|spin up) {NUMBER} (?:{COPIES} )?more (?:{COPIES} )?(?:at|to|on|for|of) {_NAME}",
            r"add \g<n> replicas to \g<name>",
        ),
        (
            rf"(?:the )?(?:new|latest|current|last|newest) (?P<name>[\w.-]+)(?: deployment| release| version)? (?:is|was|looks|seems)(?: a)? (?:bad|broken|wrong|no good|failing|crashing|buggy|down)[,;. ]+(?:so )?(?:please )?"
            rf"(?:go|roll|take it|put it|switch|revert)(?: it)?(?: back)?(?: to {_BACK})?",
            r"roll back \g<name>",
        ),
        (
            r"(?:we |i |nobody )?(?:do not|don't|dont|no longer|does not|doesn't)?(?: really)? ?needs? (?:the |this |that )?(?P<name>[\w.-]+)(?P<kind> (?:deployment|service|configmap|job|cronjob|statefulset|pod))? (?:any ?more|any longer|now)[,;. ]+(?:so |please |you can |just )*(?:delete|remove|drop|kill) (?:it|that)",
            r"delete\g<kind> \g<name>",
        ),
        (
            rf"{NUMBER} (?!replicas?|pods?|instances?)(?P<name>[\w-]+)(?: (?:pods?|replicas?|instances?))? (?:less|fewer)",
            r"remove \g<n> replicas from \g<name>",
        ),
        (
            rf"{NUMBER} (?!replicas?|pods?|instances?|more)(?P<name>[\w-]+)(?: (?:pods?|replicas?|instances?))? more",
            r"add \g<n> replicas to \g<name>",
        ),
        (
            rf"(?:roll|take|put|bring|set|move|revert|go|get|switch)(?: the)? (?P<name>[\w.-]+)(?: deployment| release| rollout)?(?: back)? to {_BACK}",
            r"roll back \g<name>",
        ),
        (
            rf"(?:the )?(?:last |latest |new |newest |current )?(?:release|version|rollout|deploy|deployment|image|update) of (?P<name>[\w.-]+)"
            rf" (?:is|was|looks|seems)(?: a)? (?:bad|broken|wrong|mistake|no good|failing|crashing|buggy)[,;. ]+(?:so )?(?:please )?(?:(?:go|roll|take|put)(?: it)? )?back to {_BACK}",
            r"roll back \g<name>",
        ),
        (
            r"(?P<name>[\w.-]+(?: [\w.-]+)?) (?:can|may) go[,;. ]+(?:so )?(?:please )?(?:delete|remove|kill|drop) (?:it|that)(?: (?:deployment|pod|service|job|one|configmap))?",
            r"delete \g<name>",
        ),
        (rf"{_NAME} needs? (?:a|another|to be) (?:restart(?:ed)?|bounced?|reboot(?:ed)?|kick)", r"restart \g<name>"),
        (rf"give {_NAME} (?:a|another) (?:kick|bounce|nudge|reboot|restart)", r"restart \g<name>"),
        (r"kick (?!off)(?:both )?(?P<name>[\w./-]+(?:(?:,| and|, and) [\w./-]+){0,4})", r"restart \g<name>"),
        (
            rf"(?:i'?d like|i would like|i want|we want|we need|i need|make it|make that|let'?s have|let us have|have) {NUMBER} (?P<name>[\w-]+?)s?(?: (?:pods?|replicas?|instances?|copies))? instead of (?:\d+|\w+)",
            r"scale \g<name> to \g<n>",
        ),
        (rf"{_NAME} (?:needs|should have|should be at|should run|wants) {NUMBER} {COPIES}", r"scale \g<name> to \g<n>"),
    )
)
WHOLE_GATES: Final = Gates(form.pattern for form, _ in WHOLE)
