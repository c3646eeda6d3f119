"""The sizes of an installation that the document knows, and what each asks of the machines below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from slo.targets.requirements import (
    ENTERPRISE_NETWORK,
    ENTERPRISE_STORAGE_IOPS,
    MINIMUM_NETWORK,
    MINIMUM_STORAGE_IOPS,
    RECOMMENDED_NETWORK,
    RECOMMENDED_STORAGE_IOPS,
)


@dataclass(frozen=True, slots=True)
class Size:
    """What a size asks for.

    Attributes:
        disk_operations_per_s: of the volume below the database.
        network_bytes_per_s: of a machine's link.
    """

    disk_operations_per_s: float
    network_bytes_per_s: float


SIZES: Final = {
    "minimum": Size(MINIMUM_STORAGE_IOPS.figure.number, MINIMUM_NETWORK.figure.number),
    "recommended": Size(RECOMMENDED_STORAGE_IOPS.figure.number, RECOMMENDED_NETWORK.figure.number),
    "enterprise": Size(ENTERPRISE_STORAGE_IOPS.figure.number, ENTERPRISE_NETWORK.figure.number),
}
"""By name."""
