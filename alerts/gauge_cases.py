"""Cases of an alert that looks at the present values of gauges: it fires, is silent just below, and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slo.case import AlertCheck, Case, firing, steady

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slo.rule import AlertingRule


def gauge_cases(
    rule: AlertingRule,
    moving: Mapping[str, tuple[float, float, float]],
    *,
    labels: Mapping[str, str],
    value: float,
    interval_s: float,
    still: Mapping[str, float] | None = None,
) -> tuple[Case, ...]:
    """The cases.

    Args:
        rule: the alert, which has a time to wait.
        moving: for each series, the value that fires, the nearest one that does not, and a good one.
        labels: of the alert.
        value: of the alert's expression when it fires.
        interval_s: seconds between two samples.
        still: series that the alert compares with.
    """
    steps = round(2 * rule.for_s / interval_s) + 2
    held = {name: steady(each, 3 * steps) for name, each in (still or {}).items()}
    early_s, fired_s, end_s = rule.for_s - interval_s, rule.for_s + interval_s, 2 * steps * interval_s
    bad = {name: f"{steady(it[0], steps)} {steady(it[2], 2 * steps)}" for name, it in moving.items()}
    near = {name: steady(it[1], 3 * steps) for name, it in moving.items()}
    return (
        Case(
            f"{rule.alert} fires after its time, and ends when it is over",
            interval_s,
            bad | held,
            (
                AlertCheck(early_s, rule.alert),
                AlertCheck(fired_s, rule.alert, (firing(rule, labels, value),)),
                AlertCheck(end_s, rule.alert),
            ),
        ),
        Case(f"{rule.alert} is silent just below", interval_s, near | held, (AlertCheck(fired_s, rule.alert),)),
        Case(f"{rule.alert} is silent without data", interval_s, {}, (AlertCheck(fired_s, rule.alert),)),
    )
