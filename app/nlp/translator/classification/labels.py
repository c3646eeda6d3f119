"""What kinds of requests there are, told by the commands that answer them.

A label says what is done and not to what: `scale up`, `logs`, `diagnose`. The same function labels the sentences that
the model is trained on and the plans that it is held against.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from app.nlp.translator.lexicon.kinds import KIND_WORDS
from app.nlp.translator.plan import Behaviour, Plan

LISTS: Final = "get"  # of a kind, or a named object
NOTHING: Final = "nothing"  # is asked for
UNCLEAR: Final = "unclear"  # is what is asked for
REFUSED: Final = "refused"
NO_REQUEST: Final = frozenset({NOTHING, UNCLEAR, REFUSED})
_TWO_WORDS: Final = frozenset({"rollout", "config", "auth", "create"})
_MARKED: Final = frozenset({"label", "annotate", "taint"})
_OFF: Final = re.compile(r"[\w./:=-]+-")
_NOTHING: Final = {Behaviour.ANSWER: NOTHING, Behaviour.CLARIFY: UNCLEAR, Behaviour.REFUSE: REFUSED}


_LOOKS: Final = (
    "get",
    "logs",
    "events",
    "top ",
    "describe",
    "diagnose",
    "auth ",
    "env list",
    "config ",
    "version",
    "wait",
)
_LOOKS_TOO: Final = frozenset({"rollout status", "rollout history", "api-resources", "explain", *NO_REQUEST})


def changes_something(label: str) -> bool:
    """Whether what a label says changes anything in a cluster."""
    return not label.startswith((*_LOOKS, "question ", "session ")) and label not in _LOOKS_TOO


def label_of(plan: Plan, numbers: Collection[str] = (), replicas: Mapping[str, int] | None = None) -> str | None:
    """The label of a plan; None where its commands have several.

    Args:
        plan: of a text.
        numbers: the numbers that the text holds, in digits: of a count that is none of them, it tells how many more.
        replicas: how many there are of each workload now.
    """
    if plan.question is not None:
        return f"question {plan.question.topic}"
    if plan.behaviour in _NOTHING:
        return _NOTHING[plan.behaviour]
    if plan.behaviour is Behaviour.DIAGNOSE:
        return "diagnose"
    if plan.behaviour is Behaviour.SESSION:
        return " ".join(["session", *plan.action.split()[:2]])
    return label_of_commands(plan.commands, numbers, replicas or {})


def label_of_commands(commands: Iterable[str], numbers: Collection[str], replicas: Mapping[str, int]) -> str | None:
    """The label that some kubectl lines have in common; None where they have several."""
    found = {_label(line.split()[1:], numbers, replicas) for line in commands}
    return found.pop() if len(found) == 1 else None


def _label(words: list[str], numbers: Collection[str], replicas: Mapping[str, int]) -> str:
    verb = words[0]
    if verb in _TWO_WORDS:
        return f"{verb} {words[1]}"
    if verb == "top":
        return f"top {_plural(words[1])}"
    if verb == "get":
        return "events" if _plural(words[1]) == "events" else "get"
    if verb == "set":
        if words[1] != "env":
            return f"set {words[1]}"
        return "env list" if "--list" in words else "env unset" if any(map(_OFF.fullmatch, words[3:])) else "env set"
    if verb in _MARKED:
        return f"{verb} off" if any(map(_OFF.fullmatch, words[2:])) else verb
    if verb == "patch":
        return "resume" if "false" in " ".join(words) else "suspend"
    return _scaled(words, numbers, replicas) if verb == "scale" else verb


def _scaled(words: list[str], numbers: Collection[str], replicas: Mapping[str, int]) -> str:
    count = next((word.partition("=")[2] for word in words if word.startswith("--replicas=")), "")
    if count == "0":
        return "scale zero"
    if not count.isdigit() or count in numbers:
        return "scale to"
    target = words[1].partition("/")[2] or words[2]
    return "scale up" if int(count) > replicas.get(target, 1) else "scale down"


def _plural(word: str) -> str:
    if word.startswith(("event", "ev")):
        return "events"
    kind = KIND_WORDS.get((word.partition("/")[0],))
    return word if kind is None else kind.plural
