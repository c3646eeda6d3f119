"""Says in plainer words what people say in passing: remarks beside a request fall away, roundabout forms become short.

Only what leaves the meaning as it is belongs here. A form that asks for a change stands for the whole text, so that
nothing that is said beside it is lost.
"""

from __future__ import annotations

import re

from app.nlp.translator.gating import Gates, Rewordings

_POLITE = r"(?P<polite>(?:(?:please|pls|plz|can you|could you|would you|ok|okay|hey|so|and|now|then|i need to|we need to|let's|lets|just|go ahead and)[, ]+)*)"
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
_COPIES = r"(?:replicas?|pods?|instances?|copies|copy)"
_N = r"(?P<n>\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten)"

# What stands for the whole text.
_WHOLE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(f"{_POLITE}{form}{_END}", re.IGNORECASE), f"\\g<polite>{plain}\\g<end>")
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
            rf"(?:set|scale|put|bring|change|raise|lower)(?: up| down)? (?P<name>[\w-]+)(?: up| down)? to (?P<n>\d+|\w+)(?: {_COPIES})?(?: and|,) (?P<name2>[\w-]+)(?: up| down)? to (?P<n2>\d+|\w+)(?: {_COPIES})?",
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
            rf"(?:scale |set )?(?P<name>(?:the )?[\w.-]+(?: deployment| statefulset)?)(?: replicas?| pods?)?:? (?:from )?\d+ ?(?:->|=>|→|to) ?{_N}(?: {_COPIES})?",
            r"scale \g<name> to \g<n>",
        ),
        (rf"{_NAME} ?\+ ?{_N}(?: more)?(?: {_COPIES})?", r"scale \g<name> up by \g<n>"),
        (rf"\+ ?{_N}(?: more)? {_COPIES} (?:on|for|of|to) {_NAME}", r"scale \g<name> up by \g<n>"),
        (rf"- ?{_N} {_COPIES} (?:on|for|of|from) {_NAME}", r"scale \g<name> down by \g<n>"),
        (rf"replicas? ?[=:] ?{_N} (?:on|for|of) {_NAME}", r"scale \g<name> to \g<n>"),
        (rf"{_NAME} replicas? ?[=:] ?{_N}", r"scale \g<name> to \g<n>"),
        (
            rf"(?:the )?(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten) (?:{_COPIES} of (?:the )?(?P<name>[\w-]+)|(?P<name2>[\w-]+) {_COPIES}) (?:are|is) (?:far |way |much )?(?:too (?:many|few|much|little)|not enough)(?: [^;,.]*)?[;,.:]* (?:and )?(?P<n>\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve) (?:is|are|would be|will be|should be|would do|will do)(?: (?:plenty|enough|what we need|right|fine|better|needed|sufficient|more like it|the right number))*",
            r"scale \g<name>\g<name2> to \g<n>",
        ),
        (
            rf"{_NAME} (?:has|runs|is running) (?:twice|two times) (?:as many|the number of|the) {_COPIES} (?:as )?(?:that )?(?:it|we) (?:should have|needs?|should|has to have|wants?)",
            r"halve \g<name>",
        ),
        (
            r"(?:make|i want|i would like|use|set) (?P<name>[\w-]+) (?:to be |as )?(?:my|the|our) (?:default|usual|standing) (?P<kind>namespace|cluster|context)(?: from (?:now|here) on)?",
            r"switch to \g<kind> \g<name>",
        ),
        (rf"{_NAME} (?:-|minus) ?{_N} {_COPIES}", r"scale \g<name> down by \g<n>"),
        (
            rf"on (?P<place>[\w-]+) (?:i|we) (?:only |just )?(?:need|want) (?:only |just )?(?:a )?(?:single|one) (?P<name>[\w.-]+)(?: {_COPIES})?",
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
            rf"(?:knock|take|bring|dial|wind|drop|pull) (?P<name>[\w.-]+(?: [\w-]+)?)(?: back| down| up)* to {_N}(?: {_COPIES})?",
            r"scale \g<name> to \g<n>",
        ),
        (rf"(?:stick|put|run|have) (?P<name>[\w.-]+(?: [\w-]+)?) on {_N} {_COPIES}", r"scale \g<name> to \g<n>"),
        (rf"(?:get|give) (?:us|me) {_N} of (?P<name>[\w.-]+(?: [\w-]+)?)", r"scale \g<name> to \g<n>"),
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
            rf"(?:(?:we|i) need|(?:it )?would be (?:good|nice|great|better|useful) to have|(?:we|there) should (?:have|be)|i would like to have|i'd like to have|let's have|lets have|let us have) {_N} (?!more|minutes?|hours?|seconds?|days?|lines?|of )(?P<name>[a-z][\w-]+)",
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
            rf"(?:take|knock|shave) {_N} {_COPIES} (?:off|off of|from|out of|away from) {_NAME}",
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
            rf"(?:to )?(?:put|add|give|start|spin up) {_N} (?:{_COPIES} )?more (?:{_COPIES} )?(?:at|to|on|for|of) {_NAME}",
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
            rf"{_N} (?!replicas?|pods?|instances?)(?P<name>[\w-]+)(?: (?:pods?|replicas?|instances?))? (?:less|fewer)",
            r"remove \g<n> replicas from \g<name>",
        ),
        (
            rf"{_N} (?!replicas?|pods?|instances?|more)(?P<name>[\w-]+)(?: (?:pods?|replicas?|instances?))? more",
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
            rf"(?:i'?d like|i would like|i want|we want|we need|i need|make it|make that|let'?s have|let us have|have) {_N} (?P<name>[\w-]+?)s?(?: (?:pods?|replicas?|instances?|copies))? instead of (?:\d+|\w+)",
            r"scale \g<name> to \g<n>",
        ),
        (rf"{_NAME} (?:needs|should have|should be at|should run|wants) {_N} {_COPIES}", r"scale \g<name> to \g<n>"),
    )
)
# What may stand anywhere in it.
_ANYWHERE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(form, re.IGNORECASE), plain)
    for form, plain in (
        (
            r"\b(?:together |along )?with (?:the )?nodes? (?:that )?(?:each(?: one| of them)?|they|it)(?: all)? (?:runs?|is|are|sits?|lives?)(?: running)?(?: on)?\b",
            "with their nodes",
        ),
        (r"\b(?:a |the )?quarter of an hour\b", "15 minutes"),
        (r"\bthree quarters of an hour\b", "45 minutes"),
        (
            r" (?:that|which) (?:was|is|we|has been|had been|i)(?: have| had)?(?: put)? (?:paused|on hold|stopped)(?= |[.!]*$)",
            "",
        ),
        (r",? (?:one (?:after the other|after another|by one|at a time)|in turn)(?=[.!]*$)", ""),
        (r",? (?:and|but) not? more(?: than that)?(?=[.!]*$)", ""),
        (r" ?@ ?(?=\d)", " at "),
        (r"(?<=\d) ?[-–] ?(?=\d+ (?:pods|replicas|instances|copies|at)\b)", " to "),
        (r"\b(?:a|one|1) (?:gig|gigabyte|gibibyte)\b", "1Gi"),
        (r"\b(\d+) ?(?:gigs|gigabytes|gibibytes)\b", r"\1Gi"),
        (r"\b(\d+) ?(?:megs|megabytes|mebibytes)\b", r"\1Mi"),
        (r"\bhalf (?:a|of a|of one|one) (?:cpu|core|cpu core)\b", "500m of cpu"),
        (
            r"\b(?:version|tag|release) (v?\d[\w.-]*) of ([a-z][\w./-]+)",
            r"\2:\1",
        ),
        (r"(?<!last )(?<!first )(?<!latest )(?<!past )\b(\d+) (?:log )?lines\b(?! per| a )", r"last \1 lines"),
        (
            r"^(?:is |are )?(?:the )?(?:whole |entire )?(cluster|namespace|[\w-]+ namespace) (?:in good shape|in a good state|all right|alright|in order|doing well|well)\s*\?*$",
            r"what is wrong in the \1",
        ),
        (r"^(?:find out|show me|tell me|check|see) what(?:'s| is) (broken|wrong|failing)\b", r"what is wrong"),
        (
            r"^(?:i want to|i need to|i have to|i'd like to|i would like to|let me|lets|let's) work (?:on|in|with) (?:the )?([\w-]+)((?: cluster| namespace)?)(?: now| from now on)?[.!]*$",
            r"switch to \1\2",
        ),
        (
            r"^(?:ok,? |please |now |and )*back to (?:the )?([\w-]+)((?: cluster| namespace| context))(?: now| please)*[.!]*$",
            r"switch to \1\2",
        ),
        (r"\b(?:my|the|all my) (?:permissions|rights|access rights)\b(?! of)", "what am i allowed to do"),
        (r"^(?:list|show|show me|tell me|get|display) what am i allowed to do\b", "what am i allowed to do"),
        (r"\bover (on|in|at) (?=[\w-]+(?: cluster)?[.!?]*$)", r"\1 "),
        (r"^(?:i'?d like|i would like|give me|i want|show me|can i have) an? overview (?:of|over) (?:all )?", "show "),
        (r"^(?:is there )?anything in ([\w-]+)(?: or is it empty)?\s*\?*$", r"what is in namespace \1?"),
        (
            r"^everything (in [\w-]+ )?(?:labell?ed|tagged|with (?:the )?label|that has (?:the )?label) (?:with )?([\w./-]+=[\w.-]+)",
            r"pods \1with label \2",
        ),
        (r"^which (clusters|contexts) (?:can i|could i|may i) .*$", r"which \1 are there"),
        (r"^when was ([\w-]+) last (\w+) and (?:by whom|who did (?:it|that))\s*\?*$", r"who \2 \1"),
        (
            r"\b(?:order|sort) ((?!that\b|it\b|them\b|this\b|these\b|those\b|by\b)(?:the )?\w+(?: (?:in|of|on) [\w-]+)?) by age\b(?:,? (?:the )?(?:newest|oldest)(?: (?:ones? )?(?:at the (?:top|bottom|end)|first|last))?)?",
            r"list \1 sorted by age",
        ),
        (r"^(?:would|could|can|will) (?:you|u) (?!mind\b)(?:please |kindly |maybe |also )*(.+?)\s*\?+$", r"please \1"),
        (
            r"^(?:check|tell me|see|find out|let me know) (?:if|whether) i (?:may|can|could|am allowed to|am able to) ",
            "can i ",
        ),
        (r"^(?:i|we) (?:need|want|would like|have) to (?:know|find out)(?: about)? ", ""),
        (r"\bordered by\b", "sorted by"),
        (
            r",? (?:no matter|regardless of|whatever|in whatever|never mind) (?:which |the |in which )?namespaces?\b",
            " in all namespaces",
        ),
        (
            r"^((?:please |can you )?(?:show|list|get|display)(?: me)?) all namespaces (?=sorted|by|with)",
            r"\1 namespaces ",
        ),
        (
            r"^(?:is |are )?(?:there )?(?:anything|something|anyone) (?:paging|going off|screaming|alerting)\b.*",
            "are any alerts firing",
        ),
        (r"^(?:can|could|may) i (?:please )?see (that|it|this|them) ", r"show me \1 "),
        (r"\bof that (last|first|second|third|fourth) one\b", r"of the \1 one"),
        (r"\bprod (us|eu)\b", r"prod-\1"),
        (r"\b(?:roll|cycle) (?:the )?((?!back\b)[\w -]+?) over(?= in\b|[.!?]*$)", r"restart \1"),
        (r"\b(oldest|newest) (?:ones? )?at the (?:top|bottom|end)\b", r"\1 first"),
        (r"\blist out\b", "list"),
        (
            r"(?<=[ ,])(?P<image>(?!cpu\b|to\b|by\b|limit\b|memory\b|version\b|of\b|at\b|is\b)[a-z][a-z0-9-]{2,}) (?P<tag>\d+\.\d+(?:\.\d+)?)\b(?! ?(?:core|cpu|gi|mi|g|m)\b)",
            r"\g<image>:\g<tag>",
        ),
        (r"\b(?:which|what) (?:box|machine|host|server) (?:is|are|does|do)\b", "which node is"),
        (r"\bis ([\w-]+) at full strength\b", r"how many replicas of \1 are ready"),
        (
            r"^what images? (?:are we running|do we run|are we on|are running)(?: across| in| on)? ",
            "which images are used by the deployments in ",
        ),
        (r"\b(set|with) ([\w.-]+) set to ([\w.-]+)$", r"\1 \2=\3"),
        (r"^what(?:'s| is| has) ([\w-]+) been (?:saying|logging|printing|writing)\b", r"logs of \1"),
        (
            r"^what(?:'s| is) (?P<whose>[\w-]+) (?:burning|using|eating|taking) (?P<used>cpu|memory|ram)[ -]?wise\b",
            r"\g<used> usage of \g<whose>",
        ),
        (r"\b(?:last|past) couple of (hours|minutes|days)\b", r"last 2 \1"),
        (r"\bwhat limits (?:have we got|do we have|are) (?:set )?on ", "which limits are set on "),
        (r"\b(?:roll|cycle) (?:the )?([\w -]+?) over(?= in\b|[.!?]*$)", r"restart \1"),
        (r"\bpull the ([\w./-]+) label off\b", r"remove the label \1 from"),
        (
            r"\b(?:which|what) (replica ?sets|pods|endpoints) (?:are )?(?:hanging off|behind|belong to|belonging to|owned by)\b",
            r"list \1 of",
        ),
        (r"\bhave a look at\b", "show"),
        (r"\b(?:and |with )?(?:the )?([a-z]+) while (?:you're|you are|we're|we are) (?:there|at it)\b", r"and \1"),
        (r"^(?:is there |is )?anything (in [\w-]+ )?that'?s (?:been )?restarted\b", r"which pods \1restarted"),
        (r"\bdo the needful(?: and| to)?\b,?", ""),
        (r",? (?:until|till) (?:(?:i|we) (?:say|tell|give|let|come)\b[^,;.]*|further notice)", ""),
        (
            r",? (?:until|till) (?:it'?s|it is|that'?s|everything is|they'?re|they are)?(?: all)? ?(?:done|finished|complete|completed|ready|through|over)\b",
            "",
        ),
        (
            r",? (?:but |and )?(?:leave|keep) (?:what'?s|what is|the ones|everything|those|what|the pods)(?: that (?:is|are))?(?: already)? (?:running|there|on it)(?: there| alone| on it| running)*",
            "",
        ),
        (r"^(.+?)\?+,? (\w+),? (?:i mean|i meant|that is)[.!]*$", r"\2 \1?"),
        (r"\b(?:just |only )?(?:tell me|let me know|check|find out) (?:if|whether) (?!you\b|i\b)", "show "),
        (
            r"^(?:can|could|may) i (?:please )?(?:see|get|have|take a look at|look at) (?=(?:the |its |their )?(?:logs?|events?|details?|yaml|manifest|history)\b)",
            "show ",
        ),
        (
            r"\b([\w-]+),? (?:no,? wait|wait,? no|no,? sorry|sorry,? (?:i mean|i meant|no)|no,? i mean|i mean|or rather|no,? rather)[, ]+(?:the )?([\w-]+)\b",
            r"\2",
        ),
        (
            r"^(?:is |are )?(?:everything|all|things) (?:is |are |still )*(?:ok|okay|fine|good|healthy|well|alright|all right|in order|green)((?: (?:in|on|with|at) .+?)?)\s*\?*$",
            r"what is wrong\1",
        ),
        (
            r"^(?:from now on|from here on|for the rest of (?:the|this) session)?,? ?(?:i am|i'm|i will be|i'll be|i|we are|we're|we|let us|let's|lets)(?: only)?"
            r" (?:working|work|staying|stay)(?: only)? (?:on|in|at|with) (?:the )?([\w-]+)((?: cluster| namespace)?)(?: from now on| now)?[.!]*$",
            r"switch to \1\2",
        ),
        (r"\bam i even\b", "am i"),
        (r"^y (?=(?:is|are|did|does|do|has|won'?t|isn'?t|can'?t|aren'?t|doesn'?t)\b)", "why "),
        (r"^([^?]+?)[.!,;]* (?:why|how come)\?+$", r"why is it that \1"),
        (
            r",? and (?:deleting|removing|discarding|delete|discard) (?:the |all |any )?empty ?dirs?(?: data| volumes?)?\b",
            " --delete-emptydir-data",
        ),
        (r",?(?: and| but)? (?:while )?ignor(?:e|ing) (?:the |all |any )?daemon ?sets?\b", ""),
        (
            r",?(?: just| only)?(?: the)? names? only\b(?:,? (?:no|without|not)(?: the| any)? (?:contents?|values?|data))?",
            "",
        ),
        (r"\bhalf (?:a|of a|an)(?: cpu)?(?: core| cpu)\b|\bhalf a cpu core\b", "500m cpu"),
        (r"\b(?:a )?quarter (?:of )?(?:a|an)(?: cpu)? (?:core|cpu)\b", "250m cpu"),
        (r"\b(?:one|a single|1|a) (?:cpu )?core\b", "1 cpu"),
        (r",? (?:would|could|can|will) (?:you|u)(?: please)?\?+$", ""),
        (
            r"\b(?:in|of|from) (?:this|the|my|our|the current|current) (?:namespace|ns)\b(?! [\w-]*\d)(?! (?:called|named))",
            "here",
        ),
        (
            r"\b(?:need|want|show|get|see|print|give me|gimme|pull)\b(?: me)?(?: the)? last (\d+) (?:log )?lines? (?:of|from|for)(?: the)? ([\w/-]+(?:\.[\w-]+)*)(?: logs?)?",
            r"logs of \2 last \1 lines",
        ),
        (
            r"^(?:the )?last (\d+) (?:log )?lines? (?:of|from|for)(?: the)? ([\w/-]+(?:\.[\w-]+)*)(?: logs?)?",
            r"logs of \2 last \1 lines",
        ),
        (
            r"\b(?:what|which) (?:version|tag|release|image) of ([\w-]+) (?:are we on|are we running|do we run|is (?:running|deployed|live|out)|have we got|do we have)\b",
            r"which image does \1 use",
        ),
        (
            r"\b(?:what|which) (?:version|tag|release) (?:is|does) ([\w-]+) (?:on|at|running|run|using|use)\b",
            r"which image does \1 use",
        ),
    )
)
_STEPS = re.compile(r",? (?:and )?then (?=\w)", re.IGNORECASE)
_WHOLE_GATES = Gates(form.pattern for form, _ in _WHOLE)
_PLAINER = Rewordings(_ANYWHERE)
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


_SCALED = rf"(?P<name>(?!scale\b|to\b)[a-z][\w.-]*)(?: up| down)? (?:(?:to|at|=|->) )?{_N}(?: {_COPIES})?"
_EACH_SCALED = re.compile(_SCALED, re.IGNORECASE)
_PLAIN_SCALED = re.sub(r"\?P<\w+>", "?:", _SCALED)
_SEVERAL_SCALED = re.compile(
    rf"{_POLITE}(?:(?:set|scale|put|bring|change|take|get) |(?=\S+ (?:to|at|=|->) ))(?P<all>{_PLAIN_SCALED}(?:(?:, and|,| and| &|;) {_PLAIN_SCALED}){{1,5}})"
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
    for form, plain in (_WHOLE[at] for at in _WHOLE_GATES.open_for(text)):
        found = form.fullmatch(text)
        if found is not None:
            return found.expand(plain).strip()
    steps = _STEPS.split(text)
    if len(steps) > 1:
        return ", then ".join(reworded(step) for step in steps)
    return _PLAINER(text)


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
