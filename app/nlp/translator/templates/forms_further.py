"""Forms of words about single objects: what they hold, what waits for them, what binds, exposes or makes them."""

from __future__ import annotations

from typing import Final

from app.nlp.translator.templates import binding, configuring, creating, reading, scheduling, setting
from app.nlp.translator.templates.wording import Make

_O = r"(?P<object>.+?)"
_FRESH = r"(?P<name>[A-Za-z0-9][\w.-]*)"
_FRESH_2 = r"(?P<name2>[A-Za-z0-9][\w.-]*)"
_PAIR = r"[A-Za-z0-9][\w./-]*=[\w.:/-]*"
_PAIRS = rf"(?P<pairs>{_PAIR}(?:(?:,| and| &)? {_PAIR})*)"
_SA = r"(?:service ?account|sa)"
_HPA = r"(?:hpa|autoscaler|auto-scaler|horizontal pod autoscaler)"
_TOUCH = r"(?:touch|touched|change|changed|mess with|messed with|modify|modified|edit|edited|play with|played with)"
_TOUCHED = r"(?:touched|changed|modified|edited|altered)"
_ENDED = r"(?:killed|terminated|evicted|oom-?killed|die|died|dying|crash|crashed|stop|stopped)"
_CHANGED_HERE = r"(?: (?:through|in|via|by) (?:this chat|chat|kubechat|here|us|anyone|me))+(?: .*)?"
_MAY = (
    r"(?:permitted to|allowed to|able to|entitled to|authorized to|have (?:the )?(?:rights?|permissions?) to|"
    r"(?:the )?(?:rights?|permissions?) to)"
)
_RIGHT = r"(?:get|list|read|see|view|watch|create|make|delete|remove|update|patch|edit|change|modify)"
_HERE = r"(?P<place> (?:in|on) .+?)?"
_STATE = r"(?:available|ready|rolled out|up|running|healthy|up and running|there|back|done|finished|complete|completed|deleted|gone)"
_NEW = r"(?:create|make|spin up|start|launch|add|set up|schedule|run|give|need|want|new)(?: new)?"
_IMAGE = r"(?P<image>[a-z0-9][\w./:@-]*)"
_MUST = r"(?:should|must|needs?(?: to)?|shall|has to|ought to|wants?)(?: have| get| carry| bear| be given| use| set)?"
_END = r"(?:more|less|fewer)"

READS: Final[tuple[tuple[str, Make], ...]] = (
    (
        rf"(?:did|has|is|was) {_O}(?: job)? (?:finish(?:ed)?|complete(?:d)?|succeed(?:ed)?|done|through|run through|ended)(?: ok| okay| fine| yet| already| successfully| well)*",
        reading.ended,
    ),
    (
        rf"(?:show|get|list|which is|what is)(?: me)? (?:persistent )?(?:volume claim|claim|pvc|volume)s? (?:that belongs to|belonging to|that is used by|used by|mounted by) {_O}",
        reading.claims,
    ),
    (
        r"(?:in )?(?:which|what) (?:cluster|namespace|context|ns)(?: and (?:which )?(?:cluster|namespace|context|ns))? (?:am i|are we|do i|is this)(?: working| work| currently)*(?: in| on| using| at| connected to| talking to| pointing at)?(?: now)?",
        reading.where_am_i,
    ),
    (
        rf"what(?: all)?(?: {_SA})? {_O}(?: {_SA}| account)? (?:is|are) (?:permitted|allowed|able) to do(?P<place> (?:in|on) .+?)?",
        binding.rights_of,
    ),
    (rf"(?:does|do|has|have) {_O} (?:have |got |has )?(?:any )?endpoints", reading.endpoints),
    (
        rf"(?:(?:show|list|get|see|display|print|which|what)(?: me)?(?: are)? )?(?:endpoints|endpoint)(?: are)? (?:of|for|behind|in)(?: service)? {_O}",
        reading.endpoints,
    ),
    (
        rf"(?:what|show|which|details?|describe|look at|see|display|get)(?: me)?(?: (?:was|is|changed|were|did|does))?(?: in| of| about)? (?:revision|rev|version) (?P<revision>\d+)(?: of| for| from| in)? {_O}(?: look like| have| contain)?",
        reading.revision,
    ),
    (rf"{_O} (?:revision|rev) (?P<revision>\d+)(?: details?)?", reading.revision),
    (
        rf"(?:wait(?: here)? )?(?:until|till)(?: rollout of)? {_O}(?: to)?(?: is| are| be| become| becomes| gets?| has| have| come| comes)?(?: fully| completely| all)? (?P<state>{_STATE})(?: (?:but )?.+)?",
        reading.wait,
    ),
    (r"(?:explain|document)(?: to me| me| to)? (?P<path>[a-z]+(?:\.\w+)+)", reading.explain),
    (r"what (?:is|does|do) (?P<path>[a-z]+(?:\.\w+)+)(?: mean| do| for| good for)?", reading.explain),
    (
        r"(?:explain|document|what is|what does|what is meant by|describe)(?: to me| me| to)? (?P<field>[A-Za-z][\w.]*) field (?:of|in|on|for) (?P<kind>[a-z]+)(?: mean| do| for)?",
        reading.explain,
    ),
    (
        r"(?:what|which) fields (?:does|do|are there in|are in|has) (?P<kind>[a-z]+)(?: have)?",
        reading.explain,
    ),
    (
        rf"is {_O} (?:autoscaled|auto-scaled|scaled automatically|autoscaling|on autoscaling)(?: and .+)?",
        reading.autoscaler,
    ),
    (rf"(?:does|do|has|have) {_O} (?:have |got |use )?{_HPA}", reading.autoscaler),
    (
        rf"(?:what|which|how many)(?: is| are)? .*(?:min|max|minimum|maximum|limits?|bounds?|most)\b.* (?:of|for) {_O} {_HPA}.*",
        reading.autoscaler,
    ),
    (
        rf"(?:(?:is|are|show|get|what|which|how|check|list)(?: me| is| are| full| big)? )?(?:disks?|volumes?|volume claims?|claims?|pvcs?|storage)(?: is| are)? (?:of|for|used by|behind|does) {_O}(?: bound| full| ok| use| using| getting full| mounted)?",
        reading.claims,
    ),
    (
        rf"(?:is|are|how full is|how big is|show|check) {_O} (?:disks?|volumes?|volume claims?|claims?|pvcs?|storage)(?: bound| full| ok| getting full| running full| almost full| mounted)?",
        reading.claims,
    ),
    (
        rf"(?:(?:show|tell)(?: me)? )?(?:what is|what are|show|see|print|what)(?: me)?(?: stored| kept| written| is)? (?:in|inside|inside of|contents? of) {_O}(?: configmap| config map)?",
        reading.contents,
    ),
    (
        rf"when (?:did|does|was|will|is|has) {_O}(?: job| cronjob)?(?: be)? (?:last|next|run|ran|scheduled|due|fire).*",
        reading.schedule,
    ),
    (
        r"(?:is |are )?(?:the )?(?:whole |entire )?(?:cluster|everything)(?: is)? (?:ok|okay|healthy|fine|good|alright|all right)(?: overall| in general| altogether| right now)*",
        reading.cluster_health,
    ),
    (
        r"(?:show me |tell me )?(?:what|anything)(?: is| things are)? (?:broken|wrong|failing|down|on fire|red)(?P<place> (?:in|on|with|at) .+?)?(?: right now| now| at the moment| at moment| today)*",
        reading.health,
    ),
    (
        rf"(?:which|what) (?:revisions?|versions?|releases?)(?: are there)? (?:of|for) {_O} (?:can|could|may|are there|do we|is it possible)(?: .*)?",
        reading.revisions,
    ),
    (
        r"(?:is |are )?(?:everything|all|things)(?: is| are| still)? (?:ok|okay|fine|good|healthy|well|alright|all right|in order|green|running fine|working)(?P<place> (?:in|on|with|at) .+)?",
        reading.health,
    ),
    (
        r"what (?:exactly |really )?(?:is|are)(?: exactly)? (?P<kind>[a-z]+(?: [a-z]+){0,2}?)(?: again| exactly| anyway| for| good for| used for)*",
        reading.meaning,
    ),
    (
        rf"(?:show|list|get|see|display|which|what(?: are)?)(?: me)?(?: all)? (?P<kind>ingress(?:es)?|network ?polic(?:y|ies)|netpols?|secrets?|configmaps?|config maps?|service ?accounts?|disruption budgets?|pdbs?|cron ?jobs?) (?:of|for|behind|belonging to|that belong to|used by|in front of) {_O}",
        reading.beside,
    ),
    (
        rf"(?:which|what) ports?(?: numbers?)? (?:does|do|is|are|has)(?: service)? {_O} (?:expose|exposed on|listen on|listening on|use|have|open|serve|offer|answer on|on|reachable on|available on)",
        reading.ports,
    ),
    (
        r"(?:which|what|any|were there(?: any)?|are there(?: any)?|did any|show|list)(?: me)?(?: all| any| of)? alerts?(?: .*)?",
        reading.alerts,
    ),
    (
        rf"how (?:full|busy|loaded|hot) (?:is|does|are) {_O}(?: look)?(?: now| right now| at moment)?",
        reading.node_usage,
    ),
    (
        rf"(?:show|get|see|give|print)?(?: me)? ?logs? (?:of|from|for) all containers (?:of|in|inside) {_O}",
        reading.all_containers,
    ),
    (
        rf"what (?:has |have |was |is |got )?(?:changed|different|new) (?:in|on|with|about|at|for) {_O}(?: .*)?",
        reading.changed,
    ),
    (
        rf"(?:(?:show|list|get|check|see|which|what|print)(?: me)?(?: is| are)? )?(?:all )?labels(?: of| on| for| does| do| are on| are set on)+ {_O}(?: have| has| carry| carries)?",
        reading.labels,
    ),
    (
        rf"(?:(?:show|list|get|check|see|which|what|print|look at)(?: me)?(?: is| are)? )?(?:all )?(?:taints?|conditions?|capacity|allocatable|pressure)(?: of| on| for| does| do| are on| are set on)+ {_O}(?: have| has| carry| carries)?",
        reading.set_on_node,
    ),
    (rf"(?:which|what) taints? {_O} (?:has|have|carries|carry)", reading.set_on_node),
    (rf"{_O} (?:taints?|conditions?|capacity|allocatable)", reading.set_on_node),
    (rf"why (?:was|is|were|did|does|has) {_O} (?:being |been |get |got |getting )?{_ENDED}(?: .*)?", reading.cause),
    (
        rf"(?:(?:show|list|give|see|get|tell)(?: me)? |what (?:are|were) )?(?:all )?(?:changes|actions)(?: that were| that have been| which were)?(?: made| done)?{_CHANGED_HERE}",
        reading.changed,
    ),
    (rf"what (?:did|has) [\w.@-]+ {_TOUCH}(?: .*)?", reading.changed),
    (rf"what (?:was|has been|got|were|have been)(?: all)? {_TOUCHED}(?: .*)?", reading.changed),
    (
        rf"(?:did|has|have) (?:anyone|anybody|somebody|someone|any of us) {_TOUCH} .+",
        reading.changed,
    ),
    (
        r"(?:what is )?(?:the )?(?:diff|difference|differences)(?: is)? between (?P<kind>[a-z]+) and (?P<kind2>[a-z]+)",
        reading.concept,
    ),
    (
        rf"(?:what|which)(?: rights| permissions)? (?:may|can|is|does|has)(?: {_SA})? {_O}(?: {_SA})?(?: permitted| allowed| able)?(?: to)?(?: do| have| access)(?P<place> (?:in|on) .+?)?",
        binding.rights_of,
    ),
    (
        rf"(?:may|can|could|is|does|has)(?: {_SA}| account)? {_O}(?: {_SA}| account)? (?:{_MAY} )?(?P<right>{_RIGHT}) (?:any |all )?(?P<kind>[a-z]+)(?P<place> (?:in|on) .+?)?",
        binding.right_of,
    ),
    (
        rf"(?:check |find out |tell me |see |show me )?(?:whether|if)(?: {_SA}| account)? {_O}(?: {_SA}| account)? (?:is |has )?(?:{_MAY} |may |can )(?P<right>{_RIGHT}) (?:any |all )?(?P<kind>[a-z]+)(?P<place> (?:in|on) .+?)?",
        binding.right_of,
    ),
)
CHANGES: Final[tuple[tuple[str, Make], ...]] = (
    (
        rf"(?:unpause|un-pause|unfreeze|resume|continue) {_O}(?: rollout)?(?: again| now)*",
        setting.resume,
    ),
    (
        rf"(?:set|change|switch|put|turn)(?: env(?:ironment)?(?: variable)?)? (?P<key>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)) to (?P<value>[^\s=]+) (?:in|on|for|of)(?: environment of| env of| environment variables of)? {_O}",
        setting.env,
    ),
    (
        rf"{_O} (?:should|must|needs to|has to|ought to)(?: run with| have| get| use| be given)? (?P<key>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)) (?:set to|at|as|to be|be|=) (?P<value>[^\s=]+)",
        setting.env,
    ),
    (
        rf"(?P<key>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)) (?:should|must|needs to|has to|ought to) be (?:set to )?(?P<value>[^\s=]+) (?:in|on|for|of)(?: environment of| env of)? {_O}",
        setting.env,
    ),
    (
        rf"{_O} rollout (?:can|may|should) (?:continue|go on|resume|proceed|carry on)(?: now)?(?: so)?(?: please)?(?: resume it| continue it| unpause it)?",
        setting.resume,
    ),
    (
        rf"{_O} rollout (?:was|is|has been|got) (?:paused|on hold|frozen|stopped|held)(?: so| and| but)*(?: please)?(?: it can| let it| you can| it may| we can)?(?: now)? (?:resume|continue|unpause|carry on|go on|proceed)(?: it)?",
        setting.resume,
    ),
    (
        rf"{_O} (?:should|must|needs to|has to|shall) (?:run|use|be on|be at|get|be|have|be running) (?P<image>[a-z0-9][\w./-]*(?::\d+/[\w./-]+)?(?::[\w.-]+|@sha256:[0-9a-f]{{64}}))(?: make it so)?",
        setting.image,
    ),
    (rf"(?P<pairs>(?-i:[A-Z][A-Z0-9_]*)=\S+) (?:on|for|in|to|at) {_O}", setting.env),
    (
        rf"{_HPA} (?:of |for )?{_O} (?:may|can|should|is allowed to) (?:go|scale|grow)(?: up)? to (?P<bound>\d+)",
        setting.autoscaler,
    ),
    (rf"(?:let|allow) {_O} {_HPA} (?:to )?(?:go|scale|grow)(?: up)? to (?P<bound>\d+)", setting.autoscaler),
    (
        r"do not (?:schedule|place|put|run|start) (?:anything|any|new|more|pods|things)(?: new| more| else| pods)* (?:on|onto) (?P<object>.+?)",
        setting.cordon,
    ),
    (
        r"do not let (?:anything|any|new|more|pods|things)(?: new| more| else| pods)* (?:land|run|start|be scheduled|schedule|go|come|be placed) (?:on|onto) (?P<object>.+?)",
        setting.cordon,
    ),
    (
        r"nothing (?:new|more|else)(?: (?:should|may|must|can|shall)(?: be)?)?(?: scheduled| placed| put| started| land| run)? (?:on|onto) (?P<object>.+?)",
        setting.cordon,
    ),
    (rf"{_O} {_MUST} (?:annotation|note) (?P<pairs>\S+=\S+)", setting.annotate),
    (rf"{_O} {_MUST} labels? {_PAIRS}", setting.label),
    (
        rf"(?P<verb>label|tag|mark|annotate)(?P<place> (?:namespace )?[\w-]+(?: namespace| ns)?)(?: with| as)?(?: labels?| annotations?)? {_PAIRS}",
        configuring.mark_namespace,
    ),
    (
        rf"(?:set|put|add) (?P<verb>label|annotation)s? {_PAIRS} (?:on|to|for)(?P<place> (?:namespace )?[\w-]+(?: namespace| ns)?)",
        configuring.mark_namespace,
    ),
    (rf"{_O} {_MUST} env(?:ironment)?(?: ?var(?:iable)?s?)? {_PAIRS}", setting.env),
    (
        rf"{_O} (?:should|must|shall) (?:run|start|be started|work) with (?P<pairs>(?-i:[A-Z][A-Z0-9_]*)=\S+)",
        setting.env,
    ),
    (rf"{_O} {_MUST} (?P<pairs>(?-i:[A-Z][A-Z0-9_]*)=\S+)", setting.env),
    (
        rf"(?:make|let|have) {_O} (?:run|use|work|go)(?: under| as| with| using)? {_SA} (?P<account>[a-z0-9][a-z0-9-]*)",
        binding.account,
    ),
    (rf"(?:set|change|switch) {_SA} (?:of|for|on) {_O} to (?P<account>[a-z0-9][a-z0-9-]*)", binding.account),
    (rf"(?:use|assign|give) {_SA} (?P<account>[a-z0-9][a-z0-9-]*) (?:for|to|in|on) {_O}", binding.account),
    (rf"run {_O} (?:under|as|with) {_SA} (?P<account>[a-z0-9][a-z0-9-]*)", binding.account),
    (
        rf"(?:bind|grant|give|assign) (?P<cluster>cluster ?)?(?:role )?(?P<role>[a-z][a-z-]*)(?: (?P<cluster2>cluster ?)?(?:role|rights|access|permissions))? (?:to|for) (?:{_SA} )?(?P<account>[a-z0-9][a-z0-9-]*)(?: {_SA})?{_HERE}(?: (?:and )?(?:name|call)(?: binding| it| rolebinding)? {_FRESH})?",
        binding.bind,
    ),
    (
        rf"(?:give|grant)(?: {_SA})? (?P<account>[a-z0-9][a-z0-9-]*)(?: {_SA})?(?P<place> in .+?)? (?P<role>cluster-admin|admin|edit|view)(?: role| rights| access| permissions)?",
        binding.bind,
    ),
    (
        r".+ (?:ought to|should|must|has to|needs to|shall) (?:be given|get|have|receive|be granted|be made|be|become) (?P<role>cluster.admin)\b.*",
        binding.bind,
    ),
    (r"(?:make|give|grant)(?: .+)? (?P<role>cluster.admin)\b.*", binding.bind),
    (
        rf"(?:set|change|raise|lower|bump|increase|reduce|decrease|make|put)(?: up| down)? (?P<which>min|max|minimum|maximum)(?: replicas| pods| number| size| count)?(?: of| for| on| in)? {_O} {_HPA}(?: up| down)? to (?P<bound>\d+)",
        setting.autoscaler,
    ),
    (
        rf"(?:set|change|raise|lower|bump|increase|reduce|decrease|make|put)(?: up| down)? (?P<which>min|max|minimum|maximum)(?: replicas| pods| number| size| count)?(?: of| for| on| in)? {_HPA}(?: of| for| on)? {_O}(?: up| down)? to (?P<bound>\d+)",
        setting.autoscaler,
    ),
    (
        rf"(?:raise|lift|lower|increase|reduce) (?P<which>ceiling|floor|upper limit|lower limit|upper bound|lower bound|cap)(?: of| for| on)? {_O} {_HPA}(?: up| down)? to (?P<bound>\d+)(?: pods| replicas)?",
        setting.autoscaler,
    ),
    (
        rf"(?:let|allow) {_HPA}(?: of| for| on) {_O} (?:to )?(?:go|scale|grow)(?: up)? to (?P<bound>\d+)(?: pods| replicas)?",
        setting.autoscaler,
    ),
    (
        rf"(?:create|make|start|run|launch)(?: new)? job(?: (?:called|named|name))? {_FRESH} (?:from|of|out of|using|with)(?: cronjob| cron job)? (?P<object>.+?)",
        configuring.run_now,
    ),
    (
        rf"(?:set|change|raise|lower|bump|increase|reduce|decrease|make|put)(?: up| down)? {_O} {_HPA} (?P<which>min|max|minimum|maximum)(?: replicas| pods)?(?: up| down)? to (?P<bound>\d+)",
        setting.autoscaler,
    ),
    (
        rf"(?:add|put|set|change|update|write) (?P<pairs>\S+=\S+) (?:to|in|into|on|for|of) {_O}(?: configmap| config map| cm)?",
        setting.config_map,
    ),
    (
        rf"(?:set|change|update) (?P<key>[A-Za-z0-9_.-]+) (?:in|of|on) {_O} (?:configmap |config map |cm )?to (?P<value>\S+)",
        setting.config_map,
    ),
    (
        rf"expose {_O}(?: (?:as|through|via|with)(?: new)? service(?: (?:called|named) {_FRESH})?)?(?: (?:on|at|via|with|through|to))? port (?P<port>\d+)"
        rf"(?: (?:and )?(?:container|app|it|pods?|target|target ?port|backend|containerport|service)?(?: ?listens?| runs?| port| is| listening)*(?: on| at| to| is)*(?: port)? (?P<target>\d+))?"
        rf"(?: (?:as|with|in|under|and)(?: service)?(?: (?:called|named|name|name it|call it))? {_FRESH_2})?",
        setting.expose,
    ),
    (
        rf"(?:hold|freeze|pause|halt|stop) {_O} rollout(?: where it is| where it stands| there| right there| for sec| for second| for moment| for while| for bit| for now)?",
        setting.pause,
    ),
    (
        rf"let (?:paused )?(?:rollout (?:of|for) )?{_O}(?: rollout)? (?:carry on|continue|go on|proceed|resume|finish|move on|keep going)",
        setting.resume,
    ),
    (rf"(?:carry on|continue|go on|proceed) with (?:rollout (?:of|for) )?{_O}(?: rollout)?", setting.resume),
    (
        r"no(?: new| more)*(?: pods| workloads| things| stuff)(?: any more| anymore| scheduled| to land| landing)* (?:on|onto) (?P<object>.+?)",
        setting.cordon,
    ),
    (
        rf"{_O} (?:must|should|shall|may|can) (?:not|no longer) (?:take|accept|get|run|have|receive)(?: any| new| more)* pods(?: any more| anymore)?",
        setting.cordon,
    ),
    (
        rf"{_O} (?:may|can|should|is ready to|is free to) (?:take|accept|get|run|have|receive)(?: new| any)? pods(?: again)?",
        setting.uncordon,
    ),
    (
        rf"taint {_O}(?: with| as)? (?P<key>[\w./-]+=?[\w.-]*) ?,?(?: and| with)* effect (?P<effect>no ?schedule|no ?execute|prefer ?no ?schedule)",
        setting.taint,
    ),
    (
        rf"taint {_O}(?: with| as)? (?P<key>[\w./-]+=?[\w.-]*)[ :](?P<effect>no ?schedule|no ?execute|prefer ?no ?schedule)",
        setting.taint,
    ),
    (
        rf"(?P<new>{_NEW} )?(?:{_IMAGE} )?cron ?job(?: (?:called|named|name|with name))? {_FRESH} (?P<rest>.+)",
        scheduling.cron_job,
    ),
    (
        rf"(?P<new>{_NEW} )?{_FRESH} deployment(?: with| of| using| from)? image {_IMAGE}(?:(?: with| and)? (?P<replicas>\d+) (?:replicas?|pods?|instances?|copies))?{_HERE}",
        creating.wished_deployment,
    ),
    (
        rf"(?P<new>{_NEW} )?{_IMAGE} pod (?:called|named|name|with name|as) {_FRESH}{_HERE}(?: (?:that|which|and|to|it) (?:just |only |should )*sleeps?(?: for)? (?P<sleep>.+))?",
        creating.sleeping_pod,
    ),
)
