"""What arrives outside of the web chat: a real Alertmanager, and servers that keep what they are sent."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from alerts.alert import Links
from alerts.alertmanager import HOOK_PATH, TEMPLATES, configuration
from alerts.catalogue import alerting_rules
from alerts.objectives import OBJECTIVES
from alerts.receivers import Outside
from app.stack.programs import _which
from app.stack.servers import alertmanager
from slo.writer import yaml_file
from tests.support.mailbox import Hooks, Mailbox
from tests.support.ports import free_port
from tests.support.waiting import wait_for

LINKS = Links("https://chat.example.org", "https://grafana.example.org")


class Alerting:
    """An Alertmanager with everything outside set up, and where that arrives."""

    def __init__(self, home: Path) -> None:
        self.mailbox, self.hooks = Mailbox(), Hooks()
        (home / "token").write_text("hook-token")
        (home / "slack").write_text(f"{self.hooks.url}/slack")
        told = Outside.model_validate(
            {
                "email": {
                    "to": ["sre@example.org", "lead@example.org"],
                    "from": "kubechat@example.org",
                    "smarthost": self.mailbox.address,
                    "require_tls": False,
                },
                "slack": {"url_file": str(home / "slack"), "channel": "#kubechat"},
                "webhook": {"url": f"{self.hooks.url}/hook", "token_file": str(home / "token")},
                "heartbeat": {"url": f"{self.hooks.url}/heartbeat"},
                "services": {"audit": {"email": ["audit@example.org"], "slack": "#audit"}},
            }
        )
        routing = configuration([f"{self.hooks.url}{HOOK_PATH}"], str(home / "token"), OBJECTIVES, told, str(TEMPLATES))
        config = home / "alertmanager.yaml"
        config.write_text(yaml_file("alertmanager.yaml", routing).text)
        program = _which("prometheus-alertmanager") or _which("alertmanager")
        assert program
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        with (home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [program, *alertmanager.arguments(config=str(config), data=str(home / "data"), port=port)],
                stdout=log,
                stderr=log,
            )
        wait_for("Alertmanager to answer", self._answers)

    def fire(self, alert: str, *, over: bool = False, **more: str) -> None:
        """Send an alert as Prometheus would, with the labels and texts of its rule."""
        rule = next(rule for rule in alerting_rules(LINKS) if rule.alert == alert)
        now = datetime.now(UTC)
        said: dict[str, Any] = {
            "labels": {"alertname": alert, **rule.labels, **more},
            "annotations": rule.annotations,
            "startsAt": (now - timedelta(minutes=3)).isoformat(),
        }
        if over:
            said["endsAt"] = now.isoformat()
        httpx2.post(f"{self.url}/api/v2/alerts", json=[said], trust_env=False).raise_for_status()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        self.mailbox.close()
        self.hooks.close()

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/-/ready", trust_env=False).status_code == 200
        except httpx2.HTTPError:
            return False


@pytest.fixture
def alerting(tmp_path: Path) -> Iterator[Alerting]:
    made = Alerting(tmp_path)
    yield made
    made.close()


def test_a_page_arrives_everywhere_says_what_to_do_and_says_when_it_is_over(alerting: Alerting) -> None:
    alerting.fire("ServiceDown", service="nlp")
    mailbox, hooks = alerting.mailbox, alerting.hooks
    wait_for("the page everywhere", lambda: mailbox.mails and hooks.at("/slack") and hooks.at("/hook"))
    mail = mailbox.mails[0]
    assert sorted(address for each in mailbox.recipients for address in each) == ["lead@example.org", "sre@example.org"]
    assert mail["Subject"].startswith("PAGE: ")
    assert mail["Subject"].endswith("[nlp]")
    assert len(mail["Subject"]) <= 70, "a phone shows no more of it"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        text = body.get_content()
        assert "https://chat.example.org/runbooks/ServiceDown" in text
        assert "https://grafana.example.org/d/" in text
        assert "{{" not in text.replace("{{ $labels", "")
    slack = hooks.at("/slack")[0].body
    assert slack["channel"] == "#kubechat"
    assert slack["attachments"][0]["color"] == "danger"
    assert "What to do: https://chat.example.org/runbooks/ServiceDown" in slack["attachments"][0]["text"]
    hook = hooks.at("/hook")[0]
    assert hook.headers["authorization"] == "Bearer hook-token"
    assert hook.body["alerts"][0]["labels"]["alertname"] == "ServiceDown"
    wait_for("the web chat to be told as well", lambda: hooks.at(HOOK_PATH))

    alerting.fire("ServiceDown", over=True, service="nlp")
    wait_for("the end of it", lambda: [mail for mail in mailbox.mails if mail["Subject"].startswith("OVER: ")])
    wait_for("its colour", lambda: [c for c in hooks.at("/slack") if c.body["attachments"][0]["color"] == "good"])


def test_a_team_is_told_of_its_own_service_and_the_others_are_not(alerting: Alerting) -> None:
    alerting.fire("ServiceDown", service="audit")
    wait_for("the team's mail", lambda: alerting.mailbox.mails and alerting.hooks.at("/slack"))
    assert alerting.mailbox.recipients == [["audit@example.org"]]
    assert [call.body["channel"] for call in alerting.hooks.at("/slack")] == ["#audit"]


def test_the_watchdog_reaches_the_heartbeat_and_nobody_else(alerting: Alerting) -> None:
    alerting.fire("Watchdog")
    wait_for("the heartbeat", lambda: alerting.hooks.at("/heartbeat"))
    assert {call.path for call in alerting.hooks.calls} == {"/heartbeat"}
    assert alerting.mailbox.mails == []
