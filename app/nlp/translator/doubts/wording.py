"""Words beside a change that make it doubtful: that it is denied, put off, bounded, told, quoted or asked about.

Data and its forms only. A form is matched against the clauses with slots in the place of names and values, joined by
their marks; it is held against changes of some verbs only, where it would mean nothing beside others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from app.nlp.translator.kubectl import Spoken

NOT_SURE: Final = "I am not sure that you want that changed now"
DENIED: Final = "What you say may as well mean that it must not be done"
TIMED: Final = "I can't wait for a time or a condition; I can only do it now"
BOUNDED: Final = "I need the exact number"
PART_OF_IT: Final = "I can't do that to a part of its pods"
TOLD: Final = "I can't tell whether that is told or asked for"
STATED: Final = "I take that for something told"
RELATIVE: Final = "I can't tell what it would come to"
OTHER: Final = "I am not sure that this is meant"
ANSWERED: Final = frozenset({NOT_SURE, DENIED, TOLD, STATED})
"""What is no request, and needs no question back."""

_NAME: Final = r"<(?:workload|pod|node|job|cronjob|object)>"
_FAMILIES: Final[Mapping[str, str]] = {
    "rollout restart": r"restart\w*|bounc\w+|reboot\w*|recycl\w+|kick\w*|redeploy\w*",
    "rollout undo": r"roll\w* back|rolled|rollback|revert\w*|undo|undone",
    "rollout pause": r"paus\w+|held|hold|stopp\w+",
    "scale": r"scal\w+|touch\w*|switch\w* off|shut\w*|stop\w*|turn\w* off|run(?:ning)?|go(?:es)? (?:down|below|under)|have|resiz\w+",
    "delete": r"delet\w+|remov\w+|kill\w*|dropp?\w*|destroy\w*|touch\w*",
    "drain": r"drain\w*|empt\w+|evacuat\w+",
    "cordon": r"cordon\w*",
    "rollout resume": r"resum\w*|continu\w*|proceed\w*|go on|carry on|move on",
    "label": r"label\w*|have",
    "uncordon": r"uncordon\w*",
    "patch": r"resum\w*|paus\w+|suspend\w*|disabl\w+|stopp\w+",
    "set image": r"use|run|updat\w+|upgrad\w+|be on|chang\w+",
    "set env": r"have|be set|set|chang\w+",
    "set resources": r"touch\w*|chang\w+",
    "autoscale": r"autoscal\w+",
}
"""Words for what a command does, by its verb, as they stand behind a denial."""

_TO_ZERO: Final = r"scal\w+|touch\w*|switch\w* off|shut\w*|stop\w*|turn\w* off"
_DENIERS: Final = (
    r"(?:\b(?:not|never|nobody|no one|without|doubt\w*|dont|cannot|avoid)\b|n't\b|\bkeep <\w+> from\b"
    r"|mustnt\b|\brather not\b)"
)
_BY_NO_MEANS: Final = r"\b(?:(?:under|in) no circumstances|on no account|by no means|at no (?:time|point))\b"
_DAYS: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_UNITS: Final = r"(?:minutes?|mins?|hours?|days?|weeks?|months?)"
_OUTRIGHT: Final = r"(?<=^)(?:please |pls |and |so |ok )*"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A form that makes changes doubtful.

    Attributes:
        form: of a text with slots.
        say: what is said of it.
        verbs: of which commands; of all where it is empty.
        unlike: what takes the doubt away.
        afresh: whether it says nothing behind earlier turns, which it may be about.
        puts: whether it says nothing of what takes a key off.
    """

    form: re.Pattern[str]
    say: str
    verbs: frozenset[str] = field(default_factory=frozenset)
    unlike: re.Pattern[str] | None = None
    afresh: bool = False
    puts: bool = False


def doubt(form: str, say: str, verbs: str = "", unlike: str = "", *, afresh: bool = False, puts: bool = False) -> Doubt:
    """A row of a table of doubts: verbs are written with commas between them."""
    held_against = frozenset(filter(None, verbs.split(",")))
    return Doubt(re.compile(form), say, held_against, re.compile(unlike) if unlike else None, afresh, puts)


def denies(text: str, command: Spoken) -> bool:
    """Whether every word for what a command does stands behind a denial.

    Args:
        text: clauses with slots.
        command: it.
    """
    family = _FAMILIES.get(command.verb)
    takes_off = command.verb in {"set env", "label"} and not any("=" in part for part in command.rest)
    if family is None or takes_off:
        return False
    if command.flag("--replicas") == "0":
        family = _TO_ZERO  # "it should not run any" asks for just that
    spoken, denied_after, denied_before = _denials_of(family)
    denied = len(denied_after.findall(text)) + len(denied_before.findall(text))
    return denied > 0 and denied >= len(spoken.findall(text))


@lru_cache(maxsize=64)
def _denials_of(family: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """The words of a family, those behind a denial, and those behind a "no" that is their own."""
    behind = rf"(?: (?!more\b|longer\b|but\b|matter\b|less\b|fewer\b)[\w'<>-]+){{0,4}}? (?:{family})\b"
    return (
        re.compile(rf"\b(?:{family})\b"),
        re.compile(rf"{_DENIERS}{behind}|{_BY_NO_MEANS}.* (?:{family})\b"),
        re.compile(rf"\bno (?:\w+ )?(?:{family})\b"),
    )


DOUBTS: Final[tuple[Doubt, ...]] = (
    # Taken back in the same breath.
    doubt(
        r"(?:[,.;!-]|\.\.\.|\bbut\b) *(?:nah|nope|never mind|nevermind|cancel (?:that|it)|forget (?:it|that)|scrap that|not now|not yet|just kidding|on second thoughts?\b.*|actually no|do not|dont|no way|not today|no)$|: no$",
        DENIED,
    ),
    doubt(r"\b(?:i mean|i meant|sorry|correction|no)[ ,]+<\w+>(?: [,.!])*$", OTHER, unlike=r"\bnot <", afresh=True),
    doubt(r"[?!.,-] ?(?:nope|nah|no),? (?:leave|keep|better|rather|do not)\b|\?(?:nope|nah)\b", DENIED),
    doubt(r"\b(?:in theory|theoretically|hypothetically|supposing)\b|^(?:suppose|imagine)\b", NOT_SURE),
    doubt(
        r"\b(?:to|love to|like to|want to) (?:see|know|hear|find out|check|understand) (?:which|what|who|whether|if|how|why|where)\b",
        NOT_SURE,
        unlike=r"[.;!] ?\w|\b(?:then|so|and) \w",
    ),
    doubt(
        r"\bnext (?:week|month|sprint|release|(?:mon|tues|wednes|thurs|fri|satur|sun)day) (?:we|i|they|he|she)\b", TIMED
    ),
    doubt(r"\bnot (?:just )?(?:now|yet)\b", DENIED, unlike=r"\bif not now\b"),
    doubt(r"\b(?:no need|see no need|not need) (?:to|for|an?)\b", DENIED, "rollout restart,rollout undo,drain,cordon"),
    # Numbers that are bounds, ranges, shares or amounts of something else.
    doubt(
        r"\b(?:fewer|less|greater) than <number>|\bmore than <number> (?:replicas|pods|copies)",
        BOUNDED,
        "scale,set resources",
    ),
    doubt(r"\b(?:go|goes|drop|fall|be|get) (?:below|under|above|over) <number>", BOUNDED, "scale"),
    doubt(r"\bat most <number>", BOUNDED, "scale"),
    doubt(r"<number> (?:\w+ |<\w+> )*(?:is|are|would|will|were) not (?:be )?enough", BOUNDED, "scale"),
    doubt(r"\bbetween <number> and <number>|<number> ?- ?<number> (?:replicas|pods)", BOUNDED, "scale"),
    doubt(r"\bfrom <number> to <number> (?:am|pm|hours|at)\b", BOUNDED, "scale"),
    doubt(
        r"\b\d+x\b|<number> times\b|\bpercent\b|\d%|\bdozen\b|\bone third\b|\b(?:a|two) thirds?\b", RELATIVE, "scale"
    ),
    doubt(r"\b(?:twenty|thirty|forty|fifty) <number>", RELATIVE, "scale"),
    doubt(r"\bby <bytes>|<bytes> more\b|\banother <bytes>|\bhalf a gig", RELATIVE, "set resources", r"\bi mean\b"),
    doubt(
        r"<number> (?:revisions?|versions?)\b(?! <)|\bback (?:by )?<number>(?! replicas)",
        RELATIVE,
        "rollout undo",
        r"\b(?:revision|version|to) <number>",
    ),
    doubt(
        r"(?:\b(?:another|more|half the|double the|halve the|twice the|the|extra)|<number>(?: more)?)"
        r" (?:time ?outs?|time|latency|reviews?|days?|weeks?|months?|people|eyes|engineers?|attention|disk|traffic|load(?! test)|containers?|nodes|versions?|options?|items?|errors?|retention|surge|grace|threads?|connections?)\b",
        OTHER,
        "scale",
        r"<number> (?:replicas|pods|copies|instances)|\b(?:replicas|pods|copies|instances) (?:to|at) <number>",
    ),
    doubt(
        r"\b(?:timeout|grace period|max surge|retention|respond with|revision|version|option|step|line|page|build) (?:of <\w+> )?(?:to )?<number>",
        OTHER,
        "scale",
    ),
    # A time of its own, or a condition.
    doubt(
        r"\bat (?:<number> (?:am|pm|o'clock)|night|midnight|noon)\b", TIMED, unlike=r"\b(?:starts?|begins?|opens?)\b"
    ),
    doubt(
        rf"\b(?:each|every) (?:morning|evening|night|day|week|hour|{_DAYS})\b|\bon {_DAYS}\b|\bby (?:{_DAYS}|tomorrow|tonight)\b|\bin the (?:morning|evening|afternoon)\b",
        TIMED,
        unlike=r"\b(?:fails?|crash\w*|runs?|slow|backup|every) (?:\w+ )*(?:on|each|every|in) ",
    ),
    doubt(
        rf"{_OUTRIGHT}(?:restart|scale|delete|drain|cordon|set|put|stop|roll)\b[^,.;]* in (?:<number>|an?|half an|a few|a couple of|<duration>)(?: {_UNITS})?(?: from now)?$",
        TIMED,
    ),
    doubt(
        r"\b(?:on failure|upon \w+|pending (?:approval|review)|should it \w+|when idle|depending on|under load|less often|more often|while <)",
        TIMED,
        "rollout restart,scale,delete,drain,rollout undo",
        r"\b(?:slow|struggl\w+|suffer\w*|dies|died|fails?|crash\w*) under load",
    ),
    doubt(
        r"\bdouble\b.*\b(?:halve|half|triple)\b|\bhalve\b.*\b(?:double|triple)\b|\badd <number> <workload>",
        RELATIVE,
        "scale",
        r"<number> <workload> (?:replicas|pods|instances)",
    ),
    doubt(
        r"\bdouble[ -]?(?:check|click|digit|tap|book)|^(?:traffic|load|latency|requests|usage)\b.*\b(?:doubled|tripled|halved)$|\b(?:on|across|over) <number> nodes",
        OTHER,
        "scale",
    ),
    doubt(r"\bmax\w* <number>$", OTHER, "set resources", r"\b(?:cpus?|cores?)\b"),
    doubt(r"\bback up\b", OTHER, "rollout undo"),
    doubt(r"\bwait for the rollout\b", OTHER, "rollout pause"),
    doubt(
        rf"\bgive <\w+> (?:<number> {_UNITS}|<duration>|an? (?:minute|hour|moment)|some time)",
        TIMED,
        unlike=r"\bgrace\b",
    ),
    # To a part of its pods.
    doubt(
        r"\b(?:restart|bounce|kill|recycle|cycle) (?:only |just )?(?:one|<number>|half|some|a few|an?y? ?one)(?: of)?(?: the| my| our)? (?:<workload> (?:pods|replicas|instances|copies)|(?:pods|replicas) of <workload>)",
        PART_OF_IT,
        "rollout restart",
    ),
    doubt(
        r"\b(?:delete|kill|remove) (?:only |just )?(?:one|<number>|half|some|a few|any) of (?:its|their|the)\b",
        PART_OF_IT,
    ),
    doubt(
        r"\b(?:first|second|third|last|other|oldest|newest) <workload> (?:pods|replicas?|copy)\b",
        PART_OF_IT,
        "rollout restart,scale,rollout undo,set image,set resources,set env",
    ),
    doubt(r"<number> times\b|\btwice$", RELATIVE, "rollout restart"),
    doubt(
        r"\bat <number>$|\b(?:till|until) <number> (?:am|pm)",
        TIMED,
        "rollout restart,delete,drain",
    ),
    doubt(
        r"\b(?:memory|cpu|mem) (?:limit|request)s?\b",
        OTHER,
        "scale",
        r"\b(?:replicas|pods|copies|instances)\b|<bytes>|\bautoscal",
    ),
    doubt(r"^(?:please )?(?:upgrade|update) <workload> to <number>$", OTHER, "scale"),
    # Told, quoted or asked.
    doubt(
        r"^(?:they|someone|somebody|i|we|he|she|the [\w-]+|yesterday \w+) (?:just |already )?(?:put|cut|set|let|shut|hit) (?:the )?(?:<|\w+ [-\w]*<)",
        TOLD,
    ),
    doubt(
        r"^(?!please\b|pls\b|just\b|kindly\b|now\b|then\b|so\b|and\b|also\b|to\b|we\b|can\b|could\b|would\b|will\b|lets?\b|better\b|must\b|should\b|quickly\b|ok\b|hey\b|hi\b|yo\b)[a-z]+ (?:put|set|cut|shut|let) (?:down )?<(?:workload|node|setting)>",
        TOLD,
    ),
    doubt(
        r"^<\w+> (?:has|runs|had|ran|is running|runs with|is at|stands at) (?:only |still |now |about )?<number>|^with <workload> at <number>,",
        TOLD,
        unlike=r"\b(?:should|needs?|must|want|make|scale|please|set|pls|instead|want\w*|enough|plenty|bring|put|give)\b",
    ),
    doubt(
        r"^<\w+> (?:has|had) an? (?:\w+ )?limit of <|^limit of <\w+> is <",
        TOLD,
        unlike=r"\b(?:should|needs?|must|want|make|please|set|raise|bump|lower)\b",
    ),
    doubt(
        r"^(?:the )?(?:old version of |rollout of )?<\w+>(?: pods?)? (?:just |itself )?(?:is |are |got |was )?(?:back |again )?(?:empty|drained|stopped|restarted|restarting|doubled|cordoned|paused|running|available|to the old version|suspended)(?: again| now)?$",
        TOLD,
    ),
    doubt(r"^i (?:remember|recall|see|saw|noticed)\b", TOLD),
    doubt(r"<workload> (?:shut|scaled|killed|stopped|restarted) itself\b", TOLD, "scale,rollout restart,delete"),
    doubt(
        r"(?:<number>|\bone|\btwo|\bsome) (?:more )?(?:<\w+> )?(?:pods?|replicas?) (?:crashed|died|failed|restarted|less than|pending|not ready|failing|evicted|restarting|gone)",
        TOLD,
    ),
    doubt(
        r"(?:\b(?:failed|forbidden|errored|succeeded|is done|was done|timed out|error)|=>.*)[.!]?$",
        TOLD,
        unlike=r",|\b(?:because|since|as|retry|again)\b|\b(?:when|until|once) (?:it|that|this|all) is done",
    ),
    doubt(
        r"^(?:ticket|commit|note to self|note|message|alert|option|todo|jira|subject|re|fwd|quote|log|title|comment|example|already done|runbook)\b[^,:]{0,24}:|^according to (?:the )?(?:runbook|docs?|wiki|manual|plan)\b|^(?:commit message|note to self|message|ticket <number>|alert|already done|option a) ",
        TOLD,
    ),
    doubt(
        r"\bhow to\b|\bthe command (?:to|for|that)\b|\bdry ?-?run\b|^define ",
        NOT_SURE,
        unlike=r"\bknow how to\b.*\bso\b",
    ),
    doubt(
        r"^(?:and |so |ok )*(?:should|can|may|might|shall|does|do|is|are|was|did) (?:the )?<(?!number)",
        NOT_SURE,
        unlike=r"\bplease\b|\bpls\b|\bplz\b",
        afresh=True,
    ),
    doubt(r"^<\w+> should (?:have|be|use|run)\b[^,.;]*\?$", NOT_SURE),
    doubt(
        r"^(?:check|see|show|confirm|verify)(?: me)? (?:that|whether|if)\b|^i (?:want|would like|need) to see <|^estimate\b|^get <workload> at\b",
        NOT_SURE,
    ),
    doubt(
        r"^(?:we|i|they|he|she) (?:needed|wanted|thought|had wanted) (?!you|someone)|^<\w+> wanted\b",
        TOLD,
        unlike=r"\bi (?:wanted|thought) (?:to ask|you|it)",
    ),
    doubt(
        r"^(?!we\b|you\b|i\b|it\b|this\b|that\b|they\b|there\b|somebody\b|someone\b|who\b|please\b)(?:[a-z]+|the [\w-]+) (?:must|should|has to|needs to) (?:restart|scale|delete|drain|cordon|roll|stop|kill) <",
        TOLD,
    ),
    doubt(
        r"^the (?:dashboard|hpa|runbook|docs?|alert|ticket|autoscaler|graph|report|checklist) (?:shows?|says?|wants?|needs?|claims?|suggests?)\b",
        TOLD,
    ),
    doubt(
        r"^(?:ok |and |so |let us |lets |now )*(?:go back to|move on to|continue with|get back to|back to|turn to) (?:the )?<\w+>$",
        OTHER,
        afresh=True,
    ),
    doubt(
        r"\b(?:off|away from|no longer (?:use|run|be on)|stop using|not use) (?:of )?(?:the )?<image>",
        OTHER,
        "set image",
    ),
    doubt(r"\bmore load on <node>|<node> should have\b", OTHER, "uncordon"),
    doubt(r"\bformer\b|\blatter\b|\bthe other one\b", OTHER, afresh=True),
    doubt(rf"\b(?:the thing|the one|whatever|what) {_NAME} (?:depends|relies|runs|sits) on", OTHER),
)
"""What makes a change doubtful, in no order that matters."""

AS_WRITTEN: Final[tuple[Doubt, ...]] = (
    doubt(r"\bat \d{1,2}[:.]\d\d\b(?!\.)|\bat \d{1,2} ?(?:am|pm)\b", TIMED),
    doubt(
        r"\b(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[ -](?:one|two|three|four|five|six|seven|eight|nine)\b",
        RELATIVE,
        "scale",
    ),
    doubt(r"\bdozen\b|\b(?:one|a|two)[ -]thirds?\b|\btimes (?:the|as|its)\b|\b\d+x\b", RELATIVE, "scale"),
    doubt(
        r"\bhalf (?:a )?(?:gig\w*|gb|gi|g|1[a-z]*)\b|\band a half\b|\bby \d+ ?[kmg]i?b?\b|\b\d+ ?[kmg]i?b? more\b",
        RELATIVE,
        "set resources",
    ),
    doubt(r"\bmem\w* .*\b\d+m\b", RELATIVE, "set resources", r"\bcpus?\b"),
    doubt(r"(?<![\w.-])\d+ ?- ?\d+(?![\w.-])", BOUNDED, "scale"),
    doubt(r"\b(?:till|until) \d{1,2} ?(?:am|pm)\b|^restart \S+ at \d{1,2}$", TIMED),
    doubt(
        r"\bback to (?:the )?(?:v?\d+\.\d|last week|yesterday|first\b(?! of)|newest|latest|version before last|version of)|\brevision (?:0|-)",
        RELATIVE,
        "rollout undo",
    ),
    doubt(r"^\S+ [45]\d\d$", TOLD, "scale"),
)
"""The same, of a text in its own words."""

_TELLS: Final = r"(?:is|was|has|had|failed|crashed|crashes|works?|worked|looks?|seems?|went|comes?|came|complained|died|broke|needs? no)\b"
AFTER_A_TURN: Final[tuple[Doubt, ...]] = (
    doubt(
        r"^(?:and |so |but |ok |wait )*(?:is|was|does|did|has|have|are|were|why|who|when|where|how many|will|would it)\b",
        NOT_SURE,
    ),
    doubt(
        rf"^(?:and |so |but |ok )*(?:(?:on|in) <\w+>,? )?(?:<(?:cluster|namespace|workload|node|pod|image|object)>|it|they) (?:already |still |also )?{_TELLS}",
        TOLD,
        unlike=r"\b(?:should|must|needs? (?!no\b)|has to|is the one|is meant|is enough|was enough|supposed|wanted|what i|what we|too (?:much|many|few|little|high|low|big|small)|restart|undo|revert|put|make|scale|delete|set|back|lift\w*|please|instead|served|superfluous|can|may|could)\b",
    ),
    doubt(
        r"<number> (?:people|users|customers|tickets|alerts)\b|\border <number>|\bone more (?:thing|question|note|remark)\b|^not again$",
        OTHER,
    ),
    doubt(r"\btomorrow\b|^(?:\w+ )?(?:but )?later\b", TIMED),
    doubt(r"^no,? <workload>$", OTHER, "scale"),
    doubt(
        r"\bthere (?:is|are) (?:only |just )?<number>|<number> pods are|^i count\b|<number> is too (?:few|many|low|high|little|much)|^from <number>|<number> or <number>"
        r"|<(?:workload|image)> not$|^next one$|^go away|^cancel\b|^(?:stay|remain) on\b|^keep <image>|^not (?:<image>|<number>|[\d.]+)$",
        OTHER,
    ),
)
"""The same, of what follows on an earlier command."""
