"""Health: liveness looks at the event loop, readiness runs the registered pings, each with a deadline.

A resource registers its ping where it is built. This module knows no resource.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.errors import KubeChatError
from app.telemetry.logs import get_logger

Ping = Callable[[], Awaitable[None]]
PING_TIMEOUT_S = 2.0  # a dependency that needs longer to say "here" is not ready
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What the pings said.

    Attributes:
        ready: whether all required ones succeeded and the process is not draining.
        checks: the state of each ping: "ok", "failed", "timeout".
    """

    ready: bool
    checks: dict[str, str]


class Health:
    """The registered pings of one process."""

    def __init__(self) -> None:
        self._pings: dict[str, tuple[Ping, bool]] = {}
        self.draining = False

    def register(self, name: str, ping: Ping, *, required: bool = True) -> None:
        """Add a ping; one that is not required is shown and does not make the process unready."""
        self._pings[name] = (ping, required)

    async def readiness(self) -> Readiness:
        """Run all pings at once, each within `PING_TIMEOUT_S`."""
        names = list(self._pings)
        states = await asyncio.gather(*(self._run(name) for name in names))
        checks = dict(zip(names, states, strict=True))
        ready = not self.draining and all(checks[name] == "ok" for name in names if self._pings[name][1])
        return Readiness(ready, checks)

    async def _run(self, name: str) -> str:
        try:
            async with asyncio.timeout(PING_TIMEOUT_S):
                await self._pings[name][0]()
        except TimeoutError:
            return "timeout"
        except (KubeChatError, OSError) as exc:
            _log.warning("readiness check failed", check=name, fault=type(exc).__name__)
            return "failed"
        return "ok"
