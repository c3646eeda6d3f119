"""A linear model: for each label, the sum of the weights that a text's features have for it.

`weights.txt` holds it, a feature a line, and can be read: which words speak for what, and how much. Nothing is learnt
while the translator runs.
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
        self._weights: dict[str, tuple[tuple[int, int], ...]] = {}
        for row in rows:
            feature, _, pairs = row.partition("\t")
            weights = (pair.partition(":") for pair in pairs.split())
            self._weights[feature] = tuple((int(label), int(weight)) for label, _, weight in weights)

    def likeliest(self, tokens: Sequence[str]) -> Guess:
        """What some tokens ask for most likely."""
        found = features(tokens)
        sums = [0] * len(self._labels)
        for feature in found:
            for label, weight in self._weights.get(feature, ()):
                sums[label] += weight
        length = UNIT * math.sqrt(len(found) or 1)
        scores = [total / length + bias for total, bias in zip(sums, self._biases, strict=True)]
        best = max(scores)
        label = scores.index(best)
        del scores[label]
        return Guess(self._labels[label], best, best - max(scores))


@cache
def model() -> Model:
    """The model that the translator comes with; read once."""
    text = resources.files("app.nlp.translator.classification").joinpath("weights.txt").read_text(encoding="utf-8")
    return Model(text.splitlines())
