"""From an objective to Prometheus' rules: multi-window, multi-burn-rate, weighted by events.

Every `counting_interval_s` two numbers go into a book: how many events there were, and how many of them failed. All
shares, over five minutes or over the whole period, are sums of these entries divided by one another. An average of
ratios would give a quiet minute the weight of a busy one, and one idle minute would turn the whole period into NaN.
An idle spell here adds zeros: it spends no budget and hides no number. So does planned maintenance.

Sums over a whole period would read tens of thousands of entries. Every `ledger_interval_s` the book's entries since the
last time go into a ledger as one; days, periods and months are sums of that. Finding series in a month of blocks costs
Prometheus more than adding up what they hold, so one rule sums the ledgers of all objectives that want the same window.

Source of the method: Google, The Site Reliability Workbook, chapter 5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slo import promql, series
from slo.objective import Objective, Severity, Tier, require_sound
from slo.prometheus import PACE, Pace
from slo.promql import duration
from slo.rule import AlertingRule, RecordingRule, RuleGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slo.promql import Matcher, Query, Selector

NO_DATA_ALERT: Final = "SLONoData"
LEDGER_GROUP: Final = "slo:ledger"
_LEDGERS: Final = (series.LEDGER_EVENTS, series.LEDGER_BAD_EVENTS)
LEDGER_FROM_S: Final = 86_400.0
"""Windows of a day and longer are summed from the ledger: that they are up to ten minutes behind changes nothing."""
_GROUP_REMEMBERED_S: Final = 3_600.0
NO_DATA_FOR_S: Final = 300.0  # longer than a restart, shorter than the shortest tier's share of the budget


def rule_groups(objectives: Sequence[Objective], pace: Pace = PACE) -> tuple[RuleGroup, ...]:
    """The rules of some objectives: a group for each of them, and one for the ledgers of all.

    In a group, what an earlier rule counts a later one sees at once; the ledger is up to an interval of its own behind.

    Args:
        objectives: what is promised, each under an id of its own.
        pace: of the Prometheus that will run the rules.

    Raises:
        ObjectiveError: when an objective cannot work, with one sentence per fault.
    """
    return (*(own_group(objective, pace) for objective in objectives), ledger_group(objectives, pace))


def own_group(objective: Objective, pace: Pace = PACE) -> RuleGroup:
    """An objective's book, the windows that are summed from it, its month, its figures and its alerts.

    Raises:
        ObjectiveError: when the objective cannot work, with one sentence per fault.
    """
    require_sound(objective, pace)
    rules: tuple[RecordingRule | AlertingRule, ...] = (
        *_book(objective, pace),
        *_figures(objective),
        *(
            rule
            for window_s in objective.windows_s
            if window_s < LEDGER_FROM_S
            for rule in _window(objective, window_s)
        ),
        *_month(objective),
        *(_burn_alert(objective, tier) for tier in objective.tiers),
        _no_data_alert(objective),
    )
    return RuleGroup(f"slo:{objective.id}", pace.counting_interval_s, rules)


def ledger_group(objectives: Sequence[Objective], pace: Pace = PACE) -> RuleGroup:
    """The ledgers of some objectives, and what is summed from them; its rules come after those of the books.

    Raises:
        ValueError: without an objective there is no ledger.
    """
    if not objectives:
        raise ValueError("a ledger is that of some objective")
    rules = (*_ledger(objectives, pace), *_long_windows(objectives), *_periods(objectives))
    return RuleGroup(LEDGER_GROUP, pace.counting_interval_s, rules)


def _book(objective: Objective, pace: Pace) -> tuple[RecordingRule, RecordingRule]:
    indicator, by, window_s = objective.indicator, objective.grouping, pace.counting_interval_s
    events = indicator.events(window_s, by)
    if not by or objective.presence_grouped:
        # Measured, but nothing happened: that is zero events, and not the absence of a measurement.
        events = promql.either(events, promql.times(promql.total(indicator.presence.query, by), 0))
    # The entry that the rule before has just made.
    entered = promql.total(_select(series.EVENTS, _own(objective)).query, by)
    bad_events = promql.either(indicator.bad_events(window_s, by, entered), promql.times(entered, 0))
    if objective.excludes_maintenance:
        counting = promql.select(series.COUNTING)
        events, bad_events = promql.scaled(events, counting), promql.scaled(bad_events, counting)
    return (
        RecordingRule(series.EVENTS, events, objective.labels),
        RecordingRule(series.BAD_EVENTS, bad_events, objective.labels),
    )


def _figures(objective: Objective) -> tuple[RecordingRule, ...]:
    figures = ((series.OBJECTIVE, objective.target), (series.ERROR_BUDGET, objective.budget))
    return tuple(
        RecordingRule(name, promql.constant(figure), objective.labels)
        for name, figure in (*figures, (series.PERIOD, objective.period_s))
    )


def _window(objective: Objective, window_s: float) -> tuple[RecordingRule, ...]:
    """The share of failed events, and for a tier's long window their number, which its floor asks for.

    Nothing of a window that is summed from the ledger.
    """
    if window_s >= LEDGER_FROM_S:
        return ()
    counted = window_s in {tier.long_s for tier in objective.tiers}
    shares = _shares(_own(objective), (series.EVENTS, series.BAD_EVENTS), window_s, counted=counted)
    return tuple(replace(rule, labels=objective.labels) for rule in shares)


def _shares(own: Matcher, books: tuple[str, str], window_s: float, *, counted: bool) -> tuple[RecordingRule, ...]:
    """What is recorded of a window; its series keep the labels of the books, whatever the objectives are."""
    events, bad_events = (_sum(own, book, window_s) for book in books)
    if not counted:
        return (RecordingRule(series.error_ratio(window_s), _share(bad_events, events)),)
    failed = _select(series.bad_events(window_s), own).query
    return (
        RecordingRule(series.bad_events(window_s), bad_events),
        RecordingRule(series.error_ratio(window_s), _share(failed, events)),
    )


def _ledger(objectives: Sequence[Objective], pace: Pace) -> tuple[RecordingRule, RecordingRule]:
    """An entry as soon as the last one is old enough: none is missing because Prometheus was away just then."""
    age_s, slack_s, own = pace.ledger_interval_s, pace.counting_interval_s / 2, _any_of(objectives)

    def entry(ledger: str, book: str) -> RecordingRule:
        # A second less than the interval: up to Prometheus 2 a range holds the samples at both of its ends.
        since = promql.sum_over_time(_select(book, own), age_s - 1)
        last = promql.present_over_time(_select(ledger, own), age_s - slack_s)
        return RecordingRule(ledger, promql.unless(since, last))

    return entry(series.LEDGER_EVENTS, series.EVENTS), entry(series.LEDGER_BAD_EVENTS, series.BAD_EVENTS)


def _long_windows(objectives: Sequence[Objective]) -> Iterator[RecordingRule]:
    windows = {window_s for each in objectives for window_s in each.windows_s if window_s >= LEDGER_FROM_S}
    for window_s in sorted(windows):
        sharing = [each for each in objectives if window_s in each.windows_s]
        counted = any(window_s == tier.long_s for each in sharing for tier in each.tiers)
        yield from _shares(_any_of(sharing), _LEDGERS, window_s, counted=counted)


def _periods(objectives: Sequence[Objective]) -> Iterator[RecordingRule]:
    for period_s in sorted({each.period_s for each in objectives}):
        own = _any_of([each for each in objectives if each.period_s == period_s])
        events, bad_events = (_sum(own, ledger, period_s) for ledger in _LEDGERS)
        yield RecordingRule(series.PERIOD_EVENTS, events)
        yield RecordingRule(series.PERIOD_BAD_EVENTS, bad_events)
    own = _any_of(objectives)
    counted = _select(series.PERIOD_BAD_EVENTS, own).query, _select(series.PERIOD_EVENTS, own).query
    yield RecordingRule(series.PERIOD_ERRORS, _share(*counted))
    yield RecordingRule(series.BUDGET_REMAINING, _left(own, series.PERIOD_ERRORS))


def _month(objective: Objective) -> Iterator[RecordingRule]:
    """Summed hour by hour, which is dear: among its objective's own rules, where no other's cases meet it."""
    if not objective.calendar_month:
        return
    own = _own(objective)
    # In its first hour a month has no full hour yet: nothing has happened in it so far.
    nothing = promql.times(_select(series.PERIOD_EVENTS, own).query, 0)

    def since_its_first(ledger: str) -> Query:
        return promql.either(promql.sum_of_month(_select(ledger, own)), nothing)

    counted = _select(series.MONTH_BAD_EVENTS, own).query, _select(series.MONTH_EVENTS, own).query
    for name, query in (
        (series.MONTH_EVENTS, since_its_first(series.LEDGER_EVENTS)),
        (series.MONTH_BAD_EVENTS, since_its_first(series.LEDGER_BAD_EVENTS)),
        (series.MONTH_ERRORS, _share(*counted)),
        (series.MONTH_BUDGET_REMAINING, _left(own, series.MONTH_ERRORS)),
    ):
        yield RecordingRule(name, query, objective.labels)


def _burn_alert(objective: Objective, tier: Tier) -> AlertingRule:
    threshold = tier.threshold(objective)
    factor = promql.number(tier.factor(objective.period_s))
    long, period = duration(tier.long_s), duration(objective.period_s)
    exhausted = duration(round(objective.period_s / tier.factor(objective.period_s)))
    conditions = [
        # The long window first: its value is the one that the description shows.
        promql.above(_select(series.error_ratio(tier.long_s), _own(objective)).query, threshold),
        promql.above(_select(series.error_ratio(tier.short_s), _own(objective)).query, threshold),
        promql.reaching(_select(series.bad_events(tier.long_s), _own(objective)).query, objective.minimum_bad_events),
    ]
    if objective.minimum_events > 1:
        book = series.LEDGER_EVENTS if tier.long_s >= LEDGER_FROM_S else series.EVENTS
        enough = promql.reaching(_sum(_own(objective), book, tier.long_s), objective.minimum_events)
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
    events = _select(series.EVENTS, _own(objective))
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


def _share(bad_events: Query, events: Query) -> Query:
    """Bad events over all events; where there were none, none of them was bad."""
    return promql.divided(bad_events, promql.at_least(events, 1))


def _left(own: Matcher, errors: str) -> Query:
    """What is left of the budget, as a share of it; below zero when more was spent than there was."""
    budget = _select(series.ERROR_BUDGET, own).query
    return promql.complement(promql.divided(_select(errors, own).query, budget, (series.SLO,), many_left=True))


def _sum(own: Matcher, name: str, window_s: float) -> Query:
    return promql.sum_over_time(_select(name, own), window_s)


def _select(name: str, own: Matcher) -> Selector:
    return promql.select(name, **{series.SLO: own})


def _own(objective: Objective) -> Matcher:
    return promql.equals(objective.id)


def _any_of(objectives: Sequence[Objective]) -> Matcher:
    return _own(objectives[0]) if len(objectives) == 1 else promql.one_of(each.id for each in objectives)
