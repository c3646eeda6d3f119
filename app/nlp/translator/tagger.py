"""Gives every word of a text its part: verb, kind, name, namespace, number, and so on.

One pass from left to right takes the longest match; a second pass looks at what was left over, word by word, for
parts of names and misspellings. Nothing is decided here about what the text asks for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.nlp.translator import quantities
from app.nlp.translator.lexicon.english import ORDINARY
from app.nlp.translator.lexicon.kinds import KIND_WORDS, KINDS, Kind
from app.nlp.translator.lexicon.parts import Action, Form, Part, Sense, Verb
from app.nlp.translator.lexicon.phrases import FIRST_WORDS, PHRASES
from app.nlp.translator.lexicon.verbs import VERBS
from app.nlp.translator.names import (
    LONGEST_NAME,
    NameMatch,
    guess,
    misspelt,
    said_exactly,
    said_in_part,
)
from app.nlp.translator.tokens import Token, tokenise
from app.nlp.translator.vocabulary import Vocabulary

MAX_FUZZY = 12  # left-over words that are compared with names; a longer tail is prose
_SURELY_SPELT = 0.87  # with a single slip
_NAMELIKE = re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?")
_SCOPING = frozenset(["in", "from", "within", "inside", "of", "on", "at", "to", "for", "under", "into", "onto"])
POLITE_GERUND = ("would you mind", "do you mind")
_PARTICLES = ("back", "down", "off", "away")
_PRODUCT = "kubernetes"
"""What everybody speaks of, and the name of a service in each cluster."""
_OF_THE_PRODUCT = frozenset({"service", "services", "svc", "endpoints", "endpointslice", "named", "called"})
_CONTEXT_WORDS = frozenset({"cluster", "context", "clusters", "contexts"})


@dataclass(slots=True)
class Tag:
    """One or several words and their part.

    Attributes:
        part: what they are.
        value: its type depends on the part: a `Verb`, a `Kind`, a `NameMatch`, an int for numbers and durations,
            else a string.
        words: the words as written.
        start: index of the first token.
        end: index behind the last token.
        score: how surely, from 0 to 1.
        named: for a namespace or cluster: the word "namespace" or "cluster" stands beside it.
    """

    part: Part
    value: object
    words: str
    start: int
    end: int
    score: float = 1.0
    named: bool = False

    @property
    def low(self) -> str:
        """The words in lower case."""
        return self.words.lower()


def tag(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Tag]:
    """The parts of a text, in order; every token belongs to exactly one."""
    tags: list[Tag] = []
    lows = [token.low for token in tokens]
    i = 0
    while i < len(tokens):
        found = _read_at(tokens, lows, i, vocabulary, tags)
        tags.append(found)
        i = found.end
    tags = _read_left_overs(tags, vocabulary)
    return _join(_gather(tags))


class Tagger:
    """The parts of texts over one vocabulary: each text is read once, and every reader gets tags of its own.

    Args:
        vocabulary: the names that the person may see.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[str, list[Tag]] = {}

    def __call__(self, text: str) -> list[Tag]:
        """The parts of a text, in order."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = tag(tokenise(text), self._vocabulary)
        # Who reads a clause may change its tags. Said attribute by attribute: `copy` takes ten times as long.
        return [Tag(t.part, t.value, t.words, t.start, t.end, t.score, t.named) for t in known]


def _read_at(tokens: Sequence[Token], lows: list[str], i: int, vocabulary: Vocabulary, before: Sequence[Tag]) -> Tag:
    token = tokens[i]
    if token.quote:
        match = said_exactly(vocabulary, token.low.split())
        return _made(tokens, i, 1, Part.NAME, match) if match else _made(tokens, i, 1, Part.QUOTATION, token.text)
    if token.is_mark:
        return _made(tokens, i, 1, Part.MARK, token.text)
    name = _longest_name(tokens, lows, i, vocabulary)
    sense, length = _longest_phrase(lows, i)
    if length == 1:
        sense = _leading_sense(tokens, i, before) or sense
    if name is not None and name[1] >= length and not _is_leading_verb(sense, before):
        scope = _scope(tokens, i, vocabulary, before) if name[1] == 1 else None
        return scope or _made(tokens, i, name[1], Part.NAME, name[0], name[0].score)
    if sense is not None and length > 1:
        return _made(tokens, i, length, sense.part, sense.value)
    scope = _scope(tokens, i, vocabulary, before)
    if scope is not None:
        return scope
    structured = _structured(tokens, i, vocabulary)
    if structured is not None:
        return structured
    number = quantities.number_of(token.low)
    if number is not None:
        return _made(tokens, i, 1, Part.NUMBER, number)
    if sense is not None:
        return _made(tokens, i, 1, sense.part, sense.value)
    return _made(tokens, i, 1, Part.UNKNOWN, token.text)


def _made(tokens: Sequence[Token], i: int, length: int, part: Part, value: object, score: float = 1.0) -> Tag:
    return Tag(part, value, " ".join(t.text for t in tokens[i : i + length]), i, i + length, score)


def _longest_name(
    tokens: Sequence[Token], lows: list[str], i: int, vocabulary: Vocabulary
) -> tuple[NameMatch, int] | None:
    if not vocabulary.may_begin(lows[i]):
        return None
    longest = 1
    while longest < LONGEST_NAME and i + longest < len(tokens):
        following = tokens[i + longest]
        if following.is_mark or following.quote:
            break
        longest += 1
    for length in range(longest, 0, -1):
        words = lows[i : i + length]
        match = said_exactly(vocabulary, words)
        if words == [_PRODUCT] and not _OF_THE_PRODUCT & {*lows[max(0, i - 2) : i], *lows[i + 1 : i + 2]}:
            continue
        if match and all(e.kind == "namespaces" for name in match.names for e in vocabulary.names[name]):
            continue
        # A kind or a verb that merely sounds like a name ("nodes" for a service `node`) stays what it is; written
        # exactly, it is the name.
        if match and (length > 1 or match.names[0] == words[0] or (words[0],) not in PHRASES):
            return match, length
    return None


def _longest_phrase(lows: list[str], i: int) -> tuple[Sense | None, int]:
    longest = FIRST_WORDS.get(lows[i], 0)
    for length in range(min(longest, len(lows) - i), 0, -1):
        sense = PHRASES.get(tuple(lows[i : i + length]))
        if sense is not None:
            return sense, length
    return None, 0


def _leading_sense(tokens: Sequence[Token], i: int, before: Sequence[Tag]) -> Sense | None:
    """The verb that a word is where it stands first, though it is read otherwise elsewhere ("use staging")."""
    if any(t.part not in {Part.COURTESY, Part.MARK} for t in before):
        return None
    sense = VERBS.get((tokens[i].low,))
    if before and before[-1].low in POLITE_GERUND:
        return sense
    if not _is_leading_verb(sense, before):
        return None
    following = tokens[i + 1] if i + 1 < len(tokens) else None
    if tokens[i].low == "deploy" and (following is None or following.is_mark or following.low in _SCOPING):
        return None
    return sense


def _is_leading_verb(sense: Sense | None, before: Sequence[Tag]) -> bool:
    """Whether a word that is a name as well stands where only a verb can: first, and in its base form."""
    return (
        sense is not None
        and isinstance(sense.value, Verb)
        and sense.value.form is Form.BASE
        and not any(t.part is Part.VERB for t in before)
        and all(t.part in {Part.COURTESY, Part.MARK, Part.FILLER} for t in before)
    )


def _scope(tokens: Sequence[Token], i: int, vocabulary: Vocabulary, before: Sequence[Tag]) -> Tag | None:
    """A namespace or a cluster; beside a preposition or its kind it wins over an object of the same name."""
    low = tokens[i].low
    is_namespace, is_cluster = (
        low in vocabulary.namespaces,
        low in vocabulary.clusters or tokens[i].text in vocabulary.clusters,
    )
    if not (is_namespace or is_cluster):
        return None
    meaningful = [t for t in before[-3:] if t.part is not Part.FILLER]
    previous = meaningful[-1].low.split()[-1] if meaningful else ""
    following = tokens[i + 1].low if i + 1 < len(tokens) else ""
    near_context = previous in _CONTEXT_WORDS or following in _CONTEXT_WORDS
    near_namespace = (previous,) in KIND_WORDS and KIND_WORDS[previous,].plural == "namespaces"
    near_namespace = near_namespace or ((following,) in KIND_WORDS and KIND_WORDS[following,].plural == "namespaces")
    named_alike = any(e.kind != "namespaces" for e in vocabulary.names.get(low, ()))
    if named_alike and not (
        near_context
        or near_namespace
        or previous in {"in", "from", "within", "inside", "into"}
        or (is_cluster and previous == "on")
    ):
        return None
    if is_cluster and (near_context or not is_namespace):
        return _made(tokens, i, 1, Part.CLUSTER, low if low in vocabulary.clusters else tokens[i].text)
    if is_cluster and is_namespace and not near_namespace:
        return _made(tokens, i, 1, Part.NAMESPACE, low, 0.4)
    return _made(tokens, i, 1, Part.NAMESPACE, low)


def _structured(tokens: Sequence[Token], i: int, vocabulary: Vocabulary) -> Tag | None:
    token = tokens[i]
    low = token.low
    if "/" in low:
        kind_word, _, name = low.partition("/")
        kind = KIND_WORDS.get((kind_word,))
        if kind is not None and _NAMELIKE.fullmatch(name):
            known = name in vocabulary.names
            return _made(
                tokens,
                i,
                1,
                Part.NAME if known else Part.MISSING,
                NameMatch((name,), 1.0, kind.plural) if known else name,
            )
    if quantities.is_selector(token.text):
        return _made(tokens, i, 1, Part.SELECTOR, token.text)
    seconds = quantities.duration_of(low)
    if seconds is not None:
        return _made(tokens, i, 1, Part.DURATION, seconds)
    if (":" in low or "/" in low) and quantities.is_image(token.text):
        return _made(tokens, i, 1, Part.IMAGE, token.text)
    following = tokens[i + 1] if i + 1 < len(tokens) else None
    if (
        low == "container"
        and following is not None
        and _NAMELIKE.fullmatch(following.low)
        and (following.low,) not in PHRASES
    ):
        return _made(tokens, i, 2, Part.CONTAINER, following.low)
    if (
        following is not None
        and following.low == "container"
        and _NAMELIKE.fullmatch(low)
        and (low,) not in PHRASES
        and low not in vocabulary.names
    ):
        return _made(tokens, i, 2, Part.CONTAINER, low)
    return None


def _read_left_overs(tags: list[Tag], vocabulary: Vocabulary) -> list[Tag]:
    """Read again what nothing was found for: as one misspelt name, then word by word."""
    if sum(t.part is Part.UNKNOWN for t in tags) > MAX_FUZZY:
        return tags
    read: list[Tag] = []
    i = 0
    while i < len(tags):
        current = tags[i]
        if current.part is not Part.UNKNOWN:
            read.append(current)
            i += 1
            continue
        run = 1
        while run < 3 and i + run < len(tags) and tags[i + run].part is Part.UNKNOWN:
            run += 1
        found, used = _read_unknown(tags[i : i + run], vocabulary)
        guessed = found.part in {Part.NAMESPACE, Part.CLUSTER} and found.score < _SURELY_SPELT
        if guessed and not (read and read[-1].low in _SCOPING):
            found, used = current, 1  # "saying" is no staging; "in stagign" is
        read.append(found)
        i += used
    return read


def _read_unknown(run: Sequence[Tag], vocabulary: Vocabulary) -> tuple[Tag, int]:
    for length in range(len(run), 1, -1):
        lows = [t.low for t in run[:length]]
        # Ordinary words beside each other are no name that somebody spelt in two ("takes place").
        match = None if ORDINARY.issuperset(lows) else misspelt(vocabulary, lows)
        if match:
            words = " ".join(t.words for t in run[:length])
            return Tag(Part.NAME, match, words, run[0].start, run[length - 1].end, match.score), length
    return _read_word(run[0], vocabulary), 1


def _read_word(unknown: Tag, vocabulary: Vocabulary) -> Tag:
    low = unknown.low
    if not low.isascii() or low in ORDINARY:
        return unknown
    several = said_exactly(vocabulary, [low.removesuffix("s")]) if low.endswith("s") and len(low) > 3 else None
    if several:  # "6 webs"
        return Tag(Part.NAME, several, unknown.words, unknown.start, unknown.end, 0.95)
    match = said_in_part(vocabulary, low)
    if match:
        return Tag(Part.NAME, match, unknown.words, unknown.start, unknown.end, match.score)
    near = guess(vocabulary, low)
    senses = {PHRASES[word,] for word in near.words}
    if len(senses) == 1 and not near.names:
        sense = senses.pop()
        return Tag(sense.part, sense.value, unknown.words, unknown.start, unknown.end, near.score)
    if near.names:
        return Tag(Part.NAME, NameMatch(near.names, near.score), unknown.words, unknown.start, unknown.end, near.score)
    for part, found in ((Part.NAMESPACE, near.namespaces), (Part.CLUSTER, near.clusters)):
        if len(found) == 1:
            return Tag(part, found[0], unknown.words, unknown.start, unknown.end, near.score)
    return unknown


def _gather(tags: list[Tag]) -> list[Tag]:
    """Give a verb the particle that stands behind its object: "roll web back" is "roll back web"."""
    for i, current in enumerate(tags):
        if not isinstance(current.value, Verb):
            continue
        for particle in _PARTICLES:
            sense = VERBS.get((current.low, particle)) if isinstance(current.value, Verb) else None
            later = (
                next((t for t in tags[i + 1 : i + 6] if t.low.split()[0] == particle), None)
                if sense is not None
                else None
            )
            if (
                sense is not None
                and later is not None
                and not (isinstance(sense.value, Verb) and sense.value.action is Action.SCALE)
            ):
                current.value = sense.value
                if later.low == particle:
                    later.part, later.value = Part.FILLER, ""
    return tags


def _join(tags: list[Tag]) -> list[Tag]:
    """Join what belongs together: a number and its unit, the word "namespace" or "cluster" and the name beside it."""
    joined: list[Tag] = []
    i = 0
    while i < len(tags):
        current = tags[i]
        following = tags[i + 1] if i + 1 < len(tags) else None
        pair = _pair(current, following, joined[-1] if joined else None) if following is not None else None
        if pair is not None:
            joined.append(pair)
            i += 2
            continue
        joined.append(current)
        i += 1
    return joined


def _pair(first: Tag, second: Tag, before: Tag | None) -> Tag | None:
    if first.part is Part.NUMBER and isinstance(first.value, int):
        unit = quantities.seconds_of_unit(second.low)
        if unit is not None:
            return _both(first, second, Part.DURATION, first.value * unit)
    if first.part is Part.COMPARISON and second.low == "a" and second.part is Part.FILLER:
        return None
    for a, b in ((first, second), (second, first)):
        if _is_kind(a, "namespaces"):
            if b.part is Part.NAMESPACE:
                return _both(first, second, Part.NAMESPACE, b.value, min(a.score, b.score), named=True)
            if b is second and b.part is Part.UNKNOWN and a.low in {"namespace", "ns"} and _NAMELIKE.fullmatch(b.low):
                return _both(first, second, Part.MISSING, f"namespace {b.low}")
        if a.low in _CONTEXT_WORDS and b.part is Part.CLUSTER:
            return _both(first, second, Part.CLUSTER, b.value, b.score, named=True)
    if (
        first.low in {"cluster", "context"}
        and second.part is Part.UNKNOWN
        and _NAMELIKE.fullmatch(second.low)
        and second.low not in ORDINARY
    ):
        return _both(first, second, Part.MISSING, f"cluster {second.low}")
    return None


def _both(first: Tag, second: Tag, part: Part, value: object, score: float = 1.0, *, named: bool = False) -> Tag:
    return Tag(part, value, f"{first.words} {second.words}", first.start, second.end, score, named)


def _is_kind(tag_: Tag, plural: str) -> bool:
    return tag_.part is Part.KIND and isinstance(tag_.value, Kind) and tag_.value is KINDS[plural]
