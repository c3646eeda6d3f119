"""Scores the translator on the lists beside this file.

An entry has `id`, `kind`, `text`, `namespace`, perhaps `turns`, an `expect`ed answer and an `accept` list of equally
right ones. An answer holds the behaviour, and where they matter the commands, target or action; `run` without
commands means any read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.cli import batch
from app.nlp.translator.plan import Context, Plan, Turn
from app.nlp.translator.vocabulary import Vocabulary, compile_vocabulary
from tests.language.canonical import canonical, expanded

HERE = Path(__file__).parent
CLUSTER = "prod-eu"
READS = frozenset(
    {"get", "describe", "logs", "top", "events", "auth", "version", "config", "api-resources", "explain", "wait"}
)
READ_ROLLOUTS = frozenset({"status", "history"})


def demo_vocabulary() -> Vocabulary:
    """The compiled vocabulary of the clusters that the entries speak of."""
    return compile_vocabulary(**{key: value for key, value in sent_vocabulary().items() if key != "version"})


@cache
def sent_vocabulary() -> dict[str, Any]:
    """The same as it is sent over the wire."""
    return json.loads((HERE / "vocabulary.json").read_text())


def entries(kind: str) -> list[dict[str, Any]]:
    """The entries of one list."""
    return [json.loads(line) for line in (HERE / f"{kind}.jsonl").read_text().splitlines()]


def planned(entry: Mapping[str, Any], vocabulary: Vocabulary) -> Plan:
    """What `kubechat ask --batch` makes of an entry."""
    return batch.planned(entry["text"], context_of(entry), vocabulary)


def context_of(entry: Mapping[str, Any]) -> Context:
    """Where an entry's person stands."""
    turns = tuple(
        Turn(
            turn["command"],
            turn.get("state", "done"),
            tuple(turn.get("rows", ())),
            turn.get("row_count"),
            turn.get("before"),
            turn.get("cells", {}),
        )
        for turn in entry.get("turns", ())
    )
    return Context(CLUSTER, entry["namespace"], turns)


def is_right(entry: Mapping[str, Any], plan: Plan) -> bool:
    """Whether a plan is one of the right answers."""
    return any(_matches(answer, entry, plan) for answer in [entry["expect"], *entry.get("accept", ())])


def _matches(answer: Mapping[str, Any], entry: Mapping[str, Any], plan: Plan) -> bool:
    if answer["behaviour"] != plan.behaviour.value:
        return False
    space = entry["namespace"]
    if "commands" in answer and _canonical(answer["commands"], space) != _canonical(plan.commands, space):
        return False
    return answer.get("target", plan.target) == plan.target and answer.get("action", plan.action) == plan.action


def _canonical(lines: Iterable[str], namespace: str) -> list[Any]:
    """Equally right lines alike, a line for each cluster, in any order."""
    clusters = sent_vocabulary()["clusters"]
    return sorted(canonical(one, namespace) for line in lines for one in expanded(line, CLUSTER, clusters))


def is_read(line: str) -> bool:
    """Whether a kubectl line changes nothing."""
    _, verb, *rest = line.split()
    listed = verb == "set" and rest[0] == "env" and "--list" in rest
    return verb in READS or listed or (verb == "rollout" and rest[0] in READ_ROLLOUTS)


@cache
def answered(kind: str) -> list[tuple[dict[str, Any], Plan]]:
    """Every entry of a list with what the translator makes of it; made once for all that look at it."""
    vocabulary = demo_vocabulary()
    return [(entry, planned(entry, vocabulary)) for entry in entries(kind)]


def wrong(kind: str) -> Iterator[str]:
    """One line for each entry of a list that is not answered rightly."""
    for entry, plan in answered(kind):
        if not is_right(entry, plan):
            got = " ; ".join(plan.commands) or plan.action or plan.target or plan.say
            yield f"{entry['id']} {entry['text']!r}: {plan.behaviour.value} {got}"
