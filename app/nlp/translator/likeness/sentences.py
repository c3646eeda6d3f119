"""The sentences that are known, and what the ones nearest to a text mean.

They are compared by their words and pairs of words alone: what tells two that look alike apart is `guards`' business.
"""

from __future__ import annotations

import math
import re
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nlargest
from importlib import resources
from itertools import pairwise

from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.likeness.slots import KIND, NAME, NAMES

MOST_ASKED = 15  # neighbours that have a vote
MOST_WEIGHED = 30  # sentences with the most telling features in common, whose whole likeness is counted
MOST_COUNTED = 1_200  # sentences that share a feature with a text, over its features, the rarest first
BLOCKS = "! "  # begins an example that asks for nothing
FOLLOWS = "~ "  # begins one that means something after an earlier turn only
MEANS = " => "
LABELLED = "\t"  # stands before the label of what is asked for
OF_FOLLOW_UPS = 1.5  # votes, where there is a turn to follow
_ENDINGS = re.compile(r"(?:ing|ed|s)$")
_KIND_OF = re.compile(rf" (?:{'|'.join(kind.singular for kind in KINDS.values())}) (?=<name>)")
_PLACE = re.compile(r" (?:in namespace|on cluster) <\w+>| in all namespaces")
_THE_SAME = 1.02  # less a likeness: what a vote is divided by, so that the same sentence outweighs the rest


@dataclass(frozen=True, slots=True)
class Example:
    """A known sentence.

    Attributes:
        tokens: its words, slots among them.
        plainer: the same in words that the rules read; its own where they read these.
        blocks: whether it asks for nothing.
        follows: whether it means something after an earlier turn only.
    """

    tokens: tuple[str, ...]
    plainer: tuple[str, ...]
    blocks: bool
    follows: bool

    @staticmethod
    def read(line: str) -> Example:
        """The example of a line: `BLOCKS` or `FOLLOWS` may stand before it, `MEANS` and a plainer sentence behind."""
        said, plainer = _said(line), line.partition(LABELLED)[0].partition(MEANS)[2]
        return Example(
            tuple(said.split()), tuple((plainer or said).split()), line.startswith(BLOCKS), line.startswith(FOLLOWS)
        )


@dataclass(frozen=True, slots=True)
class Meaning:
    """What some neighbours of a text have in common.

    Attributes:
        blocks: whether they ask for nothing.
        share: of all neighbours' votes, from 0 to 1.
        examples: they, the nearest first, each with its likeness (cosine, from 0 to 1).
    """

    blocks: bool
    share: float
    examples: tuple[tuple[float, Example], ...]

    @property
    def near(self) -> float:
        """The likeness of the nearest."""
        return self.examples[0][0]


class Examples:
    """Known sentences, found by the words that they share with a text.

    Args:
        lines: as `Example.read` takes them.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        # Lines and not objects: thousands of these would be looked at by every collection of garbage.
        self._lines, self._labels = [], []
        for line in filter(None, lines):
            known, _, label = line.partition(LABELLED)
            self._lines.append(known)
            self._labels.append(sys.intern(label))
        self._blocking = {_said(line) for line in self._lines if line.startswith(BLOCKS)}
        self.words = Counter(word for line in self._lines for word in set(_said(line).split()))
        """How many sentences each word stands in."""
        counted = [_features(_said(line).split()) for line in self._lines]
        numbers = Counter(feature for features in counted for feature in features)
        self._weight = {feature: math.log((len(self._lines) + 1) / number) for feature, number in numbers.items()}
        self._unknown = math.log(len(self._lines) + 1)
        self._weighed_of = [self._weighed(features) for features in counted]
        self._sharing: dict[str, array[int]] = {feature: array("I") for feature in numbers}
        self._sharing_of: dict[str, dict[str, array[int]]] = {}
        for index, weighed in enumerate(self._weighed_of):
            of_its_label = self._sharing_of.setdefault(self._labels[index], {}) if self._labels[index] else {}
            for feature in weighed:
                self._sharing[feature].append(index)
                of_its_label.setdefault(feature, array("I")).append(index)

    def ask_for_nothing(self, tokens: Sequence[str]) -> bool:
        """Whether this very sentence is known to ask for nothing."""
        return " ".join(tokens) in self._blocking

    def say(self, label: str, word: str) -> bool:
        """Whether a sentence that is known to ask for this holds a word; a label may stand for all that begin with it.

        Args:
            label: what is asked for, such as "delete"; "scale" for all of "scale up", "scale to" and the like.
            word: in lower case.
        """
        feature = stem(word)
        return any(
            feature in held
            for known, held in self._sharing_of.items()
            if known == label or known.startswith(f"{label} ")
        )

    def nearest(self, tokens: Sequence[str], *, follows: bool = False) -> list[tuple[float, Example]]:
        """The nearest sentences, with how near they are (cosine, from 0 to 1), the nearest first.

        Args:
            tokens: of a text.
            follows: whether it stands behind an earlier turn.
        """
        ours = self._weighed(_features(tokens))
        scores: dict[int, float] = defaultdict(float)
        shared = sorted((len(self._sharing[feature]), feature) for feature in ours if feature in self._sharing)
        counted = 0
        for number, feature in shared:
            counted += number
            if counted > MOST_COUNTED and scores:
                break
            weight = ours[feature] * self._weight[feature]
            for index in self._sharing[feature]:
                scores[index] += weight
        found = []
        for _, back in nlargest(MOST_WEIGHED, [(score, -index) for index, score in scores.items()]):
            index = -back
            if self._lines[index].startswith(FOLLOWS) and not follows:
                continue
            theirs = self._weighed_of[index]
            found.append(
                (sum([weight * theirs[feature] for feature, weight in ours.items() if feature in theirs]), index)
            )
        return [(score, Example.read(self._lines[index])) for score, index in nlargest(MOST_ASKED, found)]

    def of_label(self, tokens: Sequence[str], label: str) -> list[tuple[float, Example]]:
        """The nearest sentences that ask for one thing, with how near they are, the nearest first."""
        ours = self._weighed(_features(tokens))
        scores: dict[int, float] = defaultdict(float)
        sharing = self._sharing_of.get(label, {})
        counted = 0
        for number, feature in sorted((len(sharing[each]), each) for each in ours if each in sharing):
            counted += number
            if counted > MOST_COUNTED and scores:
                break
            for index in sharing[feature]:
                scores[index] += ours[feature] * self._weighed_of[index][feature]
        best = nlargest(MOST_ASKED, [(score, -index) for index, score in scores.items()])
        return [(score, Example.read(self._lines[-back])) for score, back in best]

    def meanings(self, tokens: Sequence[str], *, follows: bool = False) -> list[Meaning]:
        """What the nearest sentences mean, by their votes, the most first; arguments as those of `nearest`."""
        votes: dict[str, float] = defaultdict(float)
        who: dict[str, list[tuple[float, Example]]] = defaultdict(list)
        for score, example in self.nearest(tokens, follows=follows):
            meant = BLOCKS if example.blocks else _meant(" ".join(example.plainer))
            behind = OF_FOLLOW_UPS if follows and example.follows else 1.0
            votes[meant] += behind * score / (_THE_SAME - score)
            who[meant].append((score, example))
        cast = sum(votes.values()) or 1.0
        ranked = sorted(votes, key=votes.__getitem__, reverse=True)
        return [Meaning(meant == BLOCKS, votes[meant] / cast, tuple(who[meant])) for meant in ranked]

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
    return line.removeprefix(BLOCKS).removeprefix(FOLLOWS).partition(LABELLED)[0].partition(MEANS)[0]


@lru_cache(maxsize=4096)
def _meant(plainer: str) -> str:
    """A plainer sentence without what it is said of: the same is meant of a pod and a node, here and elsewhere."""
    of_any = " ".join(NAME if word in NAMES else word for word in _PLACE.sub("", plainer).split())
    return _KIND_OF.sub(" ", of_any)


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
