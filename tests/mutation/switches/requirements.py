"""How the capabilities of `slo.targets.requirements` are switched off."""

from __future__ import annotations

from typing import Any

SWITCHES: dict[str, dict[str, Any]] = {
    # Everything that is said goes to the language service, kubectl syntax as well.
    "performance_sla.availability.graceful_degradation": {
        "app.gateway.service.chat:looks_like_kubectl": lambda _: False
    },
}
