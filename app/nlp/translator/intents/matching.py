"""Whether a clause wants a change, and which.

What could be lost by a misreading (a deletion, a drain) wants nearly every word accounted for; the rest leaves room for a
word or two that nobody knows. No name and no value of a clause may be missing in the request that is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from app.nlp.translator.intents.forms import INTENTS
from app.nlp.translator.intents.moods import words_of_joint
from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.intents.words import AROUND_VALUES, EMPTY, NAMED, VALUES
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb

MOST_UNKNOWN = 3  # words that are not accounted for, of a change that can be taken back
_VAGUE: Final = frozenset({Action.OTHER, Action.LIGHT, Action.SCALE, Action.IMAGE})


MOST_UNKNOWN_OF_A_LOSS = 1


def wanted(clause: Clause, *, may_lose: bool, denied: bool = False, short: bool = False) -> Iterator[str]:
    """The changes that a clause may want, each as a plain request, the likeliest first.

    Args:
        clause: what was said.
        may_lose: whether it is request enough for what could lose something.
        denied: whether it says what is not to be let happen.
        short: whether it has no verb that could say what is meant: then every word counts.
    """
    clause = Clause(clause.words[words_of_joint(clause.text) :], clause.mark)
    text = clause.text
    for intent in INTENTS:
        names = [word for word in clause.words if word.token in intent.of]
        if (
            not names
            or (intent.loses and not may_lose)
            or (denied and not intent.denies)
            or (intent.unlike is not None and intent.unlike.search(text))
        ):
            continue
        found = intent.cue.search(text)
        if found is None:
            continue
        unknown = _unknown(clause, found)
        if any(_commands(word) for word in unknown) or len(unknown) > (
            0 if short else MOST_UNKNOWN_OF_A_LOSS if intent.loses else MOST_UNKNOWN
        ):
            continue
        said = intent.plain(clause, found, _called(names))
        if said is not None and not is_lost(clause, said):
            yield said


_PLACES: Final = frozenset({Part.EVERY_CLUSTER, Part.EVERYWHERE, Part.CLUSTER, Part.NAMESPACE})


def _commands(word: Word) -> bool:
    """Whether a word is the verb of a change of its own."""
    verb = word.tag.value
    return isinstance(verb, Verb) and verb.form is Form.BASE and verb.action in CHANGES and verb.action not in _VAGUE


def _unknown(clause: Clause, found: re.Match[str]) -> list[Word]:
    """The words that say nothing to the purpose and are no mere grammar."""
    used = clause.within(*found.span())
    return [
        word
        for word in clause.words
        if word not in used
        and word.tag.part not in _PLACES
        and not word.token.startswith("<")
        and word.token not in EMPTY
        and word.token not in KINDS
        and word.tag.part is not Part.STATUS
        and not AROUND_VALUES.fullmatch(word.token)
    ]


_BESIDE_THE_POINT: Final = frozenset(
    {"not", "of", "from", "than", "the", "those", "these", "just", "since", "a", "brand", "old"}
)


def is_lost(clause: Clause, said: str) -> bool:
    """Whether a name or a value of the clause is missing in the request that was made of it."""
    held = set(re.split(r"[\s=:/%]+", said)) | set(said.split())
    before = ""
    for word in clause.words:
        named = word.token in NAMED and word.value not in held and word.value == word.tag.low
        if named and any(part.startswith(f"{word.value}-") for part in held):
            named = False  # the pod of it that is meant
        valued = (
            word.token in VALUES
            and before not in _BESIDE_THE_POINT
            and word.tag.low != "one"
            and not any(word.value in part for part in held)
        )
        if named or valued:
            return True
        before = word.token
    return False


def only_adds(clause: Clause) -> bool:
    """Whether a clause holds nothing but values and what is said around them."""
    return all(
        word.token.startswith("<") or word.token in EMPTY or word.token in KINDS or AROUND_VALUES.fullmatch(word.token)
        for word in clause.words
    )


def _called(names: list[Word]) -> str:
    """The names that are meant: of a workload and one of its pods, "the web pod ending in 7hj4m", the pod."""
    pods = [word for word in names if word.token == "<pod>"]
    return " and ".join(dict.fromkeys(word.value for word in pods or names))
