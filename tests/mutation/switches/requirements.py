"""How the capabilities of `slo.targets.requirements` are switched off."""

from __future__ import annotations

from typing import Any

SWITCHES: dict[str, dict[str, Any]] = {}
