"""Planned maintenance: while it lasts, what happens is not entered into any objective's book.

The gateway exports when the declared maintenance begins and ends. Both are remembered for a day after the last scrape:
in a maintenance the gateway itself may be away, and that is when its word counts.
"""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import MAINTENANCE_END, MAINTENANCE_START
from slo import promql
from slo.case import Case, ValueCheck
from slo.prometheus import GATEWAY, PACE
from slo.promql import Query, select
from slo.rule import RecordingRule, RuleGroup
from slo.series import COUNTING

REMEMBERED_S: Final = 86_400.0
_STEP_S: Final = 60.0


def maintenance() -> LinkedGroup:
    """The rule that says whether events count at present: 1 as a rule, 0 during maintenance."""
    begun = promql.at_most_now(_known(MAINTENANCE_START.name))
    lasting = promql.after_now(_known(MAINTENANCE_END.name))
    counting = promql.either(promql.times(promql.both(begun, lasting), 0), promql.constant(1))
    return LinkedGroup(RuleGroup("maintenance", PACE.evaluation_interval_s, (RecordingRule(COUNTING, counting),)), {})


def maintenance_cases() -> tuple[Case, ...]:
    """When events count, and when they do not."""
    start, end = 2 * _STEP_S, 10 * _STEP_S
    before, during, after = _STEP_S, 5 * _STEP_S, end
    return (
        _case("without a maintenance everything counts", "0x12", "0x12", {during: 1}),
        _case(
            "from its start to its end nothing counts",
            f"{start:.0f}x12",
            f"{end:.0f}x12",
            {before: 1, start: 0, during: 0, end - _STEP_S: 0, after: 1},
        ),
        _case(
            "a maintenance lasts to its end although the gateway is away",
            f"{start:.0f}x3 stale",
            f"{end:.0f}x3 stale",
            {during: 0, after: 1},
        ),
        _case(
            "a maintenance that is ended early is over",
            f"{start:.0f}x3 0x9",
            f"{end:.0f}x3 0x9",
            {start: 0, during: 1},
        ),
        Case(
            "a replica that is gone does not prolong a maintenance that was ended early",
            _STEP_S,
            {
                select(metric.name, job=GATEWAY, instance=instance).text: values
                for metric, at_s in ((MAINTENANCE_START, start), (MAINTENANCE_END, end))
                for instance, values in (("gone", f"{at_s:.0f}x3 stale"), ("there", f"{at_s:.0f}x3 0x9"))
            },
            (),
            (_counts(start, 0), _counts(during, 1)),
        ),
        Case("where nothing is known of a maintenance everything counts", _STEP_S, {}, (), (_counts(during, 1),)),
    )


def _known(name: str) -> Query:
    """What the replicas that are there say; what any said last where none is."""
    said = select(name, job=GATEWAY)
    return promql.either(promql.maximum(said.query), promql.maximum(promql.last_over_time(said, REMEMBERED_S)))


def _case(name: str, start: str, end: str, counting: dict[float, float]) -> Case:
    given = {
        select(MAINTENANCE_START.name, job=GATEWAY).text: start,
        select(MAINTENANCE_END.name, job=GATEWAY).text: end,
    }
    return Case(name, _STEP_S, given, (), tuple(_counts(at_s, value) for at_s, value in counting.items()))


def _counts(at_s: float, value: float) -> ValueCheck:
    return ValueCheck(at_s, COUNTING, {COUNTING: value})
