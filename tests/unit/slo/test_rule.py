"""A rule that exists is a rule that loads."""

import pytest

from slo.promql import PromQLError, Query, constant, select
from slo.rule import AlertingRule, RecordingRule, RuleGroup, rule_file


def test_rules_are_laid_out_as_prometheus_reads_them():
    group = RuleGroup(
        "a",
        30,
        (
            RecordingRule("x:y:sum", select("y").query, {"slo": "a"}),
            AlertingRule("Down", select("up").query, 15, {"severity": "page"}, {"summary": "down"}),
        ),
    )
    assert rule_file([group]) == {
        "groups": [
            {
                "name": "a",
                "interval": "30s",
                "rules": [
                    {"record": "x:y:sum", "expr": "y", "labels": {"slo": "a"}},
                    {
                        "alert": "Down",
                        "expr": "up",
                        "for": "15s",
                        "labels": {"severity": "page"},
                        "annotations": {"summary": "down"},
                    },
                ],
            }
        ]
    }
    assert [rule.alert for rule in group.alerts] == ["Down"]


def test_what_is_empty_is_left_out():
    assert AlertingRule("Down", constant(1)).as_data() == {"alert": "Down", "expr": "vector(1)"}


@pytest.mark.parametrize("kind", [RecordingRule, AlertingRule])
def test_an_expression_that_does_not_parse_makes_no_rule(kind):
    with pytest.raises(PromQLError, match="does not parse"):
        kind("x", Query("sum("))
