"""Forms of words that have the last change or table otherwise, with what each asks for.

They stand in the order in which they are tried; what they make of the last turn is `corrections`' business.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from app.nlp.translator import corrections
from app.nlp.translator.frame import Frame
from app.nlp.translator.kubectl import Spoken
from app.nlp.translator.plan import Plan, Turn
from app.nlp.translator.references import last_spoken

_IT = r"(?:it|that|this|them|that one|this one|that node|the node)"


def corrected(frame: Frame) -> Plan | None:
    """The plan for what is said in one of these forms, else None."""
    last = last_spoken(frame.context)
    if last is None:
        return None
    text = " ".join(tag.low for tag in frame.tags if tag.words not in {",", ".", "!", "?", ";"}).strip()
    for form, make in _FORMS:
        found = form.fullmatch(text)
        plan = None if found is None else make(frame, *last, found)
        if plan is not None:
            return plan
    return None


_Make = Callable[[Frame, Turn, Spoken, re.Match[str]], Plan | None]
_FORMS: tuple[tuple[re.Pattern[str], _Make], ...] = tuple(
    (re.compile(form, re.IGNORECASE), make)
    for form, make in (
        (
            rf"(?:(?:we are |i am |all )?(?:done|finished|ready|over)(?: with (?:the )?\w+)? |(?:the )?(?:maintenance|patching|upgrade|work|repair|update) (?:is|was) (?:over|done|finished) )?(?:so |please )*"
            rf"(?:open|bring|put|let|take|get) {_IT}(?: back)?(?: up| in| into rotation| into service| online| pods)?(?: again| back| now)*",
            corrections.schedulable_again,
        ),
        (
            rf"(?:.*(?:maintenance|patching|upgrade|work|repair|disk|done|over|finished|fixed|replaced|ready) )?(?:so |please |now |ok )*"
            rf"(?:reopen|re-open|uncordon|unlock|enable|release|free) {_IT}(?: up)?(?: again| now| please)*",
            corrections.schedulable_again,
        ),
        (
            rf"(?:.* )?(?:please |now |ok |so |and |then )*(?:resume|continue|unpause|un-pause|unfreeze|carry on|go on|proceed|keep going|let {_IT} (?:go on|continue|run|roll|proceed|carry on|finish))"
            rf"(?: with)?(?: {_IT}| the rollout| rollout| rolling out| rolling)?(?: again| now| please| then)*",
            corrections.rolls_on,
        ),
        (
            rf"(?:no |nah |actually |wait |hmm |better |rather )*(?:make|set|put|change|raise|lower|bump) {_IT}(?: up| down)?(?: to)? (?P<value>[\w.]+)(?: instead| rather| please| then)*",
            corrections.other_amount,
        ),
        (
            rf"(?:please |now |ok |then )*(?:pause|hold|freeze|halt) (?:{_IT}|the rollout|that rollout)(?: there| now| for now| please)*",
            corrections.holds,
        ),
        (
            r"(?:no |nah |actually |rather |better )*(?:it|that|this) (?:should|must|ought to)(?: rather| better)? be (?P<value>\d[\w.]*)(?: instead| rather)*",
            corrections.other_amount,
        ),
        (
            r"(?:no |nah |actually |rather |better )*(?P<value>\d[\w.]*)(?: instead| rather| please| then)*",
            corrections.other_amount,
        ),
        (
            r"(?:no |oh |sorry |wait |actually )*(?:i (?:meant|mean) |do (?:it|that) )?(?:in |on |for )?(?:the )?(?P<space>[\w-]+)(?: namespace)?(?: and)? not (?:in |the )*[\w-]+(?: namespace)?",
            corrections.other_place,
        ),
        (
            r"(?:no |oh |sorry |wait |actually )*i (?:meant|mean) (?:in |on |for )?(?:the )?(?P<space>[\w-]+)(?: namespace)?",
            corrections.other_place,
        ),
        (
            r"(?:please |can you |now )*(?P<verb>delete|kill|remove|describe|restart|bounce) both(?: of (?:them|those|these)| pods| deployments)?(?: please)?",
            corrections.both,
        ),
        (
            rf"(?:and |so |ok )*how (?:does|do|is|are) (?:{_IT}|they|those|these|things)(?: look| looking| doing)? (?:in|on|for) .+",
            corrections.elsewhere,
        ),
        (
            r"(?:ok |please |then )*(?:go|roll|take it|put it|roll it|revert|bring it)(?: back)? to (?:the )?(?P<which>first|1st|oldest|second|2nd|third|3rd|last|latest|newest)(?: one| of (?:these|those|them)| corrections.revision)*",
            corrections.revision,
        ),
        (
            r"(?:and |now |ok |please )*(?:with |sort(?:ed)?(?: them| that| it)? |order(?:ed)?(?: them| that| it)? |put )*(?:by )?(?:the )?(?:most )?(?:number of )?restarts?(?: count)?(?: at the (?:end|bottom|top)| first| last)?",
            corrections.by_restarts,
        ),
        (
            r"(?:no |sorry |and |ok )*(?:i (?:meant|mean) )?(?:the |that )*(?:logs? (?:of|from) )?(?:the )?(?:previous|crashed|last|earlier|old|dead) (?:container|instance|run|one)(?: before that| before| before it crashed)?",
            corrections.previous,
        ),
        (
            r"(?:no |oh |sorry |wait |hang on |hold on |actually |hm |hmm )*i (?:meant|mean) (?:the )?[\w-]+(?: one)?(?: and)? not (?:the )?[\w-]+(?: one)?",
            corrections.meant_object,
        ),
        (
            r"(?:no |actually |rather )*(?:use |take |do )?(?:the )?[\w-]+(?: one)? (?:rather than|instead of) (?:the )?[\w-]+",
            corrections.meant_object,
        ),
        (
            r"(?:no |oh |oops |sorry |wait |hang on |hold on |actually |hm |hmm )*(?:i )?(?:meant|mean) .+",
            corrections.other_object,
        ),
        (
            r"(?:no |oh |sorry |wait |actually )*[\w-]+ (?:is what )?i (?:meant|mean)(?: and)? not [\w-]+",
            corrections.meant_object,
        ),
        (r"(?:no |oh |sorry |wait |actually |rather |better )*[\w-]+(?: and)? not [\w-]+", corrections.meant_object),
        (r"(?:no |oh |sorry |wait |actually )*not [\w-]+(?: but)?(?: the)? (?P<last>[\w-]+)", corrections.meant_object),
        (
            r"(?:and |now |please |can you |could you |also )*(?:add|show|include|with)(?: me)? (?:the )?(?:nodes?|ips?|node names?)(?: (?:they|it|those|these))?(?: runs?| are| is| run)?(?: on)?(?: too| as well)?",
            corrections.wide,
        ),
        (
            r"(?:and |now |please |can you |could you |only |just )*(?:limit|restrict|narrow|cut|reduce)(?: that| it| this| them)?(?: down)? to (?:the )?.+",
            corrections.since,
        ),
        (
            r"(?:and |now |then |ok |please |also )*(?:the )?(?P<which>first|second|third|last|next)(?: one)?(?: too| as well| please)*",
            corrections.nth,
        ),
        (
            r"(?:and |now |please |can you |could you |could i |can i |also |show |see |get |me |what about )*its (?P<kind>service|svc|hpa|autoscaler|ingress|endpoints|pdb|configmap|secret)(?: too| as well| please)*",
            corrections.its_kind,
        ),
        (
            r"(?:and |now |please |can you |could you |also )*(?:show|give)(?: me)? (?:that|this|it|them|the same) (?:for|in|on|from|across) .+",
            corrections.elsewhere,
        ),
        (
            r"(?:and |now |please |just |only )*(?:filter|grep|search)(?: (?:them|it|that|those|this))?(?: for| by| on)? '?(?P<match>[\w.-]+)'?",
            corrections.matching_lines,
        ),
        (
            r"(?:please |ok |then )*(?:go|roll|take|put|revert|switch|bring)(?: it| that)?(?: back)? to (?:revision|rev|version) (?P<revision>\d+)",
            corrections.to_revision,
        ),
        (
            r"(?:.*(?:maintenance|patching|upgrade|work|repair|done|over|finished).* )?(?:it|that node|the node|node) (?:can|may|should) (?:take|get|accept|run|have|receive)(?: new)? pods(?: again| now)*",
            corrections.schedulable_again,
        ),
        (
            r"(?:now |then |ok |please )*(?:clear|move|get|push|take) (?:everything|all(?: the)?(?: pods)?) off (?:of )?(?:it|that|there)(?: please| now)*",
            corrections.drained,
        ),
        (
            r"(?:and |now |ok |please )*(?P<n>one|two|three|\d+) more(?: on top(?: of (?:that|it))?| please| of (?:them|those|that))*",
            corrections.more,
        ),
        (
            r"(?:please |now |ok )*(?:take|get|pull|remove) (?:that|the|this) (?P<what>label|annotation|variable|env) (?:back )?off(?: again| please)*",
            corrections.mark_off,
        ),
        (r"(?:go|look) back (?:a bit |a little )?further(?: say)? .+", corrections.since),
        (
            r"(?:just |only |show |me )*(?:the )?(?P<match>errors?|warnings?|exceptions?)(?: out of| in| from| of)?(?: that| it| them| those)?",
            corrections.matching_lines,
        ),
        (
            r"(?:and |now |give me |show me |show |that |again |this |the same )+(?:with )(?:the )?nodes?(?: names?)?(?: showing| shown| as well| too)?",
            corrections.wide,
        ),
        (
            r"(?:so )?(?:what is|whats|what will|what would|what does) (?:that|this|it)(?: actually| really| exactly)?(?: going to)? (?P<diff>change|do)(?: exactly| then)?",
            corrections.decided,
        ),
        (
            r"(?:let me |can i |could i |i want to |i would like to )(?:see|check|have) (?:the )?(?P<diff>diff|difference|changes)(?: first| please)*",
            corrections.decided,
        ),
        (
            r"(?:and |now |please |can you |could you |also )*(?:show|give|list)(?: me)? .+ (?:too|as well|also)",
            corrections.there_too,
        ),
        (
            r"(?:stop|wait|halt|no|hold on)(?: please)? do not (?:do|run|execute|apply|touch) (?:it|that|this)(?: please)?",
            corrections.decided,
        ),
        (
            r"(?:before i (?:agree|confirm|say yes|decide) |first |wait )*(?:please )?(?:can you |could you )?(?:show|give)(?: me)? (?:the )?(?P<diff>diff|difference|changes)(?: first| please| again)*",
            corrections.decided,
        ),
        (
            r"(?:(?:it |that |this )?(?:looks?|sounds?) (?:good|fine|right|ok|okay|great)(?: to me)? |ok |okay |good |fine |great |perfect |nice |yes |please |then |so )*"
            r"(?:apply|execute|confirm|proceed|go ahead|go|send it|apply this|ship it|do it)(?: (?:it|that|this|the change))?(?: please| now| then)*",
            corrections.approved,
        ),
        (
            r"(?:wait |no |oh |oops |hm |hmm )*(?:stop|halt|abort|cancel|call it off|back off)\b.*",
            corrections.called_off,
        ),
        (r"(?:yes|yep|yeah|ok|go ahead|do it|confirm|proceed|approved|sure) .+", corrections.agreed),
        (
            r"(?:please |can you |ok |now )*(?:take|remove|drop|get) (?:that|the|this) (?P<what>label|annotation|variable|env)(?: var)?(?: off| away)?(?: again| please)*",
            corrections.mark_off,
        ),
        (
            r"(?:and |now |just |only |show |me |please )*(?:the )?lines (?:mentioning|with|containing|that (?:mention|contain|have|say)|about|that has) (?:the word |an? )?(?P<match>[\w.-]+)(?: in (?:them|it))?",
            corrections.matching_lines,
        ),
        (
            r"(?:and |so )*(?:which|what|who)(?: one)?(?: of (?:them|these|those))? (?:uses?|is using|are using|needs?|takes?|eats?|consumes?) (?:the )?most (?P<metric>cpu|memory|mem|ram)",
            corrections.usage_by,
        ),
        (
            r"(?:and |now |ok |please )*(?:sort(?:ed)?|order(?:ed)?|rank(?:ed)?)(?: them| that| it)?(?: by)? (?P<metric>cpu|memory|mem|ram|by cpu|by memory)(?: usage)?",
            corrections.usage_by,
        ),
        (
            r"(?:and |now |ok |just |only )*(?:the )?last (?P<count>\d+)(?: lines?)?(?: are| is)?(?: enough| only| will do| please)*",
            corrections.log_lines,
        ),
        (
            r"(?:and |ok |please |now )*(?:keep )?(?:following|follow|tailing|tail)(?: it| them| on| along)?",
            corrections.log_lines,
        ),
        (r"(?:and |now |also |ok )*(?:the )?other(?: one)?(?: too| as well| please)*", corrections.other_of_two),
        (
            r"(?:and |then |so |ok |please |now )*(?:delete|remove|drop|kill) (?:the |that |this )?(?:whole |entire |complete )(?P<kind>deployment|statefulset|daemonset|job|cronjob|service)",
            corrections.whole,
        ),
    )
)
