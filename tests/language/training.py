"""Trains the model that tells what a text asks for, from the lists and paraphrases beside this file.

    make language-model

writes `app/nlp/translator/classification/weights.txt`. Learnt are labels of what is asked for, from requests with slots in the
place of names and values; a list's entry has the label of what it expects, a paraphrase that of its plainer sentence.
The same lists give the same file. `--folds 5` says instead how well lists are read that a model has not seen.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.nlp.translator.classification.features import features
from app.nlp.translator.classification.labels import NOTHING, label_of
from app.nlp.translator.classification.model import LARGEST, MOST_TOKENS, UNIT, Model
from app.nlp.translator.likeness.sentences import BLOCKS, FOLLOWS, MEANS
from app.nlp.translator.likeness.slots import pieces_of
from app.nlp.translator.plan import Behaviour, Plan
from app.nlp.translator.rules import by_rules
from app.nlp.translator.text import look_over
from app.nlp.translator.vocabulary import Vocabulary
from tests.language.evaluation import context_of, demo_vocabulary, entries
from tests.language.examples import LISTS, SOURCE, as_example, labelled, replicas, said_plainly, sized

TARGET = Path(__file__).parents[2] / "app" / "nlp" / "translator" / "classification" / "weights.txt"
OF_A_LIST = 2.0  # times the weight of a paraphrase: people who had something to ask wrote it
SEEN = 2  # times, at least, of a feature
LEAST = 0.2  # weight that is kept: with smaller ones the model is thrice as large and no better
PENALTY = 1.0  # C of the support vectors


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence with its label; `group` is the list that it is from, empty for a paraphrase."""

    tokens: tuple[str, ...]
    label: str
    group: str = ""


def of_lists(vocabulary: Vocabulary) -> Iterator[Sample]:
    """The requests of the lists that stand for themselves."""
    for entry in (entry for kind in LISTS for entry in entries(kind)):
        plain = look_over(entry["text"])
        if entry.get("turns") or not isinstance(plain, str):
            continue
        plain = said_plainly(plain)
        pieces, _ = pieces_of(plain, vocabulary)
        asked = by_rules(plain, context_of(entry), vocabulary).question
        label = (
            f"question {asked.topic}"
            if asked and entry["expect"]["behaviour"] == "answer"
            else _expected(entry["expect"], [piece.value for piece in pieces if piece.token == "<number>"])
        )
        if label is not None and len(pieces) <= MOST_TOKENS:
            yield Sample(tuple(piece.token for piece in pieces), label, entry["id"].partition("-")[0])


def _expected(answer: Mapping[str, Any], numbers: Collection[str]) -> str | None:
    commands = tuple(answer.get("commands", ()))
    behaviour = Behaviour(answer["behaviour"])
    if behaviour is Behaviour.RUN and not commands:
        return None
    return label_of(Plan(behaviour, commands, action=answer.get("action", "")), numbers, replicas())


def of_paraphrases(vocabulary: Vocabulary) -> Iterator[Sample]:
    """Paraphrases, labelled by what their plainer sentences come to."""

    @cache
    def label(plainer: str) -> str | None:
        return labelled(plainer, vocabulary).strip() or None

    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        if line.startswith(FOLLOWS):
            continue
        said, _, plainer = line.removeprefix(BLOCKS).partition(MEANS)
        said, plainer = sized(said, plainer)
        found = NOTHING if line.startswith(BLOCKS) else label(plainer)
        if found is not None:
            yield Sample(tuple(as_example(said, vocabulary)), found)


def trained(samples: Sequence[Sample]) -> list[str]:
    """The lines of a model: linear support vectors, one label against the rest."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.svm import LinearSVC

    held = [features(sample.tokens) for sample in samples]
    seen = Counter(feature for each in held for feature in each)
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(
        [{feature: 1 / math.sqrt(len(each) or 1) for feature in each if seen[feature] >= SEEN} for each in held]
    ).tocsr()
    matrix.indices, matrix.indptr = matrix.indices.astype("int32"), matrix.indptr.astype("int32")
    fitted = LinearSVC(C=PENALTY, random_state=0)
    fitted.fit(
        matrix,
        [sample.label for sample in samples],
        sample_weight=[OF_A_LIST if sample.group else 1.0 for sample in samples],
    )
    lines = ["\t".join(fitted.classes_), "\t".join(str(round(bias * UNIT)) for bias in fitted.intercept_)]
    for at, feature in enumerate(vectorizer.get_feature_names_out()):
        weights = [
            f"{label}:{max(-LARGEST, min(LARGEST, round(weight * UNIT)))}"
            for label, weight in enumerate(fitted.coef_[:, at])
            if abs(weight) >= LEAST
        ]
        if weights:
            lines.append(f"{feature}\t{' '.join(weights)}")
    return lines


def without(samples: Sequence[Sample], groups: Collection[str]) -> Model:
    """A model that has not seen some lists."""
    return Model(trained([sample for sample in samples if sample.group not in groups]))


def folds(samples: Sequence[Sample], number: int) -> Iterator[tuple[frozenset[str], Model]]:
    """Models that have each not seen some of the lists, with those."""
    groups = sorted({sample.group for sample in samples if sample.group})
    for fold in range(number):
        left_out = frozenset(groups[fold::number])
        yield left_out, without(samples, left_out)


def main() -> None:
    """Write the file, or say how well unseen lists are read."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folds", type=int, default=0)
    number = parser.parse_args().folds
    vocabulary = demo_vocabulary()
    samples = [*of_lists(vocabulary), *of_paraphrases(vocabulary)]
    if not number:
        lines = trained(samples)
        TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
        sys.stdout.write(f"{TARGET.name}: {len(samples)} sentences, {len(lines) - 2} features\n")
        return
    for left_out, model in folds(samples, number):
        unseen = [sample for sample in samples if sample.group in left_out]
        right = [model.likeliest(sample.tokens).label == sample.label for sample in unseen]
        sys.stdout.write(f"{sum(right)} of {len(right)}: {', '.join(sorted(left_out))}\n")


if __name__ == "__main__":
    main()
