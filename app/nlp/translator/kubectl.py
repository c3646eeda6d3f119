"""Writes kubectl lines, and reads back those of earlier turns.

A line is built from checked parts only: names that the vocabulary holds, numbers, and words of this package. No
text of a person is ever pasted into a line unchecked.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from app.nlp.translator.lexicon.kinds import KIND_WORDS, Kind, kind_of


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a command acts: a namespace, all of them (None), or none (""); a cluster, or None for the current one."""

    namespace: str | None = ""
    cluster: str | None = None


def line(words: Iterable[str], scope: Scope) -> str:
    """A complete kubectl line.

    Args:
        words: the verb and its arguments, one by one.
        scope: where it acts.
    """
    parts = ["kubectl", *words]
    if scope.namespace is None:
        parts.append("-A")
    elif scope.namespace:
        parts += ["-n", scope.namespace]
    if scope.cluster is not None:
        parts += ["--context", scope.cluster]
    return shlex.join(parts)


@dataclass(frozen=True, slots=True)
class Spoken:
    """An earlier command, taken apart far enough to be asked again with one part changed.

    Attributes:
        verb: "get", "logs", "rollout restart" and the like.
        kind: the kind it names, if any.
        names: the objects it names.
        scope: where it acted.
        flags: the remaining flags, name to value ("" for a switch).
        rest: further words, e.g. `cart=image:tag`.
    """

    verb: str
    kind: Kind | None = None
    names: tuple[str, ...] = ()
    scope: Scope = field(default_factory=Scope)
    flags: tuple[tuple[str, str], ...] = ()
    rest: tuple[str, ...] = ()

    def flag(self, name: str) -> str | None:
        """A flag's value, or None when it is not set."""
        return dict(self.flags).get(name)

    def with_flag(self, name: str, value: str = "") -> Spoken:
        """The same command with one flag set."""
        return replace(self, flags=(*(f for f in self.flags if f[0] != name), (name, value)))

    def without_flags(self, *names: str) -> Spoken:
        """The same command without these flags."""
        return replace(self, flags=tuple(f for f in self.flags if f[0] not in names))

    def write(self) -> str:
        """The kubectl line."""
        words = self.verb.split()
        if self.kind is not None and self.names:
            bare = (self.verb == "logs" and self.kind.plural == "pods") or self.verb in {"cordon", "uncordon", "drain"}
            words += self.names if bare else [f"{self.kind.singular}/{name}" for name in self.names]
        elif self.kind is not None:
            words.append(self.kind.plural)
        else:
            words += self.names
        words += self.rest
        words += [
            f"{name}={value}" if value and name.startswith("--") else name
            for name, value in self.flags
            if not (value and not name.startswith("--"))
        ]
        for name, value in self.flags:
            if value and not name.startswith("--"):
                words += [name, value]
        return line(words, self.scope)


_TWO_WORDS = frozenset({"rollout", "set", "auth", "top", "config"})
_WITH_VALUE = frozenset(
    {
        "-n",
        "--namespace",
        "--context",
        "-l",
        "--selector",
        "-o",
        "--output",
        "-c",
        "--container",
        "--for",
        "--field-selector",
        "--sort-by",
        "--tail",
        "--since",
        "--replicas",
        "--to-revision",
        "--types",
    }
)
_LONG_NAMES = {
    "--namespace": "-n",
    "--selector": "-l",
    "--output": "-o",
    "--container": "-c",
    "--all-namespaces": "-A",
    "--follow": "-f",
    "-p": "--previous",
}


_QUOTING = re.compile(r"[\"'\\]")


def words_of(command: str) -> list[str]:
    """The words of a kubectl line; ValueError where a quotation in it does not end."""
    return command.split() if _QUOTING.search(command) is None else shlex.split(command)


@lru_cache(maxsize=256)  # one request looks at its turns many times
def read_line(command: str) -> Spoken | None:
    """An earlier turn's command, or None when it is none that can be asked again."""
    try:
        words = words_of(command)
    except ValueError:
        return None
    if words[:1] == ["diagnose"]:
        words = ["kubectl", *words]  # a verb of KubeChat's own
    if len(words) < 2 or words[0] != "kubectl":
        return None
    verb, rest = words[1], words[2:]
    if verb in _TWO_WORDS and rest and not rest[0].startswith("-"):
        verb, rest = f"{verb} {rest[0]}", rest[1:]
    plain, flags = _split_flags(rest)
    if "--all-clusters" in flags or "," in flags.get("--context", ""):
        return None  # what stood in it is of many clusters: "it" and "the second one" would not say of which
    scope = Scope(None if "-A" in flags else flags.pop("-n", ""), flags.pop("--context", None))
    flags.pop("-A", None)
    return _read_objects(verb, plain, scope, tuple(flags.items()))


def _split_flags(words: list[str]) -> tuple[list[str], dict[str, str]]:
    plain: list[str] = []
    flags: dict[str, str] = {}
    i = 0
    while i < len(words):
        word = words[i]
        i += 1
        if not word.startswith("-"):
            plain.append(word)
            continue
        name, equals, value = word.partition("=")
        if not equals and name in _WITH_VALUE and i < len(words):
            value = words[i]
            i += 1
        flags[_LONG_NAMES.get(name, name)] = value
    return plain, flags


def _read_objects(verb: str, plain: list[str], scope: Scope, flags: tuple[tuple[str, str], ...]) -> Spoken:
    if verb.startswith("top "):
        return Spoken("top", kind_of(verb.split()[1]), tuple(plain), scope, flags)
    if verb in {"cordon", "uncordon", "drain"}:
        return Spoken(verb, kind_of("nodes"), tuple(plain), scope, flags)
    if verb == "logs" and plain and "/" not in plain[0]:
        return Spoken(verb, kind_of("pods"), tuple(plain[:1]), scope, flags)
    if verb == "auth can-i" and len(plain) > 1:
        verb, plain = f"{verb} {plain[0]}", plain[1:]  # what is asked about goes before the kind
    kind: Kind | None = None
    names: list[str] = []
    rest: list[str] = []
    for word in plain:
        head, slash, name = word.partition("/")
        if slash and (head.lower(),) in KIND_WORDS:
            kind = kind_of(head)
            names.append(name)
        elif kind is None and "=" not in word:
            kind = kind_of(word)
        elif "=" in word:
            rest.append(word)
        else:
            names.append(word)
    return Spoken(verb, kind, tuple(names), scope, flags, tuple(rest))
