"""Forms of words that mean something only after what was shown or done before: "how many is that?", "cordon its node".

Like the forms in `templates`, each has to fit the whole of what is said.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import replace

from app.nlp.translator.conversation import behaviour_of
from app.nlp.translator.frame import Frame
from app.nlp.translator.kubectl import Spoken, words_of
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.names import Known
from app.nlp.translator.plan import Behaviour, Plan, Turn, answer
from app.nlp.translator.references import last_spoken
from app.nlp.translator.tagger import Tag
from app.nlp.translator.templates.wording import worded
from app.nlp.translator.vocabulary import Entry, is_valid_name

_NOW = r"(?: (?:now|right now|currently|at moment|at the moment|atm|today|so far|already|please))*"
_IT = r"(?:it|that|this|they|those|these|them|that one|this one)"
_COPIES = r"(?:replicas?|pods?|instances?|copies)"
_PAIR = re.compile(r"(?P<key>[\w./-]+)=(?P<value>\S*)")
_VALUE = re.compile(r"[\w.:/@-]+")
_MAKES_A_PLACE = re.compile(r"kubectl create namespace (?P<name>\S+)(?: --context \S+)?")
_INSIDE = frozenset({"in", "into", "inside", "inside of", "within", "to", "namespace", "in namespace"})
_CONFIGURED = frozenset({"set env", "label", "annotate", "set image"})


def node_shown(frame: Frame) -> Frame:
    """The clause with a node's name where it speaks of the node that an earlier row showed ("cordon the node it is on")."""
    node = _node_of(frame)
    found = frame.first(Part.KIND, KINDS["nodes"])
    if node is None or found is None or frame.names or found.low.endswith("s"):
        return frame
    at = frame.tags.index(found)
    start, end = at, at + 1
    while start and frame.tags[start - 1].part is Part.REFERENCE:
        start -= 1
    behind = " ".join(tag.low for tag in frame.tags[end:])
    on = re.match(
        r"(?:that |which )?(?:it|its|they|this|that)(?: pod)?(?: is)?(?: sits| sit| runs| run| running| lives| scheduled)? ?on\b",
        behind,
    )
    if on is not None:
        words = 0
        while words < len(on.group()):
            words += len(frame.tags[end].low) + 1
            end += 1
    name = Tag(Part.NAME, node, node.entry.name, found.start, found.end, 0.97)
    return Frame([*frame.tags[:start], name, *frame.tags[end:]], frame.vocabulary, frame.context)


def _node_of(frame: Frame) -> Known | None:
    turn = frame.context.turns[-1] if frame.context.turns else None
    name = "" if turn is None else turn.cells.get("NODE", "")
    if not is_valid_name(name):
        return None
    spoken = last_spoken(frame.context)
    return Known(Entry("nodes", "", name), None if spoken is None else spoken[1].scope.cluster)


def in_what_is_made(frame: Frame, commands: Iterable[str]) -> Frame:
    """The clause with the namespace that a step before it makes, where it says "in it" or "there"."""
    made = next((found["name"] for line in commands if (found := _MAKES_A_PLACE.fullmatch(line)) is not None), None)
    if made is None:
        return frame
    tags: list[Tag] = []
    for tag in frame.tags:
        said = tag.low in {"it", "that", "there", "in there", "that namespace", "the namespace", made}
        inside = tag.low.startswith("in ") or tag.low == "there" or (bool(tags) and tags[-1].low in _INSIDE)
        placed = said and inside and not any(each.part is Part.NAMESPACE for each in tags)
        tags.append(Tag(Part.NAMESPACE, made, tag.words, tag.start, tag.end, named=True) if placed else tag)
    return Frame(tags, frame.vocabulary, frame.context)


def place_shown(frame: Frame) -> Frame:
    """The clause with the place of the last command where it says "there" ("scale cart there to 1")."""
    spoken = last_spoken(frame.context)
    there = next((tag for tag in frame.tags if tag.low == "there" and tag.part is Part.FILLER), None)
    if spoken is None or there is None or frame.has(Part.CLUSTER, Part.NAMESPACE) or frame.has(Part.AUXILIARY):
        return frame
    scope = spoken[1].scope
    places = []
    if spoken[1].kind is KINDS["nodes"] and len(spoken[1].names) == 1:
        node = Known(Entry("nodes", "", spoken[1].names[0]), scope.cluster)
        places.append(Tag(Part.PREPOSITION, "on", "on", there.start, there.start))
        places.append(Tag(Part.NAME, node, node.entry.name, there.start, there.end, 0.97))
    if scope.cluster is not None:
        places.append(Tag(Part.CLUSTER, scope.cluster, there.words, there.start, there.end, named=True))
    if scope.namespace and scope.namespace != frame.context.namespace:
        places.append(Tag(Part.NAMESPACE, scope.namespace, there.words, there.start, there.end))
    at = frame.tags.index(there)
    return Frame([*frame.tags[:at], *places, *frame.tags[at + 1 :]], frame.vocabulary, frame.context)


def afterwards(frame: Frame) -> Plan | None:
    """The plan for what is said of the last turn in one of these forms, else None."""
    last = last_spoken(frame.context)
    if last is None:
        return None
    text = worded(frame).text.rstrip("?").strip()
    for form, make in _FORMS:
        found = form.fullmatch(text)
        plan = None if found is None else make(frame, *last, found)
        if plan is not None:
            return plan
    return None


def _count(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    number = turn.row_count if turn.row_count is not None else len(turn.rows) or None
    if number is None or behaviour_of(spoken) is not Behaviour.RUN:
        return None
    what = "" if spoken.kind is None else f" {spoken.kind.singular if number == 1 else spoken.kind.plural}"
    return answer(f"{number}{what}.", reading=frame.reading(), confidence=0.93)


def _replicas(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    if spoken.kind is None or not spoken.names:
        return None
    return _shown(frame, Spoken("get", spoken.kind, spoken.names, spoken.scope))


def _usage(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    kind = spoken.kind
    if kind is None:
        return None
    flags = [flag for flag in spoken.flags if flag[0] == "-l"]
    metric = found.groupdict().get("metric")
    if metric:
        flags.append(("--sort-by", "cpu" if metric == "cpu" else "memory"))
    if kind is KINDS["nodes"]:
        words = " ".join(["kubectl top nodes" if not spoken.names else f"kubectl top node {spoken.names[0]}"])
        return _lines(
            frame, (words,) if spoken.scope.cluster is None else (f"{words} --context {spoken.scope.cluster}",)
        )
    if kind is KINDS["pods"] and not spoken.names:
        return _shown(frame, Spoken("top", kind, (), spoken.scope, tuple(flags)))
    if kind is KINDS["pods"] and len(spoken.names) == 1:
        return _shown(frame, Spoken(f"top pod {spoken.names[0]}", None, (), spoken.scope))
    entries = [
        frame.vocabulary.find(kind.plural, spoken.scope.namespace or frame.context.namespace, name)
        for name in spoken.names
    ]
    selectors = [frame.vocabulary.selector_of(entry) for entry in entries if entry is not None]
    if len(selectors) != 1:
        return _shown(frame, Spoken("top", KINDS["pods"], (), spoken.scope)) if not spoken.names else None
    return _shown(frame, Spoken("top", KINDS["pods"], (), spoken.scope, (("-l", selectors[0]), *flags)))


def _on_node(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    name = found["node"]
    if spoken.verb != "get" or spoken.kind is not KINDS["pods"] or spoken.names:
        return None
    if frame.vocabulary.find("nodes", "", name) is None:
        return None
    return _shown(frame, spoken.with_flag("--field-selector", f"spec.nodeName={name}"))


def _other_value(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The last thing that was set, with another value."""
    value = found["value"]
    if spoken.verb not in _CONFIGURED or not _VALUE.fullmatch(value):
        return None
    words = words_of(turn.command)
    pairs = [index for index, word in enumerate(words) if _PAIR.fullmatch(word) and not word.startswith("-")]
    if len(pairs) != 1:
        return None
    pair = _PAIR.fullmatch(words[pairs[0]])
    assert pair is not None
    if spoken.verb == "set image" and ":" not in value:
        value = f"{pair['value'].rpartition(':')[0] or pair['value']}:{value}"
    words[pairs[0]] = f"{pair['key']}={value}"
    if spoken.verb in {"label", "annotate"} and "--overwrite" not in words:
        words.append("--overwrite")
    return Plan(Behaviour.CONFIRM, (shlex.join(words),), confidence=0.9, reading=frame.reading())


def _shown(frame: Frame, spoken: Spoken) -> Plan:
    return _lines(frame, (spoken.write(),))


def _lines(frame: Frame, commands: tuple[str, ...]) -> Plan:
    return Plan(Behaviour.RUN, commands, confidence=0.9, reading=frame.reading())


_Make = Callable[[Frame, Turn, Spoken, re.Match[str]], Plan | None]
_FORMS: tuple[tuple[re.Pattern[str], _Make], ...] = tuple(
    (re.compile(form, re.IGNORECASE), make)
    for form, make in (
        (
            rf"(?:so )?how many(?: (?:is|are|was|were))? (?:{_IT}|there)(?: in total| altogether| all together| in all)?{_NOW}",
            _count,
        ),
        (r"(?:how many|what is total|total|count(?: them| those)?|how many in total)", _count),
        (
            rf"how many(?: {_COPIES})? (?:does {_IT} have|do they have|has {_IT} got|is it running|are running|are there of {_IT}){_NOW}",
            _replicas,
        ),
        (
            rf"how much (?:(?P<metric>cpu|memory|mem|ram) )?(?:is|are|do|does) {_IT} (?:using|use|consuming|consume|eating|taking|need|needing){_NOW}",
            _usage,
        ),
        (rf"(?:what|which) (?:is|are) (?:{_IT} )?(?:usage|resource usage|consumption)(?: of {_IT})?", _usage),
        (
            r"(?:(?:only|just|show|now|show only|show just|filter|filter to|limit to|only the|just the) )*(?:(?:the )?(?:ones|those|pods|them|that|which)(?: are| is| run)? )*(?:running )?on (?:node )?(?P<node>[\w.-]+)(?: only| alone)?",
            _on_node,
        ),
        (
            rf"(?:put|set|change|turn|switch|make) {_IT}(?: back)?(?: to)? (?P<value>[\w.:/@-]+)(?: instead| again| please)*",
            _other_value,
        ),
        (rf"(?:no|actually|nah|wait)?,? ?(?:make|set) {_IT} (?P<value>[\w.:/@-]+)(?: instead)?", _other_value),
    )
)


def with_what_was_shown(frame: Frame) -> Frame:
    """The clause with the node and the place that it takes from what was shown before."""
    if not frame.context.turns:
        return frame
    return place_shown(node_shown(replace(frame)))
