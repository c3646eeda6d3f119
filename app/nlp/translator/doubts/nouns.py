"""Finds what a verb or a number is said of where that is no object of the change: "restart the build of web", "web ads".

A name alone does not tell what is meant. What stands between it and the verb, and right behind it, has to be something
that the change can be said of.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from app.nlp.translator.intents.moods import mood_of, verb_at
from app.nlp.translator.intents.parting import WANTS
from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.intents.words import EMPTY, NAMED
from app.nlp.translator.kubectl import Spoken
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.likeness.sentences import examples

_OF_WORDS: Final = frozenset({"set env", "label", "annotate", "taint", "expose", "create"})
"""What is set beside a name by words of the person's own."""
_OF: Final = frozenset(
    {"of", "for", "in", "on", "behind", "about", "around", "from", "with", "to", "at", "inside", "under", "by", "near"}
)
_ANY_THING: Final = """
    pod pods deployment deployments workload workloads service services app apps application applications server servers
    everything anything all rest work stuff thing things state one ones half third quarter double couple pair bit lot
    namespace namespaces cluster extra additional more fewer less plus statefulset statefulsets daemonset daemonsets old
    last previous current first because land through front accept disk schedulable hung sec off-and-on-again program
    necessary reachable moar hangs til fro world merits order sake purpose time moment night weekend maintenance test tests demo while favour favor please
"""
_OF_COPIES: Final = """
    replica replicas copy copies instance instances member members number count amount size scale scaling fleet capacity
    container containers down zero nothing autoscaler upscaling downscaling
"""
_OF_ROLLOUTS: Final = """
    rollout rollouts roll-out release releases update updates upgrade upgrades version versions revision revisions image
    images restart reboot bounce rollback revert undo undoing start container containers change changes code copies copy
    instances instance replicas rolling deploy deploys pause resumption kick
"""
_OF_NODES: Final = """
    node nodes drain draining cordon cordoning uncordoning eviction traffic scheduling rotation job jobs taint taints
    machine host box worker
"""
_OF_SIZES: Final = """
    memory mem ram cpu cpus core cores limit limits request requests reqs resource resources cap ceiling floor maximum
    minimum max min usage consumption container containers each
"""
_OF_LOSSES: Final = """
    job jobs cronjob cronjobs run runs configmap configmaps secret secrets claim claims volume volumes autoscaler hpa
    ingress resource resources deletion removal object objects copy instance replica config
"""
_OF_SCHEDULES: Final = "cronjob cronjobs job jobs run runs schedule execution"
_THINGS: Final = {
    "scale": frozenset((_ANY_THING + _OF_COPIES).split()),
    "set resources": frozenset((_ANY_THING + _OF_SIZES).split()),
    "autoscale": frozenset(
        (_ANY_THING + _OF_COPIES + _OF_SIZES + " autoscaling autoscale horizontalpodautoscalers target bounds").split()
    ),
    "delete": frozenset((_ANY_THING + _OF_LOSSES).split()),
    "patch": frozenset(
        (
            _ANY_THING + _OF_SCHEDULES + _OF_COPIES + _OF_LOSSES + " max min maximum minimum horizontalpodautoscalers"
        ).split()
    ),
    "set image": frozenset((_ANY_THING + _OF_ROLLOUTS + " tag build container image").split()),
    **dict.fromkeys(("drain", "cordon", "uncordon"), frozenset((_ANY_THING + _OF_NODES).split())),
    **dict.fromkeys(
        ("rollout restart", "rollout undo", "rollout pause", "rollout resume"),
        frozenset((_ANY_THING + _OF_ROLLOUTS).split()),
    ),
}
"""What changes are said of, and what they are called themselves, by the verb of their commands."""
_MEASURED: Final = frozenset(
    ["latency", "load", "traffic", "errors", "error", "rate", "cost", "costs", "utilisation", "utilization", "usage"]
)
"""What goes up and down by itself, so that people speak of it beside a change."""
_SPELT: Final = 5  # letters: of a shorter one a single slip makes another word
_ALIKE: Final = 85.0  # of 100: one slip in a word of six letters
_ARTICLES: Final = frozenset({"the", "our", "my", "your", "its", "this", "that", "these", "those"})
_HOLDS_OTHERS: Final = frozenset(
    {"pods", "deployments", "statefulsets", "daemonsets", "replicasets", "nodes", "namespaces", "services"}
)
_GIVES: Final = frozenset(
    {"a", "an", "another", "needs", "wants", "need", "want", "new", "some", "could", "use", "do", "with"}
)
_REFERS: Final = frozenset(
    {
        "it",
        "them",
        "they",
        "this",
        "that",
        "these",
        "those",
        "both",
        "everything",
        "all",
        "one",
        "any",
        "anything",
        "nothing",
    }
)
_ENDS_IT: Final = frozenset(
    {"and", "but", "so", "because", "while", "as", "when", "then", "that", "which", "named", "called"}
)
_NO_NOUN: Final = re.compile(r"\w+(?:ly|ing|ed)|\W+|<.*|[#+-]?\d.*")


_GRAMMAR: Final = frozenset(
    {
        Part.VERB, Part.NAME, Part.NAMESPACE, Part.CLUSTER, Part.EVERYWHERE, Part.EVERY_CLUSTER, Part.NUMBER,
        Part.DURATION, Part.SELECTOR, Part.IMAGE, Part.STATUS, Part.COPIES, Part.AMOUNT, Part.QUANTITY,
        Part.REFERENCE, Part.ORDINAL, Part.REPLY, Part.LINK, Part.COURTESY, Part.FILLER, Part.AUXILIARY,
        Part.COMPARISON, Part.PREPOSITION, Part.PERSON, Part.NEGATION, Part.TIME, Part.GREETING,
    }
)  # fmt: skip


def strange_object(clauses: Sequence[Clause], commands: Sequence[Spoken]) -> str | None:
    """What a clause says it of, where that is no thing that the change could be made to.

    Args:
        clauses: what was said.
        commands: what would be done.
    """
    verbs = {each.verb for each in commands}
    if not verbs <= set(_THINGS):
        return None  # what is set beside a name may be called anything
    things = frozenset().union(*(_THINGS[verb] for verb in verbs))
    names = {name for each in commands for name in each.names}
    labels = frozenset(verb if verb != "patch" else "suspend" for verb in verbs)
    kinds = {each.kind.plural for each in commands if each.kind is not None}
    for clause in clauses:
        if mood_of(clause.text, clause.mark) not in WANTS:
            continue  # a remark may speak of anything
        found = _Nouns(clause.words, things, kinds, labels).strange(names, verbs)
        if found is not None:
            return found
    return None


@dataclass(frozen=True, slots=True)
class _Nouns:
    """The nouns of a clause, and which of them changes can be said of."""

    words: Sequence[Word]
    things: frozenset[str]
    kinds: Collection[str]
    labels: Collection[str]

    def strange(self, names: Collection[str], verbs: Collection[str]) -> str | None:
        for at, word in enumerate(self.words):
            if word.token in NAMED and word.value in names:
                found = self._before(at) or self._behind(at) or (self._from(at) if "delete" in verbs else None)
                if found is not None:
                    return found
            if word.token == "<number>" and "scale" in verbs:
                found = self._counted(at)
                if found is not None:
                    return found
        return self._told_to(names)

    def _before(self, at: int) -> str | None:
        """The noun that a name only belongs to: "the cache of web"."""
        start = at - 1
        while start > 0 and (self.words[start].token in _ARTICLES or self.words[start].token in KINDS):
            start -= 1
        if start < 1 or self.words[start].token not in _OF:
            return None
        return self._if_strange(start - 1)

    def _behind(self, at: int) -> str | None:
        """The noun that a name only tells apart, or that it is to be given: "the web console", "web needs a hug"."""
        next_to, article = at + 1, False
        while next_to < len(self.words) and self.words[next_to].token in _GIVES:
            article = article or self.words[next_to].token in {"a", "an", "another", "needs", "wants", "new"}
            next_to += 1
        if next_to >= len(self.words) or (next_to > at + 1 and not article):
            return None
        said = self.words[next_to].tag.part in {Part.UNKNOWN, Part.OUTSIDE, Part.TOPIC}
        return self._if_strange(next_to) if said else None

    def _from(self, at: int) -> str | None:
        """Where a name is to be taken off, that is no place of the cluster: "from my watchlist"."""
        if at + 2 >= len(self.words) or self.words[at + 1].token not in {"from", "off"}:
            return None
        behind = [word for word in self.words[at + 2 :] if word.token not in _ARTICLES]
        here = {"here", "there", "shop", "cluster", "namespace", "namespaces", "<namespace>", "<cluster>", "this"}
        return None if not behind or behind[0].token in here else behind[0].value

    def _counted(self, at: int) -> str | None:
        """What a number counts, that is no copy of anything: "5 stars"."""
        behind = at + 1
        while behind < len(self.words) and self.words[behind].token in {
            "more",
            "new",
            "additional",
            "extra",
            "further",
            "less",
            "fewer",
        }:
            behind += 1
        if behind >= len(self.words):
            return None
        noun = self.words[behind]
        if noun.token in KINDS and noun.token not in {"pods", "replicasets", *self.kinds}:
            return noun.value
        return self._if_strange(behind) if noun.tag.part in {Part.UNKNOWN, Part.OUTSIDE} else None

    def _told_to(self, names: Collection[str]) -> str | None:
        """The object of the first verb, where that is something else: "pause the music while cart deploys"."""
        text = " ".join(word.token for word in self.words)
        first = verb_at(text)
        if first is None:
            return None
        strange = None
        for at in range(first + 1, len(self.words)):
            word = self.words[at]
            if word.token in _OF or word.tag.part is Part.PREPOSITION or word.token in _ENDS_IT:
                break
            if (
                word.token.startswith("<")
                or word.token in _REFERS
                or word.token in self.things
                or word.token in self.kinds
            ):
                return None
            strange = strange or self._if_strange(at)
        return strange

    def _is_said(self, word: str) -> bool:
        """Whether people say the word who want just that ("put a lid on it"), or misspell it."""
        if word not in _MEASURED and all(examples().say(label, word) for label in self.labels):
            return True
        near = process.extractOne(word, self.things, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return near is not None and len(word) >= _SPELT

    def _if_strange(self, at: int) -> str | None:
        noun = self.words[at]
        if noun.token in KINDS and noun.token not in self.things:
            return None if noun.token in self.kinds or noun.token in _HOLDS_OTHERS else noun.value
        known = noun.token in self.things or noun.token in EMPTY or self._is_said(noun.token)
        return None if known or noun.tag.part in _GRAMMAR or _NO_NOUN.fullmatch(noun.token) else noun.value
