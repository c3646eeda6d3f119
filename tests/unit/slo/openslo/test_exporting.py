"""An exported file holds what OpenSLO v1 asks for: all kinds that are needed, required fields, names that all tools take."""

import re
from dataclasses import replace

import pytest

from alerts.objectives import OBJECTIVES
from slo.indicator import CountersIndicator
from slo.objective import TIERS, Objective
from slo.openslo.exporting import documents
from slo.openslo.faults import OpenSLOError
from slo.openslo.indicators import SampledIndicator
from slo.openslo.reading import read
from slo.promql import select
from tests.unit.slo.openslo.samples import text

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
ANNOTATION = re.compile(r"([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]+/[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
DURATION = re.compile(r"[1-9][0-9]*[mhdwMQY]")
SMALL = Objective(
    id="answers",
    service="web",
    title="Requests are answered",
    target=0.99,
    indicator=CountersIndicator((select("x"),), select("up"), bad=(select("x", code="500"),)),
    minimum_bad_events=3,
)


def of_kind(found, kind):
    return {each["metadata"]["name"]: each for each in found if each["kind"] == kind}


@pytest.fixture(scope="module")
def exported():
    return documents(OBJECTIVES)


def test_every_document_has_a_header_and_a_name_that_is_its_own(exported):
    for each in exported:
        assert set(each) == {"apiVersion", "kind", "metadata", "spec"}
        assert each["apiVersion"] == "openslo/v1"
        assert DNS_LABEL.fullmatch(each["metadata"]["name"])
        assert len(each["metadata"].get("displayName", "")) <= 63
        for name, value in each["metadata"].get("annotations", {}).items():
            assert ANNOTATION.fullmatch(name)
            assert name.startswith("kubechat.io/")
            assert isinstance(value, str)
    named = [(each["kind"], each["metadata"]["name"]) for each in exported]
    assert len(named) == len(set(named))


def test_every_objective_has_an_slo_and_an_sli(exported):
    slos, slis = of_kind(exported, "SLO"), of_kind(exported, "SLI")
    assert list(slos) == list(slis) == [objective.id for objective in OBJECTIVES]
    for objective in OBJECTIVES:
        spec = slos[objective.id]["spec"]
        assert spec["objectives"] == [{"target": objective.target}]
        assert spec["timeWindow"] == [{"duration": "30d", "isRolling": True}]
        assert spec["budgetingMethod"] == "Occurrences"
        assert spec["indicatorRef"] in slis
        assert spec["service"] in of_kind(exported, "Service")


def test_every_sli_is_a_ratio_of_counters_in_prometheus(exported):
    for each in of_kind(exported, "SLI").values():
        ratio = each["spec"]["ratioMetric"]
        assert ratio["counter"] is True
        assert set(ratio) in ({"counter", "total", "good"}, {"counter", "total", "bad"})
        for part in (ratio[name] for name in ratio if name != "counter"):
            source = part["metricSource"]
            assert source["type"] == "Prometheus"
            assert source["metricSourceRef"] in of_kind(exported, "DataSource")
            assert source["spec"]["query"].startswith("sum")


def test_every_policy_has_one_condition_and_somebody_to_tell(exported):
    policies, conditions = of_kind(exported, "AlertPolicy"), of_kind(exported, "AlertCondition")
    targets = of_kind(exported, "AlertNotificationTarget")
    for each in policies.values():
        (condition,) = each["spec"]["conditions"]
        assert condition["conditionRef"] in conditions
        assert each["spec"]["alertWhenBreaching"] is True
        assert all(target["targetRef"] in targets for target in each["spec"]["notificationTargets"])
    for each in conditions.values():
        condition = each["spec"]["condition"]
        assert set(condition) == {"kind", "op", "threshold", "lookbackWindow", "alertAfter"}
        assert condition["kind"] == "burnrate"
        assert DURATION.fullmatch(condition["lookbackWindow"])
        assert each["spec"]["severity"] in {"page", "ticket", "none"}
    assert all(
        entry["alertPolicyRef"] in policies
        for slo in of_kind(exported, "SLO").values()
        for entry in slo["spec"]["alertPolicies"]
    )


def test_a_tier_is_two_policies_that_objectives_share():
    found = documents([SMALL, replace(SMALL, id="others")])
    policies = of_kind(found, "AlertPolicy")
    assert len(policies) == 2 * len(TIERS)
    names = [name for name in policies if policies[name]["metadata"]["annotations"]["kubechat.io/tier"] == "page-fast"]
    assert names == ["page-fast-30d-long", "page-fast-30d-short"]
    burns = [of_kind(found, "AlertCondition")[name]["spec"]["condition"] for name in names]
    assert [(burn["lookbackWindow"], burn["threshold"]) for burn in burns] == [("1h", 14.4), ("5m", 14.4)]


def test_tiers_that_differ_have_policies_of_their_own():
    other = replace(SMALL, id="others", tiers=(replace(TIERS[0], budget_share=0.03),))
    policies = of_kind(documents([SMALL, other]), "AlertPolicy")
    assert {"page-fast-30d-long", "page-fast-30d-long-2"} <= set(policies)
    week = of_kind(documents([replace(SMALL, period_s=7 * 86_400.0)]), "AlertCondition")
    assert week["page-fast-7d-long"]["spec"]["condition"]["threshold"] == TIERS[0].factor(7 * 86_400.0)


def test_groups_are_in_the_queries_that_other_tools_read():
    found = of_kind(documents([replace(SMALL, grouping=("cluster", "job"))]), "SLI")
    ratio = found["answers"]["spec"]["ratioMetric"]
    assert ratio["total"]["metricSource"]["spec"]["query"] == "sum by (cluster, job) (x)"


@pytest.mark.parametrize(
    "changed",
    [
        replace(SMALL, id="a-" * 60 + "z"),
        replace(SMALL, service="Über uns"),
        replace(SMALL, title="x" * 64),
        replace(SMALL, title=""),
        replace(SMALL, tiers=()),
        replace(SMALL, period_s=86_400.0 * 30 + 1),
        replace(SMALL, tiers=(replace(TIERS[0], long_s=3_601.0, short_s=301.0),)),
        replace(SMALL, tiers=(replace(TIERS[0], name="ÄÖ"), replace(TIERS[0], name="äö"))),
    ],
)
def test_what_openslo_cannot_hold_goes_into_annotations(changed):
    found = documents([SMALL, changed]) if changed.id != SMALL.id else documents([changed])
    assert all(DNS_LABEL.fullmatch(each["metadata"]["name"]) for each in found)
    assert all(1 <= len(each["metadata"].get("displayName", "x")) <= 63 for each in found)
    back = read(text(*found).encode(), "x.yaml")
    assert back.objectives[-1] == changed
    assert back.losses == ()


def test_a_long_id_that_is_cut_is_not_taken_for_another():
    first, second = (replace(SMALL, id="a" * 80 + end) for end in "xy")
    assert read(text(*documents([first, second])).encode(), "x.yaml").objectives == (first, second)


def test_an_indicator_that_has_no_place_in_it_is_refused():
    sampled = SampledIndicator(select("x").query, "gt", 1, select("x"))
    with pytest.raises(OpenSLOError, match="events of a SampledIndicator cannot be written as a ratio of counters"):
        documents([replace(SMALL, indicator=sampled)])


def test_a_threshold_that_somebody_changed_is_what_counts():
    data = text(*documents([SMALL])).replace("threshold: 14.4", "threshold: 10").encode()
    assert read(data, "x.yaml").objectives[0].tiers[0].factor(SMALL.period_s) == 10
