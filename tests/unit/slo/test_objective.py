"""An objective that cannot work is refused with a sentence that says why."""

from dataclasses import replace

import pytest

from slo.indicator import LatencyIndicator, RatioIndicator
from slo.objective import TIERS, Objective, ObjectiveError, Severity, Tier, faults, require_sound
from slo.prometheus import PACE, Pace
from slo.promql import matches, select

DAY_S = 86_400
PERIOD_28_DAYS_S = 28 * DAY_S

SOUND = Objective(
    id="gateway-availability",
    service="gateway",
    title="Requests are answered",
    target=0.999,
    indicator=RatioIndicator(
        select("requests_total"), {"status": matches("5..", "500")}, {"status": "200"}, select("up")
    ),
    minimum_bad_events=10,
)


def tiers(*names):
    return tuple(tier for tier in TIERS if tier.name in names)


def test_a_sound_objective_has_no_faults():
    assert faults(SOUND, PACE) == ()
    require_sound(SOUND, PACE)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"target": 1.0}, "a target of 100 % leaves no budget"),
        ({"target": 0.0}, "a target of 0 is not a share between 0 and 1"),
        ({"target": 99.9}, "a target of 99.9 is not a share between 0 and 1"),
        ({"id": "Gateway Availability"}, "its id has to be lower-case words joined by hyphens"),
        ({"minimum_bad_events": 0}, "at least one event has to fail"),
        ({"grouping": ("slo",)}, "it cannot be kept apart by its own label 'slo'"),
        ({"target": 0.9}, "tier page-fast can never fire: 14.4 times the budget of 0.1 is 1.44"),
        ({"period_s": 90 * DAY_S}, "its period of 90d is longer than samples are kept (35d)"),
        ({"period_s": 2 * DAY_S, "tiers": tiers("ticket-slow")}, "the window 3d is longer than the period 2d"),
        ({"tiers": (Tier("odd", Severity.PAGE, 300, 300, 0.02),)}, "the short window 5m is not shorter"),
        ({"tiers": (Tier("quick", Severity.PAGE, 300, 30, 0.001),)}, "the window 30s holds fewer than two counts"),
        ({"tiers": (Tier("none", Severity.PAGE, 3600, 300, 0),)}, "tier none: a factor of 0 would always fire"),
        ({"tiers": (*TIERS, TIERS[0])}, "two tiers are called page-fast"),
        (
            {"indicator": LatencyIndicator(select("d"), 0.3, (0.2, 0.5), select("up"))},
            "d has no bucket at 0.3 s, only at 0.2, 0.5",
        ),
    ],
)
def test_what_cannot_work_is_refused(change, sentence):
    with pytest.raises(ObjectiveError) as refused:
        require_sound(replace(SOUND, **change), PACE)
    assert sentence in str(refused.value)
    assert f"objective '{change.get('id', SOUND.id)}': " in str(refused.value)


@pytest.mark.parametrize(
    ("pace", "sentence"),
    [
        (Pace(scrape_interval_s=40), "events are counted every 1m, which is less than two scrapes (80s)"),
        (Pace(retention_s=2 * DAY_S), "tier ticket-slow: the window 3d is longer than samples are kept (2d)"),
        (Pace(counting_interval_s=300), "tier page-fast: the window 5m holds fewer than two counts"),
    ],
)
def test_a_prometheus_that_cannot_carry_the_objective_is_refused(pace, sentence):
    assert any(sentence in fault for fault in faults(SOUND, pace))


def test_every_fault_is_said_at_once():
    with pytest.raises(ObjectiveError) as refused:
        require_sound(replace(SOUND, target=1.0, minimum_bad_events=0), PACE)
    assert len(str(refused.value).splitlines()) == 2


def test_the_reachable_tiers_of_a_low_target_are_accepted():
    assert faults(replace(SOUND, target=0.9, tiers=tiers("page-slow", "ticket-fast", "ticket-slow")), PACE) == ()


def test_a_budget_has_no_noise_of_floats():
    assert SOUND.budget == 0.001
    assert replace(SOUND, target=0.95).budget == 0.05
