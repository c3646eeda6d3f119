"""Alerts: taken from Alertmanager, stored, shown once to everyone who is signed in.

The table is the truth: each replica asks it every second for what changed, so that it does not matter which replica
Alertmanager reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from app.errors import KubeChatError, MalformedPayloadError
from app.gateway.service.hub import Hub
from app.gateway.store.alerts import Alerts
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

POLL_S = 1.0
OVERLAP = timedelta(seconds=10)  # commits become visible out of order; what was seen already is skipped by its key
LIST_LENGTH = 200
_log = get_logger(__name__)


class AlertFeed:
    """Keeps this replica's list of alerts and tells its sockets of changes.

    Args:
        store: the rows.
        hub: the sockets.
        instruments: where deliveries and delays are counted.
    """

    def __init__(self, store: Alerts, hub: Hub, instruments: Instruments) -> None:
        self._store = store
        self._hub = hub
        self._deliveries = instruments.counter(catalogue.ALERT_DELIVERIES)
        self._delay = instruments.histogram(catalogue.NOTIFICATION_DELAY)
        self._firing = instruments.gauge(catalogue.ALERTS_FIRING)
        self._shown: set[tuple[str, datetime, str]] = set()
        # By the database's clock, never by ours: two clocks that differ would hide alerts.
        self._since = datetime.max.replace(tzinfo=UTC)
        self._nudge = asyncio.Event()
        self.listing = b'{"alerts":[]}'
        self.firing: list[dict[str, Any]] = []

    async def take(self, payload: Mapping[str, Any]) -> int:
        """Store what Alertmanager delivered; returns how many alerts were new or had changed.

        Raises:
            MalformedPayloadError: it is not a webhook payload of version 4, or one of its alerts cannot be read; the
                others are stored.
            KubeChatError: it could not be stored; Alertmanager will deliver it again.
        """
        alerts = payload.get("alerts")
        if payload.get("version") != "4" or not isinstance(alerts, list):
            raise MalformedPayloadError("This is not an Alertmanager webhook payload of version 4.")
        changed, refused = 0, None
        for alert in alerts:
            try:
                fields = _fields(alert)
            except MalformedPayloadError as error:
                # Alertmanager delivers nothing again that was refused for its form: the others are kept now.
                refused = error
                continue
            if await self._store.upsert(*fields):
                changed += 1
                self._deliveries.labels("new").inc()
            else:
                self._deliveries.labels("repeated").inc()
        self._nudge.set()
        if refused is not None:
            raise refused
        return changed

    async def follow(self) -> None:
        """Tell the sockets of every change, until cancelled."""
        await self._load()
        while True:
            try:
                async with asyncio.timeout(POLL_S):
                    await self._nudge.wait()
            except TimeoutError:
                pass
            self._nudge.clear()
            try:
                await self._poll()
            except KubeChatError as error:
                _log.warning("alerts cannot be read", code=error.code)

    async def _load(self) -> None:
        """Read the present list; what is in it is no news."""
        while True:
            try:
                since = await self._store.now()
                newest = await self._store.newest(LIST_LENGTH)
                seen = await self._store.changed_since(since - OVERLAP)
            except KubeChatError as error:
                _log.warning("alerts cannot be read", code=error.code)
                await asyncio.sleep(POLL_S)
                continue
            self._since = since
            self._shown = {alert.key for alert in seen}
            self._show(newest)
            return

    async def _poll(self) -> None:
        asked_at = await self._store.now()
        recent = await self._store.changed_since(self._since - OVERLAP)
        changed = [alert for alert in recent if alert.key not in self._shown]
        if changed:
            self._show(await self._store.newest(LIST_LENGTH))
        for alert in changed:
            self._hub.to_all({"type": "alert", "alert": alert.to_json()})
            happened_at = alert.ends_at if alert.state == "resolved" and alert.ends_at else alert.starts_at
            self._delay.observe(max(0.0, (datetime.now(UTC) - happened_at).total_seconds()))
        # What is older than this was not asked for, and will not be.
        self._since, self._shown = asked_at, {alert.key for alert in recent}

    def _show(self, alerts: Any) -> None:
        listed = [alert.to_json() for alert in alerts]
        self.listing = orjson.dumps({"alerts": listed})
        self.firing = [alert for alert in listed if alert["state"] == "firing"]
        self._firing.set(len(self.firing))


def _fields(alert: Any) -> tuple[str, datetime, str, datetime | None, dict[str, str], dict[str, str]]:
    try:
        state = alert["status"]
        if state not in {"firing", "resolved"}:
            raise MalformedPayloadError("An alert is neither firing nor resolved.")
        ends_at = datetime.fromisoformat(alert["endsAt"]) if state == "resolved" else None
        return (
            str(alert["fingerprint"]),
            datetime.fromisoformat(alert["startsAt"]),
            state,
            ends_at,
            {str(key): str(value) for key, value in alert["labels"].items()},
            {str(key): str(value) for key, value in alert["annotations"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise MalformedPayloadError("An alert lacks a field, or a time in it cannot be read.") from exc
