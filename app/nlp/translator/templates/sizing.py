"""Several requests and limits in one sentence: "set cart's memory request to 256Mi and its memory limit to 512Mi"."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Sequence

from app.nlp.translator.changes import finish
from app.nlp.translator.frame import Frame
from app.nlp.translator.kubectl import line, words_of
from app.nlp.translator.lexicon.kinds import WORKLOADS
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.plan import Plan
from app.nlp.translator.targets import find_targets

_AMOUNT = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>m|[KMGT]i?B?)?", re.IGNORECASE)
_WHICH = {"request": "requests", "requests": "requests", "limit": "limits", "limits": "limits", "limited": "limits"}
_METRICS = {
    "cpu": "cpu",
    "cpus": "cpu",
    "core": "cpu",
    "cores": "cpu",
    "memory": "memory",
    "mem": "memory",
    "ram": "memory",
}
_BINARY = {"k": "Ki", "m": "Mi", "g": "Gi", "t": "Ti"}
_SAYS_NOTHING = frozenset(
    re.findall(
        r"\S+",
        """
        a an the its their it is of for to and with at be on as up down both each please set give raise bump increase
        lower reduce decrease change cut make put adjust grant allow should must needs need has have get gets got run
        runs ought resource resources per pod container deployment statefulset daemonset workload , . ; & plus also then
        want wants i we would like let us can could you
        """,
    )
)


def several(frame: Frame) -> Plan | None:
    """The plan for a sentence that says two or more amounts, each of them a request or a limit; None for any other."""
    if len(frame.names) != 1 or frame.has(Part.REPORT) or frame.has(Part.NEGATION) or frame.has(Part.QUOTATION):
        return None
    amounts = _amounts(frame)
    if amounts is None or sum(map(len, amounts.values())) < 2:
        return None
    targets = find_targets(frame, WORKLOADS)
    if isinstance(targets, Plan):
        return targets
    flags = [
        f"--{which}={','.join(f'{metric}={value}' for metric, value in sorted(amounts[which].items()))}"
        for which in ("requests", "limits")
        if amounts[which]
    ]
    return finish(frame, targets, tuple(line(["set", "resources", t.path, *flags], t.scope) for t in targets))


def _amounts(frame: Frame) -> dict[str, dict[str, str]] | None:
    """Values by metric of requests and limits; None where something else is said, or it is not said of which."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    loose: list[tuple[str, str]] = []  # said before their word: "250m cpu and 256Mi memory requests"
    which = metric = ""
    words = [word for tag in frame.tags if tag.part is not Part.NAME for word in _words_of(tag.words)]
    for at, word in enumerate(words):
        low = word.lower()
        if low in _WHICH:
            which = _WHICH[low]
            found[which].update(loose)
            if loose:
                which = ""  # it stands behind its amounts, and those that follow have their own word
            loose.clear()
        elif low in _METRICS:
            metric = _METRICS[low]
        elif (amount := _AMOUNT.fullmatch(word)) is not None:
            behind = next((_METRICS[each.lower()] for each in words[at + 1 : at + 3] if each.lower() in _METRICS), "")
            value = _value(amount, behind or metric)
            if value is None:
                return None
            if which:
                found[which][value[0]] = value[1]
            else:
                loose.append(value)
        elif low not in _SAYS_NOTHING:
            return None
    return None if loose or not found else found


def _words_of(words: str) -> list[str]:
    return [word for word in re.split(r"\s+|(?<=\d)/(?=\d)|^[,;]$", words) if word]


def _value(amount: re.Match[str], metric: str) -> tuple[str, str] | None:
    """A metric with its value as kubectl takes it; by its unit, else by the word beside it."""
    unit = amount["unit"] or ""
    if unit == "m" or (not unit and metric == "cpu"):
        return "cpu", f"{amount['number']}{unit}"
    if unit:
        return "memory", f"{amount['number']}{_BINARY[unit[0].lower()]}"
    return None


def with_resources_together(commands: Iterable[str]) -> tuple[str, ...]:
    """Commands in which requests and limits of the same object are set at once, as one rollout.

    Args:
        commands: complete lines, in order.
    """
    found: list[list[str]] = []
    for command in commands:
        words = words_of(command)
        last = found[-1] if found else []
        plain, flags = _apart(words)
        if words[1:3] == ["set", "resources"] and last and _apart(last)[0] == plain:
            last[4 + len(_apart(last)[1]) : 4 + len(_apart(last)[1])] = [flag for flag in flags if flag not in last]
        else:
            found.append(words)
    return tuple(shlex.join(words) for words in found)


def _apart(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """A line's words without the resources that it sets, and these."""
    flags = [word for word in words if word.startswith(("--requests=", "--limits="))]
    return [word for word in words if word not in flags], flags
