"""Compares what a server runs with against what the catalogue wants, setting by setting, in base units.

Each compared setting is a series of its own at 0 or 1, and their number is one more: that nothing was compared never
looks as if nothing had drifted. A setting that a server does not know has drifted. This module asks, compares and
tells; it changes no setting.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import asyncpg

from app.telemetry import server_catalogue as first
from app.telemetry.logs import get_logger
from exporters.pgbouncer_console import Console
from exporters.sheet import Sheet
from slo.server_settings import STATEMENTS
from slo.target import Figure

Running = Mapping[str, Sequence[str | float]]
"""What a server runs with, by setting: numbers in base units, and all values where some connections get another."""

# What runs, not what the file says: a change that waits for a restart is none. A role or a database may get another
# value than the server's: its connections are compared as well. The extension is that of the database that is asked.
_POSTGRESQL: Final = f"""
SELECT name, setting AS value, unit FROM pg_settings WHERE name = ANY($1)
UNION ALL
SELECT known.name, substr(line, strpos(line, '=') + 1), known.unit
FROM pg_db_role_setting, unnest(setconfig) AS line JOIN pg_settings AS known ON known.name = split_part(line, '=', 1)
WHERE known.name = ANY($1)
UNION ALL
SELECT extname, 'created', NULL FROM pg_extension WHERE extname = '{STATEMENTS}'"""  # noqa: S608 - a constant

_QUANTITY: Final = re.compile(r"([-+.\d]+)\s*([A-Za-z]*)")
_UNIT: Final = re.compile(r"(\d*)([A-Za-z]+)")
_SIZES: Final = {"B": 1.0, "kB": 2.0**10, "MB": 2.0**20, "GB": 2.0**30, "TB": 2.0**40}
_TIMES: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_BASE_UNITS: Final = {**_SIZES, **_TIMES}

_log = get_logger(__name__)


async def of_postgresql(connection: asyncpg.Connection, wanted: Iterable[str]) -> Running:
    """What a PostgreSQL server runs with, and what single roles and databases get; the errors are asyncpg's."""
    found: dict[str, list[str | float]] = {}
    for row in await connection.fetch(_POSTGRESQL, list(wanted)):
        found.setdefault(row["name"], []).append(in_base_units(row["value"], row["unit"]))
    return found


async def of_pgbouncer(console: Console) -> Running:
    """What a PgBouncer runs with; ConsoleError when it refuses."""
    return {row["key"]: (row["value"],) for row in await console.rows("SHOW CONFIG")}


def of_redis(answer: Any) -> Running:
    """What a node's answer to CONFIG GET says: pairs in a map, or one after the other."""
    flat = [part for pair in answer.items() for part in pair] if isinstance(answer, Mapping) else answer
    words = [part.decode() if isinstance(part, bytes) else str(part) for part in flat]
    return {name: (value,) for name, value in zip(words[::2], words[1::2], strict=True)}


def in_base_units(text: str, unit: str | None) -> str | float:
    """A value of PostgreSQL's in bytes or seconds, whatever unit it is given in.

    Args:
        text: `2048`, or `16MB` as a person writes it.
        unit: of a bare number, `8kB` for one; None for words and for numbers without a unit, which stay as they are.
    """
    written = _QUANTITY.fullmatch(text.strip())
    if unit is None or written is None:
        return text
    scale = _UNIT.fullmatch(written[2] or unit)
    if scale is None or scale[2] not in _BASE_UNITS:
        return text
    return float(written[1]) * int(scale[1] or 1) * _BASE_UNITS[scale[2]]


class Drift:
    """One server's settings, and what was last said of them.

    Args:
        server: its name on the sheet.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._told: list[str] = []

    def put(self, sheet: Sheet, wanted: Mapping[str, Figure], running: Running) -> None:
        """Put each compared setting onto the sheet, and log what has drifted since the last time."""
        own = {"server": self._server}
        differences: list[str] = []
        for name, figure in wanted.items():
            others = [value for value in running.get(name, ()) if not _is(figure, value)]
            drifted = bool(others) or not running.get(name)
            sheet.put(first.SETTING_DRIFT, float(drifted), **own, setting=name)
            if drifted:
                differences.append(f"{name} is {' and '.join(map(str, others)) or 'not there'}, not {figure.value}")
                self._put_values(sheet, name, figure, others)
        sheet.put(first.SETTINGS_COMPARED, len(wanted), **own)
        if differences != self._told:
            self._told = differences
            _log.warning("settings differ", server=self._server, settings=differences)

    def _put_values(self, sheet: Sheet, name: str, figure: Figure, others: Sequence[str | float]) -> None:
        if isinstance(figure.value, str):
            return
        own = {"server": self._server, "setting": name, "unit": figure.unit.value}
        sheet.put(first.SETTING_VALUE, figure.value, **own, side="wanted")
        for value in others:
            if (number := _number(value)) is not None:
                sheet.put(first.SETTING_VALUE, number, **own, side="running")


def _is(figure: Figure, value: str | float) -> bool:
    if isinstance(figure.value, str):
        return value == figure.value
    number = _number(value)
    return number is not None and math.isclose(number, figure.value, rel_tol=1e-6)


def _number(value: str | float) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
