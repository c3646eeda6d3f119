"""Objectives: what is left of their budgets, how fast it goes, and how it went.

Each tier of burn rates has a panel of its own with the tier's factor as its line: an alert fires when both of its
windows are above it.
"""

from __future__ import annotations

from typing import Final

from app.telemetry.catalogue import DOWNTIME, TARGETS
from dashboards.dashboard import Dashboard, Panel, PanelKind, Row, Series, State, Threshold
from dashboards.theme import Colour, Unit
from dashboards.variables import OBJECTIVES, SLO
from slo import panels, promql, series
from slo.objective import THIRTY_DAYS_S, TIERS, Severity, Tier
from slo.prometheus import GATEWAY
from slo.promql import select

_COLOURS: Final = {Severity.PAGE: Colour.BAD, Severity.TICKET: Colour.WARNING, Severity.NONE: Colour.NEUTRAL}
_LITTLE: Final = 0.25  # of a budget: from here on a bad day can end it
_PERIOD: Final = promql.duration(THIRTY_DAYS_S)


def slos() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.SLOS,
        title="KubeChat / Objectives",
        description="Are the promises kept, how much may still go wrong, and how fast does it?",
        variables=(OBJECTIVES,),
        rows=(
            Row("Budgets", (_left(), _burn_down())),
            Row("Burn rates against the tiers of alerts", tuple(_burning(tier) for tier in TIERS)),
            Row("History", (_errors(), _events())),
            Row("This month and year, and planned maintenance", (_month(), _counting(), _targets()), collapsed=True),
        ),
    )


def _of(name: str) -> promql.Selector:
    return select(name, slo=SLO)


def _left() -> Panel:
    return Panel(
        panels.SLO_BUDGETS,
        "Error budget left",
        "What is left of each objective's error budget over its whole period. Good: as much as is left of the period. "
        "Bad: below a quarter, or spent, in red. Then hold back risky changes, and see below how fast it goes.",
        Unit.SHARE,
        (Series(_of(series.BUDGET_REMAINING).query, "{{slo}}"),),
        kind=PanelKind.BAR_GAUGE,
        base=Colour.BAD,
        thresholds=(Threshold(0, Colour.WARNING), Threshold(_LITTLE, Colour.GOOD)),
        decimals=1,
    )


def _burn_down() -> Panel:
    return Panel(
        panels.SLO_BURN_DOWN,
        "Error budget burn-down",
        "How the budgets of the last 30 days came down. Good: level, or a slope that ends above zero. Bad: a step: an "
        "incident spent in an hour what is meant for weeks. Then find the step's moment in the marks of alerts and "
        "deployments, and write down what happened.",
        Unit.SHARE,
        (Series(_of(series.BUDGET_REMAINING).query, "{{slo}}"),),
        base=Colour.BAD,
        thresholds=(Threshold(0, Colour.WARNING), Threshold(_LITTLE, Colour.GOOD)),
        minimum=None,
        period=_PERIOD,
    )


def _burning(tier: Tier) -> Panel:
    budget = _of(series.ERROR_BUDGET).query
    long, short = promql.duration(tier.long_s), promql.duration(tier.short_s)

    def over(window_s: float) -> Series:
        ratio = promql.divided(_of(series.error_ratio(window_s)).query, budget)
        return Series(ratio, f"{{{{slo}}}} {promql.duration(window_s)}")

    return Panel(
        panels.BURN_RATES[tier.name],
        f"Burn rate over {long} and {short}",
        f"How many times faster than it lasts the budget is spent. Good: below 1. Bad: both windows above the line, "
        f"which is when {tier.alert} fires. Then follow its runbook. The long window says that it matters, the short "
        "one that it goes on.",
        Unit.FACTOR,
        (over(tier.long_s), over(tier.short_s)),
        thresholds=(Threshold(tier.factor(THIRTY_DAYS_S), _COLOURS[tier.severity]),),
    )


def _errors() -> Panel:
    return Panel(
        panels.SLO_ERRORS,
        "Share of failed events",
        "The share of events that failed over each objective's period, and over the last hour. Good: both near zero. "
        "Bad: the hour above the period: it is getting worse. Then look at the objective's service.",
        Unit.SHARE,
        (
            Series(_of(series.PERIOD_ERRORS).query, "{{slo}}, period"),
            Series(_of(series.error_ratio(TIERS[0].long_s)).query, "{{slo}}, last hour"),
        ),
        decimals=3,
    )


def _events() -> Panel:
    return Panel(
        panels.SLO_EVENTS,
        "Events, and those that failed",
        "What the objectives count, per minute. Good: events come, few of them fail. Bad: none come, so that nothing "
        "is promised to anybody, or many fail. Then see which requests those are, on the service's dashboard.",
        Unit.COUNT,
        (
            Series(_of(series.EVENTS).query, "{{slo}}"),
            Series(_of(series.BAD_EVENTS).query, "{{slo}} failed", unit=Unit.COUNT),
        ),
    )


def _month() -> Panel:
    return Panel(
        panels.SLO_MONTH,
        "Error budget left this month, and time down this year",
        "What is left of the calendar month's budget (UTC), left, and the time down of this year, right. Good: as much "
        "as is left of the month. Bad: nothing. Then `kubechat slo gate` lets no release out before the month ends.",
        Unit.SHARE,
        (
            Series(_of(series.MONTH_BUDGET_REMAINING).query, "{{slo}}"),
            Series(promql.maximum(select(DOWNTIME.name, job=GATEWAY).query), "down this year", unit=Unit.SECONDS),
        ),
        minimum=None,
    )


def _counting() -> Panel:
    return Panel(
        panels.SLO_COUNTING,
        "Planned maintenance",
        "Whether events count. Good: they do. Bad: maintenance that should have ended. Then end it with "
        "`kubechat maintenance`.",
        Unit.FACTOR,
        (
            Series(
                promql.either(select(series.COUNTING).query, promql.constant(1)),
                "events",
            ),
        ),
        kind=PanelKind.STATE_TIMELINE,
        states=(State(0, "maintenance", Colour.NEUTRAL), State(1, "counted", Colour.GOOD)),
    )


def _targets() -> Panel:
    return Panel(
        panels.SLO_TARGETS,
        "Promises of the architecture by state",
        "How many promised figures are proved, and how many wait for a part that is not built. Good: proved ones only. "
        "Bad: unproved ones. Then `make targets-mutate` says which.",
        Unit.COUNT,
        (Series(promql.maximum(select(TARGETS.name).query, ("state",)), "{{state}}"),),
        kind=PanelKind.STAT,
        decimals=0,
    )
