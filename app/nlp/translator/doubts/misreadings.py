"""What is easily read as a change and is none, or another one: talk about changes, odd numbers, keys that are no keys.

Rows as in `wording`, and for some commands the words of which one has to be said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from app.nlp.translator.doubts.wording import (
    BOUNDED,
    DENIED,
    NOT_SURE,
    OTHER,
    PART_OF_IT,
    RELATIVE,
    TIMED,
    TOLD,
    Doubt,
    doubt,
)
from app.nlp.translator.intents.words import REMOVED

LATER: Final = "I can only do it now, and not later"
STEPS: Final = "I read a part of that only; say it one after another"
_CHANGE: Final = r"(?:restarts?|scaling|rollbacks?|drain(?:ing)?|deletion|removal|rollout|reboot|bounce|upgrade|cost|costs|yaml|reason|permission)"
_ABOUT: Final = (
    r"(?:announce|postpone|delay|defer|skip|abort|cancel|call off|prevent|avoid|watch|observe|monitor|track|time|measure|test|simulate|plan|prepare|propose"
    r"|document|log|record|review|discuss|schedule|confirm|verify|calculate|estimate|compute|explain|describe|understand|imagine|note|write|ask|wait with|approve)"
)
_ROLLS: Final = "rollout restart,rollout undo,rollout pause,rollout resume"

MISREAD: Final[tuple[Doubt, ...]] = (
    # Talk about a change.
    doubt(
        rf"^(?:(?:please|pls|now|then|and|so|ok|i want to|we want to|i would like to|let us|lets|can you|could you) )*{_ABOUT} (?:me )?(?:the|a|an|any|our|my|all)(?: \w+)? {_CHANGE}\b",
        NOT_SURE,
    ),
    doubt(r"^(?:i|we) (?:need|want|would like) (?:a |the |some )?(?:permission|reason|approval|plan|estimate)\b", NOT_SURE),
    doubt(r"^(?:please )?(?:ask|confirm|verify|remember|note|imagine|assume|let us assume|lets assume|suppose|write down|know)\b", NOT_SURE, unlike=r"\band\b|<setting>|[;,] ?(?:then|so|please)\b"),
    doubt(r"\b(?:your|any) (?:thoughts|opinion|take|views?) on\b|\bin my place\b", NOT_SURE),
    doubt(r"^(?:please )?(?:calculate|generate|estimate|compute|print|write|document|record)\b", NOT_SURE),
    doubt(r"^(?:daily|weekly|monthly|hourly|nightly|planned|scheduled|regular) (?:restart|reboot|drain|scaling)\b", TIMED),
    doubt(r"\b(?:tomorrow|daily|weekly|hourly|monthly|some day|at some point|once a (?:day|week|month)|every (?:hour|day|week|night|morning|<number>|<duration>))\b", TIMED, unlike=r"\b(?:until|till|for|by|before) (?:\w+ )?tomorrow\b|\bsince\b|\bso\b|\bplease\b"),
    doubt(r"^(?:in the event of|in case of|whenever|if|unless|when)\b", TIMED),
    doubt(r"\b(?:as needed|when ready|given that|on the hour|around (?:noon|midnight)|in the (?:next )?maintenance window|during (?:lunch|the night|the night)|next time|from \d\S* on|\d\d:\d\d ?- ?\d\d:\d\d)\b", TIMED),
    doubt(r"^(?:tomorrow|tonight|next (?:sprint|week|month))\b", LATER),
    doubt(r"\b(?:when|once|as soon as) (?:it|that|this|everything|traffic|load) (?:is|has|gets?)\b|\bonly if\b|\bat the end of\b", TIMED, unlike=r"\b(?:tell|show) (?:me|us)\b|\blet (?:me|us) know\b|\bwatch\b|\bwait\b"),
    doubt(r"\b(?:before|after) (?:restart|scal|delet|drain|roll|updat|remov|reboot)\w*ing\b", STEPS),
    doubt(r"^did (?:anybody|somebody|anyone|someone)\b", NOT_SURE),
    # Somebody else.
    doubt(r"^(?!i\b|we\b|you\b|it\b|<)(?:the )?\w+ (?:wants|recommends|suggests|plans|intends|expects|says|asks) (?:to \w+ |that |limits |<)", TOLD, unlike=r"\band\b|\bso\b"),
    doubt(r"\baccording to\b|\bi (?:read|heard|saw|gather)\b(?! the)|\b(?:says|said) (?!ok|okay|yes|go\b|so\b)\w+$", TOLD),
    doubt(r"\b(?:restarted|deleted|drained|scaled|removed|done|handled) by (?:the (?:operator|team|autoscaler|owner|scheduler|platform)|\w+$)(?<!by hand)(?<!by one)", TOLD),
    # Denied.
    doubt(r"\b(?:prevent|hardly|barely|scarcely|nobody (?:wants|asked)|no one (?:wants|asked)|ain't|seldom|rarely)\b", DENIED),
    doubt(r"^(?:please )?no <(?:image|number|setting)>", DENIED),
    doubt(r"\b(?:not|can't|cannot|n't) (?:be |run |go |stay |have |use )?(?:at |on |with |to )?<(?:number|image|bytes|size)>", DENIED, unlike=r"\bnot (?:more|less|fewer)\b|\bmore than\b", afresh=True),
    doubt(r"(?<![\w-])(?:<\w+>(?: to <number>)? not (?:necessary|needed)|(?:please|pls) (?:do not|dont|not)|neither|let us wait|lets wait|but wait)$|\bbut (?:let us|lets) wait\b|\bdo not roll it out\b", DENIED),
    doubt(r"(?:[,.(] ?|\b)(?:why|thoughts|any objections|objections|agreed|opinions?)\?", NOT_SURE),
    doubt(r"^(?:approve|ok|okay)\b.*\?$|\b(?:ok|okay|open|normal|right|correct)\?$", NOT_SURE, unlike=r"\b(?:can|could|would|will) (?:you|we|someone)\b|,(?:ok|okay|right)\?$"),
    # A status.
    doubt(r"^<node> (?:accepts|takes|gets|receives|hosts) (?:new )?pods(?: again)?$", TOLD, "uncordon"),
    doubt(
        r"(?:[(\[:=>-] ?|\b)(?:done|complete|completed|finished|failed|fails|failing|stuck|hangs|pending|rejected|successful|succeeded|worked|works|helped|postponed|forgotten|in progress|without effect|needs approval|was enough|is the plan|was discussed|on the list|in the backlog)"
        r"(?: (?:again|now|yesterday|by \w+|all green|thanks))*\W*$|^(?:restart|drain|rollback|scale|deploy|upgrade|update|delete|uncordon|label|set|limit)\b(?!.*\b(?:list|show|pods|node)\b).*\b(?:is|still|are) (?:running|active|pending|open|stuck)\b",
        TOLD,
        unlike=r"[,.;] ?(?!all |and |then )(?:<\w+>|[a-z']+) (?:\w+ )?(?:<\w+>|done|stuck|hangs|ok|failed|finished|pending|failing|complete)|said ok|^<\w+> (?:is |are )?(?:stuck|hangs|failing|pending)|\b(?:leave|list|show)\b|\b(?:until|till|when|tell me|let me know|wait|see|get)\b.*(?:done|complete|completed|finished)|\b(?:delete|remove|rm|del|kill|clean|restart|bounce|recycle|drop)\b.*\b(?:completed|failed|finished|stuck|pending)\b",
    ),
    doubt(r"\b(?:restart|drain|rollback|deletion|cordon|uncordon|rollout|upgrade|update|deploy|scale|delete|expose|label|image|limit) (?:of )?<\w+>[^,;]* (?:ok|helped|is wrong|looks fine|too low|running|hangs|approved by|requested by|rejected by|still active|does nothing|needs a maintenance)\b", TOLD),
    doubt(r"(?<![\w-])(?:<number> of <number> (?:ready|up|running)|<number> pods ?,? ?<number> (?:crash\w*|failing|pending)|since (?:the |a )?(?:sale|deploy|restart|yesterday|release)|right now$|on average|times out|not reachable|works well|as we speak)", TOLD, "scale,autoscale,expose,set env,set resources,rollout restart", unlike=r"\b(?:please|pls|should|make|raise|give|put|set)\b"),
    doubt(r"^(?:(?:incident|status) update|impact|news|fact|proposal|checklist|(?:capacity |rollout |the )?plan|stand-?up(?: \w+)?|changes? today|changed today|release notes|budget|hotfix is out|still (?:open|to do)|over to you|\w+ approved|current|config of|values\w*|replicas|error|helm|git|flux)\b ?[^,;]{0,14}(?::| <|(?:suspend|revert|rollback))", TOLD),
    doubt(r"^(?:forgot|remember|remind)\b|^(?:i|we) (?:can ?not|cannot|can't) get\b|\bwatch <\w+>|\byou will see\b|\bthat is what i would do\b|\baccidentally\b", TOLD),
    # Quoted.
    doubt(r"^(?:e\.?g\.?|for example|for instance|such as|i\.?e\.?)\b", TOLD),
    doubt(r"^(?:please )?(?:(?:pr|mr|commit|page|issue) title|review|repeat|read|quote|error|warning|plan|idea|the (?:alternative|workaround|plan|idea|fix|solution))\b[^:,;]{0,20}:", TOLD),
    doubt(r"^(?:<\w+>|pods?|deployments?|job) (?:<\w+> )?deleted$", TOLD),
    # What is to go is not set.
    doubt(r"\b(?:remove|unset|drop|rid of|delete|clean|turn off|no more|undo|revert|stop|disable|hold back|hold|must not get|roll back|lift|off)\b(?! to\b)[^,;.]*<(?:setting|image)>", OTHER, "set env,label,annotate,taint,set image", r"\b(?:to|with|use|on|onto|and) <image>|\b(?:set|put|add|instead)\b", puts=True),
    doubt(r"\b(?:remove|drop|lift|not have|undo|delete) (?:the )?<(?:bytes|size)>", OTHER, "set resources"),
    doubt(r"<(?:setting|image)> (?:on |from |for )?(?:<\w+> )?(?:can|may|should) (?:go|be removed|be dropped|disappear)", OTHER, "set env,label,annotate,taint,set image", puts=True),
    doubt(r"\b(?:it|them|that|this) from <", OTHER, "delete"),
    doubt(r"\b(?:move|copy)\b.*\bfrom\b.*\bto\b|\band (?:take|put) (?:it|them) (?:off|on) <", OTHER, "label,annotate,taint,set env"),
    doubt(r"\b(?:ditto|respectively|the others|and friends|incl|including canary|2x)\b", STEPS),
    doubt(r"\b(?:same|also|too|as well|repeat|do that) (?:please )?(?:in|on|for)? ?<cluster>|<cluster> (?:too|as well|also)\b", STEPS, unlike=r"\b(?:here|prod-eu)\b|<cluster>.*<cluster>", afresh=True),
    doubt(r"\b(?:the )?other (?:\w+ )?cluster\b|\bover there$", OTHER, afresh=True),
    doubt(r"\b(?:back|in)\b.*<node>.*\b(?:out|off|maintenance)\b|\b(?:out|off|maintenance)\b.*<node>.*\b(?:back|in service)\b", STEPS, "uncordon"),
    doubt(r"\bon\b.*\boff\b|\boff\b.*\bon <|\bon and <", STEPS, "scale", r"\b(?:turn|switch)\w* (?:it |them |<\w+> )?off\b(?!.*\bturn|.*\bswitch)(?!.*<\w+>.*<\w+>)"),
    doubt(r"\b(?:schedule|to \d|am|pm)\b", OTHER, "patch", r"\b(?:suspend|pause|stop|off|resume|hold|max|min|maximum|minimum|again|rest|run)\w*\b"),
    doubt(r"\b(?:power|switch|turn|shut)\w* (?:off|down) <node>|\b(?:power|switch|turn|shut)\w* <node> (?:off|down)", OTHER, "drain,cordon"),
    doubt(r"\bto (?:twice|double|half)(?: of| that of)? <", RELATIVE, "scale"),
    doubt(r"\b(?:one|version|revision|state|it was|was) (?:from |of |on )?(?:yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|last week)\b", RELATIVE, "rollout undo"),
    doubt(r"\b(?:max|min)\w* from <number> to <number>", OTHER, "autoscale"),
    doubt(r"\bby one and <\w+> by (?:one|two|<number>)", RELATIVE, "rollout undo"),
    # Odd numbers.
    doubt(r"\b(?:factor|squared|per (?:node|<node>|pod|zone)|as many as|each node|times <number>|on a scale of)\b", RELATIVE, "scale"),
    doubt(r"<number> [+*/-] <number>|\b(?:double|half|twice) (?:of|that of|as many as) <", RELATIVE, "scale"),
    doubt(r"\bhundred and\b", RELATIVE, "scale,autoscale"),
    doubt(r"<workload>.*\b(?:more|less|fewer|extra)\b.*<workload>.*\b(?:more|less|fewer|extra)\b", RELATIVE, "scale"),
    doubt(r"\b(?:add|remove|up|by|more|fewer|less)\b.*<number>.*<workload>.*\band\b.*<number>.*<workload>|\b(?:up|down|by) <number> and <workload> <number>", RELATIVE, "scale"),
    doubt(r"^(?:less|fewer) <workload>$|^<workload> <workload>|(?:^| )<number> <number>|^<number> .*<workload>$(?<!pods of <workload>)", BOUNDED, "scale", r"\b(?:scale|more|pods|replicas|copies|instances|of|for|to|on|each|both|all)\b"),
    doubt(r"^(?:http|chapter|room|page|lane|hotel|table|level|week|day|step|version) ", OTHER, "scale"),
    doubt(r"<number> ok\b|\bno more than <number>$", BOUNDED, "scale,set resources", r"\bcpus?\b|\bcores?\b"),
    doubt(r"\b(?:increase|grow|shrink|resize|more|bigger|larger|<bytes>|needs) (?:the |its )?(?:<\w+> )?(?:disk|storage|volume|ssd)\b|\b(?:disk|storage|volume) of\b", OTHER, "set resources,scale"),
    doubt(r"\b(?:sidecar|init container|init-container)\b", OTHER, "set image,rollout restart"),
    doubt(r"<number> and <number>", STEPS, "expose,autoscale", r"\bbetween\b|\bbtw\b|\bpods|replicas\b"),
    doubt(r"\bclose\b", OTHER, "expose"),
    doubt(r"\b(?:update|change|move|switch|add)\b.*\bport\b", OTHER, "expose", r"\bexpose\b"),
    doubt(r"\btwice\b|<number> times\b", BOUNDED, "create", unlike=r"\breplicas?\b|\bcopies\b|\bpods\b"),
    doubt(r"\b(?:no|not) (?:more|less|fewer) than <number>", BOUNDED, "scale"),
    doubt(r"\b(?:no|not) (?:more|less|fewer) than <number> <workload>", BOUNDED, "set resources"),
    doubt(r"<\w+> (?:needs?|requires?|wants?|gets?) (?:nothing|no (?:more|other|further|changes?))(?: (?:more|else|from (?:us|you)|for now|now))*$", DENIED),
    # Parts of it.
    doubt(r"\b(?:except|but not|but keep|without) (?:the |its |their |for )?(?:first|last|one|other|pods|replicas|rest|<number>)", PART_OF_IT, f"delete,scale,{_ROLLS}"),
    doubt(r"\b(?:every second|every other|every third|some of the|most of the|first two|first <number>|last <number>) ", PART_OF_IT, f"delete,scale,{_ROLLS}", r"\bscale\b.*\bhalf\b"),
    doubt(r"\bhere\b.*\bthere\b|\b(?:and |then )here$|\bthen here\b|<namespace> and <namespace>", STEPS),
    doubt(r"\b(?:labels|annotations|taints|variables|vars|envs?) (?!of\b|from\b|on\b|in\b)\S+ (?:and|,) (?!with\b|on\b|restart\b|set\b)\S+", STEPS, "label,annotate,taint,set env", r"<setting>"),
    doubt(r"^(?:create|make|add|new)\b.*\bnamespaces? \S+ (?:and|,) (?!with|for|then|a\b)\S+", STEPS, "create"),
    doubt(r"\bconfigmaps?\b.*\band (?:a |the |another )?configmaps?\b", STEPS, "create"),
    doubt(r"\b(?:back ?up|snapshot|rerun|re-run|reschedule)\b", STEPS, "delete,rollout restart,rollout undo,patch"),
    doubt(r"\bgrace period\b|\btime ?out\b|\b(?:with|by) force\b|\bpdb\b|\bincluding daemonsets\b|--\w", STEPS, "drain"),
    doubt(r"\bfrom outside\b|\bas (?!a\b|the\b|service\b)[\w-]+", STEPS, "expose", r"\bas (?:soon|well|discussed|agreed|usual)\b|\bas (?:a )?(?:nodeport|loadbalancer|clusterip)"),
    doubt(r"\b(?:between pods|on another node|the old image|any of|one of <|some of)\b", STEPS, "rollout restart,scale"),
    doubt(r"\bleave the pods\b|^force |\bwith force\b|\bforce delete\b", STEPS, "delete"),
    doubt(r"\b(?:deployments?|services?|configmaps?|ingress(?:es)?|cronjobs?|jobs?|secrets?|horizontalpodautoscalers?)(?: <\w+>)? (?:and|with|plus) (?:with it )?(?:the |its |a |both )*(?:deployments?|services?|configmaps?|ingress(?:es)?|secrets?|horizontalpodautoscalers?)\b", STEPS, "delete", r"\bsame\b"),
    # Figures of speech, and words that nobody puts so.
    doubt(r"^<(?:workload|pod|node|job|object)> (?:the (?:restart|drain|deletion|rollback)|(?:restart|drain|delete|cordon) <\w+>)$", OTHER),
    doubt(r"\bmy resume\b|\bproceed to\b|\bkill two birds\b|\broll the dice\b|\bmy patience\b|\bcheese\b|\bkeep off\b", OTHER),
    doubt(r"\b(?:swap|switch|replace|exchange|split) <workload> (?:and|by|with|in) (?:<workload>|<number>|two)", OTHER),
)  # fmt: skip
"""What makes a change doubtful, in no order that matters; a row a line."""

CUES: Final[Mapping[str, re.Pattern[str]]] = {
    "delete": re.compile(
        r"\b(?:delet|remov|drop|kill|destroy|scrap|bin\b|ditch|nuk|axe|trash|toss|chuck|purg|retir|dispos|dispens|rid\b|throw|thrown|clear|clean"
        r"|tak\w+ |tear|torn|tidi|go\b|gone\b|goes\b|vanish|disappear|need|longer|any ?more|use\b|useless|obsolete|rm\b|del\b|lose|wip|eras|terminat|evict|replac"
        r"|recreat|undeploy|uninstall|cease|want|over\b|finish|zap|smash|shoot|reap|force|put |bye|sack|dump|eliminat|decommission|cull|get |sweep|pull|yank|flush|spare|leave|part|history|purpose|superfluous|unnecessary|exist|boot|chop|cut|fire|let|cycl|recycl|restart|bounc|kick)",
    ),
    "drain": re.compile(
        r"\b(?:drain|empt|evacuat|clear|mov|free|off\b|away|vacat|evict|rid\b|leav|left|gone|elsewhere|relocat|shift|without|no (?:pods|work)|nothing|push|kick|out\b|pods|workloads?|work\b|everything)",
    ),
    "delete job": re.compile(
        r"\b(?:delet|remov|drop|kill|destroy|scrap|bin\b|ditch|nuk|axe|trash|toss|chuck|purg|retir|rid\b|throw|thrown|clear|clean|tak\w+ |gone\b|go\b|longer|any ?more|obsolete|rm\b|del\b|wip|eras|need|want|tidi|superfluous|disappear|exist|over\b|done|finish|served|sweep|zap|away|out\b)"
    ),
    "rollout resume": re.compile(
        r"\b(?:resum|continu|unpaus|un-paus|carry|proceed|go(?:ing)? (?:on|ahead|forward)|keep going|move on|forward|rest\b|hold|held|paus|halt|frozen|freez|stopp|rollout|roll-out|release|finish)"
    ),
    "create serviceaccount": re.compile(
        r"\b(?:creat|new|mak|need|add|set up|give|want|have|call|nam|get|should|require|introduc|requir|like|lack)"
    ),
    "rollout restart": re.compile(
        r"restart|bounc|reboot|cycl|launch|start|kick|fresh|again|renew|refresh|roll|replac|turn|off and|redeploy|revive|new (?:pods|ones|copies|set)|anew|rollover|reload|flush|reset|respawn|recreat|same|too\b|likewise|do "
    ),
}
"""Words of which one is said by everybody who wants a command of this verb."""

TAKES_OFF: Final = re.compile(
    rf"\b{REMOVED}|\b(?:not|never|without|unset|unlabel|rm|del|nix|kill|nuke|lose|-$|stop|gone|get|take|no |(?:can|may|should|has to|must) go)\b|-(?:\s|$)"
)
"""What is said by everybody who wants a label, a variable or the like taken off."""
NO_KEY: Final = re.compile(
    r"\s(?:taints?|labels?|removed?|all|every|env|variables?|annotations?|file|the|any|its?|from|and)-(?:\s|$)"
)
"""Keys that are none: words of the request itself."""
