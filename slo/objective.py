"""Service level objectives: how many bad events a period may have, and when to tell whom.

An objective that cannot work is refused here, with a sentence that says why, rather than generated into rules that can
never fire. What the rules look like is `slo.burnrate`'s business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from slo import series
from slo.promql import duration, number

if TYPE_CHECKING:
    from slo.indicator import Indicator
    from slo.prometheus import Pace

_HOUR_S: Final = 3_600.0
_DAY_S: Final = 86_400.0
THIRTY_DAYS_S: Final = 30 * _DAY_S

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_OWN_LABELS = frozenset({series.SLO, series.SERVICE, series.TIER, series.SEVERITY})
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_LONGEST_MONTH_S: Final = 31 * _DAY_S
_SCRAPES_PER_WINDOW = 2  # a rise needs two samples


class ObjectiveError(ValueError):
    """An objective that cannot work; the message has one sentence per fault."""


class Severity(StrEnum):
    """Whom an alert reaches, and when."""

    PAGE = "page"
    TICKET = "ticket"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Tier:
    """One speed of spending the error budget, and how loudly it is said.

    Attributes:
        name: "page-fast"; part of the alert's name and a label.
        severity: whom it reaches.
        long_s: the window over which the share of the budget is spent.
        short_s: the window that makes the alert end soon after the cause.
        budget_share: the share of the period's budget that is spent when it fires.
    """

    name: str
    severity: Severity
    long_s: float
    short_s: float
    budget_share: float

    def factor(self, period_s: float) -> float:
        """How many times faster than allowed the budget is spent: share x period / long window."""
        return round(self.budget_share * period_s / self.long_s, 9)

    def threshold(self, objective: Objective) -> float:
        """The share of bad events above which the tier speaks, free of float noise."""
        return round(self.factor(objective.period_s) * objective.budget, 12)

    @property
    def alert(self) -> str:
        """The name of its alert."""
        return "SLOBurn" + "".join(word.capitalize() for word in self.name.split("-"))


TIERS: Final = (
    Tier("page-fast", Severity.PAGE, 1 * _HOUR_S, 300.0, 0.02),
    Tier("page-slow", Severity.PAGE, 6 * _HOUR_S, 1_800.0, 0.05),
    Tier("ticket-fast", Severity.TICKET, 1 * _DAY_S, 2 * _HOUR_S, 0.10),
    Tier("ticket-slow", Severity.TICKET, 3 * _DAY_S, 6 * _HOUR_S, 0.10),
)
"""The tiers of Google's SRE workbook (chapter 5, "Alerting on SLOs").

Over 30 days they are the factors 14.4, 6, 3 and 1; over another period the factors follow from the shares. From the
loudest to the quietest: an earlier one silences the later ones of the same objective.
"""

SHORT_PERIOD_TIERS: Final = (
    Tier("page-fast", Severity.PAGE, 1 * _HOUR_S, 300.0, 0.08),
    Tier("page-slow", Severity.PAGE, 6 * _HOUR_S, 1_800.0, 0.125),
    Tier("ticket-fast", Severity.TICKET, 1 * _DAY_S, 2 * _HOUR_S, 0.20),
    Tier("ticket-slow", Severity.TICKET, 3 * _DAY_S, 6 * _HOUR_S, 0.42),
)
"""Tiers for a period of 7 days: of a budget that small, the same shares would page at factors near 1."""


@dataclass(frozen=True, slots=True)
class Objective:
    """A share of good events that is promised over a period.

    Attributes:
        id: lower-case words joined by hyphens; the label by which its series are told apart.
        service: whose objective it is.
        title: the promise in a few words, for a notification's first line.
        target: the promised share of good events, between 0 and 1.
        indicator: how the events are counted.
        minimum_bad_events: so many events have to have failed in a tier's long window before it speaks: with little
            traffic one failure is a large share and no reason to wake anybody.
        minimum_events: so many events of either kind have to have been in that window.
        period_s: the rolling period that the promise is about.
        tiers: when to speak, loudest first.
        grouping: labels by whose values the objective is kept apart, each with a budget of its own.
        presence_grouped: whether the series that show that events are measured carry these labels as well.
        calendar_month: whether the budget of the calendar month (UTC) is recorded beside that of the rolling period.
        excludes_maintenance: whether what happens during planned maintenance is left out.
    """

    id: str
    service: str
    title: str
    target: float
    indicator: Indicator
    minimum_bad_events: int
    minimum_events: int = 1
    period_s: float = THIRTY_DAYS_S
    tiers: tuple[Tier, ...] = TIERS
    grouping: tuple[str, ...] = ()
    presence_grouped: bool = False
    calendar_month: bool = False
    excludes_maintenance: bool = True

    @property
    def budget(self) -> float:
        """The share of events that may fail, free of float noise."""
        return round(1 - self.target, 12)

    @property
    def windows_s(self) -> tuple[float, ...]:
        """All windows of all tiers, shortest first."""
        return tuple(sorted({window for tier in self.tiers for window in (tier.short_s, tier.long_s)}))

    @property
    def labels(self) -> dict[str, str]:
        """The labels of every series and alert of this objective."""
        return {series.SLO: self.id, series.SERVICE: self.service}


def require_sound(objective: Objective, pace: Pace) -> None:
    """Raise ObjectiveError, one sentence per fault, unless the objective can work at this pace."""
    found = faults(objective, pace)
    if found:
        raise ObjectiveError("\n".join(f"objective {objective.id!r}: {fault}" for fault in found))


def faults(objective: Objective, pace: Pace) -> tuple[str, ...]:
    """One sentence for each reason why the objective cannot work at this pace."""
    found: list[str] = []
    if not _ID.fullmatch(objective.id):
        found.append("its id has to be lower-case words joined by hyphens")
    if objective.minimum_bad_events < 1:
        found.append("at least one event has to fail before an alert may fire")
    if objective.calendar_month and pace.retention_s < _LONGEST_MONTH_S:
        kept = duration(pace.retention_s)
        found.append(f"a calendar month of 31d is longer than samples are kept ({kept})")
    found.extend(
        f"it cannot be kept apart by its own label {label!r}" for label in objective.grouping if label in _OWN_LABELS
    )
    found.extend(f"{label!r} is not the name of a label" for label in objective.grouping if not _LABEL.fullmatch(label))
    found.extend(objective.indicator.faults())
    found.extend(_window_faults(objective, pace))
    if 0 < objective.target < 1:
        found.extend(_tier_faults(objective))
    else:
        found.append(_target_fault(objective.target))
    return tuple(found)


def _target_fault(target: float) -> str:
    if target == 1:
        return "a target of 100 % leaves no budget: every failure would exceed it infinitely fast"
    return f"a target of {number(target)} is not a share between 0 and 1"


def _window_faults(objective: Objective, pace: Pace) -> list[str]:
    found: list[str] = []
    entry, kept, period = pace.counting_interval_s, pace.retention_s, objective.period_s
    shortest = _SCRAPES_PER_WINDOW * pace.scrape_interval_s
    if entry < shortest:
        found.append(
            f"events are counted every {duration(entry)}, which is less than two scrapes ({duration(shortest)})"
        )
    if period > kept:
        found.append(f"its period of {duration(period)} is longer than samples are kept ({duration(kept)})")
    for tier in objective.tiers:
        short, long = duration(tier.short_s), duration(tier.long_s)
        of_tier: list[str] = []
        if tier.short_s >= tier.long_s:
            of_tier.append(f"the short window {short} is not shorter than the long one {long}")
        if tier.short_s < _SCRAPES_PER_WINDOW * entry:
            of_tier.append(f"the window {short} holds fewer than two counts, which are {duration(entry)} apart")
        if tier.long_s > kept:
            of_tier.append(f"the window {long} is longer than samples are kept ({duration(kept)})")
        if tier.long_s > period:
            of_tier.append(f"the window {long} is longer than the period {duration(period)}")
        found.extend(f"tier {tier.name}: {fault}" for fault in of_tier)
    return found


def _tier_faults(objective: Objective) -> list[str]:
    found: list[str] = []
    names = [tier.name for tier in objective.tiers]
    found.extend(f"two tiers are called {name}" for name in sorted({name for name in names if names.count(name) > 1}))
    for tier in objective.tiers:
        factor = tier.factor(objective.period_s)
        if factor <= 0:
            found.append(f"tier {tier.name}: a factor of {number(factor)} would always fire")
        elif tier.threshold(objective) >= 1:
            found.append(
                f"tier {tier.name} can never fire: {number(factor)} times the budget of {number(objective.budget)} "
                f"is {number(tier.threshold(objective))}, and no more than all events can fail"
            )
    return found
