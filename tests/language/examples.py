"""Writes the sentences that the translator compares others with, from the lists and paraphrases beside this file.

    python -m tests.language.examples

`paraphrases.txt` holds a line for each sentence that says in other words what the rules read: `sentence => plainer
sentence`, with slots for names and values; and after `! ` sentences that ask for nothing. Of the lists a sentence goes in with its names, places and numbers as slots: what the translator reads rightly as an example, what
asks for nothing as one that keeps its likes from being read as a request.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from app.nlp.translator.classification.labels import NOTHING, REFUSED, UNCLEAR, label_of
from app.nlp.translator.intents.wishes import plainly_wished
from app.nlp.translator.lexicon.phrases import PHRASES
from app.nlp.translator.likeness.filling import in_words_of
from app.nlp.translator.likeness.sentences import BLOCKS, FOLLOWS, LABELLED, MEANS, Example
from app.nlp.translator.likeness.slots import KIND, WORD, Piece, pieces_of
from app.nlp.translator.plan import DONE, Behaviour, Context, Plan, View
from app.nlp.translator.rules import by_rules
from app.nlp.translator.shorthand import spelled_out
from app.nlp.translator.text import look_over
from app.nlp.translator.vocabulary import Vocabulary
from tests.language.canonical import canonical
from tests.language.evaluation import CLUSTER, context_of, demo_vocabulary, entries, is_right, sent_vocabulary

TARGET = Path(__file__).parents[2] / "app" / "nlp" / "translator" / "lexicon" / "examples.txt"
SOURCE = Path(__file__).parent / "paraphrases.txt"
SAMPLES = {
    "<workload>": "payments-api",
    "<pod>": "cart-6b8f7c5d4-4ncvr",
    "<node>": "node-b",
    "<job>": "db-migrate",
    "<cronjob>": "nightly-report",
    "<namespace>": "platform",
    "<cluster>": "staging",
    "<number>": "4",
    "<duration>": "10m",
    "<image>": "nginx:1.27",
    "<setting>": "tier=front",
    "<size>": "250m",
    "<bytes>": "512Mi",
    "<key>": "FEATURE_X",
    "<word>": "zzword",
    KIND: "ingresses",
}
OBJECTS = {  # what stands in the place of another object, by what its sentence speaks of
    "configmap": "web-config",
    "persistentvolumeclaim": "data-orders-db-0",
    "service account": "checkout-sa",
    "cluster role": "checkout-sa",
    "can <object>": "checkout-sa",
    "may <object>": "checkout-sa",
    "service": "web",
    "endpoints": "web",
}
LISTS = tuple(f"{folder}{kind}" for folder in ("", "recent/") for kind in ("translation", "restraint", "safety"))
TOLD = 0.9  # an answer that is none to everything
MOST_WORDS = 24  # of a sentence; longer ones are like no other
_LITERALS = re.compile(r"[\s=:/,]+")
_KEYWORDS = re.compile(r"-.*|kubectl|true|false")


def of_lists(written: Iterable[dict[str, Any]], vocabulary: Vocabulary, plainer: Mapping[Any, str]) -> list[str]:
    """One line for each request of a list that says something of its own.

    Args:
        written: entries of lists.
        vocabulary: the names that they speak of.
        plainer: sentences that the rules read, by what they mean.
    """
    found: dict[str, None] = {}
    unread: list[tuple[dict[str, Any], list[Piece], str, Any]] = []
    known = dict(plainer)
    for entry in written:
        plain = look_over(entry["text"])
        if entry.get("turns") or not isinstance(plain, str):
            continue
        plain = said_plainly(plain)
        plan = by_rules(plain, context_of(entry), vocabulary)
        read = is_right(entry, plan)
        commands = plan.commands if read else tuple(entry["expect"].get("commands", ()))
        pieces, _ = pieces_of(plain, vocabulary)
        tokens = _with_own_words(pieces, commands)
        if not 2 <= len(tokens) <= MOST_WORDS:
            continue
        sentence, meaning = " ".join(tokens), _meaning(commands, pieces, tokens, plan.view if read else None)
        if not read and entry["expect"]["behaviour"] not in {"clarify", "refuse", "answer"}:
            unread.append((entry, pieces, sentence, meaning))
        elif read and (plan.behaviour in DONE or plan.question):
            again = by_rules(
                " ".join(piece.value for piece in pieces), Context(CLUSTER, entry["namespace"]), vocabulary
            )
            if again.commands != plan.commands:
                continue  # it is read by more than its words: by a mark, a capital, or the order of its sentences
            meant = known.setdefault(meaning, sentence) if meaning else sentence
            same_slots = meant != sentence and _slots(meant.split()) == _slots(tokens)
            label = _labelled(plan, pieces)
            found[(f"{sentence}{MEANS}{meant}" if same_slots else sentence) + label] = None
        elif read or entry["kind"] != "translation":
            found[BLOCKS + sentence] = None
    said = {line.partition(LABELLED)[0].partition(MEANS)[0] for line in found}
    for entry, pieces, sentence, meaning in unread:
        alike = [text for (c, s, _), text in known.items() if meaning and (c, s) == meaning[:2]]
        if sentence not in said:
            label = _labelled(
                Plan(
                    Behaviour(entry["expect"]["behaviour"]),
                    tuple(entry["expect"].get("commands", ())),
                    action=entry["expect"].get("action", ""),
                ),
                pieces,
            )
            lines = [f"{sentence}{MEANS}{text}{label}" for text in alike]
            found.update(dict.fromkeys([line for line in lines if _reads_so(line, entry, pieces, vocabulary)][:1]))
    return list(found)


def _labelled(plan: Plan, pieces: Iterable[Piece]) -> str:
    """What is written behind a sentence that asks for one thing."""
    label = label_of(plan, [piece.value for piece in pieces if piece.token == "<number>"], replicas())
    return f"{LABELLED}{label}" if label and label not in {NOTHING, UNCLEAR, REFUSED} else ""


@cache
def replicas() -> dict[str, int]:
    """How many replicas there are of each workload that the lists speak of."""
    return {
        name: count
        for namespaces in sent_vocabulary()["replicas"].values()
        for names in namespaces.values()
        for name, count in names.items()
    }


def _reads_so(line: str, entry: Mapping[str, Any], pieces: Sequence[Piece], vocabulary: Vocabulary) -> bool:
    """Whether a request is answered rightly where it is read like this: of two numbers the right one is taken."""
    said = in_words_of(Example.read(line), pieces)
    return said is not None and is_right(entry, by_rules(said, context_of(entry), vocabulary))


def _with_own_words(pieces: Sequence[Piece], commands: Sequence[str]) -> list[str]:
    """The tokens of a text, with a slot where a word of the person's own goes into the commands."""
    literals = {
        word.lower().rstrip("-")
        for line in commands
        for word in _LITERALS.split(line)
        if not _KEYWORDS.fullmatch(word) and (word.lower(),) not in PHRASES
    }
    literals -= {word for line in commands for word in line.split()[1:3]}
    return [WORD if p.token == p.value and p.value in literals and p.value.isascii() else p.token for p in pieces]


def meanings(written: Iterable[str], vocabulary: Vocabulary) -> dict[Any, str]:
    """The plainer sentences of paraphrases by what the rules make of them."""
    found: dict[Any, str] = {}
    for line in written:
        if MEANS in line and not line.startswith((BLOCKS, FOLLOWS)):
            _, plainer = sized("", line.strip().partition(MEANS)[2])
            plain = filled(plainer)
            plan = by_rules(plain, Context(CLUSTER, "shop"), vocabulary)
            pieces, _ = pieces_of(plain, vocabulary)
            meaning = _meaning(plan.commands, pieces, _unfilled([piece.token for piece in pieces]), plan.view)
            if meaning and KIND not in plainer:
                found.setdefault(meaning, plainer)
    return found


def of_paraphrases(written: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    """Paraphrases in the tokens of texts, without those that mean nothing to the rules or lose a slot."""
    found: dict[str, None] = {}
    known: dict[str, bool] = {}
    labels: dict[str, str] = {}
    for line in written:
        said, _, plainer = line.strip().removeprefix(BLOCKS).removeprefix(FOLLOWS).partition(MEANS)
        said, plainer = sized(said, plainer)
        tokens = as_example(said.replace("<object>", "web-config"), vocabulary)
        follows = line.startswith(FOLLOWS)
        if not (1 if follows else 2) <= len(tokens) <= MOST_WORDS:
            continue
        if follows and _slots(tokens) == _slots(said.split()) == _slots(plainer.split()):
            found[f"{FOLLOWS}{' '.join(tokens)}{MEANS}{plainer}"] = None
            continue
        if follows:
            continue
        if line.startswith(BLOCKS):
            found[BLOCKS + " ".join(tokens)] = None
            continue
        if plainer not in known:
            known[plainer] = _is_read(filled(plainer), vocabulary)
            labels[plainer] = labelled(plainer, vocabulary)
        if known[plainer] and _slots(tokens) == _slots(said.split()) == _slots(plainer.split()):
            found[f"{' '.join(tokens)}{MEANS}{plainer}{labels[plainer]}"] = None
    return list(found)


def labelled(plainer: str, vocabulary: Vocabulary) -> str:
    """What is written behind a paraphrase of a plainer sentence."""
    plain = filled(plainer)
    return _labelled(by_rules(plain, Context(CLUSTER, "shop"), vocabulary), pieces_of(plain, vocabulary)[0])


def filled(sentence: str) -> str:
    """A sentence with samples of names and values in its slots."""
    of_its_kind = next((name for words, name in OBJECTS.items() if words in sentence), "web-config")
    return " ".join({**SAMPLES, "<object>": of_its_kind}.get(word, word) for word in sentence.split())


def said_plainly(text: str) -> str:
    """A text as the translator reads it: wishes as what should be, and short forms in full."""
    return spelled_out(plainly_wished(text))


def as_example(said: str, vocabulary: Vocabulary) -> list[str]:
    """The tokens of a paraphrase as a text of its words would have them."""
    pieces, _ = pieces_of(said_plainly(filled(said)), vocabulary)
    return _unfilled([piece.token for piece in pieces])


def sized(said: str, plainer: str) -> tuple[str, str]:
    """A paraphrase and its plainer sentence with memory's sizes told from those of cpu."""
    words, slots = plainer.split(), list[str]()
    for at, word in enumerate(words):
        if word == "<size>":
            near = [*words[at + 1 : at + 2], *reversed(words[:at])]
            metric = next((each for each in near if each in {"memory", "cpu"}), "cpu")
            slots.append("<bytes>" if metric == "memory" else word)
            words[at] = slots[-1]
    rest = iter(slots)
    return " ".join(next(rest, word) if word == "<size>" else word for word in said.split()), " ".join(words)


def _unfilled(tokens: Sequence[str]) -> list[str]:
    back = {SAMPLES["<word>"]: WORD, SAMPLES[KIND]: KIND}
    return [back.get(token, token) for token in tokens]


def _slots(tokens: Iterable[str]) -> list[str]:
    return sorted(token for token in tokens if token.startswith("<"))


def _is_read(sentence: str, vocabulary: Vocabulary) -> bool:
    plan = by_rules(sentence, Context(CLUSTER, "shop"), vocabulary)
    told = plan.question is not None or (plan.behaviour is Behaviour.ANSWER and plan.confidence >= TOLD)
    return plan.behaviour in DONE or told


def _meaning(commands: Sequence[str], pieces: Sequence[Piece], tokens: Sequence[str], view: View | None) -> Any:
    """What a sentence comes to, with slots in the place of its own values: alike for sentences that say the same."""
    if not commands:
        return None
    values = sorted({(p.value, t) for p, t in zip(pieces, tokens, strict=True) if t.startswith("<")}, reverse=True)
    said = [" ".join(map(str, canonical(each, "shop"))) for each in commands]
    for value, token in values:
        said = [re.sub(rf"(?<![\w-]){re.escape(value)}(?!\w)", token, each) for each in said]
    return tuple(sorted(said)), tuple(_slots(tokens)), repr(view)


def main() -> None:
    """Write the file."""
    vocabulary = demo_vocabulary()
    written = SOURCE.read_text(encoding="utf-8").splitlines()
    requests = [entry for kind in LISTS for entry in entries(kind)]
    of_requests = of_lists(requests, vocabulary, meanings(written, vocabulary))
    sentences = sorted({*of_requests, *of_paraphrases(written, vocabulary)})
    TARGET.write_text("\n".join(sentences) + "\n", encoding="utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(sentences)} sentences\n")


if __name__ == "__main__":
    main()
