"""Asks targets when Prometheus asks us: all at once, each within the deadline, each on its own.

A target that is away, hangs, or answers nonsense is `up 0`; it fails no other target and no scrape. This module knows
no kind of target.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.errors import UnavailableError
from app.telemetry.logs import get_logger
from app.telemetry.metric import Metric
from exporters.sheet import Sheet

_log = get_logger(__name__)


class Target(Protocol):
    """One thing that is measured."""

    @property
    def name(self) -> str:
        """The value of its label; an address without credentials."""
        ...

    async def read(self, sheet: Sheet) -> None:
        """Put what it says onto the sheet; UnavailableError when it does not answer. May be cancelled at any time."""
        ...

    async def drop(self) -> None:
        """Forget the connection, if there is one: the next read makes a new one. Raises nothing, waits for nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Vitals:
    """The metrics that each exporter has of each target.

    Attributes:
        label: the label that names the target.
        up: 1 while it answers.
        duration: time to ask it, in seconds.
        last_success: when it answered last, in seconds since 1970.
    """

    label: str
    up: Metric
    duration: Metric
    last_success: Metric


class Exporter:
    """One page of metrics.

    Args:
        name: the page's name, below `/metrics/`.
        targets: what it measures.
        vitals: their common metrics.
        deadline_s: how long one target may take.
    """

    def __init__(self, name: str, targets: Sequence[Target], vitals: Vitals, *, deadline_s: float) -> None:
        self.name = name
        self._targets = targets
        self._vitals = vitals
        self._deadline_s = deadline_s
        self._locks = [asyncio.Lock() for _ in targets]
        self._last_success: dict[str, float] = {}
        self._was_up: dict[str, bool] = {}

    async def collect(self) -> Sheet:
        """Ask all targets; returns within the deadline whatever they do."""
        page = Sheet()
        for sheet in await asyncio.gather(*map(self._ask, self._targets, self._locks)):
            page.merge(sheet)
        return page

    async def close(self) -> None:
        """Close all connections."""
        for target in self._targets:
            await target.drop()

    async def _ask(self, target: Target, lock: asyncio.Lock) -> Sheet:
        started = time.perf_counter()
        sheet = Sheet()
        fault = ""
        try:
            # Two scrapes at once take turns: a connection answers one question at a time.
            async with asyncio.timeout(self._deadline_s), lock:
                try:
                    await target.read(sheet)
                except BaseException:
                    await target.drop()
                    raise
        except (UnavailableError, TimeoutError) as exc:
            fault = type(exc.__cause__ or exc).__name__
        except Exception as exc:  # noqa: BLE001 - a target that answers nonsense must not hide the others
            fault = type(exc).__name__
            _log.exception("target was not understood", exporter=self.name, target=target.name)
        if fault:
            sheet = Sheet()  # half a page would look like a whole one
        else:
            self._last_success[target.name] = time.time()
        if self._was_up.get(target.name) is not (not fault):
            self._was_up[target.name] = not fault
            _log.info("target is down" if fault else "target is up", target=target.name, fault=fault)
        own = {self._vitals.label: target.name}
        sheet.put(self._vitals.up, 0.0 if fault else 1.0, **own)
        sheet.put(self._vitals.duration, time.perf_counter() - started, **own)
        if target.name in self._last_success:
            sheet.put(self._vitals.last_success, self._last_success[target.name], **own)
        return sheet
