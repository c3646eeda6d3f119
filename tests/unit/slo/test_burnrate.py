"""The rules of an objective have the windows, factors and thresholds of the literature, and weigh every event the same."""

import shutil
import subprocess
from dataclasses import replace
from unittest.mock import ANY

import pytest

from slo import series
from slo.burncases import MONTH_STEP_S, BurnCases
from slo.burnrate import NO_DATA_ALERT, own_group, rule_groups
from slo.case import Case, ValueCheck, case_file
from slo.indicator import CountersIndicator, LatencyIndicator, RatioIndicator
from slo.objective import SHORT_PERIOD_TIERS, TIERS, Objective, ObjectiveError
from slo.prometheus import PACE, UP
from slo.promql import duration, matches, names_in, number, one_of, select
from slo.rule import RecordingRule, rule_file
from slo.writer import yaml_file

DAY_S = 86_400.0
STEP_S = PACE.counting_interval_s

AVAILABILITY = Objective(
    id="gateway-availability",
    service="gateway",
    title="Requests are answered",
    target=0.999,
    indicator=RatioIndicator(
        select("requests_total", job="gateway"),
        {"status": matches("5..", "500")},
        {"status": "200"},
        select("in_flight", job="gateway"),
    ),
    minimum_bad_events=10,
)
LATENCY = replace(
    AVAILABILITY,
    id="gateway-latency",
    target=0.9,
    indicator=LatencyIndicator(
        select("duration_seconds", job="gateway"), 1.0, (0.2, 1.0), select("in_flight", job="gateway")
    ),
    minimum_bad_events=500,
    tiers=TIERS[1:2],
)


def alerts(objective):
    return {rule.alert: rule for rule in own_group(objective).alerts}


def recordings(objective):
    return {rule.record: rule for rule in rules(objective) if isinstance(rule, RecordingRule)}


def rules(*objectives):
    return [rule for group in rule_groups(objectives) for rule in group.rules]


# Period, tiers, and per tier: long and short window, factor, threshold at 99.9 %, time until the budget is gone.
# Google, The Site Reliability Workbook, chapter 5, table 5-8, and the same arithmetic for other periods.
THIRTY_DAYS = [
    ("1h", "5m", 14.4, 0.0144, "50h"),
    ("6h", "30m", 6, 0.006, "5d"),
    ("1d", "2h", 3, 0.003, "10d"),
    ("3d", "6h", 1, 0.001, "30d"),
]
TWENTY_EIGHT_DAYS = [
    ("1h", "5m", 13.44, 0.01344, "50h"),
    ("6h", "30m", 5.6, 0.0056, "5d"),
    ("1d", "2h", 2.8, 0.0028, "10d"),
    ("3d", "6h", 0.933333333, 0.000933333, "30d"),
]
SEVEN_DAYS = [
    ("1h", "5m", 13.44, 0.01344, "750m"),
    ("6h", "30m", 3.5, 0.0035, "2d"),
    ("1d", "2h", 1.4, 0.0014, "5d"),
    ("3d", "6h", 0.98, 0.00098, "617143s"),
]


@pytest.mark.parametrize(
    ("days", "tiers", "table"),
    [(30, TIERS, THIRTY_DAYS), (28, TIERS, TWENTY_EIGHT_DAYS), (7, SHORT_PERIOD_TIERS, SEVEN_DAYS)],
)
def test_windows_factors_and_thresholds_are_those_of_the_literature(days, tiers, table):
    objective = replace(AVAILABILITY, period_s=days * DAY_S, tiers=tiers)
    found = [
        (
            duration(tier.long_s),
            duration(tier.short_s),
            tier.factor(objective.period_s),
            round(tier.threshold(objective), 9),
            duration(round(objective.period_s / tier.factor(objective.period_s))),
        )
        for tier in tiers
    ]
    assert [
        (*row[:2], pytest.approx(row[2], abs=1e-9), pytest.approx(row[3], abs=1e-9), row[4]) for row in table
    ] == found


@pytest.mark.parametrize(("tier", "row"), list(zip(TIERS, THIRTY_DAYS, strict=True)), ids=lambda value: str(value)[:20])
def test_an_alert_asks_both_windows_for_the_rounded_threshold(tier, row):
    long, short, _, threshold, _ = row
    own = '{slo="gateway-availability"}'
    assert alerts(AVAILABILITY)[tier.alert].query.text == (
        f"(slo:errors:ratio{long}{own} > {number(threshold)}) and (slo:errors:ratio{short}{own} > {number(threshold)})"
        f" and (slo:bad_events:sum{long}{own} >= 10)"
    )


def test_each_tier_has_an_alert_and_a_label_of_its_own():
    found = alerts(AVAILABILITY)
    assert list(found) == [tier.alert for tier in TIERS] + [NO_DATA_ALERT]
    assert [found[tier.alert].labels[series.TIER] for tier in TIERS] == [tier.name for tier in TIERS]
    assert [found[tier.alert].labels[series.SEVERITY] for tier in TIERS] == ["page", "page", "ticket", "ticket"]
    assert all(rule.labels[series.SLO] == "gateway-availability" for rule in found.values())


def test_summaries_are_static_and_descriptions_say_how_much_is_left_of_the_time():
    page = alerts(AVAILABILITY)["SLOBurnPageFast"]
    assert "{{" not in page.annotations["summary"]
    assert "over the last 1h; 0.1% may fail over 30d" in page.annotations["description"]
    assert "14.4 times" in page.annotations["description"]
    assert "50h" in page.annotations["description"]


def test_shares_are_sums_of_counts_and_never_means_of_ratios():
    found = recordings(AVAILABILITY)
    text = "\n".join(rule.query.text for rule in found.values())
    assert "avg" not in text
    for name, rule in found.items():
        if name.startswith("slo:errors:ratio"):
            assert "ratio" not in rule.query.text
            assert "clamp_min(" in rule.query.text, "an idle spell would make it NaN"


def test_every_recorded_series_is_used_or_published():
    published = {series.OBJECTIVE, series.PERIOD, series.BUDGET_REMAINING}
    used = {name for rule in rules(AVAILABILITY) for name in names_in(rule.query.text)}
    alerted = {series.error_ratio(window_s) for window_s in AVAILABILITY.windows_s}
    assert set(recordings(AVAILABILITY)) - used - alerted == published


def test_rules_ask_only_for_what_was_recorded_before_them():
    seen = {"requests_total", "in_flight", UP, series.COUNTING}
    monthly = replace(AVAILABILITY, calendar_month=True)
    seen |= {series.LEDGER_EVENTS, series.LEDGER_BAD_EVENTS, series.PERIOD_EVENTS}  # of the ledger, a minute before
    for rule in recordings(monthly).values():
        own = {rule.record}  # a ledger looks when its last entry was
        assert names_in(rule.query.text) <= seen | own
        seen.add(rule.record)
    assert {name for rule in alerts(monthly).values() for name in names_in(rule.query.text)} <= seen


def test_objectives_share_the_rules_of_their_ledgers_and_keep_their_own_alerts():
    other = replace(LATENCY, calendar_month=True)
    own, of_other, ledger = rule_groups([AVAILABILITY, other])
    assert [group.name for group in (own, of_other, ledger)] == [
        "slo:gateway-availability",
        "slo:gateway-latency",
        "slo:ledger",
    ]
    assert len(ledger.alerts) == 0
    found = {rule.record: rule.query.text for rule in ledger.rules}
    both, first, second = '{slo=~"gateway-availability|gateway-latency"}', "gateway-availability", "gateway-latency"
    assert found[series.PERIOD_EVENTS] == f"sum_over_time({series.LEDGER_EVENTS}{both}[30d])"
    assert f'slo="{first}"' in found[series.error_ratio(3 * DAY_S)], "the other has no such tier"
    months = {rule.record: rule.query.text for rule in of_other.rules if isinstance(rule, RecordingRule)}
    assert f'slo="{second}"' in months[series.MONTH_EVENTS]
    assert series.MONTH_EVENTS not in {rule.record for rule in own.rules if isinstance(rule, RecordingRule)}


def test_objectives_of_other_periods_have_sums_of_their_own():
    week = replace(AVAILABILITY, id="week", period_s=7 * DAY_S, tiers=SHORT_PERIOD_TIERS)
    *_, ledger = rule_groups([AVAILABILITY, week])
    sums = [rule.query.text for rule in ledger.rules if rule.record == series.PERIOD_EVENTS]
    assert sums == [
        f'sum_over_time({series.LEDGER_EVENTS}{{slo="week"}}[7d])',
        f'sum_over_time({series.LEDGER_EVENTS}{{slo="gateway-availability"}}[30d])',
    ]


def test_a_group_keeps_its_own_budget():
    grouped = recordings(replace(AVAILABILITY, grouping=("cluster",)))
    assert "sum by (cluster) (increase(" in grouped[series.EVENTS].query.text
    assert "in_flight" not in grouped[series.EVENTS].query.text
    description = alerts(replace(AVAILABILITY, grouping=("cluster",)))["SLOBurnPageFast"].annotations["description"]
    assert "cluster {{ $labels.cluster }}" in description


def test_an_objective_that_cannot_work_makes_no_rules():
    with pytest.raises(ObjectiveError, match="can never fire"):
        own_group(replace(AVAILABILITY, target=0.9))


@pytest.fixture
def promtool(tmp_path):
    path = shutil.which("promtool")
    assert path, "promtool is missing: install Debian's package prometheus"

    def judge(objective, change=lambda text: text, cases=None, step_s=STEP_S, order=slice(None)):
        groups = rule_groups([objective])
        made = yaml_file("x.rules.yaml", rule_file(groups)).text
        (tmp_path / "x.rules.yaml").write_text(change(made))
        tried = case_file(
            ["x.rules.yaml"],
            cases or BurnCases(objective, groups[0]).all(),
            step_s,
            [group.name for group in groups][order],
        )
        (tmp_path / "x.test.yaml").write_text(yaml_file("x.test.yaml", tried).text)
        judged = subprocess.run(
            [path, "test", "rules", tmp_path / "x.test.yaml"], capture_output=True, text=True, check=False
        )
        return judged.returncode, judged.stdout + judged.stderr

    return judge


def test_generated_cases_hold_for_a_latency_objective_with_one_tier_and_a_high_floor(promtool):
    assert promtool(LATENCY) == (0, ANY)


GROUPED = replace(
    AVAILABILITY,
    indicator=RatioIndicator(
        select("requests_total", job=one_of(("gateway", "nlp"))),
        {"status": matches("5..", "500")},
        {"status": "200"},
        select("in_flight", job=one_of(("gateway", "nlp"))),
    ),
    grouping=("job",),
    presence_grouped=True,
    tiers=TIERS[:1],
)
CACHE = replace(
    AVAILABILITY,
    id="cache-hits",
    target=0.9,
    indicator=RatioIndicator(
        select("lookups_total", job="gateway"),
        {"result": "miss"},
        {"result": "hit"},
        select("in_flight", job="gateway"),
    ),
    grouping=("cache",),
    minimum_events=1000,
    tiers=TIERS[1:2],
)
TWO_COUNTERS = replace(
    AVAILABILITY,
    indicator=CountersIndicator(
        total=(select("requests_total", job="gateway"), select("turns_total", job="gateway")),
        bad=(
            select("requests_total", job="gateway", status=matches("5..", "500")),
            select("turns_total", job="gateway", outcome="error"),
        ),
        good_example={"status": "200"},
        presence=select("in_flight", job="gateway"),
    ),
    tiers=TIERS[:1],
)
GOOD_COUNTER = replace(
    TWO_COUNTERS,
    indicator=CountersIndicator(
        total=(select("sent_total", job="gateway"),),
        good=(select("arrived_total", job="gateway"),),
        presence=select("in_flight", job="gateway"),
    ),
)
BAD_COUNTER = replace(
    TWO_COUNTERS,
    indicator=CountersIndicator(
        total=(select("kept_total", job="gateway"), select("lost_total", job="gateway")),
        bad=(select("lost_total", job="gateway"),),
        presence=select("in_flight", job="gateway"),
    ),
)


@pytest.mark.parametrize("objective", [GROUPED, CACHE, TWO_COUNTERS, GOOD_COUNTER, BAD_COUNTER])
def test_generated_cases_hold_for_groups_floors_and_several_counters(promtool, objective):
    assert promtool(objective) == (0, ANY)


def test_a_calendar_month_forgets_the_one_before(promtool):
    monthly = replace(AVAILABILITY, calendar_month=True)
    cases = BurnCases(monthly, own_group(monthly)).of_month()
    from_the_ledger = slice(None, None, -1)
    assert promtool(monthly, cases=cases, step_s=MONTH_STEP_S, order=from_the_ledger) == (0, ANY)

    def rolling(text):
        this_month = "(month(vector(time() - 1)) == on () last_over_time(month()[1s:1s] @ end()))"
        assert this_month in text
        return text.replace(this_month, "vector(1)")

    assert promtool(monthly, rolling, cases, MONTH_STEP_S, from_the_ledger) == (1, ANY)


@pytest.mark.full
@pytest.mark.parametrize(
    ("objective", "right", "wrong"),
    [
        (TWO_COUNTERS, "scalar(slo:counting:bool or on () vector(1))", "scalar(vector(1))"),  # maintenance counts
        (GROUPED, "sum by (job)", "sum"),  # one budget for all
        (CACHE, ">= 1000", ">= 999"),  # a lower floor of events
        (CACHE, 'present_over_time(slo:events:count{slo="cache-hits"}[1h])', "(vector(0) > 1)"),  # a group that left
        (TWO_COUNTERS, "[9m30s]", "[19m]"),  # a ledger with holes
    ],
)
def test_generated_cases_notice_what_was_changed_in_groups_floors_and_maintenance(promtool, objective, right, wrong):
    def change(text):
        assert right in text, text
        return text.replace(right, wrong)

    assert promtool(objective, change) == (1, ANY)


def failures_counted(up, failures, count):
    """One replica: whether it was scraped, what its counter of failures said, and how many were booked."""
    replica = {"job": "gateway", "instance": "a:1"}
    given = {
        select("up", **replica).text: up,
        select("in_flight", **replica).text: "1x20",
        select("requests_total", **replica, status="200").text: "0+100x20",
        select("requests_total", **replica, status="500").text: failures,
    }
    book = f"sum({series.PERIOD_BAD_EVENTS})"
    return Case("failures", STEP_S, given, values=(ValueCheck(20 * STEP_S, book, {"{}": count}),))


@pytest.mark.parametrize(
    ("up", "failures", "count"),
    [
        ("1x20", "0x9 7x10", 7),
        ("1x20", "_x9 7x10", 7),  # the counter appears with its first failures
        ("1x20", "_x9 7x4 9x5", 9),
        ("_x9 1x10", "_x9 500x10", 0),  # a replica that was not known before: its past is not ours to count
        ("1x8 0x4 1x7", "500x8 stale _x3 500x7", 0),  # back after failed scrapes
        ("1x4 stale _x11 1x3", "500x4 stale _x11 500x3", 0),  # back after a gap in the scrapes
        ("1x20", "500x9 0x10", 0),  # restarted
        ("1x20", "500x9 3x10", 3),  # restarted, and failing since
    ],
)
def test_every_failure_is_counted_once_and_nothing_else(promtool, up, failures, count):
    only = replace(AVAILABILITY, tiers=TIERS[:1])
    assert promtool(only, cases=[failures_counted(up, failures, count)]) == (0, ANY)
    assert promtool(only, cases=[failures_counted(up, failures, count + 1)]) == (1, ANY)


@pytest.mark.full
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("> 0.0144", "> 0.0181"),  # fires too late
        ("> 0.0144", "> 0.0142"),  # fires too early
        ('ratio1h{slo="gateway-availability"} >', 'ratio5m{slo="gateway-availability"} >'),  # no long window
        ('ratio5m{slo="gateway-availability"} >', 'ratio1h{slo="gateway-availability"} >'),  # no short window
        ('sum1h{slo="gateway-availability"} >= 10', 'sum1h{slo="gateway-availability"} >= 9'),  # a lower floor
        ("for: 5m", "for: 9m"),  # absence said late
        ("(0 * sum(in_flight", "(1 * sum(in_flight"),  # events out of nothing
        (
            'clamp_min(sum_over_time(slo:events:count{slo="gateway-availability"}[5m]), 1)',
            'sum_over_time(slo:events:count{slo="gateway-availability"}[5m])',
        ),  # NaN when idle
        (
            'slo:bad_events:sum_period{slo="gateway-availability"}\n',
            'sum_over_time(slo:errors:ratio5m{slo="gateway-availability"}[30d])\n',
        ),  # a sum of ratios
    ],
)
def test_generated_cases_notice_a_rule_that_was_changed(promtool, right, wrong):
    def change(text):
        assert right in text
        return text.replace(right, wrong)

    objective = replace(AVAILABILITY, tiers=TIERS[:1])
    assert promtool(objective) == (0, ANY)
    assert promtool(objective, change) == (1, ANY)
