"""Prometheus' rules as values, and their YAML shape.

It knows how a rule file is laid out and nothing of what the rules are about. An expression is parsed when its rule is
made, so that a rule that exists is a rule that loads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slo import promql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slo.promql import Query

_SHORT_EXPRESSION = 100  # characters; a longer one is broken into lines


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """A series that Prometheus computes and keeps.

    Attributes:
        record: its name, `level:metric:operations`.
        query: what it is computed from.
        labels: added to it.
    """

    record: str
    query: Query
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        promql.checked(self.query)

    def as_data(self) -> dict[str, Any]:
        """The rule as it stands in a rule file."""
        return _without_empty({"record": self.record, "expr": _shown(self.query), "labels": dict(self.labels)})


@dataclass(frozen=True, slots=True)
class AlertingRule:
    """A condition that somebody is told of.

    Attributes:
        alert: its name.
        query: finds one series for each thing to tell of.
        for_s: seconds that the condition has to last.
        labels: added to those of the series; they route the notification.
        annotations: what the person reads.
    """

    alert: str
    query: Query
    for_s: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        promql.checked(self.query)

    def as_data(self) -> dict[str, Any]:
        """The rule as it stands in a rule file."""
        return _without_empty(
            {
                "alert": self.alert,
                "expr": _shown(self.query),
                "for": promql.duration(self.for_s) if self.for_s else "",
                "labels": dict(self.labels),
                "annotations": dict(self.annotations),
            }
        )


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are evaluated one after the other, at one time: a later one sees what an earlier one recorded.

    Attributes:
        name: unique in its file.
        interval_s: seconds between two evaluations.
        rules: in the order of evaluation.
    """

    name: str
    interval_s: float
    rules: tuple[RecordingRule | AlertingRule, ...]

    @property
    def alerts(self) -> tuple[AlertingRule, ...]:
        """Those of its rules that alert."""
        return tuple(rule for rule in self.rules if isinstance(rule, AlertingRule))

    def as_data(self) -> dict[str, Any]:
        """The group as it stands in a rule file."""
        rules = [rule.as_data() for rule in self.rules]
        return {"name": self.name, "interval": promql.duration(self.interval_s), "rules": rules}


def rule_file(groups: Iterable[RuleGroup]) -> dict[str, Any]:
    """The content of a rule file with these groups."""
    return {"groups": [group.as_data() for group in groups]}


def _shown(query: Query) -> str:
    return query.text if len(query.text) <= _SHORT_EXPRESSION else query.pretty


def _without_empty(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value}
