"""From an objective to Prometheus' rules: multi-window, multi-burn-rate, weighted by events.

Every `counting_interval_s` two numbers go into a book: how many events there were, and how many of them failed. All
shares, over five minutes or over the whole period, are sums of these entries divided by one another. An average of
ratios would give a quiet minute the weight of a busy one, and one idle minute would turn the whole period into NaN.
An idle spell here adds zeros: it spends no budget and hides no number. So does planned maintenance.

Sums over a whole period would read tens of thousands of entries. Every `ledger_interval_s` the book's entries since the
last time go into a ledger as one, and periods and months are sums of that.

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
LEDGER_FROM_S: Final = 86_400.0
"""Windows of a day and longer are summed from the ledger: that they are up to ten minutes behind changes nothing."""
_GROUP_REMEMBERED_S: Final = 3_600.0
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
        *_ledger(objective, pace),
        *(rule for window_s in objective.windows_s for rule in _window(objective, window_s)),
        *(_burn_alert(objective, tier) for tier in objective.tiers),
        _no_data_alert(objective),
        *_budget(objective),
        *(_month(objective) if objective.calendar_month else ()),
    )
    return RuleGroup(f"slo:{objective.id}", pace.counting_interval_s, rules)


def _book(objective: Objective, pace: Pace) -> tuple[RecordingRule, RecordingRule]:
    indicator, by, window_s = objective.indicator, objective.grouping, pace.counting_interval_s
    events = indicator.events(window_s, by)
    if not by or objective.presence_grouped:
        # Measured, but nothing happened: that is zero events, and not the absence of a measurement.
        events = promql.either(events, promql.times(promql.total(indicator.presence.query, by), 0))
    # The entry that the rule before has just made.
    entered = promql.total(_own(objective, series.EVENTS).query, by)
    bad_events = promql.either(indicator.bad_events(window_s, by, entered), promql.times(entered, 0))
    if objective.excludes_maintenance:
        counting = promql.select(series.COUNTING)
        events, bad_events = promql.scaled(events, counting), promql.scaled(bad_events, counting)
    return (
        RecordingRule(series.EVENTS, events, objective.labels),
        RecordingRule(series.BAD_EVENTS, bad_events, objective.labels),
    )


def _ledger(objective: Objective, pace: Pace) -> tuple[RecordingRule, RecordingRule]:
    """An entry as soon as the last one is old enough: none is missing because Prometheus was away just then."""
    age_s, slack_s = pace.ledger_interval_s, pace.counting_interval_s / 2

    def entry(ledger: str, book: str) -> RecordingRule:
        # A second less than the interval: up to Prometheus 2 a range holds the samples at both of its ends.
        since = promql.sum_over_time(_own(objective, book), age_s - 1)
        return RecordingRule(
            ledger,
            promql.unless(since, promql.present_over_time(_own(objective, ledger), age_s - slack_s)),
            objective.labels,
        )

    return entry(series.LEDGER_EVENTS, series.EVENTS), entry(series.LEDGER_BAD_EVENTS, series.BAD_EVENTS)


def _window(objective: Objective, window_s: float) -> tuple[RecordingRule, ...]:
    """The share of failed events, and for a tier's long window their number, which its floor asks for."""
    from_ledger = window_s >= LEDGER_FROM_S
    events = _sum(objective, series.LEDGER_EVENTS if from_ledger else series.EVENTS, window_s)
    bad_events = _sum(objective, series.LEDGER_BAD_EVENTS if from_ledger else series.BAD_EVENTS, window_s)
    if window_s not in {tier.long_s for tier in objective.tiers}:
        return (RecordingRule(series.error_ratio(window_s), _share(bad_events, events), objective.labels),)
    counted = _own(objective, series.bad_events(window_s)).query
    return (
        RecordingRule(series.bad_events(window_s), bad_events, objective.labels),
        RecordingRule(series.error_ratio(window_s), _share(counted, events), objective.labels),
    )


def _budget(objective: Objective) -> tuple[RecordingRule, ...]:
    period_s, labels = objective.period_s, objective.labels
    return (
        RecordingRule(series.OBJECTIVE, promql.constant(objective.target), labels),
        RecordingRule(series.ERROR_BUDGET, promql.constant(objective.budget), labels),
        RecordingRule(series.PERIOD, promql.constant(period_s), labels),
        RecordingRule(series.PERIOD_EVENTS, _sum(objective, series.LEDGER_EVENTS, period_s), labels),
        RecordingRule(series.PERIOD_BAD_EVENTS, _sum(objective, series.LEDGER_BAD_EVENTS, period_s), labels),
        RecordingRule(
            series.PERIOD_ERRORS,
            _share(_own(objective, series.PERIOD_BAD_EVENTS).query, _own(objective, series.PERIOD_EVENTS).query),
            labels,
        ),
        RecordingRule(series.BUDGET_REMAINING, _left(objective, series.PERIOD_ERRORS), labels),
    )


def _month(objective: Objective) -> tuple[RecordingRule, ...]:
    # In its first hour a month has no full hour yet: nothing has happened in it so far.
    nothing = promql.times(_own(objective, series.PERIOD_EVENTS).query, 0)

    def since_its_first(ledger: str) -> Query:
        return promql.either(promql.sum_of_month(_own(objective, ledger)), nothing)

    return (
        RecordingRule(series.MONTH_EVENTS, since_its_first(series.LEDGER_EVENTS), objective.labels),
        RecordingRule(series.MONTH_BAD_EVENTS, since_its_first(series.LEDGER_BAD_EVENTS), objective.labels),
        RecordingRule(
            series.MONTH_ERRORS,
            _share(_own(objective, series.MONTH_BAD_EVENTS).query, _own(objective, series.MONTH_EVENTS).query),
            objective.labels,
        ),
        RecordingRule(series.MONTH_BUDGET_REMAINING, _left(objective, series.MONTH_ERRORS), objective.labels),
    )


def _burn_alert(objective: Objective, tier: Tier) -> AlertingRule:
    threshold = tier.threshold(objective)
    factor = promql.number(tier.factor(objective.period_s))
    long, period = duration(tier.long_s), duration(objective.period_s)
    exhausted = duration(round(objective.period_s / tier.factor(objective.period_s)))
    conditions = [
        # The long window first: its value is the one that the description shows.
        promql.above(_own(objective, series.error_ratio(tier.long_s)).query, threshold),
        promql.above(_own(objective, series.error_ratio(tier.short_s)).query, threshold),
        promql.reaching(_own(objective, series.bad_events(tier.long_s)).query, objective.minimum_bad_events),
    ]
    if objective.minimum_events > 1:
        book = series.LEDGER_EVENTS if tier.long_s >= LEDGER_FROM_S else series.EVENTS
        enough = promql.reaching(_sum(objective, book, tier.long_s), objective.minimum_events)
        conditions.append(enough)
    return AlertingRule(
        tier.alert,
        promql.both(*conditions),
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
    events = _own(objective, series.EVENTS)
    missing = promql.absent(events.query)
    if objective.grouping:
        # A group that is gone is said as long as it was there an hour ago; after that it counts as removed.
        gone = promql.unless(promql.present_over_time(events, _GROUP_REMEMBERED_S), events.query)
        missing = promql.either(gone, missing)
    return AlertingRule(
        NO_DATA_ALERT,
        missing,
        for_s=NO_DATA_FOR_S,
        labels=objective.labels | {series.SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": f"{objective.title}: nobody knows whether it is kept",
            "description": (
                f"Nothing has been measured for the objective {objective.id}{_group_shown(objective)} for "
                f"{duration(NO_DATA_FOR_S)}: Prometheus finds no series of {objective.indicator.presence.name}. "
                "Its burn alerts cannot fire."
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


def _left(objective: Objective, errors: str) -> Query:
    """What is left of the budget, as a share of it; below zero when more was spent than there was."""
    return promql.complement(promql.times(_own(objective, errors).query, 1 / objective.budget))


def _own(objective: Objective, name: str) -> Selector:
    return promql.select(name, **{series.SLO: objective.id})
