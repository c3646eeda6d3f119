"""What was promised, seen through the running stack: maintenance reaches Prometheus' rules and the audit log, page loads the histogram, verdicts the page."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from alerts.objectives import OBJECTIVES
from slo.series import COUNTING
from slo.targets.requirements import UPTIME_TARGET
from tests.support.chat import Person
from tests.support.stack import KUBECHAT, ROOT, LocalStack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack
PATH = "/api/v1/maintenances"


@pytest.fixture
def kubechat(stack: LocalStack, tmp_path: Path) -> Callable[..., str]:
    """The command line of someone who logged in as the administrator."""
    environment = {**stack.environment, "XDG_CONFIG_HOME": str(tmp_path)}

    def run(*args: str, typed: str = "") -> str:
        done = subprocess.run(
            [str(KUBECHAT), *args],
            env=environment,
            cwd=ROOT,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    user, password = stack.admin
    run("login", "--user", user, "--password-stdin", typed=f"{password}\n")
    return run


@pytest.fixture
def nothing_planned(admin: Person) -> Iterator[None]:
    """Whatever a test declares is over when it ends: other tests count failures."""
    yield
    for each in admin.http.get(PATH).json()["maintenances"]:
        if each["state"] in {"present", "coming"}:
            admin.http.post(f"{PATH}/{each['id']}/end")


def answered_by(stack: LocalStack, query: str) -> float | None:
    samples = stack.prometheus(query)
    return float(samples[0]["value"][1]) if samples else None


def counting(stack: LocalStack) -> float | None:
    return answered_by(stack, COUNTING)


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


@pytest.mark.full
@pytest.mark.usefixtures("nothing_planned")
def test_while_a_maintenance_lasts_nothing_counts_and_the_audit_log_says_who_declared_it(
    stack: LocalStack, admin: Person, someone: Callable[[str], Person], kubechat: Callable[..., str]
) -> None:
    wait_for("events to count", lambda: counting(stack) == 1, within_s=60)
    reader = someone("viewer")
    with reader.chat() as window:
        told = kubechat("maintenance", "declare", "--for", "1h30m", "--reason", "new disks [for db]", typed="y\n")
        assert "new disks [for db]" in told
        notice = notice_in(window)
        assert "new disks [for db]" in notice["text"]
        wait_for("events not to count", lambda: counting(stack) == 0, within_s=60)

        (present,) = [each for each in listed(kubechat) if each["state"] == "present"]
        lasts = datetime.fromisoformat(present["ends_at"]) - datetime.fromisoformat(present["starts_at"])
        assert timedelta(minutes=89) < lasts <= timedelta(minutes=90)
        assert reader.http.get(PATH).json()["maintenances"] == listed(kubechat)
        assert reader.http.get("/api/v1/promises").json()["maintenance"]["id"] == present["id"]

        assert "count again" in kubechat("maintenance", "end", present["id"])
        assert "over" in notice_in(window)["text"]
    wait_for("events to count again", lambda: counting(stack) == 1, within_s=60)
    assert reader.http.get("/api/v1/promises").json()["maintenance"] is None
    again = admin.http.post(f"{PATH}/{present['id']}/end")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "maintenance_is_over")

    events = admin.http.get("/api/v1/audit/events", params={"kind": "administration", "limit": "100"}).json()["events"]
    mine = [event for event in events if event["name"] == present["id"]]
    assert [event["verb"] for event in mine] == ["end maintenance", "declare maintenance"]
    assert {event["user_name"] for event in mine} == {stack.admin[0]}
    for event in mine:
        assert event["detail"]["reason"] == "new disks [for db]"
        for end in ("starts_at", "ends_at"):
            assert datetime.fromisoformat(event["detail"][end]) == datetime.fromisoformat(present[end])


def notice_in(window: Any) -> dict[str, Any]:
    while True:
        event = window.receive()
        if event["type"] == "notice" and event["code"] == "maintenance":
            return dict(event)


def listed(kubechat: Callable[..., str]) -> list[dict[str, Any]]:
    return list(json.loads(kubechat("maintenance", "list", "--json")))


@pytest.mark.full
@pytest.mark.usefixtures("nothing_planned")
def test_gateways_that_all_restart_in_a_maintenance_do_not_end_it(stack: LocalStack, admin: Person) -> None:
    body = {"starts_at": None, "ends_at": in_hours(1), "reason": "new gateway"}
    assert admin.http.post(PATH, json=body).status_code == 201
    wait_for("events not to count", lambda: counting(stack) == 0, within_s=60)
    began = time.monotonic()
    killed = {name: stack.kill(name) for name in stack.replicas("gateway")}
    for name, pid in killed.items():
        stack.wait_back(name, pid)
    up = 'count(min_over_time(up{job="gateway"}[15s]) == 1)'
    wait_for("the new ones to be scraped some times", lambda: answered_by(stack, up) == len(killed), within_s=60)
    meanwhile = f"max_over_time({COUNTING}[{int(time.monotonic() - began)}s])"
    assert [sample["value"][1] for sample in stack.prometheus(meanwhile)] == ["0"]


@pytest.mark.usefixtures("nothing_planned")
def test_what_may_not_be_declared_is_refused_and_to_others_than_administrators_all_of_it(
    admin: Person, someone: Callable[[str], Person]
) -> None:
    fine = {"starts_at": in_hours(2), "ends_at": in_hours(3), "reason": "x"}
    for body, status, code in (
        ({**fine, "ends_at": in_hours(1)}, 400, "maintenance_ends_before_start"),
        ({**fine, "ends_at": in_hours(27)}, 400, "maintenance_too_long"),
        ({**fine, "reason": " "}, 400, "maintenance_without_reason"),
        ({**fine, "ends_at": "tomorrow"}, 422, "malformed_payload"),
        ({"reason": "x"}, 422, "malformed_payload"),
        ({**fine, "more": 1}, 422, "malformed_payload"),
    ):
        reply = admin.http.post(PATH, json=body)
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    declared = admin.http.post(PATH, json=fine)
    assert (declared.status_code, declared.json()["state"]) == (201, "coming")
    overlapping = admin.http.post(PATH, json=fine)
    assert (overlapping.status_code, overlapping.json()["error"]["code"]) == (409, "maintenance_overlaps")
    for role in ("viewer", "operator"):
        other = someone(role)
        refused = [other.http.post(PATH, json=fine), other.http.post(f"{PATH}/{declared.json()['id']}/end")]
        assert [(reply.status_code, reply.json()["error"]["code"]) for reply in refused] == [
            (403, "not_an_administrator")
        ] * 2
    assert admin.http.post(f"{PATH}/{declared.json()['id']}/end").json()["state"] == "cancelled"
    assert admin.http.post(f"{PATH}/00000000-0000-0000-0000-000000000000/end").status_code == 404


@pytest.mark.full
def test_a_page_load_is_observed_once_a_second_and_only_a_plausible_one(
    stack: LocalStack, admin: Person, someone: Callable[[str], Person]
) -> None:
    def observed() -> float:
        return stack.gateway_counter('kubechat_web_load_seconds_count{cache="cold"}')

    before = observed()
    person = someone("viewer")
    body = {"seconds": 0.042, "cache": "cold"}
    assert person.http.post("/api/v1/web-load", json=body).status_code == 204
    at_once = person.http.post("/api/v1/web-load", json=body)
    assert at_once.status_code in {204, 429}, "a slow machine may be a second later"
    assert observed() == before + 1 + (at_once.status_code == 204)
    seen = observed()
    for seconds in ("NaN", "Infinity", "-1", "0", "1e999", '"0.1"', "601", "true", "null"):
        content = f'{{"seconds": {seconds}, "cache": "cold"}}'
        refused = admin.http.post("/api/v1/web-load", content=content, headers={"content-type": "application/json"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "malformed_payload"), seconds
    foreign = admin.http.post("/api/v1/web-load", json=body, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert observed() == seen


@pytest.mark.timeout(300)
def test_everyone_who_is_signed_in_sees_all_promises_with_what_prometheus_knows(
    stack: LocalStack, someone: Callable[[str], Person]
) -> None:
    assert httpx2.get(f"{stack.url}/api/v1/promises", trust_env=False).status_code == 401
    person = someone("viewer")

    def known() -> dict[str, Any] | None:
        seen: dict[str, Any] = person.http.get("/api/v1/promises").json()
        budgets = {each["id"] for each in seen["objectives"] if each["budget_left"] is not None}
        return seen if "gateway-availability" in budgets and seen["downtime"] is not None else None

    # Budgets are in the rules' second entry; the day's downtime is asked for again half a minute after the start.
    seen = wait_for("budgets and the year's downtime", known, within_s=180, every_s=2)
    assert seen["prometheus"] is True
    assert len(seen["targets"]) == 221
    assert {objective.id for objective in OBJECTIVES} == {each["id"] for each in seen["objectives"]}
    assert sum(seen["counts"].values()) == 221
    assert [target["path"] for target in seen["targets"] if target["live"] is not None]
    downtime = seen["downtime"]
    assert downtime["allowed_seconds"] == UPTIME_TARGET.named("downtime_per_year").number
    assert downtime["year"] == datetime.now(UTC).year
    assert 1 <= downtime["days"] <= 2, "the stack is younger than a day; midnight may be among its hours"
    assert 0 <= downtime["seconds"] < 86_400
    assert abs(datetime.now(UTC) - datetime.fromisoformat(seen["as_of"])) < timedelta(minutes=1)
    page = person.http.get("/promises")
    assert page.headers["content-type"].startswith("text/html")
