"""What a diagnosis is made of: findings of single analyzers, and the causes that they come down to.

Values only. Nothing here is redacted yet; `app.domain.diagnosis.ranking` is the one way from findings to causes, and
redacts all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# How bad something is, of 100. What serves nobody comes before what serves badly, and that before what only will.
DOWN, FAILING, DEGRADED, NOTE = 90, 75, 50, 20
_CRITICAL_FROM, _WARNING_FROM = 70, 40


class Severity(StrEnum):
    """How bad a cause is, in words."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


def severity_of(weight: int) -> Severity:
    """The word for a weight of 0 to 100."""
    if weight >= _CRITICAL_FROM:
        return Severity.CRITICAL
    return Severity.WARNING if weight >= _WARNING_FROM else Severity.INFO


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """An object.

    Attributes:
        kind: its kind, "Deployment".
        name: its name.
        namespace: where it lies, empty for none.
    """

    kind: str
    name: str
    namespace: str = ""

    @property
    def path(self) -> str:
        """As a command names it: "deployment/web"."""
        return f"{self.kind.lower()}/{self.name}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact that was read.

    Attributes:
        text: the fact.
        source: where it stands: "pod/web-1 status", "event of pod/web-1", "log of web-1 before it ended".
    """

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one analyzer says about one object.

    Attributes:
        code: what it is, one word for programs: "crash_loop".
        about: the object that shows it.
        root: the object that is to be looked at: a pod's deployment. Findings of one root and code are one cause.
        cause: one sentence.
        weight: how bad it is, 0 to 100.
        evidence: what was read.
        fixes: complete command lines, each of which would be shown as a preview.
        advice: what to do where no command can say it; one sentence.
        look: command lines that read more.
        symptom: whether it goes with what explains it, and stands for itself only where nothing does.
        through: whose causes would explain it, beside those of its root.
        fresh: whether it has only just begun, so that where nothing explains it, it is no trouble yet.
        analyzer: who says it; the registry fills it in.
    """

    code: str
    about: Ref
    root: Ref
    cause: str
    weight: int
    evidence: tuple[Evidence, ...] = ()
    fixes: tuple[str, ...] = ()
    advice: str = ""
    look: tuple[str, ...] = ()
    symptom: bool = False
    through: tuple[Ref, ...] = ()
    fresh: bool = False
    analyzer: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """One answer: a cause with what it explains.

    Attributes:
        code: what it is, one word for programs.
        analyzer: who found it.
        severity: how bad it is.
        object: whose it is.
        cause: one sentence.
        evidence: what was read.
        explains: what is wrong because of it, a sentence each.
        changes: what was changed about this object lately, and by whom, newest first.
        fixes: command lines that would become previews.
        advice: what to do where no command can say it.
        look: command lines that read more.
        objects: everything that it is about.
    """

    code: str
    analyzer: str
    severity: Severity
    object: Ref
    cause: str
    evidence: tuple[Evidence, ...]
    explains: tuple[str, ...]
    changes: tuple[str, ...]
    fixes: tuple[str, ...]
    advice: str
    look: tuple[str, ...]
    objects: frozenset[Ref]


@dataclass(frozen=True, slots=True)
class AuditedChange:
    """A change that went through KubeChat, as far as this person may know of it.

    Attributes:
        at: when.
        by: who, by the name they sign in with.
        command: what they ran.
        namespace, resource, name: on what; the resource in its plural.
    """

    at: datetime
    by: str
    command: str
    namespace: str
    resource: str
    name: str


@dataclass(frozen=True, slots=True)
class Fault:
    """An object that an analyzer could not read.

    Attributes:
        analyzer: which.
        about: the object, "pod/web-1", or the kind where it has no name.
    """

    analyzer: str
    about: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One ranked answer.

    Attributes:
        cluster: where.
        namespace: empty for all.
        target: the object that was asked about, None for a namespace or a cluster.
        causes: the worst first.
        looked_at: how many objects of each kind were read.
        not_looked_at: what was not, and why, a phrase each.
        faults: what could not be read by an analyzer.
        at: when.
    """

    cluster: str
    namespace: str
    target: Ref | None
    causes: tuple[Cause, ...]
    looked_at: dict[str, int]
    not_looked_at: tuple[str, ...]
    faults: tuple[Fault, ...]
    at: datetime
