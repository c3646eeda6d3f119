"""Every alert is sound, tested, explained, and leads somewhere."""

import re
import shutil
import subprocess
from importlib import resources

import pytest

from alerts.alert import DASHBOARD_URL, RUNBOOK_URL, LinkedGroup, Links
from alerts.catalogue import alerting_rules, case_files, generated_files, rule_files, rule_sources
from alerts.objectives import GATEWAY_AVAILABILITY, OBJECTIVES
from alerts.reachability import SERVICE_DOWN, SERVICE_DOWN_FOR_S
from app.telemetry.catalogue import metrics
from dashboards.catalogue import all_dashboards
from slo.prometheus import JOBS, OWN_SERIES, PACE
from slo.promql import names_in
from slo.rule import AlertingRule, RecordingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.targets.requirements import UPTIME_TARGET

RULES = alerting_rules()
RUNBOOKS = resources.files("alerts") / "runbooks"
SECTIONS = ("Impact", "First three commands", "Diagnosis", "Mitigation")


def tool(name):
    path = shutil.which(name)
    assert path, f"{name} is missing: install Debian's packages prometheus and prometheus-alertmanager"
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("alerts")
    for file in generated_files():
        path = root / file.path.name
        path.write_text(file.text)
    return root


def all_rules():
    return [rule for source in rule_sources() for group in source.groups for rule in group.group.rules]


def test_prometheus_takes_all_rules(folder):
    wanted = ("check", "rules", "--lint=all", "--lint-fatal")
    subprocess.run([tool("promtool"), *wanted, *sorted(folder.glob("*.rules.yaml"))], check=True)


# A replay of six hours takes as long as a hundred other tests. One objective is enough for every run: test_burnrate.py
# holds the shapes of all of them, by single tiers.
IN_EVERY_RUN = {
    f"{name}.test.yaml"
    for name in (
        "reachability",
        "maintenance",
        "databases",
        "headroom",
        "tasks",
        "rights",
        "jobs",
        "drift",
        "read-replicas",
        "redis",
        "connections",
        "business",
        "processes",
        "machine",
        "exporters",
        "clusters",
        "audit",
        "dependencies",
        "regressions",
        "slo-gateway-availability.month",
    )
}
CASE_FILES = [
    pytest.param(file.path.name, marks=() if file.path.name in IN_EVERY_RUN else pytest.mark.full)
    for source in rule_sources()
    for file in case_files(source)
]


@pytest.mark.parametrize("cases", CASE_FILES)
def test_the_generated_cases_of_a_rule_file_hold(folder, cases):
    judged = subprocess.run(
        [tool("promtool"), "test", "rules", folder / cases],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize("source", rule_sources(), ids=lambda source: source.name)
def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent(source):
    groups = tuple(group.rules(Links()) for group in source.groups)
    checks = [check for case in source.cases(groups) for check in case.alerts]
    for alert in {rule.alert for group in groups for rule in group.alerts}:
        told = [bool(check.expected) for check in checks if check.alert == alert]
        assert True in told, f"no case sees {alert} fire"
        if alert != "Watchdog":
            assert False in told, f"no case sees {alert} silent"


@pytest.mark.full
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("for: 15s", "for: 20s"),
        ("for: 15s", "for: 10s"),
        ("for: 2m", "for: 1m55s"),
        ('absent(up{job="audit"} == 1)', 'up{job="audit"} == 0'),
        ("> 0", "> 2"),
        ("vector(1)", "absent(vector(1))"),
    ],
)
def test_the_cases_notice_a_rule_that_was_changed(folder, tmp_path, right, wrong):
    rules = (folder / "reachability.rules.yaml").read_text()
    assert right in rules
    (tmp_path / "reachability.rules.yaml").write_text(rules.replace(right, wrong))
    shutil.copy(folder / "reachability.test.yaml", tmp_path)
    judged = subprocess.run(
        [tool("promtool"), "test", "rules", tmp_path / "reachability.test.yaml"], capture_output=True, check=False
    )
    assert judged.returncode == 1


def test_every_rule_asks_for_metrics_that_exist():
    declared = metrics()
    exported = {
        name
        for metric in declared.values()
        for name in ((metric.bucket, metric.count, metric.sum) if metric.buckets else (metric.name,))
    }
    recorded = {rule.record for rule in all_rules() if isinstance(rule, RecordingRule)}
    for rule in all_rules():
        unknown = names_in(rule.query.text) - exported - recorded - OWN_SERIES
        assert not unknown, f"{rule} asks for {unknown}, which nobody exports or records"


def test_an_indicators_conditions_are_about_labels_that_its_metric_has():
    declared = {name: metric for metric in metrics().values() for name in (metric.name, metric.bucket, metric.count)}
    for objective in OBJECTIVES:
        for series in objective.indicator.examples(1, 1):
            name, _, conditions = series.partition("{")
            asked = set(re.findall(r"(\w+)=", conditions))
            assert asked <= {*declared[name].labels, "job", "instance", "le"}, objective.id
        grouped = set(objective.grouping) - {"job", "instance"}
        (total,) = {series.partition("{")[0] for series in list(objective.indicator.examples(1, 0))[:1]}
        assert grouped <= set(declared[total].labels), objective.id


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.alert}-{rule.labels[SERVICE]}")
def test_an_alert_says_what_a_person_needs(rule):
    assert rule.labels[SEVERITY] in {"page", "ticket", "none"}
    assert rule.labels[SERVICE]
    assert "{{" not in rule.annotations["summary"], "a summary is static: notifications are grouped by it"
    assert rule.annotations["description"].endswith(".")


@pytest.mark.parametrize("name", sorted({rule.alert for rule in RULES}))
def test_every_alert_has_a_runbook_with_all_its_parts(name):
    text = (RUNBOOKS / f"{name}.md").read_text()
    assert text.startswith(f"# {name}\n\n")
    found = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert tuple(found) == SECTIONS
    for title, following in zip(SECTIONS, (*SECTIONS[1:], None), strict=True):
        part = text.split(f"## {title}\n")[1].split(f"## {following}\n")[0]
        assert len(part.split()) > 5, f"{title} says nothing"
    commands = text.split("## First three commands\n")[1].split("```")[1].strip().splitlines()
    assert len(commands) == 3


def test_no_runbook_is_left_over():
    assert {path.name for path in RUNBOOKS.iterdir()} == {f"{rule.alert}.md" for rule in RULES}


def test_links_lead_to_runbooks_and_panels_that_exist():
    links = Links(public_url="https://chat.example/", grafana_url="https://grafana.example")
    panels = {f"https://grafana.example{panel.name.path}" for board in all_dashboards() for panel in board.panels}
    for rule in alerting_rules(links):
        assert rule.annotations[RUNBOOK_URL] == f"https://chat.example/runbooks/{rule.alert}"
        assert rule.annotations[DASHBOARD_URL] in panels


def test_rule_files_carry_the_links_of_the_installation():
    text = "".join(file.text for file in rule_files(Links(public_url="https://chat.example")))
    assert "https://chat.example/runbooks/ServiceDown" in text
    assert "127.0.0.1:8080" not in text


def test_an_alert_without_a_panel_is_refused():
    group = RuleGroup("x", 5, (AlertingRule("Lost", GATEWAY_AVAILABILITY.indicator.presence.query),))
    with pytest.raises(KeyError, match="Lost"):
        LinkedGroup(group, {}).rules(Links())


def test_every_service_is_watched():
    down = {rule.labels[SERVICE]: rule.labels[SEVERITY] for rule in RULES if rule.alert == SERVICE_DOWN}
    assert set(down) == set(JOBS)
    assert down["gateway"] == down["audit"] == "page"


def test_a_service_that_is_down_is_known_within_thirty_seconds_beside_the_rules_own_wait():
    from alerts.alertmanager import PAGE_WAIT_S

    assert PACE.scrape_interval_s + PACE.evaluation_interval_s + PAGE_WAIT_S <= 30
    assert 2 * PACE.scrape_interval_s < SERVICE_DOWN_FOR_S, "one failed scrape would page"


def test_the_availability_objective_is_the_documents():
    assert GATEWAY_AVAILABILITY.target == UPTIME_TARGET.named("objective").number
    assert GATEWAY_AVAILABILITY.period_s == 30 * 86_400
    assert len({objective.id for objective in OBJECTIVES}) == len(OBJECTIVES)
