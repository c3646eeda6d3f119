"""How the capabilities of `slo.targets.connections` are switched off."""

from __future__ import annotations

from typing import Any


async def _no_functions(*_: Any) -> dict[str, str]:
    return {}


async def _never_carried(_: str) -> bool:
    return False


SWITCHES: dict[str, dict[str, Any]] = {
    "connection_optimization.query_optimization.prepared_statements": {
        "app.infra.postgres.database:functions_for": _no_functions,
    },
    "connection_optimization.query_optimization.statement_cache": {
        "app.infra.postgres.database:carries_statements": _never_carried,
    },
}
