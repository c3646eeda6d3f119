"""The forms of words, each with what is made of it; the first that fits counts."""

from __future__ import annotations

import re
from typing import Final

from app.nlp.translator.gating import Gates
from app.nlp.translator.templates import configuring, creating, forms_further, reading
from app.nlp.translator.templates.wording import Make

_O = r"(?P<object>.+?)"
_PAIR = r"[A-Za-z0-9][\w./-]*=[\w.:/-]*"
_PAIRS = rf"(?P<pairs>{_PAIR}(?:(?:,| and| &)? {_PAIR})*)"
_NOTE = r"(?P<pairs>[A-Za-z0-9][\w./-]*=\S+)"
_KEY = r"(?P<key>[A-Za-z0-9][\w./-]*)"
_UPPER = r"(?P<key>(?-i:[A-Z][A-Z0-9_]*_[A-Z0-9_]*|[A-Z][A-Z0-9]{2,}))"
_ENV = r"env(?:ironment)?(?: ?var(?:iable)?s?)?"
_TO = r"(?:to|on|onto|for|in|of|at)"
_OFF = r"(?:from|off|off of|on|of|in)"
_PUT = r"(?:put|stick|add|set|attach|slap|apply|give|need|want|have|use|make|define|export)"
_TAKE = r"(?:remove|rm|del|drop|delete|strip|take|clear|unset|get rid of|kill|lose)"
_METRIC = r"(?P<metric>memory|mem|ram|cpu)"
_METRIC_2 = r"(?P<metric2>memory|mem|ram|cpu)"
_AMOUNT = r"(?P<amount>\d[\d.]* ?(?!memory|mem|ram|cpu)[A-Za-z]*)"
_AMOUNT_2 = r"(?P<amount2>\d[\d.]* ?(?!memory|mem|ram|cpu)[A-Za-z]*)"
_WHICH = r"(?P<which>limits?|requests?)"
_CHANGE = (
    r"(?:raise|set|bump|increase|up|lower|reduce|decrease|change|cut|drop|limit|cap|put|make|give|adjust)(?: up| down)?"
)
_WHAT_OF = rf"{_METRIC} (?:{_WHICH} )?"
_AMOUNTS = rf"{_AMOUNT} (?:of )?{_METRIC}(?: (?P<which2>limits?|requests?))?(?:(?: and| with|,)? {_AMOUNT_2} (?:of )?{_METRIC_2})?"
_NEW = r"(?:create|make|spin up|start|launch|add|set up|deploy|run|bring up|give|need|want|stand up|new)(?: new)?"
_CALLED = r"(?: ?(?:called|named|name|with name|by name of|as))? "
_FRESH = r"(?P<name>[A-Za-z0-9][\w.-]*)"
_IMAGE = r"(?P<image>[a-z0-9][\w./:@-]*)"
_FULL_IMAGE = r"(?P<image>[a-z0-9][\w./-]*(?::\d+/[\w./-]+)?(?::[\w.-]+|@sha256:[0-9a-f]{64}))"
_REPLICAS = r"(?:(?: with| and)? (?P<replicas>\d+) (?:replicas?|pods?|instances?|copies))?"
_FROM = r"(?:from|with|using|of|running|on|based on|(?:that|which) (?:runs|uses))(?: image)?"
_NOW = r"(?: now| manually| once| right now| immediately| again| by hand)*"
_HERE = r"(?P<place> (?:in|on) .+)?"

_MARKING: tuple[tuple[str, Make], ...] = (
    (rf"(?:{_PUT} )?(?:labels?|tags?) {_PAIRS} {_TO} {_O}", configuring.label),
    (rf"(?:{_PUT} )?{_PAIRS} (?:as )?(?:labels?|tags?) {_TO} {_O}", configuring.label),
    (rf"(?:label|tag) {_O}(?: with| as)?(?: labels?)? {_PAIRS}", configuring.label),
    (rf"(?:{_PUT} )?{_O} (?:labels?|tags?) {_PAIRS}", configuring.label),
    (rf"(?P<again>relabel) {_O}(?: with| as| to)? {_PAIRS}", configuring.label),
    (rf"(?:change|set|update) label {_KEY} {_TO} {_O} to (?P<value>[\w.-]+)", configuring.relabel),
    (rf"(?:change|set|update) {_KEY} label {_TO} {_O} to (?P<value>[\w.-]+)", configuring.relabel),
    (rf"{_TAKE} label {_KEY}(?:=[\w.-]+)? {_OFF} {_O}", configuring.unlabel),
    (rf"{_TAKE} (?:that |this )?{_KEY} label {_OFF} {_O}", configuring.unlabel),
    (rf"unlabel {_O} {_KEY}", configuring.unlabel),
    (rf"annotate {_O}(?: with)?(?: annotation)? {_NOTE}", configuring.annotate),
    (rf"(?:{_PUT} )?annotation {_NOTE} {_TO} {_O}", configuring.annotate),
    (rf"(?:{_PUT} )?{_O} annotation {_NOTE}", configuring.annotate),
    (rf"{_TAKE} annotation {_KEY}(?:=\S+)? {_OFF} {_O}", configuring.unannotate),
    (rf"{_TAKE} {_KEY} annotation {_OFF} {_O}", configuring.unannotate),
)
_ENVIRONMENT: tuple[tuple[str, Make], ...] = (
    (rf"(?:{_PUT}|change|update) {_ENV} {_PAIRS} {_TO} {_O}", configuring.set_env),
    (rf"(?:{_PUT}|change|update) {_PAIRS} (?:as )?(?:in )?{_ENV} {_TO} {_O}", configuring.set_env),
    (rf"(?:{_PUT}|change|update) (?P<pairs>(?-i:[A-Z][A-Z0-9_]*)=\S+) {_TO} {_O}", configuring.set_env),
    (
        rf"(?:{_PUT}|change|update|switch|turn) (?:{_ENV} )?{_UPPER}(?: {_ENV})? {_TO} {_O} to (?P<value>\S+)",
        configuring.set_env,
    ),
    (rf"(?:{_PUT}|change|update|switch|turn) {_O} {_UPPER} to (?P<value>\S+)", configuring.set_env),
    (
        rf"(?:{_PUT}|change|update|switch|turn) (?:{_ENV} )?{_UPPER}(?: {_ENV})? (?:to|=) (?P<value>\S+) {_TO} {_O}",
        configuring.set_env,
    ),
    (
        rf"(?:turn|switch|enable|disable|crank|bump)(?: on| off| up| down)? (?:[\w-]+ ){{1,3}}(?:for|on|in) {_O}:? (?:with |by |via )?"
        r"(?P<pairs>(?-i:[A-Z][A-Z0-9_]*)=\S+)",
        configuring.set_env,
    ),
    (rf"{_TAKE} (?:{_ENV} )?{_UPPER}(?: {_ENV}| variable| var)? {_OFF} {_O}", configuring.unset_env),
    (rf"{_TAKE} {_ENV} {_KEY} {_OFF} {_O}", configuring.unset_env),
    (rf"{_TAKE} {_KEY} {_ENV} {_OFF} {_O}", configuring.unset_env),
    (
        rf"(?:(?:which|what|show|list|get|display|print) )?(?:are |is )?(?:all )?{_ENV}(?: (?:does|do|are|is|has|have))?(?: set)?(?: of| on| for| in)? {_O}(?: have| has| use| uses| get| gets| got| got on it| have on it| started with| running with| run with)?\??",
        configuring.list_env,
    ),
)
_RESOURCES: tuple[tuple[str, Make], ...] = (
    (rf"{_CHANGE} {_WHAT_OF}(?:on|of|for) {_O}(?: up| down)? to {_AMOUNT}", configuring.resources),
    (rf"{_CHANGE} {_O} {_METRIC} {_WHICH}(?: up| down)? to {_AMOUNT}", configuring.resources),
    (rf"{_O} should {_WHICH} {_AMOUNTS}", configuring.resources),
    (rf"(?:give|set|put|want|need) {_O} (?:with )?{_METRIC} {_WHICH} (?:of|at|to) {_AMOUNT}", configuring.resources),
    (rf"(?:give|set|put|add|need|want) {_METRIC} {_WHICH} of {_AMOUNT} {_TO} {_O}", configuring.resources),
    (rf"(?:give|set|put|add|need|want) {_AMOUNT} {_METRIC} {_WHICH} {_TO} {_O}", configuring.resources),
    (rf"{_CHANGE} (?:resource )?{_WHICH} (?:on|of|for) {_O} to {_AMOUNTS}", configuring.resources),
    (
        rf"(?:give|allow|grant|let) {_O} (?:to )?(?:have |use |take )?(?:up to |at most |no more than )?{_AMOUNTS}",
        configuring.resources,
    ),
    (
        rf"(?:give|set|grant|put) {_O} {_METRIC} requests? of {_AMOUNT} and(?: {_METRIC_2})? limits? of {_AMOUNT_2}",
        configuring.request_and_limit,
    ),
    (rf"(?:give|set|grant|put) {_O} (?:resource )?{_WHICH} (?:of|to|at) {_AMOUNTS}", configuring.resources),
    (rf"(?P<which>limit) {_O} to {_AMOUNTS}", configuring.resources),
)
_WORKLOADS: tuple[tuple[str, Make], ...] = (
    (
        rf"(?:ship|deploy|roll out|push|release|put|use|run|install|get|move|switch to|upgrade to|update to) {_FULL_IMAGE} (?:to|on|onto|in|into|for|with|at) {_O}",
        configuring.image,
    ),
    (rf"(?:upgrade|update|move|switch|bump|bring) {_O} (?:over |up )?to {_FULL_IMAGE}", configuring.image),
    (
        rf"(?:(?:let )?{_O} (?:(?:should|must|shall|needs to|has to) )?(?:autoscale|auto-scale|scale automatically|scale by itself|scale itself|be autoscaled)"
        r"(?: between| from| with| to)?(?: min)? (?P<least>\d+) ?(?:and|to|-|max|up to) ?(?P<most>\d+)(?: max)?"
        r"(?: (?:pods|replicas|instances|copies))?"
        r"(?: (?:at|with|on|target|targeting|when|around|for|aiming at|aiming for|holding|keeping|target of|target cpu|target cpu of|with target of) (?:cpu )?(?P<percent>\d+) ?(?:%|percent)(?: (?:of )?cpu)?)?)",
        configuring.autoscale,
    ),
    (
        rf"(?:autoscale|auto-scale|auto scale|hpa|add (?:autoscaler|hpa) (?:to|for|on)|(?:set up|enable|turn on|switch on) autoscaling (?:for|on|of)) {_O}"
        r"(?: between| from| with| to)?(?: min)? (?P<least>\d+) ?(?:and|to|-|max|up to) ?(?P<most>\d+)(?: max)?"
        r"(?: (?:pods|replicas|instances|copies))?"
        r"(?: (?:at|with|on|target|targeting|when|around|for|aiming at|aiming for|holding|keeping|target of|target cpu|target cpu of|with target of) (?:cpu )?(?P<percent>\d+) ?(?:%|percent)(?: (?:of )?cpu)?)?",
        configuring.autoscale,
    ),
    (
        rf"expose {_O}(?: as (?:service )?)?(?: (?:on|at|via|with|through))? port (?P<port>\d+)"
        r"(?: (?:to |and )?(?:target|container)(?: ?port)? (?P<target>\d+))?"
        r"(?: (?:as|with|type|of type)(?: type)? (?P<type>node ?port|load ?balancer|cluster ?ip)(?: service)?)?",
        configuring.expose,
    ),
    (
        rf"(?:pause|hold|freeze|halt|stop|suspend)(?: rollout(?: of| for| on)?)? {_O}(?: rollout)(?: for now| for moment)?",
        configuring.pause,
    ),
    (rf"(?:pause|hold|freeze|halt|stop|suspend) rollout(?: of| for| on)? {_O}", configuring.pause),
    (rf"(?:resume|unpause|continue|unfreeze|go on with) {_O} rollout", configuring.resume),
    (rf"(?:resume|unpause|continue|unfreeze|go on with) rollout(?: of| for| on)? {_O}", configuring.resume),
    (
        rf"(?:take|roll|bring|put|move|revert|return|set|go|get|roll back|go back|undo|rollback) {_O}(?: back)? (?:to|on|onto|at) (?:revision|rev|version) (?P<revision>\d+)",
        configuring.back_to,
    ),
)
_CRON_JOBS: tuple[tuple[str, Make], ...] = (
    (
        rf"(?:create|start|make|run|launch|trigger|kick off) job(?: called| named)? {_FRESH} (?:from|of|out of|for|based on) {_O}",
        configuring.run_now,
    ),
    (rf"(?:suspend|pause|disable|stop|hold|turn off) {_O}", configuring.suspend),
    (rf"(?:unsuspend|resume|unpause|enable|re-enable|turn on|reactivate) {_O}(?: again)?", configuring.unsuspend),
    (
        rf"(?:run|trigger|start|kick off|launch|execute|fire|fire off) {_O}{_NOW}(?: do not(?: wait)?(?: for [\w-]+)?)?(?: (?:and )?(?:(?:name|call)(?: (?:job|it))?|as(?: job)?(?: called| named)?|with name|job name) {_FRESH})?",
        configuring.run_now,
    ),
)
_NODES: tuple[tuple[str, Make], ...] = (
    (
        rf"taint {_O}(?: with| as)? (?P<taint>[\w./-]+(?:=[\w.-]*)?:(?:NoSchedule|NoExecute|PreferNoSchedule))",
        configuring.taint,
    ),
    (
        rf"{_PUT} (?:taint )?(?P<taint>[\w./-]+(?:=[\w.-]*)?:(?:NoSchedule|NoExecute|PreferNoSchedule))(?: taint)? {_TO} {_O}",
        configuring.taint,
    ),
    (
        rf"{_TAKE} (?:taint )?(?P<taint>[\w./-]+(?:=[\w.-]*)?(?::(?:NoSchedule|NoExecute|PreferNoSchedule))?)(?: taint)? {_OFF} {_O}",
        configuring.untaint,
    ),
    (
        rf"untaint {_O}(?: from)? (?P<taint>[\w./-]+(?:=[\w.-]*)?(?::(?:NoSchedule|NoExecute|PreferNoSchedule))?)",
        configuring.untaint,
    ),
    (
        rf"(?:stop|disable|turn off|block|prevent|halt) (?:scheduling|new pods|pods|scheduling (?:of )?(?:new )?pods|new pods being scheduled|anything new) (?:on|onto|to|for|from) {_O}",
        configuring.cordon,
    ),
    (rf"(?:make|mark|set) {_O}(?: as)? unschedulable", configuring.cordon),
    (
        rf"(?:do not|dont|no longer|stop) (?:schedule|put|place|scheduling|putting|placing)(?: any| anything| new| more| pods| else)* (?:on|onto|to) {_O}(?: any more| anymore)?",
        configuring.cordon,
    ),
    (rf"(?:take|pull) {_O} out of (?:rotation|scheduling|service|pool)", configuring.cordon),
    (
        rf"(?:stop|keep|prevent|block)(?: any| new| more| all)* (?:pods|stuff|things|workloads|anything|anything new)(?: from)?"
        rf" (?:landing|going|being scheduled|scheduling|getting scheduled|starting|ending up|being placed|coming) (?:on|onto|to) {_O}",
        configuring.cordon,
    ),
    (rf"keep (?:new )?pods off(?: of)? {_O}", configuring.cordon),
    (
        rf"(?:let|allow) {_O} (?:take|accept|get|run|have|schedule|receive)(?: new| any)? pods(?: again)?",
        configuring.uncordon,
    ),
    (rf"(?:make|mark|set) {_O}(?: as)? schedulable(?: again)?", configuring.uncordon),
    (rf"(?:put|bring|take) {_O} back (?:in|into|to|in to) (?:rotation|scheduling|service|pool)", configuring.uncordon),
    (
        rf"(?:re-?enable|enable|resume|allow|turn on) scheduling (?:on|onto|for|to) {_O}(?: again)?",
        configuring.uncordon,
    ),
    (rf"(?:allow|let) (?:new )?pods (?:on|onto) {_O}(?: again)?", configuring.uncordon),
    (rf"open {_O}(?: back)?(?: up)?(?: for scheduling)?(?: again)?", configuring.uncordon),
)
_NEW_OBJECTS: tuple[tuple[str, Make], ...] = (
    (
        rf"deployment (?:called|named) {_FRESH} (?:{_FROM}|running(?: image)?|with(?: image)?) {_IMAGE}{_REPLICAS}{_HERE}",
        creating.wished_deployment,
    ),
    (
        rf"{_NEW} deployment{_CALLED}{_FRESH}(?P<place> (?:in|on) .+?)(?: {_FROM})? (?P<image>[a-z0-9][\w./-]*(?::[\w.-]+)?){_REPLICAS}",
        creating.deployment,
    ),
    (
        rf"{_NEW} (?:configmap|config map|cm){_CALLED}{_FRESH}(?P<place> (?:in|on) .+?) (?:with|holding|containing|having)(?: keys?| values?| data)? {_PAIRS}",
        creating.config_map,
    ),
    (rf"(?:namespace|ns) (?:called|named) {_FRESH}", creating.wished_namespace),
    (rf"{_NEW} deployment{_CALLED}{_FRESH}(?: {_FROM} {_IMAGE})?{_REPLICAS}{_HERE}", creating.deployment),
    (rf"{_NEW} {_IMAGE} deployment{_CALLED}{_FRESH}{_REPLICAS}{_HERE}", creating.deployment),
    (rf"(?:deploy|run) {_IMAGE} as (?:deployment )?{_FRESH}{_REPLICAS}{_HERE}", creating.deployment),
    (
        rf"{_NEW} (?:configmap|config map|cm){_CALLED}{_FRESH}(?:(?: with| holding| containing| that has| from literal| having)?(?: keys?| values?| data| entry| content)? {_PAIRS}(?: in it)?)?{_HERE}",
        creating.config_map,
    ),
    (rf"{_NEW} (?:namespace|ns){_CALLED}{_FRESH}", creating.namespace),
    (rf"{_NEW} (?:service ?account|sa){_CALLED}{_FRESH}{_HERE}", creating.service_account),
    (rf"{_NEW} job{_CALLED}{_FRESH} {_FROM} {_IMAGE}{_HERE}", creating.job),
    (rf"{_NEW} pod{_CALLED}{_FRESH} {_FROM} {_IMAGE}{_HERE}", creating.pod),
    (rf"{_NEW} secret{_CALLED}{_FRESH}.*", creating.secret),
)
_READS: tuple[tuple[str, Make], ...] = (
    (
        rf"(?:what|which|who)(?: (?:other|all))?(?: (?:pods|workloads|things))?(?: else)? "
        rf"(?:runs?|are|is|lives?|sits?|sitting|running|living|left)(?: running| scheduled| sitting| living| left)? (?:on|at) {_O}\??",
        reading.pods_on,
    ),
    (
        rf"(?:grep|search|look|filter|find)(?: for)? (?P<match>\S+) (?:in|from|through|inside) {_O} (?:logs?|output)",
        reading.matching_logs,
    ),
    (
        rf"(?:grep|search|look|filter|find)(?: for)? (?P<match>\S+) (?:in|from|through|inside) (?:logs?|output) (?:of|from|for) {_O}",
        reading.matching_logs,
    ),
    (rf"(?:grep|search|look through|filter) {_O} logs? for (?P<match>\S+)", reading.matching_logs),
    (
        rf"(?:what|which) (?:are )?(?:resource |cpu |memory )?(?:limits?|requests?|requests and limits|limits and requests)(?: are| is)?(?: set)? (?:of|for|on) {_O}(?: set to| set| at)?\??",
        reading.described,
    ),
    (
        rf"(?:what|which) (?:resource |cpu |memory )?(?:limits?|requests?|requests and limits|limits and requests) (?:does|do|has|have) {_O}(?: have| has)?\??",
        reading.described,
    ),
)

_SECTIONS: tuple[tuple[str, tuple[tuple[str, Make], ...]], ...] = (
    (r"(?i)label|tag|annotat", _MARKING),
    (r"=|\b(?i:env)|[A-Z]{2}", _ENVIRONMENT),
    (r"(?i)\b(?:memory|mem|ram|cpu)\b", _RESOURCES),
    (r"(?i)scal|hpa|expose|rollout|revision|\w:[\w@]|\brev\b|version", _WORKLOADS),
    (
        r"(?i)suspend|pause|disable|enable|stop|hold|turn|resume|activate|run|trigger|start|kick|launch|execute|fire",
        _CRON_JOBS,
    ),
    (r"(?i)taint|schedul|landing|stuff|things|pods|rotation|service|pool|\bopen\b|anything", _NODES),
    (r"(?i)deploy|config|\bcm\b|namespace|\bns\b|account|\bsa\b|\bjob\b|\bpod\b|secret|\brun\b", _NEW_OBJECTS),
    (r"(?i)log|output|limit|request|\bon\b|\bat\b", _READS),
    (
        r"(?i)revision|\brev\b|\buntil\b|\btill\b|explain|document|field|scal|hpa|disk|volume|claim|pvc|storage|\bin(?:side)?\b|\bof\b|\bwhen\b"
        r"|everything|\ball\b|things|endpoint|finish|complet|succe|done|ended|through|cluster|namespace|context|\bdiff|\bmay\b|\bcan\b|able|permi|allow|rights"
        r"|\bwhat\b|\bwhy\b|label|taint|condition|capac|chang|touch|edit|modif|alert|\bhow\b|container|\bports?\b",
        forms_further.READS,
    ),
    (
        r"(?i)should|must|need|shall|has to|want|account|\bsa\b|bind|grant|admin|\bmin|\bmax|=|expose|rollout|carry|\bpods\b|taint"
        r"|cron|image|\bpod\b|nothing|hpa|autoscal|\blet\b|land|\bview\b|\bedit\b|\bin\b|\bof\b|pause|freeze|resum|continue",
        forms_further.CHANGES,
    ),
)

FORMS: Final[tuple[tuple[re.Pattern[str], re.Pattern[str], Make], ...]] = tuple(
    (re.compile(gate), re.compile(form, re.IGNORECASE), make) for gate, forms in _SECTIONS for form, make in forms
)
"""Forms of words with what their section needs before and what they ask for behind, in the order in which they are
tried."""
GATES: Final = Gates(form.pattern for _, form, _ in FORMS)
