"""Reads what is said of the last command by the values in it: another number, name, place or image, yes, no, back again.

The forms in `correcting` fit whole sentences; this finds what is new in any. What already stands in the last command is
no news ("gold, not silver"), and a text with news of no sort that the command has is none for it. Every value is checked
before it goes into a line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.nlp.translator.conversation import behaviour_of, opposite
from app.nlp.translator.intents.changes import NAMED
from app.nlp.translator.intents.said import Word, clauses_in, joined
from app.nlp.translator.kubectl import Scope, Spoken, read_line
from app.nlp.translator.lexicon.kinds import KINDS, WORKLOADS
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.plan import Behaviour, Context, Plan, Turn, answer
from app.nlp.translator.quantities import spell_duration
from app.nlp.translator.scaling import MAX_REPLICAS
from app.nlp.translator.tagger import Tag
from app.nlp.translator.vocabulary import Vocabulary, is_valid_name

_MOST_WORDS: Final = 14  # of what is only about the last command
_PLAIN: Final = re.compile(r"[A-Za-z0-9][\w.:/@-]*")
_TAG: Final = re.compile(r"v?\d+(?:\.\d+)*(?:-[\w.]+)?")
_CORRECTS: Final = re.compile(
    r"\b(?:no|nope|nah|not|sorry|sory|sry|oops|whoops|wait|hang on|hold on|meant|ment|mean|wrong|instead|rather|actually|should be|should have been|should have said|must have been|i wanted|i had in mind"
    r"|make (?:it|that)|lets|let us|go with|use|better|whoa|argh|hm+|of course|correction|typo|slip|mistake|than|please|i think|tho|though|for|on|in|to|same|again|too|also|as well)\b"
)
_REGRETS: Final = re.compile(
    r"(?:oh |argh |damn |oops |ok |hm+ )*(?:that )?(?:broke|wrong|bad|worse|mistake|no good|not good|nope|no|oops|damn|argh|ugh|crap)\b"
)
_CORRECTING: Final = re.compile(
    r"\W*(?:no|nope|nah|wait|oops|whoops|whoa|sorry|wrong|argh|ah|hang on|hold on|hm+|actually|not|typo|rather)\b[, ]",
    re.IGNORECASE,
)
_COUNTS: Final = {"two": 2, "2": 2, "three": 3, "3": 3}
_SOME_OF_THEM: Final = re.compile(
    r"\bthe (?P<which>first|last) (?P<count>two|three|2|3)\b(?: of (?:them|these|those))?(?! (?:hours?|minutes?|days?|lines?|weeks?))",
    re.IGNORECASE,
)
_BOTH: Final = re.compile(
    r"\b(?:them both|both of (?:them|those|these)|both)\b(?! (?:clusters?|the|prod|of the|cart|web)\b)", re.IGNORECASE
)
_BARE: Final = (KINDS["pods"], KINDS["nodes"], KINDS["namespaces"])
_MOST_NAMED: Final = 4
_PLACES_AT: Final = {
    "first": 0, "1st": 0, "top": 0, "former": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3,
    "fifth": 4, "5th": 4, "last": -1, "bottom": -1, "latter": -1, "final": -1,
}  # fmt: skip
_PLACED: Final = re.compile(
    r"\b(?:the |that )?(?P<which>first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last|bottom|top|former|latter|final)(?: (?:one|pod|node|row|of (?:them|these|those)))(?:'s)?\b"
    r"|\bthe (?P<w2>second|third|fourth|fifth|former|latter)(?:'s)?(?=[ ,.?!]|$)(?! (?:hour|time|half))",
    re.IGNORECASE,
)
_IT: Final = re.compile(
    r"\b(?:it|that one|this one|that (?:pod|node|deployment|job|service)|this (?:pod|node|deployment|job|service)|its|itself)(?:'s)?\b",
    re.IGNORECASE,
)
_ALL_OF_THEM: Final = re.compile(
    r"(?<!one of )(?<!some of )(?<!any of )(?<!which of )(?<!who of )(?<!none of )(?<!most of )\b(?:both(?: of (?:them|these|those))?|all (?:of them|of those|three|four|of these)|them|those|these|the two|the three)\b",
    re.IGNORECASE,
)
_ITS_NODE: Final = re.compile(
    r"\b(?:on|from|off) (?:that|the same|its|this) (?:node|machine|host|box)\b|\bon there\b", re.IGNORECASE
)
_MIDDLE: Final = re.compile(r"\b(?:the )?(?:one in the middle|middle(?: one| pod| node| row)?)\b", re.IGNORECASE)
_PLACES_OF: Final = ("first", "second", "third", "fourth", "fifth")
_SAME: Final = re.compile(r"\b(?:same|too|as well|also|likewise|the same|what about|how about|and)\b")
_ASKS: Final = re.compile(
    r"^(?:(?:and|so|but|ok|hm+|wait|well) )*(?:what|which|who|how|why|when|where|is|are|will|would|does|do (?!it|that|so|the|not)|did|can i|could i|has|have)\b"
)
_DENIES: Final = re.compile(
    r"\b(?:no|nope|nah|do not|dont|stop|cancel|abort|forget (?:it|that|about)|leave (?:it|that|this|things|everything)|never mind|nevermind|scrap (?:that|it)|not (?:now|yet|any ?more|today|like that|this|that|take place)"
    r"|hold off|changed my mind|change of plans?|rather not|better not|skip (?:it|that)|drop (?:it|that)|on second thoughts?|on reflection|back off|let(?: us|s)? (?:not|leave|wait)|false alarm|no need|too risky|another time|did not take place|after the freeze)\b"
)
_AGREES: Final = re.compile(
    r"^(?:(?:ok|okay|hm+|ah|oh|well|right|cool|great|perfect|alright|fine|good|yes|yeah|yep|yup|ya|sure|please|lovely|nice|sweet|and|then|so) )*"
    r"(?:yes|yep|yeah|yup|ya|sure|ok|okay|go|do (?:it|that|so)|please do|fine|ship it|send it|looks? (?:good|fine|right|great|ok|okay)|lgtm|perfect|correct|right|exactly|go (?:ahead|for it|on)|confirm(?:ed)?|approved?|apply(?: it)?|make it so|proceed"
    r"|that is (?:it|right|fine|correct|good|ok|okay|exactly|precisely|what)|run it|execute(?: it)?|all good|good to go|by all means|agreed|absolutely|definitely|of course|be my guest|carry on|let it rip|let us do it|lets do it|lets go|nothing against)\b"
)
_BUT: Final = re.compile(
    r"\b(?:but|if|unless|when|after|until|except|only|not|no|never|wait|first|instead|tomorrow|later|however)\b"
)
_BACK: Final = re.compile(
    r"\b(?:undo|undone|revert|reverse|reversed|back|restore|restored|rollback|take (?:it|that|them|the \w+) (?:off|away|back|out)|taken (?:off|away|back)|old|previous|earlier|former|as it was|what it was|how it was|put it back|switch(?:ed)? (?:it )?back"
    r"|lift(?:ed)?|remove|removed|get rid of|drop|delete|come off|no business|mistake|misunderstanding|bring it back|again)\b"
)
_RETURNS: Final = re.compile(r"\b(?:undo|revert|restore|back(?! (?:in|to|on) )|set (?:it|that) back)\b")
_OUTCOME: Final = re.compile(
    r"(?:and |so |ok )*(?:(?:is|are|has|have) (?:it|they|that) )?(?:all )?(?:finished|done|through|ready|complete|completed|over|up|back|out|live|healthy)(?: (?:yet|now|already|again|by now))*"
)
_OFF: Final = re.compile(
    r"\b(?:remove|drop|delete|take|lift|undo|get rid of|kill|clear|scrap)\b(?: off| away)? (?:that|the|this|those)(?: new| last)? (?:label|annotation|taint|cordon|variable|autoscaler|horizontalpodautoscalers|limit|restriction)\b"
    r"|\bunset (?:it|that)\b|\b(?:label|annotation|taint|variable) (?:off|away)\b"
)
_SORTS: Final[tuple[tuple[str, str], ...]] = (
    (r"\blabels?\b", "label"),
    (r"\bannotations?\b", "annotate"),
    (r"\btaints?\b", "taint"),
    (r"\bcordon\b|\brestriction\b", "cordon"),
    (r"\b(?:limits?|requests?|resources?|memory|cpu)\b", "set resources"),
    (r"\b(?:image|version)\b", "set image"),
    (r"\b(?:level|variable|env\w*|value|setting|url|flag)\b", "set env"),
    (r"\b(?:autoscal\w+|hpa)\b", "autoscale"),
    (r"\bservices?\b", "expose"),
    (r"\b(?:replicas?|number|scal\w+|size|copies)\b", "scale"),
    (r"\b(?:rollout|pause)\b", "rollout pause"),
)


@dataclass(frozen=True, slots=True)
class _Said:
    """A text beside the command that it may be about.

    Attributes:
        text: its words, with slots.
        all: the same words.
        turn: the last turn that has a command.
        spoken: that command.
        words: that command as it was written.
        context: the conversation.
        vocabulary: the names that the person may see.
    """

    text: str
    all: tuple[Word, ...]
    turn: Turn
    spoken: Spoken
    words: tuple[str, ...]
    context: Context
    vocabulary: Vocabulary

    @property
    def pending(self) -> bool:
        """Whether it waits for an answer."""
        return self.turn.state == "pending"

    def new(self, *tokens: str) -> list[str]:
        """The values of some sorts that the command does not hold yet."""
        held = set(self.words) | {part for word in self.words for part in re.split(r"[=/,:]", word)}
        return [word.value for word in self.all if word.token in tokens and word.value not in held]

    def says(self, form: str) -> bool:
        """Whether a form stands anywhere in it."""
        return re.search(form, self.text) is not None


def with_names(text: str, context: Context) -> str | None:
    """A text with "it", "the second one", "both" by the names that earlier turns showed; None where there are none.

    Args:
        text: what was said.
        context: the conversation, with at least one turn.
    """
    turn = context.turns[-1]
    spoken = read_line(turn.command)
    if spoken is None or spoken.kind is None:
        return None
    named = [name for name in (spoken.names or turn.rows) if is_valid_name(name)]
    rows = next((earlier.rows for earlier in reversed(context.turns) if earlier.rows), ())
    of_kind = "" if spoken.kind in _BARE else f"{spoken.kind.singular} "

    def placed(found: re.Match[str]) -> str:
        at = _PLACES_AT[(found["which"] or found["w2"]).lower()]
        fits = -len(rows) <= at < len(rows) and is_valid_name(rows[at])
        return f"{of_kind}{rows[at]}" if fits else found.group()

    changed = _PLACED.sub(placed, text)
    node = turn.cells.get("NODE", "")
    if is_valid_name(node):
        changed = _ITS_NODE.sub(f"on {node}", changed)
    if len(named) == 1:
        changed = _IT.sub(f"{of_kind}{named[0]}", changed)
    elif 1 < len(named) <= _MOST_NAMED:
        changed = _ALL_OF_THEM.sub(" and ".join(f"{of_kind}{name}" for name in named), changed)
    return changed if changed != text else None


def with_several(text: str, context: Context) -> str:
    """A text with "the first two" and "both" by the names that were shown: by these rows, or by the last two commands."""
    rows = next((turn.rows for turn in reversed(context.turns) if turn.rows), ())
    found = _SOME_OF_THEM.search(text)
    if found is not None:
        count = _COUNTS[found["count"].lower()]
        some = rows[:count] if found["which"].lower() == "first" else rows[-count:]
        if len(some) == count < len(rows) and all(map(is_valid_name, some)):
            return f"{text[: found.start()]}{' and '.join(some)}{text[found.end() :]}"
    if _BOTH.search(text) is None or len(context.turns) < 2 or _BACK.search(text.lower()):
        return text
    spoken = [read_line(turn.command) for turn in context.turns[-2:]]
    kinds = {one.kind for one in spoken if one is not None and len(one.names) == 1}
    names = [one.names[0] for one in spoken if one is not None and len(one.names) == 1]
    kind = next(iter(kinds), None)
    if len(names) != 2 or names[0] == names[1] or len(kinds) != 1 or kind is None:
        return text
    return _BOTH.sub(
        " and ".join(names if kind in _BARE else [f"{kind.singular} {name}" for name in names]), text, count=1
    )


def with_the_middle_one(text: str, context: Context) -> str:
    """A text with "the middle one" by its place among the rows that were shown last, where there is a middle."""
    rows = context.turns[-1].rows if context.turns else ()
    if len(rows) % 2 == 0 or len(rows) // 2 >= len(_PLACES_OF):
        return text
    return _MIDDLE.sub(f"the {_PLACES_OF[len(rows) // 2]} one", text)


def corrects(text: str, context: Context) -> bool:
    """Whether a text begins as a word on what was done or waits for an answer, whatever the rules take it for."""
    turn = context.turns[-1]
    spoken = read_line(turn.command)
    if spoken is None or behaviour_of(spoken) is Behaviour.RUN:
        return False
    if turn.state == "pending":
        return _CORRECTING.match(text) is not None
    said = text.lower().strip(" ?!.")
    return _OUTCOME.fullmatch(said) is not None or (_REGRETS.match(said) is not None and _BACK.search(said) is not None)


def amended(tags: Sequence[Tag], context: Context, vocabulary: Vocabulary) -> Plan | None:
    """The plan for what is said of the last command; None where it is about something else.

    Args:
        tags: the parts of what was said.
        context: the conversation, with at least one turn.
        vocabulary: the names that the person may see.
    """
    turn = context.turns[-1]
    spoken = read_line(turn.command)
    whole = joined(clauses_in(tags, vocabulary))
    if spoken is None or not whole.words or len(whole.words) > _MOST_WORDS:
        return None
    said = _Said(whole.text, whole.words, turn, spoken, tuple(shlex.split(turn.command)), context, vocabulary)
    for edit in _EDITS:
        plan = edit(said)
        if plan is not None:
            return plan
    return None


def taken_off(tags: Sequence[Tag], context: Context, vocabulary: Vocabulary) -> Plan | None:
    """The plan for "remove that label again": the mark and not what bears it; None where nothing of the sort was set.

    Args:
        tags: the parts of what was said.
        context: the conversation, with at least one turn.
        vocabulary: the names that the person may see.
    """
    turn = context.turns[-1]
    spoken = read_line(turn.command)
    whole = joined(clauses_in(tags, vocabulary))
    if spoken is None or not _OFF.search(whole.text) or len(whole.words) > _MOST_WORDS:
        return None
    return _taken_back(
        _Said(whole.text, whole.words, turn, spoken, tuple(shlex.split(turn.command)), context, vocabulary)
    )


def _plan(said: _Said, words: Sequence[str], confidence: float = 0.85) -> Plan | None:
    """The plan of a line that was made from the last one; None where nothing is different."""
    if tuple(words) == said.words and said.pending:
        return None
    line = shlex.join(words)
    spoken = read_line(line)
    if spoken is None:
        return None
    return Plan(behaviour_of(spoken), (line,), confidence=confidence)


def _with_flag(words: Sequence[str], name: str, value: str) -> list[str]:
    """A line with one of its flags set to another value, or with a flag more."""
    kept: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == name and at + 1 < len(words) and value:
            at += 2
            continue
        if not (word == name or word.startswith(f"{name}=")):
            kept.append(word)
        at += 1
    return [*kept, f"{name}={value}" if value else name]


def _without(words: Sequence[str], *names: str) -> list[str]:
    return [word for word in words if not any(word == name or word.startswith(f"{name}=") for name in names)]


def _flag(words: Sequence[str], name: str) -> str | None:
    for at, word in enumerate(words):
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
        if word == name and at + 1 < len(words):
            return words[at + 1]
    return None


def _decided(said: _Said) -> Plan | None:
    """Yes or no to what waits; a value that is new makes it a correction."""
    if not said.pending or said.new(
        "<number>", "<image>", "<namespace>", "<cluster>", "<duration>", "<setting>", *NAMED
    ):
        return None
    if _ASKS.match(said.text) and said.all[-1].tag.words.endswith("?"):
        return None
    if _AGREES.match(said.text) and not _BUT.search(said.text):
        return Plan(Behaviour.SESSION, confidence=0.85, action="execute pending")
    return None


def _called_off(said: _Said) -> Plan | None:
    if not said.pending or said.new(
        "<number>", "<image>", "<namespace>", "<cluster>", "<duration>", "<setting>", "<bytes>", *NAMED
    ):
        return None
    if (
        _DENIES.search(said.text)
        and not _ASKS.match(said.text)
        and not said.says(r"\b(?:instead|rather (?!not)|cordon|pause|scale|restart|just the)\b")
    ):
        return Plan(Behaviour.SESSION, confidence=0.85, action="cancel pending")
    return None


def _asked_of_it(said: _Said) -> Plan | None:
    """A question about what waits for an answer: nothing is done for it."""
    if (
        said.pending
        and _ASKS.match(said.text)
        and said.says(r"\b(?:that|it|this|later|yes|downtime|happen|cause|take|break|risk\w*|safe|lose|affect|do to)\b")
    ):
        return answer(
            f"“{said.turn.command}” waits for your answer, and nothing is changed before it. Its preview shows what would be different; most changes can be taken back with “undo”.",
            confidence=0.7,
        )
    return None


def _elsewhere(said: _Said) -> Plan | None:
    """The same in another namespace or on another cluster."""
    if said.new("<number>", "<image>", *NAMED) or _DENIES.match(said.text):
        return None
    if (said.pending and _ASKS.match(said.text)) or (not said.pending and _RETURNS.search(said.text)):
        return None
    clusters = [word.value for word in said.all if word.token == "<cluster>"]
    spaces = [word.value for word in said.all if word.token == "<namespace>"]
    words = list(said.words)
    here = said.spoken.scope.cluster or said.context.cluster
    others = [cluster for cluster in clusters if cluster != here] or ([] if said.pending else clusters)
    if said.says(r"\bother (?:two |<number> )?(?:clusters?|ones)\b"):
        others = [cluster for cluster in said.vocabulary.clusters if cluster != here]
    if not others and not (spaces and "-n" in words):
        return None
    if spaces:
        space = next((one for one in spaces if one != said.spoken.scope.namespace), None)
        if space is None and not others:
            return None
        if space is not None and "-n" in words:
            words[words.index("-n") + 1] = space
    if not others:
        return _plan(said, words)
    lines = []
    for cluster in others:
        bare = list(words)
        if "--context" in bare:
            at = bare.index("--context")
            del bare[at : at + 2]
        bare = [word for word in bare if not word.startswith("--context=")]
        lines.append(shlex.join(bare if cluster == said.context.cluster else [*bare, "--context", cluster]))
    read = read_line(lines[0])
    if read is None:
        return None
    return Plan(behaviour_of(read), tuple(lines), confidence=0.82)


def _named_otherwise(said: _Said) -> Plan | None:
    """The same for another object: a correction of what waits, or the same again."""
    new = [
        word
        for word in said.all
        if word.token in NAMED and word.value not in said.spoken.names and f"app={word.value}" not in said.words
    ]
    if len({word.value for word in new}) != 1 or said.spoken.kind is None:
        return None
    wanted = _CORRECTS.search(said.text) if said.pending else _SAME.search(said.text)
    if wanted is None and not (said.pending and len(said.all) <= 3):
        return None
    if said.new("<image>", "<namespace>", "<cluster>"):
        return None
    word = new[0]
    kinds = [said.spoken.kind.plural, *(WORKLOADS if said.spoken.kind.plural in WORKLOADS else ())]
    kind = next((one for one in kinds if one in word.kinds), None)
    if kind is None or len(said.spoken.names) != 1:
        return None
    old = said.spoken.names[0]
    entry = next((e for e in said.vocabulary.names.get(word.value, ()) if e.kind == kind), None)
    if entry is None:
        return None
    words = [_renamed(part, old, word.value) for part in said.words]
    words = [KINDS[kind].singular if part == said.spoken.kind.singular else part for part in words]
    words = [
        f"{KINDS[kind].singular}/{part.partition('/')[2]}"
        if part == f"{said.spoken.kind.singular}/{word.value}"
        else part
        for part in words
    ]
    if "-n" in words and entry.namespace:
        words[words.index("-n") + 1] = entry.namespace
    numbers = said.new("<number>")
    if said.spoken.verb == "scale" and len(numbers) == 1:
        words = _with_flag(words, "--replicas", numbers[0])
    elif numbers:
        return None
    return _plan(said, words)


def _renamed(part: str, old: str, new: str) -> str:
    if part == old:
        return new
    if part.endswith(f"/{old}"):
        return f"{part.removesuffix(old)}{new}"
    return f"{new}={part.removeprefix(f'{old}=')}" if part.startswith(f"{old}=") else part


def _replicas(said: _Said) -> Plan | None:
    if said.spoken.verb != "scale" or said.new(*NAMED, "<image>", "<bytes>", "<duration>"):
        return None
    now = _flag(said.words, "--replicas")
    before = said.turn.before
    if now is None or not now.isdigit():
        return None
    numbers = [word.value for word in said.all if word.token == "<number>"]
    base = (
        int(before)
        if said.pending and before and before.isdigit() and not said.says(r"\bthan that\b|\bon top\b")
        else int(now)
    )
    wanted: int | None = None
    if said.says(r"\bzero\b|\b(?:to|down to) nothing\b|all the way down"):
        wanted = 0
    elif numbers and said.says(
        r"<number> (?:\w+ )?(?:more|extra|additional|further)|\b(?:another|add|up by|plus) <number>|<number> on top|<number> (?:\w+ )?than that"
    ):
        wanted = (int(now) if said.says("than that") else base) + int(numbers[0])
    elif numbers and said.says(
        r"<number> (?:\w+ )?(?:less|fewer)|\bdown by <number>|\bby <number> (?:down|less)|\btake <number>"
    ):
        wanted = (int(now) if said.says("than that") else base) - int(numbers[0])
    elif said.says(r"\b(?:twice|double)\b"):
        wanted = 2 * int(base)
    else:
        fresh = [number for number in numbers if number != now]
        if len(set(fresh)) == 1 and (
            said.pending or said.says(r"\b(?:enough|make|rather|instead|to|back|do|should|better|only|just)\b")
        ):
            wanted = int(fresh[0])
    if wanted is None or not 0 <= wanted <= MAX_REPLICAS or (wanted == int(now) and said.pending):
        return None
    return _plan(said, _with_flag(said.words, "--replicas", str(wanted)))


def _bounds(said: _Said) -> Plan | None:
    if said.spoken.verb != "autoscale" or not said.pending:
        return None
    words = list(said.words)
    changed = False
    both = re.search(r"(?:between )?<number> (?:and|to|-) <number>", said.text)
    numbers = [word.value for word in said.all if word.token == "<number>"]
    percent = next((word.value.rstrip("%") for word in said.all if re.fullmatch(r"\d{1,3}%", word.value)), None)
    if (
        percent is None
        and re.search(r"<number> (?:percent|precent|cpu)|cpu (?:at |to |of )?<number>", said.text)
        and len(numbers) == 1
    ):
        percent, numbers = numbers[0], []
    if percent is not None:
        words, changed = _with_flag(words, "--cpu-percent", percent), True
    if both and len(numbers) == 2:
        words = _with_flag(_with_flag(words, "--min", numbers[0]), "--max", numbers[1])
        return _plan(said, words)
    fresh = [number for number in numbers if number not in {_flag(said.words, "--min"), _flag(said.words, "--max")}]
    if len(fresh) == 1 and said.says(r"\b(?:max\w*|most|upper|up to|ceiling|top|cap|at the top|limit)\b"):
        words, changed = _with_flag(words, "--max", fresh[0]), True
    elif len(fresh) == 1 and said.says(r"\b(?:min\w*|least|lower|floor|start|bottom|from)\b"):
        words, changed = _with_flag(words, "--min", fresh[0]), True
    return _plan(said, words) if changed else None


def _logs(said: _Said) -> Plan | None:
    if said.spoken.verb != "logs" or said.new(*NAMED, "<namespace>", "<cluster>") or _asks_for_other(said):
        return None
    words, changed = list(said.words), False
    numbers = [word for word in said.all if word.token == "<number>"]
    duration = next(
        (word for word in said.all if word.token == "<duration>" or word.tag.part in {Part.DURATION, Part.TIME}), None
    )
    if duration is not None and isinstance(duration.tag.value, int):
        words, changed = _with_flag(words, "--since", spell_duration(duration.tag.value)), True
    elif len(numbers) == 1 and said.says(
        r"<number>(?: \w+)? lines?|lines? .*<number>|^(?:\w+ ){0,4}<number>(?: \w+){0,3}$|(?:last|first) <number>"
    ):
        words, changed = _with_flag(words, "--tail", numbers[0].value), True
    if said.says(r"\b(?:previous|before that|run before|crashed|last (?:container|instance|run)|died)\b"):
        words, changed = _with_flag(words, "--previous", ""), True
    if said.says(r"\b(?:follow\w*|keep|live|stream\w*|as (?:they|it) comes?|tail (?:it|them)|watch)\b"):
        words, changed = _with_flag(words, "-f", ""), True
    if said.says(r"\btime ?stamps?\b"):
        words, changed = _with_flag(words, "--timestamps", ""), True
    if said.says(r"\b(?:everything|whole|all of (?:it|them)|the lot|full)\b"):
        words, changed = _without(words, "--tail"), True
    return _plan(said, words) if changed else None


def _asks_for_other(said: _Said) -> bool:
    return said.says(
        r"\b(?:scale|restart|delete|drain|cordon|describe|events?|usage|pods|nodes|deployments|status|history|image|limits?|memory|cpu)\b"
    )


_VALUES: Final = frozenset({"set env", "label", "annotate", "create configmap"})


def _value(said: _Said) -> Plan | None:
    """Another value for the one key that is to be set."""
    settings = [at for at, word in enumerate(said.words) if "=" in word and not word.startswith("-")]
    if said.spoken.verb not in _VALUES or len(settings) != 1:
        return None
    if not said.pending and not said.says(r"\b(?:typo|wrong|meant|mistake|instead|not <number>|sorry|oops)\b|\bnot\b"):
        return None
    key, _, old = said.words[settings[0]].partition("=")
    given = [word.value for word in said.all if word.token == "<setting>"]
    if len(given) == 1 and given[0].partition("=")[0] == key:
        new = given[0].partition("=")[2]
    else:
        fresh = [word for word in said.all if word.value not in {old, key} and _may_be_a_value(word)]
        if len(fresh) != 1:
            return None
        new = fresh[0].value
    if not _PLAIN.fullmatch(new):
        return None
    words = list(said.words)
    words[settings[0]] = f"{key}={new}"
    return _plan(said, words, 0.8)


_WORDS_ABOUT: Final = frozenset(
    """
    no not sorry oops wait hang hold on meant mean i it that the a instead rather actually make set use should be have been said
    wrong to say please lets go with better hm hmm of course and is was as value one level just only than yeah yes ok okay whoa
    argh typo well want wanted it's put change let us do ment sory tier env label variable key called think too again pls thanks so
    """.split()  # noqa: SIM905 - a list of words
)


def _may_be_a_value(word: Word) -> bool:
    if word.token in {"<number>", "<duration>", "<size>", "<bytes>"}:
        return True
    plain = not word.token.startswith("<") and word.token not in _WORDS_ABOUT and word.token not in KINDS
    return plain and (len(word.token) > 1 or word.token.isdigit())


def _effect(said: _Said) -> Plan | None:
    effect = next(
        (word.value for word in said.all if word.token in {"noschedule", "noexecute", "prefernoschedule"}), None
    )
    if said.spoken.verb != "taint" or not said.pending or effect is None:
        return None
    known = {"noschedule": "NoSchedule", "noexecute": "NoExecute", "prefernoschedule": "PreferNoSchedule"}
    words = [
        re.sub(r":\w+$", f":{known[effect.lower()]}", word) if ":" in word and "=" in word else word
        for word in said.words
    ]
    return _plan(said, words)


def _other_image(said: _Said) -> Plan | None:
    at = next((at for at, word in enumerate(said.words) if "=" in word and not word.startswith("-")), None)
    if (
        said.spoken.verb != "set image"
        or at is None
        or not (said.pending or said.says(r"\b(?:make|use|rather|instead|actually|should)\b"))
    ):
        return None
    container, _, old = said.words[at].partition("=")
    images = said.new("<image>")
    if not images:
        name, _, tag = old.rpartition(":")
        fresh = [
            word.value for word in said.all if _TAG.fullmatch(word.value) and "." in word.value and word.value != tag
        ]
        images = [f"{name}:{fresh[0]}"] if len(fresh) == 1 and name else []
    if len(images) != 1:
        return None
    words = list(said.words)
    words[at] = f"{container}={images[0]}"
    return _plan(said, words)


def _number_of(said: _Said) -> Plan | None:
    """Another port, or another revision."""
    numbers = said.new("<number>")
    if len(numbers) != 1:
        return None
    if said.spoken.verb == "expose" and said.pending:
        flag = "--target-port" if said.says(r"\btarget\b") else "--port"
        return _plan(said, _with_flag(said.words, flag, numbers[0]))
    if said.spoken.verb == "rollout undo" and said.pending:
        return _plan(said, _with_flag(said.words, "--to-revision", numbers[0]))
    if said.spoken.verb == "rollout history" and len(said.spoken.names) == 1 and numbers[0] in said.turn.rows:
        if said.says(r"\b(?:back|roll\w*|go|return|live|restore|take)\b|(?<!<)\bnumber\b"):
            return _plan(said, ["kubectl", "rollout", "undo", *said.words[3:], f"--to-revision={numbers[0]}"])
        if said.says(r"\b(?:what|show|see|details?|in|look)\b"):
            return _plan(said, [*said.words, f"--revision={numbers[0]}"])
    return None


def _amount(said: _Said) -> Plan | None:
    """Another amount of what is set as a limit or a request."""
    if said.spoken.verb != "set resources" or not said.pending:
        return None
    values = said.new("<bytes>", "<size>") or said.new("<number>")
    flags = [
        at for at, word in enumerate(said.words) if re.fullmatch(r"--(?:limits|requests)=(?:cpu|memory)=[\w.]+", word)
    ]
    if len(values) != 1 or len(flags) != 1:
        return None
    words = list(said.words)
    head, _, old = words[flags[0]].rpartition("=")
    unit = re.sub(r"[\d.]", "", old)
    value = values[0] if not values[0].isdigit() else f"{values[0]}{unit}"
    words[flags[0]] = f"{head}={value}"
    return _plan(said, words)


def _milder(said: _Said) -> Plan | None:
    """Something milder in the place of what waits: a cordon and no drain, a pause and no rollback."""
    if not said.pending or said.new("<number>", *NAMED):
        return None
    scope = Scope("" if said.spoken.kind is KINDS["nodes"] else said.spoken.scope.namespace, said.spoken.scope.cluster)
    if said.spoken.verb == "drain" and said.says(r"\bcordon\b"):
        return _of(Spoken("cordon", KINDS["nodes"], said.spoken.names, scope))
    if said.spoken.verb.startswith("rollout") and said.spoken.kind is not None:
        for word, verb in (("pause", "rollout pause"), ("resume", "rollout resume"), ("restart", "rollout restart")):
            if said.says(rf"\b{word}\b") and said.spoken.verb != verb:
                return _of(Spoken(verb, said.spoken.kind, said.spoken.names, scope))
    if said.spoken.verb == "delete" and said.spoken.kind is not None and said.spoken.kind.plural in WORKLOADS:
        if said.says(r"\b(?:scale|down to zero|to zero|to 0)\b|\bto <number>"):
            return _of(Spoken("scale", said.spoken.kind, said.spoken.names, scope, (("--replicas", "0"),)))
        if said.says(r"\brestart\b"):
            return _of(Spoken("rollout restart", said.spoken.kind, said.spoken.names, scope))
    return None


def _of(spoken: Spoken) -> Plan:
    return Plan(behaviour_of(spoken), (spoken.write(),), confidence=0.85)


def _one_less(said: _Said) -> Plan | None:
    """What waits for several objects, without one of them."""
    leaves = [word.value for word in said.all if word.token in NAMED and word.value in said.spoken.names]
    if not said.pending or len(said.spoken.names) < 2 or len(leaves) != 1:
        return None
    rest = tuple(name for name in said.spoken.names if name != leaves[0])
    if said.says(r"\b(?:without|not|except|leave|skip|but)\b"):
        return _of(replace(said.spoken, names=rest))
    if said.says(r"\b(?:only|just)\b"):
        return _of(replace(said.spoken, names=(leaves[0],)))
    return None


def _table(said: _Said) -> Plan | None:
    """The same table with more in it, in another order, or kept current."""
    if (
        said.spoken.verb not in {"get", "top"}
        or said.new("<number>", "<cluster>", "<namespace>", "<image>")
        or said.pending
    ):
        return None
    words, changed = list(said.words), False
    names = said.new(*NAMED)
    if (
        said.says(
            r"^(?:and |so |ok )*how many (?:of (?:those|them|these) |is that|are (?:there|they|those|these)|does that make)"
        )
        and not names
    ):
        return _plan(said, words)
    if said.spoken.kind is KINDS["pods"] and said.says(r"\b(?:only|just)\b.*\bnot running\b") and not names:
        return _plan(said, _with_flag(words, "--field-selector", "status.phase!=Running"))
    if said.spoken.verb == "get":
        if said.says(
            r"\b(?:which nodes?|what nodes?|nodes? (?:are|is|do|does|each)|with (?:the |their )?nodes?|where (?:are|do) (?:they|those|these)|ips?|addresses|wide|more columns)\b"
        ):
            words, changed = _with_flag(words, "-o", ""), True
            words = [*[word for word in words if word not in {"-o", "wide", "-owide"}], "-o", "wide"]
        if said.says(r"\blabels?\b") and not said.says(r"\b(?:set|add|remove|put|take)\b"):
            words, changed = _with_flag(words, "--show-labels", ""), True
        if said.says(r"\b(?:watch|keep (?:an eye|watching|it open)|live)\b"):
            words, changed = [*words, "-w"], True
        if said.says(
            r"\b(?:sort|order|arrange|rank)\w*\b.*\b(?:age|oldest|newest|old|created)\b|\b(?:oldest|newest) (?:first|on top|at the top)\b|\bby age\b"
        ):
            words, changed = _with_flag(words, "--sort-by", ".metadata.creationTimestamp"), True
        if said.says(r"\bby (?:\w+ )?restarts?\b"):
            words, changed = _with_flag(words, "--sort-by", ".status.containerStatuses[0].restartCount"), True
        if (
            said.spoken.kind is KINDS["pods"]
            and len(set(names)) == 1
            and said.says(r"\b(?:only|just|narrow|limit|restrict|filter|ones)\b")
            and "-l" not in words
        ):
            entry = next((e for e in said.vocabulary.names.get(names[0], ()) if e.kind in WORKLOADS), None)
            if entry is not None:
                words, changed = [*words, "-l", said.vocabulary.selector_of(entry)], True
                names = []
    elif said.says(r"\bcontainers?\b"):
        words, changed = _with_flag(words, "--containers", ""), True
    elif said.says(r"\b(?:cpu|processor)\b"):
        words, changed = _with_flag(words, "--sort-by", "cpu"), True
    elif said.says(r"\b(?:memory|ram)\b"):
        words, changed = _with_flag(words, "--sort-by", "memory"), True
    return _plan(said, words) if changed and not names else None


def _taken_back(said: _Said) -> Plan | None:
    """The last change, or the last of the sort that is named, made undone."""
    if (
        said.pending
        or not _BACK.search(said.text)
        or said.new("<number>", "<image>", "<setting>", "<cluster>", "<namespace>", *NAMED)
    ):
        return None
    if _ASKS.match(said.text):
        return None
    if said.says(r"\b(?:both|all of (?:them|those|it)|everything)\b"):
        return _all_taken_back(said)
    sorts = [verb for form, verb in _SORTS if said.says(form)]
    for turn in reversed(said.context.turns):
        spoken = read_line(turn.command)
        if spoken is None or behaviour_of(spoken) is Behaviour.RUN or turn.state != "done":
            continue
        if sorts and spoken.verb not in sorts and not spoken.verb.startswith(("create", "patch")):
            continue
        back = opposite(turn)
        if back is None:
            return None
        read = read_line(back)
        return (
            None
            if read is None
            else Plan(behaviour_of(read), (back,), say=f"This takes back “{turn.command}”.", confidence=0.82)
        )
    return None


def _all_taken_back(said: _Said) -> Plan | None:
    """The changes of the last turns made undone, the first of them first; none where one of them cannot be."""
    lines: list[str] = []
    for turn in said.context.turns:
        spoken = read_line(turn.command)
        if spoken is None or behaviour_of(spoken) is Behaviour.RUN or turn.state != "done":
            continue
        back = opposite(turn)
        if back is None:
            return None
        lines.append(back)
    read = [spoken for line in lines if (spoken := read_line(line)) is not None]
    if len(read) < 2 or len(read) != len(lines):
        return None
    strictest = max((behaviour_of(spoken) for spoken in read), key=list(Behaviour).index)
    return Plan(strictest, tuple(lines), confidence=0.82)


def _called(said: _Said) -> Plan | None:
    """Another name for what is to be made."""
    if (
        not said.pending
        or not said.spoken.verb.startswith("create")
        or not said.says(r"\b(?:call|name|named|called)\b")
    ):
        return None
    new = [
        word.value
        for word in said.all
        if word.tag.part in {Part.UNKNOWN, Part.MISSING}
        and is_valid_name(word.value)
        and word.value not in said.words
        and word.token not in _WORDS_ABOUT
    ]
    at = 4 if said.words[2] in {"secret", "service"} else 3
    if len(new) != 1 or len(said.words) <= at:
        return None
    words = list(said.words)
    words[at] = new[0]
    return _plan(said, words)


def _outcome(said: _Said) -> Plan | None:
    """How the rollout that was started last comes along."""
    kind = said.spoken.kind
    if said.pending or kind is None or kind.plural not in WORKLOADS or not _OUTCOME.fullmatch(said.text):
        return None
    if said.spoken.verb not in {
        "rollout restart",
        "rollout undo",
        "rollout resume",
        "set image",
        "set env",
        "scale",
        "set resources",
    }:
        return None
    return _of(Spoken("rollout status", kind, said.spoken.names, said.spoken.scope))


def _more_of_it(said: _Said) -> Plan | None:
    """Twice or half of what was set as a limit or a request."""
    flags = [
        at for at, word in enumerate(said.words) if re.fullmatch(r"--(?:limits|requests)=(?:cpu|memory)=\d+\w*", word)
    ]
    factor = 2.0 if said.says(r"\b(?:double|twice)\b") else 0.5 if said.says(r"\b(?:half|halve)\b") else 0.0
    if said.spoken.verb != "set resources" or len(flags) != 1 or not factor or said.new("<number>", *NAMED):
        return None
    words = list(said.words)
    head, _, old = words[flags[0]].rpartition("=")
    amount = float(re.sub(r"\D", "", old)) * factor
    if amount != int(amount):
        return None
    words[flags[0]] = f"{head}={int(amount)}{re.sub(r'[0-9]', '', old)}"
    return _plan(said, words)


_EDITS: Final[tuple[Callable[[_Said], Plan | None], ...]] = (
    _outcome,
    _one_less,
    _milder,
    _bounds,
    _more_of_it,
    _replicas,
    _amount,
    _effect,
    _other_image,
    _called,
    _number_of,
    _value,
    _named_otherwise,
    _elsewhere,
    _decided,
    _called_off,
    _asked_of_it,
    _logs,
    _table,
    _taken_back,
)
