"""A linear model: for each label, the sum of the weights that a text's features have for it.

`weights.txt` holds it, a feature a line, and can be read: which words speak for what, and how much. Nothing is learnt
while the translator runs.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from app.nlp.translator.classification.features import features

UNIT: Final = 20  # weights are whole numbers of twentieths
LARGEST: Final = 127
MOST_TOKENS: Final = 45  # of a text: some five features each, of which no sum overflows
_LANE: Final = 16  # bits for each label: all sums of a text are a few additions of large numbers


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
        self._lanes = struct.Struct(f"<{len(self._labels)}H")
        self._least = LARGEST * sum(1 << (_LANE * label) for label in range(len(self._labels)))
        self._weights: dict[str, int] = {}
        for row in rows:
            feature, _, pairs = row.partition("\t")
            weights = (pair.partition(":") for pair in pairs.split())
            self._weights[feature] = self._least + sum(int(weight) << (_LANE * int(at)) for at, _, weight in weights)

    def likeliest(self, tokens: Sequence[str]) -> Guess:
        """What some tokens ask for most likely; of more than `MOST_TOKENS`, the first."""
        found = features(tokens[:MOST_TOKENS])
        known = [self._weights[feature] for feature in found if feature in self._weights]
        sums = self._lanes.unpack(sum(known).to_bytes(self._lanes.size, "little"))
        length, least = UNIT * math.sqrt(len(found) or 1), LARGEST * len(known)
        scores = [(total - least) / length + bias for total, bias in zip(sums, self._biases, strict=True)]
        best = max(scores)
        label = scores.index(best)
        del scores[label]
        return Guess(self._labels[label], best, best - max(scores))


@cache
def model() -> Model:
    """The model that the translator comes with; read once."""
    text = resources.files("app.nlp.translator.classification").joinpath("weights.txt").read_text(encoding="utf-8")
    return Model(text.splitlines())
