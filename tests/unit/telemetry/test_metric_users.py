"""Nothing is exported that nobody looks at, and nothing under a name that a stock exporter uses."""

from __future__ import annotations

import pytest

from alerts.catalogue import rule_sources
from app.telemetry.catalogue import metrics
from dashboards.catalogue import questions
from slo.promql import names_in

ELSEWHERE = {
    "kubechat_build_info": "the marks of deployments on every dashboard ask for it",
    "kubechat_downtime_days": "who reads the year's downtime asks for how many days it is known (docs/architecture.md)",
    "kubechat_server_setting_value": "the runbook of SettingsDrift asks for it",
}
"""What no panel and no rule asks for, and who does."""
ASKED = {
    name
    for text in (
        *(question.expression for question in questions()),
        *(rule.query.text for source in rule_sources() for group in source.groups for rule in group.group.rules),
    )
    for name in names_in(text)
}


@pytest.mark.parametrize("name", sorted(metrics()))
def test_a_metric_is_asked_for_by_a_panel_or_a_rule(name: str) -> None:
    metric = metrics()[name]
    asked = bool(ASKED & {name, metric.bucket, metric.count, metric.sum})
    assert asked is (name not in ELSEWHERE), "draw it, alert on it, or say who asks for it"


def test_no_name_is_one_of_a_stock_exporter() -> None:
    assert all(name.startswith(("kubechat_", "nlp_")) for name in metrics())
