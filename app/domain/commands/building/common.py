"""What several verbs' commands are built from: where they act, and what they name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.commands import checks
from app.domain.commands.flags import Words
from app.domain.commands.model.command import Command, Target, lies_in_no_namespace
from app.errors import InvalidInputError

MOST_TARGETS = 100  # objects named in one line
_LIST_FLAGS = frozenset({"selector", "field-selector", "all-namespaces", "all"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a command acts, as keyword arguments of `Command`."""

    cluster: str
    namespace: str
    home: str
    all_namespaces: bool

    def around(self, targets: tuple[Target, ...] = ()) -> dict[str, Any]:
        """For a command about these targets."""
        nowhere = self.all_namespaces or lies_in_no_namespace(targets)
        return {
            "cluster": self.cluster,
            "namespace": "" if nowhere else self.namespace,
            "home": self.home,
            "all_namespaces": self.all_namespaces and not lies_in_no_namespace(targets),
        }

    def nowhere(self) -> dict[str, Any]:
        """For a command about the cluster itself."""
        return {"cluster": self.cluster, "home": self.home}


def targets_of(words: Sequence[str], verb: str) -> tuple[Target, ...]:
    """`pods`, `pods,services`, `pod a b`, `pod/a service/b`."""
    if not words:
        raise InvalidInputError(
            f"kubectl {verb} needs to know what: name a resource type, such as pods.", code="missing_argument"
        )
    if len(words) > MOST_TARGETS:
        raise InvalidInputError(f"At most {MOST_TARGETS} objects can be named at once.", code="too_many_objects")
    if any("/" in word for word in words):
        if not all(word.count("/") == 1 for word in words):
            raise InvalidInputError(
                "Name objects either as TYPE NAME or as TYPE/NAME, not in both ways at once.", code="mixed_targets"
            )
        pairs = [word.split("/") for word in words]
        return _unique(Target(checks.resource(kind), checks.name(name)) for kind, name in pairs)
    kinds = [checks.resource(kind) for kind in words[0].split(",")]
    names = [checks.name(name) for name in words[1:]]
    if not names:
        return _unique(Target(kind) for kind in kinds)
    return _unique(Target(kind, name) for kind in kinds for name in names)


def _unique(targets: Any) -> tuple[Target, ...]:
    return tuple(dict.fromkeys(targets))


def named_targets(words: Sequence[str], verb: str) -> tuple[Target, ...]:
    """Targets that all have a name."""
    targets = targets_of(words, verb)
    if not all(target.name for target in targets):
        raise InvalidInputError(
            f"kubectl {verb} needs the object's name, for example {targets[0].resource}/NAME.", code="missing_name"
        )
    return targets


def none_left(words: Sequence[str], verb: str) -> None:
    """InvalidInputError when a word is left that the verb has no place for."""
    if words:
        raise InvalidInputError(f'kubectl {verb} takes no "{words[0][:60]}".', code="unexpected_word")


def optional(found: Words, name: str, check: Callable[[str], str]) -> str:
    """A flag's checked value, empty when it was not given."""
    return check(found.value(name)) if found.value(name) else ""


def listed(found: Words, name: str) -> list[str]:
    """The words of a flag that may be given often: parted by commas, or given one by one."""
    return [word for value in found.values(name) for word in value.split(",") if word]


def number(found: Words, name: str) -> int | None:
    """A flag's whole number, None when it was not given."""
    return checks.number(found.value(name), name) if found.value(name) else None


def not_by_name(targets: tuple[Target, ...], found: Words) -> None:
    """InvalidInputError when objects are both named and selected."""
    if any(target.name for target in targets):
        for flag in sorted(_LIST_FLAGS & found.flags.keys()):
            raise InvalidInputError(
                f"A name and --{flag} do not go together: leave one of them out.", code="name_and_selector"
            )


def chosen(found: Words, targets: tuple[Target, ...], verb: str) -> dict[str, Any]:
    """Which objects, as keyword arguments of `OfObjects`: by name, by -l SELECTOR, or --all."""
    not_by_name(targets, found)
    selector, every = optional(found, "selector", checks.selector), found.on("all")
    if not targets[0].name and bool(selector) == every:
        raise InvalidInputError(
            f"kubectl {verb} needs the objects' names, such as {targets[0].resource}/NAME, or -l SELECTOR, or --all.",
            code="missing_name",
        )
    return {"targets": targets, "selector": selector, "every": every}


def apart(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words that name objects, and behind them those that are `KEY=VALUE` or `KEY-`."""
    for index, word in enumerate(words):
        if ("=" in word and not word.startswith("=")) or word.endswith("-"):
            return list(words[:index]), list(words[index:])
    return list(words), []


def pairs_of(words: Sequence[str], what: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """`KEY=VALUE` and `KEY-`, told apart; no key twice, and none both ways."""
    values: dict[str, str] = {}
    removed: list[str] = []
    for word in words:
        key, equals, value = word.partition("=")
        if not equals and word.endswith("-") and len(word) > 1:
            key = word[:-1]
            removed.append(key)
        elif equals and key:
            if key in values:
                raise InvalidInputError(f'The {what} "{key[:60]}" was given twice; give it once.', code="given_twice")
            values[key] = value
        else:
            raise InvalidInputError(
                f'"{word[:60]}" is no {what}: write KEY=VALUE to set it, KEY- to remove it.', code="invalid_pair"
            )
    both = next((key for key in removed if key in values), None)
    if both is not None:
        raise InvalidInputError(f'The {what} "{both[:60]}" cannot be set and removed at once.', code="given_twice")
    return tuple(values.items()), tuple(dict.fromkeys(removed))


Build = Callable[[Words, Scope], Command]
"""Makes a command of the words of one verb."""
