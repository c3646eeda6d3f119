"""What an installation may say of places outside of the web chat, and who is told of what then."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.alertmanager import TEMPLATES, configuration
from alerts.objectives import OBJECTIVES
from alerts.receivers import Outside
from slo.writer import yaml_file

URLS = ["http://127.0.0.1:18000/hooks/alertmanager"]
EMAIL = {"to": ["sre@example.org"], "from": "kubechat@example.org", "smarthost": "mail.example.org:587"}
LOGIN = {**EMAIL, "username": "kubechat", "password_file": "/run/kubechat/smtp"}
SLACK = {"url_file": "/run/kubechat/slack", "channel": "#kubechat"}
WEBHOOK = {"url": "https://pager.example.org/in", "token_file": "/run/kubechat/pager"}
HOURS = {"from": "08:00", "to": "18:00", "timezone": "Europe/Berlin"}
TEAMS = {"audit": {"email": ["audit@example.org"]}}
EVERYTHING = {
    "email": LOGIN,
    "slack": SLACK,
    "webhook": WEBHOOK,
    "heartbeat": WEBHOOK,
    "services": TEAMS,
    "ticket_hours": HOURS,
}
Amtool = Callable[..., subprocess.CompletedProcess[str]]


def written(said: dict[str, Any]) -> dict[str, Any]:
    return configuration(URLS, "/run/kubechat/token", OBJECTIVES, Outside.model_validate(said), str(TEMPLATES))


@pytest.fixture
def amtool(tmp_path: Path) -> Callable[[dict[str, Any]], Amtool]:
    path = shutil.which("amtool")
    assert path, "amtool is missing: install Debian's package prometheus-alertmanager"

    def with_config(said: dict[str, Any]) -> Amtool:
        config = tmp_path / "alertmanager.yaml"
        config.write_text(yaml_file("alertmanager.yaml", written(said)).text)

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            words = [str(config) if argument == "CONFIG" else argument for argument in arguments]
            return subprocess.run([path, *words], capture_output=True, text=True, check=False)

        return run

    return with_config


@pytest.mark.parametrize(
    "said",
    [{}, {"email": EMAIL}, {"slack": SLACK}, {"webhook": WEBHOOK}, {"heartbeat": WEBHOOK}, EVERYTHING],
    ids=["nothing", "mail", "slack", "webhook", "heartbeat", "everything"],
)
def test_alertmanager_takes_what_is_made_of_it(
    amtool: Callable[[dict[str, Any]], Amtool], said: dict[str, Any]
) -> None:
    judged = amtool(said)("check-config", "CONFIG")
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ("severity=page service=gateway", "outside,web-chat"),
        ("severity=page service=gateway burn_tier=page-fast slo=x", "outside,web-chat"),
        ("severity=page service=audit", "outside-audit,web-chat"),
        ("severity=page service=audit burn_tier=page-fast slo=x", "outside-audit,web-chat"),
        ("severity=ticket service=gateway", "outside,web-chat"),
        ("severity=ticket service=audit burn_tier=ticket-slow slo=x", "outside-audit,web-chat"),
        ("severity=none", "heartbeat"),
        ("severity=unheard-of", "web-chat"),
    ],
)
def test_who_is_told(amtool: Callable[[dict[str, Any]], Amtool], labels: str, receivers: str) -> None:
    judged = amtool(EVERYTHING)(
        "config", "routes", "test", "--config.file", "CONFIG", f"--verify.receivers={receivers}",
        "alertname=Any", *labels.split(),
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_tickets_wait_for_their_hours_and_pages_wait_for_nothing() -> None:
    made = written(EVERYTHING)
    page, ticket = (route for route in made["route"]["routes"] if route["receiver"] == "outside")
    assert "active_time_intervals" not in page
    assert all("active_time_intervals" not in route for route in page["routes"])
    # A route further in does not take over the hours of the one around it.
    assert [route["active_time_intervals"] for route in (ticket, *ticket["routes"])] == [["ticket-hours"]] * 2
    (interval,) = made["time_intervals"]
    assert interval["time_intervals"] == [
        {
            "times": [{"start_time": "08:00", "end_time": "18:00"}],
            "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "location": "Europe/Berlin",
        }
    ]


def test_secrets_are_named_by_file_only() -> None:
    text = yaml_file("alertmanager.yaml", written(EVERYTHING)).text
    for line in text.splitlines():
        assert not line.strip().startswith(("auth_password:", "api_url:", "credentials:"))
    for path in ("/run/kubechat/smtp", "/run/kubechat/slack", "/run/kubechat/pager"):
        assert path in text


def test_mail_leaves_by_tls_unless_it_is_said_otherwise() -> None:
    (receiver,) = (each for each in written({"email": EMAIL})["receivers"] if each["name"] == "outside")
    assert receiver["email_configs"][0]["require_tls"] is True


def test_slack_shows_what_a_label_says_and_does_not_obey_it(tmp_path: Path) -> None:
    (receiver,) = (each for each in written({"slack": SLACK})["receivers"] if each["name"] == "outside")
    data = tmp_path / "data.json"
    alert = {"status": "firing", "annotations": {"description": "a & b <!channel>"}, "startsAt": "2026-01-01T00:00:00Z"}
    data.write_text(json.dumps({"status": "firing", "alerts": [alert]}))
    words = ("template", "render", f"--template.glob={TEMPLATES}", f"--template.data={data}")
    rendered = subprocess.run(
        [shutil.which("amtool") or "amtool", *words, f"--template.text={receiver['slack_configs'][0]['text']}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert rendered.stdout.startswith("a &amp; b &lt;!channel&gt;\nSince 00:00 UTC")


def test_what_goes_outside_needs_its_words() -> None:
    with pytest.raises(ValueError, match="no templates"):
        configuration(URLS, "/run/kubechat/token", OBJECTIVES, Outside.model_validate({"slack": SLACK}))


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"email": {**EMAIL, "to": []}}, "email.to"),
        ({"email": {**EMAIL, "to": ["a@b, c@d"]}}, "email.to.0"),
        ({"email": {**EMAIL, "smarthost": "mail"}}, "email.smarthost"),
        ({"email": {**EMAIL, "password": "hunter2"}}, "email.password"),
        ({"email": {**EMAIL, "username": "kubechat"}}, "email.password_file"),
        ({"email": {**EMAIL, "password_file": "/run/kubechat/smtp"}}, "email.password_file"),
        ({"slack": {"channel": "#x"}}, "slack.url_file"),
        ({"webhook": {"url": "file:///etc/passwd"}}, "webhook.url"),
        ({"ticket_hours": {**HOURS, "timezone": "Mars/Olympus"}}, "ticket_hours.timezone"),
        ({"ticket_hours": {**HOURS, "to": "07:00"}}, "ticket_hours.to"),
        ({"ticket_hours": {**HOURS, "from": "8"}}, "ticket_hours.from"),
        ({"slack": SLACK, "services": TEAMS}, "services"),
        ({"email": EMAIL, "services": {"audit": {}}}, "services"),
        ({"emails": EMAIL}, "emails"),
    ],
)
def test_what_cannot_be_meant_is_refused(said: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Outside.model_validate(said)
    assert ".".join(str(part) for part in refused.value.errors()[0]["loc"]) == where
