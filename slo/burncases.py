"""For each objective, the cases that show that its burn-rate alerts speak when they should and are silent otherwise.

They feed the raw counters, not the recorded series, so that the whole chain from counter to alert is under test.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from slo import promql, series
from slo.burnrate import NO_DATA_ALERT, NO_DATA_FOR_S
from slo.case import AlertCheck, Case, Phase, ValueCheck, firing, rising, steady
from slo.prometheus import PACE, Pace
from slo.promql import duration, number

if TYPE_CHECKING:
    from slo.objective import Objective, Tier
    from slo.rule import AlertingRule, RuleGroup

_EVENTS_PER_STEP: Final = 1_000
_ABOVE: Final = 1.25  # of the threshold
_JUST_UNDER: Final = 0.99  # of the threshold
_BURST: Final = 8  # times the threshold, where that many can fail
_LONGEST_REPLAY_S: Final = 6 * 3_600  # a longer history would make the cases slow, and shows nothing new


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

    def all(self) -> tuple[Case, ...]:
        """Every case, tier by tier, then those about little traffic, idleness, weight and absence."""
        tiers = self._objective.tiers
        return (
            *(case for tier in tiers for case in self._of_tier(tier)),
            self._little_traffic(),
            self._enough_failures(),
            self._idle_spell(),
            self._weighted_by_events(),
            self._no_data(),
            self._no_traffic(),
        )

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
            AlertCheck(tier.short_s, tier.alert, (firing(self._rule(tier), value=share),)),
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
            (self._events(1, 0, one_too_few), self._events(2, 0, 0)),
            *(AlertCheck(2 * self._step_s, tier.alert) for tier in self._objective.tiers),
        )

    def _enough_failures(self) -> Case:
        enough = self._objective.minimum_bad_events
        return self._case(
            f"{enough} failures with nothing beside them are told",
            (self._events(1, 0, enough), self._events(2, 0, 0)),
            *(
                AlertCheck(2 * self._step_s, tier.alert, (firing(self._rule(tier), value=1.0),))
                for tier in self._objective.tiers
            ),
        )

    def _idle_spell(self) -> Case:
        idle_steps = self._steps(2 * self._shortest_s)
        idle_from_s = 10 * self._step_s
        end_s = idle_from_s + idle_steps * self._step_s
        return self._case(
            "an idle spell spends no budget and hides no number",
            (self._events(10, 90, 10), self._events(idle_steps, 0, 0)),
            values=(
                self._value(end_s, series.error_ratio(self._shortest_s), 0),
                self._value(idle_from_s, series.PERIOD_ERRORS, 0.1),
                self._value(end_s, series.PERIOD_ERRORS, 0.1),
                self._value(end_s, series.PERIOD_BAD_EVENTS, 100),
                self._value(end_s, series.PERIOD_EVENTS, 1_000),
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
        alert = firing(self._rules[NO_DATA_ALERT])
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
    def _shortest_s(self) -> float:
        return self._objective.windows_s[0]

    def _rule(self, tier: Tier) -> AlertingRule:
        return self._rules[tier.alert]

    def _steps(self, seconds: float) -> int:
        return math.ceil(seconds / self._step_s)

    def _traffic(self, tier: Tier, steps: int, share: float) -> Phase:
        """Steady traffic of which this share fails, and enough of it that the minimum of bad events is no matter."""
        least_share = tier.threshold(self._objective) * _JUST_UNDER
        needed = 2 * self._objective.minimum_bad_events / (least_share * self._steps(tier.short_s))
        events = max(_EVENTS_PER_STEP, math.ceil(needed))
        return self._events(steps, events * (1 - share), events * share)

    def _events(self, steps: int, good: float, bad: float) -> Phase:
        return Phase(steps, self._objective.indicator.examples(round(good, 9), round(bad, 9)))

    def _presence(self, steps: int) -> dict[str, str]:
        presence = self._objective.indicator.presence
        return {promql.select(presence.name, **presence.example).text: steady(1, steps)}

    def _value(self, at_s: float, name: str, value: float) -> ValueCheck:
        rounded = f"round({promql.select(name, **{series.SLO: self._objective.id}).text}, 0.0001)"
        labels = promql.select("", **dict(sorted(self._objective.labels.items()))).text
        return ValueCheck(at_s, rounded, {labels: value})

    def _case(
        self, name: str, phases: tuple[Phase, ...], *alerts: AlertCheck, values: tuple[ValueCheck, ...] = ()
    ) -> Case:
        presence = self._presence(sum(phase.steps for phase in phases))
        return Case(name, self._step_s, rising(phases) | presence, alerts, values)
