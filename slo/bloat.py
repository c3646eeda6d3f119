"""From when on dead rows are too many: figures of our own, which the alert and its panel share."""

from __future__ import annotations

from typing import Final

from slo.targets.postgresql import AUTO_VACUUM

# Autovacuum begins at its scale factor. At five times as much it has not come, or comes and cannot clear anything away.
BLOATED_SHARE: Final = 5 * AUTO_VACUUM.named("scale_factor").number
MANY_DEAD_ROWS: Final = 10_000.0  # fewer cost nobody anything, whatever their share
