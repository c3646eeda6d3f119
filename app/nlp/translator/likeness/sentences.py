"""The sentences that are known, and which of them a text is like.

They are compared by their words and pairs of words alone: what tells two that look alike apart is `guards`' business.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nlargest
from importlib import resources
from itertools import pairwise

from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.likeness.slots import KIND, values_in

NEAR = 0.33  # of 1: below it a neighbour shares little but common words
MOST_LOOKED_AT = 12  # neighbours
MOST_WEIGHED = 40  # sentences with the most telling features in common, whose whole likeness is counted
MOST_SHARING = 100  # sentences that share a feature; one that more have in common tells little, and costs time
BLOCKS = "! "  # begins an example that asks for nothing
FOLLOWS = "~ "  # begins one that means something after an earlier turn only
MEANS = " => "
_ENDINGS = re.compile(r"(?:ing|ed|s)$")


@dataclass(frozen=True, slots=True)
class Example:
    """A known sentence.

    Attributes:
        tokens: its words, slots among them.
        plainer: the same in words that the rules read; its own where they read these.
        blocks: whether it asks for nothing.
    """

    tokens: tuple[str, ...]
    plainer: tuple[str, ...]
    blocks: bool

    @staticmethod
    def read(line: str) -> Example:
        """The example of a line: `BLOCKS` or `FOLLOWS` may stand before it, `MEANS` and a plainer sentence behind."""
        said, plainer = _said(line), line.partition(MEANS)[2]
        return Example(tuple(said.split()), tuple((plainer or said).split()), line.startswith(BLOCKS))


class Examples:
    """Known sentences, found by the words that they share with a text.

    Args:
        lines: as `Example.read` takes them.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        # Lines and not objects: thousands of these would be looked at by every collection of garbage.
        self._lines = [line for line in lines if line]
        self._values = [values_in(line.partition(MEANS)[0].split()) for line in self._lines]
        counted = [_features(_said(line).split()) for line in self._lines]
        numbers = Counter(feature for features in counted for feature in features)
        self._weight = {feature: math.log((len(self._lines) + 1) / number) for feature, number in numbers.items()}
        self._unknown = math.log(len(self._lines) + 1)
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
        values, found = values_in(tokens), []
        for index in nlargest(MOST_WEIGHED, scores, key=scores.__getitem__):
            line = self._lines[index]
            if line.startswith(FOLLOWS) and not follows:
                continue
            if self._values[index] != values and not line.startswith(BLOCKS):
                continue
            theirs = self._weighed_of[index]
            score = sum([weight * theirs[feature] for feature, weight in ours.items() if feature in theirs])
            if score >= NEAR:
                found.append((score, Example.read(line)))
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


def _said(line: str) -> str:
    return line.removeprefix(BLOCKS).removeprefix(FOLLOWS).partition(MEANS)[0]


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word without the ending that its forms differ by, roughly."""
    return _ENDINGS.sub("", word) if len(word) > 4 else word


def _features(tokens: Sequence[str]) -> Counter[str]:
    stems = [stem(token) for token in tokens]
    found = Counter([*stems, *map(" ".join, pairwise(stems))])
    if any(token in KINDS for token in tokens):
        of_any = [KIND if token in KINDS else stem for token, stem in zip(tokens, stems, strict=True)]
        found |= Counter([KIND, *(pair for pair in map(" ".join, pairwise(of_any)) if KIND in pair)])
    return found
