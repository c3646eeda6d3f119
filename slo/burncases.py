"""For each objective, the cases that show that its burn-rate alerts speak when they should and are silent otherwise.

They feed the raw counters, not the recorded series, so that the whole chain from counter to alert is under test; only
the calendar month's case begins at the ledger, because a month of raw samples would take minutes to replay.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slo import promql, series
from slo.burnrate import LEDGER_FROM_S, NO_DATA_ALERT, NO_DATA_FOR_S
from slo.case import AlertCheck, Case, ExpectedAlert, Phase, ValueCheck, firing, rising, steady
from slo.prometheus import PACE, Pace
from slo.promql import duration, number

if TYPE_CHECKING:
    from slo.objective import Objective, Tier
    from slo.rule import RuleGroup

_EVENTS_PER_STEP: Final = 1_000
_ABOVE: Final = 1.25  # of the threshold
_JUST_UNDER: Final = 0.99  # of the threshold
_BURST: Final = 8  # times the threshold, where that many can fail
_LONGEST_REPLAY_S: Final = 6 * 3_600  # a longer history would make the cases slow, and shows nothing new
MONTH_STEP_S: Final = 12 * 3_600.0  # how often the rules are evaluated in a calendar month's case
_DAY_S: Final = 86_400.0
_FIRST_GROUP, _SECOND_GROUP = 0, 1


class BurnCases:
    """Makes the cases of one objective.

    Args:
        objective: the objective.
        group: its rules, with the alerts as they are written to the rule file.
        pace: of the Prometheus that runs the rules.
    """

    def __init__(self, objective: Objective, group: RuleGroup, pace: Pace = PACE) -> None:
        self._objective = objective
        self._rules = {rule.alert: rule for rule in group.alerts}
        self._step_s = pace.counting_interval_s
        self._ledger_s = pace.ledger_interval_s

    def all(self) -> tuple[Case, ...]:
        """Every case, tier by tier, then those about little traffic, idleness, weight and absence."""
        tiers = self._objective.tiers
        return (
            *(case for tier in tiers for case in self._of_tier(tier)),
            self._little_traffic(),
            self._enough_failures(),
            self._idle_spell(),
            self._weighted_by_events(),
            *((self._too_few_events(),) if self._objective.minimum_events > self._objective.minimum_bad_events else ()),
            *((self._maintenance(),) if self._objective.excludes_maintenance else ()),
            *((self._apart(), self._group_gone()) if self._objective.grouping else ()),
            self._no_data(),
            *((self._no_traffic(),) if self._presence_is_enough else ()),
        )

    def of_month(self) -> tuple[Case, ...]:
        """The case of the calendar month, which is evaluated every `MONTH_STEP_S`; none when no month is recorded."""
        return (self._month(),) if self._objective.calendar_month else ()

    def _of_tier(self, tier: Tier) -> tuple[Case, ...]:
        cases = (self._fires_and_resolves(tier), self._silent_just_under(tier))
        return (*cases, self._short_spell(tier)) if tier.long_s <= _LONGEST_REPLAY_S else cases

    def _fires_and_resolves(self, tier: Tier) -> Case:
        threshold = tier.threshold(self._objective)
        share = min(threshold * _ABOVE, (threshold + 1) / 2)
        steps = self._steps(tier.short_s)
        # A burst before the end keeps the long window above the threshold: it is the short one that ends the alert.
        burst = math.ceil(steps / 4)
        phases = (
            self._traffic(tier, steps, share),
            self._traffic(tier, burst, min(threshold * _BURST, 1)),
            self._traffic(tier, steps + 2, 0),
        )
        ends_s = (steps + burst + steps + 2) * self._step_s
        return self._case(
            f"{tier.alert} fires at {number(share)} failed, and ends {duration(tier.short_s)} after the last failure",
            phases,
            AlertCheck(tier.short_s, tier.alert, (self._fired(tier, share),)),
            AlertCheck(ends_s, tier.alert),
        )

    def _silent_just_under(self, tier: Tier) -> Case:
        share = tier.threshold(self._objective) * _JUST_UNDER
        phases = (self._traffic(tier, 2 * self._steps(tier.short_s), share),)
        checks = (AlertCheck(tier.short_s, tier.alert), AlertCheck(2 * tier.short_s, tier.alert))
        return self._case(f"{tier.alert} is silent at {number(share)} failed", phases, *checks)

    def _short_spell(self, tier: Tier) -> Case:
        share = min(tier.threshold(self._objective) * _ABOVE, 1)
        quiet, spell = self._steps(tier.long_s - tier.short_s), self._steps(tier.short_s)
        return self._case(
            f"{tier.alert} is silent when only the last {duration(tier.short_s)} of {duration(tier.long_s)} were bad",
            (self._traffic(tier, quiet, 0), self._traffic(tier, spell, share)),
            AlertCheck(tier.long_s, tier.alert),
        )

    def _little_traffic(self) -> Case:
        one_too_few = self._objective.minimum_bad_events - 1
        return self._case(
            f"nobody is told of {one_too_few} failures, even when nothing else happened",
            (self._events(1, 0, one_too_few), self._events(self._steps(self._ledger_s) + 1, 0, 0)),
            *(AlertCheck(self._seen_s(tier), tier.alert) for tier in self._objective.tiers),
        )

    def _too_few_events(self) -> Case:
        too_few = self._objective.minimum_events - 1
        return self._case(
            f"nobody is told of {too_few} events, even when all of them failed",
            (self._events(1, 0, too_few), self._events(self._steps(self._ledger_s) + 1, 0, 0)),
            *(AlertCheck(self._seen_s(tier), tier.alert) for tier in self._objective.tiers),
        )

    def _enough_failures(self) -> Case:
        enough = max(self._objective.minimum_bad_events, self._objective.minimum_events)
        return self._case(
            f"{enough} failures with nothing beside them are told",
            (self._events(1, 0, enough), self._events(self._steps(self._ledger_s) + 1, 0, 0)),
            *(AlertCheck(self._seen_s(tier), tier.alert, (self._fired(tier, 1.0),)) for tier in self._objective.tiers),
        )

    def _maintenance(self) -> Case:
        """As many failures as page anybody, all of them during maintenance; those after it are counted again."""
        steps = self._steps(self._ledger_s)
        bad = 2 * max(self._objective.minimum_bad_events, self._objective.minimum_events)
        phases = (self._events(steps, 0, bad), self._events(steps, bad, 0))
        case = self._case(
            "what fails during planned maintenance spends no budget and tells nobody",
            phases,
            *(AlertCheck(steps * self._step_s, tier.alert) for tier in self._objective.tiers),
            values=(
                self._value(2 * steps * self._step_s, series.PERIOD_BAD_EVENTS, 0),
                self._value(2 * steps * self._step_s, series.PERIOD_EVENTS, steps * bad),
            ),
        )
        return replace(case, series={**case.series, series.COUNTING: f"0x{steps} 1x{steps}"})

    def _apart(self) -> Case:
        """One group fails, another does not: each has its own budget, and only one is told of."""
        steps = self._steps(self._ledger_s)
        share = min(self._objective.budget * _BURST, 1)
        events = self._enough_events(share, steps)
        failing = Phase(steps, {**self._rises(events * (1 - share), events * share, _FIRST_GROUP)})
        phase = Phase(steps, {**failing.rises, **self._rises(events, 0, _SECOND_GROUP)})
        return self._case(
            "each group has a budget of its own",
            (phase,),
            values=(
                self._value(steps * self._step_s, series.PERIOD_ERRORS, share, (_FIRST_GROUP,)),
                self._value(steps * self._step_s, series.PERIOD_ERRORS, 0, (_SECOND_GROUP,)),
            ),
            groups=(_FIRST_GROUP, _SECOND_GROUP),
        )

    def _group_gone(self) -> Case:
        """A group that is measured no longer is said, while the others go on."""
        gone_after = self._steps(self._ledger_s)
        late = gone_after + self._steps(NO_DATA_FOR_S) + 2
        lasting = rising((Phase(late, self._rises(_EVENTS_PER_STEP, 0, _SECOND_GROUP)),))
        leaving = rising((Phase(gone_after, self._rises(_EVENTS_PER_STEP, 0, _FIRST_GROUP)),))
        presence = self._presence(late, (_SECOND_GROUP,)) if self._objective.presence_grouped else {}
        expected = firing(self._rules[NO_DATA_ALERT], self._group(_FIRST_GROUP))
        own = {series.SLO: self._objective.id, series.SERVICE: self._objective.service}
        expected = replace(expected, labels={**own, **expected.labels})
        return Case(
            "a group that is measured no longer is said",
            self._step_s,
            {**lasting, **{name: f"{values} stale" for name, values in leaving.items()}, **presence},
            (
                AlertCheck(gone_after * self._step_s, NO_DATA_ALERT),
                AlertCheck(late * self._step_s, NO_DATA_ALERT, (expected,)),
            ),
        )

    def _month(self) -> Case:
        """January loses a tenth of its events, February none: in February, January is forgotten."""
        january, february = 31 * _DAY_S, MONTH_STEP_S
        entries, later = round(january / self._ledger_s), round(february / self._ledger_s)
        labels = {**self._objective.labels, **self._group(_FIRST_GROUP)}
        given = {
            promql.select(series.LEDGER_EVENTS, **labels).text: f"0 100x{entries + later}",
            promql.select(series.LEDGER_BAD_EVENTS, **labels).text: f"0 10x{entries - 1} 0x{later}",
        }
        return Case(
            "a calendar month begins with a whole budget",
            self._ledger_s,
            given,
            values=(
                self._value(january - MONTH_STEP_S, series.MONTH_EVENTS, (entries - later) * 100),
                self._value(january - MONTH_STEP_S, series.MONTH_ERRORS, 0.1),
                self._value(january, series.MONTH_EVENTS, 0),
                self._value(january + february, series.MONTH_EVENTS, later * 100),
                self._value(january + february, series.MONTH_BAD_EVENTS, 0),
                self._value(january + february, series.MONTH_BUDGET_REMAINING, 1),
            ),
        )

    def _idle_spell(self) -> Case:
        idle_steps = self._steps(2 * self._shortest_s)
        idle_from_s = self._ledger_s
        end_s = idle_from_s + idle_steps * self._step_s
        return self._case(
            "an idle spell spends no budget and hides no number",
            (self._events(self._steps(idle_from_s), 90, 10), self._events(idle_steps, 0, 0)),
            values=(
                self._value(end_s, series.error_ratio(self._shortest_s), 0),
                self._value(idle_from_s, series.PERIOD_ERRORS, 0.1),
                self._value(end_s, series.PERIOD_ERRORS, 0.1),
                self._value(end_s, series.PERIOD_BAD_EVENTS, 10 * self._steps(idle_from_s)),
                self._value(end_s, series.PERIOD_EVENTS, 100 * self._steps(idle_from_s)),
            ),
        )

    def _weighted_by_events(self) -> Case:
        # 110 quiet minutes without a failure, then ten busy ones with 10 %: the mean of five-minute ratios is 0.0083.
        per_minute = self._step_s / 60
        quiet, busy = self._steps(110 * 60), self._steps(10 * 60)
        phases = (self._events(quiet, 60 * per_minute, 0), self._events(busy, 54_000 * per_minute, 6_000 * per_minute))
        return self._case(
            "every event weighs the same, in a quiet minute and in a busy one",
            phases,
            values=(self._value((quiet + busy) * self._step_s, series.PERIOD_ERRORS, 0.0989),),
        )

    def _no_data(self) -> Case:
        # Nothing is known of any group either: the text that names one names none.
        alert = firing(self._rules[NO_DATA_ALERT], dict.fromkeys(self._objective.grouping, ""))
        alert = replace(alert, labels={name: value for name, value in alert.labels.items() if value})
        late = NO_DATA_FOR_S + self._step_s
        return Case(
            "without data nothing burns, and that there is none is said",
            self._step_s,
            {},
            (
                AlertCheck(NO_DATA_FOR_S - self._step_s, NO_DATA_ALERT),
                AlertCheck(late, NO_DATA_ALERT, (alert,)),
                *(AlertCheck(late, tier.alert) for tier in self._objective.tiers),
            ),
        )

    def _no_traffic(self) -> Case:
        late = NO_DATA_FOR_S + 2 * self._step_s
        remaining = self._value(late, series.BUDGET_REMAINING, 1)
        return Case(
            "no traffic is not the same as no data: the budget is whole",
            self._step_s,
            self._presence(self._steps(late)),
            (AlertCheck(late, NO_DATA_ALERT),),
            (remaining, self._value(late, series.PERIOD_EVENTS, 0)),
        )

    @property
    def _presence_is_enough(self) -> bool:
        return not self._objective.grouping or self._objective.presence_grouped

    @property
    def _shortest_s(self) -> float:
        return self._objective.windows_s[0]

    def _fired(self, tier: Tier, share: float) -> ExpectedAlert:
        return firing(self._rules[tier.alert], self._group(_FIRST_GROUP), share)

    def _seen_s(self, tier: Tier) -> float:
        """When a tier knows of what happened in the first step: at once, or a step after the ledger's next entry."""
        return self._ledger_s + 2 * self._step_s if tier.long_s >= LEDGER_FROM_S else 2 * self._step_s

    def _steps(self, seconds: float) -> int:
        return math.ceil(seconds / self._step_s)

    def _traffic(self, tier: Tier, steps: int, share: float) -> Phase:
        """Steady traffic of which this share fails, and enough of it that the minimum of bad events is no matter."""
        least_share = tier.threshold(self._objective) * _JUST_UNDER
        events = self._enough_events(least_share, self._steps(tier.short_s))
        return self._events(steps, events * (1 - share), events * share)

    def _enough_events(self, share: float, steps: int) -> int:
        """Events per step, so many that both floors are passed within the steps when this share of them fails."""
        failed = 2 * self._objective.minimum_bad_events / (share * steps)
        return max(_EVENTS_PER_STEP, math.ceil(failed), math.ceil(2 * self._objective.minimum_events / steps))

    def _events(self, steps: int, good: float, bad: float) -> Phase:
        return Phase(steps, self._rises(good, bad, _FIRST_GROUP))

    def _rises(self, good: float, bad: float, group: int) -> dict[str, float]:
        return self._objective.indicator.examples(round(good, 9), round(bad, 9), self._group(group))

    def _group(self, number: int) -> dict[str, str]:
        """Labels of the first or second group: values that the indicator's own conditions accept."""
        presence = dict(self._objective.indicator.presence.where)
        found: dict[str, str] = {}
        for label in self._objective.grouping:
            matcher = presence.get(label)
            listed = matcher.value.split("|") if matcher is not None else ["one", "another"]
            found[label] = listed[min(number, len(listed) - 1)]
        return found

    def _presence(self, steps: int, groups: tuple[int, ...] = (_FIRST_GROUP,)) -> dict[str, str]:
        presence = self._objective.indicator.presence
        carried = groups if self._objective.presence_grouped else groups[:1]
        labels = [self._group(group) if self._objective.presence_grouped else {} for group in carried]
        return {promql.select(presence.name, **{**presence.example, **each}).text: steady(1, steps) for each in labels}

    def _value(self, at_s: float, name: str, value: float, groups: tuple[int, ...] = (_FIRST_GROUP,)) -> ValueCheck:
        own = {series.SLO: self._objective.id, **self._group(groups[0])}
        rounded = f"round({promql.select(name, **own).text}, 0.0001)"
        labels = {**self._objective.labels, **self._group(groups[0])}
        # Without a series that shows their presence, events and ledger begin with the second sample.
        late_s = 0 if self._presence_is_enough else self._step_s
        return ValueCheck(at_s + late_s, rounded, {promql.select("", **dict(sorted(labels.items()))).text: value})

    def _case(
        self,
        name: str,
        phases: tuple[Phase, ...],
        *alerts: AlertCheck,
        values: tuple[ValueCheck, ...] = (),
        groups: tuple[int, ...] = (_FIRST_GROUP,),
    ) -> Case:
        presence = self._presence(sum(phase.steps for phase in phases), groups)
        return Case(name, self._step_s, rising(phases) | presence, alerts, values)
