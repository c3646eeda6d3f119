"""A linear model: for each label, the sum of the weights that a text's features have for it.

`weights.txt` holds it, a feature a line, and can be read: which words speak for what, and how much. Nothing is learnt while
the translator runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from app.nlp.translator.classification.features import features

UNIT: Final = 20  # weights are whole numbers of twentieths
LARGEST: Final = 127


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text may ask for.

    Attributes:
        label: it.
        score: the sum of its weights.
        margin: by how much it is above the next one.
    """

    label: str
    score: float
    margin: float


class Model:
    """Tells what texts ask for.

    Args:
        lines: the labels, tab by tab, their biases, and for each feature a line of it and label and weight pairs.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        rows = iter(lines)
        self._labels = next(rows).split("\t")
        self._biases = [int(each) / UNIT for each in next(rows).split("\t")]
        # Bytes and not objects: tens of thousands of these would be looked at by every collection of garbage.
        self._weights: dict[str, bytes] = {}
        for row in rows:
            feature, _, pairs = row.partition("\t")
            numbers = [int(each) for pair in pairs.split() for each in pair.split(":")]
            numbers[1::2] = [weight + LARGEST for weight in numbers[1::2]]
            self._weights[feature] = bytes(numbers)

    def guesses(self, tokens: Sequence[str]) -> list[Guess]:
        """What some tokens may ask for, the likeliest first."""
        found = features(tokens)
        sums = [0] * len(self._labels)
        for feature in found:
            pairs = self._weights.get(feature)
            if pairs is not None:
                for at in range(0, len(pairs), 2):
                    sums[pairs[at]] += pairs[at + 1] - LARGEST
        length = UNIT * math.sqrt(len(found) or 1)
        scored = sorted(
            (
                (total / length + bias, label)
                for total, bias, label in zip(sums, self._biases, self._labels, strict=True)
            ),
            reverse=True,
        )
        behind = [*(score for score, _ in scored[1:]), -math.inf]
        return [Guess(label, score, score - after) for (score, label), after in zip(scored, behind, strict=True)]


@cache
def model() -> Model:
    """The model that the translator comes with; read once."""
    text = resources.files("app.nlp.translator.classification").joinpath("weights.txt").read_text(encoding="utf-8")
    return Model(text.splitlines())
