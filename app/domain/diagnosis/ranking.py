"""Findings made into one ranked answer: what has one cause is told once, symptoms go with their cause, all is redacted.

This is the one way from what analyzers say to what a person is shown, so that no text of a cluster's passes unredacted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.domain.commands.redaction import redact_line, redact_text
from app.domain.diagnosis.changes import changes_of
from app.domain.diagnosis.findings import Cause, Evidence, Finding, Ref, severity_of
from app.domain.diagnosis.snapshot import Snapshot

LONGEST_TEXT = 600  # characters of one fact; an event's message has at most 1,024
MOST_EVIDENCE = 12
MOST_EXPLAINED = 12
MOST_NAMED = 5  # objects named in one sentence


def ranked(snapshot: Snapshot, findings: Iterable[Finding]) -> list[Cause]:
    """The causes, worst first.

    Args:
        snapshot: what they were found in.
        findings: of all analyzers.
    """
    found = list(dict.fromkeys(findings))
    causes = [each for each in found if not each.symptom]
    groups: dict[tuple[Ref, str], list[Finding]] = {}
    for each in causes:
        groups.setdefault((each.root, each.code), []).append(each)
    rooted: dict[Ref, list[tuple[Ref, str]]] = {}
    for key in groups:
        rooted.setdefault(key[0], []).append(key)
    explained, unexplained = _explained([each for each in found if each.symptom], groups, rooted)
    for symptom in unexplained:
        if not symptom.fresh:
            groups.setdefault((symptom.root, symptom.code), []).append(symptom)
    weights = {key: _weight(group, explained.get(key, ())) for key, group in groups.items()}
    order = sorted(groups, key=lambda key: (-weights[key], key[0].namespace, key[0], key[1]))
    return [_cause(snapshot, groups[key], explained.get(key, []), weights[key]) for key in order]


_Key = tuple[Ref, str]


def _explained(
    symptoms: Sequence[Finding], groups: dict[_Key, list[Finding]], rooted: dict[Ref, list[_Key]]
) -> tuple[dict[_Key, list[Finding]], list[Finding]]:
    """Symptoms by the cause that explains them, and those that nothing explains.

    What explains a symptom explains as well what follows from it: a claim that is not bound, the pod that waits for it,
    and the workload that has no pod.
    """
    explained: dict[_Key, list[Finding]] = {}
    waiting = list(symptoms)
    while waiting:
        left: list[Finding] = []
        for symptom in waiting:
            keys = [key for root in (symptom.root, *symptom.through) for key in rooted.get(root, ())]
            if not keys:
                left.append(symptom)
                continue
            # What is worst explains it best.
            best = max(dict.fromkeys(keys), key=lambda key: max(each.weight for each in groups[key]))
            explained.setdefault(best, []).append(symptom)
            if symptom.root not in rooted:
                rooted[symptom.root] = [best]
        if len(left) == len(waiting):
            break
        waiting = left
    return explained, waiting


def _weight(group: Sequence[Finding], symptoms: Sequence[Finding]) -> int:
    """That of the worst; what takes others down with it counts a little more."""
    return min(100, max(each.weight for each in (*group, *symptoms)) + min(9, len(symptoms)))


def _cause(snapshot: Snapshot, group: list[Finding], symptoms: list[Finding], weight: int) -> Cause:
    first = max(group, key=lambda each: (each.weight, len(each.evidence)))
    others = [each for each in group if each is not first and each.about != first.about]
    evidence = list(first.evidence)
    if others:
        evidence.append(Evidence(f"The same is true of {_named([each.about for each in others])}.", "other objects"))
    objects = {ref for each in (*group, *symptoms) for ref in (each.about, each.root)}
    return Cause(
        code=first.code,
        analyzer=first.analyzer,
        severity=severity_of(weight),
        object=first.root,
        cause=_shown(first.cause),
        evidence=tuple(Evidence(_shown(each.text), _shown(each.source)) for each in evidence[:MOST_EVIDENCE]),
        explains=tuple(_shown(each.cause) for each in symptoms[:MOST_EXPLAINED]),
        changes=tuple(redact_line(_shown(each)) for each in changes_of(snapshot, first.root)),
        fixes=tuple(dict.fromkeys(fix for each in group for fix in each.fixes if redact_line(fix) == fix)),
        advice=_shown(first.advice),
        look=tuple(redact_line(each) for each in first.look),
        objects=frozenset(objects),
    )


def _named(refs: Sequence[Ref]) -> str:
    names = list(dict.fromkeys(ref.path for ref in refs))
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _shown(words: str) -> str:
    words = redact_text(words.strip())
    return words if len(words) <= LONGEST_TEXT else f"{words[:LONGEST_TEXT].rstrip()}…"


def about(causes: Sequence[Cause], related: frozenset[Ref]) -> list[Cause]:
    """Those causes that have to do with any of these objects."""
    return [each for each in causes if each.object in related or each.objects & related]
