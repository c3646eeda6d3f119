"""What the linter says, and what it looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.telemetry.metric import Metric


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault.

    Attributes:
        where: the dashboard or rule file, and the panel or rule in it.
        rule: the linter's rule; exclusions name it.
        message: what is wrong.
    """

    where: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class Tree:
    """What is looked at, and what it may refer to.

    Attributes:
        dashboards: Grafana's models by uid.
        rules: contents of rule files by name.
        metrics: declared metrics by each name that their series have.
        recorded: names of other series that are known to exist.
        runbooks: names of alerts that have a runbook.
    """

    dashboards: Mapping[str, Mapping[str, Any]]
    rules: Mapping[str, Mapping[str, Any]]
    metrics: Mapping[str, Metric]
    recorded: frozenset[str] = field(default=frozenset())
    runbooks: frozenset[str] = field(default=frozenset())

    @property
    def each_rule(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every rule, with words for where it stands."""
        for name, content in self.rules.items():
            for group in content["groups"]:
                for rule in group["rules"]:
                    yield f"{name} / {rule.get('alert') or rule.get('record')}", rule


def panels_of(model: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All panels of a dashboard that are no rows, those of collapsed rows among them."""
    for item in model["panels"]:
        if item["type"] != "row":
            yield item
        yield from item.get("panels", [])


def named(uid: str, panel: Mapping[str, Any]) -> str:
    """Words for where a panel stands."""
    return f"{uid} / {panel.get('title') or panel.get('id')}"
