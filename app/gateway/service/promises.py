"""What was promised and whether it holds at present, for everyone who looks at it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from app.domain.promises.judging import Asks, report
from app.gateway.service.availability import Availability
from app.gateway.service.maintenance import PlannedMaintenance
from slo.targets.requirements import UPTIME_TARGET

FRESH_S: Final = (
    10.0  # two scrapes: what is asked sooner has hardly changed, and costs Prometheus some hundred questions
)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A report, when it was made, and until when it is shown (the event loop's clock)."""

    as_of: datetime
    body: dict[str, Any]
    until: float


class Promises:
    """The report of all promises, made at most once in ten seconds however many people ask.

    Not a cache of `app.infra.cache`: the architecture promises that what a cache holds lives from five minutes to an
    hour, and verdicts of that age would be wrong. It is one value, and whoever comes while it is made waits for it.

    Args:
        prometheus: what is asked; None where none is set: then nothing is known of the present.
        maintenance: planned maintenance.
        availability: the year's downtime.
    """

    def __init__(self, prometheus: Asks | None, maintenance: PlannedMaintenance, availability: Availability) -> None:
        self._prometheus = prometheus
        self._maintenance = maintenance
        self._availability = availability
        self._judged: _Judged | None = None
        self._judging: asyncio.Task[_Judged] | None = None

    async def snapshot(self) -> dict[str, Any]:
        """All promises, the present or next maintenance, and the year's downtime."""
        judged = await self._latest()
        return {
            "as_of": judged.as_of.isoformat(),
            "maintenance": self._maintenance.current(),
            "downtime": self._downtime(),
            **judged.body,
        }

    def _downtime(self) -> dict[str, Any] | None:
        known = self._availability.downtime
        if known is None:
            return None
        allowed_s = UPTIME_TARGET.named("downtime_per_year").number
        return {"year": known.year, "seconds": known.seconds, "allowed_seconds": allowed_s, "days": known.days}

    async def _latest(self) -> _Judged:
        if self._judged is not None and self._judged.until > asyncio.get_running_loop().time():
            return self._judged
        if self._judging is None:
            self._judging = asyncio.ensure_future(self._judge())
            self._judging.add_done_callback(self._made)
        # One person who leaves must not take the answer from the others.
        return await asyncio.shield(self._judging)

    async def _judge(self) -> _Judged:
        as_of = datetime.now(UTC)
        body = (await report(self._prometheus)).to_json()
        self._judged = _Judged(as_of, body, asyncio.get_running_loop().time() + FRESH_S)
        return self._judged

    def _made(self, _: asyncio.Task[_Judged]) -> None:
        self._judging = None
