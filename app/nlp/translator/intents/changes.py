"""Which change a clause wants, told by what stands in it: an image and a workload, a node and pods that may not come.

A change is named here as a plain request, which the rules read and check like any other. What could be lost by a
misreading (a deletion, a drain) wants every word accounted for; the rest leaves room for a word or two that nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb

MOST_UNKNOWN = 3  # words that are not accounted for, of a change that can be taken back
_VAGUE: Final = frozenset({Action.OTHER, Action.LIGHT, Action.SCALE, Action.IMAGE})
MOST_UNKNOWN_OF_A_LOSS = 1
NAMED: Final = frozenset({"<workload>", "<pod>", "<node>", "<job>", "<cronjob>", "<object>"})
_COPIES = r"(?:replicas?|pods|copies|copy|instances?|members?)"
_N = r"<number>"
_REMOVED = (
    r"(?:remove[ds]?|unset|dropp?(?:ed)?|ditch(?:ed)?|delete[ds]?|gone|superfluous|no longer|without|stripp?(?:ed)?|scrapp?(?:ed)?|yank(?:ed)?|pull(?:ed)?"
    r"|lose|not be there|taken? (?:\S+ ){0,4}off|take (?:\S+ ){0,5}(?:off|away|out)|taken? (?:\S+ ){0,4}out|get rid|rid of|clear(?:ed)?|lift(?:ed)?|rip(?:ped)?|off|disappear|untaint|unlabel)"
)


@dataclass(frozen=True, slots=True)
class Intent:
    """A sort of change.

    Attributes:
        cue: what tells it, in a clause's text.
        of: the sorts of names that it is said of.
        plain: the request, from the clause, what the cue found and the name; None where it does not fit after all.
        unlike: what would make it another change.
        loses: whether a misreading could lose something.
        denies: whether it is what a denial asks for: "do not let it use more than 2Gi".
    """

    cue: re.Pattern[str]
    of: frozenset[str]
    plain: Callable[[Clause, re.Match[str], str], str | None]
    unlike: re.Pattern[str] | None = None
    loses: bool = False
    denies: bool = False


def wanted(clause: Clause, *, may_lose: bool, denied: bool = False, short: bool = False) -> Iterator[str]:
    """The changes that a clause may want, each as a plain request, the likeliest first.

    Args:
        clause: what was said.
        may_lose: whether it is request enough for what could lose something.
        denied: whether it says what is not to be let happen.
        short: whether it has no verb that could say what is meant: then every word counts.
    """
    text = clause.text
    for intent in INTENTS:
        names = [word for word in clause.words if word.token in intent.of]
        if (
            not names
            or (intent.loses and not may_lose)
            or (denied and not intent.denies)
            or (intent.unlike is not None and intent.unlike.search(text))
        ):
            continue
        found = intent.cue.search(text)
        if found is None:
            continue
        unknown = _unknown(clause, found)
        if any(_commands(word) for word in unknown) or len(unknown) > (
            0 if short else MOST_UNKNOWN_OF_A_LOSS if intent.loses else MOST_UNKNOWN
        ):
            continue
        said = intent.plain(clause, found, _called(clause, names))
        if said is not None and not _is_lost(clause, said):
            yield said


def _commands(word: Word) -> bool:
    """Whether a word is the verb of a change of its own."""
    verb = word.tag.value
    return isinstance(verb, Verb) and verb.form is Form.BASE and verb.action in CHANGES and verb.action not in _VAGUE


def _unknown(clause: Clause, found: re.Match[str]) -> list[Word]:
    """The words that say nothing to the purpose and are no mere grammar."""
    used = clause.within(*found.span())
    return [
        word
        for word in clause.words
        if word not in used
        and not word.token.startswith("<")
        and word.token not in _EMPTY
        and word.token not in KINDS
        and word.tag.part is not Part.STATUS
        and not _AROUND_VALUES.fullmatch(word.token)
    ]


VALUES: Final = frozenset({_N, "<image>", "<setting>", "<key>", "<bytes>", "<size>"})
_BESIDE_THE_POINT: Final = frozenset(
    {"not", "of", "from", "than", "the", "those", "these", "just", "since", "a", "brand", "old"}
)


def _is_lost(clause: Clause, said: str) -> bool:
    """Whether a name or a value of the clause is missing in the request that was made of it."""
    held = set(re.split(r"[\s=:/%]+", said)) | set(said.split())
    before = ""
    for word in clause.words:
        named = word.token in NAMED and word.value not in held and word.value == word.tag.low
        valued = (
            word.token in VALUES
            and before not in _BESIDE_THE_POINT
            and word.tag.low != "one"
            and not any(word.value in part for part in held)
        )
        if named or valued:
            return True
        before = word.token
    return False


def only_adds(clause: Clause) -> bool:
    """Whether a clause holds nothing but values and what is said around them."""
    return all(
        word.token.startswith("<")
        or word.token in _EMPTY
        or word.token in KINDS
        or _AROUND_VALUES.fullmatch(word.token)
        for word in clause.words
    )


_AROUND_VALUES = re.compile(
    rf"{_COPIES}|\d+%|percent|cpus?|cores?|memory|mem|lim|ram|between|limit|request|min|max|minimum|maximum|port|target|image|version|revision|aiming|targeting|keeping|average|half|quarter|most|least|label|value|key|effect|noschedule|noexecute"
)


def _called(clause: Clause, names: list[Word]) -> str:
    return " and ".join(dict.fromkeys(word.value for word in names))


def _number(clause: Clause, found: re.Match[str], group: str | int = "n") -> str | None:
    words = clause.within(*found.span(group))
    return next((word.value for word in words if word.token == _N), None)


# --- replicas --------------------------------------------------------------------------------------------------------
_NO_COPIES = re.compile(
    r"\b(?:percent|%|port|more than|revisions?|minutes?|hours?|seconds?|lines?|cpu|cores?|memory|ram|gigs?|gb|mb|gi|mi|limits?|requests?|millicores|itself|automatically"
    r"|autoscal\w+|between|horizontalpodautoscalers|<duration>|label\w*|annotat\w+|taint\w*|env|variables?|jobs?|logs?|events|describe|show|list|create|called|named)\b|<(?:image|setting|key|bytes|size|duration)>"
)


def _up(clause: Clause, found: re.Match[str], name: str) -> str:
    return f"scale {name} up by {_first_number(clause, found) or 1}"


def _down(clause: Clause, found: re.Match[str], name: str) -> str:
    return f"scale {name} down by {_first_number(clause, found) or 1}"


def _first_number(clause: Clause, found: re.Match[str]) -> str | None:
    """The number in the first of a cue's groups that has one."""
    return next((_number(clause, found, group) for group, text in found.groupdict().items() if text), None)


# --- values ----------------------------------------------------------------------------------------------------------
def _image(clause: Clause, found: re.Match[str], name: str) -> str | None:
    images = clause.of("<image>")
    return f"set the image of {name} to {images[-1].value}" if images else None


_UNITS = {
    "gi": "Gi", "gig": "Gi", "gigs": "Gi", "gb": "Gi", "gigabyte": "Gi", "gigabytes": "Gi", "gibibyte": "Gi", "gibibytes": "Gi", "g": "Gi",
    "mi": "Mi", "meg": "Mi", "megs": "Mi", "mb": "Mi", "megabyte": "Mi", "megabytes": "Mi", "mebibyte": "Mi", "mebibytes": "Mi", "m": "Mi",
}  # fmt: skip
_MEMORY = re.compile(
    rf"(?P<bytes><bytes>)|(?P<n><number>|an?|half an?) (?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b"
)
_CPU = re.compile(
    r"(?P<size><size>)|(?P<half>half (?:of )?(?:a|an|<number>)? ?(?:cpu|core)(?: core)?)|(?P<quarter>quarter (?:of )?(?:a|an|<number>)? ?(?:cpu|core)(?: core)?)"
    r"|(?P<m><number> (?:millicores?|millicpus?|milli))|(?P<n><number>) (?:whole |full |entire )?(?:cpus?|cores?)\b|(?:cpu|cores?)(?: limit| request)?(?: of| to| at| =)? (?P<n2><number>)(?! (?:gi|mi|gb|mb|gigs?|megs?)\b)"
)
_REQUESTS = re.compile(
    r"\b(?:requests?|guarantee[ds]?|reserved?|at least|minimum|set aside|count on|no less than|never less)\b"
)
_LIMITS = re.compile(
    r"\b(?:limit\w*|at most|no more|not more|more than|up to|exceed\w*|cap(?:ped)?|max\w*|ceiling|allow\w*|permit\w*|restrict\w*|let|grant\w*|top out|beyond|over|above|let (?:it )?have)\b"
)


def _memory(clause: Clause) -> str | None:
    found = _MEMORY.search(clause.text)
    if found is None:
        return None
    if found["bytes"]:
        return clause.within(*found.span("bytes"))[0].value.replace("GB", "Gi").replace("MB", "Mi")
    if found["n"].startswith("half"):
        return "512Mi" if _UNITS[found["unit"]] == "Gi" else None
    number = _number(clause, found) if found["n"] == _N else "1"
    return f"{number}{_UNITS[found['unit']]}"


def _cpu(clause: Clause) -> str | None:
    found = _CPU.search(clause.text)
    if found is None:
        return None
    if found["half"]:
        return "500m"
    if found["quarter"]:
        return "250m"
    if found["size"]:
        return clause.within(*found.span("size"))[0].value
    if found["m"]:
        return f"{_number(clause, found, 'm')}m"
    return _number(clause, found, "n") or _number(clause, found, "n2")


def _resources(clause: Clause, _: re.Match[str], name: str) -> str | None:
    text = clause.text
    sort = "request" if _REQUESTS.search(text) else "limit" if _LIMITS.search(text) else None
    memory, cpu = _memory(clause), _cpu(clause)
    if sort is None or (memory is None and cpu is None):
        return None
    if cpu and memory:
        return f"set the cpu {sort} of {name} to {cpu} and the memory {sort} to {memory}"
    return f"set the cpu {sort} of {name} to {cpu}" if cpu else f"set the memory {sort} of {name} to {memory}"


# --- keys and values -------------------------------------------------------------------------------------------------
_NO_KEYS = frozenset(
    {
        "CPU",
        "RAM",
        "DNS",
        "HTTP",
        "HTTPS",
        "API",
        "US",
        "EU",
        "OOM",
        "PVC",
        "HPA",
        "ASAP",
        "QA",
        "NOT",
        "NOW",
        "OK",
        "SSD",
        "GPU",
        "URL",
        "VIP",
        "PLEASE",
        "PLS",
        "ALL",
        "THE",
        "AND",
    }
)
_CALLED = frozenset({"called", "variable", "var", "named", "setting"})
_SWITCHED = frozenset({"on", "off", "no", "yes"})
_BETWEEN = frozenset(
    {
        "env",
        "environment",
        "variable",
        "variables",
        "var",
        "vars",
        "called",
        "named",
        "setting",
        "instead",
        "to",
        "=",
        "be",
        "as",
        "at",
        "is",
        "value",
        "of",
        "the",
        "set",
        "set_to",
        "equal",
        "equals",
        "on",
        "with",
        "should",
        "say",
        "it",
        "and",
    }
)


def _is_key(word: Word) -> bool:
    if word.token == "<key>":
        return True
    plain = word.value
    return (
        not word.token.startswith("<")
        and plain.isupper()
        and plain.isalpha()
        and len(plain) > 2
        and plain not in _NO_KEYS
    )


def _env(clause: Clause, found: re.Match[str], name: str) -> str | None:
    settings = [word for word in clause.of("<setting>") if ":No" not in word.value]
    keys = [at for at, word in enumerate(clause.words) if _is_key(word)]
    text = clause.text
    if settings and ("env" in text or "variable" in text or settings[0].value.partition("=")[0].isupper()):
        return f"set env {' and '.join(word.value for word in settings)} on {name}"
    if not keys:
        return None
    called = next((at for at in keys if clause.words[at - 1].token in _CALLED and at), keys[0])
    key = clause.words[called]
    if re.search(_REMOVED, text):
        return f"remove env {key.value} from {name}"
    others = [clause.words[at] for at in keys if at != called]
    for word in (*others, *clause.words[called + 1 :]):
        if word.token in NAMED or word.token in _BETWEEN or (word.token in _EMPTY and word.token not in _SWITCHED):
            continue
        return f"set env {key.value}={word.value} on {name}"
    return None


def _marked(verb: str, noun: str) -> Callable[[Clause, re.Match[str], str], str | None]:
    def plain(clause: Clause, found: re.Match[str], name: str) -> str | None:
        settings = clause.of("<setting>")
        if settings and verb != "taint":
            return f"{verb} {_kind_of(clause)}{name} {' and '.join(word.value for word in settings)}"
        if settings:
            effect = next((word.value for word in clause.words if word.token in _EFFECTS), "")
            whole = settings[0].value if ":" in settings[0].value or not effect else f"{settings[0].value}:{effect}"
            return f"taint {name} {whole}"
        pair = _pair(clause, noun)
        if pair and not re.search(_REMOVED, clause.text):
            return f"{verb} {_kind_of(clause)}{name} {pair}"
        if re.search(_REMOVED, clause.text):
            key = _beside(clause, noun)
            return f"remove {noun} {key} from {_kind_of(clause)}{name}" if key else None
        return None

    return plain


_EFFECTS = frozenset({"noschedule", "noexecute", "prefernoschedule"})
_VALUED = frozenset({"value", "to", "=", "saying", "as", "is", "being", "of", "says", "say"})


def _pair(clause: Clause, noun: str) -> str | None:
    """A key and its value that are said as words: "an annotation owner with the value storefront"."""
    words = clause.words
    said = [at for at, word in enumerate(words) if word.token.rstrip("s") in {noun, f"{noun}led", "tag", "tagged"}]
    if not said:
        return None
    behind = [word for word in words[said[0] + 1 :] if not word.token.startswith("<") and word.token not in KINDS]
    plain = [word for word in behind if word.token not in _EMPTY and word.token not in _VALUED and word.token != "with"]
    if len(plain) == 2 and all(_PLAIN_WORD.fullmatch(word.value) for word in plain):
        return f"{plain[0].value}={plain[1].value}"
    return None


_PLAIN_WORD = re.compile(r"[A-Za-z0-9][\w./-]*")


def _beside(clause: Clause, noun: str) -> str:
    """The word before a noun, or the one behind it: "the gpu taint", "the label tier"."""
    for at, word in enumerate(clause.words):
        if word.token.rstrip("s") == noun:
            for other in (*clause.words[at - 1 : at], *clause.words[at + 1 : at + 2]):
                if not other.token.startswith("<") and other.token not in _EMPTY:
                    return other.value
            called = next(
                (at_too for at_too, other in enumerate(clause.words[at:], at) if other.token in {"called", "named"}),
                None,
            )
            if called is not None and called + 1 < len(clause.words):
                return clause.words[called + 1].value
    return ""


def _kind_of(clause: Clause) -> str:
    """The kind that is said right behind or before a name: "the web deployment"."""
    words = clause.words
    for at, word in enumerate(words):
        if word.token in NAMED:
            for other in (*words[at + 1 : at + 2], *words[max(at - 1, 0) : at]):
                kind = KINDS.get(other.token)
                if kind is not None and kind.plural in word.kinds:
                    return f"{kind.singular} "
    return ""


_PERCENT = re.compile(r"\d{1,3}%")


def _autoscale(clause: Clause, found: re.Match[str], name: str) -> str | None:
    numbers = [word.value for word in clause.of(_N)]
    percent = re.search(
        r"(?P<n><number>) ?(?:percent|%|cpu)|(?:cpu|at|around|aiming for|aiming at|of) (?P<n2><number>)$", clause.text
    )
    target = (_number(clause, percent, "n") or _number(clause, percent, "n2")) if percent else None
    written = next((word.value.rstrip("%") for word in clause.words if _PERCENT.fullmatch(word.value)), None)
    target = written or target
    bounds = [number for number in numbers if number != target] if target else numbers
    if len(bounds) != 2:
        return None
    least, most = sorted(bounds, key=int)
    return f"autoscale {name} between {least} and {most}" + (f" at {target}% cpu" if target else "")


def _expose(clause: Clause, found: re.Match[str], name: str) -> str | None:
    numbers = clause.of(_N)
    return f"expose {name} on port {numbers[0].value}" if len(numbers) == 1 else None


def _revision(clause: Clause, found: re.Match[str], name: str) -> str | None:
    number = re.search(r"\brev(?:ision)?s?(?: number)? (?P<n><number>)", clause.text)
    return f"roll back {name} to revision {_number(clause, number)}" if number else f"roll back {name}"


def _said(form: str) -> Callable[[Clause, re.Match[str], str], str | None]:
    return lambda clause, found, name: form.format(name=name, kind=_kind_of(clause))


def _cue(*forms: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{form})" for form in forms))


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
_CARRY_ON = (
    r"(?:continue|proceed|go on|go ahead|carry on|resume[ds]?|unpause[ds]?|un-pause[ds]?|keep going|move on|go forward)"
)
_HOLD = (
    r"(?:pause[ds]?|halt(?:ed)?|hold(?: on)?|held|on hold|stopp?(?:ed)?|frozen?|freeze|put on ice|wait|suspend(?:ed)?)"
)

INTENTS: Final[tuple[Intent, ...]] = (
    Intent(
        _cue(
            r"autoscal\w+",
            r"(?:scales?|grow\w*|size|adjusts?) (?:by )?(?:itself|automatically|on its own)",
            r"\bhpa\b",
            rf"between {_N} and {_N} {_COPIES}",
            rf"{_N} (?:to|-|and|up to) {_N}.*(?:percent|%|cpu)",
            r"automatically|by itself|on its own",
        ),
        _OF_WORKLOADS,
        _autoscale,
        re.compile(r"\b(?:show|list|delete|remove|describe)\b"),
    ),
    Intent(
        _cue("<image>"),
        _OF_WORKLOADS,
        _image,
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
        _resources,
        re.compile(r"\b(?:top|usage|using|sort\w*|percent|%|show|list|consum\w+|autoscal\w+)\b"),
        denies=True,
    ),
    Intent(
        _cue(r"(?:labell?ed|labels?|tag(?:ged)?)"),
        NAMED,
        _marked("label", "label"),
        re.compile(r"\b(?:show|list|with label|with the label|which|annotat\w+|select\w*)\b"),
    ),
    Intent(_cue(r"annotat\w+"), NAMED, _marked("annotate", "annotation"), re.compile(r"\b(?:show|list|which)\b")),
    Intent(
        _cue(r"taint(?:ed|s)?|untaint", "<setting>"),
        _OF_NODES,
        _marked("taint", "taint"),
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
        _env,
        re.compile(
            r"\b(?:show|list|which|label\w*|annotat\w+|configmaps?|config map|secrets?|create|logs?|lines?|grep|error)\b"
        ),
    ),
    Intent(
        _cue(r"expos\w+", r"\bservices?\b.*\bport\b", r"\bport\b.*\bservices?\b", r"\bservice in front\b"),
        _OF_WORKLOADS,
        _expose,
        re.compile(r"\b(?:show|list|which|forward\w*|delete|remove)\b"),
    ),
    Intent(
        _cue(
            rf"(?P<n>{_N}) (?:\w+ )?(?:more|additional|extra|further)\b(?: {_COPIES})?",
            rf"\bone (?:more|additional|extra|further)\b(?: {_COPIES})?",
            rf"(?:another|an extra|an additional|a further) (?P<n4>{_N})",
            rf"(?:another|an extra|an additional|a further)(?: {_COPIES})?",
            rf"(?:up|by|plus|add\w*|\+) (?P<n2>{_N})(?: {_COPIES})? (?:more|on top|extra)",
            rf"(?P<n3>{_N})(?: <workload>)?(?: {_COPIES})? (?:more|on top|extra|additional)",
        ),
        _OF_WORKLOADS,
        _up,
        _NO_COPIES,
    ),
    Intent(
        _cue(
            rf"(?P<n>{_N})(?: <workload>)?(?: {_COPIES})? (?:fewer|less)\b(?: {_COPIES})?",
            rf"(?:take|remove|drop|knock|shave|cut|lose|kill|spare) (?P<n2>{_N})(?: of (?:the|its)(?: {_N})?)?(?: <workload>)?(?: {_COPIES})? ?(?:away|off|out|from|of)?",
            rf"\bone (?:less|fewer)\b(?: {_COPIES})?|{_COPIES} (?:less|fewer)\b",
            rf"one of (?:the|its|our) (?:{_N} )?(?:<workload> )?(?:{_COPIES} )?(?:can|could|may) (?:be (?:spared|dispensed with|given up|cut|removed)|go)",
            rf"(?P<n3>{_N}) (?:of the (?:{_N} )?)?(?:<workload> )?(?:{_COPIES} )?(?:can|could|may) be (?:spared|dispensed with|given up|cut)",
        ),
        _OF_WORKLOADS,
        _down,
        re.compile(_NO_COPIES.pattern + rf"|\bto {_N}"),
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
        _revision,
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
        _revision,
        re.compile(
            rf"<image>|<node>|<bytes>|\b(?:show|list|history|logs?|what|which|scale\w*|{_COPIES}|to <number>|versions|uncordon|diff|compare|previous container|restart)\b"
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
        re.compile(r"\b(?:resume|continue|unpause|delete)\b"),
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
            rf"\bno (?:single )?(?:{_COPIES})\b|\bnot (?:have|need|run|keep)?(?: a| any)?(?: single| {_N})? {_COPIES}",
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
            rf"(?P<n>{_N}) (?:\w+ )?{_COPIES}\b",
            rf"(?:to|at|on|with|have|be|run|=|down to|up to|make it|need|get|gets|wants?|on a|of) (?:just |only |exactly |about |now |all |a )?(?P<n2>{_N})(?: of (?:it|them|those))?(?! <)",
            rf"(?P<n3>{_N}) <workload>",
            rf"(?P<one>\ba (?:single|sole|lone) {_COPIES}|\bjust a {_COPIES})",
            r"(?P<two>\ba (?:pair|couple)(?: of)?)",
            rf"{_COPIES} <number>",
            rf"(?P<n5>{_N})(?: one)? (?:would|will) (?:be (?:enough|plenty|fine|sufficient|ok|okay|good)|do|suffice)",
            rf"(?P<n4>{_N}) of (?:it|them|those|these)",
        ),
        _OF_WORKLOADS,
        lambda clause, found, name: _scaled_to(clause, found, name),
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
            r"(?:delete[ds]?|remove[ds]?|dropp?(?:ed)?|scrapp?(?:ed)?|bin(?:ned)?|ditch(?:ed)?|kill(?:ed)?|nuke[ds]?|axe[ds]?|trash(?:ed)?|toss(?:ed)?|chuck(?:ed)?|purge[ds]?|retired?|dispose[ds]? of|dispensed? with|get rid of|got rid of|rid of)(?: (?:entirely|completely|altogether|for good))?",
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


def _scaled_to(clause: Clause, found: re.Match[str], name: str) -> str | None:
    if found["one"]:
        return f"scale {name} to 1"
    if found["two"]:
        return f"scale {name} to 2"
    number = _first_number(clause, found) or _number(clause, found, 0)
    return None if number is None else f"scale {name} to {number}"


_EMPTY: Final = frozenset(
    """
    the a an all every each any single our my your its their his her this that these those of in on at to for from with by
    as it they them he she be is are am been being and or so now then please pls plz just only also too again more less
    longer back already still really soon right away time while us we i you me there here which what who would should will
    must may can could shall has have had get gets got run runs use used using carry bear keep make makes let want wants
    like prefer appreciate enough sufficient plenty fine ok okay good best better need needs needed deserve deserves ought
    do does did not no never new fresh one ones both same lot thing things stuff moment today tonight night weekend while
    quick quickly real really actually simply maybe hey hi hello yo ugh argh lol haha mate dude guys folks team morning
    please thanks thank thx ta cheers sorry btw up down out off over under around about than into onto go goes going come
    comes put set give take bring turn push set stick slap pop flip bump crank change update move drop cut raise lower
    some someone somebody anyone will ya yeah yes yep well oh um hmm sure cool great nice lovely immediately asap once
    would'd standing stand perfectly exactly altogether entirely completely currently present number amount size level
    supposed meant demands wishes version running pods deployment deployments service services node nodes cluster
    namespace app application server database permanently temporarily instead rather another image images other until till delay
    without due time being hour minute purpose reason hence therefore thereafter afterwards accordingly kindly able
    allowed permitted granted circumstances circumstance called named name decided agreed required must've it's that's means which why end so that such wait
    """.split()  # noqa: SIM905 - a list of three hundred quoted words reads worse
)
