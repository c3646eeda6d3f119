"""Dashboards show what the document asks for, by metrics that exist and figures that are targets."""

from alerts.catalogue import rule_sources
from app.telemetry.catalogue import metrics
from dashboards.catalogue import all_dashboards, questions
from dashboards.system_overview import system_overview
from slo import panels
from slo.catalogue import all_targets
from slo.objective import THIRTY_DAYS_S, TIERS
from slo.prometheus import OWN_SERIES
from slo.promql import names_in
from slo.rule import RecordingRule
from slo.targets.requirements import API_ENDPOINTS

OVERVIEW_TITLES = [
    target.named("title").word
    for target in all_targets()
    if target.path.startswith("grafana_dashboards.system_overview.panels.")
]


def known_names():
    declared = metrics()
    exported = {
        name
        for metric in declared.values()
        for name in ((metric.bucket, metric.count, metric.sum) if metric.buckets else (metric.name,))
    }
    recorded = {
        rule.record
        for source in rule_sources()
        for group in source.groups
        for rule in group.group.rules
        if isinstance(rule, RecordingRule)
    }
    return exported | recorded | OWN_SERIES


def test_the_overview_begins_with_the_documents_four_panels_under_their_titles():
    assert [panel.title for panel in system_overview().panels[:4]] == OVERVIEW_TITLES
    assert len(OVERVIEW_TITLES) == 4


def test_every_panel_asks_for_series_that_are_exported_or_recorded():
    for question in questions():
        unknown = names_in(question.expression) - known_names()
        assert not unknown, f"{question.title} asks for {unknown}"


def test_questions_are_ready_to_be_asked():
    asked = questions({"job": "gateway", "__rate_interval": "20s"})
    assert {question.panel for question in asked} == {
        panel.name for dashboard in all_dashboards() for panel in dashboard.panels
    }
    assert not any("$" in question.expression for question in asked)
    assert any('job=~"gateway"' in question.expression and "[20s]" in question.expression for question in asked)


def test_a_latency_line_stands_at_the_target_and_at_a_buckets_bound():
    (panel,) = (panel for panel in system_overview().panels if panel.name == panels.SERVICE_RESPONSE_TIMES)
    (line,) = panel.thresholds
    assert line.value == API_ENDPOINTS.named("duration").number
    assert line.value in metrics()["kubechat_http_request_duration_seconds"].buckets


def test_the_burn_rate_panel_has_a_line_for_every_alert():
    (panel,) = (panel for panel in system_overview().panels if panel.name == panels.BURN_RATE)
    assert [line.value for line in panel.thresholds] == sorted(tier.factor(THIRTY_DAYS_S) for tier in TIERS)


def test_every_name_of_a_panel_is_a_panels():
    named = {value for value in vars(panels).values() if isinstance(value, panels.PanelName)}
    assert named == {panel.name for dashboard in all_dashboards() for panel in dashboard.panels}


def test_uids_are_unique():
    uids = [dashboard.uid for dashboard in all_dashboards()]
    assert len(uids) == len(set(uids))
