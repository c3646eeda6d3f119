"""Keys with their values in a clause, put into plain requests: variables, labels, annotations, taints."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.intents.words import EMPTY, NAMED, REMOVED
from app.nlp.translator.lexicon.kinds import KINDS

_NO_KEYS = frozenset(
    {
        "CPU",
        "RAM",
        "DNS",
        "HTTP",
        "HTTPS",
        "API",
        "US",
        "EU",
        "OOM",
        "PVC",
        "HPA",
        "ASAP",
        "QA",
        "NOT",
        "NOW",
        "OK",
        "SSD",
        "GPU",
        "URL",
        "VIP",
        "PLEASE",
        "PLS",
        "ALL",
        "THE",
        "AND",
    }
)
_CALLED = frozenset({"called", "variable", "var", "named", "setting"})


_SWITCHED = frozenset({"on", "off", "no", "yes"})
_BETWEEN = frozenset(
    {
        "env",
        "environment",
        "variable",
        "variables",
        "var",
        "vars",
        "called",
        "named",
        "setting",
        "instead",
        "to",
        "=",
        "be",
        "as",
        "at",
        "is",
        "value",
        "of",
        "the",
        "set",
        "set_to",
        "equal",
        "equals",
        "on",
        "with",
        "should",
        "say",
        "it",
        "and",
    }
)


def _is_key(word: Word) -> bool:
    if word.token == "<key>":
        return True
    plain = word.value
    return (
        not word.token.startswith("<")
        and plain.isupper()
        and plain.isalpha()
        and len(plain) > 2
        and plain not in _NO_KEYS
    )


def variable_of(clause: Clause, found: re.Match[str], name: str) -> str | None:
    """The request that sets a variable of a workload, or takes it away."""
    settings = [word for word in clause.of("<setting>") if ":No" not in word.value]
    keys = [at for at, word in enumerate(clause.words) if _is_key(word)]
    text = clause.text
    if settings and ("env" in text or "variable" in text or settings[0].value.partition("=")[0].isupper()):
        return f"set env {' and '.join(word.value for word in settings)} on {name}"
    if not keys:
        return None
    called = next((at for at in keys if clause.words[at - 1].token in _CALLED and at), keys[0])
    key = clause.words[called]
    if re.search(REMOVED, text):
        return f"remove env {key.value} from {name}"
    others = [clause.words[at] for at in keys if at != called]
    behind = clause.words[called + 1 :]
    switch = next((word for at, word in enumerate(behind) if _is_switched_to(behind, at)), None)
    if switch is not None and not others:
        return f"set env {key.value}={switch.value} on {name}"
    for word in (*others, *behind):
        if word.token in NAMED or word.token in _BETWEEN or (word.token in EMPTY and word.token not in _SWITCHED):
            continue
        return f"set env {key.value}={word.value} on {name}"
    return None


def _is_switched_to(words: Sequence[Word], at: int) -> bool:
    """Whether a word is the "on" of "FLAG to on" and none that says of what it is."""
    return words[at].token in _SWITCHED and at > 0 and words[at - 1].token in {"to", "=", "set_to"}


def unset(clause: Clause, found: re.Match[str], name: str) -> str | None:
    """The request that takes a variable of a workload away, whatever word says so."""
    keys = [word for word in clause.words if _is_key(word)]
    return f"remove env {' and '.join(word.value for word in keys)} from {name}" if keys else None


def unmarked(noun: str) -> Callable[[Clause, re.Match[str], str], str | None]:
    """Makes the request that takes a label, an annotation or a taint away, whatever word says so."""

    def plain(clause: Clause, found: re.Match[str], name: str) -> str | None:
        keys = [word.value.partition("=")[0] for word in (*clause.of("<setting>"), *clause.of("<key>"))]
        key = keys[0] if len(set(keys)) == 1 else _beside(clause, noun) or _beside(clause, "key")
        return f"remove {noun} {key} from {kind_of_name(clause)}{name}" if key else None

    return plain


def marked(verb: str, noun: str) -> Callable[[Clause, re.Match[str], str], str | None]:
    """Makes the request that sets a label, an annotation or a taint, or takes it away."""

    def plain(clause: Clause, found: re.Match[str], name: str) -> str | None:
        settings = clause.of("<setting>")
        if settings and verb != "taint":
            of_pods = any(word.token == "pods" for word in clause.words) and bool(clause.of("<workload>"))
            what = f"the {name} pods" if of_pods else f"{kind_of_name(clause)}{name}"
            return f"{verb} {what} {' and '.join(word.value for word in settings)}"
        if settings:
            effect = next((word.value for word in clause.words if word.token in _EFFECTS), "")
            effect = effect or "NoSchedule"  # what most taints are for; the preview shows it
            whole = settings[0].value if ":" in settings[0].value else f"{settings[0].value}:{effect}"
            return f"taint {name} {whole}"
        pair = _pair(clause, noun)
        if pair and not re.search(REMOVED, clause.text):
            return f"{verb} {kind_of_name(clause)}{name} {pair}"
        if re.search(REMOVED, clause.text):
            key = _beside(clause, noun)
            return f"remove {noun} {key} from {kind_of_name(clause)}{name}" if key else None
        return None

    return plain


_EFFECTS = frozenset({"noschedule", "noexecute", "prefernoschedule"})
_VALUED = frozenset(
    {
        "missing",
        "needed",
        "wanted",
        "lacking",
        "absent",
        "read",
        "should",
        "must",
        "value",
        "to",
        "=",
        "saying",
        "as",
        "is",
        "being",
        "of",
        "says",
        "say",
    }
)


def _pair(clause: Clause, noun: str) -> str | None:
    """A key and its value that are said as words: "an annotation owner with the value storefront"."""
    words = clause.words
    told = {word.token: other.value for word, other in pairwise(words) if word.token in {"key", "value"}}
    if len(told) == 2 and all(_PLAIN_WORD.fullmatch(value) for value in told.values()):
        return f"{told['key']}={told['value']}"
    said = [at for at, word in enumerate(words) if word.token.rstrip("s") in {noun, f"{noun}led", "tag", "tagged"}]
    if not said:
        return None
    behind = [word for word in words[said[0] + 1 :] if not word.token.startswith("<") and word.token not in KINDS]
    plain = [word for word in behind if word.token not in EMPTY and word.token not in _VALUED and word.token != "with"]
    if len(plain) == 2 and all(_PLAIN_WORD.fullmatch(word.value) for word in plain):
        return f"{plain[0].value}={plain[1].value}"
    return None


_PLAIN_WORD = re.compile(r"[A-Za-z0-9][\w./-]*")


_OF_PEOPLE = frozenset({"team", "owner", "user", "group", "people"})  # who has it, and what it is marked with


def _beside(clause: Clause, noun: str) -> str:
    """The word before a noun, or the one behind it: "the gpu taint", "the label tier"."""
    for at, word in enumerate(clause.words):
        if word.token.rstrip("s") == noun:
            for other in (*clause.words[at - 1 : at], *clause.words[at + 1 : at + 2]):
                if not other.token.startswith("<") and (other.token not in EMPTY or other.token in _OF_PEOPLE):
                    return other.value
            called = next(
                (at_too for at_too, other in enumerate(clause.words[at:], at) if other.token in {"called", "named"}),
                None,
            )
            if called is not None and called + 1 < len(clause.words):
                return clause.words[called + 1].value
    return ""


def kind_of_name(clause: Clause) -> str:
    """The kind that is said right behind or before a name: "the web deployment"."""
    words = clause.words
    for at, word in enumerate(words):
        if word.token in NAMED:
            for other in (*words[at + 1 : at + 2], *words[max(at - 1, 0) : at]):
                kind = KINDS.get(other.token)
                if kind is not None and kind.plural in word.kinds:
                    return f"{kind.singular} "
    return ""
