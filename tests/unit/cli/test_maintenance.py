"""`kubechat maintenance` reads times as people write them, asks before it declares, and shows what was typed as it was typed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import connection, main
from app.cli.maintenance import moment, span
from app.errors import InvalidInputError

NOW = datetime(2026, 8, 4, 12, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine's time zone."""
    with monkeypatch.context() as zone:
        zone.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


class Gateway:
    """Keeps what it was sent, and answers as the gateway does."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.listed: list[dict[str, Any]] = []
        self.state = "over"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        self.sent.append((method, path, body))
        if method == "GET":
            return {"maintenances": self.listed}
        return {"id": "0198", "state": self.state, **(body or {})}


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    made = Gateway()
    monkeypatch.setattr(connection, "call", made.call)
    return made


def maintenance(*args: str, typed: str = "") -> Result:
    return CliRunner().invoke(main.build(), ["maintenance", *args], input=typed, env={"COLUMNS": "80", "TERM": "dumb"})


@pytest.mark.parametrize(
    ("text", "minutes"), [("2h", 120), ("90m", 90), ("1h30m", 90), ("1d", 1440), (" 1d2h3m ", 1440 + 123)]
)
def test_a_length_is_read(text: str, minutes: int) -> None:
    assert span(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", " ", "2", "h", "-2h", "2h!", "30m1h", "2 h", "9" * 30 + "d"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        span(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("14:30", datetime(2026, 8, 4, 14, 30, tzinfo=UTC)),
        ("9:05", datetime(2026, 8, 5, 9, 5, tzinfo=UTC)),
        ("12:30", datetime(2026, 8, 5, 12, 30, tzinfo=UTC)),
        ("2026-08-06T10:00", datetime(2026, 8, 6, 10, tzinfo=UTC)),
        ("2026-08-06 10:00", datetime(2026, 8, 6, 10, tzinfo=UTC)),
        ("2026-08-06T10:00:00+02:00", datetime(2026, 8, 6, 10, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-08-06T10:00Z", datetime(2026, 8, 6, 10, tzinfo=UTC)),
    ],
)
def test_a_time_is_read(text: str, read: datetime) -> None:
    assert moment(text, NOW) == read


@pytest.mark.parametrize("text", ["", "soon", "25:00", "12:60", "12", "2026-13-01T00:00", "0001-01-01T00:00+14:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        moment(text, NOW)


def test_it_is_declared_after_a_yes_and_not_without(gateway: Gateway) -> None:
    said_no = maintenance("declare", "--for", "2h", "--reason", "disks", typed="n\n")
    assert (said_no.exit_code, gateway.sent) == (1, [])
    assert maintenance("declare", "--for", "2h", "--reason", "disks").exit_code == 1, "nobody is there to ask"
    assert gateway.sent == []
    before = datetime.now(UTC)
    shown = maintenance("declare", "--for", "2h", "--reason", "disks [sda]", typed="y\n")
    assert shown.exit_code == 0
    assert "disks [sda]" in shown.stdout
    assert "kubechat maintenance end 0198" in shown.stdout
    ((method, path, body),) = gateway.sent
    assert (method, path, body["starts_at"], body["reason"]) == ("POST", "/api/v1/maintenances", None, "disks [sda]")
    assert before <= datetime.fromisoformat(body["ends_at"]) - timedelta(hours=2) <= datetime.now(UTC)


def test_a_length_begins_with_the_start_and_a_time_of_day_comes_after_it(gateway: Gateway) -> None:
    start = "2026-12-24T22:00"
    for end in (("--for", "3h"), ("--until", "01:00")):
        assert maintenance("declare", "--from", start, *end, "--reason", "x", "--yes").exit_code == 0
    for _, _, body in gateway.sent:
        assert datetime.fromisoformat(body["starts_at"]) == datetime(2026, 12, 24, 22, tzinfo=UTC)
        assert datetime.fromisoformat(body["ends_at"]) == datetime(2026, 12, 25, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "args",
    [
        ("declare", "--reason", "x", "--yes"),
        ("declare", "--reason", "x", "--yes", "--for", "1h", "--until", "14:00"),
        ("declare", "--for", "1h", "--yes"),
        ("end", "not-an-id"),
        ("end",),
    ],
)
def test_wrong_usage_ends_with_two_and_nothing_is_sent(gateway: Gateway, args: tuple[str, ...]) -> None:
    assert maintenance(*args).exit_code == 2
    assert gateway.sent == []


def test_the_list_shows_when_each_really_ended(gateway: Gateway) -> None:
    assert "no planned maintenance" in maintenance("list").stdout
    each = {
        "id": "0198",
        "state": "over",
        "starts_at": "2026-08-04T10:00:00+00:00",
        "ends_at": "2026-08-04T14:00:00+00:00",
        "ended_at": "2026-08-04T11:00:00+00:00",
        "reason": "disks [sda]",
        "declared_by": "ada",
        "declared_at": "2026-08-04T09:00:00+00:00",
    }
    gateway.listed = [each]
    shown = CliRunner().invoke(main.build(), ["maintenance", "list"], env={"COLUMNS": "200", "TERM": "dumb"}).stdout
    assert "2026-08-04 11:00" in shown
    assert "2026-08-04 14:00" not in shown
    assert "disks [sda]" in shown
    assert json.loads(maintenance("list", "--json").stdout) == [each]


@pytest.mark.parametrize(("state", "said"), [("over", "Ended: failures count again."), ("cancelled", "Cancelled.")])
def test_an_end_says_what_it_ended(gateway: Gateway, state: str, said: str) -> None:
    gateway.state = state
    identity = "01980000-0000-7000-8000-000000000000"
    assert maintenance("end", identity).stdout.strip() == said
    assert gateway.sent == [("POST", f"/api/v1/maintenances/{identity}/end", None)]


@pytest.mark.parametrize("command", [(), ("declare",), ("list",), ("end",)])
def test_help_fits_on_a_screen(command: tuple[str, ...]) -> None:
    lines = maintenance(*command, "--help").stdout.splitlines()
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines)
