"""The last command for another object, in another place, for one object less, or something milder in its stead."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from app.nlp.translator.conversation import behaviour_of
from app.nlp.translator.followups.about import ASKS, CORRECTS, SAME, Said, plan_of, plan_of_spoken, with_flag, written
from app.nlp.translator.followups.deciding import DENIES
from app.nlp.translator.intents.words import NAMED
from app.nlp.translator.kubectl import Scope, Spoken, read_line
from app.nlp.translator.lexicon.kinds import KINDS, WORKLOADS
from app.nlp.translator.plan import Plan

_RETURNS: Final = re.compile(r"\b(?:undo|revert|restore|back(?! (?:in|to|on) )|set (?:it|that) back)\b")


def elsewhere(said: Said) -> Plan | None:
    """The same in another namespace or on another cluster."""
    if said.new("<number>", "<image>", *NAMED) or DENIES.match(said.text):
        return None
    if (said.pending and ASKS.match(said.text)) or (not said.pending and _RETURNS.search(said.text)):
        return None
    clusters = [word.value for word in said.all if word.token == "<cluster>"]
    spaces = [word.value for word in said.all if word.token == "<namespace>"]
    words = list(said.words)
    here = said.spoken.scope.cluster or said.context.cluster
    others = [cluster for cluster in clusters if cluster != here] or ([] if said.pending else clusters)
    if said.says(r"\bother (?:two |<number> )?(?:clusters?|ones)\b"):
        others = [cluster for cluster in said.vocabulary.clusters if cluster != here]
    if not others and not (spaces and "-n" in words):
        return None
    if spaces:
        space = next((one for one in spaces if one != said.spoken.scope.namespace), None)
        if space is None and not others:
            return None
        if space is not None and "-n" in words:
            words[words.index("-n") + 1] = space
    if not others:
        return plan_of(said, words)
    lines = []
    for cluster in others:
        bare = list(words)
        if "--context" in bare:
            at = bare.index("--context")
            del bare[at : at + 2]
        bare = [word for word in bare if not word.startswith("--context=")]
        lines.append(written(bare if cluster == said.context.cluster else [*bare, "--context", cluster]))
    read = read_line(lines[0])
    if read is None:
        return None
    return Plan(behaviour_of(read), tuple(lines), confidence=0.82)


def for_another(said: Said) -> Plan | None:
    """The same for another object: a correction of what waits, or the same again."""
    new = [
        word
        for word in said.all
        if word.token in NAMED and word.value not in said.spoken.names and f"app={word.value}" not in said.words
    ]
    if len({word.value for word in new}) != 1 or said.spoken.kind is None:
        return None
    wanted = CORRECTS.search(said.text) if said.pending else SAME.search(said.text)
    if wanted is None and not (said.pending and len(said.all) <= 3):
        return None
    if said.new("<image>", "<namespace>", "<cluster>"):
        return None
    word = new[0]
    kinds = [said.spoken.kind.plural, *(WORKLOADS if said.spoken.kind.plural in WORKLOADS else ())]
    kind = next((one for one in kinds if one in word.kinds), None)
    if kind is None or len(said.spoken.names) != 1:
        return None
    old = said.spoken.names[0]
    entry = next((e for e in said.vocabulary.names.get(word.value, ()) if e.kind == kind), None)
    if entry is None:
        return None
    words = [_renamed(part, old, word.value) for part in said.words]
    words = [KINDS[kind].singular if part == said.spoken.kind.singular else part for part in words]
    words = [
        f"{KINDS[kind].singular}/{part.partition('/')[2]}"
        if part == f"{said.spoken.kind.singular}/{word.value}"
        else part
        for part in words
    ]
    if "-n" in words and entry.namespace:
        words[words.index("-n") + 1] = entry.namespace
    numbers = said.new("<number>")
    if said.spoken.verb == "scale" and len(numbers) == 1:
        words = with_flag(words, "--replicas", numbers[0])
    elif numbers:
        return None
    return plan_of(said, words)


def _renamed(part: str, old: str, new: str) -> str:
    if part == old:
        return new
    if part.endswith(f"/{old}"):
        return f"{part.removesuffix(old)}{new}"
    return f"{new}={part.removeprefix(f'{old}=')}" if part.startswith(f"{old}=") else part


def something_milder(said: Said) -> Plan | None:
    """Something milder in the place of what waits: a cordon and no drain, a pause and no rollback."""
    if not said.pending or said.new("<number>", *NAMED):
        return None
    scope = Scope("" if said.spoken.kind is KINDS["nodes"] else said.spoken.scope.namespace, said.spoken.scope.cluster)
    if said.spoken.verb == "drain" and said.says(r"\bcordon\b"):
        return plan_of_spoken(Spoken("cordon", KINDS["nodes"], said.spoken.names, scope))
    if said.spoken.verb.startswith("rollout") and said.spoken.kind is not None:
        for word, verb in (("pause", "rollout pause"), ("resume", "rollout resume"), ("restart", "rollout restart")):
            if said.says(rf"\b{word}\b") and said.spoken.verb != verb:
                return plan_of_spoken(Spoken(verb, said.spoken.kind, said.spoken.names, scope))
    if said.spoken.verb == "delete" and said.spoken.kind is not None and said.spoken.kind.plural in WORKLOADS:
        if said.says(r"\b(?:scale|down to zero|to zero|to 0)\b|\bto <number>"):
            return plan_of_spoken(Spoken("scale", said.spoken.kind, said.spoken.names, scope, (("--replicas", "0"),)))
        if said.says(r"\brestart\b"):
            return plan_of_spoken(Spoken("rollout restart", said.spoken.kind, said.spoken.names, scope))
    return None


def one_less(said: Said) -> Plan | None:
    """What waits for several objects, without one of them."""
    leaves = [word.value for word in said.all if word.token in NAMED and word.value in said.spoken.names]
    if not said.pending or len(said.spoken.names) < 2 or len(leaves) != 1:
        return None
    rest = tuple(name for name in said.spoken.names if name != leaves[0])
    if said.says(r"\b(?:without|not|except|leave|skip|but)\b"):
        return plan_of_spoken(replace(said.spoken, names=rest))
    if said.says(r"\b(?:only|just)\b"):
        return plan_of_spoken(replace(said.spoken, names=(leaves[0],)))
    return None
