"""Flags: how they are written, and which are refused whatever the verb.

A flag that is not in a verb's list (`app.domain.commands.building`) does not exist: it is never passed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.commands.nearest import did_you_mean
from app.errors import ForbiddenError, InvalidInputError, UnsupportedError

_IDENTITY = "you always act as yourself here"
_CONNECTION = "clusters and their credentials are set up by the operator; choose one with --context NAME"
_REFUSED: dict[str, str] = {
    "as": _IDENTITY,
    "as-group": _IDENTITY,
    "as-uid": _IDENTITY,
    "as-user-extra": _IDENTITY,
    "token": _IDENTITY,
    "user": _IDENTITY,
    "username": _IDENTITY,
    "password": _IDENTITY,
    "client-certificate": _IDENTITY,
    "client-key": _IDENTITY,
    "kubeconfig": _CONNECTION,
    "server": _CONNECTION,
    "cluster": _CONNECTION,
    "certificate-authority": _CONNECTION,
    "insecure-skip-tls-verify": _CONNECTION,
    "tls-server-name": _CONNECTION,
    "kuberc": _CONNECTION,
    "cache-dir": "there are no files here",
    "profile": "there are no files here",
    "profile-output": "there are no files here",
    "filename": "there are no files here, and addresses are not fetched",
    "kustomize": "there are no files here, and addresses are not fetched",
    "raw": "requests are made from commands, never given",
    "v": "a trace of the requests would show credentials",
    "vmodule": "a trace of the requests would show credentials",
}
_UNSUPPORTED: dict[str, str] = {
    "dry-run": "Every change is shown with the server's dry run before you confirm it; leave --dry-run out and cancel"
    " the preview.",
    "watch": "Watching is not offered yet; ask again to see the present state.",
    "watch-only": "Watching is not offered yet; ask again to see the present state.",
    "follow": "Following a log is not offered yet; leave -f out to see its last lines, and ask again.",
    "template": "Templates are not offered; use -o yaml or -o json.",
    "wait": "A change is shown when the cluster has accepted it; use rollout status to see how far it is.",
    "timeout": "Each request has its own deadline; leave --timeout out.",
    "request-timeout": "Each request has its own deadline; leave --request-timeout out.",
    "resource-version": "The object's version is read when you confirm; leave --resource-version out.",
}
_REFUSED_SHORT = {"s": "server", "v": "v", "k": "kustomize"}
# Letters of flags that are answered with a reason; a verb's own flags come first.
_FALLBACK_SHORT = {"w": "watch", "f": "filename"}


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag.

    Attributes:
        name: its long name.
        short: its letter, empty for none.
        switch: whether it stands alone, without a value.
    """

    name: str
    short: str = ""
    switch: bool = False


NAMESPACE = Flag("namespace", "n")
CONTEXT = Flag("context")
ALL_NAMESPACES = Flag("all-namespaces", "A", switch=True)
SELECTOR = Flag("selector", "l")
SORT_BY = Flag("sort-by")
COMMON = (NAMESPACE, CONTEXT)


@dataclass(slots=True)
class Words:
    """A line's words, sorted: positional ones, and flags by long name (a switch has the value "true" or "false")."""

    positional: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """A flag's value, empty when it was not given."""
        return self.flags.get(name, "")

    def on(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.flags.get(name) == "true"


def sort_words(verb: str, words: Iterable[str], flags: Sequence[Flag]) -> Words:
    """Tell flags from positional words, by the flags that this verb has.

    Args:
        verb: the verb with its subverb, for messages.
        words: what follows it.
        flags: those that this verb has.

    Raises:
        ForbiddenError: a flag that would change who acts, or on what connection.
        UnsupportedError: a flag that is known and not offered.
        InvalidInputError: an unknown flag, one without its value, or one that was given twice.
    """
    known = {flag.name: flag for flag in flags}
    letters = {flag.short: flag for flag in flags if flag.short}
    found = Words()
    rest = iter(words)
    for word in rest:
        if word == "--":
            raise UnsupportedError("Nothing is run inside a container here, so that nothing may follow --.")
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            flag = _known(verb, name, known)
            _set(found, flag, value if equals else _following(flag, f"--{name}", rest))
        elif word.startswith("-") and word != "-":
            _short(verb, word[1:], letters, rest, found)
        else:
            found.positional.append(word)
    return found


def refuse_before_verb(word: str) -> None:
    """Raise for a flag in front of the verb that is refused whatever the verb; nothing for any other."""
    if word.startswith("--"):
        _refuse(word[2:].partition("=")[0], word.partition("=")[0])
    else:
        _refuse(_REFUSED_SHORT.get(word[1:2], ""), word[:2])


def _short(verb: str, cluster: str, letters: Mapping[str, Flag], rest: Iterable[str], found: Words) -> None:
    """A group of short flags: `-A`, `-n shop`, `-nshop`, `-n=shop`."""
    while cluster:
        letter, cluster = cluster[0], cluster[1:]
        flag = letters.get(letter)
        if flag is None:
            name = "follow" if (verb, letter) == ("logs", "f") else _FALLBACK_SHORT.get(letter, "")
            _refuse(_REFUSED_SHORT.get(letter) or name, f"-{letter}")
            raise InvalidInputError(
                f"kubectl {verb} has no flag -{letter} here; it has {_listed(letters)}.", code="unknown_flag"
            )
        if flag.switch and not cluster.startswith("="):
            _set(found, flag, "true")
            continue
        value = cluster.removeprefix("=") if cluster else _following(flag, f"-{letter}", rest)
        _set(found, flag, value)
        return


def _listed(letters: Mapping[str, Flag]) -> str:
    return ", ".join(f"-{letter}" for letter in sorted(letters, key=str.lower)) or "none"


def _following(flag: Flag, written: str, rest: Iterable[str]) -> str:
    if flag.switch:
        return "true"
    for value in rest:
        if value.startswith("-") and not value[1:].isdigit():
            break
        return value
    raise InvalidInputError(f"{written} needs a value.", code="flag_without_value")


def _set(found: Words, flag: Flag, value: str) -> None:
    if flag.name in found.flags:
        raise InvalidInputError(f"--{flag.name} was given twice; give it once.", code="flag_given_twice")
    if flag.switch and value not in {"true", "false"}:
        raise InvalidInputError(f"--{flag.name} is either true or false.", code="invalid_flag")
    if not flag.switch and not value:
        raise InvalidInputError(f"--{flag.name} needs a value.", code="flag_without_value")
    found.flags[flag.name] = value


def _known(verb: str, name: str, known: Mapping[str, Flag]) -> Flag:
    flag = known.get(name)
    if flag is not None:
        return flag
    _refuse(name, f"--{name}")
    raise InvalidInputError(
        f"kubectl {verb} has no flag --{name[:60]} here.{did_you_mean(name[:60], known)}", code="unknown_flag"
    )


def _refuse(name: str, written: str) -> None:
    if name in _REFUSED:
        raise ForbiddenError(f"{written} cannot be used: {_REFUSED[name]}.", code="flag_refused")
    if name in _UNSUPPORTED:
        raise UnsupportedError(_UNSUPPORTED[name])
