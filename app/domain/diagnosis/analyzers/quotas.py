"""What a namespace's quota refuses: who was refused, what was asked, what is used, and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.diagnosis.capacity import written
from app.domain.diagnosis.findings import DOWN, NOTE, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, patched
from app.domain.diagnosis.shapes import Obj, amount, condition, labels, mapping, name_of, namespace_of, text
from app.domain.diagnosis.snapshot import Snapshot

_EXCEEDED = re.compile(r"exceeded quota: ([^\s,]{1,253})")
_PART = re.compile(r"(requested|used|limited): ((?:[\w./-]{1,99}=[\w.]{1,30},?)+)")
_UNSET = re.compile(r"failed quota: ([^\s:]{1,253}): must specify ([^;]{1,200})")
FULL = 1.0


def look(snapshot: Snapshot, workload: Obj) -> Iterator[Finding]:
    """What a ReplicaSet, a stateful set, a daemon set or a job could not make because of a quota."""
    about = Ref(text(workload, "kind"), name_of(workload), namespace_of(workload))
    root = snapshot.root(workload, about.kind)
    for message, source in _messages(snapshot, workload, about):
        unset = _UNSET.search(message)
        if unset is not None:
            yield Finding(
                "quota_unset",
                about,
                root,
                f"The quota {unset[1]} of {about.namespace} refuses the pods of {root.path}: they have to say"
                f" {unset[2].strip()}.",
                DOWN,
                (Evidence(message, source),),
                advice="Set what it names in the pod's template, or give the namespace a LimitRange with defaults.",
                look=(described(Ref("ResourceQuota", unset[1], about.namespace)),),
            )
            return
        exceeded = _EXCEEDED.search(message)
        if exceeded is not None:
            yield _exceeded(snapshot, about, root, exceeded[1], message, source)
            return


def _messages(snapshot: Snapshot, workload: Obj, about: Ref) -> Iterator[tuple[str, str]]:
    failure = condition(workload, "ReplicaFailure")
    if failure.get("status") == "True":
        yield text(failure, "message"), f"condition of {about.path}"
    wanted, there = mapping(workload, "spec").get("replicas"), mapping(workload, "status").get("replicas")
    if isinstance(wanted, int) and isinstance(there, int) and there >= wanted:
        return  # refused once, and made since
    for event in snapshot.events(about):
        if text(event, "reason") == "FailedCreate":
            yield text(event, "message"), f"event of {about.path}"


def _exceeded(snapshot: Snapshot, about: Ref, root: Ref, name: str, message: str, source: str) -> Finding:
    parts = {found[1]: _pairs(found[2]) for found in _PART.finditer(message)}
    quota = Ref("ResourceQuota", name, about.namespace)
    facts: list[Evidence] = []
    raised: dict[str, str] = {}
    said: list[str] = []
    for resource, asks in parts.get("requested", {}).items():
        used, limit = parts.get("used", {}).get(resource, "0"), parts.get("limited", {}).get(resource, "0")
        if amount(used) + amount(asks) <= amount(limit):
            continue
        said.append(f"{resource}: {asks} more is asked, {used} of {limit} is used")
        raised[resource] = _sum(used, asks)
    found = snapshot.find("resourcequotas", about.namespace, name)
    if found is not None:
        used_now, hard = labels(found, "status", "used"), labels(found, "status", "hard")
        facts += [
            Evidence(
                f"{resource}: {used_now.get(resource, '0')} of {hard[resource]} is used now.", f"status of {quota.path}"
            )
            for resource in raised
            if resource in hard
        ]
    what = f" ({'; '.join(said)})" if said else ""
    return Finding(
        "quota_exceeded",
        about,
        root,
        f"The quota {name} of {about.namespace} refuses the pods of {root.path}{what}.",
        DOWN,
        (Evidence(message, source), *facts),
        (patched(quota, {"spec": {"hard": raised}}),) if raised else (),
        "Ask for less, let something else in the namespace go, or raise the quota, which others have set for a reason.",
        (described(quota), described(about)),
    )


def _pairs(words: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words.split(",") if "=" in word)


def _sum(used: str, asks: str) -> str:
    """The two together, as a quantity: what a pod more would need."""
    whole = amount(used) + amount(asks)
    if whole >= 2**20:
        return f"{-(-int(whole) // 2**20)}Mi"
    return str(int(whole)) if whole == int(whole) else f"{round(whole * 1000)}m"


def full(snapshot: Snapshot, quota: Obj) -> Iterator[Finding]:
    """A quota of which nothing is left: nobody was refused yet, and the next one will be."""
    about = Ref("ResourceQuota", name_of(quota), namespace_of(quota))
    hard, used = labels(quota, "status", "hard"), labels(quota, "status", "used")
    spent = sorted(
        each for each, bound in hard.items() if amount(bound) > 0 and amount(used.get(each)) >= FULL * amount(bound)
    )
    if not spent:
        return
    roots = tuple(
        dict.fromkeys(
            snapshot.root(each, "ReplicaSet")
            for each in snapshot.of("replicasets")
            if namespace_of(each) == about.namespace and condition(each, "ReplicaFailure").get("status") == "True"
        )
    )
    yield Finding(
        "quota_full",
        about,
        about,
        f"Nothing is left of {', '.join(spent)} in the quota {about.name}.",
        NOTE,
        tuple(
            Evidence(
                f"{each}: {written(each.rpartition('.')[2], amount(used.get(each)))} of"
                f" {written(each.rpartition('.')[2], amount(hard[each]))} is used.",
                f"status of {about.path}",
            )
            for each in spent
        ),
        look=(described(about),),
        symptom=True,
        through=roots,
    )
