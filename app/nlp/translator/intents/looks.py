"""What people say around a question, put as the question: "my manager wishes to know how many", "is everything fine here".

For looks alone: nothing that is put here may change anything. Like `rewordings`, it gives words for words; what they mean the
rules say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from app.nlp.translator.gating import Rewordings
from app.nlp.translator.plan import Behaviour, Plan
from app.nlp.translator.vocabulary import Vocabulary

_EVERY: Final = r"(?:(?:in|across|over|from|of|throughout) )?(?:each and every|every single|any|whichever|whatever|no matter (?:which|what|whose)|regardless of(?: the)?)(?: of the)?(?: single)? (?:namespaces?|ns)"
_WHO: Final = r"(?:(?:my|the|our) [\w-]+(?: [\w-]+)?|qa|support|finance|marketing|security|management|somebody|someone|people|they|we|i|everyone|[a-z]+)"
# What may stand anywhere in a question.
_ANYWHERE: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(form, re.IGNORECASE), plain)
    for form, plain in (
        (
            rf"^(.*?\w)\W*[?,.;]\W+(?:{_EVERY}|(?:in |across |over )?(?:all|every|each) (?:ns|namespaces?))(?: i mean| please| too| though)?\W*$",
            r"\1 in all namespaces",
        ),
        (
            r"^(.*?\w)\W*[?,.;]\W+(?:(?:in|across|for) )?(?:the )?(?:whole|entire) cluster(?: i mean| please)?\W*$",
            r"\1 in all namespaces",
        ),
        (r"^across the (?:whole|entire) cluster,? (.*)$", r"\1 in all namespaces"),
        (rf"\b{_EVERY}(?: (?:that )?(?:they|it) (?:belongs?|are|is|lives?|sits?)(?: to| in)?)?\b", "in all namespaces"),
        (
            r",? (?:no matter where|wherever (?:they|it) (?:are|is|runs?|lives?|may be)|anywhere at all)\b",
            " in all namespaces",
        ),
        (r"\b(?:every|all) pods? of the (?:whole |entire )?cluster\b", "all pods in all namespaces"),
        (r"\b(oldest|newest|latest)(?: ones?)? (?:on|at the) (?:top|bottom|end|start|front)\b", r"\1 first"),
        (r"\byoungest(?: ones?)?(?: (?:on|at the) (?:top|bottom|end)| first| last)?\b", "newest first"),
        (r"\beldest\b", "oldest"),
        (
            r",? ?(?:and |or )?where (?:do|does|are|is) (?:they|it|those|these|each of them)(?: all| each)?(?: actually)? (?:live|living|sit|sitting|run|running|placed|scheduled|located)\b[^?,.]*",
            " with their nodes",
        ),
        (
            r"^where (?:do|does|are|is) (?:the |our |my )?([\w-]+ pods?)(?: all| each)?(?: actually)? (?:live|living|sit|sitting|run|running|placed|scheduled|located)\b[^?.]*",
            r"show the \1 with their nodes",
        ),
        (
            r"\bjobs? (?:do we have )?(?:that |which )?(?:run|runs|running|are|is)? ?(?:on|by) a (?:schedule|timer)(?:,? like .*)?",
            "cronjobs",
        ),
        (
            r"\bhow (?:hot|busy|loaded|stressed) (?:are|is) (?:the |our )?(nodes?|machines?|servers?)(?: running)?\b",
            r"usage of the \1",
        ),
        (
            r"\b(?:are |is )?(?:any of |one of )?(?:the |our )?(?P<of>nodes?|machines?|servers?) (?:are |is )?running (?:out of|low on|short of) (?P<what>memory|cpu)\b",
            r"show the \g<what> usage of the \g<of>",
        ),
        (
            r"\b(pods?\b[^,.?]*?),? (?:together |along )?(?:with|and|plus|including) (?:the |their )?(?:ip ?(?:addresses)?s? and )?(?:the )?nodes?(?: names?)?(?: (?:that )?(?:they|it|each)[^,.?]*)?(?=[,.?!]|$)",
            r"\1 with their nodes",
        ),
        (
            r"\b(?:everything|all (?:the |of the )?things|what|whatever|all that|anything) (?:that )?(?:i|my user|my account|we) (?:(?:may|can|could)(?: do)?|(?:am|is|are) (?:permitted|allowed|able|entitled)(?: to do)?)\b",
            "what am i allowed to do",
        ),
        (
            r"^(?:list|show|give me|show me)(?: a listing of| a list of)? what am i allowed to do\b",
            "what am i allowed to do",
        ),
        (r"\bwhat am i allowed(?! to)\b", "what am i allowed to do"),
        (r"^what (?:kinds?|sorts?) of (?:tasks?|things?|stuff|requests?) (?:can|do) you .*$", "help"),
        (r"^what (?:can|do) you (?:help (?:me )?with|do for me|know)\W*$", "help"),
        (
            r"^(?:which|what|list|show)(?: me)?(?: all)?(?: of)?(?: the)? changes (?:that )?(?:were (?:made|done)|have been made|did (?:people|anyone|somebody) make|people (?:made|did)|anyone made|somebody made)(?: by \w+)?",
            "what did people change",
        ),
        (
            r"^(?:is|are|was)? ?(?:there )?(?:any ?thing|something) (?:is )?(?:wrong|broken|off|unhappy|unhealthy|up|amiss|in need of attention|to worry about|that needs attention)(?: right now| at the moment)? ?(?:in|with|on|across) (?:the|our|this) (?:whole )?cluster\b.*$",
            "what is wrong in the cluster",
        ),
        (
            r"^(?:is )?(?:the |our |this )?cluster (?:ok|okay|fine|healthy|alright|all right)\W*$",
            "what is wrong in the cluster",
        ),
        (
            r"^(?:give me |show me |tell me )?(?:the big picture|a health check)(?: of the cluster)?\W*$",
            "what is wrong in the cluster",
        ),
        (
            r"^(?:.*\b(?:unsure|sure|certain|know|check|wonder\w*|tell|see|clear|out|question)\b.*)?\b(?:whether|if) (?:i am|i'm|we are|we're|i) (?:allowed|permitted|able|entitled|may|can)(?: to)? ([^;?.]+)[;?.].*$|^(?:.*\b(?:unsure|sure|certain|know|check|wonder\w*|tell|see|clear|out|question)\b.*)?\b(?:whether|if) (?:i am|i'm|we are|we're|i) (?:allowed|permitted|able|entitled|may|can)(?: to)? ([^;?.]+)$",
            r"am i allowed to \1\2",
        ),
        (r"\bfind (?:out )?(?:the )?(?:reason|cause)\b(?: for (?:it|that))?", "why"),
        (
            r"^(?:remind me,? |tell me,? )?(?:which|what) (?:cluster|context) (?:am i|are we|i am|i'm|we are|we're) (?:\w+ )?(?:on|in|at|using|to|with)\b.*$",
            "which cluster am i on",
        ),
        (
            r"\bwhat(?:ever)?(?:'s| is| has)? (?:the )?([\w-]+) (?:has |have |had |was |is )?(?:been )?(?:written|writing|wrote|logging|logged|saying|said|printing|printed|put out)(?: (?:to|in|into) (?:its|the) logs?)?\b(?!.*\b(?:before|last \d|last couple|lines)\b)",
            r"logs of \1",
        ),
        (r",? while (?:i|we|they) [\w ]+$", ""),
        (
            r"\bwhere (?:the )?(?:label )?(\w+) (?:is|=|equals) ([\w-]+) and (?:the )?(?:label )?(\w+) (?:is|=|equals) ([\w-]+)",
            r"with label \1=\2,\3=\4",
        ),
        (
            r"\b(?:list|show(?: me)?|see) what(?:'s| is)(?: still| all)?(?: running| sitting)? on (?P<node>it|there|[\w-]+)(?=[.!?]*$)",
            r"show the pods on \g<node>",
        ),
        (
            r"^(?:pods?|deployments?|services?) where (?P<key>\w+) (?:is|=|equals) (?P<value>[\w-]+)$",
            r"pods with label \g<key>=\g<value>",
        ),
        (
            r"^(?:are there (?:any )?|is there (?:a|any) |which |what |any |show (?:me )?(?:the )?)taints? (?:are |is )?(?:there )?(?:set |currently )?on (?:the |our |my )?(nodes?(?![\w-])|[\w-]+).*$",
            r"describe \1",
        ),
        (
            r",? (?:the )?(?:worst|biggest|highest|hungriest|greediest|heaviest|busiest|largest) (cpu|memory|ram)(?: consumers?| users?| hogs?)? (?:(?:on|at the) top|first)\b",
            r" sorted by \1",
        ),
        (
            r"\bwhat(?: exactly)? (?:was|is|changed|did we change) (?:in|with) (?:the )?([\w-]+?)(?:'s)? revision (\d+)",
            r"show revision \2 of \1",
        ),
        (r"^(?:under )?(?:which|what) (?:user|account|identity|login)\b.*\b(?:me|i|am i)\b.*$", "who am i"),
        (r"\bam i (?:actually|really|even|still) (?=allowed|permitted|able|entitled)", "am i "),
        (
            r"^(?:does|do) (?:the )?(?:service account )?([\w-]+)(?: service account)? have (?:the )?(?:rights?|permissions?) to ",
            r"can \1 ",
        ),
        (r"^(?:.*\b)?(?:i|we) (?:have|has|had) the right to (?=\w)", "am i allowed to "),
        (
            r"^(?:(?:please )?(?:check|find out|tell me|verify|see|know|i (?:need|want) to know|(?:the )?[\w ]+ (?:has|have) enquired|i wonder),? )?(?:whether|if) (?:the )?(?:service account )?([\w-]+-sa|[\w-]+(?= service account))(?: service account)? (?:can|may|could|is (?:able|allowed|permitted) to|has the right to) ",
            r"can \1 ",
        ),
        (
            r"^is (?:the )?(?:service account )?([\w-]+-sa)(?: service account)? (?:able|allowed|permitted|entitled) to ",
            r"can \1 ",
        ),
        (
            r"^(?:may|might|could|can) (?:i|we) (?:please )?(?:ask|enquire|inquire),? (?=what|which|who|where|how|why|when|whether)",
            "",
        ),
        (
            r"^(?:may|might|could|can) (?:i|we) (?:please |perhaps )?(?:trouble you for|ask for|be shown|be told|be given)(?: a look at)? ",
            "show ",
        ),
        (r"^.*\b(?:can|could|may) (?:i|we) (?:please )?(?:get|have) an? describe (?:on|of|for) ", "describe "),
        (
            r"^(?P<said>(?!.*\b(?:sort|rank|order)).*\b(?P<metric>cpu|memory|ram)\b.*?),? (?:the )?(?:worst|biggest|highest|hungriest|greediest|heaviest|busiest|largest)(?: (?:ones?|offenders?))? (?:(?:on|at the) top|first)\b",
            r"\g<said> sorted by \g<metric>",
        ),
        (
            r",? (?:the )?(?:worst|biggest|highest|hungriest|greediest|heaviest|busiest|largest)(?: (?:ones?|offenders?))? (?:(?:on|at the) top|first)\b",
            "",
        ),
        (r"\b(pvcs?|claims?|volume claims?)( (?:in|of|on) [\w-]+)? bound\?", r"\1\2"),
        (
            r",? with (?:their |the )?(?:sizes?|capacit(?:y|ies)|storage ?class(?:es)?|cluster ips?)(?:,? and (?:their |the )?(?:sizes?|capacit(?:y|ies)|storage ?class(?:es)?|ages?|ports?|status(?:es)?))*(?=\W*$)",
            "",
        ),
        (
            r"^(?:please |can you )?(?:change|set|switch|make) (?:my |the )?(?:default |current )?namespace to (?:the )?([\w-]+)\W*$",
            r"switch to namespace \1",
        ),
        (r"^(?:ns|namespace) ?(?:->|=>|:|=|to) ?([\w-]+)(?: pls| please)?\W*$", r"switch to namespace \1"),
        (r"^(?:ctx|context|cluster) ?(?:->|=>|:|=) ?([\w-]+)(?: pls| please)?\W*$", r"switch to cluster \1"),
    )
)
_PLAINER: Final = Rewordings(_ANYWHERE)
# What only leads to it.
_LEADS: Final = re.compile(
    r"^(?:hi|hey|hello|ok|okay|so|and|well|please|also|now|then)?[, ]*(?:"
    rf"{_WHO} (?:would like|wishes?|wants?|needs?|asks?|has asked|have asked|is asking|are asking|keeps? asking|(?:has|have) enquired?|(?:would|'d) (?:like|love|appreciate))(?: me)? (?:to (?:know|see|learn|find out|understand|have a look at|look at|get|have|be told|be shown|inspect|check)|for|about|whether|if)"
    r"|(?:i|we)(?: would| should|'d)(?: very much| really| dearly)? (?:like|love) to (?:know|see|read|hear|learn|have|get|find out|be shown|be told|understand|look at|inspect)|(?:i|we) (?:was|were|have been|am|are|'ve been) (?:asked|told|requested) to (?:find out|check|see|report|look up)|(?:i|we)(?: am|'m| would|'d| was| were| have| 've)? (?:be )?(?:interested|curious|hoping|wondering|keen|looking|trying|unsure|not sure|not certain|uncertain)(?: in| to| about| whether| if)*(?: (?:know|knowing|see|seeing|learn|get|find out|hear|have|a view of|understand|understanding))*"
    r"|it (?:would|'d) (?:be (?:good|great|nice|useful|helpful|interesting|lovely|handy|instructive|reassuring)|help(?: me| us)?(?: a great deal| a lot| greatly| very much)?|interest me) (?:to|if (?:i|we) could) (?:know|hear|read|see|have|look at|learn|get|be shown|understand)(?: of)?"
    r"|it (?:is|'s) (?:unclear|not clear|unknown|a mystery)(?: to me| to us)?|there is a need to (?:see|know)|it should be possible to (?:see|compare|know)"
    r"|(?:may|might|could|can) (?:i|we) (?:please |perhaps |possibly )?(?:be (?:shown|told|given)|have|see|get|know|learn|ask (?:for|to see)|take a look at|look at)"
    r"|(?:i|we) (?:need|have|want|would like|'d like|wish) to (?:be able to )?(?:know|understand|see|be shown|learn|find out|look at|inspect|check|follow)|remind me(?: of)?|(?:a|an) (?:overview|summary|listing|list|ranking) of"
    r"|(?:i|we) (?:do not|don't) (?:know|remember|recall)|(?:just|only) curious(?: about)?)[, ]+",
    re.IGNORECASE,
)
_TRAILS: Final = re.compile(
    r"^(?P<what>.+?) (?:would (?:interest (?:me|us)|be of interest|be (?:nice|helpful|welcome|good|great|useful|interesting)(?: to (?:see|have|know))?)|(?:is|are) what (?:i|we) (?:need|want|am after|'m after|would like)(?: to (?:see|know))?|(?:should|would have to|needs? to|must) be (?:shown|listed|displayed|visible|brought up|looked at))\W*$",
    re.IGNORECASE,
)
_WH: Final = re.compile(
    r"^(?:what|which|who|where|when|why|how|whether|if|is|are|does|do|has|have|the names?)\b", re.IGNORECASE
)
_LOOK: Final = r"(?:show|list|get|give|see|i want|i need|i'd like|display|pull|check|need|want|tell|fetch|print|let me see|have a look at)(?: me| us)?(?: to see)?"
_TOPIC: Final = re.compile(
    r"\b(?:pods?|deployments?|services?|svcs?|deploys?|sts|ds|cms?|eps?|nodes?|events?|logs?|log lines|lines|usage|memory|cpu|status|state|history|config ?maps?|secrets?|ingress(?:es)?|jobs?|cronjobs?|pvcs?|volumes?|endpoints|yaml|description|details|images?|namespaces?|statefulsets?|daemonsets?|hpas?|autoscalers?|top|quotas?|rollout|loaded|load)\b",
    re.IGNORECASE,
)
_JOINTS: Final = re.compile(
    r",\s*(?:and |plus |then )?| and (?:also |then )?| plus | \+ | & | n |, as well as | as well as ", re.IGNORECASE
)
_TAIL: Final = re.compile(
    r" (?:of|from|for|in|on) (?:the )?[\w.-]+(?: namespace| deployment| cluster| pods?)?$", re.IGNORECASE
)
_OWNER: Final = re.compile(
    r"^(?:the )?(?P<name>[\w-]+)(?:'s)? (?:pods?|deployment|logs?|state|status|events|service)", re.IGNORECASE
)
_ONE_THING: Final = re.compile(r"\b(cpu|memory|ram)(?:,| and| &|,? and) (cpu|memory|ram)\b", re.IGNORECASE)
_SAYS_IT_BETTER: Final = re.compile(r"\bi mean\b|\bevents\?$", re.IGNORECASE)
_MOST_PARTS: Final = 4
_SURE: Final = 0.75


def plainly_asked(text: str, vocabulary: Vocabulary) -> str:
    """A question without what people say around it; most stay as they are.

    Args:
        text: what was said.
        vocabulary: the names that the person may see.
    """
    text = _PLAINER(text)
    if "ontrol" in text:
        text = _controller(text, vocabulary)
    return _moved(text, vocabulary)


_MOVES: Final = re.compile(
    r"^(?:[\w ',]*?\b)?(?:(?:i|we)(?: would|'d|d)? (?:prefer|like|love|want|need|wish|rather)(?: to)? (?:be )?(?:working|work|stay|staying|be|continue|switch)|(?:let'?s|let us) (?:move|go|hop|switch|jump|head|work|stay|be)|(?:take|bring|put|move|switch|get) (?:me|us)(?: over| back)?|back|(?:i am|i'm|we are|we're) (?:only |just )?(?:moving|interested|working|busy|mostly|now)|working)"
    r" (?:in|on|against|with|into|to|over to|onto)(?:to)? (?:the )?(?P<place>[\w-]+)(?P<kind> namespace| cluster| context)?(?: for (?:a bit|now|the rest.*|a while|the moment|today)| now| please| pls| again| from (?:here|now) on)*(?:, [\w ]+)?\W*$",
    re.IGNORECASE,
)


def _moved(text: str, vocabulary: Vocabulary) -> str:
    """Say "let's work in qa for a bit" as the switch that it is, where the place is one."""
    found = _MOVES.match(text)
    if found is None:
        return text
    place = found["place"].lower()
    if place in vocabulary.clusters and "namespace" not in (found["kind"] or ""):
        return f"switch to cluster {place}"
    return f"switch to namespace {place}" if place in vocabulary.namespaces else text


def _controller(text: str, vocabulary: Vocabulary) -> str:
    """Put "the ingress controller" by the name of the one workload that can be meant."""
    alike = {
        entry.name
        for entries in vocabulary.names.values()
        for entry in entries
        if entry.kind in {"deployments", "daemonsets"} and "ingress" in entry.name
    }
    if len(alike) != 1:
        return text
    return re.sub(r"\b(?:the )?(?:nginx )?ingress[ -]controll?er\b", alike.pop(), text, flags=re.IGNORECASE)


def without_the_lead(text: str) -> str | None:
    """What is asked for, without the words that only lead to it; None where there are none."""
    found = _LEADS.match(text)
    if found is None:
        trail = _TRAILS.match(text)
        return None if trail is None else f"show {trail['what']}"
    rest = text[found.end() :].strip()
    rest = re.sub(r"^(?:whether|if) ", "", rest, flags=re.IGNORECASE)
    if len(rest.split()) < 2:
        return None
    return rest if _WH.match(rest) else f"show {rest}"


_ALL_THINGS: Final = re.compile(r"\b(?:all|everything|whole lot|anything)\b", re.IGNORECASE)


def several_looks(text: str, read: Callable[[str], Plan]) -> Plan | None:
    """The plan for a list of things to see; None where one of them is not clear.

    Args:
        text: what was said.
        read: reads a text by the rules.
    """
    plans = []
    seen: set[tuple[str, ...]] = set()
    for part in _listed(text):
        plan = read(part)
        if plan.behaviour is not Behaviour.RUN or plan.confidence < _SURE or plan.commands in seen:
            return None
        if any(line.startswith("kubectl get all ") for line in plan.commands) and not _ALL_THINGS.search(part):
            return None  # a place alone: it says where the others are
        seen.add(plan.commands)
        plans.append(plan)
    if len(plans) < 2:
        return None
    return replace(
        plans[0],
        commands=tuple(dict.fromkeys(command for plan in plans for command in plan.commands)),
        say=" ".join(plan.say for plan in plans if plan.say),
        confidence=min(plan.confidence for plan in plans),
        reading=tuple(reading for plan in plans for reading in plan.reading),
        view=plans[0].view if len({plan.view for plan in plans}) == 1 else type(plans[0].view)(),
    )


def _listed(text: str) -> Iterator[str]:
    """Each thing of a list, as a request of its own with the place or the object that is said of all."""
    plain = re.sub(
        rf"^(?:(?:please|can you|could you|would you|hey|ok|and|now|just) )*{_LOOK} ",
        "",
        text.strip().rstrip("?.!"),
        flags=re.IGNORECASE,
    )
    plain = re.sub(
        r",? (?:one go|in one go|please|pls|thanks|thx|while you(?:'re| are) (?:there|at it))$",
        "",
        plain,
        flags=re.IGNORECASE,
    )
    plain = _ONE_THING.sub(r"\1 \2", plain)
    parts = [part.strip() for part in _JOINTS.split(plain) if part.strip()]
    if (
        _SAYS_IT_BETTER.search(text)
        or not 2 <= len(parts) <= _MOST_PARTS
        or not all(_TOPIC.search(part) for part in parts)
    ):
        return
    tails = [_TAIL.search(part) for part in parts]
    lent = tails[-1] or tails[0]
    owner = _OWNER.match(parts[0])
    for part, tail in zip(parts, tails, strict=True):
        said = re.sub(r"^(?:its|their|the|his) (?:latest |last |recent )?", "", part, flags=re.IGNORECASE)
        if tail is None:
            if lent is not None:
                said += lent.group()
            elif owner is not None and part is not parts[0] and re.match(r"(?:its|their) ", part, re.IGNORECASE):
                said += f" of {owner['name']}"
        yield f"show the {said}" if not re.match(r"(?:how|what|which|the) ", said, re.IGNORECASE) else said
