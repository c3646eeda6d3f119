"""Works out how many replicas a request asks for: an absolute number, or one that follows from the present number."""

from __future__ import annotations

from dataclasses import dataclass

from app.nlp.translator.frame import Frame
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.parts import Action, Part, Verb
from app.nlp.translator.tagger import Tag

MAX_REPLICAS = 1_000  # beyond it a number is far likelier a slip than a wish
_FACTORS = {"double": (2, 1), "triple": (3, 1), "quadruple": (4, 1), "half": (1, 2)}


@dataclass(frozen=True, slots=True)
class Amount:
    """How many replicas: `to` a number, `by` a difference, or `times` a fraction of the present number.

    Exactly one is set; `times` is numerator and denominator.
    """

    to: int | None = None
    by: int | None = None
    times: tuple[int, int] | None = None

    @property
    def is_relative(self) -> bool:
        """Whether the present number has to be known."""
        return self.to is None

    def of(self, current: int) -> int:
        """The number of replicas that it means, never below zero; half of an odd number is rounded up."""
        if self.to is not None:
            return self.to
        if self.times is not None:
            numerator, denominator = self.times
            return -(-current * numerator // denominator)
        return max(0, current + (self.by or 0))


def amount_of(frame: Frame, verb: Verb | None) -> Amount | None:
    """The amount that a clause names, or None when it names none."""
    factor = next((str(t.value) for t in frame.of(Part.AMOUNT) if t.value in _FACTORS), None)
    if factor is not None and not frame.numbers:
        return Amount(times=_FACTORS[factor])
    if frame.has(Part.AMOUNT, "zero"):
        return Amount(to=0)
    sign = _sign(frame, verb)
    target = _after_preposition(frame, "to")
    if target is not None:
        return Amount(to=target)
    number = _count(frame)
    difference = _after_preposition(frame, "by")
    if difference is not None and sign != 0:
        return Amount(by=sign * difference)
    if difference is not None and verb is not None and verb.action is Action.SCALE:
        return Amount(by=difference)
    if frame.has(Part.AMOUNT, "more", "fewer"):
        return (
            Amount(by=_direction(frame, sign) * (1 if number is None else number))
            if number is not None or frame.says("one more", "another")
            else None
        )
    if number is None:
        return None
    if verb is not None and verb.action is Action.DELETE:
        return Amount(by=-number)
    if sign != 0 and (verb is None or verb.action in {Action.LIGHT, Action.SCALE}):
        # "add two replicas" is a difference; "scale up web 5" could be either and is asked about.
        return Amount(by=sign * number) if verb is not None and verb.action is Action.LIGHT else None
    return Amount(to=number)


def _direction(frame: Frame, sign: int) -> int:
    return -1 if frame.has(Part.AMOUNT, "fewer") or sign < 0 else 1


def _sign(frame: Frame, verb: Verb | None) -> int:
    if verb is not None and verb.sign:
        return verb.sign
    for tag in frame.of(Part.PREPOSITION):
        if tag.low.split()[0] in {"up", "down"} and tag.value != "to":
            return 1 if tag.low.startswith("up") else -1
    return 0


def _after_preposition(frame: Frame, preposition: str) -> int | None:
    for tag in frame.of(Part.PREPOSITION):
        if tag.value != preposition:
            continue
        following = _skip(frame, tag)
        if following is not None and following.part is Part.NUMBER and isinstance(following.value, int):
            return following.value
    return None


def _skip(frame: Frame, tag: Tag) -> Tag | None:
    """The next tag that is no filler ("to a single replica")."""
    following = frame.after(tag)
    while following is not None and following.part is Part.FILLER:
        following = frame.after(following)
    return following


def _count(frame: Frame) -> int | None:
    numbers = [t.value for t in frame.numbers if isinstance(t.value, int)]
    return numbers[0] if len(numbers) == 1 else None


def speaks_of_copies(frame: Frame) -> bool:
    """Whether replicas are meant: the word, or pods that are counted."""
    return frame.has(Part.COPIES) or (KINDS["pods"] in frame.kinds and bool(frame.numbers))
