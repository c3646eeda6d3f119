"""The sorts of changes that people want, each with what tells it in a clause.

An image and a workload, a node and pods that may not come: a change is named here as a plain request, which the rules read
and check like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from app.nlp.translator.intents.intent import Intent
from app.nlp.translator.intents.keys import kind_of_name, marked, variable_of
from app.nlp.translator.intents.said import Clause
from app.nlp.translator.intents.values import (
    autoscaled,
    bound_of,
    exposed,
    image_of,
    resources_of,
    rolled_back,
    scaled_down,
    scaled_to,
    scaled_up,
)
from app.nlp.translator.intents.words import A_NUMBER, COPIES, NAMED

_NO_COPIES = re.compile(
    r"\bnever\b|\b(?:must|should|may|can) not\b|\b(?:percent|%|port|more than|revisions?|minutes?|(?<!this )hours?|seconds?|lines?|cpu|cores?|memory|ram|gigs?|gb|mb|gi|mi|limits?|requests?|millicores|itself|automatically"
    r"|autoscal\w+|between|horizontalpodautoscalers|<duration>|label\w*|annotat\w+|taint\w*|env|variables?|jobs?|logs?|events|describe|show|list|create|called|named)\b|<(?:image|setting|key|bytes|size|duration)>"
)


def _said(form: str) -> Callable[[Clause, re.Match[str], str], str | None]:
    return lambda clause, _, name: form.format(name=name, kind=kind_of_name(clause))


def _cue(*forms: str) -> re.Pattern[str]:
    """Any of some forms, none of which begins or ends within a word."""
    return re.compile("|".join(rf"(?<![\w-])(?:{form})(?![\w-])" for form in forms))


_OF_WORKLOADS = frozenset({"<workload>"})
_OF_NODES = frozenset({"<node>"})


_OF_CRONJOBS = frozenset({"<cronjob>"})
_NEVER_PODS = (
    r"(?:no|nothing|not|never|stop|block|without|keep|prevent|any)\b.*\b(?:new|further|more|additional|other|else|pods|work\w*|things?|stuff|anything|nothing)?\b.*"
    r"\b(?:schedul\w+|plac\w+|put|land\w*|accept\w*|tak(?:e|es|ing|en)|receiv\w+|get(?:s|ting)?|com(?:e|ing)|go(?:ing)?|start\w*|assign\w*|sent|send|host\w*)\b"
)
_OPEN_AGAIN = (
    r"(?:accept|take|receive|host|run|get|have|see|schedul\w+|land|placed|used?|put|schedulable|available|open(?:ed)?|join|rejoin|welcome|carry|brought|bring|put|back in|return\w*)\b.*"
    r"\b(?:pods|work\w*|service|rotation|use|again|traffic|scheduling|business|load|jobs|back|more|the pool)\b"
)
_CARRY_ON = r"(?:continue|proceed|go on(?= with)|go ahead|carry on|resume[ds]?|unpause[ds]?|un-pause[ds]?|keep going|move on|go forward)"
_HOLD = (
    r"(?:pause[ds]?|halt(?:ed)?|hold(?: on)?|held|on hold|stopp?(?:ed)?|frozen?|freeze|put on ice|wait|suspend(?:ed)?)"
)
INTENTS: Final[tuple[Intent, ...]] = (
    Intent(
        _cue(
            rf"(?P<most>(?:up to|max\w*(?: of| to)?|at most|upper bound(?: of| to)?|ceiling(?: of| to)?|most|go to) (?P<n>{A_NUMBER}))",
            rf"(?P<least>(?:at least|min\w*(?: of| to)?|lower bound(?: of| to)?|floor(?: of| to)?|least|below|under) (?P<n2>{A_NUMBER}))",
        ),
        _OF_WORKLOADS | {"<object>"},
        bound_of,
        re.compile(r"^(?!.*\bhorizontalpodautoscalers\b)|\b(?:show|list|delete|remove|describe|which|what|create)\b"),
    ),
    Intent(
        _cue(
            r"autoscal\w+",
            r"(?:scales?|grow\w*|size|adjusts?) (?:by )?(?:itself|automatically|on its own)",
            r"\bhpa\b",
            rf"between {A_NUMBER} and {A_NUMBER} {COPIES}",
            rf"{A_NUMBER} (?:to|-|and|up to) {A_NUMBER}.*(?:percent|%|cpu)",
            r"automatically|by itself|on its own",
        ),
        _OF_WORKLOADS,
        autoscaled,
        re.compile(r"\b(?:show|list|delete|remove|describe)\b"),
    ),
    Intent(
        _cue("<image>"),
        _OF_WORKLOADS,
        image_of,
        re.compile(
            r"\b(?:create|called|named|new (?:deployment|pod)|start a|run a|which|use[ds]? by)\b|<(?:setting|key)>"
        ),
    ),
    Intent(
        _cue(
            "<bytes>",
            "<size>",
            r"\b(?:cpus?|cores?|memory|ram|gigs?|megs?|gibibytes?|mebibytes?|gigabytes?|megabytes?|millicores?)\b",
        ),
        _OF_WORKLOADS,
        resources_of,
        re.compile(r"\b(?:top|usage|using|sort\w*|percent|%|show|list|consum\w+|autoscal\w+)\b"),
        denies=True,
    ),
    Intent(
        _cue(r"(?:labell?ed|labels?|tag(?:ged)?)"),
        NAMED,
        marked("label", "label"),
        re.compile(r"\b(?:show|list|with label|with the label|which|annotat\w+|select\w*)\b"),
    ),
    Intent(_cue(r"annotat\w+"), NAMED, marked("annotate", "annotation"), re.compile(r"\b(?:show|list|which)\b")),
    Intent(
        _cue(r"taint(?:ed|s)?|untaint", "<setting>"),
        _OF_NODES,
        marked("taint", "taint"),
        re.compile(r"\b(?:show|list|which|label\w*)\b"),
    ),
    Intent(
        _cue(
            r"(?:env\w*|variables?|vars?)\b",
            "<key>",
            "<setting>",
            r"\b(?:set|flip|put|turn|switch|change|make|have|with|drop|remove|unset|no longer)\b",
        ),
        _OF_WORKLOADS,
        variable_of,
        re.compile(
            r"\b(?:show|list|which|label\w*|annotat\w+|configmaps?|config map|secrets?|create|logs?|lines?|grep|error)\b"
        ),
    ),
    Intent(
        _cue(r"expos\w+", r"\bservices?\b.*\bport\b", r"\bport\b.*\bservices?\b", r"\bservice in front\b"),
        _OF_WORKLOADS,
        exposed,
        re.compile(r"\b(?:show|list|which|forward\w*|delete|remove)\b"),
    ),
    Intent(
        _cue(
            rf"(?P<n>{A_NUMBER}) (?:\w+ )?(?:more|additional|extra|further)\b(?: {COPIES})?",
            rf"\bone (?:more|additional|extra|further)\b(?: {COPIES})?",
            rf"(?:another|an extra|an additional|a further) (?P<n4>{A_NUMBER})",
            rf"(?:another|an extra|an additional|a further)(?: {COPIES})?",
            rf"(?:up|by|plus|add\w*|\+) (?P<n2>{A_NUMBER})(?: {COPIES})? (?:more|on top|extra)",
            rf"(?P<n3>{A_NUMBER})(?: <workload>)?(?: {COPIES})? (?:more|on top|extra|additional)",
        ),
        _OF_WORKLOADS,
        scaled_up,
        _NO_COPIES,
    ),
    Intent(
        _cue(
            rf"(?P<n>{A_NUMBER})(?: <workload>)?(?: {COPIES})? (?:fewer|less)\b(?: {COPIES})?",
            rf"(?:take|remove|drop|knock|shave|cut|lose|kill|spare) (?P<n2>{A_NUMBER})(?: of (?:the|its)(?: {A_NUMBER})?)?(?: <workload>)?(?: {COPIES})? ?(?:away|off|out|from|of)?",
            rf"\bone (?:less|fewer)\b(?: {COPIES})?|{COPIES} (?:less|fewer)\b",
            rf"one of (?:the|its|our) (?:{A_NUMBER} )?(?:<workload> )?(?:{COPIES} )?(?:can|could|may) (?:be (?:spared|dispensed with|given up|cut|removed)|go)",
            rf"(?P<n3>{A_NUMBER}) (?:of the (?:{A_NUMBER} )?)?(?:<workload> )?(?:{COPIES} )?(?:can|could|may) be (?:spared|dispensed with|given up|cut)",
        ),
        _OF_WORKLOADS,
        scaled_down,
        re.compile(_NO_COPIES.pattern + rf"|\bto {A_NUMBER}"),
    ),
    Intent(
        _cue(r"twice (?:as many|as much|the|its)?", r"\bdoubled?\b", r"two times"),
        _OF_WORKLOADS,
        _said("double {name}"),
        _NO_COPIES,
    ),
    Intent(
        _cue(r"half (?:as many|the|of|its)", r"\bhalved?\b"), _OF_WORKLOADS, _said("scale {name} by half"), _NO_COPIES
    ),
    Intent(_cue(r"three times|thrice|\btripled?\b"), _OF_WORKLOADS, _said("triple {name}"), _NO_COPIES),
    Intent(
        _cue(r"\brev(?:ision)?s?(?: number)? <number>"),
        _OF_WORKLOADS,
        rolled_back,
        re.compile(r"\b(?:show|list|history|what|which|changed|differ\w*|compare|details?|describe)\b"),
    ),
    Intent(
        _cue(
            r"(?:roll|rolled|rolling|go|going|put|take|taken|brought|bring|move|moved|set|switch|switched|get|have|return|returned|revert|reverted|restored?)\b.*\bback\b",
            r"\brollback\b|\brevert\w*\b|\bundo(?:ne)?\b|\broll(?:ed)? back\b",
            r"(?:previous|earlier|prior|former|preceding|older?|last (?:good|working|stable|known good)|known good)(?: \w+)? (?:version|release|image|revision|state|build|rollout|one|code|deployment)",
            r"(?:version|release|image|state|one|build|code|revision)(?: of <workload>)? (?:that |which |from )?(?:ran |was |we had |they had |it had |was there |was live |used to run )?before",
            r"predecessor|(?:as|how|where|what|the way) it was|the one before",
        ),
        _OF_WORKLOADS,
        rolled_back,
        re.compile(
            rf"<image>|<node>|<bytes>|\b(?:show|list|history|logs?|what|which|scale\w*|{COPIES}|to <number>|versions|uncordon|diff|compare|previous container|restart)\b"
        ),
    ),
    Intent(
        _cue(_CARRY_ON),
        _OF_WORKLOADS,
        _said("resume the rollout of {name}"),
        re.compile(r"\b(?:logs?|restart)\b"),
    ),
    Intent(
        _cue(
            rf"(?:rollout|roll-out|rolling out|release|update)\b.*\b{_HOLD}\b",
            rf"\b{_HOLD}\b.*\b(?:rollout|roll-out)\b",
        ),
        _OF_WORKLOADS,
        _said("pause the rollout of {name}"),
        re.compile(r"\b(?:resume|continue|unpause|go on|delete)\b"),
    ),
    Intent(
        _cue(
            r"\brestart\b|(?<!it )(?<!they )(?<!was )(?<!were )(?<!has )(?<!got )(?<!just )restarted|\bbounced?\b|\breboot(?:ed)?\b|\brecycled?\b|\bcycled?\b|relaunch(?:ed)?|\bpower cycled?\b|rolling restart",
            r"\bkick(?:ed)?\b(?! off)|\bstart(?:ed)? (?:anew|afresh|over|again|fresh|from scratch)|fresh (?:start|pods|ones|copies|set)|new start",
            r"replaced? (?:by|with|for) (?:(?:a|an|some|brand) )?(?:fresh|new)(?: \w+)?",
            r"turn(?:ed)? (?:it |<workload> )?off and (?:back )?on",
            r"\broll (?:the |all )?(?:\S+ ){0,3}(?:pods|over|once)\b",
        ),
        _OF_WORKLOADS,
        _said("restart {name}"),
        re.compile(r"\b(?:policy|count\w*|logs?|output|why|times|previous|who|undo|which|list|show|(?<!<)number)\b"),
    ),
    Intent(
        _cue(
            rf"\bno (?:single )?(?:{COPIES})\b|\bnot (?:have|need|run|keep)?(?: a| any)?(?: single| {A_NUMBER})? {COPIES}",
            r"(?:down )?to (?:zero|nothing|none|nil)|at (?:zero|nothing|none)|on ice|to sleep|\bparked?\b|\bidled?\b|at rest",
            r"(?:stop|shut|turn|switch|power|spin|wind)(?:ped|ned|ed)?\b(?: \S+){0,4} (?:off|down)\b",
            r"stop running|stopped(?: altogether| completely| entirely)?$|not (?:be )?run(?:ning)?(?: any more| any longer| at all| for now)?|(?:stop|halt) <workload>(?: deployments)?$",
        ),
        _OF_WORKLOADS,
        _said("scale {name} to 0"),
        re.compile(
            r"\b(?:never|not) (?:go|be scaled|drop|fall|come)\b|\b(?:logs?|rollout|schedul\w+|cronjobs?|delete|remove|node|getting|take|back on|off and)\b"
        ),
    ),
    Intent(
        _cue(
            rf"(?P<n>{A_NUMBER}) (?:\w+ )?{COPIES}\b",
            rf"(?:to|at|on|with|have|be|run|=|down to|up to|make it|need|get|gets|wants?|on a|of) (?:just |only |exactly |about |now |all |a )?(?P<n2>{A_NUMBER})(?: of (?:it|them|those))?(?! <)",
            rf"(?P<n3>{A_NUMBER}) <workload>",
            rf"(?P<one>\ba (?:single|sole|lone) {COPIES}|\bjust a {COPIES})",
            r"(?P<two>\ba (?:pair|couple)(?: of)?)",
            rf"{COPIES} <number>",
            rf"(?P<n5>{A_NUMBER})(?: one)? (?:would|will) (?:be (?:enough|plenty|fine|sufficient|ok|okay|good)|do|suffice)",
            rf"(?P<n4>{A_NUMBER}) of (?:it|them|those|these)",
        ),
        _OF_WORKLOADS,
        scaled_to,
        _NO_COPIES,
    ),
    # nodes
    Intent(
        _cue(
            r"(?:empty|emptied|emptying|evacuated?|drain(?:ed)?|cleared?|vacated?|freed? (?:of|up)|free of|rid of)(?: of| out)?(?: (?:all |its |every |any |the )*(?:pods|work\w*|everything))?",
            r"(?:all|every|everything|pods|work\w*|stuff|things)\b.*\b(?:move[ds]?|go(?:ne)?|take[n]?|leave|evicted?|relocated?|shift(?:ed)?|push(?:ed)?|kick(?:ed)?|get|off)\b.*\b(?:off|away|elsewhere|somewhere else|other nodes|another node|from)\b",
            r"(?:move|take|evict|relocate|shift|push|kick|get|clear|throw)\b.*\b(?:all|every|everything|pods|work\w*|stuff)\b.*\b(?:off|away|elsewhere|from|out)\b",
        ),
        _OF_NODES,
        _said("drain {name}"),
        re.compile(r"\b(?:uncordon|again|back|no longer|not|label\w*|taint\w*|<setting>)\b"),
        loses=True,
    ),
    Intent(
        _cue(
            _NEVER_PODS,
            r"\bcordon(?:ed)?\b(?: off)?",
            r"(?:close|closed|block|blocked|off[- ]limits|quarantine[d]?|unschedulable|out of (?:rotation|service|the pool))\b",
        ),
        _OF_NODES,
        _said("cordon {name}"),
        denies=True,
        unlike=re.compile(
            r"\b(?:uncordon|lift\w*|taint\w*|label\w*|delete|show|list|logs?|drain\w*|move[ds]? (?:off|away)|empt\w+|evacuat\w+)\b"
        ),
    ),
    Intent(
        _cue(_OPEN_AGAIN, r"\buncordon(?:ed)?\b", r"schedulable(?: again)?", r"(?:lift|take)\b.*\bcordon\b"),
        _OF_NODES,
        _said("uncordon {name}"),
        re.compile(r"\b(?:not|no|never|nothing|taint\w*|label\w*|stop|delete|show|list|logs?|drain\w*|without|off)\b"),
    ),
    # cronjobs
    Intent(
        _cue(
            r"(?:not|never|no longer) (?:be )?(?:run|running|start(?:ed)?|fired?|executed?|kick(?:ed)? off|launch(?:ed)?|trigger(?:ed)?)(?: any ?more| any longer| again)?"
        ),
        _OF_CRONJOBS,
        _said("suspend cronjob {name}"),
        denies=True,
    ),
    Intent(
        _cue(
            r"(?:suspend|paus|halt|stopp?|disabl|switch|turn|skip|hold|freez|mut|park)(?:e|ed|d|ped|ing)?\b(?:.*\b(?:off|on hold|running))?|on hold|on ice",
        ),
        _OF_CRONJOBS,
        _said("suspend cronjob {name}"),
        re.compile(
            r"\b(?:resume[ds]?|again|unsuspend\w*|back on|logs?|was|un-?pause[ds]?|no longer (?:be )?suspended)\b"
        ),
    ),
    Intent(
        _cue(
            r"\bresume[ds]?\b|unsuspend(?:ed)?|un-?pause[ds]?|re-?enabled?|back on|(?:run|start|fire|on schedule|normal schedule)\b.*\bagain|no longer (?:be )?(?:suspended|paused)|reactivated?|(?:switch|turn)(?:ed)? (?:\S+ )?on\b"
        ),
        _OF_CRONJOBS,
        _said("resume cronjob {name}"),
        re.compile(r"\b(?:logs?|now|by hand|manually|once)\b"),
    ),
    # what goes away
    Intent(
        _cue(
            r"(?:delete[ds]?|del|rm|remove[ds]?|dropp?(?:ed)?|scrapp?(?:ed)?|bin(?:ned)?|ditch(?:ed)?|kill(?:ed)?|nuke[ds]?|axe[ds]?|trash(?:ed)?|toss(?:ed)?|chuck(?:ed)?|purge[ds]?|retired?|dispose[ds]? of|dispensed? with|get rid of|got rid of|rid of)(?: (?:entirely|completely|altogether|for good))?",
            r"(?:thrown?|clear(?:ed)?|clean(?:ed)?|taken?|torn|tear|take|tidied|tidy) (?:\S+ )?(?:away|out|up|down)(?: (?:entirely|completely|altogether|for good))?",
            r"(?:can|may|should|must|has to|needs to|ought to) (?:now |safely |finally |just )?(?:go|disappear|vanish|be gone)(?: away)?\b",
            r"(?:no (?:more |further |longer any )?(?:need|use) for|no longer (?:needed|required|necessary|wanted|in use|has to hang around|has to hang around here|needs to hang around)|not (?:needed|required|wanted) (?:any ?more|any longer))",
        ),
        NAMED - {"<node>"},
        _said("delete {kind}{name}"),
        re.compile(
            r"\b(?:load|balancer|rotation|traffic|selector|labels?|annotations?|taints?|env\w*|variables?|replicas?|from (?:the|its)|not|never|logs?|limits?|requests?|all|every|everything|copies|instances)\b|<(?:key|setting|number)>"
        ),
        loses=True,
    ),
)
