"""What is counted of each operation. The children are bound here once: looking them up costs more than counting."""

from __future__ import annotations

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

DEPENDENCY = "redis"


class Meter:
    """The counters and the histogram of one operation.

    Args:
        operation: as the label has it.
        instruments: where the dependency metrics live.
    """

    __slots__ = ("cancelled", "duration", "failed", "ok", "operation", "refused", "short_cut", "span")

    def __init__(self, operation: str, instruments: Instruments) -> None:
        self.operation = operation
        self.span = f"{DEPENDENCY} {operation}"
        requests = instruments.counter(catalogue.DEPENDENCY_REQUESTS)
        self.ok = requests.labels(DEPENDENCY, operation, "ok")
        self.failed = requests.labels(DEPENDENCY, operation, "failed")
        self.cancelled = requests.labels(DEPENDENCY, operation, "cancelled")
        # Not sent: too much waited for the node, or it is known not to answer.
        self.refused = requests.labels(DEPENDENCY, operation, "refused")
        self.short_cut = requests.labels(DEPENDENCY, operation, "short_cut")
        self.duration = instruments.histogram(catalogue.DEPENDENCY_DURATION).labels(DEPENDENCY, operation)
