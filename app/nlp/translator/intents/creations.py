"""Which new object a clause wants: its kind, the name that nothing has yet, and what goes into it.

Like `changes`, it names a plain request for the rules to read. What has no new name is left to them, who ask for one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.lexicon.english import ORDINARY
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.vocabulary import is_valid_name

_KINDS: Final = {
    "configmaps": "configmap",
    "namespaces": "namespace",
    "serviceaccounts": "service account",
    "jobs": "job",
    "deployments": "deployment",
    "pods": "pod",
}
_ASKED: Final = re.compile(
    r"\b(?:create|make|add|new|set up|spin up|start|launch|run|need|needs|needed|want|wanted|wants|would like|required|have|give|get|open|provision|called|named|by the name of|name it|call it|please|pls|put|throwaway|separate|extra|another|depend on)\b"
)
_OTHERWISE: Final = re.compile(
    r"\b(?:show|list|describe|delete|remove|logs?|which|what|how|restart|scale|label\w*|annotat\w+|expose|events?|status|edit|why|count|admin|cluster-admin|roles?|rolebindings|rights|permissions?|allowed|bind|grant)\b"
)
_CALLED: Final = ("called", "named", "name", "call", "jobname")
_IN_IT: Final = re.compile(
    r"(?:\bkey |\bvariable |\bwith |\bholding |\bcontaining |\bsaying |\band )(?P<key><key>|[\w.-]+) (?:set to|=|is|to|being|as) "
)
_NO_NAMES: Final = frozenset(
    {
        "it",
        "the",
        "a",
        "an",
        "that",
        "this",
        "one",
        "new",
        "please",
        "pls",
        "job",
        "with",
        "in",
        "for",
        "and",
        "of",
        "name",
        "named",
        "called",
        "to",
        "from",
        "by",
        "hand",
        "now",
        "once",
        "run",
        "whose",
        "value",
        "key",
    }
)
_OF_ANOTHER: Final = frozenset({"whose", "key", "value"})  # what is called so is no object
_NOT_IMAGES: Final = frozenset(
    {
        "image",
        "the",
        "a",
        "an",
        "one",
        "replica",
        "replicas",
        "name",
        "named",
        "called",
        "port",
        "it",
        "its",
        "my",
        "our",
        "copies",
        "copy",
    }
)


def creation(clause: Clause, *, surely: bool = False) -> str | None:
    """The request for a new object, else None.

    Args:
        clause: what was said.
        surely: whether it is known that one is wanted.
    """
    text = clause.text
    kinds = [word.token for word in clause.words if word.token in _KINDS]
    runs = any(word.token == "<cronjob>" for word in clause.words)
    told = kinds[:1] == [clause.words[0].token] and any(word.token == "<setting>" for word in clause.words)
    asks = told or surely or _ASKED.search(text) is not None
    if not asks or (not surely and _OTHERWISE.search(text)) or not (kinds or runs):
        return None
    if runs:
        return _run_of(clause)
    kind = kinds[0]
    name = _new_name(clause, kind)
    if name is None or any(word.token in {"<workload>", "<pod>", "<node>", "<job>"} for word in clause.words):
        return None
    said = f"create {_KINDS[kind]} {name}"
    if kind == "configmaps":
        pairs = _pairs(clause, name)
        return said + (f" with {' and '.join(pairs)}" if pairs else "")
    if kind in {"deployments", "pods"}:
        image = _image(clause.words, name)
        if image is None:
            return None
        copies = [word.value for word in clause.words if word.token == "<number>"]
        some = f" and {copies[0]} replicas" if kind == "deployments" and len(copies) == 1 else ""
        return f"{said} with image {image}{some}"
    return said if not any(word.token in {"<setting>", "<image>"} for word in clause.words) else None


def _run_of(clause: Clause) -> str | None:
    """A job of a cronjob, under a name of its own."""
    cronjobs = {word.value for word in clause.words if word.token == "<cronjob>"}
    name = _new_name(clause, "jobs")
    if len(cronjobs) != 1 or name is None:
        return None
    return f"create job {name} from {cronjobs.pop()}"


def _new_name(clause: Clause, kind: str) -> str | None:
    """The name that is said to be one, or a word beside the kind that can be nothing else."""
    words = clause.words
    for at, word in enumerate(words[:-1]):
        if word.token in _CALLED or (word.token == "of" and at > 1 and words[at - 1].token == "name"):
            for other in words[at + 1 : at + 4]:
                if _is_new(other):
                    return other.value.lower()
                if (other.token not in _NO_NAMES or other.token in _OF_ANOTHER) and other.token not in _KINDS:
                    break
    for at, word in enumerate(words):
        if word.token == kind or (kind == "jobs" and word.token == "as"):
            for other in (*words[at + 1 : at + 2], *reversed(words[max(at - 1, 0) : at])):
                if (
                    _is_new(other)
                    and other.token not in ORDINARY
                    and other.tag.part in {Part.UNKNOWN, Part.MISSING, Part.GREETING}
                ):
                    return other.value.lower()
    return None


def _is_new(word: Word) -> bool:
    return (
        not word.token.startswith("<")
        and word.token not in _NO_NAMES
        and word.token not in _KINDS
        and is_valid_name(word.value.lower())
    )


def _pairs(clause: Clause, name: str) -> list[str]:
    found = [word.value for word in clause.words if word.token == "<setting>"]
    if found:
        return found
    words = clause.words
    for at, word in enumerate(words):
        key = word.value
        if at == 0 or word.value.lower() == name or not re.fullmatch(r"[A-Za-z][\w.-]*", key):
            continue
        is_key = words[at - 1].token in {"key", "variable", "entry", "setting"} or word.token == "<key>"
        if is_key:
            value = next(
                (
                    other.value
                    for other in words[at + 1 :]
                    if other.token not in {"set", "to", "=", "is", "has", "with", "the", "value", "being", "as", "of"}
                ),
                None,
            )
            return [f"{key}={value}"] if value and re.fullmatch(r"[\w.:/-]+", value) else []
    return []


def _image(words: Sequence[Word], name: str) -> str | None:
    """An image by its tag, or a word that is said to be one."""
    given = next((word.value for word in words if word.token == "<image>"), None)
    if given is not None:
        return given
    for before, word in pairwise(words):
        if before.token in {"image", "with", "of", "running", "using", "from", "is"} and word.value.lower() != name:
            plain = word.value.lower()
            if (
                word.token not in _NOT_IMAGES
                and not word.token.startswith("<")
                and re.fullmatch(r"[a-z][\w./-]*", plain)
            ):
                return plain if word.tag.part in {Part.UNKNOWN, Part.MISSING} else None
    return None


_GONE: Final = re.compile(
    r"\b(?:delete|remove|drop|destroy|scrap|bin|ditch|nuke|axe|trash|kill|wipe|purge|retire|get rid of|chuck|throw|toss|clear|tear)"
    r"(?: (?:out|away|down|up))? (?:(?:the|our|that|this|whole|entire|complete|old) )*<namespace>"
    r"(?= (?:out|away|down|up|please|pls|now|for good|completely|entirely|altogether)\b|$)"
)


def namespace_gone(clause: Clause) -> str | None:
    """The request that deletes a namespace as a whole, where nothing in it is named.

    Args:
        clause: what was said.
    """
    spaces = clause.of("<namespace>")
    found = _GONE.search(clause.text)
    return (
        f"delete namespace {spaces[0].value}"
        if found is not None and len(spaces) == 1 and spaces[0].tag.named
        else None
    )
