"""Writes the sentences that the translator compares others with, from the lists and paraphrases beside this file.

    python -m tests.language.examples

`paraphrases.txt` holds a line for each sentence that says in other words what the rules read: `sentence => plainer
sentence`, with slots for names and values; and after `! ` sentences that ask for nothing. Of the lists a sentence goes in with its names, places and numbers as slots: what the translator reads rightly as an example, what
asks for nothing as one that keeps its likes from being read as a request.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.nlp.translator.lexicon.phrases import PHRASES
from app.nlp.translator.likeness.reading import READ_AS
from app.nlp.translator.likeness.sentences import BLOCKS, FOLLOWS, MEANS
from app.nlp.translator.likeness.slots import KIND, WORD, Piece, pieces_of
from app.nlp.translator.plan import Behaviour, Context, Plan
from app.nlp.translator.text import look_over
from app.nlp.translator.translate import translate
from app.nlp.translator.vocabulary import Vocabulary
from tests.language.canonical import canonical
from tests.language.evaluation import answered, demo_vocabulary, is_right

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
    "<key>": "FEATURE_X",
    "<word>": "zzword",
    KIND: "ingresses",
}
LISTS = tuple(f"{folder}{kind}" for folder in ("", "recent/") for kind in ("translation", "restraint", "safety"))
MOST_WORDS = 24  # of a sentence; longer ones are like no other
_DONE = frozenset({Behaviour.RUN, Behaviour.CONFIRM, Behaviour.STRONG, Behaviour.DIAGNOSE, Behaviour.SESSION})
_LITERALS = re.compile(r"[\s=:/,]+")
_KEYWORDS = re.compile(r"-.*|kubectl|true|false")


def lines(found: Iterable[tuple[dict[str, Any], Plan]], vocabulary: Vocabulary) -> list[str]:
    """One line for each sentence that says something of its own."""
    written: dict[str, None] = {}
    others: list[tuple[str, Any]] = []
    by_meaning: dict[Any, str] = {}
    for entry, plan in found:
        if entry.get("turns") or not isinstance(look_over(entry["text"]), str):
            continue
        is_read = is_right(entry, plan) and READ_AS not in plan.say
        commands = plan.commands if is_read else tuple(entry["expect"].get("commands", ()))
        literals = {
            word.lower().rstrip("-")
            for line in commands
            for word in _LITERALS.split(line)
            if not _KEYWORDS.fullmatch(word) and (word.lower(),) not in PHRASES
        }
        pieces, _ = pieces_of(str(look_over(entry["text"])), vocabulary)
        verbs = {word for line in commands for word in line.split()[1:3]}
        tokens = [
            WORD
            if p.token == p.value and p.value in literals and p.value not in verbs and p.value.isascii()
            else p.token
            for p in pieces
        ]
        if not 2 <= len(tokens) <= MOST_WORDS:
            continue
        sentence = " ".join(tokens)
        meaning = _meaning(commands, pieces, tokens)
        if not is_read and entry["expect"]["behaviour"] not in {"clarify", "refuse", "answer"}:
            others.append((sentence, meaning))
        elif is_read and (plan.behaviour in _DONE or plan.question):
            plain = " ".join(piece.value for piece in pieces)
            again = translate(plain, Context("prod-eu", entry["namespace"]), vocabulary)
            if again.commands != plan.commands or READ_AS in again.say:
                continue  # it is read by more than its words: by a mark, a capital, or the order of its sentences
            written[sentence] = None
            if meaning and len(sentence) < len(by_meaning.get(meaning, "x" * 999)):
                by_meaning[meaning] = sentence
        elif is_read or entry["kind"] != "translation":
            written[BLOCKS + sentence] = None
    for sentence, meaning in others:
        if meaning in by_meaning and sentence not in written:
            written[f"{sentence}{MEANS}{by_meaning[meaning]}"] = None
    return list(written)


def of_paraphrases(written: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    """Paraphrases in the tokens of texts, without those that mean nothing to the rules or lose a slot."""
    found: dict[str, None] = {}
    known: dict[str, bool] = {}
    for line in written:
        said, _, plainer = line.strip().removeprefix(BLOCKS).removeprefix(FOLLOWS).partition(MEANS)
        pieces, _ = pieces_of(_filled(said), vocabulary)
        tokens = _unfilled([piece.token for piece in pieces])
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
            known[plainer] = _is_read(_filled(plainer), vocabulary)
        if known[plainer] and _slots(tokens) == _slots(said.split()) == _slots(plainer.split()):
            found[f"{' '.join(tokens)}{MEANS}{plainer}"] = None
    return list(found)


def _filled(sentence: str) -> str:
    return " ".join(SAMPLES.get(word, word) for word in sentence.split())


def _unfilled(tokens: Sequence[str]) -> list[str]:
    back = {SAMPLES["<word>"]: WORD, SAMPLES[KIND]: KIND}
    return [back.get(token, token) for token in tokens]


def _slots(tokens: Iterable[str]) -> list[str]:
    return sorted(token for token in tokens if token.startswith("<"))


def _is_read(sentence: str, vocabulary: Vocabulary) -> bool:
    plan = translate(sentence, Context("prod-eu", "shop"), vocabulary)
    return (plan.behaviour in _DONE or plan.question is not None) and READ_AS not in plan.say


def _meaning(commands: Sequence[str], pieces: Sequence[Piece], tokens: Sequence[str]) -> Any:
    """What a sentence comes to, with slots in the place of its own values: alike for sentences that say the same."""
    if not commands:
        return None
    values = sorted({(p.value, t) for p, t in zip(pieces, tokens, strict=True) if t.startswith("<")}, reverse=True)
    said = [" ".join(map(str, canonical(each, "shop"))) for each in commands]
    for value, token in values:
        said = [re.sub(rf"(?<![\w-]){re.escape(value)}(?!\w)", token, each) for each in said]
    return tuple(sorted(said)), tuple(sorted(t for t in tokens if t.startswith("<")))


def main() -> None:
    """Write the file."""
    vocabulary = demo_vocabulary()
    found = [pair for kind in LISTS for pair in answered(kind)]
    written = SOURCE.read_text(encoding="utf-8").splitlines()
    sentences = sorted({*lines(found, vocabulary), *of_paraphrases(written, vocabulary)})
    TARGET.write_text("\n".join(sentences) + "\n", encoding="utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(sentences)} sentences\n")


if __name__ == "__main__":
    main()
