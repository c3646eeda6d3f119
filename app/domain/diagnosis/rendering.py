"""A diagnosis as text for a terminal, as data for programs, and as the event of which the chat draws its card."""

from __future__ import annotations

from typing import Any

from app.domain.commands.jsonpath.values import indented_json
from app.domain.commands.model.diagnosing import Diagnose
from app.domain.commands.reading.rendering import yaml_text
from app.domain.commands.results import DiagnosisResult, OutputResult
from app.domain.diagnosis.findings import Cause, Diagnosis

MOST_CAUSES = 20  # that are told; what is worse comes first


def rendered(diagnosis: Diagnosis, command: Diagnose) -> DiagnosisResult | OutputResult:
    """The result of a command, in the form that it asks for."""
    data = as_data(diagnosis)
    line, cluster = command.line(), diagnosis.cluster
    if command.output == "json":
        return OutputResult(line, cluster, f"{indented_json(data)}\n", language="json")
    if command.output == "yaml":
        return OutputResult(line, cluster, yaml_text(data), language="yaml")
    return DiagnosisResult(
        command=line,
        cluster=cluster,
        namespace=diagnosis.namespace,
        target=data["target"],
        summary=data["summary"],
        causes=data["causes"],
        not_looked_at=data["notLookedAt"],
        text=as_text(diagnosis),
        truncated=len(diagnosis.causes) > MOST_CAUSES,
    )


def as_data(diagnosis: Diagnosis) -> dict[str, Any]:
    """What a diagnosis says, as plain values; the names are those of the event's fields as well."""
    return {
        "cluster": diagnosis.cluster,
        "namespace": diagnosis.namespace,
        "target": diagnosis.target.path if diagnosis.target else "",
        "summary": summary(diagnosis),
        "causes": [_cause(rank, each) for rank, each in enumerate(diagnosis.causes[:MOST_CAUSES], start=1)],
        "lookedAt": diagnosis.looked_at,
        "notLookedAt": list(_not_looked_at(diagnosis)),
    }


def _cause(rank: int, cause: Cause) -> dict[str, Any]:
    return {
        "rank": rank,
        "severity": cause.severity.value,
        "code": cause.code,
        "object": cause.object.path,
        "namespace": cause.object.namespace,
        "cause": cause.cause,
        "evidence": [{"text": each.text, "source": each.source} for each in cause.evidence],
        "explains": list(cause.explains),
        "changes": list(cause.changes),
        "fixes": list(cause.fixes),
        "advice": cause.advice,
        "look": list(cause.look),
    }


def _not_looked_at(diagnosis: Diagnosis) -> tuple[str, ...]:
    return (
        *diagnosis.not_looked_at,
        *(f"{each.about}: it could not be read ({each.analyzer})" for each in diagnosis.faults),
    )


def summary(diagnosis: Diagnosis) -> str:
    """One sentence: where was looked, and how much was found."""
    where = f"in {diagnosis.namespace} on {diagnosis.cluster}" if diagnosis.namespace else f"on {diagnosis.cluster}"
    what = f"{diagnosis.target.path} {where}" if diagnosis.target else where
    about = f"for {what}" if diagnosis.target else what
    number = len(diagnosis.causes)
    if not number:
        seen = diagnosis.looked_at.get("pods", 0)
        if any(each.startswith("pods: ") for each in diagnosis.not_looked_at):
            return f"Nothing was found, and not all was looked at: {what}."
        return f"Nothing is wrong that shows: {what} ({seen} pods and what belongs to them were looked at)."
    found = "1 cause" if number == 1 else f"{number} causes"
    more = f" The worst {MOST_CAUSES} are told." if number > MOST_CAUSES else ""
    return f"Found {found} {about}.{more}"


def as_text(diagnosis: Diagnosis) -> str:
    """The answer for a terminal."""
    lines = [summary(diagnosis)]
    for rank, cause in enumerate(diagnosis.causes[:MOST_CAUSES], start=1):
        inside = f" in {cause.object.namespace}" if cause.object.namespace and not diagnosis.namespace else ""
        lines += ["", f"{rank}. {cause.cause} [{cause.severity.value}{inside}]"]
        lines += [f"   - {each.text} ({each.source})" for each in cause.evidence]
        lines += [f"   Because of it: {each}" for each in cause.explains]
        lines += [f"   Changed: {each}" for each in cause.changes]
        lines += [f"   To do: {cause.advice}"] if cause.advice else []
        lines += [f"   Would fix it: {each}" for each in cause.fixes]
        lines += [f"   Look closer: {each}" for each in cause.look]
    missed = _not_looked_at(diagnosis)
    if missed:
        lines += ["", "Not looked at:", *(f"- {each}" for each in missed)]
    return "\n".join(lines) + "\n"
