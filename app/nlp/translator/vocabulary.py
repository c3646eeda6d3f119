"""The names that a person may see, compiled so that a name is found from the words that people say.

Compiled once per version and never changed afterwards. A name that Kubernetes would not accept is left out: it can
never become part of a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from app.nlp.translator.lexicon.kinds import WORKLOADS, kind_of

T = TypeVar("T")

_VALID = re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?")
_VALID_CLUSTER = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9._@:/]{0,251}[A-Za-z0-9])?")
_SEPARATORS = re.compile(r"[-._]")
_OWNERS = (*WORKLOADS, "replicasets", "jobs")
_ENTRY_BYTES = 900  # measured with tracemalloc at 10,000 names: entry, indexes and strings together, rounded up


@dataclass(frozen=True, slots=True)
class Entry:
    """One object: its kind's plural, its namespace ("" outside of any), and its name."""

    kind: str
    namespace: str
    name: str


class Spellings:
    """Words that a misspelt one is compared with, in their order.

    Args:
        words: all of them.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = list(words)
        self._within: dict[tuple[int, int], list[str]] = {}

    def within(self, shortest: int, longest: int) -> list[str]:
        """Those of a length in letters between two, which are kept: a slip or two change no length by more."""
        found = self._within.get((shortest, longest))
        if found is None:
            found = [word for word in self.words if shortest <= len(word) <= longest]
            self._within[shortest, longest] = found
        return found


@dataclass(slots=True)
class Vocabulary:
    """The compiled vocabulary of one person on one cluster.

    Attributes:
        clusters: names of the clusters (kubeconfig contexts).
        namespaces: names of the namespaces.
        kinds: plurals of which the names are known; a name of another kind can't be checked.
        names: every object by its name.
        spoken: names by how they are said: parts without plural endings, joined by "-" or by nothing.
        by_part: names of which a word is part.
        beginnings: the first three letters of every name, as it is written and as it is said; two of a short part.
        spelled: the names that a misspelt word is compared with; pods that a workload owns are reached through it.
        namespaces_spelled: the namespaces, in order.
        clusters_spelled: the clusters, in order.
        pods_of: a workload's pods by (namespace, workload's name).
        owner_of: a pod's workload by (namespace, pod's name).
        selectors: label selectors by (kind, namespace, name), where they are not `app=<name>`.
        replicas: desired replicas by (kind, namespace, name).
        known: every object.
        size_bytes: about what it occupies.
    """

    clusters: frozenset[str]
    namespaces: frozenset[str]
    kinds: set[str] = field(default_factory=set)
    names: dict[str, list[Entry]] = field(default_factory=dict)
    spoken: dict[str, list[str]] = field(default_factory=dict)
    by_part: dict[str, list[str]] = field(default_factory=dict)
    beginnings: set[str] = field(default_factory=set)
    spelled: Spellings = field(default_factory=Spellings)
    namespaces_spelled: Spellings = field(default_factory=Spellings)
    clusters_spelled: Spellings = field(default_factory=Spellings)
    pods_of: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    owner_of: dict[tuple[str, str], Entry] = field(default_factory=dict)
    selectors: dict[tuple[str, str, str], str] = field(default_factory=dict)
    replicas: dict[tuple[str, str, str], int] = field(default_factory=dict)
    known: set[Entry] = field(default_factory=set)
    size_bytes: int = 0

    def find(self, kind: str, namespace: str, name: str) -> Entry | None:
        """The object of this kind, namespace and name, if the person may see it."""
        entry = Entry(kind, namespace, name)
        return entry if entry in self.known else None

    def may_begin(self, word: str) -> bool:
        """Whether some object's name begins as this word does; most words are told apart by that."""
        return word[:3] in self.beginnings or word[:2] in self.beginnings or len(word) < 2 or word[1] in "-._"

    def selector_of(self, entry: Entry) -> str:
        """The label selector of a workload's pods."""
        return self.selectors.get((entry.kind, entry.namespace, entry.name), f"app={entry.name}")

    def replicas_of(self, entry: Entry) -> int | None:
        """How many replicas a workload has: what was sent, else how many pods of it there are, else None."""
        known = self.replicas.get((entry.kind, entry.namespace, entry.name))
        if known is not None:
            return known
        pods = self.pods_of.get((entry.namespace, entry.name))
        return len(pods) if pods else None


def is_valid_name(name: str) -> bool:
    """Whether Kubernetes would take it for a name."""
    return _VALID.fullmatch(name) is not None


def stem(word: str) -> str:
    """A word without its plural ending, so that "payment" and "payments" meet."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _beginning(name: str) -> str:
    return name[:3] if len(name) > 2 and name[2] not in "-._" else name[:2]


def compile_vocabulary(
    clusters: Sequence[str],
    namespaces: Sequence[str],
    objects: Mapping[str, Mapping[str, Sequence[str]]],
    selectors: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
    replicas: Mapping[str, Mapping[str, Mapping[str, int]]] | None = None,
) -> Vocabulary:
    """Build the indexes; takes well under a second for 10,000 names.

    Args:
        clusters: names of clusters.
        namespaces: names of namespaces.
        objects: kind's plural -> namespace ("" for kinds outside of any) -> names.
        selectors: kind's plural -> namespace -> name -> label selector of its pods.
        replicas: kind's plural -> namespace -> name -> desired replicas.
    """
    made = Vocabulary(
        clusters=frozenset(c for c in clusters if _VALID_CLUSTER.fullmatch(c)),
        namespaces=frozenset(n for n in namespaces if _VALID.fullmatch(n)),
    )
    for word, spaces in objects.items():
        kind = kind_of(word).plural
        made.kinds.add(kind)
        for namespace, names in spaces.items():
            for name in names:
                if _VALID.fullmatch(name) and (not namespace or _VALID.fullmatch(namespace)):
                    _add(made, Entry(kind, namespace, name))
    _add_namespaces(made)
    made.namespaces_spelled = Spellings(sorted(made.namespaces))
    made.clusters_spelled = Spellings(sorted(made.clusters))
    made.selectors.update(_flatten(selectors or {}))
    made.replicas.update(_flatten(replicas or {}))
    _find_owners(made)
    _index(made)
    made.size_bytes = _ENTRY_BYTES * (
        sum(map(len, made.names.values())) + len(made.namespaces) + len(made.clusters) + 1
    )
    return made


def _add_namespaces(made: Vocabulary) -> None:
    made.kinds.add("namespaces")
    for namespace in made.namespaces:
        _add(made, Entry("namespaces", "", namespace))


def _add(made: Vocabulary, entry: Entry) -> None:
    if entry not in made.known:
        made.known.add(entry)
        made.names.setdefault(entry.name, []).append(entry)


def _flatten(nested: Mapping[str, Mapping[str, Mapping[str, T]]]) -> Iterator[tuple[tuple[str, str, str], T]]:
    for word, spaces in nested.items():
        for namespace, values in spaces.items():
            for name, value in values.items():
                yield (kind_of(word).plural, namespace, name), value


def _find_owners(made: Vocabulary) -> None:
    """Pods are named after their owner: its name, then one or two generated parts."""
    for name, entries in made.names.items():
        for pod in entries:
            if pod.kind != "pods":
                continue
            head = name
            for _ in range(2):
                head, dash, _rest = head.rpartition("-")
                if not dash:
                    break
                owner = next((e for kind in _OWNERS if (e := made.find(kind, pod.namespace, head))), None)
                if owner:
                    made.owner_of[pod.namespace, name] = owner
                    made.pods_of.setdefault((pod.namespace, head), []).append(name)
                    break


def _index(made: Vocabulary) -> None:
    for name, entries in made.names.items():
        if all(e.kind == "namespaces" for e in entries):
            continue
        parts = [stem(part) for part in _SEPARATORS.split(name) if part]
        owned = all(e.kind == "pods" and (e.namespace, name) in made.owner_of for e in entries)
        for key in {"-".join(parts), "".join(parts)}:
            made.spoken.setdefault(key, []).append(name)
            made.beginnings.add(_beginning(key))
        made.beginnings.add(_beginning(name))
        if owned:
            # Of a generated name people say the last part, or the whole.
            if not parts[-1].isdigit():
                made.by_part.setdefault(parts[-1], []).append(name)
            continue
        made.spelled.words.append(name)
        for part in set(parts):
            if len(part) > 2:
                made.by_part.setdefault(part, []).append(name)
