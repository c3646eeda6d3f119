"""Nothing is exported that nobody looks at, and nothing under a name that a stock exporter uses."""

from __future__ import annotations

import pytest

from alerts.catalogue import rule_sources
from app.telemetry import exporter_catalogue
from app.telemetry.metric import Metric
from dashboards.catalogue import questions
from slo.promql import names_in

METRICS = [each for each in vars(exporter_catalogue).values() if isinstance(each, Metric)]
ASKED = {
    name
    for text in (
        *(question.expression for question in questions()),
        *(rule.query.text for source in rule_sources() for group in source.groups for rule in group.group.rules),
    )
    for name in names_in(text)
}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_of_the_exporters_is_asked_for_by_a_panel_or_a_rule(metric: Metric) -> None:
    assert metric.name in ASKED


def test_no_name_is_one_of_a_stock_exporter() -> None:
    assert all(metric.name.startswith("kubechat_") for metric in METRICS)
