"""What PgBouncer says of its pools and settings.

Holds one connection to its console, with a user that may only look.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from app.errors import UnavailableError
from app.telemetry import exporter_catalogue as more
from app.telemetry import server_catalogue as first
from exporters.drift import Drift, Running, of_pgbouncer
from exporters.exporter import Vitals
from exporters.pgbouncer_console import Console, ConsoleError, open_console
from exporters.sheet import Sheet
from slo import server_settings

VITALS = Vitals(
    "server",
    first.PGBOUNCER_UP,
    first.PGBOUNCER_SCRAPE_DURATION,
    first.PGBOUNCER_LAST_SUCCESS,
)


class Pooler:
    """One PgBouncer.

    Args:
        url: DSN of its console.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 6432
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._database = parts.path.lstrip("/") or "pgbouncer"
        self.name = f"{self._host}:{self._port}"
        self._console: Console | None = None
        self._drift = Drift(self.name)

    async def read(self, sheet: Sheet) -> None:
        """Put the pools' figures onto the sheet; UnavailableError when the console does not answer."""
        try:
            if self._console is None:
                self._console = await open_console(self._host, self._port, self._user, self._password, self._database)
            version = await self._console.rows("SHOW VERSION")
            pools = await self._console.rows("SHOW POOLS")
            running = await of_pgbouncer(self._console)
        except (ConsoleError, OSError) as exc:
            raise UnavailableError(f"PgBouncer at {self.name} does not answer.") from exc
        sheet.put(first.PGBOUNCER_INFO, 1, server=self.name, version=_version(version))
        if (clients := _only(running, "max_client_conn")) is not None:
            sheet.put(more.PGBOUNCER_CLIENT_LIMIT, clients, server=self.name)
        # A pooler below 1.21 has no such setting, and carries none.
        sheet.put(more.PGBOUNCER_STATEMENTS, _only(running, "max_prepared_statements") or 0, server=self.name)
        for pool in pools:
            own = {"server": self.name, "database": pool["database"], "user": pool["user"]}
            sheet.put(first.PGBOUNCER_CLIENTS, int(pool["cl_active"]), **own, state="active")
            sheet.put(first.PGBOUNCER_CLIENTS, int(pool["cl_waiting"]), **own, state="waiting")
            sheet.put(first.PGBOUNCER_SERVERS, int(pool["sv_active"]), **own, state="active")
            sheet.put(first.PGBOUNCER_SERVERS, int(pool["sv_idle"]), **own, state="idle")
            waited_s = int(pool["maxwait"]) + int(pool["maxwait_us"]) / 1e6
            sheet.put(first.PGBOUNCER_OLDEST_WAIT, waited_s, **own)
        wanted = server_settings.pgbouncer(server_settings.version_of(_version(version)))
        self._drift.put(sheet, wanted, running)

    async def drop(self) -> None:
        """Cut the connection."""
        console, self._console = self._console, None
        if console is not None:
            console.close()


def _version(rows: list[dict[str, str]]) -> str:
    return rows[0].get("version", "").removeprefix("PgBouncer ") if rows else ""


def _only(running: Running, name: str) -> float | None:
    """The value of a setting that is a number; None where there is none of that name."""
    values = running.get(name, ())
    return float(values[0]) if values and str(values[0]).isdecimal() else None
