"""A clause whose words have their parts: the questions that the readers of requests put to it.

It answers what is there and in which order; it never decides what is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.nlp.translator.kubectl import Scope
from app.nlp.translator.lexicon.english import ORDINARY
from app.nlp.translator.lexicon.kinds import KINDS, Kind
from app.nlp.translator.lexicon.parts import SHOWN_PARTS, Action, Form, Part, Verb
from app.nlp.translator.names import Known, NameMatch
from app.nlp.translator.plan import Context, Reading
from app.nlp.translator.tagger import Tag
from app.nlp.translator.vocabulary import Vocabulary


@dataclass(slots=True)
class Frame:
    """One clause of a request.

    Attributes:
        tags: its words with their parts, in order.
        vocabulary: the names that the person may see.
        context: where the person stands.
    """

    tags: list[Tag]
    vocabulary: Vocabulary
    context: Context

    def of(self, *parts: Part) -> list[Tag]:
        """The tags with one of these parts, in order."""
        return [t for t in self.tags if t.part in parts]

    def first(self, part: Part, value: object = None) -> Tag | None:
        """The first tag with this part, and this value if one is given."""
        return next((t for t in self.tags if t.part is part and (value is None or t.value == value)), None)

    def has(self, part: Part, *values: object) -> bool:
        """Whether there is a tag with this part, and one of the values if any are given."""
        for tag in self.tags:  # noqa: SIM110 - asked thirty times for each text: a generator costs more than it looks at
            if tag.part is part and (not values or tag.value in values):
                return True
        return False

    def has_topic(self, *topics: str) -> bool:
        """Whether one of these topics is mentioned."""
        return self.has(Part.TOPIC, *topics)

    def says(self, *words: str) -> bool:
        """Whether one of these words or phrases was read as a part of its own."""
        for tag in self.tags:  # noqa: SIM110 - as above
            if tag.low in words:
                return True
        return False

    def verbs(self, form: Form | None = None) -> list[tuple[Tag, Verb]]:
        """The verbs, in order; of one form if it is given."""
        return [(t, t.value) for t in self.tags if isinstance(t.value, Verb) and (form is None or t.value.form is form)]

    def has_action(self, *actions: Action) -> bool:
        """Whether a verb asks for one of these actions, in whatever form."""
        return any(v.action in actions for _, v in self.verbs())

    @property
    def kinds(self) -> list[Kind]:
        """The kinds that are mentioned, each once; "this namespace" beside another only says where."""
        kinds = list(dict.fromkeys(t.value for t in self.tags if isinstance(t.value, Kind)))
        return kinds if len(kinds) < 2 else [kind for kind in kinds if not self._is_a_place(kind)]

    def _is_a_place(self, kind: Kind) -> bool:
        said = [t for t in self.tags if t.value is kind]
        return kind.plural == "namespaces" and all(
            t.low in {"namespace", "ns", "namespce", "namspace"}
            and (before := self.before(t)) is not None
            and before.low in _HERE
            for t in said
        )

    @property
    def kind(self) -> Kind | None:
        """The first kind that is mentioned."""
        return next(iter(self.kinds), None)

    @property
    def names(self) -> list[Tag]:
        """The tags that name objects."""
        return [t for t in self.tags if t.part is Part.NAME]

    @property
    def content(self) -> list[Tag]:
        """The tags that carry meaning: no marks, courtesies, fillers or prepositions."""
        return [t for t in self.tags if t.part not in _EMPTY]

    @property
    def unknown(self) -> list[Tag]:
        """The words that nothing was found for."""
        return self.of(Part.UNKNOWN)

    @property
    def unread(self) -> list[Tag]:
        """Unknown words that are no ordinary English either: probably names or another language."""
        return [t for t in self.unknown if t.low not in ORDINARY]

    @property
    def is_question(self) -> bool:
        """Whether it ends in a question mark or begins like a question."""
        return any(t.words == "?" for t in self.tags) or (
            bool(self.content) and self.content[0].part in {Part.QUESTION, Part.AUXILIARY}
        )

    @property
    def numbers(self) -> list[Tag]:
        """The plain numbers, in order."""
        return self.of(Part.NUMBER)

    def before(self, tag: Tag, distance: int = 1) -> Tag | None:
        """The tag that stands so many places before another."""
        i = self.tags.index(tag) - distance
        return self.tags[i] if i >= 0 else None

    def after(self, tag: Tag, distance: int = 1) -> Tag | None:
        """The tag that stands so many places behind another."""
        i = self.tags.index(tag) + distance
        return self.tags[i] if i < len(self.tags) else None

    @property
    def namespace_object(self) -> Tag | None:
        """A namespace that is named as an object of its own ("delete namespace qa"), not as the place of others."""
        for found in self.of(Part.NAMESPACE):
            previous = self._prior(found)
            if found.named and not (
                previous and previous.part is Part.PREPOSITION and previous.value in {"in", "on", "for"}
            ):
                others = [k for k in self.kinds if k is not KINDS["namespaces"]]
                if not others and not self.names:
                    return found
        return None

    def _prior(self, tag: Tag) -> Tag | None:
        i = self.tags.index(tag) - 1
        while i >= 0 and self.tags[i].part is Part.FILLER:
            i -= 1
        return self.tags[i] if i >= 0 else None

    @property
    def clusters(self) -> list[str | None]:
        """The clusters it speaks of; [None] for the current one alone."""
        if self.has(Part.EVERY_CLUSTER):
            named = sorted(self.vocabulary.clusters)
        else:
            named = list(dict.fromkeys(str(t.value) for t in self.of(Part.CLUSTER)))
        current = self.context.cluster
        ordered = [c for c in named if c == current] + [c for c in named if c != current]
        return [None if c == current else c for c in ordered] or [None]

    @property
    def namespaces(self) -> list[str]:
        """The namespaces it speaks of as places, each once."""
        return list(dict.fromkeys(str(t.value) for t in self.of(Part.NAMESPACE)))

    def scopes(self, *, namespaced: bool = True, namespace: str | None = None) -> list[Scope]:
        """Where a command acts: one scope for each cluster and namespace that is named.

        Args:
            namespaced: whether the objects live in namespaces.
            namespace: the namespace of an object that was found, in place of what the clause says.
        """
        if not namespaced:
            spaces: list[str | None] = [""]
        elif namespace is not None:
            spaces = [namespace]
        elif self.has(Part.EVERYWHERE):
            spaces = [None]
        else:
            spaces = [*self.namespaces] or [self.context.namespace]
        return [Scope(space, cluster) for cluster in self.clusters for space in spaces]

    def reading(self) -> tuple[Reading, ...]:
        """Which words became which part, for the person to see."""
        return tuple(Reading(t.words, t.part.value, spell(t.value)) for t in self.tags if t.part in SHOWN_PARTS)


_SEVERAL = frozenset({"namespaces", "nss"})
_HERE = frozenset({"this", "that", "my", "our", "current", "same", "the current", "whole"})
_EMPTY = frozenset({Part.MARK, Part.COURTESY, Part.FILLER, Part.PREPOSITION})


def spell(value: object) -> str:
    """A tag's value as a person reads it."""
    if isinstance(value, Kind):
        return value.singular
    if isinstance(value, NameMatch):
        return " or ".join(value.names)
    if isinstance(value, Known):
        return value.entry.name
    return str(value)


def certainty(tags: Iterable[Tag]) -> float:
    """How surely the words were read: the product of their scores."""
    product = 1.0
    for found in tags:
        product *= found.score
    return product


def sentence(tags: Sequence[Tag]) -> str:
    """The words of some tags as a sentence of their own."""
    return " ".join(t.words for t in tags)
