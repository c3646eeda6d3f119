"""Reads what a text wants changed by its clauses, whatever is said beside them.

The rules read forms of words; this reads what they leave: how things should be ("cart ought to be standing at six
replicas"), colloquial verbs ("stick web on nginx:1.26.2"), requests among remarks. Each clause that asks for something is
put as a plain request and read by the rules, which check names, places and risks as always. Where a condition, a report,
a time to come or a denial could turn the request around, there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from app.nlp.translator.gating import Gates
from app.nlp.translator.intents.changes import NAMED, VALUES, only_adds, wanted
from app.nlp.translator.intents.creations import creation
from app.nlp.translator.intents.moods import Mood, begins_with_imperative, is_asked_of_us, may_forbid, mood_of, tells
from app.nlp.translator.intents.said import Clause, Word, clauses_in, joined
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.parts import CHANGES, Form, Part, Verb
from app.nlp.translator.likeness.guards import owes_a_change
from app.nlp.translator.plan import Behaviour, Plan
from app.nlp.translator.tagger import Tagger
from app.nlp.translator.vocabulary import Vocabulary

_DASH = re.compile(r"\s+-+\s+|\s*[()]\s*")
_BETTER_IF = re.compile(
    r"^(?:i|we|it)(?: would|'d|d) (?:feel|be|sleep|rest|prefer it|like it|appreciate it|love it|help)(?: \w+){0,4}? if (?P<what>[\w-]+) (?:were|was|had|got|ran|requested|used|is|could be|would be)\s",
    re.IGNORECASE,
)
_OCCASION = (
    r"(?:kernel |security |os |load |performance |status |board )?(?:updates?|upgrades?|maintenance|patch(?:es|ing)?|work|tests?|demos?|meetings?|reports?|sales?|campaigns?|releases?|migrations?|analysis|reboots?"
    r"|repairs?|swaps?|replacement|time being|moment|launch|show|event|freeze|audit)"
)
_SIMPLER: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(form, re.IGNORECASE), plain)
    for form, plain in (
        (
            r"\b(?:(?:i|we)(?: would|'d|d)? (?:be )?(?:very |most |really |so )?(?:grateful|glad|happy|thankful|delighted|obliged|pleased|appreciate(?: it)?|love it|like it|prefer it)"
            r"|it(?: would|'d| wouldn't) (?:be )?(?:very |most |really |so |much )?(?:appreciated|kind|good|great|nice|lovely|helpful|welcome|wonderful|best|better|ideal|useful|help(?: me| us)?(?: a lot| a great deal)?))"
            r",? if (?=(?!not\b))",
            "",
        ),
        (r"^(?:well,? |so,? |ok,? )*(?:i|we) (?:think|believe|guess|reckon|suppose|feel|fear)(?: that)?,? ", ""),
        (r"^(?:i'm|i am|we're|we are) (?:afraid|told|under the impression)(?: that)?,? ", ""),
        (r"^(?:unfortunately|sadly|obviously|ideally|honestly|frankly|luckily|anyway|anyhow|basically)[, ]+", ""),
        (
            r"\b(?:as soon as|when(?:ever)?|once) (?:the |its )?cpu (?:use |usage |load )?(?:goes|gets|is|rises|climbs|reaches|hits|exceeds)?(?: past| above| over| beyond| up to)? ?(\d+) ?(?:percent|%)",
            r"at \1 percent cpu",
        ),
        (
            rf"^for (?:the |a |an |our |its |my |today's |tonight's |tomorrow's |this week's |next \w+'s )?{_OCCASION}(?: (?:tonight|tomorrow|today|next week|this week))?,? (?=\w)",
            "",
        ),
        (
            rf"\b for (?:the |a |an |our |its |my |today's |tonight's |tomorrow's |next \w+'s )?{_OCCASION}(?=[,.;!?]|$)",
            "",
        ),
        (r"\bfancy (\w+)ing\b", r"please \1"),
        (r"\b(?:until|till) further notice,? ?", ""),
    )
)
_SIMPLER_GATES = Gates(form.pattern for form, _ in _SIMPLER)
# "disk on node-b dying cordon pls": nothing but the verb itself says where the request begins.
_VERB_BEHIND = re.compile(
    r"^(?P<told>(?!(?:please|pls|can|could|would|will|did|do|does|is|are|was|were|why|how|who|what|when|should|must|never|not|dont|don't|if|i|we|they|he|she)\b)[^,.;:!?]*?(?<!\bto)(?<!\bthe)(?<!\ba)(?<!\bof)(?<!\bneeds)(?<!\bafter)(?<!\bno)(?<!\bnot)(?<!\band)(?<!\bor)(?<!\brolling))"
    r" (?P<asked>(?:cordon|uncordon|drain|restart|bounce|del|delete|kill)(?: (?:it|that|this))?(?: (?:now|pls|please|plz|asap|quick|fast))*)[.!]*$",
    re.IGNORECASE,
)
_TOPIC = re.compile(r"^([\w./-]+): (?=\S)")
_SAYS_NOTHING = re.compile(
    r",? ?\b(?:while (?:you(?:'re| are)|we(?:'re| are)|ur|u r) (?:at it|there|on it)|if (?:you (?:can|could|would|don't mind|do not mind|wouldn't mind|would not mind|like|please|have (?:a|the) (?:minute|moment|second|sec|time|chance))|that(?:'s| is) (?:ok|okay|alright|fine)|possible|it'?s (?:ok|okay|no trouble))"
    r"|when(?:ever)? you (?:get|have|find) (?:a|the) (?:minute|moment|second|sec|chance|time)|as soon as (?:possible|you can)|at your (?:earliest )?convenience|in the same go|in one go|no rush|thanks in advance|(?:would|will|could|can) (?:you|ya|u)(?: please| pls)?\W*$|will (?:ya|you|u)(?=,)|would (?:ya|u)(?=,)|for me|for us|(?:let'?s )?stop the bleeding|you know the drill|(?:please )?(?:don't|do not|dont) ask(?: me)?(?: why)?|just (?:add|do) it|all in (?:one|1) go|make it (?:quick|snappy)|do the needful|get on with it|once and for all)(?!\w)",
    re.IGNORECASE,
)
_JOINTS = frozenset(
    {
        "because",
        "since",
        "cause",
        "cos",
        "coz",
        "hence",
        "therefore",
        "so",
        "but",
        "although",
        "though",
        "until",
        "till",
        "before",
        "while",
        "whereas",
        "as",
    }
)
_NAMING = frozenset({"name", "call", "named", "called"})
_BEFORE_AS = frozenset({"just", "as", "many", "much", "be", "half", "twice", "such", "well", "soon", "long", "doubled"})
_PURPOSE = frozenset(
    {"until", "till", "before", "while", "because", "since", "cause", "cos", "coz", "although", "though", "whereas"}
)
_PLACES = {"<namespace>": " in namespace {}", "<cluster>": " on cluster {}"}
_ASKS = frozenset({Mood.REQUEST, Mood.QUESTION, Mood.SHORT})
_STOPS = frozenset({Mood.CONDITION, Mood.REPORT})
_TELLS = frozenset({Mood.REMARK, Mood.PAST, Mood.CONDITION, Mood.REPORT, Mood.DENIAL, Mood.LATER})
_WANTS = frozenset({Mood.REQUEST, Mood.SHORT, Mood.LETS_NOT})
_CHANGING = frozenset({Behaviour.CONFIRM, Behaviour.STRONG})
_PASTED = " ; "  # what was sent in several lines
_REFERS = frozenset(
    {
        "it",
        "its",
        "them",
        "they",
        "that",
        "this",
        "itself",
        "rollout",
        "both",
        "one",
        "replica",
        "replicas",
        "copy",
        "copies",
        "instance",
        "instances",
    }
)
_LOOKING = frozenset({Behaviour.RUN, Behaviour.DIAGNOSE})
SURE_LOOK = 0.8
_LOOKS = re.compile(
    r"(?:(?:and|so|please|pls|can you|could you|would you|just|then|now|quickly|ok|hey|well|but|i need to|i want to|i would like to|let me|lets) )*"
    r"(?:show|list|get|display|fetch|give|see|tell|find|check|describe|print|look|pull|bring|count|compare|dump|grab|read|need|want|view|inspect|have a look|send)\b"
)
_PLACED = re.compile(
    r"\b(?:in|on|at|to|from|over in|inside|for) (?:the )?<(?:namespace|cluster)>|<(?:namespace|cluster)> (?:namespaces|cluster)"
)
_REVERTS = re.compile(
    r"\b(?:previous|last|old|earlier) (?:\w+ )?(?:version|one|release|image) back\b|\bback to (?:the )?(?:previous|last|old)"
)
_LEAD = re.compile(r"^(?:(?:and|then|please|also|afterwards|after that|i would like to|i want to) )+")
_FOLLOWED = re.compile(
    r"(?:wait|follow|watch|monitor|keep (?:an eye on|watching|track of)|observe|track|let me know|tell me|report)\b.*\b(?:rollout|roll-out|complete|completed|done|finished|through|it (?:goes|went|is going)|until|ready|it|status|progress)\b"
)
_OF_OURS = re.compile(r"(?:(?:i|we|they|the \w+) )?(?:have to|has to|need to|needs to|must|want to|will)\b")  # a reason
_EITHER = re.compile(r"\bor (?!so\b|more\b|less\b|two\b|whatever\b)")


def clauses_of(text: str, vocabulary: Vocabulary, tagger: Tagger) -> list[Clause]:
    """The clauses of a text, without what says nothing and with roundabout wishes put short.

    Args:
        text: what was said, in one line.
        vocabulary: the names that the person may see.
        tagger: of this vocabulary.
    """
    for at in _SIMPLER_GATES.open_for(text):
        form, plain_form = _SIMPLER[at]
        text = form.sub(plain_form, text)
    text = _VERB_BEHIND.sub(r"\g<told>, \g<asked>", _BETTER_IF.sub(r"i want \g<what> to have ", text))
    plain = _TOPIC.sub(r"\1 ", _DASH.sub(", ", _SAYS_NOTHING.sub("", text)))
    return clauses_in(tagger(plain), vocabulary)


def wanted_changes(text: str, clauses: Sequence[Clause], read: Callable[[str], Plan]) -> Plan | None:
    """The plan for the changes that a text wants; None where it wants none, or none that is clear.

    Args:
        text: what was said, in one line.
        clauses: what it is made of.
        read: reads a plain request by the rules.
    """
    if _PASTED in text:
        return None
    for said in _requests(clauses):
        plan = read(said)
        if plan.behaviour in _CHANGING or plan.behaviour is Behaviour.REFUSE:
            return plan
    return None


def wanted_look(clauses: Sequence[Clause], read: Callable[[str], Plan]) -> Plan | None:
    """The plan for the clauses that ask to see something, without what is said beside them; None where none is clear.

    Args:
        clauses: what was said.
        read: reads a text by the rules.
    """
    cut = list(_parted(clauses))
    parts = [part for part, _ in _merged(cut, [mood_of(part.text, part.mark) for part in cut])]
    if len(parts) < 2:
        return None
    if any(begins_with_imperative(part.text) and not begins_with_look(part) for part in parts):
        return None  # a change that is asked for is not answered by a look
    moods = [mood_of(part.text, part.mark) for part in parts]
    said = [word for part in parts for word in _named(part)]
    for sort in (
        begins_with_look,
        lambda part: moods[parts.index(part)] is Mood.QUESTION,
        lambda part: moods[parts.index(part)] is Mood.SHORT,
    ):
        for part in parts:
            if not sort(part):
                continue
            plan = read(_spoken(_with_name(part, said)) + _place_of(part, _places(parts)))
            if plan.behaviour in _LOOKING and plan.confidence >= SURE_LOOK and not _is_bare(plan):
                return replace(plan, confidence=round(plan.confidence * 0.9, 2))
    return None


def begins_with_look(part: Clause) -> bool:
    """Whether a clause asks to be shown something."""
    return _LOOKS.match(part.text) is not None


def _spoken(part: Clause) -> str:
    """The words of a clause as they were written."""
    tags = {id(word.tag): word.tag for word in part.words}.values()
    return " ".join(each.words for each in tags if each.part not in {Part.NAMESPACE, Part.CLUSTER}) + (
        "?" if part.mark == "?" else ""
    )


def _is_bare(plan: Plan) -> bool:
    return (
        len(plan.commands) == 1
        and plan.commands[0].startswith("kubectl get ")
        and "/" in plan.commands[0]
        and not plan.view
    )


def forbids(text: str, clauses: Sequence[Clause]) -> bool:
    """Whether a text begins with what must not be done ("hands off web"), and asks for nothing beside it.

    Args:
        text: what was said, in one line.
        clauses: what it is made of.
    """
    if not may_forbid(text):
        return False
    parts = list(_parted(clauses))
    moods = [mood_of(part.text, part.mark) for part in parts]
    return bool(moods) and moods[0] is Mood.DENIAL and not any(mood in _ASKS for mood in moods[1:])


def asks_for_nothing(text: str, clauses: Sequence[Clause]) -> bool:
    """Whether every clause of a text tells, reports, denies, supposes or puts off, and none asks.

    Args:
        text: what was said, in one line.
        clauses: what it is made of.
    """
    if owes_a_change(text):
        return False
    parts = list(_parted(clauses))
    moods = [mood_of(part.text, part.mark) for part in parts]
    if moods and moods[0] is Mood.DENIAL:
        return not any(mood in {Mood.REQUEST, Mood.QUESTION} for mood in moods[1:])
    told = [
        mood in _TELLS and not begins_with_imperative(part.text)
        for part, mood in zip(parts, moods, strict=True)
        if not (len(part.words) == 1 and mood is Mood.SHORT and not _named(part))  # "phew"
    ]
    return bool(told) and all(told)


def _requests(clauses: Sequence[Clause]) -> Iterator[str]:
    """The texts that may stand for it, each one or several plain requests, the likeliest first."""
    parted = list(_parted(clauses))
    found = list(_steps(parted))
    yield from found or (_steps(clauses) if len(parted) > len(clauses) else ())


def _steps(parts: Sequence[Clause]) -> Iterator[str]:
    """The requests of some clauses, as texts that hold one or several of them."""
    moods = [
        Mood.REQUEST if at and _FOLLOWED.match(_LEAD.sub("", part.text)) else mood_of(part.text, part.mark)
        for at, part in enumerate(parts)
    ]
    if any(mood in _STOPS for mood in moods) or any(
        _stops(part, mood, at) for at, (part, mood) in enumerate(zip(parts, moods, strict=True))
    ):
        return
    places = _places(
        [part for part, mood in zip(parts, moods, strict=True) if mood in _WANTS or _PLACED.search(part.text)]
    )
    steps: list[list[str]] = []
    spoken_of: list[Word] = []
    said = [word for part in parts for word in _named(part)]
    for part, mood in _merged(parts, moods):
        spoken_of = _named(part) or spoken_of
        if mood not in _WANTS:
            if mood not in {Mood.QUESTION, Mood.DENIAL} and _commands(part):
                return  # what is asked for there is not to be lost
            continue
        if _EITHER.search(part.text):
            return
        ways = _ways(part, mood, spoken_of or said, changed=bool(steps), alone=Mood.QUESTION not in moods)
        if ways:
            steps.append([way + _place_of(part, places) for way in ways])
        elif mood is Mood.REQUEST and begins_with_imperative(part.text) and not (steps and _OF_OURS.match(part.text)):
            return  # something is asked for that is not understood: nothing by halves
    if len(steps) == 1:
        yield from steps[0]
    elif steps:
        yield ", then ".join(ways[0] for ways in steps)


def _ways(part: Clause, mood: Mood, spoken_of: Sequence[Word], *, changed: bool, alone: bool) -> list[str]:
    """What a clause may want, each as a plain request."""
    made = creation(part) if mood is not Mood.LETS_NOT else None
    if made is not None:
        return [made]
    if changed and spoken_of and _FOLLOWED.search(part.text):
        return [f"show the rollout status of {spoken_of[0].value}"]
    if changed and begins_with_look(part):
        return [_spoken(_with_name(part, spoken_of))]
    if mood is Mood.SHORT and not _named(part) and not (alone and _REVERTS.search(part.text)):
        return []
    return list(
        wanted(
            _with_name(part, spoken_of),
            may_lose=mood is Mood.REQUEST and not is_asked_of_us(part.text),
            denied=mood is Mood.LETS_NOT,
            short=mood is Mood.SHORT,
        )
    )


def _stops(part: Clause, mood: Mood, at: int) -> bool:
    """Whether a clause turns what is said beside it around: it forbids, puts off, or leaves open."""
    if mood is Mood.DENIAL:
        return at == 0 or not part.text.startswith(("but ", "do not ", "leave ", "just do not ", "keep ", "not "))
    return mood is Mood.LATER and not tells(part.text)


def _commands(part: Clause) -> bool:
    """Whether a verb of change stands in it as one that is asked for."""
    tags = {id(word.tag): word.tag for word in part.words}.values()
    verbs = [each.value for each in tags if each.part is Part.VERB and isinstance(each.value, Verb)]
    return any(verb.form is Form.BASE and verb.action in CHANGES for verb in verbs)


def _parted(clauses: Iterable[Clause]) -> Iterator[Clause]:
    """Clauses cut before the words that begin a reason, and at an "and" before another request."""
    for clause in clauses:
        words = clause.words
        cuts = [
            at
            for at, (before, word) in enumerate(pairwise(words), 1)
            if (word.token in _JOINTS and not (word.token in {"so", "as"} and before.token in _BEFORE_AS))
            or (
                word.token in {"and", "then", "plus"}
                and before.token != "and"
                and _goes_on(words[at + 1 :], words[:at])
            )
        ]
        start = 0
        for at in [*cuts, len(words)]:
            part = words[start:at]
            if part:
                yield Clause(part, clause.mark if at == len(words) else ",")
            start = at


def _goes_on(rest: Sequence[Word], before: Sequence[Word]) -> bool:
    """Whether another request begins here, and what stands before it is one by itself."""
    text = " ".join(word.token for word in rest)
    if begins_with_imperative(text) or text.startswith(("thereafter", "afterwards", "then ")) or _LOOKS.match(text):
        return True
    first = Clause(tuple(before))
    told = mood_of(first.text)
    return (
        bool(_named(Clause(tuple(rest))))
        and mood_of(text) is Mood.REQUEST
        and (told is not Mood.SHORT or _is_whole(first))
    )


def _merged(parts: Sequence[Clause], moods: Sequence[Mood]) -> list[tuple[Clause, Mood]]:
    """Clauses with those joined to them that only add values: "let checkout scale itself, 2 to 8, 60% cpu"."""
    found: list[tuple[Clause, Mood]] = []
    for part, mood in zip(parts, moods, strict=True):
        first = part.words[0].token
        if first in _PURPOSE:
            found.append((part, Mood.REMARK))
            continue
        names_it = first in _NAMING or part.text.startswith(("and name ", "and call "))
        adds = not _named(part) and (names_it or (only_adds(part) and not begins_with_imperative(part.text)))
        if adds and found and found[-1][1] in _WANTS:
            found[-1] = (joined((found[-1][0], part)), found[-1][1])
        elif (
            found and found[-1][1] is Mood.SHORT and mood in _WANTS and not _is_whole(found[-1][0]) and not _named(part)
        ):
            found[-1] = (joined((found[-1][0], part)), mood)
        else:
            found.append((part, mood))
    return found


def _with_name(part: Clause, names: Sequence[Word]) -> Clause:
    """A clause without a name of its own, with the one that was spoken of."""
    bare = len(part.words) <= 2 and begins_with_imperative(part.text)
    refers = bare or any(word.token in _REFERS or word.token in KINDS or word.token in VALUES for word in part.words)
    if _named(part) or not refers or len({word.value for word in names}) != 1:
        return part
    return Clause((*part.words, names[0]), part.mark)


def _named(part: Clause) -> list[Word]:
    return [word for word in part.words if word.token in NAMED]


def _is_whole(part: Clause) -> bool:
    """Whether it wants something by itself already."""
    return next(wanted(part, may_lose=True), None) is not None


def _places(parts: Sequence[Clause]) -> str:
    return _place_of(joined(parts), "") if parts else ""


def _place_of(part: Clause, otherwise: str) -> str:
    said = ""
    for slot, form in _PLACES.items():
        values = list(dict.fromkeys(word.value for word in part.words if word.token == slot))
        if values:
            said += form.format(" and ".join(values))
    if any(word.tag.part is Part.EVERY_CLUSTER for word in part.words):
        said += " on all clusters"
    return said or otherwise
