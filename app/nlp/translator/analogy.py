"""Reads a text like a known one that says nearly the same: its names and numbers put into the known one's words.

Rules read what they have forms for; people have more. Where no rule fits, the nearest of some two thousand sentences
that are known to be read rightly is looked for, and what takes its place is read by the same rules as any request:
nothing is written here that they would not write. What speaks of a change is read so only where both say the same of
time, condition and negation.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from heapq import nlargest
from importlib import resources
from itertools import pairwise
from typing import Final

from app.nlp.translator.lexicon.english import ORDINARY
from app.nlp.translator.lexicon.kinds import KINDS, WORKLOADS, Kind
from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb
from app.nlp.translator.lexicon.phrases import PHRASES
from app.nlp.translator.names import NameMatch
from app.nlp.translator.plan import Behaviour, Plan
from app.nlp.translator.restraint import WANTED
from app.nlp.translator.surroundings import EXAMPLES
from app.nlp.translator.tagger import Tag, tag
from app.nlp.translator.targets import NOT_FOUND
from app.nlp.translator.tokens import tokenise
from app.nlp.translator.vocabulary import Vocabulary

UNSURE = 0.8  # of the rules
ANSWERED = 0.8  # by the rules: a help text, a thank you, what only the gateway knows
NEAR = 0.33  # of 1: below it a neighbour shares little but common words
NEAR_FOR_A_CHANGE = 0.36
NEAR_FOR_A_LOSS = 0.45  # for what cannot be taken back
NEAR_FOR_A_YES = 0.8
NEAR_FOR_ANOTHER_LOOK = 0.6
NEAR_FOR_ANOTHER_READING = 0.5  # where the rules have one already
SURELY_A_PLACE = 0.87  # a word that is merely spelt like a namespace ("saying", "staging") stays a word
MOST_LOOKED_AT = 12  # neighbours
MOST_READ = 2  # of them, by the rules
MOST_WEIGHED = 40  # sentences with the most telling features in common, whose whole likeness is counted
MOST_SHARING = 100  # sentences that share a feature; one that more have in common tells little, and costs time
WORD = "<word>"  # in an example: a key, a value or a new name, which is whatever stands at that place
BLOCKS = "! "  # begins an example that asks for nothing
FOLLOWS = "~ "  # begins one that means something after an earlier turn only
MEANS = " => "
EXECUTE = "execute pending"
READ_AS = "I read this as"
_CHANGING = frozenset({Behaviour.CONFIRM, Behaviour.STRONG})
_WANTED = frozenset({Behaviour.RUN, Behaviour.CONFIRM, Behaviour.STRONG, Behaviour.DIAGNOSE, Behaviour.SESSION})
_GUARDED = (Part.NEGATION, Part.HEDGE, Part.REPORT, Part.QUOTATION, Part.QUESTION, Part.REPLY)
NAMESPACES = "namespaces"
_HERE = frozenset({"this", "that", "the", "my", "our", "current"})  # before "namespace", which is no kind then
_EVERYWHERE = frozenset({"all", "every", "entire", "everywhere", "whole", "any", "anywhere"})
_ASKING = frozenset({"is", "are", "was", "were", "does", "did", "has", "had", "why", "who", "when", "where", "which"})
NAME = "<name>"
_NAMES = frozenset({"<workload>", "<pod>", "<node>", "<job>", "<cronjob>", "<object>"})
_PLACES = {"<namespace>": " in namespace {}", "<cluster>": " on cluster {}"}
_SHAPES = {
    "<setting>": re.compile(r"\S+=\S*"),
    "<size>": re.compile(r"\d{3,}m|\d+(?:\.\d+)?[KMGT]i?B?"),
    "<key>": re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"),
}
KIND = "<kind>"  # in an example: whichever kind is said
_LOOKS = frozenset({Action.SHOW, Action.COUNT, Action.DESCRIBE})
_TURNING: Final = frozenset(
    re.findall(
        r"\w+",
        """
        not no never nobody nothing none neither nor without unless until if when whenever once after before while
        would could might may was were had been did yesterday tomorrow tonight later soon next anybody somebody anyone
        someone who whether said says told asked wants hopefully maybe perhaps instead except
        """,
    )
)
"""Words that turn what is said into something else: a change is read only where the example has them as well."""
_NO_CHOICE = ((), EXAMPLES)
_BARE_GET = re.compile(r"kubectl get [a-z.]+/\S+(?: -o wide)?(?: -n \S+)?(?: --context \S+)?")
_SETS = re.compile(r"\b\d+(?:[KMG]i?|m)\b|\S[:=]\S")  # a size, an image, a key and its value: looks have none
_NOT_A_NAME = frozenset({"env", "config"})  # parts of names that people say of something else
_ENDINGS = re.compile(r"(?:ing|ed|s)$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word of a text, or a slot with what stands in it, and of a name the kinds of what is called so."""

    token: str
    value: str
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Example:
    """A known sentence.

    Attributes:
        tokens: its words, slots among them.
        plainer: the same in words that the rules read; its own where they read these.
        blocks: whether it asks for nothing.
        values: how many names, numbers and other values it has; a text that is like it has as many.
        follows: whether it means something after an earlier turn only.
    """

    tokens: tuple[str, ...]
    plainer: tuple[str, ...]
    blocks: bool
    values: tuple[tuple[str, int], ...]
    follows: bool = False

    @staticmethod
    def read(line: str) -> Example:
        """The example of a line: `BLOCKS` or `FOLLOWS` may stand before it, `MEANS` and a plainer sentence behind."""
        said, _, plainer = line.removeprefix(BLOCKS).removeprefix(FOLLOWS).partition(MEANS)
        tokens = tuple(said.split())
        values, follows = _values_in(tokens), line.startswith(FOLLOWS)
        return Example(tokens, tuple((plainer or said).split()), line.startswith(BLOCKS), values, follows)


def pieces_of(text: str, vocabulary: Vocabulary) -> tuple[list[Piece], list[Tag]]:
    """A text's words, with slots in the place of names, places, numbers and the like; and its tags."""
    tags = tag(tokenise(text), vocabulary)
    return [piece for each in tags for piece in _pieces(each, vocabulary)], tags


def _pieces(found: Tag, vocabulary: Vocabulary) -> list[Piece]:
    guessed = found.part in {Part.NAMESPACE, Part.CLUSTER} and found.score < SURELY_A_PLACE
    if guessed or (found.part is Part.NAME and found.low in _NOT_A_NAME):
        return [Piece(word, word) for word in found.low.split()]
    if found.part is Part.NAME and isinstance(found.value, NameMatch) and len(found.value.names) == 1:
        name = found.value.names[0]
        kinds = frozenset(entry.kind for entry in vocabulary.names.get(name, ()))
        return [Piece(_class_of(kinds), name, kinds)]
    slots = {
        Part.NAMESPACE: "<namespace>",
        Part.CLUSTER: "<cluster>",
        Part.NUMBER: "<number>",
        Part.DURATION: "<duration>",
        Part.IMAGE: "<image>",
    }
    for slot, shape in _SHAPES.items():
        if shape.fullmatch(found.words):
            return [Piece(slot, found.words)]
    if found.part in slots:
        value = found.words if found.part in {Part.DURATION, Part.IMAGE} else str(found.value)
        return [Piece(slots[found.part], value)]
    if found.part is Part.KIND and isinstance(found.value, Kind):
        return [Piece(found.value.plural, found.low)]
    if found.part in {Part.MARK, Part.COURTESY}:
        return []
    return [Piece(word, word) for word in found.low.split()]


def _class_of(kinds: frozenset[str]) -> str:
    if kinds & set(WORKLOADS):
        return "<workload>"
    for kind in ("nodes", "pods", "cronjobs", "jobs"):
        if kind in kinds:
            return f"<{kind[:-1]}>"
    return "<object>"


class Examples:
    """Known sentences, found by the words that they share with a text.

    Args:
        lines: as `Example.read` takes them.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._all = [Example.read(line) for line in lines if line]
        counted = [_features(each.tokens) for each in self._all]
        numbers = Counter(feature for features in counted for feature in features)
        self._weight = {feature: math.log((len(self._all) + 1) / number) for feature, number in numbers.items()}
        self._unknown = math.log(len(self._all) + 1)
        self._weighed_of = [self._weighed(features) for features in counted]
        self._telling: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, weighed in enumerate(self._weighed_of):
            for feature, weight in weighed.items():
                if numbers[feature] <= MOST_SHARING:
                    self._telling[feature].append((index, weight))

    def nearest(self, tokens: Sequence[str], *, follows: bool = False) -> list[tuple[float, Example]]:
        """The nearest sentences, with how near they are (cosine, from 0 to 1), the nearest first.

        Args:
            tokens: of a text.
            follows: whether it stands behind an earlier turn.
        """
        ours = self._weighed(_features(tokens))
        scores: dict[int, float] = defaultdict(float)
        for feature, weight in ours.items():
            for index, other in self._telling.get(feature, ()):
                scores[index] += weight * other
        values, found = _values_in(tokens), []
        for index in nlargest(MOST_WEIGHED, scores, key=scores.__getitem__):
            example = self._all[index]
            if (example.follows and not follows) or (not example.blocks and example.values != values):
                continue
            theirs = self._weighed_of[index]
            score = sum([weight * theirs[feature] for feature, weight in ours.items() if feature in theirs])
            if score >= NEAR:
                found.append((score, example))
        return sorted(found, key=lambda pair: -pair[0])[:MOST_LOOKED_AT]

    def _weighed(self, features: Counter[str]) -> dict[str, float]:
        weights = {
            feature: self._weight.get(feature, self._unknown) * (1 + math.log(n)) for feature, n in features.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {feature: weight / length for feature, weight in weights.items()}


@cache
def examples() -> Examples:
    """The sentences that the translator comes with; read and counted once."""
    text = resources.files("app.nlp.translator.lexicon").joinpath("examples.txt").read_text(encoding="utf-8")
    return Examples(text.splitlines())


def by_analogy(
    text: str, plan: Plan, vocabulary: Vocabulary, read: Callable[[str], Plan], *, follows: bool
) -> Plan | None:
    """The plan of the nearest known sentence with this text's names in it; None where none is near enough.

    Args:
        text: what the person said.
        plan: what the rules make of it: a question, or a mere look at an object.
        vocabulary: the names that the person may see.
        read: reads a text by the rules.
        follows: whether it stands behind an earlier turn.
    """
    pieces, tags = pieces_of(text, vocabulary)
    asked = plan.behaviour is Behaviour.CLARIFY
    not_read = asked and plan.choices in _NO_CHOICE and not plan.say.startswith((NOT_FOUND, WANTED))
    least = NEAR if not_read else NEAR_FOR_ANOTHER_READING
    seen: set[str] = set()
    for score, example in examples().nearest([piece.token for piece in pieces], follows=follows):
        if score < least or example.blocks or len(seen) == MOST_READ:
            return None
        said = _in_words_of(example, pieces)
        if said is None or said in seen or said.lower() == text.lower():
            continue
        seen.add(said)
        found = read(said)
        if not _is_another(plan, found, score):
            continue
        like = tag(tokenise(_in_words_of(example, pieces, plainer=False) or said), vocabulary)
        if found.behaviour is Behaviour.ANSWER and example.plainer == example.tokens:
            continue
        if _mean_the_same(tags, like, changes=found.behaviour in _CHANGING):
            say = f'{found.say} {READ_AS} "{said}".'.strip()
            return replace(found, confidence=round(found.confidence * (0.5 + score / 2), 2), say=say)
    return None


def _is_another(plan: Plan, found: Plan, score: float) -> bool:
    """Whether a plan says more than the rules' own, and its sentence is near enough for what it does."""
    answers = found.behaviour is Behaviour.ANSWER and found.confidence >= ANSWERED
    if not (found.behaviour in _WANTED or answers) or (found.commands and found.commands == plan.commands):
        return False
    if found.behaviour in _CHANGING:
        return score >= (NEAR_FOR_A_LOSS if found.behaviour is Behaviour.STRONG else NEAR_FOR_A_CHANGE)
    if found.action == EXECUTE:
        return score >= NEAR_FOR_A_YES
    return score >= NEAR_FOR_ANOTHER_LOOK or not _is_bare_look(plan)


def may_be_like_another(text: str, plan: Plan) -> bool:
    """Whether the rules have no sure reading: they ask, are unsure, or see no more than that it names an object."""
    if plan.behaviour is Behaviour.RUN:
        return plan.confidence < UNSURE or _is_bare_look(plan) or _SETS.search(text) is not None
    leaves_no_choice = plan.choices == EXAMPLES or len(plan.choices) < 2 or plan.say.startswith((NOT_FOUND, WANTED))
    return plan.behaviour is Behaviour.CLARIFY and leaves_no_choice


def _is_bare_look(plan: Plan) -> bool:
    return len(plan.commands) == 1 and not plan.view and _BARE_GET.fullmatch(plan.commands[0]) is not None


def _mean_the_same(tags: Sequence[Tag], others: Sequence[Tag], *, changes: bool) -> bool:
    """Whether two texts are alike in what words in common say nothing of.

    Which row is meant, and that a change is asked for: nobody who asks for one is answered by a look at something else,
    and nobody gets one who only asks, denies, supposes or tells.
    """
    if _values_of(tags, Part.ORDINAL) != _values_of(others, Part.ORDINAL):
        return False
    ours, theirs = _actions(tags, Form.BASE), _actions(others, Form.BASE)
    if not changes:
        return not (ours & CHANGES) - theirs
    if tags[0].low in _ASKING or any(_values_of(tags, part) != _values_of(others, part) for part in _GUARDED):
        return False
    if _turning(tags) - _turning(others):
        return False
    wanted, looks = ours & CHANGES, (ours & _LOOKS) - theirs
    told = (_actions(tags, Form.OTHER) - _actions(others, Form.OTHER)) & CHANGES
    if told or (looks and not wanted):
        return False
    return not wanted or not theirs & CHANGES or bool(wanted & theirs)


def _values_of(tags: Sequence[Tag], part: Part) -> list[str]:
    return sorted(str(each.value) for each in tags if each.part is part)


def _turning(tags: Sequence[Tag]) -> set[str]:
    return {word for each in tags for word in each.low.split() if word in _TURNING}


def _actions(tags: Sequence[Tag], form: Form) -> set[Action]:
    verbs = [each.value for each in tags if each.part is Part.VERB and isinstance(each.value, Verb)]
    return {verb.action for verb in verbs if verb.form is form}


def _in_words_of(example: Example, pieces: Sequence[Piece], *, plainer: bool = True) -> str | None:
    """The example, or what it says in plainer words, with this text's values in it; None where they do not fit."""
    kinds = _kinds_said(example.tokens, " ".join(example.plainer), pieces)
    if kinds is None:
        return None
    values: dict[str, list[str]] = defaultdict(list, {KIND: list(kinds.of_any)})
    for piece in pieces:
        values[_sort_of(piece.token)].append(piece.value)
    if kinds.of_name:
        values[NAME] = [f"{kinds.of_name} {values[NAME][0]}"]
    words = _words_at(example.tokens, pieces) if WORD in example.tokens else []
    if words is None:
        return None
    said = []
    for token in example.plainer if plainer else example.tokens:
        from_text = words if token == WORD else values[_sort_of(token)] if token.startswith("<") else [token]
        if not from_text:
            return None
        said.append(from_text.pop(0))
    places = [_PLACES[slot].format(values[slot].pop(0)) for slot in _PLACES if values[slot]]
    if any(values[slot] for slot in _PLACES) or (places and _EVERYWHERE & set(said)):
        return None
    return " ".join(said) + "".join(places)


def _sort_of(token: str) -> str:
    return NAME if token in _NAMES else token


@dataclass(frozen=True, slots=True)
class _Kinds:
    """The kinds that a text says: those in the place of an example's `KIND`, and one that only says what a name is."""

    of_any: tuple[str, ...] = ()
    of_name: str = ""


def _kinds_said(tokens: Sequence[str], plainer: str, pieces: Sequence[Piece]) -> _Kinds | None:
    """The kinds of a text as an example takes them; None where it has others."""
    said = [
        piece.token
        for before, piece in pairwise((Piece("", ""), *pieces))
        if piece.token in KINDS and not (piece.token == NAMESPACES and before.token in _HERE)
    ]
    any_kind = tokens.count(KIND)
    if any_kind:
        return _Kinds(tuple(said)) if len(said) == any_kind else None
    same_names = _names_in(tokens) == _names_in([piece.token for piece in pieces])
    left = [kind for kind in said if kind not in plainer and not (same_names and kind in tokens)]
    if not left:
        return _Kinds()
    names = [piece for piece in pieces if piece.token in _NAMES]
    said_of_it = len(left) == len(names) == 1 and left[0] in names[0].kinds
    return _Kinds((), KINDS[left[0]].singular) if said_of_it else None


def _names_in(tokens: Iterable[str]) -> list[str]:
    return sorted(token for token in tokens if token in _NAMES)


def _words_at(tokens: Sequence[str], pieces: Sequence[Piece]) -> list[str] | None:
    """What stands in a text where an example has a word of the person's own, by the best alignment of both."""
    rows, columns = len(tokens), len(pieces)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best[i][j] = max(best[i + 1][j + 1] + _likeness(tokens[i], pieces[j].token), best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < rows and j < columns:
        likeness = _likeness(tokens[i], pieces[j].token)
        if likeness > 0 and math.isclose(best[i][j], best[i + 1][j + 1] + likeness):
            if tokens[i] == WORD:
                if pieces[j].token in ORDINARY or pieces[j].token in _TURNING or (pieces[j].token,) in PHRASES:
                    return None
                found.append(pieces[j].value)
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found if len(found) == tokens.count(WORD) else None


def _likeness(token: str, other: str) -> float:
    if token == WORD:
        return 0.0 if other.startswith("<") else 0.6
    if token == other:
        return 2.0
    return 1.5 if _stem(token) == _stem(other) else 0.0


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    return _ENDINGS.sub("", word) if len(word) > 4 else word


def _values_in(tokens: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """How many values of each sort; names are of one sort, and where something is may be said beside it."""
    counted = Counter(
        NAME if token in _NAMES else token
        for token in tokens
        if token.startswith("<") and token not in {WORD, KIND, *_PLACES}
    )
    return tuple(sorted(counted.items()))


def _features(tokens: Sequence[str]) -> Counter[str]:
    stems = [_stem(token) for token in tokens]
    found = Counter([*stems, *map(" ".join, pairwise(stems))])
    if any(token in KINDS for token in tokens):
        of_any = [KIND if token in KINDS else stem for token, stem in zip(tokens, stems, strict=True)]
        found |= Counter([KIND, *(pair for pair in map(" ".join, pairwise(of_any)) if KIND in pair)])
    return found
