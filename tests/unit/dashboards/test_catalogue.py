"""Dashboards show what the document asks for, by metrics that exist and figures that are targets."""

from alerts.alert import Links
from alerts.catalogue import rule_sources
from app.telemetry.catalogue import metrics
from dashboards.catalogue import EVERYTHING, all_dashboards, questions, runbooks
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


def test_choices_are_called_the_same_everywhere_and_the_narrower_depend_on_the_wider():
    labels: dict[str, set[str]] = {}
    for dashboard in all_dashboards():
        names = [variable.name for variable in dashboard.variables]
        assert len(names) == len(set(names))
        for variable in dashboard.variables:
            labels.setdefault(variable.name, set()).add(variable.label)
        if "job" in names:
            instance = next(variable for variable in dashboard.variables if variable.name == "instance")
            assert names.index("job") < names.index("instance")
            assert 'job=~"$job"' in instance.metric.text
    assert all(len(found) == 1 for found in labels.values()), labels
    assert labels["job"] == {"Service"}


def test_the_panel_that_an_alert_points_at_leads_to_its_runbook():
    found = runbooks(Links(public_url="https://chat.example"))
    assert found[panels.REDIS_EVICTIONS] == {
        "RedisEvictionStorm": "https://chat.example/runbooks/RedisEvictionStorm",
    }
    assert set(found[panels.REPLICAS_UP]) == {"ServiceDown", "ReplicaDown", "Watchdog"}


def test_every_choice_has_a_value_while_nothing_is_chosen():
    assert {variable.name for dashboard in all_dashboards() for variable in dashboard.variables} <= set(EVERYTHING)


def test_what_is_above_the_fold_is_never_a_detail():
    """A first screen shows some twenty rows of the grid: what is rare or needs time to read stands in closed rows."""
    for dashboard in all_dashboards():
        first, *_ = dashboard.rows
        assert not first.collapsed
        assert len(first.panels) <= 6, dashboard.uid
