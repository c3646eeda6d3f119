"""The report of all promises: made once however many look, whole without Prometheus, and never older than it says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from app.gateway.service.availability import Downtime
from app.gateway.service.promises import FRESH_S, Promises
from app.infra.prometheus import Sample
from slo.targets.requirements import UPTIME_TARGET


class FakePrometheus:
    """Counts how often a report began, and answers when it is told to."""

    def __init__(self) -> None:
        self.reports = 0
        self.answers = asyncio.Event()

    async def query(self, text: str, **_: Any) -> list[Sample]:
        if text == "vector(1)":
            self.reports += 1
        await self.answers.wait()
        return [Sample({}, 1.0)]


class Known:
    """What this replica knows beside Prometheus."""

    def __init__(self) -> None:
        self.downtime: Downtime | None = None
        self.maintenance: dict[str, Any] | None = None

    def current(self) -> dict[str, Any] | None:
        return self.maintenance


def promises(prometheus: FakePrometheus | None, known: Known) -> Promises:
    return Promises(prometheus, known, known)  # type: ignore[arg-type]


async def test_many_who_look_at_once_wait_for_one_report_and_one_who_leaves_takes_it_from_nobody() -> None:
    prometheus, known = FakePrometheus(), Known()
    made = promises(prometheus, known)
    looking = [asyncio.ensure_future(made.snapshot()) for _ in range(50)]
    await asyncio.sleep(0)
    looking[0].cancel()
    prometheus.answers.set()
    seen = await asyncio.gather(*looking, return_exceptions=True)
    assert isinstance(seen[0], asyncio.CancelledError)
    assert prometheus.reports == 1
    assert len({each["as_of"] for each in seen[1:] if isinstance(each, dict)}) == 1


async def test_a_report_is_made_anew_when_it_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    prometheus = FakePrometheus()
    prometheus.answers.set()
    made = promises(prometheus, Known())
    await made.snapshot()
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now + FRESH_S - 1)
    await made.snapshot()
    assert prometheus.reports == 1
    monkeypatch.setattr(loop, "time", lambda: now + FRESH_S + 1)
    await made.snapshot()
    assert prometheus.reports == 2


async def test_without_prometheus_everything_is_there_but_what_is_measured() -> None:
    known = Known()
    made = promises(None, known)
    before = datetime.now(UTC)
    shown = await made.snapshot()
    assert datetime.fromisoformat(shown["as_of"]) >= before
    assert (shown["prometheus"], shown["maintenance"], shown["downtime"]) == (False, None, None)
    assert len(shown["targets"]) == 221
    assert {target["live"] for target in shown["targets"]} == {None}
    assert {objective["verdict"] for objective in shown["objectives"]} == {"no data"}


async def test_maintenance_and_downtime_are_as_this_replica_knows_them_at_the_moment() -> None:
    known = Known()
    made = promises(None, known)
    await made.snapshot()
    known.maintenance = {"id": "m"}
    known.downtime = Downtime(2026, 12.5, 3)
    shown = await made.snapshot()
    assert shown["maintenance"] == {"id": "m"}
    allowed = UPTIME_TARGET.named("downtime_per_year").number
    assert shown["downtime"] == {"year": 2026, "seconds": 12.5, "allowed_seconds": allowed, "days": 3}
