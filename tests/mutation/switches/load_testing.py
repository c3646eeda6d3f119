"""How the capabilities of `slo.targets.load_testing` are switched off."""

from __future__ import annotations

from typing import Any

SWITCHES: dict[str, dict[str, Any]] = {}
