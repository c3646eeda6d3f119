"""Every alert reaches the windows once, however many come at once and whatever this machine's clock says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import MalformedPayloadError
from app.gateway.service.alerts import AlertFeed
from app.gateway.store.alerts import PAGE, Alerts, StoredAlert
from app.telemetry.instruments import Instruments

DATABASE_CLOCK = datetime(2026, 1, 1, tzinfo=UTC)  # far from the machine's own


class FakeDatabase:
    """Rows of alerts, with a clock of their own."""

    def __init__(self) -> None:
        self.now = DATABASE_CLOCK
        self.rows: list[dict[str, Any]] = []

    def change(self, fingerprint: str) -> None:
        self.now += timedelta(microseconds=1)
        row = StoredAlert(fingerprint, DATABASE_CLOCK, "firing", None, {}, {}, self.now)
        self.rows.append({name: getattr(row, name) for name in StoredAlert.__slots__})

    async def execute(self, _: Any, *args: Any) -> int:
        self.change(args[0])
        return 1

    async def fetch(self, query: Any, *args: Any) -> list[dict[str, Any]]:
        if query.name == "alerts.now":
            return [{"at": self.now}]
        if query.name == "alerts.newest":
            return self.rows[: args[0]]
        after = (args[0], args[1])
        return [row for row in self.rows if (row["changed_at"], row["fingerprint"]) > after][: args[2]]


class FakeHub:
    """Keeps what every window was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def to_all(self, event: dict[str, Any]) -> None:
        self.told.append(event["alert"]["fingerprint"])


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


async def followed(database: FakeDatabase, hub: FakeHub) -> AlertFeed:
    feed = AlertFeed(Alerts(database), hub, Instruments())  # type: ignore[arg-type]
    await feed._load()
    return feed


async def test_a_storm_of_alerts_is_told_whole_and_once(database: FakeDatabase, hub: FakeHub) -> None:
    feed = await followed(database, hub)
    names: Sequence[str] = [f"{number:05}" for number in range(3 * PAGE + 1)]
    for name in names:
        database.change(name)
    for _ in range(3):
        await feed._poll()
        database.now += timedelta(seconds=9)
    assert hub.told == names


async def test_what_was_there_at_the_start_is_no_news(database: FakeDatabase, hub: FakeHub) -> None:
    database.change("old")
    feed = await followed(database, hub)
    await feed._poll()
    database.change("new")
    await feed._poll()
    assert hub.told == ["new"]


async def test_an_alert_that_cannot_be_read_takes_no_other_with_it(database: FakeDatabase, hub: FakeHub) -> None:
    feed = await followed(database, hub)
    moment = "2026-01-01T00:00:00.123456789Z"
    good = {"status": "firing", "startsAt": moment, "labels": {}, "annotations": {}}
    alerts = [{**good, "fingerprint": "a"}, {"status": "firing"}, {**good, "fingerprint": "b"}]
    with pytest.raises(MalformedPayloadError):
        await feed.take({"version": "4", "alerts": alerts})
    await feed._poll()
    assert hub.told == ["a", "b"]
