"""Cases are written as promtool reads them, and expect what Prometheus would really send."""

import pytest

from slo.case import AlertCheck, Case, CaseError, Phase, ValueCheck, case_file, firing, rising, steady
from slo.promql import constant
from slo.rule import AlertingRule


def rule(**annotations):
    return AlertingRule("Slow", constant(1), labels={"severity": "page"}, annotations=annotations)


def test_counters_rise_phase_by_phase_and_stay_where_nothing_happens():
    assert rising([Phase(3, {"a": 2}), Phase(2, {"b": 1}), Phase(2, {"a": 0.5})]) == {
        "a": "0 2+2x2 6+0x1 6.5+0.5x1",
        "b": "0 0+0x2 1+1x1 2+0x1",
    }


def test_a_phase_without_a_step_is_refused():
    with pytest.raises(CaseError, match="no samples"):
        rising([Phase(0, {"a": 1})])


def test_a_gauge_keeps_its_value():
    assert steady(1, 10) == "1x10"


def test_an_expected_alert_has_its_templates_filled():
    expected = firing(
        rule(description="{{ $labels.instance }}: {{ $value | humanizePercentage }} failed"), {"instance": "a:1"}, 0.018
    )
    assert expected.annotations == {"description": "a:1: 1.8% failed"}
    assert expected.labels == {"instance": "a:1", "severity": "page"}
    assert firing(rule(description="{{ $value | humanize }} more"), value=3).annotations == {"description": "3 more"}


def test_a_label_that_the_series_has_not_is_an_error_since_prometheus_would_write_nothing():
    with pytest.raises(CaseError, match="no label 'severity'"):
        firing(rule(description="{{ $labels.severity }}"))


@pytest.mark.parametrize("template", ["{{ $value | humanizeDuration }}", "{{ printf $value }}"])
def test_an_unknown_template_is_an_error(template):
    with pytest.raises(CaseError, match="cannot fill"):
        firing(rule(description=template))


@pytest.mark.parametrize("value", [0.5, 1000])
def test_a_value_that_prometheus_would_give_a_prefix_is_an_error(value):
    with pytest.raises(CaseError, match="cannot fill"):
        firing(rule(description="{{ $value | humanize }} more"), value=value)


def test_a_case_is_laid_out_as_promtool_reads_it():
    case = Case(
        "it fires",
        5,
        {"up": "1x3"},
        (AlertCheck(60, "Slow"), AlertCheck(0, "Slow", (firing(rule(summary="slow")),))),
        (ValueCheck(5, "up", {"{}": 1}),),
    )
    assert case_file(["a.rules.yaml"], [case], 5) == {
        "rule_files": ["a.rules.yaml"],
        "evaluation_interval": "5s",
        "tests": [
            {
                "name": "it fires",
                "interval": "5s",
                "input_series": [{"series": "up", "values": "1x3"}],
                "alert_rule_test": [
                    {"eval_time": "1m", "alertname": "Slow", "exp_alerts": []},
                    {
                        "eval_time": "0s",
                        "alertname": "Slow",
                        "exp_alerts": [{"exp_labels": {"severity": "page"}, "exp_annotations": {"summary": "slow"}}],
                    },
                ],
                "promql_expr_test": [{"eval_time": "5s", "expr": "up", "exp_samples": [{"labels": "{}", "value": 1}]}],
            }
        ],
    }
