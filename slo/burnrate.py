"""From an objective to Prometheus' rules: multi-window, multi-burn-rate, weighted by events.

Every `counting_interval_s` two numbers go into a book: how many events there were, and how many of them failed. All
shares, over five minutes or over the whole period, are sums of these entries divided by one another. An average of
ratios would give a quiet minute the weight of a busy one, and one idle minute would turn the whole period into NaN.
An idle spell here adds zeros: it spends no budget and hides no number.

Source of the method: Google, The Site Reliability Workbook, chapter 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slo import promql, series
from slo.objective import Objective, Severity, Tier, require_sound
from slo.prometheus import PACE, Pace
from slo.promql import duration
from slo.rule import AlertingRule, RecordingRule, RuleGroup

if TYPE_CHECKING:
    from slo.promql import Query, Selector

NO_DATA_ALERT: Final = "SLONoData"
NO_DATA_FOR_S: Final = 300.0  # longer than a restart, shorter than the shortest tier's share of the budget


def rule_group(objective: Objective, pace: Pace = PACE) -> RuleGroup:
    """The objective's rules, one group: what an earlier rule counts, a later one sees at once.

    Args:
        objective: what is promised.
        pace: of the Prometheus that will run the rules.

    Raises:
        ObjectiveError: when the objective cannot work, with one sentence per fault.
    """
    require_sound(objective, pace)
    rules: tuple[RecordingRule | AlertingRule, ...] = (
        *_book(objective, pace),
        *(rule for window_s in objective.windows_s for rule in _window(objective, window_s)),
        *(_burn_alert(objective, tier) for tier in objective.tiers),
        _no_data_alert(objective),
        *_budget(objective),
    )
    return RuleGroup(f"slo:{objective.id}", pace.counting_interval_s, rules)


def _book(objective: Objective, pace: Pace) -> tuple[RecordingRule, RecordingRule]:
    indicator, by, window_s = objective.indicator, objective.grouping, pace.counting_interval_s
    events = indicator.events(window_s, by)
    if not by:
        # Measured, but nothing happened: that is zero events, and not the absence of a measurement.
        events = promql.either(events, promql.times(promql.total(indicator.presence.query), 0))
    none_failed = promql.times(promql.total(_own(objective, series.EVENTS).query, by), 0)
    bad_events = promql.either(indicator.bad_events(window_s, by), none_failed)
    return (
        RecordingRule(series.EVENTS, events, objective.labels),
        RecordingRule(series.BAD_EVENTS, bad_events, objective.labels),
    )


def _window(objective: Objective, window_s: float) -> tuple[RecordingRule, RecordingRule]:
    return (
        RecordingRule(series.bad_events(window_s), _sum(objective, series.BAD_EVENTS, window_s)),
        RecordingRule(
            series.error_ratio(window_s),
            _share(_own(objective, series.bad_events(window_s)).query, _sum(objective, series.EVENTS, window_s)),
        ),
    )


def _budget(objective: Objective) -> tuple[RecordingRule, ...]:
    period_s, labels = objective.period_s, objective.labels
    spent = promql.times(_own(objective, series.PERIOD_ERRORS).query, 1 / objective.budget)
    return (
        RecordingRule(series.OBJECTIVE, promql.constant(objective.target), labels),
        RecordingRule(series.ERROR_BUDGET, promql.constant(objective.budget), labels),
        RecordingRule(series.PERIOD, promql.constant(period_s), labels),
        RecordingRule(series.PERIOD_EVENTS, _sum(objective, series.EVENTS, period_s)),
        RecordingRule(series.PERIOD_BAD_EVENTS, _sum(objective, series.BAD_EVENTS, period_s)),
        RecordingRule(
            series.PERIOD_ERRORS,
            _share(_own(objective, series.PERIOD_BAD_EVENTS).query, _own(objective, series.PERIOD_EVENTS).query),
        ),
        RecordingRule(series.BUDGET_REMAINING, promql.complement(spent)),
    )


def _burn_alert(objective: Objective, tier: Tier) -> AlertingRule:
    threshold = tier.threshold(objective)
    factor = promql.number(tier.factor(objective.period_s))
    long, period = duration(tier.long_s), duration(objective.period_s)
    exhausted = duration(round(objective.period_s / tier.factor(objective.period_s)))
    return AlertingRule(
        tier.alert,
        promql.both(
            # The long window first: its value is the one that the description shows.
            promql.above(_own(objective, series.error_ratio(tier.long_s)).query, threshold),
            promql.above(_own(objective, series.error_ratio(tier.short_s)).query, threshold),
            promql.reaching(_own(objective, series.bad_events(tier.long_s)).query, objective.minimum_bad_events),
        ),
        labels=objective.labels | {series.SEVERITY: tier.severity.value, series.TIER: tier.name},
        annotations={
            "summary": f"{objective.title}: the error budget burns at {factor} times the rate at which it lasts",
            "description": (
                f"{{{{ $value | humanizePercentage }}}} of events failed over the last {long}"
                f"{_group_shown(objective)}; {promql.number(objective.budget * 100)}% may fail over {period}. "
                f"At {factor} times that share the whole budget is spent in {exhausted}."
            ),
        },
    )


def _no_data_alert(objective: Objective) -> AlertingRule:
    return AlertingRule(
        NO_DATA_ALERT,
        promql.absent(_own(objective, series.EVENTS).query),
        for_s=NO_DATA_FOR_S,
        labels=objective.labels | {series.SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": f"{objective.title}: nobody knows whether it is kept",
            "description": (
                f"Nothing has been measured for the objective {objective.id} for {duration(NO_DATA_FOR_S)}: "
                f"Prometheus finds no series of {objective.indicator.presence.name}. Its burn alerts cannot fire."
            ),
        },
    )


def _group_shown(objective: Objective) -> str:
    shown = ", ".join(f"{label} {{{{ $labels.{label} }}}}" for label in objective.grouping)
    return f" ({shown})" if shown else ""


def _sum(objective: Objective, name: str, window_s: float) -> Query:
    return promql.sum_over_time(_own(objective, name), window_s)


def _share(bad_events: Query, events: Query) -> Query:
    """Bad events over all events; where there were none, none of them was bad."""
    return promql.divided(bad_events, promql.at_least(events, 1))


def _own(objective: Objective, name: str) -> Selector:
    return promql.select(name, **{series.SLO: objective.id})
