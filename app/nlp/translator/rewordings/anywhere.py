"""Forms of words that may stand anywhere in a text: looks, and words that mean the same; none asks for a change."""

from __future__ import annotations

import re
from typing import Final

from app.nlp.translator.gating import Rewordings

ANYWHERE: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
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
PLAINER: Final = Rewordings(ANYWHERE)
