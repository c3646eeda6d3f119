"""Asks a Prometheus whether each promise holds: targets by their SLI, objectives by what is left of their budget.

A promise that cannot be judged is "no data": it is never taken for kept. Nothing here decides what follows from a
verdict.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from alerts.objectives import OBJECTIVES
from app.errors import KubeChatError
from app.infra.prometheus import Sample, single
from slo import series
from slo.catalogue import all_targets
from slo.objective import Objective
from slo.promql import select
from slo.proofs import State, state
from slo.target import Target

_OWN_LABELS = {"__name__", series.SLO, series.SERVICE}


class Verdict(StrEnum):
    """What a measured value says of a promise."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    NO_DATA = "no data"


class BudgetVerdict(StrEnum):
    """What is left of an error budget, in a word."""

    KEPT = "kept"
    SPENT = "spent"
    NO_DATA = "no data"


class Asks(Protocol):
    """What answers PromQL; `Prometheus` does."""

    async def query(self, text: str) -> list[Sample]:
        """Ask for the value of an expression."""
        ...


@dataclass(frozen=True, slots=True)
class JudgedTarget:
    """A target, the value that was measured for it, and what that says.

    Attributes:
        target: the target.
        state: how far it has come.
        live: the measured value, in the threshold's unit; None without an SLI or without data.
        verdict: None for a target that has no SLI.
    """

    target: Target
    state: State
    live: float | None = None
    verdict: Verdict | None = None

    def to_json(self) -> dict[str, Any]:
        """As `kubechat targets --json` and the promises page show it."""
        target, sli = self.target, self.target.sli
        threshold = target.threshold if sli is not None else None
        return {
            "path": target.path,
            "text": target.text,
            "section": target.path.partition(".")[0],
            "kind": target.kind.value,
            "figures": [{"name": each.name, "value": each.value, "unit": each.unit.value} for each in target.figures],
            "reason": target.reason,
            "metric": sli.metric if sli is not None else None,
            "query": sli.question(target).text if sli is not None else None,
            "holds": sli.holds.value if sli is not None else None,
            "threshold": threshold.value if threshold is not None else None,
            "unit": threshold.unit.value if threshold is not None else None,
            "waits_for": sli.waits_for if sli is not None else "",
            "enforced_by": [str(each) for each in target.enforced_by],
            "alert": target.alert or None,
            "panel": target.panel.path if target.panel is not None else None,
            "test": target.test or None,
            "planned": (
                {"part": target.planned.part.value, "reason": target.planned.reason}
                if target.planned is not None
                else None
            ),
            "state": self.state.value,
            "live": self.live,
            "verdict": self.verdict.value if self.verdict is not None else None,
        }


@dataclass(frozen=True, slots=True)
class JudgedObjective:
    """An objective, or one group of it, and what is left of its error budget.

    Attributes:
        objective: the objective.
        group: the values of its grouping's labels; empty where it has no groups, or none is known.
        events: counted over its period; None without data.
        bad_events: those of them that failed.
        budget_left: a share of the budget: 1 when nothing failed, below 0 when more was spent than there was.
        month_budget_left: the same for the calendar month, where that is recorded.
    """

    objective: Objective
    group: dict[str, str] = field(default_factory=dict)
    events: float | None = None
    bad_events: float | None = None
    budget_left: float | None = None
    month_budget_left: float | None = None

    @property
    def verdict(self) -> BudgetVerdict:
        """Spent when nothing is left of the budget of the period, or of the month."""
        if self.budget_left is None:
            return BudgetVerdict.NO_DATA
        left = [self.budget_left, *([] if self.month_budget_left is None else [self.month_budget_left])]
        return BudgetVerdict.SPENT if min(left) <= 0 else BudgetVerdict.KEPT

    def to_json(self) -> dict[str, Any]:
        """As `kubechat slo gate --json` and the promises page show it."""
        return {
            "id": self.objective.id,
            "service": self.objective.service,
            "title": self.objective.title,
            "group": self.group,
            "objective": self.objective.target,
            "period_s": self.objective.period_s,
            "events": self.events,
            "bad_events": self.bad_events,
            "budget_left": self.budget_left,
            "month_budget_left": self.month_budget_left,
            "verdict": self.verdict.value,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All promises at one moment.

    Attributes:
        targets: every target, in the document's order.
        objectives: every objective, group by group.
        answered: whether Prometheus answered; without it every verdict is "no data".
    """

    targets: tuple[JudgedTarget, ...]
    objectives: tuple[JudgedObjective, ...]
    answered: bool

    def to_json(self) -> dict[str, Any]:
        """As the promises page is given it."""
        return {
            "prometheus": self.answered,
            "counts": dict(Counter(each.state.value for each in self.targets)),
            "verdicts": dict(Counter(each.verdict.value for each in self.targets if each.verdict is not None)),
            "objectives": [each.to_json() for each in self.objectives],
            "targets": [each.to_json() for each in self.targets],
        }


async def report(prometheus: Asks | None) -> Report:
    """Judge everything; a Prometheus that is None, or does not answer, leaves every verdict at "no data"."""
    asked = _Answers(prometheus)
    await asked.probe()
    targets = await asyncio.gather(*(_judged(target, asked) for target in all_targets()))
    objectives = await asyncio.gather(*(_budgets(objective, asked) for objective in OBJECTIVES))
    return Report(tuple(targets), tuple(each for groups in objectives for each in groups), asked.answered)


async def judge_targets(prometheus: Asks) -> tuple[JudgedTarget, ...]:
    """Every target with its verdict.

    Raises:
        KubeChatError: Prometheus does not answer.
    """
    await prometheus.query("vector(1)")
    asked = _Answers(prometheus)
    return tuple(await asyncio.gather(*(_judged(target, asked) for target in all_targets())))


async def judge_objectives(
    prometheus: Asks, objectives: Sequence[Objective] = OBJECTIVES
) -> tuple[JudgedObjective, ...]:
    """Every objective with what is left of its budget.

    Raises:
        KubeChatError: Prometheus does not answer.
    """
    await prometheus.query("vector(1)")
    asked = _Answers(prometheus)
    groups = await asyncio.gather(*(_budgets(objective, asked) for objective in objectives))
    return tuple(each for group in groups for each in group)


def known_targets() -> tuple[JudgedTarget, ...]:
    """Every target as it is known without asking anybody."""
    return tuple(JudgedTarget(target, state(target)) for target in all_targets())


class _Answers:
    """A Prometheus whose failures are answers without data."""

    def __init__(self, prometheus: Asks | None) -> None:
        self._prometheus = prometheus
        self.answered = prometheus is not None

    async def probe(self) -> None:
        """Ask something that any Prometheus can answer: one that is away is asked nothing else."""
        if self._prometheus is not None and not await self.query("vector(1)"):
            self.answered = False

    async def query(self, text: str) -> list[Sample]:
        if self._prometheus is None or not self.answered:
            return []
        try:
            return await self._prometheus.query(text)
        except KubeChatError:
            return []


async def _judged(target: Target, asked: _Answers) -> JudgedTarget:
    if target.sli is None:
        return JudgedTarget(target, state(target))
    live = single(await asked.query(target.sli.question(target).text))
    if live is None:
        return JudgedTarget(target, state(target), None, Verdict.NO_DATA)
    held = target.sli.holds.holds(live, target.threshold.number)
    return JudgedTarget(target, state(target), live, Verdict.PASS if held else Verdict.FAIL)


async def _budgets(objective: Objective, asked: _Answers) -> list[JudgedObjective]:
    names = (
        series.PERIOD_EVENTS,
        series.PERIOD_BAD_EVENTS,
        series.BUDGET_REMAINING,
        *((series.MONTH_BUDGET_REMAINING,) if objective.calendar_month else ()),
    )
    answers = await asyncio.gather(*(asked.query(select(name, slo=objective.id).text) for name in names))
    events, bad_events, left, month = [_by_group(answer) for answer in (*answers, *([[]] if len(answers) == 3 else []))]
    if not left:
        return [JudgedObjective(objective)]
    return [
        JudgedObjective(objective, dict(group), events.get(group), bad_events.get(group), value, month.get(group))
        for group, value in sorted(left.items())
    ]


def _by_group(samples: list[Sample]) -> dict[tuple[tuple[str, str], ...], float]:
    return {
        tuple(sorted((name, value) for name, value in sample.labels.items() if name not in _OWN_LABELS)): sample.value
        for sample in samples
    }
