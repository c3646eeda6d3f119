"""From a file of OpenSLO v1 to objectives and their rules, with a report of what could not be carried over.

It is all or nothing: a file with a fault makes no rules at all, and all of its faults are told at once. What is sound
and has no counterpart here is left out, and told. Nothing is written here and no server is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slo.burnrate import ledger_group, own_group
from slo.objective import faults
from slo.openslo.annotations import Annotations
from slo.openslo.document import (
    ALERT_CONDITION,
    ALERT_NOTIFICATION_TARGET,
    ALERT_POLICY,
    DATA_SOURCE,
    SERVICE,
    SLI,
    SLO,
    read_documents,
    tell_metadata,
)
from slo.openslo.faults import Findings, OpenSLOError, shown
from slo.openslo.loading import load, read_bytes
from slo.openslo.objectives import Slos
from slo.openslo.policies import Policies, tell_target
from slo.openslo.sli import read_sli
from slo.prometheus import PACE
from slo.promql import PromQLError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from slo.objective import Objective
    from slo.openslo.document import Document, Documents
    from slo.openslo.faults import Finding
    from slo.openslo.objectives import Draft
    from slo.prometheus import Pace
    from slo.rule import RuleGroup

_NO_PLACE: Final = "rules have no place for it"
_WITH_ANNOTATIONS: Final = frozenset({SLO, SLI, ALERT_POLICY, ALERT_CONDITION})


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file asks for.

    Attributes:
        objectives: in the order of the file.
        groups: their rules, one group for each.
        losses: what the rules do not hold, or not exactly.
    """

    objectives: tuple[Objective, ...]
    groups: tuple[RuleGroup, ...]
    losses: tuple[Finding, ...]


def read_file(path: Path, pace: Pace = PACE) -> Imported:
    """Read a file; OpenSLOError when there is any fault in it."""
    findings = Findings()
    data = read_bytes(path, findings)
    if findings.faults:
        raise OpenSLOError(str(path), findings.faults)
    return read(data, str(path), pace)


def read(data: bytes, file: str, pace: Pace = PACE) -> Imported:
    """Read a file's content.

    Args:
        data: the content.
        file: its name, for findings.
        pace: of the Prometheus that will run the rules.

    Raises:
        OpenSLOError: when there is any fault in it, or nothing in it that rules could be made of.
    """
    findings = Findings()
    documents = read_documents(load(data, findings), findings)
    drafts = _drafts(documents, pace)
    groups = _groups(drafts, pace)
    if findings.faults:
        raise OpenSLOError(file, findings.faults)
    if not groups:
        any_there = any(True for _ in documents.of_kind(SLO))
        sentence = "none of its SLOs can be carried over" if any_there else f"there is no {SLO} in it"
        findings.fault(None, "", sentence)
        raise OpenSLOError(file, (*findings.losses, *findings.faults))
    return Imported(tuple(draft.objective for draft in drafts), groups, findings.losses)


def _drafts(documents: Documents, pace: Pace) -> tuple[Draft, ...]:
    types = {each.name: kind for each in documents.of_kind(DATA_SOURCE) if (kind := _source_type(each)) is not None}
    slis = {each.name: read_sli(each.metadata, each.spec, types) for each in documents.of_kind(SLI)}
    policies, used = Policies(documents), set[tuple[str, str]]()
    policies.read()
    drafts = Slos(slis, types, policies, used, pace).read(documents.of_kind(SLO))
    for document in documents.of_kind(ALERT_NOTIFICATION_TARGET):
        tell_target(document.name, document.spec)
    for kind in (SLI, ALERT_POLICY, ALERT_CONDITION):
        _tell_unused(documents.of_kind(kind), used | policies.used)
    for document in documents.all:
        _tell_metadata(document)
    documents.close()
    return drafts


def _groups(drafts: Iterable[Draft], pace: Pace) -> tuple[RuleGroup, ...]:
    """The rules of all objectives that can work; the others' faults are told."""
    found: list[RuleGroup] = []
    kept: list[Objective] = []
    for draft in drafts:
        problems = faults(draft.objective, pace)
        for problem in problems:
            field = _field_of(problem)
            (draft.spec if field else draft.fields).fault(field, problem)
        if problems or not draft.whole:
            continue
        try:
            found.append(own_group(draft.objective, pace))
            kept.append(draft.objective)
        except PromQLError as exc:
            draft.fields.fault("", f"its rules are refused: {shown(str(exc).partition(' in: ')[0])}")
    return (*found, ledger_group(kept, pace)) if kept else ()


def _field_of(problem: str) -> str:
    """The field of an SLO that such a fault is mended in; empty for that of the objective itself."""
    if problem.startswith(("tier ", "two tiers ")):
        return "alertPolicies"
    return "timeWindow" if problem.startswith(("its period ", "a calendar month ")) else ""


def _source_type(document: Document) -> str | None:
    spec = document.spec
    if spec is None:
        return None
    spec.leave(_NO_PLACE, "description")
    if spec.anything("connectionDetails"):
        spec.loss("connectionDetails", "rules ask the Prometheus that loads them")
    return spec.text("type", required=True)


def _tell_unused(documents: Iterable[Document], used: set[tuple[str, str]]) -> None:
    for document in documents:
        if (document.kind, document.name) not in used:
            document.top.loss("", "nothing in this file refers to it")


def _tell_metadata(document: Document) -> None:
    metadata = document.metadata
    if document.kind == SERVICE and document.spec is not None:
        document.spec.leave(_NO_PLACE, "description")
    tell_metadata(metadata, shown=document.kind == SLO)
    if document.kind not in _WITH_ANNOTATIONS:
        Annotations(metadata, frozenset())
