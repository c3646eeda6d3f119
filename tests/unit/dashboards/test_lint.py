"""The linter finds nothing in what is committed, and finds every fault that is planted there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.telemetry.catalogue import HTTP_REQUEST_DURATION, LATENCY_BUCKETS, metrics
from dashboards.lint import exclusions
from dashboards.lint.__main__ import main
from dashboards.lint.check import check, committed, tree_of
from dashboards.lint.finding import Tree, panels_of

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = committed(ROOT)
OVERVIEW = "kubechat-system-overview"

Change = Callable[[dict[str, Any]], Any]


def changed(change: Change, uid: str = OVERVIEW) -> Tree:
    """One dashboard of what is committed, changed."""
    model = json.loads(json.dumps(COMMITTED.dashboards[uid]))
    change(model)
    return replace(COMMITTED, dashboards={uid: model}, rules={})


def with_rules(right: str, wrong: str) -> Tree:
    """What is committed, with other words in its rules; files without those words are left out."""
    texts = {name: re.sub(r"(?:\\n| )+", " ", json.dumps(content)) for name, content in COMMITTED.rules.items()}
    changed = {name: json.loads(text.replace(right, wrong)) for name, text in texts.items() if right in text}
    assert changed, f"no rule has {right}"
    return replace(COMMITTED, rules=changed)


def rules_of(tree: Tree) -> set[str]:
    """The linter's rules that find something."""
    return {finding.rule for finding in check(tree)}


def panel(model: dict[str, Any], kind: str = "timeseries") -> dict[str, Any]:
    """The first panel of one kind."""
    return next(each for each in panels_of(model) if each["type"] == kind)


def defaults(model: dict[str, Any], kind: str = "timeseries") -> dict[str, Any]:
    return panel(model, kind)["fieldConfig"]["defaults"]


def target(model: dict[str, Any]) -> dict[str, Any]:
    return panel(model)["targets"][0]


def asks(expression: str) -> Change:
    return lambda model: target(model).update(expr=expression)


def test_nothing_is_found_in_what_is_committed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().err


PLANTED: dict[str, tuple[str, Change]] = {
    "an empty list of mappings": ("mappings", lambda model: defaults(model).update(mappings=[])),
    "a unit that nobody knows": ("unit", lambda model: defaults(model).update(unit="parsecs")),
    "no unit on a kind that others never look at": ("unit", lambda model: defaults(model, "stat").pop("unit")),
    "a counter with conditions and no rate": ("counter", asks('sum(kubechat_http_requests_total{job="gateway"})')),
    "a histogram's count without a rate": ("counter", asks("kubechat_http_request_duration_seconds_count")),
    "a rate beside the bare counter": (
        "counter",
        asks("rate(kubechat_http_requests_total[5m]) / kubechat_http_requests_total"),
    ),
    "the rate of a gauge": ("rate-of-gauge", asks("rate(kubechat_websockets[5m])")),
    "a window of one scrape": ("rate-window", asks("increase(kubechat_http_requests_total[5s])")),
    "no query": ("targets", lambda model: panel(model).update(targets=[])),
    "two queries with one letter": ("ref-id", lambda model: panel(model)["targets"].append(target(model))),
    "a query that does not parse": ("promql", asks("sum(up")),
    "a variable that is not offered": ("promql", asks('up{job="$nobody"}')),
    "a metric that was renamed": ("unknown-metric", asks("kubechat_web_sockets")),
    "a label that a metric has not": ("unknown-label", asks('kubechat_websockets{cluster="x"}')),
    "a bucket that was dropped": (
        "unknown-bucket",
        asks('rate(kubechat_http_request_duration_seconds_bucket{le="0.7"}[5m])'),
    ),
    "no description": ("description", lambda model: panel(model, "stat").update(description="Requests.")),
    "no title": ("title", lambda model: panel(model).update(title="")),
    "a kind that Grafana removed": ("panel-type", lambda model: panel(model).update(type="graph")),
    "a kind that nobody checks": ("panel-type", lambda model: panel(model).update(type="geomap")),
    "two panels of one number": ("panel-id", lambda model: panel(model).update(id=panel(model, "stat")["id"])),
    "a panel upon another": ("grid", lambda model: panel(model)["gridPos"].update(h=40)),
    "a panel beyond the edge": ("grid", lambda model: panel(model)["gridPos"].update(x=20)),
    "a fixed data source": ("datasource", lambda model: target(model).update(datasource={"uid": "main"})),
    "a query without a legend": ("legend", lambda model: target(model).update(legendFormat="")),
    "a hidden legend": ("legend", lambda model: panel(model)["options"]["legend"].update(showLegend=False)),
    "thresholds that fall": (
        "threshold-steps",
        lambda model: defaults(model)["thresholds"].update(steps=[{"value": None}, {"value": 2}, {"value": 1}]),
    ),
    "links that forget the time": ("link-forgets", lambda model: model["links"][0].update(keepTime=False)),
    "links to nowhere": ("dead-link", lambda model: model["links"][0].update(tags=["other"])),
    "a dashboard that no link finds": ("dead-link", lambda model: model.update(tags=["other"])),
    "another uid than the file's": ("uid", lambda model: model.update(uid="other")),
    "a choice that grows old": ("variable-refresh", lambda model: model["templating"]["list"][1].update(refresh=1)),
    "everything without the label": (
        "variable-all",
        lambda model: model["templating"]["list"][1].update(allValue=".*"),
    ),
    "a choice of a label that is not there": (
        "unknown-label",
        lambda model: model["templating"]["list"][1].update(definition="label_values(kubechat_websockets, cluster)"),
    ),
    "a mark that asks for nothing known": (
        "unknown-metric",
        lambda model: model["annotations"]["list"][2].update(expr="kubechat_version"),
    ),
    "a latency's line where no bucket ends": (
        "line-between-buckets",
        lambda model: defaults(model)["thresholds"]["steps"][1].update(value=0.7),
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(fault: str) -> None:
    rule, change = PLANTED[fault]
    assert rule in rules_of(changed(change))


def test_a_fault_in_a_collapsed_row_is_found() -> None:
    def rename(model: dict[str, Any]) -> None:
        inner = next(item["panels"][0] for item in model["panels"] if item.get("panels"))
        inner["targets"][0]["expr"] = "kubechat_gone"

    assert "unknown-metric" in rules_of(changed(rename, "kubechat-gateway"))


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("up{job=", "kubechat_up{job=", "unknown-metric"),  # a metric is renamed
        ("kubechat_pool_size", "kubechat_pool_sizes", "unknown-metric"),
        (r"le=~\"0\\\\.5\"", r"le=~\"0\\\\.7\"", "unknown-bucket"),
        (">= 0.9", ">= 0.95", "threshold"),  # an alert's threshold is raised
        ("> 30", "> 300", "threshold"),
        ("> 0.0144", "> 0.0288", "threshold"),  # also one that panels show in another unit
        ("< -3024000", "< -6048000", "threshold"),
        ("/runbooks/ServiceDown", "/runbooks/ServiceUp", "dead-link"),
        ("viewPanel=5", "viewPanel=555", "dead-link"),
        ("/d/kubechat-system-overview", "/d/kubechat-system", "dead-link"),
        ("/d/kubechat-redis?viewPanel=10", "/d/kubechat-redis?viewPanel=11", "no-way-back"),
        ('"dashboard_url"', '"board_url"', "dead-link"),
        ('"interval": "30s"', '"interval": "10m"', "group-interval"),
        (
            'kubechat_audit_events_total{job=\\"audit\\"}[1h]',
            'kubechat_audit_events_total{job=\\"audit\\"}[60d]',
            "range",
        ),
        (
            'kubechat_commands_total{job=\\"gateway\\"}[10m]',
            'kubechat_commands_total{job=\\"gateway\\"}[5s]',
            "rate-window",
        ),
        (
            'increase(kubechat_commands_total{job=\\"gateway\\"}[10m])',
            "increase(sum(kubechat_commands_total)[10m:1m])",
            "rate-of-sum",
        ),
        ("kubechat:commands:per_minute", "kubechat:audit_events:per_hour", "duplicate"),
        ('"severity": "page"', '"severity": "urgent"', "severity"),
        ('"service": "postgresql"', '"service": ""', "owner"),
        ('"service": "postgresql"', '"service": "{{ $value }}"', "value-in-label"),
        ('"summary": "', '"summary": "{{ $labels.job }} ', "annotation"),
        ('"description"', '"text"', "annotation"),
    ],
)
def test_a_rule_that_was_changed_is_found(right: str, wrong: str, rule: str) -> None:
    assert rule in rules_of(with_rules(right, wrong))


def test_an_alert_that_compares_with_nothing_and_one_that_stands_twice_are_found() -> None:
    files = json.loads(json.dumps(COMMITTED.rules))
    rules = files["redis.rules.yaml"]["groups"][0]["rules"]
    rules.append(rules[0])
    assert "duplicate" in rules_of(replace(COMMITTED, rules=files))
    rules[0] = {**rules[0], "expr": "kubechat_redis_up"}
    assert "comparison" in rules_of(replace(COMMITTED, rules=files))


def test_a_line_that_was_raised_without_the_alert_is_found() -> None:
    def higher(model: dict[str, Any]) -> None:
        pools = next(each for each in panels_of(model) if each["title"] == "Database connections in use")
        pools["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"] = 0.99

    tree = changed(higher, "kubechat-postgresql")
    assert "threshold" in rules_of(replace(tree, rules=COMMITTED.rules))


def test_a_runbook_that_is_gone_is_found_in_rules_and_on_panels() -> None:
    tree = replace(COMMITTED, runbooks=COMMITTED.runbooks - {"RedisEvictionStorm"})
    where = {finding.where for finding in check(tree)}
    assert where == {
        "redis.rules.yaml / RedisEvictionStorm",
        "kubechat-redis / Keys dropped by Redis in five minutes",
    }


@pytest.mark.parametrize("name", ["kubechat_http_requests_total", "kubechat_pool_in_use", "kubechat_build_info"])
def test_a_metric_that_is_no_longer_declared_is_found(name: str) -> None:
    declared = [metric for metric in metrics().values() if metric.name != name]
    tree = tree_of(dict(COMMITTED.dashboards), dict(COMMITTED.rules), declared, COMMITTED.runbooks)
    assert "unknown-metric" in rules_of(tree)


def test_a_bucket_that_is_dropped_is_found_in_rules_and_under_lines() -> None:
    fewer = tuple(bound for bound in LATENCY_BUCKETS if bound != 0.5)
    declared = [
        replace(metric, buckets=fewer) if metric.name == HTTP_REQUEST_DURATION.name else metric
        for metric in metrics().values()
    ]
    tree = tree_of(dict(COMMITTED.dashboards), dict(COMMITTED.rules), declared, COMMITTED.runbooks)
    assert {"unknown-bucket", "line-between-buckets"} <= rules_of(tree)


def test_what_is_excluded_is_not_said_and_an_idle_exclusion_is(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = changed(asks("kubechat_web_sockets"))
    (found,) = check(tree)
    monkeypatch.setitem(exclusions.EXCLUDED, (found.rule, found.where), "it is a test")
    assert check(tree) == []
    assert rules_of(COMMITTED) == {"exclusion"}
