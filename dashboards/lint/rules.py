"""Faults of rules that Prometheus loads all the same: what pint finds without a server, as far as ours need it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import promql_parser as parser

from dashboards.lint.finding import Finding
from dashboards.lint.queries import all_in, parse
from slo.objective import Severity
from slo.prometheus import PACE
from slo.promql import duration
from slo.series import SERVICE, SEVERITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dashboards.lint.finding import Tree

_STALE_S: Final = 300.0  # Prometheus takes a series for gone when it got no sample for so long
_SCRAPES: Final = 2
_RATES: Final = frozenset({"rate", "irate", "increase"})
_COMPARING: Final = frozenset({"==", "!=", ">", ">=", "<", "<="})
_SEVERITIES: Final = frozenset(Severity)
_LENGTH: Final = re.compile(r"(\d+)(ms|s|m|h|d|w)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}


def findings(tree: Tree) -> Iterator[Finding]:
    """All of them."""
    for name, content in tree.rules.items():
        for group in content["groups"]:
            if seconds(group["interval"]) > _STALE_S:
                said = f"what it records is gone between two evaluations, {group['interval']} apart"
                yield Finding(f"{name} / {group['name']}", "group-interval", said)
    for where, rule in tree.each_rule:
        query = parse(rule["expr"])
        yield from _ranges(where, query)
        if "alert" in rule:
            yield from _alert(where, rule, query)
    made = Counter(
        (rule.get("record") or rule["alert"], repr(sorted(rule.get("labels", {}).items())))
        for _, rule in tree.each_rule
    )
    for (name, labels), times in made.items():
        if times > 1:
            yield Finding(
                name, "duplicate", f"{times} rules make it with the labels {labels}: nobody can tell them apart"
            )


def seconds(text: str) -> float:
    """A duration of Prometheus' in seconds."""
    return sum(float(number) * _UNITS[unit] for number, unit in _LENGTH.findall(text))


def _ranges(where: str, query: Any) -> Iterator[Finding]:
    for selector in all_in(query, parser.MatrixSelector):
        length_s = selector.range.total_seconds()
        if length_s > PACE.retention_s:
            yield Finding(where, "range", f"{duration(PACE.retention_s)} are kept, and it looks back further")
    for call in all_in(query, parser.Call):
        if call.func.name not in _RATES:
            continue
        (given,) = call.args
        if isinstance(given, parser.SubqueryExpr) and any(all_in(given, parser.AggregateExpr)):
            yield Finding(where, "rate-of-sum", "a restart of one replica looks like a fall of the sum; sum the rates")
        elif (
            isinstance(given, parser.MatrixSelector) and given.range.total_seconds() < _SCRAPES * PACE.scrape_interval_s
        ):
            yield Finding(where, "rate-window", f"a rate needs {_SCRAPES} scrapes, and its window has fewer")


def _alert(where: str, rule: Mapping[str, Any], query: Any) -> Iterator[Finding]:
    labels, annotations = rule.get("labels", {}), rule.get("annotations", {})
    for label, text in labels.items():
        if "$value" in text:
            yield Finding(
                where, "value-in-label", f"its label {label} changes with the value: it never lasts long enough"
            )
    if labels.get(SEVERITY) not in _SEVERITIES:
        yield Finding(where, "severity", f"its severity is {labels.get(SEVERITY)!r}, which no route knows")
    if not labels.get(SERVICE):
        yield Finding(where, "owner", "no service owns it")
    for annotation in ("summary", "description"):
        if not annotations.get(annotation):
            yield Finding(where, "annotation", f"it has no {annotation}")
    if "{{" in annotations.get("summary", ""):
        yield Finding(where, "annotation", "its summary is not static, so that notifications cannot be grouped")
    if labels.get(SEVERITY) == Severity.NONE:
        return
    compares = any(str(part.op) in _COMPARING for part in all_in(query, parser.BinaryExpr))
    asks_absence = any(call.func.name.startswith("absent") for call in all_in(query, parser.Call))
    excepts = any(str(part.op) == "unless" for part in all_in(query, parser.BinaryExpr))
    if not (compares or asks_absence or excepts):
        yield Finding(where, "comparison", "it compares with nothing, and fires for as long as there is data")
