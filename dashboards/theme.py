"""How all dashboards look: sizes, colours, and the version of Grafana's format that is written.

One look for all, so that whoever knows one dashboard can read the others at night.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

SCHEMA_VERSION: Final = 41
"""Grafana 11 writes 39 and 40, Grafana 12 and 13 write 41 and 42: each of them reads this one as it is."""

COLUMNS: Final = 24  # of Grafana's grid
PANEL_WIDTH: Final = 12
PANEL_HEIGHT: Final = 9
STAT_WIDTH: Final = 6
STAT_HEIGHT: Final = 5

TAG: Final = "kubechat"
REFRESH: Final = "10s"
FROM: Final = "now-1h"
TO: Final = "now"

DATASOURCE_VARIABLE: Final = "datasource"
DATASOURCE: Final = {"type": "prometheus", "uid": f"${{{DATASOURCE_VARIABLE}}}"}


class Colour(StrEnum):
    """What a colour says is the same everywhere."""

    GOOD = "green"
    WARNING = "orange"
    BAD = "red"
    NEUTRAL = "blue"


class Unit(StrEnum):
    """Grafana's names for the base units."""

    SECONDS = "s"
    PER_SECOND = "reqps"
    SHARE = "percentunit"
    COUNT = "short"
    BYTES = "bytes"
    BYTES_PER_SECOND = "Bps"
    FACTOR = "none"
