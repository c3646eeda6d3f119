"""From an SLO's alert policies to the tiers of an objective, and the tiers of an objective that has none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from slo.objective import SHORT_PERIOD_TIERS, TIERS, Severity, Tier, faults
from slo.openslo import annotations as names
from slo.openslo.faults import quoted
from slo.openslo.naming import slug
from slo.openslo.policies import Policy, Silent
from slo.promql import duration, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slo.objective import Objective
    from slo.openslo.annotations import Annotations
    from slo.openslo.fields import Fields
    from slo.openslo.policies import Policies
    from slo.prometheus import Pace

_FIELD: Final = "alertPolicies"
_SHORT_PERIOD_S: Final = 14 * 86_400.0  # below it the usual shares would page at factors near 1
_SHARE_OF_LONG: Final = 12  # Google, The Site Reliability Workbook, chapter 5: the short window is a twelfth
_MINUTE_S: Final = 60.0
_SLOWEST: Final = 0.9  # times the rate at which the budget lasts; slower than that, no tier has anything to say
_LOUDNESS: Final = {Severity.PAGE: 0, Severity.TICKET: 1, Severity.NONE: 2}


def read_tiers(
    spec: Fields, annotations: Annotations, policies: Policies, period_s: float, pace: Pace
) -> tuple[Tier, ...] | None:
    """The tiers that an SLO asks for; None when it asks for none, and the standard ones are to be taken."""
    entries = spec.items(_FIELD)
    found = [policies.of(entry) for entry in entries]
    wanted = annotations.text(names.TIERS, names.NO_TIERS)
    if wanted is not None and not entries:
        return ()
    if wanted is not None:
        annotations.fault(names.TIERS, f"it says that there are none, and {_FIELD} lists some")
    known = [policy for policy in found if isinstance(policy, Policy)]
    faulty = None in found
    if not known and not faulty:
        if any(isinstance(policy, Silent) for policy in found):
            spec.loss(_FIELD, "none of its policies is carried over")
        return None
    halves = [policy for policy in known if policy.tier]
    alone = [policy for policy in known if not policy.tier]
    ours = () if faulty else _joined(spec, halves, period_s)  # the other half may be the one with the fault
    theirs = [_standing_alone(spec, policy, period_s, pace) for policy in alone]
    if not ours:
        theirs.sort(key=lambda tier: (_LOUDNESS[tier.severity], -tier.factor(period_s)))
    return (*ours, *theirs)


def standard_tiers(objective: Objective, pace: Pace) -> tuple[tuple[Tier, ...], tuple[str, ...]]:
    """The standard tiers that an objective of this period and target can have, and why it has not the others."""
    wanted = SHORT_PERIOD_TIERS if objective.period_s < _SHORT_PERIOD_S else TIERS
    without = faults(replace(objective, tiers=()), pace)
    taken: list[Tier] = []
    left: list[str] = []
    for tier in wanted:
        found = [each for each in faults(replace(objective, tiers=(tier,)), pace) if each not in without]
        factor = tier.factor(objective.period_s)
        if not found and factor < _SLOWEST:
            found = [f"tier {tier.name} would speak at {number(factor)} times the rate at which the budget lasts"]
        if found:
            left.append(f"the standard {found[0]}; it is left out")
        else:
            taken.append(tier)
    return tuple(taken), tuple(left)


def _joined(spec: Fields, halves: Sequence[Policy], period_s: float) -> tuple[Tier, ...]:
    """Tiers out of two policies each: one for the long window, and one for the short."""
    found: list[Tier] = []
    for name in dict.fromkeys(policy.tier for policy in halves):
        longs = [each for each in halves if each.tier == name and each.window == names.LONG]
        shorts = [each for each in halves if each.tier == name and each.window == names.SHORT]
        if len(longs) != 1 or len(shorts) != 1:
            spec.fault(_FIELD, f"the tier {quoted(name)} needs one policy with a long window and one with a short")
            continue
        (long,), (short,) = longs, shorts
        if (long.threshold, long.severity) != (short.threshold, short.severity):
            spec.fault(_FIELD, f"both policies of the tier {quoted(name)} need the same threshold and severity")
            continue
        found.append(_tier(name, long, short.window_s, period_s))
    return tuple(found)


def _standing_alone(spec: Fields, policy: Policy, period_s: float, pace: Pace) -> Tier:
    shortest = 2 * pace.counting_interval_s
    short_s = max(shortest, policy.window_s // _SHARE_OF_LONG // _MINUTE_S * _MINUTE_S)
    if short_s < policy.window_s:
        spec.loss(
            _FIELD,
            f"of {quoted(policy.name)}: the budget has to burn over the last {duration(short_s)} as well, "
            "so that the alert ends soon after its cause",
        )
    return _tier(slug(policy.name, "policy"), policy, short_s, period_s)


def _tier(name: str, long: Policy, short_s: float, period_s: float) -> Tier:
    share = long.threshold * long.window_s / period_s
    tier = Tier(name, long.severity, long.window_s, short_s, share)
    if long.budget_share is None:
        return tier
    # The annotation keeps the share's last digits; the threshold is what counts where the two differ.
    exact = replace(tier, budget_share=long.budget_share)
    return exact if exact.factor(period_s) == tier.factor(period_s) else tier
