"""What one replica carries: measured by `make bench`, and what throughput promises are judged by in production.

The rate at this moment says nothing about a promise of so many requests a second: most of the day nobody asks for them.
Headroom does: load now, divided by what the replicas that are there can carry.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = "slo/capacity.json"
ALERT_ABOVE: Final = 0.8
"""The share of the capacity in use at which somebody is told: above it a single lost replica of five is felt."""

API_REQUESTS: Final = "api_requests"
COMMANDS: Final = "commands"
READ_TRANSACTIONS: Final = "read_transactions"


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much one replica carries before its processor is full.

    Attributes:
        per_replica: per second, on one core.
        measured_on: the day, as YYYY-MM-DD.
        machine: where, as far as it matters.
        how: what was asked.
    """

    per_replica: float
    measured_on: str
    machine: str
    how: str


@cache
def capacities() -> Mapping[str, Capacity]:
    """What was measured, by resource."""
    loaded: dict[str, dict[str, float | str]] = json.loads(
        files("slo").joinpath("capacity.json").read_text(encoding="utf-8")
    )
    return {
        name: Capacity(float(each["per_replica"]), str(each["measured_on"]), str(each["machine"]), str(each["how"]))
        for name, each in loaded.items()
    }
