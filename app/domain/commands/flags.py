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
    "filename": "there are no files here, and addresses are not fetched; write -f - and paste the manifest below",
    "kustomize": "there are no files here, and addresses are not fetched",
    "raw": "requests are made from commands, never given",
    "v": "a trace of the requests would show credentials",
    "vmodule": "a trace of the requests would show credentials",
}
_UNSUPPORTED: dict[str, str] = {
    "output": "Only get prints in other forms; look at the object with get -o yaml.",
    "all-namespaces": "Not in all namespaces at once; name one with -n.",
    "force": "Nothing is deleted and made again by itself; use delete, and then create.",
    "privileged": "A privileged container owns its node; apply a manifest where that is really meant.",
    "from-file": "There are no files here; give the values with --from-literal=KEY=VALUE, or apply a manifest.",
    "from-env-file": "There are no files here; give the values with --from-literal=KEY=VALUE, or apply a manifest.",
    "patch-file": "There are no files here; give the patch with -p.",
    "from": "Values are not copied out of other objects; name each one as KEY=VALUE.",
    "record": "Who changed what, when and by which command is in the audit log; leave --record out.",
    "save-config": "Manifests are applied by the server, which knows itself what was applied; leave --save-config out.",
    "prune": "Nothing is deleted because it is missing in a manifest; delete by name what has to go.",
    "prune-allowlist": "Nothing is deleted because it is missing in a manifest; delete by name what has to go.",
    "applyset": "Nothing is deleted because it is missing in a manifest; delete by name what has to go.",
    "field-manager": "A change bears the name of its intent; leave --field-manager out.",
    "validate": "Every manifest is checked strictly; leave --validate out.",
    "recursive": "There are no files here; write -f - and paste the manifest below.",
    "edit": "An editor cannot be opened in a chat; apply the changed manifest.",
    "interactive": "A change is confirmed at its preview, always; leave -i out.",
    "overrides": "An object is made of the flags alone; apply a manifest for what they cannot say.",
    "local": "Every change is tried by the cluster itself; leave --local out.",
    "attach": "A running process cannot be attached to from a chat; see what it prints with logs.",
    "rm": "A pod is deleted by delete, with its own confirmation; leave --rm out.",
    "stdin": "A running process cannot be attached to from a chat; see what it prints with logs.",
    "tty": "A running process cannot be attached to from a chat; see what it prints with logs.",
    "dry-run": "Every change is shown with the server's dry run before you confirm it; leave --dry-run out and cancel"
    " the preview.",
    "template": "Templates are not offered; use -o yaml or -o json.",
    "wait": "A change is shown when the cluster has accepted it; use rollout status to see how far it is.",
    "timeout": "Each request has its own deadline; leave --timeout out.",
    "request-timeout": "Each request has its own deadline; leave --request-timeout out.",
    "resource-version": "The object's version is read when you confirm; leave --resource-version out.",
}
_TRUTHS = {word: truth for truth in ("true", "false") for word in (truth[0], truth[0].upper(), truth.upper())} | {
    "1": "true", "True": "true", "0": "false", "False": "false",
}  # fmt: skip
_REFUSED_SHORT = {"s": "server", "v": "v", "k": "kustomize"}
# Letters of flags that are answered with a reason; a verb's own flags come first.
_FALLBACK_SHORT = {
    "w": "watch",
    "f": "filename",
    "R": "recursive",
    "o": "output",
    "A": "all-namespaces",
    "i": "interactive",
    "t": "tty",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag.

    Attributes:
        name: its long name.
        short: its letter, empty for none.
        switch: whether it stands alone, without a value.
        many: whether it may be given more than once.
        bare: its value where it is given without one; None for a flag that needs its value.
    """

    name: str
    short: str = ""
    switch: bool = False
    many: bool = False
    bare: str | None = None


TRAILING = Flag("--")
"""Stands in the list of a verb after whose `--` the words of a program may follow."""
MANIFEST = Flag("filename", "f")
"""Stands in the list of a verb that takes a manifest: `-f -`, and nothing else."""
NAMESPACE = Flag("namespace", "n")
CONTEXT = Flag("context")
ALL_NAMESPACES = Flag("all-namespaces", "A", switch=True)
SELECTOR = Flag("selector", "l")
ALL = Flag("all", switch=True)
SORT_BY = Flag("sort-by")
ALL_CLUSTERS = Flag("all-clusters", switch=True)
"""Of this project, not of kubectl: the command runs on every cluster. `--context a,b` names some."""
COMMON = (NAMESPACE, CONTEXT, ALL_CLUSTERS)


@dataclass(slots=True)
class Words:
    """A line's words, sorted.

    Attributes:
        positional: those that belong to no flag.
        flags: values by the flag's long name; a switch has "true" or "false", one that was given often its last.
        many: all values of the flags that may be given often.
        trailing: what follows `--`.
        document: the manifest below the line, empty for none.
    """

    positional: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)
    trailing: list[str] = field(default_factory=list)
    document: str = ""

    def value(self, name: str) -> str:
        """A flag's value, empty when it was not given."""
        return self.flags.get(name, "")

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a flag that may be given often."""
        return tuple(self.many.get(name, ()))

    def on(self, name: str, *, default: bool = False) -> bool:
        """Whether a switch is on."""
        return self.flags.get(name, "true" if default else "false") == "true"


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
            if TRAILING not in flags:
                raise UnsupportedError("Nothing is run inside a container here, so that nothing may follow --.")
            found.trailing = list(rest)
            break
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
            name = _FALLBACK_SHORT.get(letter, "")
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
    if flag.bare is not None:
        return flag.bare
    for value in rest:
        if value.startswith("-") and value != "-" and not value[1:].isdigit():
            break
        return value
    raise InvalidInputError(f"{written} needs a value.", code="flag_without_value")


def _set(found: Words, flag: Flag, value: str) -> None:
    if flag.name in found.flags and not flag.many:
        raise InvalidInputError(f"--{flag.name} was given twice; give it once.", code="flag_given_twice")
    if flag.switch:
        value = _TRUTHS.get(value, value)
        if value not in {"true", "false"}:
            raise InvalidInputError(f"--{flag.name} is either true or false.", code="invalid_flag")
    if flag.name == "filename" and value != "-":
        # Never a path, never an address: neither is read here, and neither is passed on.
        _refuse("filename", "-f")
    if not flag.switch and not value:
        raise InvalidInputError(f"--{flag.name} needs a value.", code="flag_without_value")
    found.flags[flag.name] = value
    if flag.many:
        found.many.setdefault(flag.name, []).append(value)


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
