"""A sound file becomes objectives, and what of it cannot be carried over is said by name."""

from dataclasses import replace

import pytest

from slo.burnrate import rule_groups
from slo.indicator import CountersIndicator
from slo.objective import SHORT_PERIOD_TIERS, TIERS, Severity, Tier
from slo.openslo.indicators import SampledIndicator, SlicedIndicator
from slo.openslo.reading import read
from slo.prometheus import PACE
from slo.promql import matches, select
from tests.unit.slo.openslo.samples import (
    AVAILABILITY,
    condition,
    document,
    imported,
    losses,
    measured,
    metric,
    policy,
    ratio,
    slo,
    text,
)

DAY_S = 86_400.0
HERE = "slos.yaml: document 1 (SLO checkout): "
TOTAL = select("http_requests_total", job="web")
FAILED = select("http_requests_total", job="web", code=matches("5.."))
COUNTERS = CountersIndicator((TOTAL,), TOTAL, bad=(FAILED,))


def only(*documents):
    (objective,) = imported(*documents).objectives
    return objective


def test_an_slo_becomes_an_objective_with_rules():
    found = imported(slo(metadata={"displayName": "Check-outs are answered"}))
    (objective,) = found.objectives
    assert objective.id == "checkout"
    assert objective.service == "shop"
    assert objective.title == "Check-outs are answered"
    assert objective.target == 0.999
    assert objective.indicator == COUNTERS
    assert objective.period_s == 30 * DAY_S
    assert objective.tiers == TIERS
    assert (objective.minimum_bad_events, objective.minimum_events) == (1, 1)
    assert not objective.excludes_maintenance
    assert not objective.calendar_month
    assert found.groups == rule_groups([objective])


def test_planned_maintenance_counts_unless_an_annotation_says_otherwise():
    annotations = {"annotations": {"kubechat.io/excludes-maintenance": "true"}}
    assert not only(slo()).excludes_maintenance
    assert only(slo(metadata=annotations)).excludes_maintenance


def test_minima_and_groups_come_from_annotations():
    annotations = {
        "kubechat.io/minimum-bad-events": "5",
        "kubechat.io/minimum-events": "100",
        "kubechat.io/grouping": "cluster,namespace",
        "kubechat.io/calendar-month": "true",
    }
    found = only(slo(metadata={"annotations": annotations}))
    assert (found.minimum_bad_events, found.minimum_events) == (5, 100)
    assert found.grouping == ("cluster", "namespace")
    assert found.presence_grouped
    assert found.calendar_month


def test_an_indicator_is_referred_to_or_written_in_place():
    sli = document("SLI", "answers", AVAILABILITY)
    referring = slo(indicator=None, indicatorRef="answers")
    assert only(sli, referring).indicator == only(referring, sli).indicator == COUNTERS
    assert not any("refers to it" in line for line in losses(sli, referring))


def test_good_events_are_counted_where_they_are_named():
    good = 'sum(http_requests_total{job="web",code!~"5.."})'
    found = only(measured(ratio(good=good, total='sum(http_requests_total{job="web"})')))
    assert found.indicator.bad == ()
    assert [each.text for each in found.indicator.good] == ['http_requests_total{job="web",code!~"5.."}']


@pytest.mark.parametrize(
    "sli",
    [
        ratio(good='sum(rate(d_bucket{le="1"}[5m]))', total="sum(rate(d_count[5m]))"),
        ratio(good='sum by (le) (rate(d_bucket{le="1"}[5m]))', total="sum(rate(d_count[5m]))"),
        ratio(bad='sum(rate(d_count[5m])) - sum(rate(d_bucket{le="1"}[5m]))', total="sum(rate(d_count[5m]))"),
    ],
)
def test_latency_is_a_ratio_on_a_bucket(sli):
    found = only(measured(sli)).indicator
    within = select("d_bucket", le=replace(matches(r"1\.0|1"), example="1"))
    assert found == CountersIndicator((select("d_count"),), select("d_count"), good=(within,))


def test_sums_grouped_by_labels_keep_groups_apart():
    sli = ratio(bad='sum by (cluster) (x{a="b"})', total="sum by (cluster) (x)")
    found = only(measured(sli))
    assert found.grouping == ("cluster",)
    assert found.presence_grouped, "the total's own series show which groups there are"


def test_groups_that_are_shown_by_other_series_are_grouped_only_where_that_is_said():
    presence = {"kubechat.io/presence": "up"}
    held = {
        "metadata": {"name": "sli", "annotations": presence},
        "spec": ratio(bad="sum by (a) (x)", total="sum by (a) (y)"),
    }
    assert not only(slo(indicator=held)).presence_grouped
    grouped = {"annotations": {"kubechat.io/presence-grouped": "true"}}
    assert only(slo(indicator=held, metadata=grouped)).presence_grouped


def test_a_metric_source_is_known_by_its_type_or_its_data_source():
    source = document("DataSource", "metrics", {"type": "prometheus", "connectionDetails": {}})
    by_reference = ratio(
        bad=metric("b", type=None, metricSourceRef="metrics"), total=metric("c", metricSourceRef="metrics")
    )
    assert only(source, measured(by_reference)).indicator.total == (select("c"),)
    elsewhere = ratio(bad="b", total=metric("c", metricSourceRef="far"))
    assert 'there is no DataSource "far" in this file; the type beside it is taken' in " ".join(
        losses(measured(elsewhere))
    )


def test_a_query_may_be_called_promql():
    sli = ratio(bad=metric("b", spec={"promql": "b"}), total="c")
    assert only(measured(sli)).indicator.bad == (select("b"),)


@pytest.mark.parametrize("counter", [False, None])
def test_rates_are_of_counters_whatever_counter_says(counter):
    sli = {"ratioMetric": AVAILABILITY["ratioMetric"] | {"counter": counter}}
    assert only(measured(sli)).indicator == COUNTERS


def test_values_that_go_up_and_down_are_left_out():
    gauge = {"ratioMetric": ratio(bad="b", total="c")["ratioMetric"] | {"counter": False}}
    found = losses(slo("kept"), measured(gauge))
    assert any(
        "(SLO checkout): spec.objectives[0]: it is left out: the values go up and down" in line for line in found
    )
    unsaid = {"ratioMetric": ratio(bad="b", total="c")["ratioMetric"] | {"counter": None}}
    assert any(
        "counter: it is missing; the queries are taken for counters" in line for line in losses(measured(unsaid))
    )


@pytest.mark.parametrize(
    ("sli", "place", "reason"),
    [
        (ratio(bad="avg(x)", total="y"), "bad.metricSource.spec.query", "avg() over counters is no count of events"),
        (ratio(bad="x", total=metric("y", type="Datadog")), "total.metricSource.type", 'it asks "Datadog"'),
        (ratio(bad="sum by (a) (x)", total="y"), "ratioMetric", "are kept apart by different labels"),
        (
            ratio(raw="x", rawType="success", counter=None),
            "objectives[0]",
            "holds no counts, and Occurrences needs them",
        ),
    ],
)
def test_what_cannot_be_counted_is_left_out_and_named_twice(sli, place, reason):
    found = imported(slo("kept"), measured(sli))
    assert [objective.id for objective in found.objectives] == ["kept"]
    told = [loss.line("f") for loss in found.losses]
    assert any(place in line and reason in line for line in told), told
    assert any("f: document 2 (SLO checkout): spec.objectives[0]: it is left out: " in line for line in told)


def test_several_objectives_make_a_group_each_and_share_a_ledger():
    found = imported(
        slo(
            metadata={"displayName": "Answers"},
            objectives=[
                {"displayName": "99% good", "targetPercent": 99},
                {"target": 0.9999},
                {"displayName": "99% good", "target": 0.99},
            ],
        )
    )
    assert [each.id for each in found.objectives] == ["checkout-99-good", "checkout-2", "checkout-99-good-2"]
    assert [each.target for each in found.objectives] == [0.99, 0.9999, 0.99]
    assert [each.title for each in found.objectives] == ["Answers: 99% good", "Answers", "Answers: 99% good"]
    assert len({group.name for group in found.groups}) == 4


def test_ids_are_words_and_unique():
    found = imported(slo("Check.Out"), slo("check-out"), slo("1st"), slo("ünï"))
    assert [each.id for each in found.objectives] == ["check-out-2", "check-out", "slo-1st", "n"]
    assert any(
        "document 1 (SLO Check.Out): metadata.name: in labels it is written as check-out-2" in loss.line("f")
        for loss in found.losses
    )


def test_composite_objectives_have_indicators_of_their_own_and_lose_their_weights():
    other = document("SLI", "other", ratio(bad="b", total="c"))
    objectives = [
        {"target": 0.99, "indicator": {"metadata": {"name": "a"}, "spec": AVAILABILITY}, "compositeWeight": 2},
        {"target": 0.9, "indicatorRef": "other", "compositeWeight": 1},
    ]
    found = imported(other, slo(indicator=None, objectives=objectives))
    assert [each.indicator.total[0].name for each in found.objectives] == ["http_requests_total", "c"]
    told = [loss.line("f") for loss in found.losses]
    assert (
        "f: document 2 (SLO checkout): spec.objectives[1].compositeWeight: each objective is watched by itself, "
        in " ".join(told)
    )


@pytest.mark.parametrize(
    ("window", "period_s", "month", "told"),
    [
        ({"duration": "28d", "isRolling": True}, 28 * DAY_S, False, ()),
        ({"duration": "4w", "isRolling": True}, 28 * DAY_S, False, ()),
        ({"duration": "1w", "isRolling": True}, 7 * DAY_S, False, ()),
        (
            {"duration": "1M", "isRolling": True},
            30 * DAY_S,
            False,
            ("duration: 1M has no fixed length; 30d are taken",),
        ),
        (
            {"duration": "1M", "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "UTC"}},
            30 * DAY_S,
            True,
            ("calendar: the month's budget is recorded; burn rates are reckoned with 30d that roll",),
        ),
        (
            {"duration": "1M", "calendar": {"startTime": "2026-01-15 12:00:00", "timeZone": "Europe/Vienna"}},
            30 * DAY_S,
            True,
            ("calendar.timeZone: months begin and end in UTC", "calendar.startTime: months begin on their first day"),
        ),
        (
            {"duration": "1w", "isRolling": False, "calendar": {"startTime": "2026-01-05 00:00:00", "timeZone": "UTC"}},
            7 * DAY_S,
            False,
            ("calendar: only a month follows the calendar here; 7d roll in its place",),
        ),
    ],
)
def test_time_windows_are_rolling_periods_or_calendar_months(window, period_s, month, told):
    found = imported(slo(timeWindow=[window]))
    assert (found.objectives[0].period_s, found.objectives[0].calendar_month) == (period_s, month)
    lines = [loss.line("f") for loss in found.losses]
    for sentence in told:
        assert any(sentence in line for line in lines), lines
    assert sum("timeWindow" in line for line in lines) >= len(told)
    assert told or not any("timeWindow" in line for line in lines)


def test_thirty_days_are_taken_where_no_window_is_given():
    found = imported(slo(timeWindow=None))
    assert found.objectives[0].period_s == 30 * DAY_S
    assert f"{HERE}spec.timeWindow: it is missing; 30d are taken" in losses(slo(timeWindow=None))


SLICED = {"target": 0.99, "timeSliceTarget": 0.95, "timeSliceWindow": "1m"}


def test_slices_of_a_minute_are_judged_once_a_minute():
    sliced = slo(budgetingMethod="Timeslices", objectives=[SLICED])
    assert only(sliced).indicator == SlicedIndicator(COUNTERS, 60.0, 0.95)
    assert not any("timeSlice" in line for line in losses(sliced))


@pytest.mark.parametrize("window", ["5m", 5])
def test_longer_slices_overlap_and_that_is_said(window):
    sliced = slo(budgetingMethod="Timeslices", objectives=[SLICED | {"timeSliceWindow": window}])
    assert only(sliced).indicator == SlicedIndicator(COUNTERS, 300.0, 0.95)
    assert f"{HERE}spec.objectives[0].timeSliceWindow: every 1m the last 5m are judged: such slices overlap" in losses(
        sliced
    )


def test_means_of_slices_become_shares_of_events_and_that_is_said():
    sliced = slo(budgetingMethod="RatioTimeslices", objectives=[{"target": 0.999, "timeSliceWindow": "1m"}])
    assert only(sliced).indicator == COUNTERS
    assert any("every event weighs the same" in line for line in losses(sliced))


VALUE = {"thresholdMetric": metric("histogram_quantile(0.99, sum by (le) (rate(d_bucket[5m])))")}


@pytest.mark.parametrize(
    ("changes", "objective", "told"),
    [
        ({}, {"target": 0.9, "op": "lte", "value": 0.5}, "value: one value is compared every 1m: each is one event"),
        (
            {"budgetingMethod": "Timeslices"},
            {"target": 0.9, "op": "lte", "value": 0.5, "timeSliceTarget": 1, "timeSliceWindow": "5m"},
            "timeSliceWindow: one value is compared every 1m: each stands for a slice",
        ),
        (
            {"budgetingMethod": "Timeslices"},
            {"target": 0.9, "op": "lte", "value": 0.5, "timeSliceTarget": 0.9, "timeSliceWindow": "1m"},
            "",
        ),
    ],
)
def test_a_value_is_compared_at_each_evaluation(changes, objective, told):
    with_value = measured(VALUE, objectives=[objective], **changes)
    found = only(with_value).indicator
    assert isinstance(found, SampledIndicator)
    assert (found.good, found.bound, found.presence) == ("lte", 0.5, select("d_bucket"))
    assert found.query.text == "histogram_quantile(0.99, sum by (le) (rate(d_bucket[5m])))"
    lines = [line for line in losses(with_value) if "objectives[0]." in line]
    assert [told in line for line in lines] == ([True] if told else [])


def test_a_ratio_that_was_computed_elsewhere_is_nothing_without_slices():
    sli = ratio(raw="job:ratio", rawType="success", counter=None)
    for method in ("Occurrences", "RatioTimeslices"):
        held = measured(sli, budgetingMethod=method, objectives=[SLICED])
        assert any(f"and {method} needs them" in line for line in losses(slo("kept"), held))


def test_a_ratio_that_was_computed_elsewhere_is_compared_in_slices():
    for kind, good, bound in (("success", "gte", 0.95), ("failure", "lte", 0.05)):
        sli = ratio(raw="job:ratio", rawType=kind, counter=None)
        found = only(measured(sli, budgetingMethod="Timeslices", objectives=[SLICED])).indicator
        assert (found.good, found.bound, found.query.text) == (good, bound, "job:ratio")


def test_what_has_no_meaning_beside_the_method_is_said():
    objective = SLICED | {"op": "gt", "value": 1, "target": 0.999}
    told = " ".join(losses(slo(objectives=[objective])))
    assert "timeSliceWindow: it has no meaning with Occurrences" in told
    assert "timeSliceTarget: it has no meaning with Occurrences" in told
    assert "op: only a thresholdMetric is compared with a value" in told


def test_policies_become_tiers_the_loudest_first():
    found = imported(
        slo(
            alertPolicies=[
                policy("slow", severity="ticket", threshold=1, lookbackWindow="3d"),
                policy("fast"),
                policy("middle", threshold=6, lookbackWindow="6h"),
            ]
        )
    )
    assert found.objectives[0].tiers == (
        Tier("fast", Severity.PAGE, 3_600.0, 300.0, 0.02),
        Tier("middle", Severity.PAGE, 6 * 3_600.0, 1_800.0, 0.05),
        Tier("slow", Severity.TICKET, 3 * DAY_S, 6 * 3_600.0, 0.1),
    )
    assert [rule.alert for rule in found.groups[0].alerts][:3] == ["SLOBurnFast", "SLOBurnMiddle", "SLOBurnSlow"]
    told = [loss.line("f") for loss in found.losses]
    assert any('of "fast": the budget has to burn over the last 5m as well' in line for line in told)
    assert not any("standard" in line for line in told)


def test_policies_and_conditions_are_referred_to_by_name():
    held = document("AlertCondition", "burns", condition())
    named = document("AlertPolicy", "page", {"alertWhenBreaching": True, "conditions": [{"conditionRef": "burns"}]})
    found = imported(named, slo(alertPolicies=[{"alertPolicyRef": "page"}]), held)
    assert [tier.name for tier in found.objectives[0].tiers] == ["page"]
    assert not any("nothing in this file refers to it" in loss.sentence for loss in found.losses)
    unused = [loss.line("f") for loss in imported(named, slo(), held).losses]
    assert any("document 1 (AlertPolicy page): nothing in this file refers to it" in line for line in unused)


@pytest.mark.parametrize(
    ("entry", "field", "reason"),
    [
        (policy(op="gte"), "condition.op", "the alert speaks above the threshold, and not at it"),
        (policy(alertAfter="5m"), "condition.alertAfter", "the short window takes its place"),
        (policy(severity="sev1"), "severity", '"sev1" is written as page'),
        (policy(severity="Warning"), "severity", '"Warning" is written as ticket'),
        (policy(spec={"alertWhenResolved": True}), "alertWhenResolved", "the receiver's setting in Alertmanager"),
        (policy(spec={"alertWhenNoData": False}), "alertWhenNoData", "has an alert for when nothing is measured"),
        (policy(spec={"description": "x"}), "description", "rules have no place for it"),
        (
            policy(spec={"notificationTargets": [{"targetRef": "slack"}]}),
            "targetRef",
            'the notification target "slack" is not carried over',
        ),
        (
            policy(spec={"notificationTargets": [{"metadata": {"name": "mail"}, "spec": {"target": "email"}}]}),
            "target",
            'the notification target "mail" is not carried over',
        ),
    ],
)
def test_what_of_a_policy_is_not_carried_over_is_said(entry, field, reason):
    found = losses(slo(alertPolicies=[entry]))
    assert any(f"{field}: " in line and reason in line for line in found), found


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (policy(op="lte"), "would speak while nothing fails"),
        (policy(spec={"alertWhenBreaching": False}), "makes no alert"),
        (policy(spec={"alertWhenBreaching": None, "alertWhenNoData": True}), "makes no alert"),
    ],
)
def test_a_policy_that_makes_no_alert_leaves_the_standard_tiers(entry, reason):
    found = imported(slo(alertPolicies=[entry]))
    assert found.objectives[0].tiers == TIERS
    told = " ".join(loss.line("f") for loss in found.losses)
    assert reason in told
    assert "spec.alertPolicies: none of its policies is carried over" in told


def test_a_policy_that_says_nothing_of_when_it_speaks_speaks_when_it_is_breached():
    assert len(only(slo(alertPolicies=[policy(spec={"alertWhenBreaching": None})])).tiers) == 1


def test_notification_targets_are_named_but_for_alertmanager():
    slack = document("AlertNotificationTarget", "on-call", {"target": "slack"})
    ours = document("AlertNotificationTarget", "am", {"target": "Alertmanager"})
    found = [line for line in losses(slack, ours, slo()) if "AlertNotificationTarget" in line]
    assert len(found) == 1
    assert 'document 1 (AlertNotificationTarget on-call): spec.target: the notification target "on-call"' in found[0]


def test_standard_tiers_that_cannot_work_are_left_out_and_named():
    found = imported(slo(objectives=[{"target": 0.9}]))
    assert found.objectives[0].tiers == TIERS[1:]
    assert any("the standard tier page-fast can never fire" in loss.sentence for loss in found.losses)
    day = imported(slo(timeWindow=[{"duration": "1d", "isRolling": True}]))
    assert [tier.name for tier in day.objectives[0].tiers] == ["page-fast"]
    assert any("the standard tier ticket-slow: the window 3d is longer than" in loss.sentence for loss in day.losses)
    assert any("tier page-slow would speak at 0.5 times the rate" in loss.sentence for loss in day.losses)


def test_short_periods_have_tiers_of_their_own():
    week = only(slo(timeWindow=[{"duration": "1w", "isRolling": True}]))
    assert week.tiers == SHORT_PERIOD_TIERS


def test_templates_in_texts_are_taken_apart():
    found = imported(slo(metadata={"displayName": "{{{ boom }}"}, service="{{x}}"))
    assert (found.objectives[0].title, found.objectives[0].service) == ("{ { { boom }}", "{ {x}}")
    assert sum("Prometheus would take them for a template" in loss.sentence for loss in found.losses) == 2


def test_labels_descriptions_foreign_annotations_and_unknown_fields_are_said():
    metadata = {"labels": {"team": ["a", "b"], "tier": "1"}, "annotations": {"other.io/x": "y", "z": 5}}
    service = document("Service", "shop", {"description": "x", "owner": "y"}, displayName="Shop", labels={"a": "b"})
    source = document("DataSource", "metrics", {"type": "Prometheus", "connectionDetails": {"password": "secret"}})
    found = losses(slo(metadata=metadata, description="long", colour="red"), service, source)
    expected = {
        f'{HERE}metadata.labels: not carried over: "team", "tier"; rules have labels of their own',
        f'{HERE}metadata.annotations: not carried over, being another tool\'s: "other.io/x", "z"',
        f"{HERE}spec.description: alerts show the displayName alone",
        f"{HERE}spec.colour: OpenSLO v1 has no such field here; it is left out",
        "slos.yaml: document 2 (Service shop): spec.description: rules have no place for it",
        "slos.yaml: document 2 (Service shop): spec.owner: OpenSLO v1 has no such field here; it is left out",
        "slos.yaml: document 2 (Service shop): metadata.displayName: rules have no place for it",
        'slos.yaml: document 2 (Service shop): metadata.labels: not carried over: "a"; rules have labels of their own',
        "slos.yaml: document 3 (DataSource metrics): spec.connectionDetails: rules ask the Prometheus that loads them",
    }
    assert expected <= set(found), set(found) ^ expected
    assert "secret" not in " ".join(found)


def test_a_document_may_list_objects():
    found = imported([slo("a"), slo("b")], slo("c"))
    assert [each.id for each in found.objectives] == ["a", "b", "c"]


def test_an_sli_nobody_refers_to_is_said():
    found = losses(slo(), document("SLI", "idle", ratio(bad="b", total="c")))
    assert "slos.yaml: document 2 (SLI idle): nothing in this file refers to it" in found


def test_a_file_of_a_thousand_slos_makes_a_thousand_groups_and_one_ledger():
    one = text(slo("s-0"))
    found = read("---\n".join(one.replace("s-0", f"s-{number}") for number in range(1_000)).encode(), "many.yaml")
    assert len(found.groups) == 1_001
    assert len({group.name for group in found.groups}) == 1_001


def test_the_pace_of_the_book_is_a_minute():
    assert PACE.counting_interval_s == 60, "sentences above speak of a minute"
