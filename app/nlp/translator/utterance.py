"""What a person said, with where it was said: the text in full, and what several ways of reading it need of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from app.nlp.translator.classification.model import Guess
from app.nlp.translator.classification.reconsidering import guess
from app.nlp.translator.clusters import with_clusters_named, with_here_named
from app.nlp.translator.followups.naming import with_ordinals, with_several, with_the_middle_one
from app.nlp.translator.followups.plainer import plainly
from app.nlp.translator.intents.likewise import with_another_named
from app.nlp.translator.intents.looks import plainly_asked
from app.nlp.translator.intents.plainer import clauses_of
from app.nlp.translator.intents.said import Clause
from app.nlp.translator.intents.wishes import plainly_wished
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.likeness.slots import Piece, pieces_in
from app.nlp.translator.plan import Context, Plan
from app.nlp.translator.rewordings.everyday import EVERYDAY
from app.nlp.translator.rules import by_rules, read_plain
from app.nlp.translator.shorthand import spelled_out
from app.nlp.translator.spelling import spelt
from app.nlp.translator.tagger import Tag, Tagger
from app.nlp.translator.vocabulary import Vocabulary

_REFERS: Final = re.compile(
    r"\b(?:(?<!^)(?<!if )(?<!forget )it(?! would|'d| is )|its|them|they|that|those|these|this one|ones?|same|again|too"
    r"|also|as well|instead|others?|both|back|undo|now|and|but|no|yes|not|rather|mean|meant|actually"
    r"|first|second|third|last)\b",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(r"(?<=\w), (?:ok|okay|alright|all right|yeah)\?+$", re.IGNORECASE)


@dataclass(frozen=True)
class Utterance:
    """A text with where it was said; what several ways of reading it need is made once."""

    text: str
    context: Context
    vocabulary: Vocabulary

    @cached_property
    def tagger(self) -> Tagger:
        """Reads the parts of a text, each text once."""
        return Tagger(self.vocabulary)

    @cached_property
    def tags(self) -> list[Tag]:
        """The parts of the text."""
        return self.tagger(self.text)

    @cached_property
    def pieces(self) -> list[Piece]:
        """The words of the text, with slots in the place of names and values."""
        return pieces_in(self.tags, self.vocabulary)

    @cached_property
    def guess(self) -> Guess | None:
        """What the model takes the text for; None where an earlier turn may say more of it than its words."""
        return None if self.context.turns and not self.stands_alone else guess(self.pieces)

    @cached_property
    def stands_alone(self) -> bool:
        """Whether it says by itself what it is about: an object by its name, and nothing that was spoken of before."""
        return self.names_something and not self.refers

    @cached_property
    def refers(self) -> bool:
        """Whether a word may stand for what was spoken of before."""
        return _REFERS.search(self.text) is not None

    @cached_property
    def clauses(self) -> Sequence[Clause]:
        """The clauses of the text, in which roundabout wishes are put short."""
        return clauses_of(self.text, self.vocabulary, self.tagger)

    @cached_property
    def names_something(self) -> bool:
        """Whether it names an object, and is not merely spelt like one."""
        return any(each.part is Part.NAME and each.score == 1 for each in self.tags)

    @cached_property
    def known(self) -> dict[str, Plan]:
        """What the rules made of other texts."""
        return {}

    def read(self, said: str) -> Plan:
        """The plan of a text of known words, which holds no remarks, by the rules."""
        plan = self.known.get(said)
        if plan is None:
            plan = self.known[said] = read_plain(said, self.context, self.vocabulary, self.tagger)
        return plan

    def by_rules(self, text: str, *, read: Plan | None = None) -> Plan:
        """The plan of a text by the rules, with or without what is said beside a request; `read` is the whole's."""
        return by_rules(text, self.context, self.vocabulary, self.tagger, read=read)


def in_full(plain: str, context: Context, vocabulary: Vocabulary) -> str:
    """A text with what is short or said by what it is in full: abbreviations, clusters, the middle one of three."""
    if context.turns:
        plain = plainly(plain, context, vocabulary.clusters)
        plain = with_ordinals(with_several(with_the_middle_one(plain, context), context), context)
    plain = EVERYDAY(spelt(_TAIL.sub("", plain), vocabulary))
    plain = plainly_wished(with_another_named(plain, vocabulary.names))
    plain = with_clusters_named(spelled_out(plain), vocabulary.clusters)
    return with_here_named(plainly_asked(plain, vocabulary), context.cluster, vocabulary.clusters)
