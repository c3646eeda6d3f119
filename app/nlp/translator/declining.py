"""Declines what the model takes for out of bounds, or for no request at all, and that no rule has read with certainty.

A refusal and a sentence can harm nobody: they need no more than that nothing better was read. The reason of a refusal
is told by what the text names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.nlp.translator import restraint
from app.nlp.translator.changes import PROTECTED
from app.nlp.translator.classification.labels import NOTHING, REFUSED
from app.nlp.translator.classification.model import Guess
from app.nlp.translator.doubts.telling import ASKED_OF_IT, speaks_of_a_change
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.likeness.sentences import examples
from app.nlp.translator.names import NameMatch
from app.nlp.translator.plan import Behaviour, Plan, answer, refuse
from app.nlp.translator.surroundings import NOT_FOR_THAT
from app.nlp.translator.tagger import Tag
from app.nlp.translator.vocabulary import Vocabulary

SURELY: Final = 0.6  # margin of the model; on lists that it had not seen nothing else was wanted above it
SURELY_REFUSED: Final = 0.8
NOTHING_TO_LOOK_UP: Final = (
    "That asks for nothing that I could look up on a cluster, and nothing is changed. Ask for objects, logs, events or "
    "usage, or say what you want done."
)
SECRETS: Final = "Secrets' values never leave the cluster through this chat."
TOO_MUCH: Final = "That would hit too much at once, and I don't do it. Name what you want done, object by object."
OF_THE_CLUSTER: Final = "{} holds what the cluster itself needs: I don't do that to it."
_WORD: Final = re.compile(r"[a-z']+")
_SHORTEST: Final = 4  # words
_KNOWN: Final = 2  # sentences
_SECRET: Final = re.compile(
    r"\b(?:secrets?|passwords?|passwd|credentials?|tokens?|api[ -]?keys?|private keys?|certificates?|base64\w*"
    r"|decod\w+|decrypt\w*)\b",
    re.IGNORECASE,
)
_MUCH: Final = re.compile(
    r"\b(?:all|every|everything|everyone|whole|entire|each|any|anything|none|not (?:a|one) (?:single )?|lot"
    r"|completely|absolutely|clean slate)\b",
    re.IGNORECASE,
)
_MAY_BE: Final = frozenset({Behaviour.CLARIFY, Behaviour.ANSWER, Behaviour.RUN})


def declined(
    text: str, tags: Sequence[Tag], plan: Plan, likeliest: Guess | None, vocabulary: Vocabulary
) -> Plan | None:
    """The refusal of a text, or the sentence for one that asks for nothing; None where it was read as something else.

    Args:
        text: what was said.
        tags: its parts.
        plan: what it was read as.
        likeliest: what the model takes it for.
        vocabulary: the names that the person may see.
    """
    if likeliest is None or likeliest.margin < SURELY:
        return None
    reason = _reason(text, tags, vocabulary)
    of_the_cluster = reason.startswith(tuple(PROTECTED)) and plan.behaviour is not Behaviour.RUN
    least = SURELY if of_the_cluster else SURELY_REFUSED
    if likeliest.label == REFUSED and likeliest.margin >= least and plan.behaviour in _MAY_BE:
        if reason == NOT_FOR_THAT and plan.behaviour is Behaviour.CLARIFY and _orders_an_object(tags):
            return None  # "force delete orders-db-0" is no poem: the question that it leads to says more
        return refuse(reason, confidence=0.8, reading=plan.reading)
    if likeliest.label != NOTHING or plan.behaviour is not Behaviour.CLARIFY or not _is_english(text):
        return None
    if len(text.split()) < _SHORTEST or any(c.isalpha() and not c.isascii() for c in text):
        return None  # "do it" may be meant, and of something; a letter that looks like another is no word of a remark
    if speaks_of_a_change(text):
        return answer(ASKED_OF_IT, reading=plan.reading)
    return answer(NOTHING_TO_LOOK_UP if "?" in text else restraint.TOLD, reading=plan.reading)


def _orders_an_object(tags: Sequence[Tag]) -> bool:
    """Whether it names a known object, and what is to be done."""
    return {Part.VERB, Part.NAME} <= {tag.part for tag in tags if tag.score == 1}


def _is_english(text: str) -> bool:
    """Whether most of its words are known: what nobody can read tells nothing."""
    words = _WORD.findall(text.lower())
    return 2 * sum(examples().words[word] >= _KNOWN for word in words) > len(words)


def _reason(text: str, tags: Sequence[Tag], vocabulary: Vocabulary) -> str:
    if _SECRET.search(text) is not None:
        return SECRETS
    spaces = {str(tag.value) for tag in tags if tag.part is Part.NAMESPACE}
    names = [name for tag in tags if isinstance(tag.value, NameMatch) for name in tag.value.names]
    spaces |= {entry.namespace for name in names for entry in vocabulary.names.get(name, ())}
    kept = next(iter(sorted(spaces & PROTECTED)), None)
    if kept is not None:
        return OF_THE_CLUSTER.format(kept)
    return TOO_MUCH if _MUCH.search(text) is not None else NOT_FOR_THAT
