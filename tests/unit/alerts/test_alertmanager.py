"""Notifications go where they have to, as soon as they have to, and none is silenced by a stranger."""

import shutil
import subprocess
from dataclasses import replace

import promql_parser
import pytest

from alerts.alertmanager import NOBODY, WEB_CHAT, configuration
from alerts.catalogue import alerting_rules
from alerts.objectives import GATEWAY_AVAILABILITY, OBJECTIVES
from slo.objective import TIERS
from slo.series import SERVICE, SEVERITY, SLO, TIER
from slo.writer import yaml_file

URLS = ["http://127.0.0.1:18000/hooks/alertmanager", "http://127.0.0.1:18001/hooks/alertmanager"]
TOKEN = "/run/kubechat/webhook-token"


@pytest.fixture
def amtool(tmp_path):
    path = shutil.which("amtool")
    assert path, "amtool is missing: install Debian's package prometheus-alertmanager"
    config = tmp_path / "alertmanager.yaml"
    config.write_text(yaml_file("alertmanager.yaml", configuration(URLS, TOKEN, OBJECTIVES)).text)

    def run(*arguments):
        return subprocess.run([path, *arguments], capture_output=True, text=True, check=False)

    return lambda *arguments: run(*(str(config) if argument is config else argument for argument in arguments)), config


def seconds(text):
    return promql_parser.parse_duration(text).total_seconds()


def test_alertmanager_takes_the_configuration(amtool):
    run, config = amtool
    judged = run("check-config", config)
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize("rule", alerting_rules(), ids=lambda rule: f"{rule.alert}-{rule.labels[SERVICE]}")
def test_every_alert_reaches_the_web_chat_and_the_watchdog_nobody(amtool, rule):
    run, config = amtool
    receiver = NOBODY if rule.alert == "Watchdog" else WEB_CHAT
    labels = [f"{label}={value}" for label, value in rule.labels.items() if "{{" not in value]
    judged = run(
        "config", "routes", "test", "--config.file", config, f"--verify.receivers={receiver}",
        f"alertname={rule.alert}", *labels,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_every_replica_of_the_gateway_is_told_also_when_it_is_over():
    hooks = configuration(URLS, TOKEN)["receivers"][0]["webhook_configs"]
    assert [hook["url"] for hook in hooks] == URLS
    assert all(hook["send_resolved"] for hook in hooks)


def test_the_token_is_named_by_file_and_follows_no_redirect():
    for hook in configuration(URLS, TOKEN)["receivers"][0]["webhook_configs"]:
        assert hook["http_config"] == {
            "authorization": {"type": "Bearer", "credentials_file": TOKEN},
            "follow_redirects": False,
        }


def test_a_page_waits_two_seconds_at_most_and_a_ticket_longer():
    route = configuration(URLS, TOKEN)["route"]
    page = next(child for child in route["routes"] if child["receiver"] == WEB_CHAT)
    assert page["matchers"] == ['severity="page"']
    assert seconds(page["group_wait"]) <= 2
    assert seconds(page["group_wait"]) < seconds(route["group_wait"])
    assert seconds(page["group_interval"]) <= 10, "that a page is over is told late"


def test_alerts_of_different_objectives_are_told_apart():
    assert {SLO, SERVICE, "alertname"} <= set(configuration(URLS, TOKEN)["route"]["group_by"])


def test_a_louder_tier_silences_only_quieter_ones_of_the_same_objective():
    rules = configuration(URLS, TOKEN, OBJECTIVES)["inhibit_rules"]
    order = [tier.name for tier in TIERS]
    for rule in rules:
        (source,), (target,) = rule["source_matchers"], rule["target_matchers"]
        louder = source.split('"')[1]
        quieter = target.split('"')[1].split("|")
        assert source.startswith(f"{TIER}=")
        assert target.startswith(f"{TIER}=~")
        assert sorted(quieter) == sorted(order[order.index(louder) + 1 :])
        assert SLO in rule["equal"]
    assert [rule["source_matchers"][0].split('"')[1] for rule in rules] == order[:-1]


def test_groups_of_an_objective_do_not_silence_one_another():
    grouped = replace(GATEWAY_AVAILABILITY, grouping=("cluster",))
    assert all("cluster" in rule["equal"] for rule in configuration(URLS, TOKEN, [grouped])["inhibit_rules"])


def test_an_objective_with_one_tier_silences_nothing():
    alone = replace(GATEWAY_AVAILABILITY, tiers=TIERS[:1])
    assert configuration(URLS, TOKEN, [alone])["inhibit_rules"] == []


def test_every_inhibited_alert_has_the_labels_that_are_compared():
    for rule in alerting_rules():
        if TIER in rule.labels:
            assert rule.labels[SLO]
            assert rule.labels[SERVICE]
            assert rule.labels[SEVERITY] in {"page", "ticket"}


@pytest.mark.parametrize(("urls", "token", "fault"), [([], TOKEN, "no webhook"), (URLS, "", "no credentials file")])
def test_a_configuration_that_tells_nobody_is_refused(urls, token, fault):
    with pytest.raises(ValueError, match=fault):
        configuration(urls, token)
