"""Test cases for promtool as values: series go in, alerts and numbers are expected.

Cases are generated beside the rules that they test, so that no rule ships without them. This module knows promtool's
format and how Prometheus fills an alert's templates; it knows no rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slo.promql import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slo.rule import AlertingRule

_TEMPLATE = re.compile(r"\{\{ (?:\$value \| (?P<form>\w+)|\$labels\.(?P<label>\w+)) \}\}")


class CaseError(ValueError):
    """A case that promtool could not run, or a template that this module cannot fill."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time in which series rise steadily.

    Attributes:
        steps: how many samples it has.
        rises: by how much each series rises from sample to sample; a series that is not named stays as it is.
    """

    steps: int
    rises: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """An alert that fires, with all its labels but its name, and its filled templates."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AlertCheck:
    """At this time, exactly these alerts of this name fire; none when empty."""

    at_s: float
    alert: str
    expected: tuple[ExpectedAlert, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueCheck:
    """At this time, the query finds exactly these series, with these values."""

    at_s: float
    query: str
    expected: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Case:
    """One test, named as a sentence.

    Attributes:
        name: what is shown.
        interval_s: seconds between two samples.
        series: values in promtool's notation, by series.
        alerts: what fires when.
        values: what has which value when.
    """

    name: str
    interval_s: float
    series: Mapping[str, str]
    alerts: tuple[AlertCheck, ...] = ()
    values: tuple[ValueCheck, ...] = field(default=())


def rising(phases: Sequence[Phase]) -> dict[str, str]:
    """Counters that start at 0 and rise phase by phase, in promtool's notation.

    Raises:
        CaseError: when a phase has no step.
    """
    names = {name: None for phase in phases for name in phase.rises}
    return {name: _notation([(phase.steps, phase.rises.get(name, 0.0)) for phase in phases]) for name in names}


def steady(value: float, steps: int) -> str:
    """A gauge that keeps its value for so many samples, in promtool's notation."""
    return f"{_exact(value)}x{steps}"


def firing(rule: AlertingRule, labels: Mapping[str, str] | None = None, value: float = 1.0) -> ExpectedAlert:
    """What this rule sends when it fires.

    Args:
        rule: the rule, with all its annotations.
        labels: of the series that its expression found.
        value: of that series.

    Raises:
        CaseError: for a template other than a label, a value as a percentage, or one that reads without a prefix.
    """
    found = dict(labels or {})
    return ExpectedAlert(
        labels=found | {name: _filled(text, found, value) for name, text in rule.labels.items()},
        annotations={name: _filled(text, found, value) for name, text in rule.annotations.items()},
    )


def case_file(
    rule_files: Iterable[str], cases: Iterable[Case], evaluation_interval_s: float, group_order: Sequence[str] = ()
) -> dict[str, Any]:
    """The content of a file for `promtool test rules`.

    Args:
        rule_files: the rules under test, relative to the file.
        cases: the tests.
        evaluation_interval_s: seconds between two evaluations of all groups.
        group_order: names of groups in the order in which they are evaluated; any order when left out.
    """
    order = {"group_eval_order": list(group_order)} if group_order else {}
    return {
        "rule_files": list(rule_files),
        "evaluation_interval": duration(evaluation_interval_s),
        **order,
        "tests": [_case(case) for case in cases],
    }


def _case(case: Case) -> dict[str, Any]:
    data = {
        "name": case.name,
        "interval": duration(case.interval_s),
        "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
        "alert_rule_test": [_alert_check(check) for check in case.alerts],
        "promql_expr_test": [_value_check(check) for check in case.values],
    }
    return {key: value for key, value in data.items() if value or key == "input_series"}


def _alert_check(check: AlertCheck) -> dict[str, Any]:
    expected = [{"exp_labels": dict(a.labels), "exp_annotations": dict(a.annotations)} for a in check.expected]
    return {"eval_time": _moment(check.at_s), "alertname": check.alert, "exp_alerts": expected}


def _value_check(check: ValueCheck) -> dict[str, Any]:
    expected = [{"labels": labels, "value": value} for labels, value in check.expected.items()]
    return {"eval_time": _moment(check.at_s), "expr": check.query, "exp_samples": expected}


def _moment(at_s: float) -> str:
    return duration(at_s) if at_s else "0s"


def _notation(phases: Sequence[tuple[int, float]]) -> str:
    value, parts = 0.0, ["0"]
    for steps, rise in phases:
        if steps < 1:
            raise CaseError("a phase without a step has no samples")
        parts.append(f"{_exact(value + rise)}+{_exact(rise)}x{steps - 1}")
        value += rise * steps
    return " ".join(parts)


def _exact(value: float) -> str:
    return f"{value:.15g}"


def _filled(text: str, labels: Mapping[str, str], value: float) -> str:
    def fill(found: re.Match[str]) -> str:
        if found["label"]:
            # Prometheus would write nothing here, without a word: templates see the series' labels, not the rule's own.
            if found["label"] not in labels:
                raise CaseError(f"the series has no label {found['label']!r}, which the rule's text shows: {text}")
            return labels[found["label"]]
        if found["form"] == "humanizePercentage":
            return f"{value * 100:.4g}%"
        # From a thousand on Prometheus writes a prefix, and below one as well.
        if found["form"] == "humanize" and 1 <= abs(value) < 1000:
            return f"{value:.4g}"
        raise CaseError(f"a case cannot fill the template {found[0]}")

    filled = _TEMPLATE.sub(fill, text)
    if "{{" in filled:
        raise CaseError(f"a case cannot fill the templates in: {filled}")
    return filled
