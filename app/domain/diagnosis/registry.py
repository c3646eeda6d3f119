"""All analyzers by name, and the one place where they run: one object that none can read spoils nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from app.domain.diagnosis.analyzers import crashing, images, scheduling, services, workloads
from app.domain.diagnosis.findings import Fault, Finding
from app.domain.diagnosis.shapes import Obj, name_of, text
from app.domain.diagnosis.snapshot import Snapshot

# What an object of an unforeseen shape makes of code that reads it. Nothing else is taken for that.
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)

Look = Callable[[Snapshot, Obj], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Analyzer:
    """One analyzer.

    Attributes:
        name: one word, a metric's label.
        plural: the kind whose objects it looks at.
        look: what is wrong with one of them.
    """

    name: str
    plural: str
    look: Look


ANALYZERS: tuple[Analyzer, ...] = (
    Analyzer("crashing", "pods", crashing.look),
    Analyzer("images", "pods", images.look),
    Analyzer("scheduling", "pods", scheduling.look),
    Analyzer("services", "services", services.look),
    Analyzer("deployments", "deployments", workloads.deployment),
    Analyzer("statefulsets", "statefulsets", workloads.stateful_set),
    Analyzer("daemonsets", "daemonsets", workloads.daemon_set),
)
NAMES = tuple(dict.fromkeys(each.name for each in ANALYZERS))
"""The names of all analyzers."""


def analyze(snapshot: Snapshot, analyzers: Sequence[Analyzer] = ANALYZERS) -> tuple[list[Finding], list[Fault]]:
    """Everything that the analyzers find, and what they could not read.

    Args:
        snapshot: what was read of a cluster.
        analyzers: those that look.
    """
    findings: list[Finding] = []
    faults: list[Fault] = []
    for analyzer in analyzers:
        for obj in snapshot.of(analyzer.plural):
            if not name_of(obj):
                faults.append(Fault(analyzer.name, _called(analyzer, obj)))  # nothing could be said about it
                continue
            try:
                found = list(analyzer.look(snapshot, obj))
            except MALFORMED:
                faults.append(Fault(analyzer.name, _called(analyzer, obj)))
                continue
            findings += [replace(each, analyzer=analyzer.name) for each in found]
    return findings, faults


def _called(analyzer: Analyzer, obj: Obj) -> str:
    kind = text(obj, "kind").lower() or analyzer.plural
    return f"{kind}/{name_of(obj)}" if name_of(obj) else kind
